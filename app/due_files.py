"""An inspection list as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from app.i18n import t
from app.sheets import Sheet, file_of
from layers.core.citytime import day_of
from layers.core.text import Language
from layers.core.tiers import Tier

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
_WIDTHS = {"name": 32, "address": 40, "street": 18, "why": 16}


def lines_of(form: str, day: date, rows: Iterator[Mapping[str, Any]], language: Language) -> Iterator[bytes]:
    """Yield the file of a list of a day, its words in one language."""
    cells = (_cells(day, row, language) for row in rows)
    yield from file_of(form, Sheet(str(day), COLUMNS, _WIDTHS), cells)


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
