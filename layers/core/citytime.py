"""The city's clock: days and midnights in Asia/Shanghai, safe at both ends of the calendar.

Records say `9999-12-31` for "without end"; adding days to that must not fail, so sums stop at the
calendar's ends.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

CITY_TIME = ZoneInfo("Asia/Shanghai")


def read_iso(words: str) -> datetime:
    """Read an ISO moment; without an offset it is the city's time. Raises ValueError.

    >>> read_iso("2026-11-23T22:00").isoformat(), read_iso("2026-11-23T22:00Z").isoformat()
    ('2026-11-23T22:00:00+08:00', '2026-11-23T22:00:00+00:00')
    """
    moment = datetime.fromisoformat(words)
    return moment if moment.tzinfo else moment.replace(tzinfo=CITY_TIME)


@lru_cache(maxsize=4096)  # a judgement asks again and again for the day of its moment
def day_of(at: datetime) -> date:
    """Return the calendar day of an aware moment in the city."""
    try:
        return at.astimezone(CITY_TIME).date()
    except OverflowError:  # within hours of year 1 or 9999
        return at.date()


@lru_cache(maxsize=65536)
def midnight(day: date) -> datetime:
    """Return the moment a day begins in the city, in UTC."""
    try:
        return datetime.combine(day, time.min, CITY_TIME).astimezone(UTC)
    except OverflowError:
        return datetime.combine(day, time.min, UTC)


def add_days(day: date, days: int) -> date:
    """Return the day some days later (or earlier, if negative), stopping at the calendar's ends."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min
