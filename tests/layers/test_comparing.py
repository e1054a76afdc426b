"""Offers side by side: who is best in a row, and what an address may name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.comparing import COSTS, Better, read_ids, row
from layers.core.errors import BadQueryError
from layers.core.rent import monthly_cost


@pytest.mark.parametrize(
    ("values", "better", "best", "differs"),
    [
        ([3, 1, 2], "less", {1}, True),
        ([3, 1, 3], "more", {0, 2}, True),
        ([3, None, 2], "less", {2}, True),
        ([3, None], "less", set(), True),
        ([None, None], "less", set(), False),
        ([2, 2], "less", set(), False),
        ([True, False, None], "more", {0}, True),
        (["2026-01-02", "2026-10-01"], "more", {1}, True),
        (["a", "b"], "", set(), True),
        ([5], "less", set(), False),
    ],
)
def test_the_best_of_a_row_is_named(values: list[Any], better: Better, best: set[int], differs: bool) -> None:
    told = row(values, better)
    assert (told.best, told.differs) == (best, differs)


@given(st.lists(st.none() | st.integers(0, 5), min_size=1, max_size=4), st.sampled_from(["less", "more"]))
def test_nothing_beats_a_best_one_and_nothing_unknown_is_best(
    values: list[int | None], better: Better
) -> None:
    told = row(values, better)
    for at in told.best:
        value = values[at]
        assert value is not None
        for other in (other for other in values if other is not None):
            assert value <= other if better == "less" else value >= other


def test_every_cost_of_a_full_listing_is_told() -> None:
    full = {
        "rent_cny_m2_day": 3.45,
        "area_m2": 150,
        "usable_share": 0.72,
        "property_fee_cny_m2_month": 20,
        "energy_cny_m2_month": 5,
        "rent_free_months": 2,
        "payment_terms": "2+3",
    }
    cost = monthly_cost(full, 30)
    assert cost is not None
    told = [line.of(cost, 5) for line in COSTS]
    assert told == pytest.approx(
        [19_275, 16_687.5, 15_525, 3.45, 19_275 / 18, 19_275 / 108, 77_625, 18, 1_250]
    )
    assert COSTS[-1].of(cost, None) is None


def test_an_address_names_offers_once_and_in_order() -> None:
    assert read_ids("7, 3,7,,12") == [7, 3, 12]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("", "还没有选择"),
        (" ,", "还没有选择"),
        ("1,2,3,4,5", "最多比较 4 处"),
        ("1,x", "不是数字"),
        ("-1", "不是数字"),
        ("９", "不是数字"),
    ],
)
def test_an_address_that_cannot_be_meant_is_one_sentence(said: str, words: str) -> None:
    with pytest.raises(BadQueryError) as refused:
        read_ids(said)
    assert words in refused.value.text.zh
    assert refused.value.text.zh.count("。") == 1
