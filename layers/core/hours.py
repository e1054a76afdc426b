"""Opening hours by weekday (分日供应时段): read from what people write, kept in one form, and asked for a moment.

The one form is `mon-fri 06:00-09:30; sat,sun 07:00-10:00`: windows in the order of the week, each with its days.
A window ends on the day it begins; 24:00 is midnight at its end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from layers.core.citytime import CITY_TIME

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK: Final = r"([01]\d|2[0-4]):[0-5]\d"
_NORMAL_DAYS: Final = rf"({'|'.join(DAYS)})([-,]({'|'.join(DAYS)}))*"
_NORMAL_WINDOW: Final = rf"{_NORMAL_DAYS} {_CLOCK}-{_CLOCK}"
NORMAL_FORM: Final = rf"^{_NORMAL_WINDOW}(; {_NORMAL_WINDOW})*$"
"""A pattern of the one form, for the database too."""

_WEEK: Final = frozenset(range(7))
_GROUPS: Final = {
    "每天": _WEEK, "每日": _WEEK, "全周": _WEEK, "daily": _WEEK, "everyday": _WEEK,
    "工作日": _WEEK - {5, 6}, "平日": _WEEK - {5, 6}, "weekdays": _WEEK - {5, 6},
    "周末": frozenset({5, 6}), "双休日": frozenset({5, 6}), "weekends": frozenset({5, 6}),
}  # fmt: skip
_HAN_DAYS: Final = "一二三四五六日"
_DAY: Final = r"(?:周|星期|礼拜)?[一二三四五六日天]|mon|tue|wed|thu|fri|sat|sun"
_LINK: Final = r"\s*(?:至|到|-|~|、|,|和|及)\s*"
_TO: Final = frozenset("至到-~")
_TIME: Final = r"\d{1,2}:\d{2}"
_WINDOW: Final = re.compile(
    rf"(?P<days>(?:{'|'.join(_GROUPS)}|(?:{_DAY})(?:{_LINK}(?:{_DAY}))*))?[\s:]*"
    rf"(?P<opens>{_TIME})\s*(?:至|到|-|~)\s*(?P<closes>{_TIME})"
)
_BETWEEN: Final = re.compile(r"[\s,;、。]*")


class HoursError(ValueError):
    """Words that are no opening hours."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Days (0 Monday to 6 Sunday, rising), open from minute `opens` of the day until before `closes`."""

    days: tuple[int, ...]
    opens: int
    closes: int


def parse_hours(words: str) -> tuple[Window, ...]:
    """Return the windows that words speak of; a window without days has those before it, the first one all.

    Raises `HoursError` for anything else, also for a window that ends before it begins.

    >>> format_hours(parse_hours("周一至周五 6:00-9:30，周六、周日 07:00-10:00"))
    'mon-fri 06:00-09:30; sat,sun 07:00-10:00'
    """
    text = re.sub("[–—−]", "-", unicodedata.normalize("NFKC", words)).casefold().strip()
    windows: list[Window] = []
    days, at = tuple(sorted(_WEEK)), 0
    for found in _WINDOW.finditer(text):
        if not _BETWEEN.fullmatch(text[at : found.start()]):
            raise HoursError(words)
        days = _days(found["days"]) if found["days"] else days
        windows.append(Window(days, _minutes(found["opens"]), _minutes(found["closes"])))
        at = found.end()
    if not windows or not _BETWEEN.fullmatch(text[at:]) or any(w.opens >= w.closes for w in windows):
        raise HoursError(words)
    return tuple(sorted(set(windows)))


def format_hours(windows: Iterable[Window]) -> str:
    """Return windows in the one form."""
    return "; ".join(
        f"{_runs(window.days)} {clock(window.opens)}-{clock(window.closes)}" for window in sorted(windows)
    )


def weekly(
    opens: int | None, closes: int | None, closed_on: Iterable[str] | None = None, by_day: str | None = None
) -> str:
    """Return hours in the one form, "" where they are not known.

    `by_day`, in the one form already, counts before a window of minutes of the day on all days but `closed_on`.
    """
    days = tuple(day for day, name in enumerate(DAYS) if name not in set(closed_on or ()))
    if by_day or opens is None or closes is None or not days:
        return by_day or ""
    return format_hours([Window(days, opens, closes)])


def is_open(windows: Iterable[Window], at: datetime) -> bool:
    """Tell whether one of the windows holds a moment (aware), by the city's clock."""
    local = at.astimezone(CITY_TIME)
    minute = local.hour * 60 + local.minute
    return any(local.weekday() in w.days and w.opens <= minute < w.closes for w in windows)


def runs_of(days: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return rising days as first and last of each unbroken run."""
    runs: list[tuple[int, int]] = []
    for day in days:
        if runs and runs[-1][1] == day - 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def clock(minute: int) -> str:
    """Return a minute of the day as HH:MM."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _runs(days: tuple[int, ...]) -> str:
    """Return days as words, three and more in a row as first and last."""
    parts = []
    for first, last in runs_of(days):
        parts += [f"{DAYS[first]}-{DAYS[last]}"] if last - first > 1 else list(DAYS[first : last + 1])
    return ",".join(parts)


def _minutes(time: str) -> int:
    hours, minutes = map(int, time.split(":"))
    if minutes > 59 or hours * 60 + minutes > 1440:
        raise HoursError(time)
    return hours * 60 + minutes


def _days(words: str) -> tuple[int, ...]:
    if words in _GROUPS:
        return tuple(sorted(_GROUPS[words]))
    found: set[int] = set()
    parts = re.split(f"({_LINK})", words)
    last = -1
    for link, word in zip(["", *parts[1::2]], parts[::2], strict=True):
        day = _day(word)
        through = link.strip() in _TO and last >= 0
        found |= {(last + step) % 7 for step in range((day - last) % 7 + 1)} if through else {day}
        last = day
    return tuple(sorted(found))


def _day(word: str) -> int:
    return DAYS.index(word) if word in DAYS else _HAN_DAYS.index(word[-1].replace("天", "日"))
