"""What an office truly costs a month, from rent by the day (元/㎡·天), charges by the month and the usable share.

Rent is quoted per square metre of floor area and *day*, charges per square metre and *month*. Contracts count a month
as 30 days or as a twelfth of a year, hence `month_days`. Example of the trade: 3.45 x 150 m2 x 30 = 15,525 a month.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

MONTHS: Final[Mapping[str, float]] = {"30": 30.0, "365/12": 365 / 12}
"""Convention -> days that a month of rent counts."""
_YEAR: Final = (
    12  # months over which what is free of rent is spread: our own assumption of a lease of one year
)


@dataclass(frozen=True, slots=True)
class MonthlyCost:
    """Yuan a month: rent, all charges, both together, the same per usable m2 (None: unknown), after free months.

    `complete` tells whether service charge and energy are both known.
    """

    rent: float
    charges: float
    total: float
    per_usable_m2: float | None
    effective: float
    complete: bool


def monthly_cost(listing: Mapping[str, Any], month_days: float) -> MonthlyCost | None:
    """Return the cost of a listing, None where its rent or its area is not known.

    >>> monthly_cost({"rent_cny_m2_day": 3.45, "area_m2": 150}, 30).rent
    15525.0
    """
    daily, area = listing.get("rent_cny_m2_day"), listing.get("area_m2")
    if daily is None or not area:
        return None
    known = [listing.get(name) for name in ("property_fee_cny_m2_month", "energy_cny_m2_month")]
    rent = round(daily * area * month_days, 2)
    charges = round(sum(fee for fee in known if fee is not None) * area, 2)
    total, share = rent + charges, listing.get("usable_share")
    free = min(float(listing.get("rent_free_months") or 0), _YEAR)
    return MonthlyCost(
        rent=rent,
        charges=charges,
        total=total,
        per_usable_m2=total / (area * share) if share else None,
        effective=rent * (1 - free / _YEAR) + charges,
        complete=None not in known,
    )
