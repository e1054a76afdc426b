"""An export as GeoParquet 1.1: typed columns, a group of rows for each batch, points as WKB.

Without a word on it the coordinate system of such a file is WGS-84 with the longitude first; that of GCJ-02 and BD-09
is unknown (null), and their datum stands in a column.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from data.export_columns import Column
from data.exports import Export, Row
from geo.datum import Datum
from layers.core.reasons import describe
from layers.core.text import Language

_POSITION = ("lon", "lat")
_CGCS2000 = "EPSG:4490"


def write_parquet(path: Path, export: Export, about: Sequence[tuple[str, Any]], language: Language) -> None:
    """Write the file of an export, batch by batch; `about` is what a reader must know of it."""
    from pyarrow import Table, binary, schema
    from pyarrow.parquet import ParquetWriter

    columns = [column for column in export.columns if column.name not in _POSITION]
    told = {"geo": _geo(export.datum), "about": json.dumps(dict(about), ensure_ascii=False)}
    fields = [*((column.name, _type(column)) for column in columns), ("geometry", binary())]
    shape = schema(fields, metadata=told)
    with ParquetWriter(path, shape) as writer:
        for batch in export.batches:
            cells: dict[str, Any] = {
                c.name: [_value(c, row.get(c.name), language) for row in batch] for c in columns
            }
            writer.write_table(Table.from_pydict(cells | {"geometry": _points(batch)}, schema=shape))


def _points(batch: Sequence[Row]) -> list[bytes]:
    import shapely

    points = shapely.points([row["lon"] for row in batch], [row["lat"] for row in batch])
    return list(shapely.to_wkb(points))


def _geo(datum: Datum) -> str:
    """Return what GeoParquet says of the column with the points."""
    points: dict[str, Any] = {"encoding": "WKB", "geometry_types": ["Point"], **_system(datum)}
    return json.dumps({"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": points}})


def _system(datum: Datum) -> Mapping[str, Any]:
    """Return the coordinate system of a datum: none said is WGS-84, null is unknown."""
    if datum is Datum.WGS84:
        return {}
    if datum is not Datum.CGCS2000:
        return {"crs": None}
    from pyproj import CRS

    return {"crs": CRS.from_user_input(_CGCS2000).to_json_dict()}


def _type(column: Column) -> Any:
    import pyarrow

    kinds = {
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "boolean": pyarrow.bool_(),
        "date": pyarrow.date32(),
        "moment": pyarrow.timestamp("us", tz="UTC"),
        "list": pyarrow.list_(pyarrow.string()),
    }
    return kinds.get(column.kind, pyarrow.string())


def _value(column: Column, value: Any, language: Language) -> Any:
    if value is None or value == "":
        return None
    if column.kind == "reason":
        return describe(value["code"], value["params"], language)
    return date.fromisoformat(value) if column.kind == "date" else value
