"""What an office costs a month, with the worked example of the trade, and the same money in every unit."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.rent import MONTHS, RENT_SUBSIDY, Space, Unit, monthly_cost

EXAMPLE = {"rent_cny_m2_day": 3.45, "area_m2": 150.0}
ROOM = Space(area_m2=150, usable_share=0.7, desks=17)
amounts = st.floats(0.01, 1e6)
spaces = st.builds(
    Space,
    area_m2=st.floats(1, 5000),
    usable_share=st.floats(0.05, 1),
    desks=st.integers(1, 500).map(float),
    month_days=st.sampled_from(list(MONTHS.values())),
)
units = st.sampled_from(list(Unit))


def test_the_worked_example() -> None:
    cost = monthly_cost(EXAMPLE | {"payment_terms": "2+3"}, MONTHS["30"])
    assert cost is not None
    assert (cost.rent, cost.total, cost.complete) == (15_525, 15_525, False)
    assert (cost.deposit, cost.in_advance) == (31_050, 46_575)


def test_the_other_convention_counts_a_twelfth_of_a_year() -> None:
    cost = monthly_cost(EXAMPLE, MONTHS["365/12"])
    assert cost is not None
    assert cost.rent == pytest.approx(3.45 * 150 * 365 / 12, abs=0.01)


def test_charges_usable_share_and_free_months_count() -> None:
    more = {
        "property_fee_cny_m2_month": 20,
        "energy_cny_m2_month": 5,
        "usable_share": 0.75,
        "rent_free_months": 3,
    }
    cost = monthly_cost(EXAMPLE | more, 30)
    assert cost is not None
    assert (cost.charges, cost.total, cost.complete) == (3_750, 19_275, True)
    assert cost.per_usable_m2 == pytest.approx(19_275 / 112.5)
    assert cost.effective == pytest.approx(15_525 * 0.75 + 3_750)
    assert (cost.desks, cost.per_desk) == (18, pytest.approx(19_275 / 18))  # 112.5 usable m2, 6 a desk


@pytest.mark.parametrize(
    ("listing", "rent", "m2_day", "desks"),
    [
        ({"seats": 10, "seat_cny_month": 1_200}, 12_000, None, 10),
        ({"seats": 10, "seat_cny_month": 1_200, "area_m2": 80}, 12_000, 5, 10),
        ({"seats": 10, "seat_cny_month": 1_200, "area_m2": 80, "rent_cny_m2_day": 4}, 9_600, 4, 10),
        ({"rent_cny_m2_day": 4, "area_m2": 80}, 9_600, 4, None),
        ({"rent_cny_m2_day": 4, "area_m2": 80, "usable_share": 0.6}, 9_600, 4, 8),
        ({"rent_cny_m2_day": 0, "area_m2": 80}, 0, 0, None),
    ],
)
def test_a_price_by_the_desk_is_made_comparable(
    listing: dict[str, Any], rent: float, m2_day: float | None, desks: int | None
) -> None:
    cost = monthly_cost(listing, 30)
    assert cost is not None
    assert (cost.rent, cost.m2_day, cost.desks) == (rent, m2_day, desks)


@pytest.mark.parametrize(
    "listing",
    [
        {},
        {"rent_cny_m2_day": 3},
        {"area_m2": 10},
        {"rent_cny_m2_day": 3, "area_m2": 0},
        {"seats": 10},
        {"seat_cny_month": 1_000},
    ],
)
def test_what_is_not_known_has_no_cost(listing: dict[str, float]) -> None:
    assert monthly_cost(listing, 30) is None


def test_what_is_not_known_is_never_zero() -> None:
    cost = monthly_cost(EXAMPLE, 30)
    assert cost is not None
    assert (cost.desks, cost.per_desk, cost.per_usable_m2, cost.deposit, cost.in_advance) == (None,) * 5


@pytest.mark.parametrize(
    ("terms", "deposit", "in_advance"),
    [("1+1", 1, 1), ("2+1", 2, 1), ("3+3", 3, 3), ("0+6", 0, 6), ("0+12", 0, 12)],
)
def test_terms_say_what_is_paid_on_the_first_day(terms: str, deposit: int, in_advance: int) -> None:
    cost = monthly_cost(EXAMPLE | {"payment_terms": terms}, 30)
    assert cost is not None
    assert (cost.deposit, cost.in_advance) == (deposit * cost.rent, in_advance * cost.rent)


@pytest.mark.parametrize(
    ("amount", "given_by", "wanted", "expected"),
    [
        (3.45, Unit.M2_DAY, Unit.MONTH, 15_525),
        (15_525, Unit.MONTH, Unit.M2_DAY, 3.45),
        (3.45, Unit.M2_DAY, Unit.USABLE_M2_MONTH, 15_525 / 105),
        (1_000, Unit.DESK_MONTH, Unit.MONTH, 17_000),
        (1_000, Unit.DESK_MONTH, Unit.M2_DAY, 17_000 / 4_500),
        (5, Unit.MONTH, Unit.MONTH, 5),
    ],
)
def test_one_unit_becomes_another(amount: float, given_by: Unit, wanted: Unit, expected: float) -> None:
    assert ROOM.converted(amount, given_by, wanted) == pytest.approx(expected)


@given(amounts, spaces, units, units)
def test_there_and_back_is_the_same_money(amount: float, space: Space, one: Unit, other: Unit) -> None:
    there = space.converted(amount, one, other)
    assert math.isclose(space.converted(there, other, one), amount, rel_tol=1e-9)


@given(st.floats(0, 100), st.floats(1, 5000), st.floats(0.01, 1), st.floats(0, 36))
def test_free_months_never_make_it_dearer(rent: float, area: float, share: float, free: float) -> None:
    listing = {"rent_cny_m2_day": rent, "area_m2": area, "usable_share": share, "rent_free_months": free}
    cost = monthly_cost(listing, 30)
    assert cost is not None
    assert 0 <= cost.effective <= cost.total
    assert cost.per_usable_m2 is not None
    assert cost.per_usable_m2 * area * share == pytest.approx(cost.total)


@given(st.integers(1, 400), st.floats(0, 1e6))
def test_a_subsidy_is_never_more_than_the_rent(heads: int, rent: float) -> None:
    assert 0 <= RENT_SUBSIDY.per_month(heads, rent) <= rent
