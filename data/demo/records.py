"""Rows of the demo city, collected with ids of their own and written by COPY once all are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from data.areas import reference_districts
from data.copy import copy_rows
from data.demo.frame import FloatArray
from data.demo.land import SUBDISTRICTS
from data.search_text import area_words, search_text, searched_fields
from data.tables import registry

SOURCE = "demo"
COLUMNS: dict[str, tuple[str, ...]] = {
    "enterprise": ("id", "uscc", "name", "dormancy", "service_address"),
    "building": ("id", "name", "address", "floors", "footprint", "source", "external_id"),
    "place": (
        "id", "layer", "source", "external_id", "name", "address", "area_code", "category", "phone", "contact",
        "geom", "outline", "enterprise_id", "building_id", "search_text", "created_at",
    ),
    "permit": (
        "id", "place_id", "source", "external_id", "kind", "number", "state", "valid_from", "valid_to",
        "renewal_applied_on", "applied_on", "decided_on", "issued_on", "issuer", "quantity", "basis", "notice_posted",
    ),
    "permit_document": ("permit_id", "kind", "received_on", "spared", "sealed_by"),
    "permit_night": ("permit_id", "period"),
    "inspection": (
        "id", "place_id", "source", "external_id", "kind", "at", "result", "grade", "critical", "serious", "minor",
        "follow_up_due", "note", "inspector", "second_inspector", "check_code", "level", "published_on",
    ),
    "building_unit": ("building_id", "unit", "floor", "area_m2", "premises", "barred"),
    "title_paper": ("building_id", "unit", "kind", "number", "checked_on"),
    "tenancy": (
        "id", "building_id", "source", "external_id", "unit", "tenant", "landlord", "sublet_of", "enterprise_id",
        "state", "period", "registered", "exclusive",
    ),
    "case": (
        "id", "place_id", "source", "external_id", "kind", "nature", "title", "stage", "reporter", "opened_at",
        "accepted_on", "due_at", "closed_at",
    ),
    "credit_record": (
        "id", "enterprise_id", "source", "external_id", "number", "severity", "act", "decision", "authority",
        "decided_on", "published_on", "corrected_on", "withdrawn_on", "correction", "corrected_by",
    ),
    "credit_repair": (
        "id", "record_id", "applicant", "fulfilled", "pledged", "applied_on", "district_on", "city_on", "nation_on",
        "granted_on", "refused_on", "refusal", "decided_by",
    ),
    "reading": ("place_id", "at", "working", "leq_db", "lmax_db"),
    "basemap_feature": ("id", "kind", "rank", "name", "min_zoom", "geom"),
    **{f"layer_{layer.id}": ("place_id", *(field.name for field in layer.fields)) for layer in registry},
}  # fmt: skip
_KEYS = {
    "place_id": "place", "enterprise_id": "enterprise", "building_id": "building", "permit_id": "permit",
    "sublet_of": "tenancy", "record_id": "credit_record",
}  # fmt: skip
_PREFIX = {
    "permit": "P",
    "inspection": "V",
    "tenancy": "T",
    "case": "C",
    "building": "B",
    "credit_record": "K",
}


class Records:
    """What will be written: rows per table, each numbered from 1; numbers become ids when the rows are written."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self.before: dict[str, int] = {}  # per table the id before the first, known once written

    def add(self, table: str, **values: Any) -> int:
        """Add a row and return its number; tables with a source get `demo` and a running external id."""
        number = len(self.rows[table]) + 1
        known: dict[str, Any] = {"id": number, "source": SOURCE, **values}
        if table in _PREFIX:
            known.setdefault("external_id", f"{_PREFIX[table]}{number:06d}")
        self.rows[table].append(tuple(known.get(column, _DEFAULTS.get(column)) for column in COLUMNS[table]))
        return number

    def place(self, layer: str, fields: dict[str, Any], **values: Any) -> int:
        """Add a place of a layer with the layer's own fields; returns its number."""
        values.setdefault("external_id", f"{layer[0].upper()}{len(self.rows['layer_' + layer]) + 1:06d}")
        words = [str(fields[name]) for name in searched_fields(registry[layer]) if fields.get(name)]
        called = [*area_words(values.get("area_code", ""), _area_names()), *words]
        values["search_text"] = search_text(values["name"], values["address"], called=called)
        number = self.add("place", layer=layer, **values)
        self.add(f"layer_{layer}", place_id=number, **fields)
        return number

    def named(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of a table so far, as column -> value."""
        return [dict(zip(COLUMNS[table], row, strict=True)) for row in self.rows[table]]

    def count(self, table: str) -> int:
        """Return how many rows a table will get."""
        return len(self.rows[table])

    def ids(self, table: str) -> tuple[int, int]:
        """Return the first and the last id of the rows of a table, once they are written."""
        return self.before[table] + 1, self.before[table] + self.count(table)

    def write(self, connection: Connection) -> dict[str, int]:
        """Append all rows in the caller's transaction; returns how many per table."""
        for table, columns in COLUMNS.items():
            if "id" in columns:
                self.before[table] = reserve(connection, table, self.count(table))
        for table, columns in COLUMNS.items():
            copy_rows(connection, table, columns, self._shifted(table))
        return {table: self.count(table) for table in COLUMNS}

    def _shifted(self, table: str) -> Iterable[Sequence[Any]]:
        shifts = [
            (index, self.before[table if column == "id" else _KEYS[column]])
            for index, column in enumerate(COLUMNS[table])
            if column == "id" or column in _KEYS
        ]
        for row in self.rows[table]:
            cells = list(row)
            for index, shift in shifts:
                if cells[index] is not None:
                    cells[index] += shift
            yield cells


_DEFAULTS: dict[str, Any] = {
    "address": "", "area_code": "", "category": "", "phone": "", "contact": "", "number": "", "state": "granted",
    "basis": "", "grade": "", "critical": 0, "serious": 0, "minor": 0, "note": "", "inspector": "", "reporter": "",
    "issuer": "", "quantity": "", "second_inspector": "", "check_code": "", "level": "", "nature": "", "landlord": "",
    "service_address": "", "spared": False, "sealed_by": (), "unit": "", "premises": "", "barred": "",
    "refusal": "", "decided_by": "",
    "created_at": "2020-01-01T00:00+08:00", "registered": False, "exclusive": False, "rank": 1, "min_zoom": 0,
}  # fmt: skip


@cache
def _area_names() -> dict[str, str]:
    districts = {code: name for code, (name, _) in reference_districts().items()}
    return districts | {code: name for code, (name, _, _) in SUBDISTRICTS.items()}


def reserve(connection: Connection, table: str, count: int) -> int:
    """Take `count` ids of a table out of its sequence and return the one before the first."""
    if not count:
        return 0
    sequence = f"pg_get_serial_sequence('\"{table}\"', 'id')"
    last = connection.scalar(text(f"SELECT setval({sequence}, nextval({sequence}) + {count - 1})"))
    return int(last or 0) - count


def points_wkb(degrees: FloatArray) -> list[str]:
    """Return (n, 2) lon/lat as hex EWKB points."""
    return list(shapely.to_wkb(shapely.set_srid(shapely.points(degrees), 4326), hex=True, include_srid=True))


def shape_wkb(shape: BaseGeometry) -> str:
    """Return a geometry in lon/lat as hex EWKB."""
    return str(shapely.to_wkb(shapely.set_srid(shape, 4326), hex=True, include_srid=True))


def weighted(rng: np.random.Generator, weights: FloatArray, count: int) -> np.ndarray:
    """Return the indices of `count` items drawn without repetition, heavier ones more likely, in rising order."""
    with np.errstate(divide="ignore"):
        keys = np.log(weights) + rng.gumbel(size=len(weights))
    count = min(count, int(np.count_nonzero(weights > 0)))
    return np.sort(np.argpartition(-keys, count - 1)[:count]) if count else np.empty(0, int)
