"""People and money: an office is asked for by numbers that no column holds, the same on map, list and in a file."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.datastructures import QueryParams

from app.api.params import parse_query
from data.city import City
from data.db import acting
from data.status import judge_places
from data.tables import registry
from geo.datum import Datum
from layers.core.access import Role, Viewer
from layers.core.errors import BadQueryError
from layers.core.query import Query
from layers.core.rent import MONTHS
from tests.small_city import NOW, add_office, build, write

OFFICES: dict[str, dict[str, Any]] = {
    "snug": {
        "seats": 6,
        "area_m2": 50,
        "rent_cny_m2_day": 4,
        "property_fee_cny_m2_month": 20,
        "energy_cny_m2_month": 5,
    },
    "by area": {"area_m2": 100, "usable_share": 0.6, "rent_cny_m2_day": 3.45},
    "by desk": {"seats": 5, "seat_cny_month": 1_500},
    "large": {"seats": 60, "area_m2": 600, "rent_cny_m2_day": 5},
    "no price": {"seats": 8, "area_m2": 70},
    "no size": {"rent_cny_m2_day": 3},
}
WHO = Viewer(Role.SUPERVISOR, name="supervisor")


def _asked(**params: str) -> Query:
    return parse_query(QueryParams(params), [registry["offices"]], WHO)


@pytest.fixture
def city(engine: Engine, database_url: str) -> City:
    build(engine)
    with acting(engine, "test") as connection:
        connection.exec_driver_sql("DELETE FROM place WHERE layer = 'offices'")
        judge_places(connection, [add_office(connection, name, **its) for name, its in OFFICES.items()], NOW)
    return City(database_url, lambda: NOW)


def _names(city: City, **params: str) -> set[str]:
    query = _asked(**params)
    listed = city.places(query)
    assert len(listed["features"]) == listed["total"] == city.facets(query)["total"]
    around = city.map(_asked(bbox="121.3,31.1,121.6,31.3", **params))
    assert around["total"] == listed["total"]
    exported = city.exports.open(query, "csv", Datum.WGS84)
    rows = {row["name"] for batch in exported.batches for row in batch}
    names = {feature["properties"]["name"] for feature in listed["features"]}
    assert rows == names
    return names


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"people": "5"}, {"snug", "by area", "by desk", "large", "no price"}),
        ({"people": "7"}, {"by area", "large", "no price"}),
        ({"people": "10"}, {"by area", "large"}),
        ({"budget": "20000"}, {"snug", "by area", "by desk"}),
        ({"budget": "7250"}, {"snug"}),  # 6,000 of rent and 1,250 of charges, to the yuan
        ({"budget": "7249"}, set()),
        ({"budget": "10350"}, {"snug", "by area", "by desk"}),
        ({"people": "5", "budget": "7500"}, {"snug", "by desk"}),
        ({"people": "5", "budget": "20000", "rent_cny_m2_day": "..3.5"}, {"by area"}),
        ({"people": "5", "q": "snug"}, {"snug"}),
    ],
)
def test_people_and_budget_are_conditions_everywhere(
    city: City, params: dict[str, str], found: set[str]
) -> None:
    assert _names(city, **params) == found


def test_a_change_of_a_listing_counts_at_once(city: City, engine: Engine) -> None:
    assert "no price" not in _names(city, budget="9000")
    write(engine, "UPDATE layer_offices SET rent_cny_m2_day = 4 WHERE seats = 8")
    city._keeper.catch_up()
    assert "no price" in _names(city, budget="9000")


def test_the_convention_of_the_house_counts(city: City, database_url: str) -> None:
    twelfth = City(database_url, lambda: NOW, month_days=MONTHS["365/12"])
    assert "by area" in _names(city, budget="10350")
    assert "by area" not in _names(twelfth, budget="10350")


@pytest.mark.parametrize("said", ["abc", "0", "-5", "5..", "1e5", "9" * 12])
def test_what_is_no_number_is_refused_by_name(said: str) -> None:
    for name in ("people", "budget"):
        with pytest.raises(BadQueryError) as refused:
            _asked(**{name: said})
        assert refused.value.parameter == name
