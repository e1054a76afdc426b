"""Days and moments as files write them; a moment without a zone is the city's time."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from layers.core.citytime import CITY_TIME

_EXCEL_EPOCH: Final = date(1899, 12, 30)
_EXCEL_DAYS: Final = range(20_000, 80_000)  # 1954 to 2119
_YEARS: Final = range(1800, 10_000)
_ENDLESS: Final = frozenset({"长期", "长期有效", "永久", "永久有效", "无固定期限", "indefinite", "permanent"})

_YEAR_FIRST: Final = re.compile(r"^(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?")
_SOLID: Final = re.compile(r"^(\d{4})(\d{2})(\d{2})(?!\d)")
_YEAR_LAST: Final = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_SERIAL: Final = re.compile(r"^\d{5}(?:\.\d+)?$")
_CLOCK: Final = re.compile(
    r"^(?P<half>上午|下午|晚上|晚|凌晨)?(?P<h>\d{1,2})(?:[:时点](?P<m>\d{1,2})?)分?(?::?(?P<s>\d{1,2})(?:\.\d+)?秒?)?\s*(?P<ap>[AaPp])?[Mm]?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?$"
)


class UnreadableError(ValueError):
    """A cell that does not say what its column should."""


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def is_endless(text: str) -> bool:
    """Tell whether a cell says "without end" where a last day is expected."""
    return _plain(text).casefold() in _ENDLESS or _plain(text).startswith("9999")


def read_date(text: str) -> date:
    """Read a day: `2021-06-01`, `2021年6月1日`, `20210601`, `6/1/2021`, an Excel serial; a time behind it is
    ignored.

    With the year last the month comes first, unless the first number cannot be a month. Raises
    UnreadableError.
    """
    return _split(text)[0]


def read_moment(text: str) -> datetime:
    """Read a moment, to aware UTC: a day with or without a time (`22:00`, `10:00 PM`, `上午9时`)."""
    day, rest = _split(text)
    clock, zone = _clock(rest) if rest else (time(), None)
    moment = datetime.combine(day, clock)
    try:
        return (
            moment.replace(tzinfo=CITY_TIME) if zone is None else moment.replace(tzinfo=UTC) - zone
        ).astimezone(UTC)
    except OverflowError:
        raise UnreadableError(text) from None


def read_clock(text: str) -> time:
    """Read a time of day such as `22:00` or `6点`. Raises UnreadableError."""
    return _clock(_plain(text))[0]


def has_day(text: str) -> bool:
    """Tell whether a cell begins with a day."""
    try:
        _split(text)
    except UnreadableError:
        return False
    return True


def _split(text: str) -> tuple[date, str]:
    """Return the day at the front of a cell and what follows it."""
    cell = _plain(text)
    if _SERIAL.match(cell) and int(float(cell)) in _EXCEL_DAYS:
        return _EXCEL_EPOCH + timedelta(days=int(float(cell))), _serial_clock(float(cell) % 1)
    for pattern in (_YEAR_FIRST, _SOLID):
        if found := pattern.match(cell):
            return _day(text, found[1], found[2], found[3] or "1"), _rest(cell[found.end() :])
    if found := _YEAR_LAST.match(cell):
        month, day = (found[1], found[2]) if int(found[1]) <= 12 else (found[2], found[1])
        return _day(text, found[3], month, day), _rest(cell[found.end() :])
    raise UnreadableError(text)


def _serial_clock(part: float) -> str:
    minutes = round(part * 1440)
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}" if minutes else ""


def _rest(text: str) -> str:
    return text.strip().removeprefix("T").strip()


def _day(text: str, year: str, month: str, day: str) -> date:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        raise UnreadableError(text) from None
    if found.year not in _YEARS:
        raise UnreadableError(text)
    return found


def _clock(text: str) -> tuple[time, timedelta | None]:
    found = _CLOCK.match(text)
    if found is None:
        raise UnreadableError(text)
    hour = int(found["h"])
    if (found["ap"] or "").lower() == "p" or found["half"] in {"下午", "晚上", "晚"}:
        hour += 12 if hour < 12 else 0
    elif (found["ap"] or "").lower() == "a" and hour == 12:
        hour = 0
    try:
        clock = time(hour % 24 if hour == 24 else hour, int(found["m"] or 0), int(found["s"] or 0))
    except ValueError:
        raise UnreadableError(text) from None
    return clock, _zone(found["zone"])


def _zone(text: str | None) -> timedelta | None:
    if text is None:
        return None
    if text == "Z":
        return timedelta()
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return offset if text[0] == "+" else -offset
