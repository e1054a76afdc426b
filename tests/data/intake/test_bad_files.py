"""Files that are no tables, or made to do harm: one clear sentence with the way out, and nothing is written."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from data.intake import text_files
from data.intake.errors import IntakeError
from data.intake.positions import MISSING, SWAPPED

Deliver = Callable[..., Any]
HEAD = "编号,name,lon,lat\n"


def _pdf(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n")


def _page(path: Path) -> None:
    path.write_text("\ufeff\n<!DOCTYPE html>\n<html><table><tr><td>name,lon,lat</td></tr></table>", "utf-8")


def _trick(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../outside.csv", HEAD)


def _wide(path: Path) -> None:
    names = [f"c{number}" for number in range(10_000)]
    path.write_text(f"{HEAD.strip()},{','.join(names)}\n1,店,121.4,31.2,{','.join(names)}\n", "utf-8")


def _zeros(path: Path) -> None:
    path.write_bytes(HEAD.encode() + "1,店,121.4,31.2\n".encode("utf-16-le") * 50)


def _bomb(path: Path) -> None:
    with gzip.open(path, "wb") as stream:
        stream.write(HEAD.encode())
        for _ in range(text_files.FREE_TO_SWELL >> 20):
            stream.write(b"\n" * (1 << 20))


def _workbook_bomb(path: Path) -> None:
    Workbook().save(path)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/more.xml", "w") as part,
    ):
        for _ in range((text_files.FREE_TO_SWELL >> 20) + 1):
            part.write(b" " * (1 << 20))


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("list.csv", _pdf, "list.csv: this is a PDF document"),
        ("list.xls", _page, "list.xls: this is a web page (HTML)"),
        ("list.zip", _trick, "list.zip: this is a ZIP archive"),
        ("list.csv", _wide, "it has 10,004 columns, at most 2,000"),
        ("list.csv", _zeros, "list.csv: this is a binary file"),
        ("list.csv.gz", _bomb, "more than 200 times as large"),
        ("list.xlsx", _workbook_bomb, "more than 200 times as large"),
    ],
)
def test_no_table_is_refused_with_the_way_out_and_nothing_is_written(
    tmp_path: Path, deliver: Deliver, query: Deliver, name: str, make: Callable[[Path], None], words: str
) -> None:
    (tmp_path / "in").mkdir()
    make(path := tmp_path / "in" / name)
    with pytest.raises(IntakeError) as refused:
        deliver(path)
    assert words in str(refused.value)
    assert name in refused.value.text.zh
    assert query("SELECT (SELECT count(*) FROM place), (SELECT count(*) FROM source_file)") == [(0, 0)]
    assert [found.name for found in tmp_path.rglob("*") if found.is_file()] == [name]


def test_an_error_names_the_first_columns_and_counts_the_others(tmp_path: Path, deliver: Deliver) -> None:
    path = tmp_path / "list.csv"
    path.write_text(",".join(["x" * 50, *(f"c{number}" for number in range(1, 100))]) + "\n1\n", "utf-8")
    with pytest.raises(IntakeError) as refused:
        deliver(path)
    words = str(refused.value)
    assert f"The columns are {'x' * 40}…, c1," in words
    assert words.endswith("c59 and 40 more.")


def test_rows_that_lie_nowhere_here_are_told_apart(tmp_path: Path, deliver: Deliver, query: Deliver) -> None:
    path = tmp_path / "list.csv"
    spots = ("31.1886,121.4365", "0,0", "124.5,30.0", "121.4365,31.1886")
    path.write_text(HEAD + "".join(f"{n},店{n},{spot}\n" for n, spot in enumerate(spots)), "utf-8")
    delivery = deliver(path)
    assert [(row.row_number, row.reason) for row in delivery.rejected] == [(2, SWAPPED), (3, MISSING)]
    kept = query("SELECT external_id, flags FROM place ORDER BY external_id")
    assert kept == [("2", ["outside_known_areas"]), ("3", [])]
