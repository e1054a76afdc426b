"""Changes of rules as rows: written once, withdrawn at most once, never altered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from layers.core.amend import entry_text
from layers.core.errors import ConflictError
from layers.core.rules import Rule
from layers.core.text import Text

_IN_USE = "SELECT id, entry FROM rule_change WHERE layer = :layer AND withdrawn_at IS NULL ORDER BY id"
_ALL = (
    "SELECT id, layer, rule_id, city, valid_from, entry, why, created_at, created_by, withdrawn_at, withdrawn_by "
    "FROM rule_change ORDER BY id"
)
_ADD = (
    "INSERT INTO rule_change (layer, rule_id, city, valid_from, entry, why, created_at) "
    "VALUES (:layer, :rule_id, :city, :since, :entry, :why, :now) RETURNING id"
)
_WITHDRAW = (
    "UPDATE rule_change SET withdrawn_at = :now, withdrawn_by = :by "
    "WHERE id = :id AND withdrawn_at IS NULL AND valid_from > :after"
)


def lock(connection: Connection) -> None:
    """Let nobody else change rules until this transaction ends; they are read meanwhile."""
    connection.execute(text("LOCK TABLE rule_change IN SHARE ROW EXCLUSIVE MODE"))


def in_use(connection: Connection, layer_id: str) -> tuple[tuple[int, str], ...]:
    """Return number and entry of the changes of a layer that have not been withdrawn."""
    return tuple((row.id, row.entry) for row in connection.execute(text(_IN_USE), {"layer": layer_id}))


def add(connection: Connection, layer_id: str, rule: Rule, why: str, now: datetime) -> int:
    """Write a change; returns its number."""
    given = {"layer": layer_id, "rule_id": rule.id, "city": rule.city, "since": rule.valid_from}
    given |= {"entry": entry_text(rule), "why": why, "now": now}
    return int(connection.scalar(text(_ADD), given) or 0)


def withdraw(connection: Connection, number: int, by: str, now: datetime, after: date) -> None:
    """Take back a change that begins after a day; raises `ConflictError` for any other."""
    given = {"id": number, "by": by, "now": now, "after": after}
    if connection.execute(text(_WITHDRAW), given).rowcount != 1:
        raise ConflictError(
            Text(
                f"第 {number} 号修改已生效、已撤回或不存在，不能撤回：如要恢复，请另作一次修改。",
                f"Change {number} is in force, withdrawn, or not there: to go back, make another change.",
            )
        )


def listed(connection: Connection) -> list[dict[str, Any]]:
    """Return every change, also those withdrawn, in the order in which they were made."""
    return [dict(row) for row in connection.execute(text(_ALL)).mappings()]
