"""Pages of a list: every place exactly once and in order, whatever the order and the size of a page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from data.city import City
from data.lists import ORDERS
from layers.core.access import Role, Viewer
from layers.core.errors import BadQueryError
from layers.core.query import Query
from layers.core.tiers import TIERS, Tier
from tests.small_city import build

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
SUPERVISOR = Viewer(Role.SUPERVISOR, name="supervisor")
SHOPS = Query(layers=("shops",), viewer=SUPERVISOR)


@pytest.fixture
def city(engine: Engine, database_url: str) -> City:
    build(engine)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO place (layer, source, external_id, name, address, area_code, category, geom, search_text) "
                "SELECT 'shops', 'list', n::text, '店' || n % 7, '', '', 'restaurant', "
                "ST_SetSRID(ST_MakePoint(121.4 + n / 1e4, 31.2), 4326), '' FROM generate_series(1, 60) n"
            )
        )
        connection.execute(
            text(
                "INSERT INTO place_status (place_id, layer, tier, status, state, reasons, rule_version, judged_at) "
                "SELECT id, layer, id % 5, 0, '', '[]', 'test', now() FROM place WHERE source = 'list'"
            )
        )
    return City(database_url, lambda: NOW)


def _walk(city: City, query: Query) -> list[dict[str, object]]:
    rows, answer = [], city.places(query)
    while True:
        rows += [feature["properties"] for feature in answer["features"]]
        assert answer["total"] == city.places(query)["total"]
        if answer["next"] is None:
            assert len(rows) == answer["total"]
            return rows
        answer = city.places(replace(query, after=answer["next"]))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(ORDERS), st.integers(1, 70), st.sets(st.sampled_from(list(Tier))))
def test_every_place_comes_once_and_in_order(city: City, order: str, limit: int, tiers: set[Tier]) -> None:
    rows = _walk(city, replace(SHOPS, sort=order, limit=limit, tiers=frozenset(tiers)))
    assert len({row["id"] for row in rows}) == len(rows)
    keys = {
        "tier": lambda row: (-TIERS.index(row["tier"]), row["id"]),
        "name": lambda row: (row["name"], row["id"]),
        "id": lambda row: row["id"],
    }
    if order != "name":  # whose order is the database's
        assert [row["id"] for row in rows] == [row["id"] for row in sorted(rows, key=keys[order])]
    if tiers:
        assert {row["tier"] for row in rows} <= tiers


@pytest.mark.parametrize(
    "token", ["x", "WzFd", "WyJuYW1lIiwgImEiLCAxXQ==", "WyJ0aWVyIiwgInJlZCIsIDFd", "bnVsbA=="]
)
def test_a_token_that_is_none_is_refused(city: City, token: str) -> None:
    with pytest.raises(BadQueryError) as refused:
        city.places(replace(SHOPS, sort="tier", after=token))
    assert refused.value.parameter == "after"


def test_an_unknown_order_is_refused(city: City) -> None:
    with pytest.raises(BadQueryError, match="sort"):
        city.places(replace(SHOPS, sort="rent"))
