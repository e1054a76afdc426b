"""A table as a file for a spreadsheet: CSV, or Excel with days as days and a header that stays in sight."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
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
    """What a file is called inside, its columns, and the widths of those that are not of the usual one.

    `about` is told on a sheet of its own, where the form has some: its title, and lines of what and how.
    """

    title: str
    columns: Sequence[str]
    widths: Mapping[str, int] = field(default_factory=dict)
    about: tuple[str, Sequence[tuple[str, Any]]] | None = None


def most_rows(form: str) -> int | None:
    """Return how many rows a form can hold, None for any number."""
    return SHEET_ROWS if form == "xlsx" else None


def file_of(form: str, sheet: Sheet, rows: Iterator[list[Any]], encoding: str = "utf-8") -> Iterator[bytes]:
    """Yield the file of rows, whose cells are in the order of the columns; `encoding` is that of a text."""
    yield from _csv(sheet, rows, encoding) if form == "csv" else _xlsx(sheet, rows)


def _csv(sheet: Sheet, rows: Iterator[list[Any]], encoding: str) -> Iterator[bytes]:
    """Yield a CSV that spreadsheets open as text: a mark where it is UTF-8, and no cell that starts a formula."""
    buffer = io.StringIO("\ufeff" if encoding == "utf-8" else "")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer)
    writer.writerow([guard(name) for name in sheet.columns])
    for row in rows:
        if buffer.tell() >= _CHUNK:
            yield buffer.getvalue().encode(encoding)
            buffer.seek(0)
            buffer.truncate()
        writer.writerow([guard(cell) if isinstance(cell, str) else cell for cell in row])
    yield buffer.getvalue().encode(encoding)


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
    if sheet.about is not None:
        _add_about(book, *sheet.about)
    with TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _add_about(book: Workbook, title: str, lines: Sequence[tuple[str, Any]]) -> None:
    page = book.create_sheet(title)
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 24, 80
    for name, value in lines:
        page.append([_cell(page, name, bold=True), _cell(page, value)])


def _cell(page: Any, value: Any, *, bold: bool = False) -> Any:
    """Return a value as a cell whose text is text, also where it looks like a formula or the name of an error."""
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
    marked = isinstance(value, str) and value.startswith(("=", "#"))
    if not (bold or marked or isinstance(value, date)):
        return value  # the library takes a plain value as it is, in a third of the time
    cell = WriteOnlyCell(page, value)
    if isinstance(value, str):
        cell.data_type = "s"
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd hh:mm" if isinstance(value, datetime) else "yyyy-mm-dd"
    if bold:
        cell.font = Font(bold=True)
    return cell
