"""A row of a table as a place: converted, with what could not be read kept in its own words."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from data.intake.dates import UnreadableError
from data.intake.mapping import Plan
from data.intake.values import Converted, choice_words, converter, fold, is_null, known
from data.search_text import search_text, searched_fields
from layers.core.identifiers import check_uscc
from layers.core.spec import Layer
from layers.core.text import Text

NAMELESS: Final = Text("缺少名称；请补全后重新导入", "The name is missing; fill it in and import again")
OTHER: Final = "other"
_LONGEST_SEARCHED: Final = 60
_USCC_LENGTH: Final = 18
_METRE_TENTH: Final = 6  # decimals of a degree


@dataclass(slots=True)
class PlaceRow:
    """A place as one row describes it, without position. `hashed`: its id is made from its natural key.

    `source`: whose number its id is, "" for that of the whole file.
    """

    external_id: str
    hashed: bool
    name: str
    source: str = ""
    address: str = ""
    category: str = ""
    phone: str = ""
    contact: str = ""
    uscc: str | None = None
    uscc_doubtful: bool = False
    enterprise: str = ""
    building: str = ""
    outline: str | None = None
    flags: set[str] = field(default_factory=set)
    extra: dict[str, str] = field(default_factory=dict)
    fields: dict[str, Converted] = field(default_factory=dict)

    @property
    def digest(self) -> bytes:
        """16 bytes that change whenever the row says something else about the place."""
        said: list[Any] = [self.name, self.address, self.category, self.phone, self.contact, self.uscc]
        said += [self.enterprise, self.building, sorted(self.flags), self.extra, self.fields]
        said += [self.outline] if self.outline else []
        packed = json.dumps(said, ensure_ascii=True, sort_keys=True, default=str)
        return hashlib.sha256(packed.encode()).digest()[:16]


class PlaceMaker:
    """Makes places of the rows of one file, by the layer's declaration and the file's plan."""

    def __init__(self, layer: Layer, plan: Plan, month_days: float) -> None:
        self._layer = layer
        self._plan = plan
        self._own = [
            (f.name, plan.place[f.name], converter(layer, f, month_days))
            for f in layer.fields
            if f.name in plan.place
        ]
        self._categories = choice_words(layer.categories, layer.intake.values.get("category", {}))
        self._has_other = any(choice.value == OTHER for choice in layer.categories)
        self._searched = searched_fields(layer)
        self._coded = [f.name for f in layer.fields if f.code and f.name in plan.place]
        self._implied = [
            (f.name, choice.value, choice.implies)
            for f in layer.fields
            for choice in f.choices
            if choice.implies and f.name in plan.place
        ]
        self._rising = [(f.above, f.name) for f in layer.fields if f.above]

    def make(self, cells: list[str]) -> PlaceRow | Text:
        """Return the place of a row, or why there is none."""
        name = self._known("name", cells)
        if not name:
            return NAMELESS
        given = self._known("external_id", cells)
        place = PlaceRow(given or self._natural_key(cells), not given, name)
        place.source = self._known("source", cells) if given else ""
        place.address = self._known("address", cells)
        place.phone, place.contact = self._known("phone", cells), self._known("contact", cells)
        self._read_extra(place, cells)
        self._read_category(place, cells)
        self._read_enterprise(place, cells)
        self._read_fields(place, cells)
        self._check_codes(place)
        self._add_implied(place)
        self._drop_contradictions(place, cells)
        return place

    def searched(self, place: PlaceRow, areas: Sequence[str], *others: str) -> str:
        """Return the text a place is found by: name, address, areas, public texts, credit code, other numbers."""
        words = [str(value) for name in self._searched if (value := place.fields.get(name))]
        called = [*areas, *(word for word in words if len(word) <= _LONGEST_SEARCHED)]
        numbers = (place.enterprise, place.uscc or "", *others)
        return search_text(place.name, place.address, *numbers, called=called)

    def _known(self, name: str, cells: list[str]) -> str:
        position = self._plan.place.get(name)
        return known(cells[position]) if position is not None else ""

    def _keep(self, place: PlaceRow, name: str, cells: list[str]) -> None:
        """Keep what a cell says, word by word, under the name of its column."""
        if said := self._known(name, cells):
            place.extra[self._plan.columns[self._plan.place[name]]] = said

    def _read_extra(self, place: PlaceRow, cells: list[str]) -> None:
        for header, position in self._plan.extra:
            if said := known(cells[position]):
                place.extra[known(header) or f"column {position + 1}"] = said

    def _read_category(self, place: PlaceRow, cells: list[str]) -> None:
        said = self._known("category", cells)
        if not said:
            return
        place.category = self._category(said)
        if place.category != said:
            self._keep(place, "category", cells)
        if not place.category:
            place.category = OTHER if self._has_other else ""
            place.flags.add("category_unknown")

    def _category(self, said: str) -> str:
        """Return the category of a cell; of several types (`a;b|c;d`) the first that is known: the main one."""
        for part in [said, *said.split("|")]:
            if exact := self._categories.get(fold(part)):
                return exact
        return next(
            (found for part in said.split("|") if (found := self._layer.intake.category_of(part))), ""
        )

    def _read_enterprise(self, place: PlaceRow, cells: list[str]) -> None:
        place.enterprise, place.building = self._known("enterprise", cells), self._known("building", cells)
        code = "".join(unicodedata.normalize("NFKC", self._known("uscc", cells)).upper().split())
        if code:
            place.uscc_doubtful = not check_uscc(code).ok
            place.uscc = code if len(code) == _USCC_LENGTH else None
        if place.uscc_doubtful:
            place.flags.add("uscc_doubtful")
            self._keep(place, "uscc", cells)
        if place.uscc is None and not self._plan.own:
            self._keep(place, "enterprise", cells)
        self._keep(place, "building", cells)

    def _read_fields(self, place: PlaceRow, cells: list[str]) -> None:
        for name, position, convert in self._own:
            cell = cells[position]
            if is_null(cell):
                place.fields[name] = None
                continue
            try:
                place.fields[name] = convert(cell)
            except UnreadableError:
                place.fields[name] = None
                place.flags.add("value_unreadable")
                self._keep(place, name, cells)

    def _check_codes(self, place: PlaceRow) -> None:
        """Write credit codes as they are written, and flag those whose check fails."""
        for name in self._coded:
            if said := place.fields.get(name):
                code = "".join(unicodedata.normalize("NFKC", str(said)).upper().split())
                place.fields[name] = code
                if not check_uscc(code).ok:
                    place.flags.add("uscc_doubtful")

    def _add_implied(self, place: PlaceRow) -> None:
        """Give other fields the value that a choice implies, where the row says nothing of them."""
        for name, value, implied in self._implied:
            if place.fields.get(name) == value:
                place.fields |= {n: v for n, v in implied.items() if place.fields.get(n) is None}

    def _drop_contradictions(self, place: PlaceRow, cells: list[str]) -> None:
        """Take back two values of which one ought to exceed the other and does not."""
        for low, high in self._rising:
            values: Any = (place.fields.get(low), place.fields.get(high))
            if None not in values and values[0] >= values[1]:
                place.fields[low] = place.fields[high] = None
                place.flags.add("value_unreadable")
                self._keep(place, low, cells)
                self._keep(place, high, cells)

    def _natural_key(self, cells: list[str]) -> str:
        unit = self._layer.intake.unit_key
        names = (
            unit
            if unit and all(self._known(name, cells) for name in unit)
            else self._layer.intake.natural_key
        )
        said = "\x1f".join(self._key_part(name, cells) for name in names)
        return "key-" + hashlib.sha256(said.encode()).hexdigest()[:24]

    def _key_part(self, name: str, cells: list[str]) -> str:
        cell = fold(self._known(name, cells))
        if name in {"lon", "lat"}:
            try:
                return f"{float(cell):.{_METRE_TENTH}f}"
            except ValueError:
                return cell
        return cell
