"""Changes: noted by triggers in the transaction that makes them, so that nobody hears of what did not happen.

A reader remembers what it had *seen*: the snapshot of its transaction, which says of every other transaction
whether its changes were part of it. What it must still apply is every change whose transaction was not, in whatever
order they were numbered or committed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, text

CHANNEL = "yiping_change"

_SINCE = """
SELECT version, layer, place_ids FROM change
WHERE xid >= pg_snapshot_xmin(CAST(:seen AS pg_snapshot))
  AND NOT pg_visible_in_snapshot(xid, CAST(:seen AS pg_snapshot))
ORDER BY version
"""
_KNOWS = "SELECT pg_visible_in_snapshot(xid, CAST(:seen AS pg_snapshot)) FROM change WHERE version = :version"


@dataclass(slots=True)
class Changed:
    """What changed in a layer: the places, or `whole`, and the number of the latest change."""

    version: int = 0
    whole: bool = False
    place_ids: set[int] = field(default_factory=set)


def seen_now(connection: Connection) -> str:
    """Return what this transaction (REPEATABLE READ) sees, as PostgreSQL writes a snapshot."""
    return str(connection.scalar(text("SELECT CAST(pg_current_snapshot() AS text)")))


def since(connection: Connection, seen: str) -> dict[str, Changed]:
    """Return layer -> what changed that a reader has not seen."""
    changed: dict[str, Changed] = {}
    for version, layer, place_ids in connection.execute(text(_SINCE), {"seen": seen}):
        news = changed.setdefault(layer, Changed())
        news.version = version
        news.whole |= not place_ids
        news.place_ids |= set(place_ids)
    return changed


def announce(connection: Connection, *place_ids: int) -> None:
    """Tell pages of news about places that no trigger tells of: what a card shows beside the rows of the maps."""
    noted = (
        "INSERT INTO change (layer, place_ids) "
        "SELECT layer, array_agg(id) FROM place WHERE id = ANY(:ids) GROUP BY layer"
    )
    connection.execute(text(noted), {"ids": list(place_ids)})
    connection.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})


def knows(connection: Connection, seen: str, version: int) -> bool:
    """Tell whether a reader had seen the change of a number; False where that is no longer noted."""
    return bool(connection.scalar(text(_KNOWS), {"seen": seen, "version": version}))


def latest(connection: Connection) -> dict[str, int]:
    """Return layer -> number of its latest change that is visible."""
    rows = connection.execute(text("SELECT layer, max(version) FROM change GROUP BY layer"))
    return {layer: int(version) for layer, version in rows}


def forget_old(connection: Connection) -> int:
    """Delete the changes of more than a day ago but each layer's last; returns how many."""
    old = "DELETE FROM change c USING (SELECT layer, max(version) AS last FROM change GROUP BY layer) l "
    old += "WHERE c.layer = l.layer AND c.version < l.last AND c.at < now() - interval '1 day'"
    return connection.execute(text(old)).rowcount
