"""The folder that is watched: a file that a department's own system puts there becomes a delivery by itself.

There is a folder for each layer. Such a file is taken in without a click where it is like one that somebody took in
before: the same columns, nothing that speaks against its datum, hardly a row rejected or a place missing. Any other
waits for somebody.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine

from data.db import acting, asking
from data.delivery_files import folder_of, plain_name
from data.delivery_tables import Stage
from data.delivery_work import Intake, handle
from data.store import deliveries
from data.store.audit import record
from data.tables import registry
from layers.core.errors import BadQueryError

log = logging.getLogger(__name__)

SENDER: Final = "inbox"
QUIET_S: Final = 30  # a file that was not written to for so long is complete
_MOST_APART: Final = (
    0.05  # of the rows are rejected, or as many places missing; more, and the file has changed
)


def prepare(inbox: Path) -> None:
    """Make the folders, so that people see where files go."""
    for layer in registry:
        (inbox / layer.id).mkdir(parents=True, exist_ok=True)


def empty(intake: Intake, inbox: Path) -> list[int]:
    """Make deliveries of the files that lie there, check them, and take in those that need nobody; returns them."""
    numbers = []
    for layer_id, file in _complete(inbox, intake.clock()):
        number = _take(intake, layer_id, file)
        numbers.append(number)
        handle(intake, number)
        if _needs_nobody(intake.engine, number):
            handle(intake, number)
    return numbers


def _complete(inbox: Path, now: datetime) -> Iterator[tuple[str, Path]]:
    for layer in registry:
        folder = inbox / layer.id
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            if file.is_symlink() or not file.is_file() or file.name.startswith("."):
                continue
            seen = file.stat()
            if seen.st_size and now.timestamp() - seen.st_mtime >= QUIET_S:
                yield layer.id, file


def _take(intake: Intake, layer_id: str, file: Path) -> int:
    """Write a delivery down, then move its file: broken off in between, the file is taken the next time."""
    try:
        name = plain_name(file.name)
    except BadQueryError:
        name = "file"
    new = {"layer": layer_id, "file_name": name, "size": file.stat().st_size, "sent_by": SENDER}
    with acting(intake.engine, SENDER) as connection:
        number = deliveries.add(connection, {**new, "sent_at": intake.clock()})
        record(connection, SENDER, "delivery", f"delivery {number}", {**new, "step": "sent"})
    folder = folder_of(intake.incoming, number)
    folder.mkdir(parents=True, mode=0o700)
    file.replace(folder / name)
    log.info("%s became delivery %d.", name, number)
    return number


def _needs_nobody(engine: Engine, number: int) -> bool:
    """Have a delivery that is like one before it taken in, and tell whether it is to be."""
    with asking(engine) as connection:
        if not is_like_before(deliveries.read(connection, number)):
            return False
    with acting(engine, SENDER) as connection:
        asked = deliveries.ask_import(connection, number, SENDER)
        record(connection, SENDER, "delivery", f"delivery {number}", {"step": "import"})
        return asked


def is_like_before(row: Mapping[str, Any]) -> bool:
    """Tell whether a delivery that was checked can be taken in unseen."""
    account = row["account"]
    if row["stage"] != Stage.CHECKED or not account or not row["found"]["like"] or account["warnings"]:
        return False
    return bool(max(account["rejected"], account["absent"]) <= _MOST_APART * account["read"])
