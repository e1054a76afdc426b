"""A table as a file for a spreadsheet: CSV, or Excel with days as days and a header that stays in sight."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from tempfile import TemporaryFile
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from data.spreadsheet import guard

FORMS = ("csv", "xlsx")
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SHEET_ROWS = 1_048_575  # of Excel, without the header
_USUAL_WIDTH = 13
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file is called inside, its columns, and the widths of those that are not of the usual one."""

    title: str
    columns: Sequence[str]
    widths: Mapping[str, int] = field(default_factory=dict)


def most_rows(form: str) -> int | None:
    """Return how many rows a form can hold, None for any number."""
    return SHEET_ROWS if form == "xlsx" else None


def file_of(form: str, sheet: Sheet, rows: Iterator[list[Any]]) -> Iterator[bytes]:
    """Yield the file of rows, whose cells are in the order of the columns."""
    yield from _csv(sheet, rows) if form == "csv" else _xlsx(sheet, rows)


def _csv(sheet: Sheet, rows: Iterator[list[Any]]) -> Iterator[bytes]:
    """Yield a CSV that spreadsheets open as text: BOM, and no cell that starts a formula."""
    buffer = io.StringIO("\ufeff")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer)
    writer.writerow(sheet.columns)
    for row in rows:
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([guard(cell) if isinstance(cell, str) else cell for cell in row])
    yield buffer.getvalue().encode()


def _xlsx(sheet: Sheet, rows: Iterator[list[Any]]) -> Iterator[bytes]:
    """Yield a workbook with days as days and a header that stays in sight; it is written to a file of its own."""
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet.title)
    page.freeze_panes = "A2"
    for number, name in enumerate(sheet.columns, start=1):
        page.column_dimensions[get_column_letter(number)].width = sheet.widths.get(name, _USUAL_WIDTH)
    page.append([_cell(page, name, bold=True) for name in sheet.columns])
    for row in rows:
        page.append([_cell(page, value) for value in row])
    with TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _cell(page: Any, value: Any, *, bold: bool = False) -> WriteOnlyCell:
    """Return a cell whose text is text, also where it looks like a formula; a day is shown as one."""
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
    cell = WriteOnlyCell(page, value)
    if isinstance(value, str):
        cell.data_type = "s"
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    if bold:
        cell.font = Font(bold=True)
    return cell
