"""The file of rejected rows: as they came, with the reason, safe to open in a spreadsheet program."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from data.intake.errors import IntakeError
from data.intake.outcome import Rejected
from data.spreadsheet import guard
from layers.core.text import Text

ROW, REASON_ZH, REASON_EN = "row 行号", "原因", "reason"


def write_report(path: Path, columns: Sequence[str], rejected: Sequence[Rejected]) -> None:
    """Write rejected rows as CSV (UTF-8 with mark, for spreadsheet programs), all of it or nothing.

    Raises IntakeError where the file cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow([guard(cell) for cell in (ROW, REASON_ZH, REASON_EN, *columns)])
            for row in rejected:
                cells = [row.raw.get(column, "") for column in columns]
                writer.writerow([row.row_number, row.reason.zh, row.reason.en, *map(guard, cells)])
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise _unwritable(path, error) from error
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _unwritable(path: Path, error: OSError) -> IntakeError:
    reason = error.strerror or str(error)
    return IntakeError(
        Text(
            f"{path}：报告无法写入此处（{reason}）；请用 --report 另指定文件。",
            f"{path}: the report cannot be written there ({reason}); name another file with --report.",
        )
    )
