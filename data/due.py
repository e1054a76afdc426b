"""Inspection lists (待检查清单) as web and worker see them: made once a day, read, exported, given out as tasks.

A list is of the whole city and says what the verdicts said when it was made, so list, card and map cannot disagree.
Making it again on the same day gives the list that is there, unless facts have changed since: then a further edition
is kept, and the day is shown by its newest one. No list is ever altered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from data.db import acting, asking
from data.spreadsheet import refuse_too_many
from data.status import BATCH, judge_due, judge_places
from data.store import audit, due
from data.store.due import DueFilter, ListHead
from data.task_days import check_day, end_of
from layers.core.access import Action, Viewer
from layers.core.citytime import add_days, day_of
from layers.core.errors import ForbiddenError, UnknownListError, YipingError
from layers.core.text import Text
from layers.core.tiers import TIERS

HORIZON_DAYS = 30  # 待检查清单 = due within 30 days (case 5)
WORKER = "worker"  # who makes the list of a morning
MOST_TASKS = 1000
PAGE = 1000
_DAYS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Made:
    """A list, and whether it was made just now."""

    head: ListHead
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to become tasks: rows of a list by their places, whole streets under a filter, and by which day."""

    list_id: int
    place_ids: Sequence[int] = ()
    streets: frozenset[str] = frozenset()
    wanted: DueFilter
    by: date


@dataclass(frozen=True, slots=True)
class Assigned:
    """How many rows became tasks, had one already, and are no longer due."""

    made: int
    had: int
    gone: int


def make_list(engine: Engine, now: datetime, actor: str) -> Made:
    """Make the list of the city's present day from verdicts that are up to date."""
    while judge_due(engine, now) == BATCH:
        pass
    day = day_of(now)
    with acting(engine, actor) as connection:
        head, new = due.make(connection, day, add_days(day, HORIZON_DAYS), now)
        if new:
            details = {"day": day, "edition": head.edition, "horizon_days": head.horizon_days}
            audit.record(connection, actor, "make_list", f"inspection_list:{head.id}", details)
    return Made(head, new)


def ensure_list(engine: Engine, now: datetime, actor: str) -> None:
    """Make the list of the city's present day where there is none yet."""
    with asking(engine) as connection:
        known = due.head(connection, day_of(now))
    if known is None:
        make_list(engine, now, actor)


class DueLists:
    """Questions and commands about inspection lists; every one takes the viewer."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime], written: Callable[[], object]) -> None:
        """`written` is called after a write, so that who has written reads it on the map too."""
        self._engine = engine
        self._clock = clock
        self._written = written

    def today(self) -> date:
        """Return the city's present day."""
        return day_of(self._clock())

    def days(self, viewer: Viewer) -> list[date]:
        """Return the latest days that have a list, newest first."""
        _check_reads(viewer)
        with asking(self._engine) as connection:
            return due.days(connection, _DAYS_SHOWN)

    def read(
        self, wanted: DueFilter, viewer: Viewer, *, after: str = "", limit: int = PAGE
    ) -> dict[str, Any]:
        """Return one page of a list: what it says of itself, the exact total, counts by facet, and rows.

        Raises `UnknownListError` where there is none, also for who may read none, and `BadQueryError`.
        """
        with asking(self._engine) as connection:
            head = self._head(connection, wanted, viewer)
            rows, token = due.rows(connection, head.id, wanted, viewer, after, limit)
            counts = due.counts(connection, head.id, wanted, viewer)
            total = sum(n for value, n in counts["layer"].items() if value in (wanted.layers or {value}))
            return {
                "list": _head_json(head),
                "total": total,
                "counts": counts,
                "rows": [_row(row, head.day) for row in rows],
                "next": token,
            }

    def export(
        self, wanted: DueFilter, viewer: Viewer, form: str, most: int | None = None
    ) -> tuple[date, Iterator[dict[str, Any]]]:
        """Return the day of a list and every row of it under a filter; what goes out in which form is on the record.

        `most` is how many rows the form can hold. Raises `ForbiddenError`, `UnknownListError` and `YipingError`.
        """
        _check_reads(viewer)
        if not viewer.may(Action.EXPORT):
            raise ForbiddenError(
                Text("您的角色不能导出：请联系值班长。", "Your role does not export: ask your supervisor.")
            )
        with acting(self._engine, viewer.name) as connection:
            head = self._head(connection, wanted, viewer)
            n = due.total(connection, head.id, wanted, viewer)
            refuse_too_many(n, most)
            details = {"format": form, "rows": n, "day": head.day, "filters": _filters(wanted)}
            audit.record(connection, viewer.name, "export", f"inspection_list:{head.id}", details)
        return head.day, self._pages(head, wanted, viewer)

    def _pages(self, head: ListHead, wanted: DueFilter, viewer: Viewer) -> Iterator[dict[str, Any]]:
        token: str | None = ""
        while token is not None:
            with asking(self._engine) as connection:
                rows, token = due.rows(connection, head.id, wanted, viewer, token, PAGE)
            yield from (_row(row, head.day) for row in rows)

    def make(self, viewer: Viewer) -> Made:
        """Make the list of today on demand; raises `ForbiddenError` for who may not."""
        if not viewer.may(Action.MAKE_LISTS):
            raise ForbiddenError(
                Text(
                    "只有值班长可以生成待检查清单：请联系值班长，或等次日 6:00 自动生成。",
                    "Only a supervisor makes an inspection list: ask one, or wait for that of 6:00 in the morning.",
                )
            )
        made = make_list(self._engine, self._clock(), viewer.name)
        self._written()
        return made

    def assign(self, order: Order, viewer: Viewer) -> Assigned:
        """Make one task per chosen place, judge the places again, and put it on the record, in one transaction.

        A row makes one task at most, and a place with an open one gets no second, however often and by whomever it
        is asked. Raises `ForbiddenError`, `UnknownListError`, and `YipingError` for what cannot be.
        """
        _check_assigns(viewer)
        now = self._clock()
        check_day(order.by, day_of(now))
        with acting(self._engine, viewer.name) as connection:
            ids = _chosen(connection, order, viewer)
            due.lock(connection, ids)
            made, result = _write(connection, order, ids, now)
            due.link_tasks(connection, order.list_id, ids)
            if made:
                judge_places(connection, made, now)
                details = {"made": len(made), "by": order.by, "places": made}
                audit.record(connection, viewer.name, "assign", f"inspection_list:{order.list_id}", details)
        self._written()
        return result

    def _head(self, connection: Connection, wanted: DueFilter, viewer: Viewer) -> ListHead:
        _check_reads(viewer)
        head = due.head(connection, wanted.day)
        if head is None:
            raise UnknownListError
        return head


