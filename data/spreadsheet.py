"""Text that goes into files which spreadsheet programs open."""

from __future__ import annotations

import re
from typing import Final

from layers.core.errors import YipingError
from layers.core.text import Text

_FORMULA: Final = re.compile(r"'*\s*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)


def refuse_too_many(n: int, most: int | None) -> None:
    """Raise `YipingError` where a form of file cannot hold so many rows; None holds any number."""
    if most is not None and n > most:
        raise YipingError(
            Text(
                f"共 {n:,} 行，Excel 工作表最多容纳 {most:,} 行：请改用 CSV，或先筛选。",
                f"These are {n:,} rows and a sheet of Excel holds {most:,}: take CSV, or filter first.",
            )
        )


def guard(cell: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet program would run as a formula; numbers stay.

    One that begins so already gets another, so that taking one away gives back what it was.
    Programs skip blanks before the sign, and those of East Asia take the full-width signs for the narrow ones.
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.match(cell) else cell
