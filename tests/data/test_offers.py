"""The list of offices: in the order that was wished for, with reasons, and with what one condition keeps out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.datastructures import QueryParams

from app.api.params import parse_query
from data.city import City
from data.db import acting
from data.status import judge_places
from data.tables import registry
from layers.core.access import PUBLIC_VIEWER
from layers.core.citytime import day_of
from layers.core.matching import Wish
from tests.small_city import HERE, NOW, THERE, SmallCity, add_office, build

TODAY = day_of(NOW)
KNOWN = {"property_fee_cny_m2_month": 20, "energy_cny_m2_month": 5, "registrable": True}
OFFICES: dict[str, dict[str, Any]] = {
    "near": KNOWN | {"area_m2": 60, "seats": 6, "rent_cny_m2_day": 6, "metro_m": 150},
    "cheap": KNOWN | {"area_m2": 80, "seats": 9, "rent_cny_m2_day": 3, "metro_m": 1_300},
    "gone": KNOWN | {"area_m2": 50, "seats": 7, "rent_cny_m2_day": 2, "metro_m": 100},
    "no papers": KNOWN
    | {"area_m2": 70, "seats": 8, "rent_cny_m2_day": 4, "metro_m": 400, "registrable": False},
    "unknown": {"metro_m": 500},
}
AGES = {"near": 10, "cheap": 20, "gone": 200, "no papers": 5}


@pytest.fixture
def small(engine: Engine) -> SmallCity:
    return build(engine)


@pytest.fixture
def city(engine: Engine, database_url: str, small: SmallCity) -> City:
    with acting(engine, "test") as connection:
        connection.exec_driver_sql("DELETE FROM place WHERE layer = 'offices'")
        ids = [
            add_office(
                connection,
                name,
                area=THERE if name == "near" else HERE,
                listed_on=TODAY - timedelta(days=AGES[name]) if name in AGES else None,
                **its,
            )
            for name, its in OFFICES.items()
        ]
        judge_places(connection, ids, NOW)
    return City(database_url, lambda: NOW)


def _page(city: City, order: str = "match", weigh: str = "", **params: str) -> dict[str, Any]:
    query = parse_query(QueryParams(params), [registry["offices"]], PUBLIC_VIEWER, also=frozenset({"limit"}))
    return city.offers.page(query, Wish.read(order, weigh))


def _names(answer: dict[str, Any]) -> list[str]:
    return [feature["properties"]["name"] for feature in answer["features"]]


def test_what_is_probably_gone_never_comes_first(city: City) -> None:
    answer = _page(city)
    assert _names(answer)[-1] == "gone"
    matches = {f["properties"]["name"]: f["properties"]["match"] for f in answer["features"]}
    assert {name for name, match in matches.items() if match["stale"]} == {"gone"}
    assert matches["gone"]["score"] > matches["unknown"]["score"]  # it comes last for its age alone
    assert (matches["gone"]["verified_days"], matches["unknown"]["verified_days"]) == (200, None)


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("month", ["gone", "cheap", "no papers", "near", "unknown"]),
        ("m2_day", ["gone", "cheap", "no papers", "near", "unknown"]),
        ("smallest", ["gone", "near", "no papers", "cheap", "unknown"]),
        ("largest", ["cheap", "no papers", "near", "gone", "unknown"]),
        ("metro", ["gone", "near", "no papers", "unknown", "cheap"]),
        ("verified", ["no papers", "near", "cheap", "gone", "unknown"]),
    ],
)
def test_a_list_follows_the_order_wished_for(city: City, order: str, names: list[str]) -> None:
    assert _names(_page(city, order)) == names


def test_weights_change_what_comes_first(city: City) -> None:
    assert _names(_page(city, weigh="metro:5,price:0,register:0,fresh:0"))[0] == "near"
    assert _names(_page(city, weigh="metro:0,price:5,register:0,fresh:0"))[0] == "cheap"


def test_pages_grow_without_loss(city: City) -> None:
    whole = _names(_page(city))
    for limit in range(1, 6):
        answer = _page(city, limit=str(limit))
        assert _names(answer) == whole[:limit]
        assert (answer["total"], answer["next"]) == (5, limit < 5)


def test_one_condition_alone_keeps_so_many_out(city: City) -> None:
    asked = {"people": "6", "budget": "9000", "metro_m": "..300", "registrable": "true", "street": THERE}
    answer = _page(city, **asked)
    assert answer["total"] == 0
    assert answer["kept_out"] == {"street": 1, "budget": 1}
    for name, n in answer["kept_out"].items():
        assert _page(city, **{k: v for k, v in asked.items() if k != name})["total"] == n


def test_words_are_a_condition_like_any_other(city: City) -> None:
    answer = _page(city, q="cheap", metro_m="..300")
    assert (answer["total"], answer["kept_out"]) == (0, {"q": 2, "metro_m": 1})


def test_what_leaves_open_what_was_asked_for_is_counted_apart(city: City) -> None:
    answer = _page(city, people="7", budget="20000")
    assert set(_names(answer)) == {"cheap", "gone", "no papers"}
    assert answer["open"] == 1
    assert _page(city, people="7", metro_m="..100")["open"] == 0


def test_reasons_speak_of_what_was_asked(city: City) -> None:
    near = _page(city, people="6", budget="13000", q="near")["features"][0]["properties"]["match"]
    assert [text.zh for text in near["best"]] == ["可坐 6 人", "距地铁 150 米"]
    assert near["weakest"].zh == "比预算低 5%"


def test_named_offers_come_as_named_and_the_others_do_not(city: City, small: SmallCity) -> None:
    ids = [f["id"] for f in _page(city)["features"]][:2]
    query = parse_query(QueryParams({"people": "6"}), [registry["offices"]], PUBLIC_VIEWER)
    for asked in (ids, ids[::-1]):
        named = city.offers.named(query, Wish.read(), [999_999, *asked, small.ids["shops", HERE]])
        assert [offer["id"] for offer in named] == asked
        assert all(offer["match"]["score"] for offer in named)
