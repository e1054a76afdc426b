"""Rows of a table as places, column by column: converted, with what could not be read kept in its own words."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Final, NamedTuple

from data.copy import copied
from data.intake.dates import UnreadableError
from data.intake.mapping import Plan
from data.intake.memo import Memo
from data.intake.sheet import Sheet, keeps
from data.intake.values import Converted, Converter, choice_words, converter, fold, is_null
from data.search_text import search_text, searched_fields
from layers.core.identifiers import check_uscc
from layers.core.spec import Layer

OTHER: Final = "other"
UNREADABLE: Final = "value_unreadable"
_LONGEST_SEARCHED: Final = 60
_USCC_LENGTH: Final = 18
_METRE_TENTH: Final = 6  # decimals of a degree


class Value(NamedTuple):
    """A value of a field, as COPY takes it and as a member of JSON, and the flag that its cell deserves."""

    is_: Converted
    copied: str | None
    member: str
    flag: str = ""


class _Category(NamedTuple):
    value: str
    kept: bool
    unknown: bool


@dataclass(slots=True)
class Places:
    """Places as the rows of a sheet describe them, without position: one entry per row in every column.

    `hashed`: its id is made from its natural key. `source`: whose number its id is, "" for that of the whole file.
    A field that a row neither states nor implies is None.
    """

    external_id: list[str]
    hashed: list[bool]
    source: list[str]
    name: list[str]
    address: list[str]
    phone: list[str]
    contact: list[str]
    enterprise: list[str]
    building: list[str]
    category: list[str] = field(default_factory=list)
    uscc: list[str | None] = field(default_factory=list)
    uscc_doubtful: list[bool] = field(default_factory=list)
    fields: dict[str, list[Value | None]] = field(default_factory=dict)

    def digests(self, sheet: Sheet, extra: Sequence[str], outlines: Sequence[str | None]) -> list[str]:
        """Return per row, in hex, 16 bytes that change whenever it says something else about the place."""
        texts = (self.name, self.address, self.category, self.phone, self.contact)
        said: list[Iterable[str]] = [map(quoted, column) for column in texts]
        said.append("null" if code is None else quoted(code) for code in self.uscc)
        said += [map(quoted, self.enterprise), map(quoted, self.building)]
        said += [self._flags(sheet), extra, self._members()]
        parts = zip(zip(*said, strict=True), outlines, strict=True)
        packed = (", ".join(row) + (f", {quoted(outline)}" if outline else "") for row, outline in parts)
        return [hashlib.sha256(f"[{row}]".encode()).hexdigest()[:32] for row in packed]

    def _flags(self, sheet: Sheet) -> list[str]:
        flags = ["[]"] * len(sheet)
        for row, known in sheet.flags.items():
            flags[row] = json.dumps(sorted(known))
        return flags

    def _members(self) -> list[str]:
        """Return the fields of each row as JSON, in the order of their names."""
        columns = [
            [value.member if value else "" for value in self.fields[name]] for name in sorted(self.fields)
        ]
        if not columns:
            return ["{}"] * len(self.name)
        return ["{" + ", ".join(filter(None, row)) + "}" for row in zip(*columns, strict=True)]


class PlaceMaker:
    """Makes places of the rows of one file, by the layer's declaration and the file's plan."""

    def __init__(self, layer: Layer, plan: Plan, month_days: float) -> None:
        self._layer = layer
        self._plan = plan
        self._own = {f.name: f for f in layer.fields if f.name in plan.place}
        self._read = {
            name: Memo(partial(_value, name, converter(layer, f, month_days), bool(f.code)))
            for name, f in self._own.items()
        }
        self._keeps = keeps(plan)
        self._categories = choice_words(layer.categories, layer.intake.values.get("category", {}))
        self._has_other = any(choice.value == OTHER for choice in layer.categories)
        self._trades = Memo(self._category)
        self._firms = Memo(_firm)
        self._searched = searched_fields(layer)
        self._implied = [
            (f.name, choice.value, choice.implies)
            for f in self._own.values()
            for choice in f.choices
            if choice.implies
        ]
        self._rising = [(f.above, f.name) for f in layer.fields if f.above]

    def make(self, sheet: Sheet) -> Places:
        """Return the places of rows that have a name."""
        given = sheet.known("external_id")
        hashed = [not key for key in given]
        places = Places(
            external_id=[key or self._natural_key(sheet, row) for row, key in enumerate(given)],
            hashed=hashed,
            source=["" if made else said for said, made in zip(sheet.known("source"), hashed, strict=True)],
            name=sheet.known("name"),
            address=sheet.known("address"),
            phone=sheet.known("phone"),
            contact=sheet.known("contact"),
            enterprise=sheet.known("enterprise"),
            building=sheet.known("building"),
        )
        for header, at in self._keeps:
            sheet.keep_under(header, sheet.known_at(at))
        self._read_categories(places, sheet)
        self._read_enterprises(places, sheet)
        self._read_fields(places, sheet)
        self._add_implied(places)
        self._drop_contradictions(places, sheet)
        return places

    def searched(self, places: Places, areas: Sequence[Sequence[str]], numbers: Sequence[str]) -> list[str]:
        """Return the text each place is found by: name, address, areas, public texts, credit code, its number."""
        texts = [_words(places.fields[name]) for name in self._searched if name in places.fields]
        rows = zip(places.name, places.address, places.enterprise, places.uscc, numbers, strict=True)
        called = zip(*texts, strict=True) if texts else repeat(())
        return [
            search_text(name, address, enterprise, uscc or "", number, called=(*area, *words))
            for (name, address, enterprise, uscc, number), area, words in zip(
                rows, areas, called, strict=False
            )
        ]

    def _keep(self, sheet: Sheet, name: str, rows: Iterable[int]) -> None:
        """Keep what cells of a field say under the name of its column, where the file has one."""
        if name in self._plan.place:
            sheet.keep(rows, self._plan.place[name])

    def _read_categories(self, places: Places, sheet: Sheet) -> None:
        meant = self._trades.of(sheet.known("category"))
        places.category = [trade.value for trade in meant]
        self._keep(sheet, "category", [row for row, trade in enumerate(meant) if trade.kept])
        sheet.flag((row for row, trade in enumerate(meant) if trade.unknown), "category_unknown")

    def _category(self, said: str) -> _Category:
        found = self._category_of(said) if said else ""
        unknown = bool(said) and not found
        return _Category(OTHER if unknown and self._has_other else found, found != said, unknown)

    def _category_of(self, said: str) -> str:
        """Return the category of a cell; of several types (`a;b|c;d`) the first that is known: the main one."""
        for part in [said, *said.split("|")]:
            if exact := self._categories.get(fold(part)):
                return exact
        return next(
            (found for part in said.split("|") if (found := self._layer.intake.category_of(part))), ""
        )

    def _read_enterprises(self, places: Places, sheet: Sheet) -> None:
        firms = self._firms.of(sheet.known("uscc"))
        places.uscc, places.uscc_doubtful = [code for code, _ in firms], [doubtful for _, doubtful in firms]
        doubtful_rows = [row for row, doubtful in enumerate(places.uscc_doubtful) if doubtful]
        sheet.flag(doubtful_rows, "uscc_doubtful")
        self._keep(sheet, "uscc", doubtful_rows)
        if not self._plan.own:
            self._keep(sheet, "enterprise", [row for row, code in enumerate(places.uscc) if code is None])
        self._keep(sheet, "building", range(len(sheet)))

    def _read_fields(self, places: Places, sheet: Sheet) -> None:
        for name, memo in self._read.items():
            values = memo.of(sheet.column(self._plan.place[name]))
            places.fields[name] = list(values)
            flagged = [(row, value.flag) for row, value in enumerate(values) if value.flag]
            for row, flag in flagged:
                sheet.flag([row], flag)
            self._keep(sheet, name, [row for row, flag in flagged if flag == UNREADABLE])

    def _add_implied(self, places: Places) -> None:
        """Give other fields the value that a choice implies, where the row says nothing of them."""
        for name, chosen, implied in self._implied:
            rows = [row for row, value in enumerate(places.fields[name]) if value and value.is_ == chosen]
            for other, given in implied.items() if rows else ():
                column = places.fields.setdefault(other, [None] * len(places.name))
                for row in rows:
                    if (known := column[row]) is None or known.is_ is None:
                        column[row] = _known_value(other, given)

    def _drop_contradictions(self, places: Places, sheet: Sheet) -> None:
        """Take back two values of which one ought to exceed the other and does not."""
        for low, high in self._rising:
            if low in places.fields and high in places.fields:
                wrong = _not_rising(places.fields[low], places.fields[high])
                for name in (low, high):
                    for row in wrong:
                        places.fields[name][row] = _known_value(name, None)
                    self._keep(sheet, name, wrong)
                sheet.flag(wrong, UNREADABLE)

    def _natural_key(self, sheet: Sheet, row: int) -> str:
        unit = self._layer.intake.unit_key
        stated = unit and all(sheet.known(name)[row] for name in unit)
        names = unit if stated else self._layer.intake.natural_key
        said = "\x1f".join(_key_part(name, sheet.known(name)[row]) for name in names)
        return "key-" + hashlib.sha256(said.encode()).hexdigest()[:24]


def _key_part(name: str, said: str) -> str:
    cell = fold(said)
    if name in {"lon", "lat"}:
        try:
            return f"{float(cell):.{_METRE_TENTH}f}"
        except ValueError:
            return cell
    return cell


def _value(name: str, convert: Converter, is_code: bool, cell: str) -> Value:
    """Return what a cell of a field says; a credit code is written as such codes are."""
    if is_null(cell):
        return _known_value(name, None)
    try:
        value = convert(cell)
    except UnreadableError:
        return _known_value(name, None)._replace(flag=UNREADABLE)
    return _code_value(name, str(value)) if is_code and value else _known_value(name, value)


def _code_value(name: str, said: str) -> Value:
    code = _code(said)
    return _known_value(name, code)._replace(flag="" if check_uscc(code).ok else "uscc_doubtful")


def _known_value(name: str, value: Converted) -> Value:
    member = f"{quoted(name)}: {json.dumps(value, default=str)}"
    return Value(value, None if value is None else copied(value), member)


def _code(said: str) -> str:
    return "".join(unicodedata.normalize("NFKC", said).upper().split())


def _firm(said: str) -> tuple[str | None, bool]:
    """Return the credit code of a cell where it has the length of one, and whether it is doubtful."""
    code = _code(said)
    return (code if len(code) == _USCC_LENGTH else None), bool(code) and not check_uscc(code).ok


def _words(values: Iterable[Value | None]) -> list[str]:
    """Return the texts of a field that are short enough to be looked for."""
    words = (str(value.is_) if value and value.is_ else "" for value in values)
    return [word if len(word) <= _LONGEST_SEARCHED else "" for word in words]


def _not_rising(low: Sequence[Value | None], high: Sequence[Value | None]) -> list[int]:
    """Return the rows that know two values of which the second does not exceed the first."""
    pairs: list[tuple[Any, Any]] = [
        (a.is_ if a else None, b.is_ if b else None) for a, b in zip(low, high, strict=True)
    ]
    return [row for row, (a, b) in enumerate(pairs) if a is not None and b is not None and a >= b]
