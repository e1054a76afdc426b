"""Files as tables: one shape for CSV, XLSX, GeoJSON, GeoPackage and Shapefile, read in a stream."""

from __future__ import annotations

import codecs
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any, Final, TypeAlias
from zipfile import BadZipFile, ZipFile

from data.intake.errors import IntakeError
from data.intake.text_files import open_bytes, read_text, refuse_swelling, scan, sha256_of
from layers.core.text import Text

Row: TypeAlias = tuple[int, list[str]]

GEO_ENDINGS: Final = frozenset({".geojson", ".json", ".gpkg", ".shp"})
GEO_BATCH: Final = 10_000
MOST_COLUMNS: Final = 2_000
_PAGES: Final = (b"<!doctype html", b"<html", b"<head", b"<meta", b"<table")
_ZIP, _OLD_EXCEL, _SQLITE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"SQLite format 3"


@dataclass(frozen=True, slots=True)
class Table:
    """A file as a table of texts.

    `rows` yields (number, cells): the line of a text file, the row of a sheet, or the feature counted from
    one. `expected` is about how many rows there are. `located`: `lon` and `lat` are the first two columns,
    taken from the geometry in degrees of the datum the file is said to be in; `projected` tells that they
    were computed from a plane system and are WGS-84. `is_text`: a file of text, such as CSV, whose cells may be
    guarded against spreadsheet programs.
    """

    path: Path
    columns: tuple[str, ...]
    rows: Iterator[Row]
    expected: int | None
    sha256: str
    located: bool = False
    projected: bool = False
    is_text: bool = False


def open_table(path: Path) -> Table:
    """Open a file of any accepted kind. Raises IntakeError naming the file, the reason and the way out."""
    if not path.is_file():
        raise IntakeError(
            Text(f"{path}：没有这个文件；请核对路径。", f"{path}: there is no such file; check the path.")
        )
    try:
        with open_bytes(path) as handle:
            start = handle.read(1024)
    except OSError as error:
        why = error.strerror or error
        raise IntakeError(
            Text(f"{path.name}：文件无法打开（{why}）。", f"{path.name}: the file cannot be opened ({why}).")
        ) from error
    if start.startswith(_OLD_EXCEL):
        raise IntakeError(
            Text(
                f"{path.name}：这是旧版 Excel 格式；请另存为 .xlsx 或 CSV 后导入。",
                f"{path.name}: this is the old Excel format; save it as .xlsx or CSV and import that.",
            )
        )
    _refuse_pages(path, start)
    if path.suffix.lower() in GEO_ENDINGS or start.startswith(_SQLITE):
        return _open_geo(path)
    if start.startswith(_ZIP):
        return _open_workbook(path)
    found = scan(path)
    header, rows = read_text(path, found.encoding)
    return Table(path, _headers(header, path), rows, found.lines, sha256_of(path), is_text=True)


def _refuse_pages(path: Path, start: bytes) -> None:
    """Raise IntakeError for what is named like a table and is a document."""
    if start.startswith(b"%PDF"):
        raise IntakeError(
            Text(
                f"{path.name}：这是 PDF 文档，不是表格；请向提供方索取 CSV 或 XLSX，或从原系统重新导出。",
                f"{path.name}: this is a PDF document, not a table; ask its maker for CSV or XLSX, or export it "
                "again from where it comes.",
            )
        )
    if start.removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(_PAGES):
        raise IntakeError(
            Text(
                f"{path.name}：这是网页（HTML），不是表格；请用表格软件打开，另存为 .xlsx 或 CSV 后导入。",
                f"{path.name}: this is a web page (HTML), not a table; open it in a spreadsheet program, save it as "
                ".xlsx or CSV and import that.",
            )
        )


