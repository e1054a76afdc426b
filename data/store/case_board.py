"""Cases as a board: how many are in which stage, one page after the other, and one with all that was done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from data.store import draws
from data.store.places import in_scope, scope_sql
from layers.core.access import MASKS, Action, FieldClass, Viewer
from layers.core.casework import BOARD
from layers.core.contests import CONTEST
from layers.core.errors import BadQueryError, UnknownCaseError
from layers.core.text import Text
from layers.core.tiers import TIERS

_FROM: Final = (
    'FROM "case" c JOIN place p ON p.id = c.place_id LEFT JOIN enterprise e ON e.id = p.enterprise_id '
    "LEFT JOIN place_status s ON s.place_id = p.id LEFT JOIN area a ON a.code = p.area_code "
)
_COLUMNS: Final = (
    "c.id, c.place_id, c.source, p.layer, p.name, p.address, p.area_code, coalesce(a.name, '') AS street, "
    "p.building_id, e.uscc, coalesce(s.tier, 0) AS tier, c.kind, c.nature, c.title, c.stage, c.handler, c.reporter, "
    "c.opened_at, c.accepted_on, c.filing_on, c.informed_on, c.due_at, c.closed_at, c.closed_by, c.reason_code, "
    "c.reason_rule, c.reason_fact, c.reason_params"
)
_SINCE: Final = (
    "coalesce((SELECT max(t.at) FROM case_step t WHERE t.case_id = c.id), c.opened_at) AS stage_since"
)
# Cases with a day first, the earliest first; the number makes the order whole.
_KEY: Final = "coalesce(c.due_at, 'infinity'::timestamptz), c.id"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """What narrows the board; nothing means everything that is open."""

    stages: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    streets: frozenset[str] = frozenset()
    layer: str = ""
    place_id: int | None = None
    mine: bool = False  # dispatched to the viewer
    late: bool = False  # the day by which it was to be done is over


def counts(connection: Connection, viewer: Viewer, wanted: CaseFilter, now: datetime) -> dict[str, Any]:
    """Return how many open cases there are per stage under the other filters, and of those how many are late."""
    condition, params = _condition(viewer, wanted, now, staged=False)
    sql = (
        f"SELECT c.stage, count(*) AS n, count(*) FILTER (WHERE c.due_at < :now) AS late {_FROM}"
        f"WHERE {condition} AND c.closed_at IS NULL GROUP BY c.stage"
    )
    found = {row.stage: row for row in connection.execute(text(sql), params)}
    return {
        "stages": {stage.value: found[stage].n if stage in found else 0 for stage in BOARD},
        "late": sum(row.late for row in found.values()),
    }


def page(
    connection: Connection, viewer: Viewer, wanted: CaseFilter, now: datetime, limit: int, after: str
) -> tuple[list[dict[str, Any]], int, str | None]:
    """Return some cases of the board, their number in all and the token of the rest (None at the end)."""
    condition, params = _condition(viewer, wanted, now, staged=True)
    total = connection.scalar(text(f"SELECT count(*) {_FROM}WHERE {condition}"), params)
    beyond = ""
    if after:
        due, last = _token(after)
        beyond = f"AND ({_KEY}) > (CAST(:due AS timestamptz), :last) "
        params |= {"due": due, "last": last}
    sql = f"SELECT {_COLUMNS}, {_SINCE} {_FROM}WHERE {condition} {beyond}ORDER BY {_KEY} LIMIT :limit"
    found = connection.execute(text(sql), params | {"limit": limit + 1}).mappings().all()
    rows = [dict(row) for row in found[:limit]]
    more = len(found) > limit
    return [told(row, viewer) for row in rows], int(total or 0), _token_of(rows[-1]) if more else None


def one(connection: Connection, viewer: Viewer, case_id: int) -> dict[str, Any]:
    """Return a case as a row with its whole past; raises `UnknownCaseError` outside the scope."""
    sql = (
        f"SELECT {_COLUMNS}, {_SINCE} {_FROM}WHERE c.id = :id AND c.kind <> '{CONTEST}' "
        f"AND c.source <> '{draws.TASK_SOURCE}'"
    )
    row = connection.execute(text(sql), {"id": case_id}).mappings().one_or_none()
    if row is None or not viewer.may(Action.OPEN_CASES) or not in_scope(viewer, dict(row)):
        raise UnknownCaseError
    return dict(row)


def past(connection: Connection, case_id: int) -> list[dict[str, Any]]:
    """Return the steps taken with a case, oldest first, each with how far from the place it was taken."""
    sql = (
        "SELECT t.id, t.step, t.stage, t.at, t.taken_by, t.words, t.handler, t.due_at, t.accuracy_m, t.photo_id, "
        "ST_X(t.spot) AS lon, ST_Y(t.spot) AS lat, "
        "ST_Distance(t.spot::geography, p.geom::geography) AS distance_m "
        'FROM case_step t JOIN "case" c ON c.id = t.case_id JOIN place p ON p.id = c.place_id '
        "WHERE t.case_id = :id ORDER BY t.id"
    )
    return [dict(row) for row in connection.execute(text(sql), {"id": case_id}).mappings()]


def told(row: Mapping[str, Any], viewer: Viewer) -> dict[str, Any]:
    """Return a row as it is sent: the tier by its name, who reported masked and only to those who may know."""
    hidden = {"building_id", "uscc", "reporter"}
    reporter = MASKS["person"](row["reporter"])
    known = {"reporter": reporter} if FieldClass.PERSONAL in viewer.reads_records(in_scope=True) else {}
    shown = {name: value for name, value in row.items() if name not in hidden}
    return shown | known | {"tier": TIERS[row["tier"]].value}


def _condition(
    viewer: Viewer, wanted: CaseFilter, now: datetime, *, staged: bool
) -> tuple[str, dict[str, Any]]:
    inside, params = scope_sql(viewer)
    parts = [inside, f"c.kind <> '{CONTEST}' AND c.source <> '{draws.TASK_SOURCE}'"]
    params |= {"now": now, "stages": sorted(wanted.stages), "kinds": sorted(wanted.kinds)}
    if staged:
        parts.append("c.stage = ANY(:stages)" if wanted.stages else "c.closed_at IS NULL")
    if wanted.kinds:
        parts.append("coalesce(nullif(c.nature, ''), c.kind) = ANY(:kinds)")
    if wanted.streets:
        parts.append("(p.area_code = ANY(:streets) OR left(p.area_code, 6) = ANY(:streets))")
        params["streets"] = sorted(wanted.streets)
    if wanted.layer:
        parts.append("p.layer = :layer")
        params["layer"] = wanted.layer
    if wanted.place_id is not None:
        parts.append("c.place_id = :place")
        params["place"] = wanted.place_id
    if wanted.mine:
        parts.append("c.handler = :me")
        params["me"] = viewer.name
    if wanted.late:
        parts.append("c.due_at < :now AND c.closed_at IS NULL")
    return " AND ".join(parts), params


def _token_of(row: Mapping[str, Any]) -> str:
    due = row["due_at"].isoformat() if row["due_at"] else "infinity"
    return f"{due}_{row['id']}"


def _token(after: str) -> tuple[str, int]:
    due, _, last = after.partition("_")
    try:
        known = due == "infinity" or datetime.fromisoformat(due).tzinfo is not None
        if known and last.isdecimal() and len(last) <= 18:
            return due, int(last)
    except ValueError:
        pass
    raise BadQueryError(
        "after", Text("after 须为上一页给出的 next。", "after is the next of the page before.")
    )