def _write(
    connection: Connection, order: Order, ids: Sequence[int], now: datetime
) -> tuple[list[int], Assigned]:
    had = due.with_task(connection, order.list_id, ids)
    words = due.still_due(connection, set(ids) - had)
    titles = {place: f"待检查：{why}" for place, why in sorted(words.items())}
    due_at = end_of(order.by)
    made = due.add_tasks(connection, order.list_id, titles, now, due_at)
    return made, Assigned(len(made), len(had), len(ids) - len(had) - len(made))


def _chosen(connection: Connection, order: Order, viewer: Viewer) -> list[int]:
    if due.head_of(connection, order.list_id) is None:
        raise UnknownListError
    ids = due.chosen(
        connection,
        order.list_id,
        order.place_ids,
        order.streets,
        order.wanted,
        viewer,
        MOST_TASKS + 1,
    )
    if not ids:
        raise YipingError(
            Text(
                "还没有选择点位：请勾选几行或整个街镇。",
                "Nothing is chosen: tick some rows, or a whole street.",
            )
        )
    if len(ids) > MOST_TASKS:
        raise YipingError(
            Text(
                f"一次最多派发 {MOST_TASKS:,} 项任务：请减少所选的行，或先筛选。",
                f"At most {MOST_TASKS:,} tasks are made at once: choose fewer rows, or filter first.",
            )
        )
    return ids


def _check_reads(viewer: Viewer) -> None:
    if not viewer.may(Action.OPEN_DUE):
        raise UnknownListError


def _check_assigns(viewer: Viewer) -> None:
    if not viewer.may(Action.ASSIGN):
        raise ForbiddenError(
            Text("只有值班长可以派发任务：请联系值班长。", "Only a supervisor gives out tasks: ask one.")
        )


def _filters(wanted: DueFilter) -> dict[str, Any]:
    narrowed = {name: getattr(wanted, field) for name, field in due.FACETS.items()}
    return {name: sorted(values) for name, values in narrowed.items() if values}


def _head_json(head: ListHead) -> dict[str, Any]:
    return {
        "id": head.id,
        "day": head.day,
        "edition": head.edition,
        "made_at": head.made_at,
        "made_by": head.made_by,
        "horizon_days": head.horizon_days,
        "rule_version": head.rule_version,
    }


def _row(row: Mapping[str, Any], day: date) -> dict[str, Any]:
    """Return a row as it is sent: the tier by its name, and how many days over it was on the day of the list."""
    over = (day - row["due_on"]).days if row["due_on"] else None
    return {**row, "tier": TIERS[row["tier"]], "days_over": over, "street": row["street"] or ""}
