"""All tables: the spine, books, credit, draws, cases, and those derived from the layers, one each with its own fields.

Importing this module completes `metadata`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, CheckConstraint, Column, Date, Float, Integer, Table, Text
from sqlalchemy.types import TypeEngine

from data import books, case_tables, casebook_tables, credit_tables, delivery_tables, draw_tables
from data.spine import made, metadata, of_place, registry
from layers.core.hours import NORMAL_FORM
from layers.core.spec import Field, FieldType, Layer

__all__ = [
    "HISTORY_TABLES",
    "books",
    "case_tables",
    "casebook_tables",
    "credit_tables",
    "delivery_tables",
    "draw_tables",
    "layer_tables",
    "metadata",
    "registry",
]

_TYPES: dict[FieldType, TypeEngine[Any]] = {
    FieldType.HOURS: Text(),
    FieldType.CLOCK: Integer(),
    FieldType.TEXT: Text(),
    FieldType.INTEGER: Integer(),
    FieldType.NUMBER: Float(),
    FieldType.BOOLEAN: Boolean(),
    FieldType.DATE: Date(),
    FieldType.CHOICE: Text(),
    FieldType.CHOICES: ARRAY(Text),
}


def _checks(field: Field) -> list[CheckConstraint]:
    rules = {field.name: " AND ".join(_bounds(field)), f"{field.name}_above": _above(field)}
    return [CheckConstraint(rule, name=name) for name, rule in rules.items() if rule]


def _bounds(field: Field) -> list[str]:
    bounds = [f"{field.name} >= {field.minimum:g}"] if field.minimum is not None else []
    bounds += [f"{field.name} <= {field.maximum:g}"] if field.maximum is not None else []
    values = ",".join(f"'{choice.value}'" for choice in field.choices)
    if field.type is FieldType.HOURS:
        bounds.append(f"{field.name} ~ '{NORMAL_FORM}'")
    if field.type is FieldType.CHOICE:
        bounds.append(f"{field.name} IN ({values})")
    if field.type is FieldType.CHOICES:
        bounds.append(f"{field.name} <@ ARRAY[{values}]")
    return bounds


def _above(field: Field) -> str:
    return f"{field.name} > {field.above}" if field.above else ""


def _layer_table(layer: Layer) -> Table:
    """Make a layer's table; each row repeats the layer, so that a key can hold it to a place of that layer."""
    columns = [Column(field.name, _TYPES[field.type]) for field in layer.fields]
    checks = [check for field in layer.fields for check in _checks(field)]
    checks.append(CheckConstraint(f"layer = '{layer.id}'", name="layer"))
    key: Column[int] = Column("place_id", BigInteger, primary_key=True, autoincrement=False)
    own: Column[str] = Column("layer", Text, nullable=False, server_default=layer.id)
    return Table(f"layer_{layer.id}", metadata, key, *columns, own, *made(), of_place(), *checks)


layer_tables: dict[str, Table] = {layer.id: _layer_table(layer) for layer in registry}
HISTORY_TABLES = (
    "place",
    "building",
    "building_unit",
    "title_paper",
    "enterprise",
    "permit",
    "permit_night",
    "permit_document",
    "inspection",
    "tenancy",
    "case",
    "reading",
    "credit_record",
    "credit_repair",
    "place_status",
    "source_file",
    "app_user",
    "area",
    *(table.name for table in layer_tables.values()),
)
