"""What an office costs a month, with the worked example of the trade."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.rent import MONTHS, monthly_cost

EXAMPLE = {"rent_cny_m2_day": 3.45, "area_m2": 150.0}


def test_the_worked_example() -> None:
    cost = monthly_cost(EXAMPLE, MONTHS["30"])
    assert cost is not None
    assert (cost.rent, cost.total, cost.complete) == (15_525, 15_525, False)
    assert 2 * cost.rent == 31_050  # the deposit of two months
    assert 3 * cost.rent == 46_575  # three months in advance


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


@pytest.mark.parametrize(
    "listing", [{}, {"rent_cny_m2_day": 3}, {"area_m2": 10}, {"rent_cny_m2_day": 3, "area_m2": 0}]
)
def test_without_rent_or_area_there_is_no_cost(listing: dict[str, float]) -> None:
    assert monthly_cost(listing, 30) is None


@given(st.floats(0, 100), st.floats(1, 5000), st.floats(0.01, 1), st.floats(0, 36))
def test_free_months_never_make_it_dearer(rent: float, area: float, share: float, free: float) -> None:
    listing = {"rent_cny_m2_day": rent, "area_m2": area, "usable_share": share, "rent_free_months": free}
    cost = monthly_cost(listing, 30)
    assert cost is not None
    assert 0 <= cost.effective <= cost.total
    assert cost.per_usable_m2 is not None
    assert cost.per_usable_m2 * area * share == pytest.approx(cost.total)
