"""Working days (工作日): weekdays without public holidays, and the weekend days worked instead (调休).

The State Council publishes each year's plan in the November before; the years that are known come with the calendar.
Outside them a weekday counts as worked, so a deadline that reaches there is an estimate: `is_published` tells.
A count leaves out the day it starts from (民法典 Art. 201).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, timedelta
from functools import cache
from typing import Final

from chinese_calendar import is_workday
from chinese_calendar.constants import holidays

from layers.core.citytime import add_days

FIRST_YEAR: Final[int] = min(holidays).year
LAST_YEAR: Final[int] = max(holidays).year
_FROM, _UNTIL = date(1990, 1, 1), date(2060, 1, 1)  # of the list that counts are looked up in
_SATURDAY: Final = 5


def is_published(day: date) -> bool:
    """Tell whether the holidays of a day's year are known."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def is_working_day(day: date) -> bool:
    """Tell whether a day is worked.

    >>> is_working_day(date(2026, 2, 14)), is_working_day(date(2026, 2, 17)), is_working_day(date(2026, 2, 24))
    (True, False, True)
    """
    return bool(is_workday(day)) if is_published(day) else day.weekday() < _SATURDAY


def add_working_days(day: date, n: int) -> date:
    """Return the n-th working day after a day, or before it where n < 0; far from our time, days of the week count.

    >>> add_working_days(date(2026, 2, 13), 1), add_working_days(date(2026, 2, 24), -1)
    (datetime.date(2026, 2, 14), datetime.date(2026, 2, 14))
    """
    if n == 0:
        return day
    days = _working_days()
    at = bisect_right(days, day) + n - 1 if n > 0 else bisect_left(days, day) + n
    if _FROM <= day < _UNTIL and 0 <= at < len(days):
        return days[at]
    return add_days(day, n + 2 * (n // 5))


@cache
def _working_days() -> list[date]:
    span = (_FROM + timedelta(days=number) for number in range((_UNTIL - _FROM).days))
    return [day for day in span if is_working_day(day)]
