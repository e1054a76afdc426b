"""The correction (更正) and withdrawal (撤销登记) of credit records; the history keeps what they said before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from data.store import places
from data.store.credit import (
    UnderRepairError,
    UnknownRecordError,
    Written,
    known_already,
    need,
    record_at,
    repairs_of,
    unknown,
)
from layers.core.access import Action, Viewer
from layers.core.contests import decision_words
from layers.core.credit_entry import Entry, read_entry
from layers.core.errors import ConflictError
from layers.core.text import Text


class RepairedRecordError(ConflictError):
    """A record of which the repair was granted: it stays as it is."""


class UnchangedRecordError(ConflictError):
    """A correction that corrects nothing."""


def correct(
    connection: Connection,
    viewer: Viewer,
    place_id: int,
    record_id: int,
    given: Mapping[str, str | None],
    words: str,
    today: date,
) -> Written:
    """Write what a record should have said, and why, in the caller's transaction; the same again changes nothing.

    Raises `ForbiddenError`, `UnknownPlaceError`, `UnknownRecordError`, `RepairedRecordError`, `UnderRepairError`,
    `KnownRecordError`, `UnchangedRecordError`, and `BadQueryError` for what a form cannot mean.
    """
    row = _changeable(connection, viewer, place_id, record_id)
    entry, why = read_entry(given, today), decision_words(words)
    changed = tuple(name for name, value in asdict(entry).items() if row[name] != value)
    if not changed:
        return _again(row, why)
    _refuse_known(connection, row, entry)
    connection.execute(text(_CORRECT), {**asdict(entry), **_why(row, viewer, why, today)})
    return Written(row["enterprise_id"], record_id, changed=changed)


def withdraw(
    connection: Connection, viewer: Viewer, place_id: int, record_id: int, words: str, today: date
) -> Written:
    """Write that a record should not have been entered, and why; from then on it is as good as never entered.

    Raises as `correct`.
    """
    row = _changeable(connection, viewer, place_id, record_id)
    connection.execute(text(_WITHDRAW), _why(row, viewer, decision_words(words), today))
    return Written(row["enterprise_id"], record_id)


def _changeable(connection: Connection, viewer: Viewer, place_id: int, record_id: int) -> Mapping[str, Any]:
    """Return a record that may be changed, and keep others from it.

    A repair under way was asked for as the record reads now, and a granted one has ended its publication for good:
    changing either behind the back of the firm would bring back what it was told is over.
    """
    need(viewer, Action.RECORD_CREDIT)
    _, place = places.reached(connection, viewer, place_id)
    row = record_at(connection, place, record_id)
    repair = next((r for r in repairs_of(connection, [record_id]) if r["refused_on"] is None), None)
    if repair is None:
        return row
    if repair["granted_on"] is None:
        raise UnderRepairError(
            Text(
                "这条记录的修复申请正在办理，此时不能更正或撤销：请先办结申请。",
                "The repair of this record is being handled, and until then it is neither corrected nor withdrawn: "
                "answer the application first.",
            )
        )
    raise RepairedRecordError(
        Text(
            "这条记录已修复并终止公示，不再更正或撤销：如决定本身已变更，请按新决定另行登记。",
            "This record has been repaired and its publication has ended, so it is neither corrected nor withdrawn: "
            "if the decision itself was changed, enter the new one as a record of its own.",
        )
    )


def _again(row: Mapping[str, Any], why: str) -> Written:
    """Return the correction that was made already, sent once more."""
    if row["correction"] == why:
        return Written(row["enterprise_id"], row["id"], new=False)
    raise UnchangedRecordError(
        Text(
            "没有改动任何内容：请改正有误之处，或撤销这条登记。",
            "Nothing is changed: correct what is wrong, or withdraw the record.",
        )
    )


def _refuse_known(connection: Connection, row: Mapping[str, Any], entry: Entry) -> None:
    """Raise `KnownRecordError` for a number that another record has; who enters one meanwhile waits for the firm."""
    firm = connection.scalar(
        text("SELECT id FROM enterprise WHERE id = :id FOR UPDATE"), {"id": row["enterprise_id"]}
    )
    if firm is None:
        raise UnknownRecordError(unknown())
    given = {"firm": firm, "id": row["id"], "authority": entry.authority, "number": entry.number}
    if connection.scalar(text(_OTHER), given) is not None:
        raise known_already(entry)


def _why(row: Mapping[str, Any], viewer: Viewer, why: str, today: date) -> dict[str, Any]:
    return {"id": row["id"], "why": why, "by": viewer.name, "today": today}


_OTHER = (
    "SELECT id FROM credit_record WHERE enterprise_id = :firm AND authority = :authority AND number = :number "
    "AND withdrawn_on IS NULL AND id <> :id"
)
_CORRECT = (
    "UPDATE credit_record SET severity = :severity, number = :number, authority = :authority, act = :act, "
    "decision = :decision, decided_on = :decided_on, published_on = :published_on, corrected_on = :today, "
    "correction = :why, corrected_by = :by WHERE id = :id"
)
_WITHDRAW = (
    "UPDATE credit_record SET withdrawn_on = :today, correction = :why, corrected_by = :by WHERE id = :id"
)
