"""Inspection lists under /api/due: as JSON page by page, and whole as a file of CSV or Excel."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from tempfile import TemporaryFile
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from starlette.datastructures import QueryParams

from app.api.params import documented, unknown, whole
from app.i18n import current_language, t
from app.security import current_viewer
from data.books import DUE_REASONS
from data.city import City
from data.spreadsheet import guard
from data.store.due import NO_STREET, DueFilter
from layers.core.access import Viewer
from layers.core.citytime import day_of
from layers.core.errors import BadQueryError
from layers.core.text import Language, Text
from layers.core.tiers import Tier

FILTERS = frozenset({"day", "layer", "street", "why"})
PAGES = frozenset({"limit", "after"})
FORMS = ("csv", "xlsx")
COLUMNS = (
    "list_day",
    "layer",
    "place_id",
    "name",
    "address",
    "area_code",
    "street",
    "due_on",
    "days_over",
    "why",
    "last_visit",
    "tier",
    "task",
    "task_due",
)
SHEET_ROWS = 1_048_575  # of Excel, without the header
_WIDTHS = {"name": 32, "address": 40, "street": 18, "why": 16}
_USUAL_WIDTH = 13
_STREET = re.compile(r"\d{6}(\d{3})?\Z")
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CHUNK = 65_536


def add_due(router: APIRouter, city: City) -> None:
    """Add the routes."""
    narrowed = documented(FILTERS)

    @router.get("/api/due", tags=["inspection lists"], openapi_extra=documented(FILTERS | PAGES))
    def due(request: Request) -> dict[str, Any]:
        """One page of the newest inspection list or that of a day, by street and due day; `next` is the page after."""
        params, viewer = request.query_params, current_viewer.get()
        wanted = due_filter(params, city, viewer)
        limit = whole(params, "limit", 100, 1, 1000)
        return city.due.read(wanted, viewer, after=params.get("after", ""), limit=limit)

    @router.get("/api/due.{format}", tags=["inspection lists"], openapi_extra=narrowed)
    def due_file(format: str, request: Request) -> Response:
        """Exactly what is filtered, as a file for a spreadsheet: csv or xlsx."""
        if format not in FORMS:
            known = ", ".join(FORMS)
            raise BadQueryError(
                "format", Text(f"format 须为 {known} 之一。", f"format must be one of {known}.")
            )
        viewer = current_viewer.get()
        wanted = due_filter(request.query_params, city, viewer)
        most = SHEET_ROWS if format == "xlsx" else None
        day, rows = city.due.export(wanted, viewer, format, most)
        language = current_language.get()
        cells = (_cells(day, row, language) for row in rows)
        lines = _csv(cells) if format == "csv" else _xlsx(str(day), cells)
        name = {"Content-Disposition": f'attachment; filename="due-{day}.{format}"'}
        return StreamingResponse(lines, media_type=_MEDIA[format], headers=name)


def due_filter(params: QueryParams, city: City, viewer: Viewer) -> DueFilter:
    """Read what is wanted of a list; an empty parameter narrows nothing. Raises `BadQueryError` by name."""
    for name in params:
        if name not in FILTERS | PAGES:
            raise unknown(name)
    layers = [layer.id for layer in city.layers_for(viewer)]
    return DueFilter(
        day=_day(params.get("day", "")),
        layers=_known("layer", params, layers),
        streets=_streets(params),
        whys=_known("why", params, DUE_REASONS),
    )


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said) if said else None
    except ValueError as error:
        raise BadQueryError(
            "day", Text("day 须为日期，如 2026-11-23。", "day must be a date such as 2026-11-23.")
        ) from error


def _values(name: str, params: QueryParams) -> frozenset[str]:
    return frozenset(part for part in params.get(name, "").split(",") if part)


def _known(name: str, params: QueryParams, known: list[str] | tuple[str, ...]) -> frozenset[str]:
    values = _values(name, params)
    if strange := sorted(values - set(known)):
        there = ", ".join(known)
        raise BadQueryError(
            name,
            Text(
                f"{name} 须为 {there} 之一；{strange[0]!r} 不是。",
                f"{name} must be one of {there}; {strange[0]!r} is none of them.",
            ),
        )
    return values


def _streets(params: QueryParams) -> frozenset[str]:
    values = _values("street", params)
    if strange := sorted(code for code in values if code != NO_STREET and not _STREET.match(code)):
        raise BadQueryError(
            "street",
            Text(
                f"street 须为区或街镇代码，如 310104003，或 {NO_STREET}（未知街镇）；{strange[0]!r} 不是。",
                f"street must be codes such as 310104003, or {NO_STREET} for rows without one; "
                f"{strange[0]!r} is none.",
            ),
        )
    return values


def _cells(day: date, row: dict[str, Any], language: Language) -> list[Any]:
    """Return a row of a file: words in the caller's language, days as days, in the order of `COLUMNS`."""
    said = {
        "list_day": day,
        "why": t(f"due.why.{row['why']}", language),
        "tier": Tier(row["tier"]).label.in_(language),
        "task": row["case_id"],
        "task_due": day_of(row["task_due"]) if row["task_due"] else None,
    }
    return [(row | said)[name] for name in COLUMNS]


def _csv(rows: Iterator[list[Any]]) -> Iterator[str]:
    """Yield a CSV that spreadsheets open as text: BOM, and no cell that starts a formula."""
    buffer = io.StringIO("\ufeff")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for row in rows:
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([guard(cell) if isinstance(cell, str) else cell for cell in row])
    yield buffer.getvalue()


def _xlsx(title: str, rows: Iterator[list[Any]]) -> Iterator[bytes]:
    """Yield a workbook with days as days and a header that stays in sight; it is written to a file of its own."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, name in enumerate(COLUMNS):
        sheet.column_dimensions[chr(ord("A") + number)].width = _WIDTHS.get(name, _USUAL_WIDTH)
    sheet.append([_cell(sheet, name, bold=True) for name in COLUMNS])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    with TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> WriteOnlyCell:
    """Return a cell whose text is text, also where it looks like a formula; a day is shown as one."""
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    if bold:
        cell.font = Font(bold=True)
    return cell
