"""Publication of results (公开) as the web sees it: each result once and for good, on the record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from data.db import acting, asking
from data.rules import rules_of
from data.store import audit, changes, publications
from data.tables import registry
from layers.core.access import Action, Viewer
from layers.core.citytime import day_of
from layers.core.errors import ConflictError, ForbiddenError, UnknownDrawError, YipingError
from layers.core.publication import days_over, is_published, publish_by
from layers.core.rules import RuleTable
from layers.core.text import Text


class Publications:
    """Questions and commands about results of visits that are, or are to be, public; every one takes the viewer."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime], written: Callable[[], object]) -> None:
        """`written` is called after a write, so that who has written reads it too."""
        self._engine = engine
        self._clock = clock
        self._written = written

    def publish(self, inspection_id: int, viewer: Viewer) -> int:
        """Make the result of a visit public; returns its place.

        Raises `ForbiddenError`, `ConflictError` where it is public already or never will be, and `YipingError` for a
        visit that is not there.
        """
        check_publishes(viewer)
        with acting(self._engine, viewer.name) as connection:
            place_id = publications.place_of(connection, inspection_id, viewer)
            if place_id is None:
                raise _unknown(inspection_id)
            if not publish_all(connection, [inspection_id], viewer, day_of(self._clock())):
                raise _settled()
        self._written()
        return place_id

    def overdue(self, viewer: Viewer, limit: int) -> tuple[list[dict[str, Any]], int]:
        """Return the visits whose results are late, the latest ones last, and their number in the viewer's scope."""
        if not viewer.may(Action.OPEN_DRAWS):
            raise UnknownDrawError
        today = day_of(self._clock())
        with asking(self._engine) as connection:
            rows, total = publications.overdue(connection, viewer, today, limit)
            return standings(connection, rows, today), total


def publish_all(connection: Connection, inspection_ids: list[int], viewer: Viewer, today: date) -> int:
    """Make those of some visits public that are not yet, in the caller's transaction; returns how many."""
    owed = publications.owed(connection, inspection_ids, viewer)
    publications.publish(connection, [visit for visit, _ in owed], today)
    for place_id in sorted({place for _, place in owed}):
        changes.announce(connection, place_id)
    for visit, place_id in owed:
        audit.record(connection, viewer.name, "publish", f"place:{place_id}", {"inspection": visit})
    return len(owed)


def standings(connection: Connection, rows: Iterable[Mapping[str, Any]], today: date) -> list[dict[str, Any]]:
    """Return rows of visits with the day by which the result has to be public, where it has, and how late it is."""
    tables = {layer.id: rules_of(connection, layer) for layer in registry}
    return [{**row, **_standing(tables[row["layer"]], row, today)} for row in rows]


def _standing(table: RuleTable, row: Mapping[str, Any], today: date) -> dict[str, Any]:
    if row["kind"] is None or not is_published(registry[row["layer"]], row["kind"], row["result"]):
        return {"publish_by": None, "publish_over": 0}
    by = publish_by(table, row["area_code"] or "", day_of(row["visited_at"]))
    return {"publish_by": by, "publish_over": 0 if row.get("published_on") else days_over(by, today)}


def check_publishes(viewer: Viewer) -> None:
    """Raise `ForbiddenError` for who makes no results public."""
    if not viewer.may(Action.PUBLISH):
        raise ForbiddenError(
            Text("检查结果由值班长公开：请联系值班长。", "A supervisor makes results public: ask one.")
        )


def _unknown(inspection_id: int) -> YipingError:
    return YipingError(
        Text(
            f"没有编号 {inspection_id} 的检查，或不在您的范围内：请刷新卡片。",
            f"There is no visit {inspection_id}, or not in your area: reload the card.",
        )
    )


def _settled() -> ConflictError:
    return ConflictError(
        Text(
            "这次检查的结果已经公开，或不属于公开的种类：请刷新卡片查看。",
            "The result of this visit is public already, or of a kind that never is: reload the card to see.",
        )
    )