def _headers(cells: Sequence[str], path: Path) -> tuple[str, ...]:
    """Name every column once: an unnamed one by its number, a repeated one with a count behind it."""
    names = [unicodedata.normalize("NFC", cell).replace("\ufeff", "").strip() for cell in cells]
    if sum(map(_is_number, names)) > len(names) / 4:
        raise IntakeError(
            Text(
                f"{path.name}：第一行是数据而不是列名；请加上标题行，例如 name,lon,lat。",
                f"{path.name}: the first line holds values, not names of columns; add a header line such "
                "as name,lon,lat.",
            )
        )
    if len(names) > MOST_COLUMNS:
        raise IntakeError(
            Text(
                f"{path.name}：有 {len(names):,} 列，最多 {MOST_COLUMNS:,} 列；请只导出需要的列。没有导入任何内容。",
                f"{path.name}: it has {len(names):,} columns, at most {MOST_COLUMNS:,} are taken; export only those "
                "that are needed. Nothing was imported.",
            )
        )
    seen: dict[str, int] = {}
    unique = []
    for number, name in enumerate(names, start=1):
        plain = name or f"column {number}"
        seen[plain] = seen.get(plain, 0) + 1
        unique.append(plain if seen[plain] == 1 else f"{plain} ({seen[plain]})")
    return tuple(unique)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _open_workbook(path: Path) -> Table:
    from openpyxl import load_workbook  # heavy, and only spreadsheets need it

    _refuse_archives(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and validations that do not concern us
            book = load_workbook(BytesIO(path.read_bytes()), read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        raise IntakeError(
            Text(
                f"{path.name}：不是可读取的 XLSX 工作簿（{error}）；请另存为 CSV。",
                f"{path.name}: this is no readable XLSX workbook ({error}); save it as CSV.",
            )
        ) from error
    if not book.worksheets:
        raise IntakeError(
            Text(
                f"{path.name}：工作簿中没有带单元格的工作表；请把表格移到第一个工作表。",
                f"{path.name}: the workbook has no sheet with cells; move the table to its first sheet.",
            )
        )
    sheet = book.worksheets[0]
    rows = _sheet_rows(book, sheet)
    _, header = next(rows, (0, []))
    while header and not header[-1]:
        header.pop()
    if not header:
        raise IntakeError(
            Text(
                f"{path.name}：第一个工作表是空的；请把表格移到这里。",
                f"{path.name}: the first sheet is empty; move the table to it.",
            )
        )
    width = len(header)
    expected = sheet.max_row - 1 if sheet.max_row else None
    return Table(path, _headers(header, path), _fitted(rows, width, path), expected, sha256_of(path))


def _refuse_archives(path: Path) -> None:
    """Raise IntakeError for a ZIP that is no workbook; nothing of it is ever unpacked to a disk."""
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
    except BadZipFile:
        return  # whoever opens it as a workbook says why it cannot be read
    if not any(member.filename.startswith("xl/") for member in members):
        raise IntakeError(
            Text(
                f"{path.name}：这是 ZIP 压缩包，不是 XLSX 工作簿；请解压后逐个导入其中的表格。",
                f"{path.name}: this is a ZIP archive and no XLSX workbook; unpack it and import the tables in it one "
                "by one.",
            )
        )
    refuse_swelling(path, path.stat().st_size, sum(member.file_size for member in members))


def _sheet_rows(book: Any, sheet: Any) -> Iterator[Row]:
    try:
        for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells = [cell_text(value) for value in values]
            if any(cells):
                yield number, cells
    finally:
        book.close()


def _fitted(rows: Iterator[Row], width: int, path: Path) -> Iterator[Row]:
    for number, cells in rows:
        if any(cells[width:]):
            raise IntakeError(
                Text(
                    f"{path.name} 第 {number} 行：标题行最后一列的右边还有数据；"
                    "请在标题行为该列命名，或清空该列。没有导入任何内容。",
                    f"{path.name}, row {number}: there are values to the right of the header's last column; "
                    "name that column in the header or clear it. Nothing was imported.",
                )
            )
        yield number, (cells + [""] * width)[:width]


def cell_text(value: object) -> str:
    """Return a typed cell as the text a person reads in it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "" if value != value else str(int(value)) if value.is_integer() else repr(value)  # noqa: PLR0124 (NaN)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).strip()


def _open_geo(path: Path) -> Table:
    import pyogrio

    try:
        info = pyogrio.read_info(path)
        crs, fields, count = info["crs"], [str(name) for name in info["fields"]], int(info["features"])
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise IntakeError(
            Text(
                f"{path.name}：文件中没有可读取的地图图层（{error}）。",
                f"{path.name}: the file holds no readable map layer ({error}).",
            )
        ) from error
    if info["geometry_type"] is None or count == 0:
        raise IntakeError(
            Text(
                f"{path.name}：文件中没有带几何图形的要素；请重新导出。",
                f"{path.name}: the file holds no features with a geometry; export it again.",
            )
        )
    project = _to_degrees(crs, path)
    columns = _headers(["lon", "lat", *fields], path)
    expected = count if count > 0 else None
    rows = _features(path, project)
    return Table(path, columns, rows, expected, sha256_of(path), located=True, projected=project is not None)


def _to_degrees(crs: str | None, path: Path) -> Callable[..., Any] | None:
    """Return the projection to WGS-84 degrees for a file in a plane coordinate system, None for degrees."""
    from pyproj import CRS, Transformer
    from pyproj.exceptions import CRSError

    if crs is None:
        return None
    try:
        system = CRS.from_user_input(crs)
    except CRSError as error:
        raise IntakeError(
            Text(
                f"{path.name}：无法识别其坐标参照系“{crs}”；请以 EPSG:4326 导出。",
                f"{path.name}: its coordinate system {crs!r} is not known; export it as EPSG:4326.",
            )
        ) from error
    if system.is_geographic:
        return None
    return Transformer.from_crs(system, "EPSG:4326", always_xy=True).transform


def _features(path: Path, project: Callable[..., Any] | None) -> Iterator[Row]:
    import shapely
    from pyogrio.raw import read

    start = 0
    while True:
        _, _, geometry, fields = read(path, skip_features=start, max_features=GEO_BATCH)
        shapes = shapely.from_wkb(geometry)
        points = shapely.point_on_surface(shapes)
        lon, lat = shapely.get_x(points), shapely.get_y(points)
        if project is not None:
            lon, lat = project(lon, lat)
        for position in range(len(shapes)):
            values = (lon[position], lat[position], *(column[position] for column in fields))
            yield start + position + 1, [cell_text(_plain(value)) for value in values]
        start += len(shapes)
        if len(shapes) < GEO_BATCH:
            return


def _plain(value: Any) -> object:
    """Return a numpy scalar as Python's own; a missing time as None, a list (of GeoJSON) as text."""
    if getattr(value, "ndim", 0):
        return ";".join(map(str, value.tolist()))
    if hasattr(value, "astype") and str(getattr(value, "dtype", "")).startswith("datetime64"):
        return value.astype("datetime64[s]").item()
    return value.item() if hasattr(value, "item") else value
