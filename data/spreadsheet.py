"""Text that goes into files which spreadsheet programs open."""

from __future__ import annotations

import re
from typing import Final

_FORMULA: Final = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)


def guard(cell: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet program would run as a formula; numbers stay.

    Programs skip blanks before the sign, and those of East Asia take the full-width signs for the narrow ones.
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.match(cell) else cell
