"""An export as a file: what its columns are called, how its values are written, and the form they are packed in.

For programs columns bear the stable names of fields and values are codes, which `yiping import` reads back; for people
(`label`) both are words of their language. Files of maps are for programs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from app.geo_files import GEO_FORMS, geo_file_of
from app.i18n import catalogue, t
from app.sheets import FORMS as SHEETS
from app.sheets import MEDIA as SHEET_MEDIA
from app.sheets import Sheet, file_of
from data.export_columns import NUMBER, Column
from data.exports import Export, Row
from data.intake.outcome import FLAGS
from geo.datum import Datum
from layers.core.citytime import CITY_TIME, day_of
from layers.core.errors import BadQueryError
from layers.core.hours import clock
from layers.core.reasons import describe
from layers.core.spec import Choice, FieldType
from layers.core.text import Language, Text, text_of
from layers.core.tiers import PermitStatus, Tier

FORMS = (*SHEETS, *GEO_FORMS)
MEDIA = {
    "csv": "text/csv",
    "xlsx": SHEET_MEDIA["xlsx"],
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "parquet": "application/vnd.apache.parquet",
}
HEADERS = ("name", "label")
ENCODINGS = ("utf-8", "gb18030")
_WIDTHS = {"name": 32, "address": 40, "tier_reason": 48, "enterprise": 32, "street": 18}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a file is written: its form, the datum, what its columns are called, the encoding of a text."""

    form: str
    datum: Datum = Datum.WGS84
    header: str = "name"
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        """Raise `BadQueryError`, naming the parameter, for what does not go together."""
        if self.form == "geojson" and self.datum is not Datum.WGS84:
            raise BadQueryError(
                "datum",
                Text(
                    "GeoJSON 只有 WGS-84（RFC 7946）：请去掉 datum，或改用 gpkg、parquet、csv、xlsx。",
                    "GeoJSON is in WGS-84 and nothing else (RFC 7946): leave out datum, or take gpkg, parquet, "
                    "csv or xlsx.",
                ),
            )
        if self.form not in SHEETS and self.header != "name":
            raise BadQueryError(
                "header",
                Text(
                    "地图文件的列用固定的字段名：请去掉 header，或改用 csv、xlsx。",
                    "Columns of map files bear the names of fields: leave out header, or take csv or xlsx.",
                ),
            )
        if self.form != "csv" and self.encoding != "utf-8":
            raise BadQueryError(
                "encoding",
                Text("encoding 只用于 csv：请去掉它。", "An encoding is for csv alone: leave it out."),
            )

    @property
    def media(self) -> str:
        """What the web calls the form."""
        return MEDIA[self.form] + (f"; charset={self.encoding}" if self.form == "csv" else "")


def file_name(export: Export, form: str, language: Language) -> str:
    """Return the header that names a download: ASCII for every client, and the layer's title for those that can."""
    day = day_of(export.at)
    said = quote(f"{export.layer.title.in_(language)}-{day}.{form}", safe="")
    return f"attachment; filename=\"{export.layer.id}-{day}.{form}\"; filename*=UTF-8''{said}"


def lines_of(export: Export, manner: Manner, language: Language) -> Iterator[bytes]:
    """Yield the file of an export, its words in one language; broken off, it lets go of the database."""
    with closing(export.batches):
        yield from _lines(export, manner, language)


def _lines(export: Export, manner: Manner, language: Language) -> Iterator[bytes]:
    if manner.form in GEO_FORMS:
        return geo_file_of(manner.form, export, _about(export, language), language)
    write = _label_cell if manner.header == "label" else _name_cell
    titles = {column.name: title_of(export, column, language) for column in export.columns}
    called = titles if manner.header == "label" else {name: name for name in titles}
    sheet = Sheet(
        export.layer.title.in_(language),
        list(called.values()),
        {called[name]: width for name, width in _WIDTHS.items() if name in called},
        (t("export.about", language), _about(export, language)),
    )
    typed = manner.form == "xlsx"
    cells = (
        [write(export, c, row.get(c.name), language, typed) for c in export.columns] for row in _rows(export)
    )
    return file_of(manner.form, sheet, cells, manner.encoding)


