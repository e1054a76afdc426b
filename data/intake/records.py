"""Permits and inspections that a file carries beside its places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

from data.intake.dates import UnreadableError, has_day, is_endless, read_clock, read_date, read_moment
from data.intake.values import clean, fold, is_null, known, read_boolean, read_number
from layers.core.citytime import CITY_TIME
from layers.core.facts import InspectionResult, PermitState
from layers.core.spec import RecordColumns

MOST_NIGHTS: Final = 400
MOST_FAULTS: Final = 32_767
_DAY: Final = timedelta(days=1)
_WORDED: Final = ("grade", "level")


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitRow:
    """A permit as a row states it; `nights` are [start, end) in UTC."""

    kind: str
    number: str = ""
    state: PermitState = PermitState.GRANTED
    valid_from: date | None = None
    valid_to: date | None = None
    renewal_applied_on: date | None = None
    applied_on: date | None = None
    decided_on: date | None = None
    issued_on: date | None = None
    issuer: str = ""
    quantity: str = ""
    basis: str = ""
    notice_posted: bool | None = None
    nights: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionRow:
    """An inspection as a row states it; without `external_id` it is known by place, kind and moment."""

    kind: str
    at: datetime
    result: InspectionResult
    external_id: str = ""
    grade: str = ""
    critical: int = 0
    serious: int = 0
    minor: int = 0
    follow_up_due: date | None = None
    inspector: str = ""
    second_inspector: str = ""
    check_code: str = ""
    level: str = ""
    published_on: date | None = None


@dataclass(slots=True)
class RecordReader:
    """Reads the cells of one kind of record; `positions` maps its fields to columns."""

    spec: RecordColumns
    positions: Mapping[str, int]
    _words: dict[str, dict[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        own = {"state": [str(s) for s in PermitState], "result": [str(r) for r in InspectionResult]}
        self._words = {name: {word: word for word in words} for name, words in own.items()}
        for name, said in self.spec.values.items():
            known_words = self._words.setdefault(name, {fold(value): value for value in said.values()})
            known_words |= {fold(word): value for word, value in said.items()}

    def permit(self, cells: list[str]) -> PermitRow | None:
        """Return the permit of a row, None if it states none. Raises UnreadableError for words without sense.

        One that does not say when its term begins begins with its first night, or on the day of its issue.
        """
        if all(self._silent(name, cells) for name in ("number", "valid_from", "valid_to", "starts_at")):
            return None
        nights = self._nights(cells)
        issued, applied, decided = (
            self._date(name, cells) for name in ("issued_on", "applied_on", "decided_on")
        )
        first = self._date("valid_from", cells) or (
            nights[0][0].astimezone(CITY_TIME).date() if nights else issued
        )
        last = self._last_day(cells) or (nights[-1][1].astimezone(CITY_TIME).date() if nights else None)
        for earlier, later in ((first, last), (applied, decided)):
            if earlier and later and earlier > later:
                raise UnreadableError(f"{earlier} > {later}")
        return PermitRow(
            kind=self.spec.kind,
            number=self._text("number", cells),
            state=PermitState(self._word("state", cells) or PermitState.GRANTED),
            valid_from=first,
            valid_to=last,
            renewal_applied_on=self._date("renewal_applied_on", cells),
            applied_on=applied,
            decided_on=decided,
            issued_on=issued,
            issuer=self._text("issuer", cells),
            quantity=self._text("quantity", cells),
            basis=self._words.get("basis", {}).get(fold(self._text("basis", cells)), ""),
            notice_posted=None
            if self._silent("notice_posted", cells)
            else read_boolean(self._text("notice_posted", cells)),
            nights=nights,
        )

    def inspection(self, cells: list[str]) -> InspectionRow | None:
        """Return the inspection of a row, None if it states none. Raises UnreadableError as `permit` does."""
        if self._silent("at", cells) and self._silent("result", cells):
            return None
        result = self._word("result", cells)
        if not result:
            raise UnreadableError("result")
        return InspectionRow(
            kind=self.spec.kind,
            at=read_moment(self._text("at", cells)),
            result=InspectionResult(result),
            external_id=self._text("external_id", cells),
            grade=self._known_word("grade", cells),
            critical=self._count("critical", cells),
            serious=self._count("serious", cells),
            minor=self._count("minor", cells),
            follow_up_due=self._date("follow_up_due", cells),
            inspector=self._text("inspector", cells),
            second_inspector=self._text("second_inspector", cells),
            check_code=self._text("check_code", cells),
            level=self._known_word("level", cells),
            published_on=self._date("published_on", cells),
        )

    def unknown_words(self, cells: list[str]) -> list[str]:
        """Return the fields of a visit for which a row has words that mean nothing to us."""
        return [
            name for name in _WORDED if not self._silent(name, cells) and not self._known_word(name, cells)
        ]

    def _known_word(self, name: str, cells: list[str]) -> str:
        return self._words.get(name, {}).get(fold(self._text(name, cells)), "")

    def _silent(self, name: str, cells: list[str]) -> bool:
        position = self.positions.get(name)
        return position is None or is_null(cells[position])

    def _text(self, name: str, cells: list[str]) -> str:
        return "" if self._silent(name, cells) else known(cells[self.positions[name]])

    def _word(self, name: str, cells: list[str]) -> str:
        if self._silent(name, cells):
            return ""
        said = clean(cells[self.positions[name]])
        try:
            return self._words[name][fold(said)]
        except KeyError:
            raise UnreadableError(said) from None

    def _date(self, name: str, cells: list[str]) -> date | None:
        return None if self._silent(name, cells) else read_date(self._text(name, cells))

    def _last_day(self, cells: list[str]) -> date | None:
        return None if is_endless(self._text("valid_to", cells)) else self._date("valid_to", cells)

    def _count(self, name: str, cells: list[str]) -> int:
        value = 0 if self._silent(name, cells) else round(read_number(self._text(name, cells)))
        if not 0 <= value <= MOST_FAULTS:
            raise UnreadableError(str(value))
        return value

    def _nights(self, cells: list[str]) -> tuple[tuple[datetime, datetime], ...]:
        """Return the nights between two moments, or between two times of day on the permit's days."""
        if self._silent("starts_at", cells) or self._silent("ends_at", cells):
            return ()
        begin, end = self._text("starts_at", cells), self._text("ends_at", cells)
        if has_day(begin) and has_day(end):
            return nights_between(read_moment(begin), read_moment(end))
        first, last = self._date("valid_from", cells), self._date("valid_to", cells)
        if first is None or last is None:
            raise UnreadableError(f"{begin} - {end}")
        opens, closes = read_clock(begin), read_clock(end)
        start = datetime.combine(first, opens, CITY_TIME)
        stop = datetime.combine(last if closes > opens else last + _DAY, closes, CITY_TIME)
        return nights_between(start.astimezone(UTC), stop.astimezone(UTC))


def nights_between(start: datetime, end: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """Split a span of work into nights: up to 24 hours it is one; a longer one repeats its hours night by
    night.

    `06-01 22:00` to `06-03 06:00` are the two nights 22:00 to 06:00, as the city's lists mean it; a span of
    days whose hours are equal at both ends is work around the clock, day by day. Raises UnreadableError where
    the end is not after the start or the span is absurdly long.
    """
    if end <= start or end - start > MOST_NIGHTS * _DAY:
        raise UnreadableError(f"{start} - {end}")
    length = (end - start) % _DAY or _DAY
    count = -(-(end - start) // _DAY)
    return tuple((start + night * _DAY, start + night * _DAY + length) for night in range(count))
