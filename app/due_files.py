"""An inspection list as a file for a spreadsheet: CSV, or Excel with days as days and a header that stays in sight."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date
from tempfile import TemporaryFile
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from app.i18n import t
from data.spreadsheet import guard
from layers.core.citytime import day_of
from layers.core.text import Language
from layers.core.tiers import Tier

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
_CHUNK = 65_536


def most_rows(form: str) -> int | None:
    """Return how many rows a form can hold, None for any number."""
    return SHEET_ROWS if form == "xlsx" else None


def lines_of(form: str, day: date, rows: Iterator[Mapping[str, Any]], language: Language) -> Iterator[bytes]:
    """Yield the file of a list of a day, its words in one language."""
    cells = (_cells(day, row, language) for row in rows)
    yield from _csv(cells) if form == "csv" else _xlsx(str(day), cells)


def _cells(day: date, row: Mapping[str, Any], language: Language) -> list[Any]:
    """Return a row of a file: words in a language, days as days, in the order of `COLUMNS`."""
    said = {
        "list_day": day,
        "why": t(f"due.why.{row['why']}", language),
        "tier": Tier(row["tier"]).label.in_(language),
        "task": row["case_id"],
        "task_due": day_of(row["task_due"]) if row["task_due"] else None,
    }
    return [({**row, **said})[name] for name in COLUMNS]


def _csv(rows: Iterator[list[Any]]) -> Iterator[bytes]:
    """Yield a CSV that spreadsheets open as text: BOM, and no cell that starts a formula."""
    buffer = io.StringIO("\ufeff")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for row in rows:
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([guard(cell) if isinstance(cell, str) else cell for cell in row])
    yield buffer.getvalue().encode()


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
