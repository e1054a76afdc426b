"""The record of who did what: append-only, each row sealed with the hash of the one before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text


def record(
    connection: Connection, actor: str, action: str, subject: str, details: Mapping[str, Any] | None = None
) -> None:
    """Write an event in the caller's transaction; the database numbers and seals it.

    The seal follows the one before, so all others wait until the transaction ends: record last.
    """
    connection.execute(
        text(
            "INSERT INTO audit_event (actor, action, subject, details) VALUES (:actor, :action, :subject, :details)"
        ),
        {
            "actor": actor,
            "action": action,
            "subject": subject,
            "details": json.dumps(dict(details or {}), ensure_ascii=False, default=str),
        },
    )


def broken_link(connection: Connection) -> int | None:
    """Return the id of the first event whose seal does not fit, or None when the chain is whole."""
    found = connection.scalar(
        text(
            "SELECT id FROM (SELECT *, lag(hash) OVER (ORDER BY id) AS before_it FROM audit_event) e "
            "WHERE previous IS DISTINCT FROM before_it OR hash <> audit_seal(e.previous, e.at, e.actor, e.action, "
            "e.subject, e.details) ORDER BY id LIMIT 1"
        )
    )
    return None if found is None else int(found)
