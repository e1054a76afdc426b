"""What a layer declares: a frozen value without functions, SQL or screen code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from layers.core.access import FieldClass
from layers.core.text import Text

Value = str | int | float | bool | None


class FieldType(StrEnum):
    """The types a field of a layer can have; `choices` is a set of choice values."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    CLOCK = "clock"  # minutes after midnight
    HOURS = "hours"  # opening hours by weekday, see `layers.core.hours`


NUMBERS = frozenset(
    {FieldType.INTEGER, FieldType.NUMBER, FieldType.CLOCK}
)  # what can be asked for in a range


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a choice field and its words; `implies` gives other fields a value where nothing is known."""

    value: str
    title: Text
    implies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column of a layer's own table. `visible_to` tells how far it may travel.

    `above` names the field of the same layer that this one must exceed where both are known; `code` says that
    the text is a credit code, which is checked when it comes in.
    """

    name: str
    type: FieldType
    title: Text
    visible_to: FieldClass = FieldClass.OFFICIAL
    unit: Text | None = None
    choices: tuple[Choice, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    above: str = ""
    mask: Literal["phone", "identity", "person"] | None = None
    code: Literal["uscc"] | None = None


@dataclass(frozen=True, slots=True)
class When:
    """A condition on a place: `field` is `category` or one of the layer's fields."""

    field: str
    operator: Literal["is", "in", "not_in", "true"]
    value: Value | tuple[Value, ...] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A paper that an application needs: whether the parties seal it, and whether a repeated application needs it."""

    kind: str
    title: Text
    sealed: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitSpec:
    """A kind of permit; required when *all* conditions hold, optional when `required` is None.

    `number` says that its number is one of a food permit (`JY`), which is checked when it comes in.
    """

    kind: str
    title: Text
    required: tuple[When, ...] | None = ()
    visible_to: FieldClass = FieldClass.PUBLIC
    number: Literal["jy"] | None = None
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionSpec:
    """A kind of inspection that happens on the places of a layer."""

    kind: str
    title: Text
    visible_to: FieldClass = FieldClass.OFFICIAL


@dataclass(frozen=True, slots=True)
class Symbol:
    """How a place is drawn apart from its tier: never a colour."""

    glyph: Literal["shop", "breakfast", "night", "building", "office"] | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number that no column holds but that follows from columns by a formula of `layers.core.measures`."""

    name: str
    formula: Literal["desks", "month_total"]
    title: Text
    unit: Text


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of the bar and a facet of the API, on `category`, one of the layer's fields or a measure.

    A measure is asked for by one number, which it is to reach (`at_least`) or not to pass (`at_most`).
    """

    field: str
    operator: Literal["one_of", "any_of", "between", "true", "at_least", "at_most"] = "one_of"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordColumns:
    """Columns of a file that become a record beside the place.

    `columns` maps a field of the record to accepted column names; `values` maps, per field, what files say
    (compared without case) to our value.
    """

    kind: str
    columns: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What files of this layer look like.

    `columns` maps a field (of the spine or the layer) to accepted column names, compared without case, space
    and trailing colon; `natural_key` are the fields whose hash is the external id where the file has none,
    `unit_key` those that are used instead where a row states all of them.
    `category_keywords` turns what a cell says into a category: the first category (in the order given) with a
    keyword in the cell, see `category_of`. `values` maps, per field, what files say to our value.
    """

    columns: Mapping[str, tuple[str, ...]]
    natural_key: tuple[str, ...]
    unit_key: tuple[str, ...] = ()
    category_keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    permit: RecordColumns | None = None
    inspection: RecordColumns | None = None

    def category_of(self, cell: str) -> str:
        """Return the category a cell speaks of, "" if none.

        Keywords are compared without case; Latin ones match whole words: `bar` is not in `barber`.
        """
        for category, words in self.category_keywords.items():
            if _any_of(words).search(cell):
                return category
        return ""


@lru_cache(maxsize=512)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    parts = (rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in words)
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class On:
    """A view the layer appears on: rank orders the layers there; `panel`: its states are counted in a panel."""

    view: Literal["ops", "field", "offices", "breakfast", "tonight", "buildings"]
    rank: int = 0
    panel: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Which fields say when a place is open: a window of minutes, the days without it, and hours by weekday."""

    opens: str
    closes: str
    closed_on: str
    by_day: str

    @property
    def fields(self) -> tuple[str, ...]:
        """Return their names, in the order that `layers.core.hours.weekly` takes the values."""
        return self.opens, self.closes, self.closed_on, self.by_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A kind of thing in the city, fully described: storage, map, card, filters, import follow it."""

    id: str
    title: Text
    noun: Text
    category: Text
    categories: tuple[Choice, ...]
    fields: tuple[Field, ...]
    permits: tuple[PermitSpec, ...] = ()
    inspections: tuple[InspectionSpec, ...] = ()
    states: tuple[Choice, ...] = ()
    rules: str
    symbol: Symbol
    card: tuple[str, ...]
    filters: tuple[Filter, ...] = ()
    measures: tuple[Measure, ...] = ()
    indexed: tuple[
        str, ...
    ] = ()  # fields beside those of filters that measures and matches are computed from
    intake: Intake
    opening: Opening | None = None
    readable_by: FieldClass = FieldClass.OFFICIAL
    tier_visible_to: FieldClass = FieldClass.OFFICIAL
    status_visible_to: FieldClass = FieldClass.PUBLIC
    open_data: bool = False  # whether anybody may take what the public reads out as a file
    on: tuple[On, ...] = ()

    def field_named(self, name: str) -> Field | None:
        """Return one of the layer's own fields."""
        return next((f for f in self.fields if f.name == name), None)

    def measure_named(self, name: str) -> Measure | None:
        """Return one of the layer's measures."""
        return next((m for m in self.measures if m.name == name), None)

    def permit_of(self, kind: str) -> PermitSpec | None:
        """Return the specification of a kind of permit."""
        return next((p for p in self.permits if p.kind == kind), None)

    def shown_on(self, view: str) -> On | None:
        """Return where the layer stands on a view, or None."""
        return next((on for on in self.on if on.view == view), None)
