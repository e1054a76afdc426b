"""What was drawn (双随机) as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.i18n import t
from app.sheets import Sheet, file_of
from layers.core.citytime import day_of
from layers.core.text import Language

COLUMNS = (
    "draw",
    "title",
    "seed",
    "position",
    "layer",
    "place_id",
    "name",
    "address",
    "area_code",
    "street",
    "officer",
    "second_officer",
    "due_on",
    "visited_on",
    "result",
    "publish_by",
    "published_on",
    "days_late",
    "task",
)
_WIDTHS = {
    "title": 24,
    "seed": 36,
    "name": 32,
    "address": 40,
    "street": 18,
    "officer": 18,
    "second_officer": 18,
}


def lines_of(
    form: str, head: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], language: Language
) -> Iterator[bytes]:
    """Yield the file of a draw, its words in one language."""
    cells = (_cells(head, row, language) for row in rows)
    yield from file_of(form, Sheet(f"draw {head['id']}", COLUMNS, _WIDTHS), cells)


def _cells(head: Mapping[str, Any], row: Mapping[str, Any], language: Language) -> list[Any]:
    said = {
        "draw": head["id"],
        "title": head["title"],
        "seed": head["seed"],
        "visited_on": day_of(row["visited_at"]) if row["visited_at"] else None,
        "result": t(f"result.{row['result']}", language) if row["result"] else None,
        "days_late": row["publish_over"] or None,
        "task": row["case_id"],
    }
    return [({**row, **said})[name] for name in COLUMNS]
