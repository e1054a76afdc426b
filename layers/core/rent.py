"""What an office truly costs a month, from rent by the day (元/㎡·天), charges by the month and the usable share.

Rent is quoted per square metre of floor area and *day*, charges per square metre and *month*, shared space per desk and
month. Contracts count a month as 30 days or as a twelfth of a year, hence `month_days`. Example of the trade: 3.45 x
150 m2 x 30 = 15,525 a month.

Whatever is quoted becomes the same in every unit by way of one number, the rent of the whole space a month. What is not
known of a listing stays unknown (NaN in a column, None of one listing) and is never taken for zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Columns = Mapping[str, NDArray[np.float64]]  # field of a listing -> float64[n], NaN where it is not known

MONTHS: Final[Mapping[str, float]] = {"30": 30.0, "365/12": 365 / 12}
"""Convention -> days that a month of rent counts."""
M2_PER_DESK: Final = 6.0
"""Usable m2 that a desk takes with its share of aisles and meeting rooms: our own default, not a rule."""
_YEAR: Final = (
    12  # months that what is free of rent or paid once is spread over: our own assumption of a lease
)
COSTED: Final = (
    "rent_cny_m2_day",
    "area_m2",
    "usable_share",
    "seats",
    "seat_cny_month",
    "property_fee_cny_m2_month",
    "energy_cny_m2_month",
    "rent_free_months",
)
"""The fields of a listing that say what it costs."""


class Unit(StrEnum):
    """What a rent is quoted by."""

    M2_DAY = "m2_day"  # 元/㎡·天
    MONTH = "month"  # 元/月, the whole space
    DESK_MONTH = "desk_month"  # 元/位·月
    USABLE_M2_MONTH = "usable_m2_month"  # 元/㎡使用面积·月


@dataclass(frozen=True, slots=True)
class Space:
    """What turns one unit into another: floor area, usable share (得房率, 0 to 1), desks, days of a month."""

    area_m2: float
    usable_share: float
    desks: float
    month_days: float = MONTHS["30"]

    def per_month(self, unit: Unit) -> float:
        """Return how many of a unit the whole space takes in a month."""
        return {
            Unit.M2_DAY: self.area_m2 * self.month_days,
            Unit.MONTH: 1.0,
            Unit.DESK_MONTH: self.desks,
            Unit.USABLE_M2_MONTH: self.area_m2 * self.usable_share,
        }[unit]

    def converted(self, amount: float, given: Unit, wanted: Unit) -> float:
        """Return an amount by one unit as an amount by another.

        >>> Space(150, 0.7, 17).converted(3.45, Unit.M2_DAY, Unit.MONTH)
        15525.0
        >>> round(Space(150, 0.7, 17).converted(15525, Unit.MONTH, Unit.DESK_MONTH), 2)
        913.24
        """
        return amount * self.per_month(given) / self.per_month(wanted)


@dataclass(frozen=True, slots=True)
class Subsidy:
    """Help with the rent: so much a head and year, never more than the rent. `verified`: the rule was read."""

    cny_head_year: float
    verified: bool

    def per_month(self, heads: float, rent: float) -> float:
        """Return yuan a month for some people and a rent a month.

        >>> Subsidy(3_000, verified=False).per_month(5, 15_525)
        1250.0
        """
        return min(self.cny_head_year * heads / _YEAR, rent)


RENT_SUBSIDY: Final = Subsidy(3_000, verified=False)
"""房租补贴 of 2017, at most 3,000 yuan a head and year for three years: whether it still applies was not verified."""


@dataclass(frozen=True, slots=True)
class MonthlyCost:
    """Yuan a month: rent, all charges, both together, per usable m2, per desk, after the months free of rent.

    `desks` are those stated, else those that the usable area holds. On the first day `deposit`, which comes back, and
    `in_advance` are paid. `complete` tells whether service charge and energy are both known. None: not known.
    """

    rent: float
    charges: float
    total: float
    m2_day: float | None
    per_usable_m2: float | None
    per_desk: float | None
    desks: int | None
    deposit: float | None
    in_advance: float | None
    effective: float
    complete: bool

    @property
    def first_day(self) -> float | None:
        """What is to be paid on the first day: deposit and rent in advance; None where the terms are not known."""
        return None if self.deposit is None or self.in_advance is None else self.deposit + self.in_advance


def desks(columns: Columns) -> NDArray[np.float64]:
    """float64[n]: how many can sit: the desks stated, else those that the usable area holds; NaN: not known."""
    held = np.floor(columns["area_m2"] * columns["usable_share"] / M2_PER_DESK)
    return np.where(np.isnan(columns["seats"]), held, columns["seats"])


def rents(columns: Columns, month_days: float) -> NDArray[np.float64]:
    """float64[n]: yuan a month without charges, from the price by area, else from that of a desk; NaN: not known."""
    area = np.where(columns["area_m2"] > 0, columns["area_m2"], np.nan)
    by_area = columns["rent_cny_m2_day"] * area * month_days
    by_desk = columns["seat_cny_month"] * columns["seats"]
    quoted: NDArray[np.float64] = np.where(np.isnan(by_area), by_desk, by_area)
    return np.round(quoted, 2)


def charges(columns: Columns) -> NDArray[np.float64]:
    """float64[n]: yuan a month of service charge and energy, of what is known of them."""
    service, energy = (np.nan_to_num(columns[name]) for name in _CHARGES)
    return np.round((service + energy) * np.nan_to_num(columns["area_m2"]), 2)


def complete(columns: Columns) -> NDArray[np.bool_]:
    """bool[n]: whether the charges are known as well as the rent."""
    return ~np.isnan(columns[_CHARGES[0]] + columns[_CHARGES[1]] + columns["area_m2"])


def totals(columns: Columns, month_days: float) -> NDArray[np.float64]:
    """float64[n]: yuan a month in all, at the least where a charge is not known; NaN: the rent is not known."""
    return rents(columns, month_days) + charges(columns)


def effective(columns: Columns, month_days: float) -> NDArray[np.float64]:
    """float64[n]: yuan a month over a lease of a year, the months free of rent taken off; no month said is none."""
    paid = 1 - np.minimum(np.nan_to_num(columns["rent_free_months"]), float(_YEAR)) / _YEAR
    return rents(columns, month_days) * paid + charges(columns)


def columns_of(listing: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
    """Return one listing as columns of length one."""
    values = {name: listing.get(name) for name in COSTED}
    return {name: np.array([np.nan if v is None else v], np.float64) for name, v in values.items()}


def monthly_cost(listing: Mapping[str, Any], month_days: float) -> MonthlyCost | None:
    """Return the cost of a listing, None where neither rent and area nor desks and their price are known.

    >>> monthly_cost({"rent_cny_m2_day": 3.45, "area_m2": 150}, 30).rent
    15525.0
    """
    columns = columns_of(listing)
    rent, total = float(rents(columns, month_days)[0]), float(totals(columns, month_days)[0])
    area = listing.get("area_m2")
    if np.isnan(rent):
        return None
    share, seats = listing.get("usable_share"), _whole(desks(columns)[0])
    months = _paid_at_once(listing.get("payment_terms"))
    return MonthlyCost(
        rent=rent,
        charges=float(charges(columns)[0]),
        total=total,
        m2_day=rent / (area * month_days) if area else None,
        per_usable_m2=total / (area * share) if area and share else None,
        per_desk=total / seats if seats else None,
        desks=seats,
        deposit=rent * months[0] if months else None,
        in_advance=rent * months[1] if months else None,
        effective=float(effective(columns, month_days)[0]),
        complete=bool(complete(columns)[0]),
    )


_CHARGES: Final = ("property_fee_cny_m2_month", "energy_cny_m2_month")


def _paid_at_once(terms: str | None) -> tuple[int, int] | None:
    """Return months of deposit and of rent in advance, as 押二付三 is written: `2+3`."""
    if not terms:
        return None
    deposit, _, advance = terms.partition("+")
    return int(deposit), int(advance)


def _whole(value: float) -> int | None:
    return None if np.isnan(value) else int(value)
