"""The columns of an export: their names, what their values are, and to whom they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from layers.core.access import FieldClass
from layers.core.records import RECORD_FIELDS
from layers.core.spec import Field, FieldType, Layer
from layers.core.text import Text

Kind = Literal["text", "integer", "number", "boolean", "date", "moment", "list", "reason"]

# What people call the number of a place. No other file has it: an import knows by it, and by the names of a few
# columns, what Yiping itself has written.
NUMBER: Final = Text("一屏编号", "Yiping number")
_KINDS: Mapping[FieldType, Kind] = {
    FieldType.TEXT: "text",
    FieldType.CHOICE: "text",
    FieldType.HOURS: "text",
    FieldType.INTEGER: "integer",
    FieldType.CLOCK: "integer",
    FieldType.NUMBER: "number",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.CHOICES: "list",
}
_PLACE = ("name", "address", "category", "area_code", "district", "street")
_BESIDE: Mapping[str, Kind] = {  # of what every place has, see `RECORD_FIELDS`
    "building": "text",
    "enterprise": "text",
    "uscc": "text",
    "contact": "text",
    "phone": "text",
    "source": "text",
    "external_id": "text",
    "flags": "list",
    "updated_at": "moment",
    "next_change": "moment",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, what its values are, and the layer's own field where it is one."""

    name: str
    kind: Kind
    field: Field | None = None


def columns_of(layer: Layer, reads: frozenset[FieldClass]) -> tuple[Column, ...]:
    """Return the columns of a layer for who reads some classes of fields anywhere in it."""
    place = [Column("id", "integer"), *(Column(name, "text") for name in _PLACE)]
    judged: list[tuple[Column, FieldClass]] = [
        (Column("tier", "text"), layer.tier_visible_to),
        (Column("under_review", "boolean"), layer.tier_visible_to),
        (Column("tier_reason", "reason"), layer.tier_visible_to),
        (Column("status", "text"), layer.status_visible_to),
        (Column("state", "text"), FieldClass.OFFICIAL),
    ]
    position = [Column("lon", "number"), Column("lat", "number"), Column("datum", "text")]
    fields = [(Column(f.name, _KINDS[f.type], f), f.visible_to) for f in layer.fields]
    beside = [(Column(name, kind), RECORD_FIELDS["place"][name]) for name, kind in _BESIDE.items()]
    shown, own, more = ([column for column, of in part if of in reads] for part in (judged, fields, beside))
    taken = {column.name for column in own}
    return (*place, *shown, *position, *own, *(column for column in more if column.name not in taken))
