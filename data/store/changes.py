"""Changes: announced in the transaction that makes them, so that nobody hears of what did not happen."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, text

CHANNEL = "yiping_change"
_MOST_IDS = 500  # a notification is limited to 8000 bytes; more than this is announced as the whole layer


def announce(connection: Connection, layer: str, place_ids: Sequence[int]) -> int:
    """Record that places of a layer changed (none named: the whole layer) and tell every process on commit.

    Returns the version of the change.
    """
    ids = list(place_ids) if len(place_ids) <= _MOST_IDS else []
    version = connection.execute(
        text("INSERT INTO change (layer, place_ids) VALUES (:layer, :ids) RETURNING version"),
        {"layer": layer, "ids": ids},
    ).scalar_one()
    payload = json.dumps({"layer": layer, "ids": ids, "version": version})
    connection.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload})
    return int(version)


def latest(connection: Connection) -> dict[str, int]:
    """Return layer -> version of its latest change."""
    rows = connection.execute(text("SELECT layer, max(version) FROM change GROUP BY layer"))
    return {layer: int(version) for layer, version in rows}


def since(connection: Connection, version: int) -> list[tuple[int, str, list[int]]]:
    """Return (version, layer, place ids) of the changes after a version, oldest first."""
    rows = connection.execute(
        text("SELECT version, layer, place_ids FROM change WHERE version > :version ORDER BY version"),
        {"version": version},
    )
    return [(int(number), layer, list(ids)) for number, layer, ids in rows]
