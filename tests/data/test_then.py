"""A card and a list of another moment: as they were, or as the rules will have it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.city import City
from data.status import judge_places
from layers.core.access import Role, Scope, Viewer
from layers.core.errors import BadQueryError, UnknownPlaceError
from layers.core.query import Query
from layers.core.tiers import Tier
from tests.small_city import SmallCity, build, moment, write

SUPERVISOR = Viewer(name="s", role=Role.SUPERVISOR)


@pytest.fixture
def city(engine: Engine) -> SmallCity:
    """A small city in a fresh database."""
    return build(engine)


@pytest.fixture
def screens(database_url: str, engine: Engine, city: SmallCity, tmp_path: Path) -> Iterator[City]:
    """The city as screens see it, by the clock of its database."""
    city_of_screens = City(database_url, lambda: moment(engine), tmp_path)
    yield city_of_screens
    city_of_screens.stop()


def shown(screens: City, place_id: int, at: datetime | None = None) -> dict[str, object]:
    card = screens.card(place_id, SUPERVISOR, at)
    names = ("name", "address", "category", "tier", "status", "state", "food_risk", "reasons", "area_code")
    return {"at": card["geometry"]["coordinates"], **{name: card["properties"][name] for name in names}}


def test_a_card_is_turned_back_step_by_step(engine: Engine, city: SmallCity, screens: City) -> None:
    steps = [
        "UPDATE place_status SET tier = 1, state = 'x', reasons = '[]' WHERE place_id = :id",
        "UPDATE place SET name = 'Later', geom = ST_SetSRID(ST_MakePoint(121.5, 31.3), 4326) WHERE id = :id",
        "UPDATE layer_shops SET food_risk = 'C' WHERE place_id = :id",
        "UPDATE place SET address = 'elsewhere' WHERE id = :id",
    ]
    write(
        engine,
        "DELETE FROM layer_shops WHERE place_id = :id",
        "INSERT INTO layer_shops (place_id, food_risk) VALUES (:id, 'A')",
        id=city.red_shop,
    )
    seen = [(moment(engine), shown(screens, city.red_shop))]
    for step in steps:
        write(engine, step, id=city.red_shop)
        seen.append((moment(engine), shown(screens, city.red_shop)))
    assert seen[0][1]["reasons"]
    for at, card in seen:
        assert shown(screens, city.red_shop, at) == card


def test_who_may_see_a_place_is_decided_by_where_it_is_now(
    engine: Engine, city: SmallCity, screens: City
) -> None:
    before = moment(engine)
    inspector = Viewer(name="i", role=Role.INSPECTOR, scope=Scope(areas=frozenset({"310104"})))
    assert screens.card(city.red_shop, inspector, before)["properties"]["reasons"]
    write(engine, "UPDATE place SET area_code = '310110001' WHERE id = :id", id=city.red_shop)
    with pytest.raises(UnknownPlaceError):
        screens.card(city.red_shop, inspector, before)


def test_a_place_that_was_not_there_has_no_card(city: SmallCity, screens: City) -> None:
    with pytest.raises(UnknownPlaceError):
        screens.card(city.red_shop, SUPERVISOR, datetime.fromisoformat("2020-01-01T00:00+08:00"))


def test_a_moment_too_far_ahead_is_refused(city: SmallCity, screens: City) -> None:
    with pytest.raises(BadQueryError):
        screens.card(city.red_shop, SUPERVISOR, screens.clock() + timedelta(days=40))


def test_what_expires_by_then_is_told_with_its_reason(engine: Engine, city: SmallCity, screens: City) -> None:
    now = screens.clock()
    write(
        engine,
        "UPDATE permit SET valid_to = CAST(:day AS date) WHERE place_id = :id",
        id=city.merchant_shop,
        day=(now + timedelta(days=2)).date(),
    )
    with engine.begin() as connection:
        judge_places(connection, [city.merchant_shop], now)
    screens.reach({"shops": 2**40})
    later = now + timedelta(days=5)
    card = screens.card(city.merchant_shop, SUPERVISOR, later)["properties"]
    assert card["status"] == "expired"
    assert "permit.expired" in [reason["code"] for reason in card["reasons"]]
    query = Query(layers=("shops",), viewer=SUPERVISOR, as_of=later, tiers=frozenset({Tier(card["tier"])}))
    listed = {row["id"]: row for row in screens.to_do(query, 100)}
    assert listed[city.merchant_shop]["reason"]["code"] == card["reasons"][0]["code"]


def test_a_list_of_the_past_has_the_reasons_of_then(engine: Engine, city: SmallCity, screens: City) -> None:
    before = moment(engine)
    query = Query(layers=("shops",), viewer=SUPERVISOR)
    was = {row["id"]: (row["tier"], row["reason"]) for row in screens.to_do(query, 100)}
    write(engine, "UPDATE place_status SET tier = 1, reasons = '[]' WHERE layer = 'shops'")
    screens.reach({"shops": 2**40})
    turned = screens.to_do(Query(layers=("shops",), viewer=SUPERVISOR, as_of=before), 100)
    assert {row["id"]: (row["tier"], row["reason"]) for row in turned} == was
    assert [row["tier"] for row in turned] == sorted((row["tier"] for row in turned), reverse=True)