def begun(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Return the same file after its beginning was made, so that what fails there still has its own answer."""
    first = next(lines, b"")

    def whole() -> Iterator[bytes]:
        yield first
        yield from lines

    return whole()


def _rows(export: Export) -> Iterator[Row]:
    for batch in export.batches:
        yield from batch


def title_of(export: Export, column: Column, language: Language) -> str:
    """Return what people call a column, with its unit."""
    if column.field is None:
        return _spine_title(export, column.name, language)
    title, unit = column.field.title.in_(language), column.field.unit
    return f"{title} ({unit.in_(language)})" if unit else title


def _spine_title(export: Export, name: str, language: Language) -> str:
    if name == "id":
        return NUMBER.in_(language)
    if name == "category":
        return export.layer.category.in_(language)
    key = f"export.column.{name}"
    return t(key if key in catalogue() else f"card.{name}", language)


def _about(export: Export, language: Language) -> list[tuple[str, Any]]:
    """Return what a reader must know of a file: of what, when, for whom, by which filter."""
    filters = [f"{name}={_said(value)}" for name, value in export.filters.items()]
    told = {
        "layer": export.layer.title.in_(language),
        "at": f"{export.at.astimezone(CITY_TIME):%Y-%m-%d %H:%M} (UTC+8)",
        "role": export.viewer.role.label.in_(language),
        "rows": export.total,
        "datum": export.datum.value,
        "filters": "; ".join(filters) or t("export.everything", language),
    }
    lines: list[tuple[str, Any]] = [
        (t(f"export.about.{name}", language), value) for name, value in told.items()
    ]
    demo = [(t("export.about.demo", language), t("frame.demo", language))] if export.demo else []
    return [*lines, *demo]


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ",".join("" if part is None else str(part) for part in value)
    return str(value)


def _name_cell(_export: Export, column: Column, value: Any, language: Language, typed: bool) -> Any:
    """Return a value as programs read it: codes, days and moments in ISO."""
    if value is None or value == "":
        return None
    if column.kind == "reason":
        return describe(value["code"], value["params"], language)
    if column.kind == "list":
        return ";".join(map(str, value))
    if column.kind == "boolean":
        return value if typed else str(value).lower()
    if column.kind == "moment":
        return _city_moment(value) if typed else value.isoformat()
    return date.fromisoformat(value) if column.kind == "date" and typed else value


def _label_cell(export: Export, column: Column, value: Any, language: Language, typed: bool) -> Any:
    """Return a value as people read it: words of their language, times of the city."""
    if value is None or value == "":
        return None
    if column.kind == "boolean":
        return t("yes" if value else "no", language)
    if column.kind == "moment":
        local = _city_moment(value)
        return local if typed else f"{local:%Y-%m-%d %H:%M}"
    if column.field is not None and column.field.type is FieldType.CLOCK:
        return clock(value)
    words = _words(export, column, language)
    if column.kind == "list":
        return ("、" if language == "zh" else ", ").join(words(item) for item in value)
    return words(value) if column.kind == "text" else _name_cell(export, column, value, language, typed)


def _words(export: Export, column: Column, language: Language) -> Callable[[Any], str]:
    """Return what says the codes of a column in words; a value without words stands for itself."""
    titles = _titles(export, column)
    return lambda value: text_of(titles.get(value, value), language)


def _titles(export: Export, column: Column) -> Mapping[str, Text]:
    """Return code -> words of the values of a column."""
    if column.field is not None:
        return _of_choices(column.field.choices)
    known: dict[str, Callable[[], Mapping[str, Text]]] = {
        "category": lambda: _of_choices(export.layer.categories),
        "state": lambda: _of_choices(export.layer.states),
        "tier": lambda: {tier: tier.label for tier in Tier},
        "status": lambda: {status: status.label for status in PermitStatus},
        "flags": lambda: FLAGS,
    }
    return known[column.name]() if column.name in known else {}


def _of_choices(choices: tuple[Choice, ...]) -> Mapping[str, Text]:
    return {choice.value: choice.title for choice in choices}


def _city_moment(value: datetime) -> datetime:
    """Return a moment on the clocks of the city: a spreadsheet knows no zones."""
    return value.astimezone(CITY_TIME).replace(tzinfo=None, microsecond=0)
