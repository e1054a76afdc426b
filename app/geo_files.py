"""An export as a file for maps: GeoJSON, GeoPackage and GeoParquet.

GeoJSON is WGS-84 and nothing else (RFC 7946). The others say their coordinate system; GCJ-02 and BD-09 have none that
a program could know, so theirs is "undefined" rather than a wrong one, and the datum stands in the description of the
layer and in a column of every row.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from app.parquet_files import write_parquet
from data.export_columns import Column
from data.exports import Export, Row
from geo.datum import Datum
from layers.core.reasons import describe
from layers.core.text import Language

GEO_FORMS = ("geojson", "gpkg", "parquet")
CRS: Mapping[Datum, str | None] = {
    Datum.WGS84: "EPSG:4326",
    Datum.CGCS2000: "EPSG:4490",
    Datum.GCJ02: None,
    Datum.BD09: None,
}
_POSITION = ("lon", "lat")
_UNDEFINED = "0"  # of GeoPackage: degrees of no named system
_UTC_FLAG = 100  # of GDAL
_CHUNK = 65_536
_TYPES = {"integer": "int64", "number": "float64", "boolean": "bool", "date": "datetime64[D]"}
_MISSING: Mapping[str, Any] = {"integer": 0, "number": 0.0, "boolean": False, "date": "NaT", "moment": "NaT"}


def geo_file_of(
    form: str, export: Export, about: Sequence[tuple[str, Any]], language: Language
) -> Iterator[bytes]:
    """Return the file of an export; `about` is what a reader must know of it."""
    return _geojson(export, language) if form == "geojson" else _packed(form, export, about, language)


def _geojson(export: Export, language: Language) -> Iterator[bytes]:
    yield b'{"type":"FeatureCollection","features":['
    between = ""
    for batch in export.batches:
        features = [json.dumps(_feature(export, row, language), ensure_ascii=False) for row in batch]
        yield (between + ",\n".join(features)).encode()
        between = ",\n"
    yield b"]}"


def _feature(export: Export, row: Row, language: Language) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [row["lon"], row["lat"]]}
    properties = {c.name: _json_value(c, row.get(c.name), language) for c in _columns(export)}
    return {"type": "Feature", "id": row["id"], "geometry": point, "properties": properties}


def _columns(export: Export) -> list[Column]:
    """Return the columns beside the geometry, which is the position."""
    return [column for column in export.columns if column.name not in _POSITION]


def _json_value(column: Column, value: Any, language: Language) -> Any:
    if column.kind == "reason" and value is not None:
        return describe(value["code"], value["params"], language)
    return value.isoformat() if isinstance(value, datetime) else value


def _packed(
    form: str, export: Export, about: Sequence[tuple[str, Any]], language: Language
) -> Iterator[bytes]:
    """Write a file and yield it; its name is gone before the first byte is sent, so that it never stays behind."""
    with TemporaryDirectory(prefix="yiping-export-") as folder:
        path = Path(folder) / f"export.{form}"
        write = _write_package if form == "gpkg" else write_parquet
        write(path, export, about, language)
        file = path.open("rb")
    with file:
        yield from _chunks(file)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _write_package(path: Path, export: Export, about: Sequence[tuple[str, Any]], language: Language) -> None:
    """Write a GeoPackage of one layer, batch by batch."""
    options = {"IDENTIFIER": export.layer.title.in_(language)}
    options["DESCRIPTION"] = "\n".join(f"{name}: {value}" for name, value in about)
    options |= {} if CRS[export.datum] else {"SRID": _UNDEFINED}
    written = False
    for batch in export.batches:
        _append(path, export, batch, language, None if written else options)
        written = True
    if not written:
        _append(path, export, [], language, options)


def _append(
    path: Path, export: Export, batch: Sequence[Row], language: Language, options: Mapping[str, str] | None
) -> None:
    import shapely
    from pyogrio.raw import write

    columns = _columns(export)
    points = shapely.points([row["lon"] for row in batch], [row["lat"] for row in batch])
    values = [[_flat(column, row.get(column.name), language) for row in batch] for column in columns]
    moments = [column.name for column in columns if column.kind == "moment"]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'crs' was not provided")  # meant so, see above
        write(
            path,
            np.asarray(shapely.to_wkb(points), object),
            [_array(column, cells) for column, cells in zip(columns, values, strict=True)],
            np.array([column.name for column in columns], object),
            field_mask=[_gaps(column, cells) for column, cells in zip(columns, values, strict=True)],
            gdal_tz_offsets={name: np.full(len(batch), _UTC_FLAG, np.int8) for name in moments},
            driver="GPKG",
            layer=export.layer.id,
            geometry_type="Point",
            crs=CRS[export.datum],
            append=options is None,
            layer_options=dict(options) if options is not None else None,
        )


def _flat(column: Column, value: Any, language: Language) -> Any:
    """Return a value as a column of a table holds it."""
    if value is None or value == "":
        return None
    if column.kind == "reason":
        return describe(value["code"], value["params"], language)
    if column.kind == "moment":
        return value.astimezone(UTC).replace(tzinfo=None)
    return ";".join(map(str, value)) if column.kind == "list" else value


def _array(column: Column, cells: Sequence[Any]) -> NDArray[Any]:
    """Return values as GDAL takes them; where there is none a stand-in, which `_gaps` names."""
    if column.kind == "moment":
        return np.array(["NaT" if cell is None else cell for cell in cells], "datetime64[ms]")
    if column.kind not in _TYPES:
        return np.array(cells, object)
    return np.array([_MISSING[column.kind] if cell is None else cell for cell in cells], _TYPES[column.kind])


def _gaps(column: Column, cells: Sequence[Any]) -> NDArray[np.bool_] | None:
    """Return bool[n], where there is no value; None where the values say so themselves."""
    if column.kind not in {"integer", "number", "boolean"}:
        return None
    return np.array([cell is None for cell in cells], np.bool_)
