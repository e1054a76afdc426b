"""The night, the windows in which nobody may work, and the rhythm of work and rest.

The night of day D is the interval [D 22:00, D+1 06:00) in the city: eight hours, named by the day it begins
(生态环境法典; a city may shift the hours, hence `Hours`). It is an interval and never a date, so that 00:30
belongs to the night of the evening before.

Exam windows close the whole city to night work from one 22:00 to a 06:00 weeks later; on the exam days
themselves no work by day, [06:00, 22:00), within 100 m of an exam site. Rhythm: at most `max_run` nights in
a row, then `rest` nights off, counted per site over all its permits; its legal article is not verified, so
both are parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from layers.core.citytime import CITY_TIME, add_days, day_of


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of a night: it begins at `start` of a day and ends at `end` of the next."""

    start: time = time(22)
    end: time = time(6)


CITY_HOURS = Hours()


@dataclass(frozen=True, slots=True)
class NightSpan:
    """The night of `day`: [starts_at, ends_at), aware, UTC."""

    day: date
    starts_at: datetime
    ends_at: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at

    def overlaps(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Tell whether an interval [starts_at, ends_at) shares any moment with this night."""
        return starts_at < self.ends_at and self.starts_at < ends_at


@dataclass(frozen=True, slots=True)
class BanWindow:
    """A span [starts_at, ends_at) without night work, and the days without work near exam sites."""

    name: str
    starts_at: datetime
    ends_at: datetime
    days: frozenset[date] = frozenset()

    def bans_night(self, night: NightSpan) -> bool:
        """Tell whether any part of a night lies in the window."""
        return night.overlaps(self.starts_at, self.ends_at)


def local(day: date, at: time) -> datetime:
    """Return a wall-clock time of the city as an aware moment in UTC; at the calendar's end, its last one."""
    try:
        return datetime.combine(day, at, CITY_TIME).astimezone(UTC)
    except OverflowError:
        return datetime.combine(day, at, UTC)


def night_of_day(day: date, hours: Hours = CITY_HOURS) -> NightSpan:
    """Return the night that begins on a day."""
    return NightSpan(day, local(day, hours.start), local(add_days(day, 1), hours.end))


def night_of(at: datetime, hours: Hours = CITY_HOURS) -> NightSpan | None:
    """Return the night an aware moment lies in, None by day.

    >>> from datetime import datetime
    >>> night_of(datetime(2021, 6, 1, 5, 59, tzinfo=CITY_TIME)).day
    datetime.date(2021, 5, 31)
    """
    today = day_of(at)
    for day in (today, add_days(today, -1)):
        if at in (night := night_of_day(day, hours)):
            return night
    return None


def coming_night(at: datetime, hours: Hours = CITY_HOURS) -> NightSpan:
    """Return the night going on, or by day the one that begins this evening."""
    return night_of(at, hours) or night_of_day(day_of(at), hours)


def last_night(at: datetime, hours: Hours = CITY_HOURS) -> NightSpan:
    """Return the night that ended last before a moment, even if another is going on."""
    current = night_of(at, hours)
    return night_of_day(add_days(current.day if current else day_of(at), -1), hours)


def next_edge(at: datetime, hours: Hours = CITY_HOURS) -> datetime:
    """Return the next moment at which a night begins or ends."""
    current = night_of(at, hours)
    return current.ends_at if current else coming_night(at, hours).starts_at


def ban_windows(params: Mapping[str, Any]) -> tuple[BanWindow, ...]:
    """Read `windows` of a rule: tables of `name`, local `from` and `to`, and `days` of the ban by day."""
    return tuple(
        BanWindow(
            entry.get("name", ""),
            local(entry["from"].date(), entry["from"].time()),
            local(entry["to"].date(), entry["to"].time()),
            frozenset(entry.get("days", ())),
        )
        for entry in params.get("windows", ())
    )


def night_ban(windows: Iterable[BanWindow], at: datetime, hours: Hours = CITY_HOURS) -> BanWindow | None:
    """Return the window that forbids night work at a moment; None by day and in a free night."""
    if night_of(at, hours) is None:
        return None
    return next((window for window in windows if window.starts_at <= at < window.ends_at), None)


def day_ban(windows: Iterable[BanWindow], at: datetime, hours: Hours = CITY_HOURS) -> BanWindow | None:
    """Return the window on whose exam day a moment by day lies; it concerns sites near an exam site only."""
    if night_of(at, hours) is not None:
        return None
    return next((window for window in windows if day_of(at) in window.days), None)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a site may work at night; None is no limit."""

    max_run: int | None = 3
    rest: int = 1
    max_per_month: int | None = None
    weekend_ok: bool = True


def refused_nights(nights: Iterable[date], rhythm: Rhythm) -> frozenset[date]:
    """Return the nights its rhythm does not allow a site; `nights` are those of all its permits together.

    A refused night is not worked and so is a night of rest: of N, N+1, N+2, N+3, N+4 only N+3 is refused.
    """
    worked: list[date] = []
    refused: list[date] = []
    run = 0
    for night in sorted(set(nights)):
        rested = not worked or (night - worked[-1]).days > rhythm.rest
        run_after = 1 if rested else run + 1
        if _allowed(night, run_after, worked, rhythm):
            worked.append(night)
            run = run_after
        else:
            refused.append(night)
    return frozenset(refused)


def _allowed(night: date, run: int, worked: Sequence[date], rhythm: Rhythm) -> bool:
    if rhythm.max_run is not None and run > rhythm.max_run:
        return False
    if not rhythm.weekend_ok and night.weekday() >= 5:
        return False
    if rhythm.max_per_month is None:
        return True
    return sum((n.year, n.month) == (night.year, night.month) for n in worked) < rhythm.max_per_month


def nights_between(first: date, last: date, at_most: int = 62) -> tuple[date, ...]:
    """Return the nights from `first` to `last`, both included, no more than `at_most` of them."""
    count = min((last - first).days + 1, at_most)
    return tuple(first + timedelta(days=n) for n in range(max(count, 0)))
