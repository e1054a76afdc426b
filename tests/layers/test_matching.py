"""How well an office suits: every part is between 0 and 1, better is never worse, and each has its words."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.errors import BadQueryError
from layers.core.matching import (
    HEAVIEST,
    MATCHED,
    ORDERS,
    PARTS,
    Need,
    Wish,
    ordered,
    parts_of,
    reasons,
    score,
)
from layers.core.query import Range

TODAY = date(2026, 11, 25)
NEED = Need(30, TODAY, people=5, budget=20_000)
GOOD = {
    "rent_cny_m2_day": 4.0,
    "area_m2": 60.0,
    "seats": 6.0,
    "property_fee_cny_m2_month": 20.0,
    "energy_cny_m2_month": 5.0,
    "metro_m": 350.0,
    "registrable": 1.0,
    "listed_on": float(TODAY.toordinal() - 12),
}
values = st.floats(0, 1) | st.just(float("nan"))
weights = st.dictionaries(st.sampled_from(list(PARTS)), st.integers(0, HEAVIEST))
offices = st.fixed_dictionaries(
    {},
    optional={
        "rent_cny_m2_day": st.floats(0, 100),
        "area_m2": st.floats(0, 5_000),
        "seats": st.floats(0, 500),
        "usable_share": st.floats(0, 1),
        "seat_cny_month": st.floats(0, 9_000),
        "property_fee_cny_m2_month": st.floats(0, 100),
        "energy_cny_m2_month": st.floats(0, 100),
        "metro_m": st.floats(0, 9_000),
        "registrable": st.sampled_from([0.0, 1.0]),
        "listed_on": st.integers(739_000, 740_400).map(float),
    },
)
needs = st.builds(
    Need,
    month_days=st.just(30.0),
    today=st.just(TODAY),
    people=st.none() | st.integers(1, 200).map(float),
    budget=st.none() | st.floats(1, 1e6),
)


def _columns(*listings: dict[str, Any]) -> dict[str, np.ndarray]:
    return {name: np.array([listing.get(name, np.nan) for listing in listings]) for name in MATCHED}


@given(offices, needs)
def test_every_part_lies_between_nothing_and_all(office: dict[str, float], need: Need) -> None:
    for name, value in parts_of(_columns(office), need).items():
        assert np.isnan(value[0]) or 0 <= value[0] <= 1, name


@given(st.dictionaries(st.sampled_from(list(PARTS)), values, min_size=1), weights, st.data())
def test_better_in_one_part_never_scores_lower(
    parts: dict[str, float], heavy: dict[str, int], data: Any
) -> None:
    name = data.draw(st.sampled_from(sorted(parts)))
    known = 0.0 if np.isnan(parts[name]) else parts[name]
    better = parts | {name: data.draw(st.floats(known, 1))}
    if np.isnan(parts[name]):
        parts = parts | {name: known}
    both = {part: np.array([parts[part], better[part]]) for part in parts}
    worse, best = score(both, heavy)
    assert 0 <= worse <= best <= 100


@given(offices, needs, weights)
def test_there_are_words_for_every_office(
    office: dict[str, float], need: Need, heavy: dict[str, int]
) -> None:
    told = reasons(_columns(office), need, heavy)
    words = [*told.best, *([told.weakest] if told.weakest else [])]
    assert len(set(words)) == len(words) <= 3
    for text in words:
        assert text.zh
        assert text.en
        assert "nan" not in text.zh + text.en


@pytest.mark.parametrize(
    ("change", "best", "weakest"),
    [
        ({"rent_cny_m2_day": 10.0}, ("可注册", "距地铁 350 米"), "比预算低 3%"),
        ({"rent_cny_m2_day": 11.0}, ("可注册", "距地铁 350 米"), "超出预算 6%"),
        ({"metro_m": 1_700.0}, ("可注册", "可坐 6 人"), "距地铁 1,700 米"),
        ({"registrable": 0.0}, ("距地铁 350 米", "可坐 6 人"), "不可注册"),
        ({"registrable": np.nan}, ("距地铁 350 米", "可坐 6 人"), "能否注册未知"),
        ({"listed_on": np.nan}, ("可注册", "距地铁 350 米"), "核实日期未知"),
        ({"energy_cny_m2_month": np.nan}, ("可注册", "距地铁 350 米"), "租金以外的费用未知"),
        ({"rent_cny_m2_day": np.nan}, ("可注册", "距地铁 350 米"), "价格未知"),
        ({"seats": np.nan, "metro_m": np.nan}, ("可注册", "12 天前核实"), "可坐人数未知"),
    ],
)
def test_reasons_name_the_two_best_and_the_worst(
    change: dict[str, float], best: tuple[str, ...], weakest: str
) -> None:
    told = reasons(_columns(GOOD | change), NEED, {})
    assert tuple(text.zh for text in told.best) == best
    assert told.weakest is not None
    assert told.weakest.zh == weakest


def test_where_nothing_is_weak_nothing_is_made_up() -> None:
    assert reasons(_columns(GOOD), NEED, {}).weakest is None


@pytest.mark.parametrize(("daily", "value"), [(1.0, 1), (2.0, 1), (6.0, 0.5), (10.0, 0), (30.0, 0)])
def test_without_a_budget_the_price_by_area_counts(daily: float, value: float) -> None:
    parts = parts_of(_columns(GOOD | {"rent_cny_m2_day": daily}), Need(30, TODAY))
    assert parts["price"][0] == value


def test_a_part_without_weight_is_no_reason() -> None:
    told = reasons(_columns(GOOD), NEED, {"register": 0, "price": 0})
    assert [text.en for text in told.best] == ["350 m to the metro", "room for 6"]


def test_weights_move_the_score() -> None:
    near, sure = GOOD | {"metro_m": 100.0, "registrable": 0.0}, GOOD | {"metro_m": 1_400.0}
    parts = parts_of(_columns(near, sure), NEED)
    likes_metro, likes_papers = (
        score(parts, {"metro": 5, "register": 0}),
        score(parts, {"metro": 0, "register": 5}),
    )
    assert likes_metro[0] > likes_metro[1]
    assert likes_papers[0] < likes_papers[1]


def test_what_is_not_known_is_neither_zero_nor_all() -> None:
    parts = parts_of(_columns(*(GOOD | {"registrable": value} for value in (0.0, np.nan, 1.0))), NEED)
    no, unknown, yes = score(parts, {})
    assert no < unknown < yes


def test_without_a_need_nothing_is_said_of_it() -> None:
    assert "room" not in parts_of(_columns(GOOD), Need(30, TODAY))
    assert Need.of({"people": Range(5, None), "budget": Range(None, 20_000)}, 30, TODAY) == NEED
    assert Need.of({}, 30, TODAY) == Need(30, TODAY)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("match", [2, 0, 3, 1]),
        ("month", [0, 2, 1, 3]),
        ("m2_day", [2, 0, 1, 3]),
        ("smallest", [0, 2, 1, 3]),
        ("largest", [1, 2, 0, 3]),
        ("metro", [1, 2, 0, 3]),
        ("verified", [2, 0, 1, 3]),
    ],
)
def test_orders_put_what_is_not_known_last(order: str, expected: list[int]) -> None:
    table = _columns(
        GOOD | {"metro_m": 900.0},
        GOOD | {"rent_cny_m2_day": 5.0, "area_m2": 90.0, "metro_m": 10.0, "listed_on": 739_000.0},
        GOOD | {"rent_cny_m2_day": 3.9, "area_m2": 70.0, "listed_on": GOOD["listed_on"] + 2},
        {},
    )
    scores = score(parts_of(table, NEED), {})
    stale = np.array([False, True, False, False])
    ids = np.arange(4)
    assert ordered(table, NEED, Wish(order, {}), scores, stale, ids).tolist() == expected


@pytest.mark.parametrize("order", list(ORDERS))
@pytest.mark.parametrize("weigh", ["", "price:5", "metro:0,fresh:1"])
def test_a_wish_is_told_by_an_address_and_read_back(order: str, weigh: str) -> None:
    wish = Wish.read(order, weigh)
    assert Wish.read(wish.told["sort"], wish.told["weigh"]) == wish


@pytest.mark.parametrize(
    ("order", "weigh"), [("x", ""), ("", "price"), ("", "price:6"), ("", "x:1"), ("", "price:-1")]
)
def test_a_wish_that_cannot_be_meant_is_refused(order: str, weigh: str) -> None:
    with pytest.raises(BadQueryError):
        Wish.read(order, weigh)
