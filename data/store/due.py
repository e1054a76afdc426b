"""Inspection lists (待检查清单): made from what the verdicts say, read inside a viewer's scope, turned into tasks."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from data.books import DUE_REASONS
from data.store.places import scope_sql
from layers.core.access import Viewer
from layers.core.errors import BadQueryError
from layers.core.reasons import describe
from layers.core.text import Text

TASK_SOURCE = "due"
NO_STREET = "none"  # what a filter calls the rows whose street is not known
FACETS = {"layer": "layers", "why": "whys", "street": "streets"}
_CODES = [f"inspection.{why}" for why in DUE_REASONS]
_LOCK = 7_215_503  # one list is made at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class DueFilter:
    """What is wanted of a list; an empty set narrows nothing."""

    day: date | None = None  # the newest list without one
    layers: frozenset[str] = frozenset()
    streets: frozenset[str] = frozenset()  # area codes, and `NO_STREET`
    whys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ListHead:
    """What a list says of itself."""

    id: int
    day: date
    edition: int
    horizon_days: int
    rule_version: str
    made_at: datetime
    made_by: str


_HEAD = (
    "SELECT id, day, edition, horizon_days, rule_version, created_at AS made_at, created_by AS made_by "
    "FROM inspection_list "
)
# The first of the reasons that make a visit due; of two rules that speak, the earlier day counts.
_REASON = (
    "SELECT reason FROM jsonb_array_elements(s.reasons) AS e(reason) WHERE reason ->> 'code' = ANY(:codes) "
    "ORDER BY (reason ->> 'on')::date NULLS LAST LIMIT 1"
)
_FOUND = f"""
CREATE TEMP TABLE due_found ON COMMIT DROP AS
SELECT s.place_id, s.layer, split_part(r.reason ->> 'code', '.', 2) AS why, (r.reason ->> 'on')::date AS due_on,
  (r.reason #>> '{{params,last}}')::date AS last_visit, p.area_code, s.tier, s.rule_version
FROM place_status s JOIN place p ON p.id = s.place_id CROSS JOIN LATERAL ({_REASON}) r
WHERE r.reason ->> 'on' IS NULL OR (r.reason ->> 'on')::date <= :until
"""
_FACTS = "place_id, layer, why, due_on, last_visit, area_code, tier"
_KEPT = f"SELECT {_FACTS} FROM inspection_list_item WHERE list_id = :list"
_DIFFERS = (
    f"SELECT EXISTS ((SELECT {_FACTS} FROM due_found EXCEPT {_KEPT}) UNION ALL "
    f"({_KEPT} EXCEPT SELECT {_FACTS} FROM due_found))"
)
_INSERT = (
    "INSERT INTO inspection_list (day, edition, horizon_days, rule_version, created_at) "
    "SELECT :day, coalesce((SELECT max(edition) FROM inspection_list WHERE day = :day), 0) + 1, :horizon, "
    "coalesce((SELECT string_agg(DISTINCT rule_version, ' ' ORDER BY rule_version) FROM due_found), ''), :now "
    "RETURNING id"
)
_TASKS = f"FROM \"case\" c WHERE c.source = '{TASK_SOURCE}' AND c.closed_at IS NULL"
_INSERT_ITEMS = (
    f"INSERT INTO inspection_list_item (list_id, {_FACTS}, case_id) "
    f"SELECT :list, {_FACTS}, (SELECT max(c.id) {_TASKS} AND c.place_id = f.place_id) FROM due_found f"
)


def make(connection: Connection, day: date, until: date, now: datetime) -> tuple[ListHead, bool]:
    """Make the list of a day in the caller's transaction; returns it and whether it is new.

    What is due is every place whose verdict says so by `until`, the last day that is looked ahead to. Where nothing
    has changed since the newest list of the day this one stands; else a further edition is kept beside it.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    connection.execute(text(_FOUND), {"codes": _CODES, "until": until})
    known = head(connection, day)
    if known is not None and not connection.scalar(text(_DIFFERS), {"list": known.id}):
        return known, False
    given = {"day": day, "horizon": (until - day).days, "now": now}
    list_id = connection.scalar(text(_INSERT), given)
    connection.execute(text(_INSERT_ITEMS), {"list": list_id})
    made = head(connection, day)
    assert made is not None  # noqa: S101  (it was inserted above)
    return made, True


def head(connection: Connection, day: date | None = None) -> ListHead | None:
    """Return the newest list, or the newest edition of a day's; None where there is none."""
    of_day = "" if day is None else "WHERE day = :day "
    row = connection.execute(
        text(f"{_HEAD}{of_day}ORDER BY day DESC, edition DESC LIMIT 1"), {"day": day}
    ).one_or_none()
    return ListHead(*row) if row else None


def head_of(connection: Connection, list_id: int) -> ListHead | None:
    """Return a list by its number."""
    row = connection.execute(text(f"{_HEAD}WHERE id = :id"), {"id": list_id}).one_or_none()
    return ListHead(*row) if row else None


def days(connection: Connection, limit: int) -> list[date]:
    """Return the days that have lists, newest first."""
    sql = "SELECT DISTINCT day FROM inspection_list ORDER BY day DESC LIMIT :limit"
    return list(connection.scalars(text(sql), {"limit": limit}))


# -- reading ----------------------------------------------------------------------------------------------------------

# Every row has its place: the joins are outer ones so that the database leaves them out where nothing asks for them.
_FROM = (
    "FROM inspection_list_item i LEFT JOIN place p ON p.id = i.place_id "
    "LEFT JOIN enterprise e ON e.id = p.enterprise_id "
)
_ROWS = (
    "SELECT i.place_id, i.layer, p.name, p.address, i.area_code, a.name AS street, i.why, i.due_on, i.last_visit, "
    "i.tier, i.case_id, c.due_at AS task_due, c.closed_at AS task_closed "
    f'{_FROM}LEFT JOIN area a ON a.code = i.area_code LEFT JOIN "case" c ON c.id = i.case_id '
)
_ORDER = "i.area_code, coalesce(i.due_on, 'infinity'::date), i.place_id"


_NARROWED = {
    "layer": "i.layer = ANY(:layers)",
    "why": "i.why = ANY(:whys)",
    "street": "(i.area_code = ANY(:streets) OR left(i.area_code, 6) = ANY(:streets))",  # or a whole district
}


def rows(
    connection: Connection, list_id: int, wanted: DueFilter, viewer: Viewer, after: str, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Return one page of a list by street and due day, and the token of the next page; every row exactly once.

    Raises `BadQueryError` for a token of another list.
    """
    condition, params = _condition(list_id, wanted, viewer)
    behind = f"AND ({_ORDER}) > (:after_area, CAST(:after_due AS date), :after_place) " if after else ""
    params |= _read(after) | {"limit": limit + 1}
    sql = f"{_ROWS}WHERE {condition} {behind}ORDER BY {_ORDER} LIMIT :limit"
    found = [dict(row) for row in connection.execute(text(sql), params).mappings()]
    return found[:limit], _token(found[limit - 1]) if len(found) > limit else None


def counts(
    connection: Connection, list_id: int, wanted: DueFilter, viewer: Viewer
) -> dict[str, dict[str, int]]:
    """Return facet -> value -> count of rows under the other filters, of streets by their code."""
    return {name: _count(connection, list_id, name, wanted, viewer) for name in FACETS}


def total(connection: Connection, list_id: int, wanted: DueFilter, viewer: Viewer) -> int:
    """Return how many rows of a list a viewer may read under a filter."""
    condition, params = _condition(list_id, wanted, viewer)
    return int(connection.scalar(text(f"SELECT count(*) {_FROM}WHERE {condition}"), params) or 0)


def _count(
    connection: Connection, list_id: int, name: str, wanted: DueFilter, viewer: Viewer
) -> dict[str, int]:
    without: dict[str, Any] = {FACETS[name]: frozenset()}
    condition, params = _condition(list_id, replace(wanted, **without), viewer)
    value = f"coalesce(nullif(i.area_code, ''), '{NO_STREET}')" if name == "street" else f"i.{name}"
    sql = f"SELECT {value}, count(*) {_FROM}WHERE {condition} GROUP BY 1 ORDER BY 1"
    return {row[0]: int(row[1]) for row in connection.execute(text(sql), params)}


def _condition(list_id: int, wanted: DueFilter, viewer: Viewer) -> tuple[str, dict[str, Any]]:
    """Return the condition on rows `i`, their places `p` and firms `e`, and its parameters."""
    inside, params = scope_sql(viewer)
    parts = ["i.list_id = :list", inside]
    streets = ["" if code == NO_STREET else code for code in wanted.streets]
    narrowed = {"layer": wanted.layers, "why": wanted.whys, "street": streets}
    parts += [_NARROWED[name] for name, values in narrowed.items() if values]
    return " AND ".join(parts), params | {"list": list_id} | {f"{n}s": list(v) for n, v in narrowed.items()}


def _token(row: Mapping[str, Any]) -> str:
    due = row["due_on"].isoformat() if row["due_on"] else "infinity"
    return base64.urlsafe_b64encode(json.dumps([row["area_code"], due, row["place_id"]]).encode()).decode()


def _read(after: str) -> dict[str, Any]:
    if not after:
        return {}
    try:
        area, due, place = json.loads(base64.urlsafe_b64decode(after.encode()))
        known = due == "infinity" or date.fromisoformat(due)
        if not (known and isinstance(area, str) and isinstance(place, int) and 0 <= place < 1 << 63):
            raise ValueError(after)
    except (ValueError, TypeError) as error:
        raise BadQueryError(
            "after",
            Text(
                "after 不是这份清单的页标：请去掉它从头开始。",
                "after is no token of this list: start again without it.",
            ),
        ) from error
    return {"after_area": area, "after_due": due, "after_place": place}


# -- tasks ------------------------------------------------------------------------------------------------------------


def chosen(
    connection: Connection,
    list_id: int,
    place_ids: Sequence[int],
    streets: frozenset[str],
    wanted: DueFilter,
    viewer: Viewer,
    limit: int,
) -> list[int]:
    """Return the places of a list that were chosen one by one or by their street under a filter, in order."""
    condition, params = _condition(list_id, wanted, viewer)
    codes = ["" if code == NO_STREET else code for code in streets]
    sql = (
        f"SELECT i.place_id {_FROM}WHERE {condition} AND (i.place_id = ANY(:chosen) OR i.area_code = ANY(:codes)) "
        "ORDER BY i.place_id LIMIT :limit"
    )
    params |= {"chosen": list(place_ids), "codes": codes, "limit": limit}
    return list(connection.scalars(text(sql), params))


def lock(connection: Connection, place_ids: Sequence[int]) -> None:
    """Let nobody else make tasks of these places until the transaction ends; always in the order of the numbers."""
    sql = "SELECT id FROM place WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE"
    connection.execute(text(sql), {"ids": list(place_ids)})


def with_task(connection: Connection, list_id: int, place_ids: Sequence[int]) -> set[int]:
    """Return those of some places that have an open task already, or had one from this very row."""
    sql = (
        f"SELECT place_id FROM \"case\" WHERE source = '{TASK_SOURCE}' AND place_id = ANY(:ids) "
        "AND (closed_at IS NULL OR external_id = :list || ':' || place_id)"
    )
    return set(connection.scalars(text(sql), {"ids": list(place_ids), "list": str(list_id)}))


def still_due(connection: Connection, place_ids: Iterable[int]) -> dict[int, str]:
    """Return place -> why a visit is due in words, of those of which the verdict still says so."""
    sql = (
        f"SELECT s.place_id, r.reason FROM place_status s CROSS JOIN LATERAL ({_REASON}) r "
        "WHERE s.place_id = ANY(:ids)"
    )
    found = connection.execute(text(sql), {"ids": list(place_ids), "codes": _CODES})
    return {place: describe(reason["code"], reason["params"], "zh") for place, reason in found}


def add_tasks(
    connection: Connection, list_id: int, titles: Mapping[int, str], now: datetime, due_at: datetime
) -> list[int]:
    """Write a task for each place (with its title) of a list, at most one per row; returns the places that got one."""
    sql = (
        'INSERT INTO "case" (place_id, source, external_id, kind, title, stage, opened_at, due_at) '
        f"SELECT t.place_id, '{TASK_SOURCE}', :list || ':' || t.place_id, 'task', t.title, 'dispatched', :now, :due_at "
        "FROM unnest(CAST(:ids AS bigint[]), CAST(:titles AS text[])) AS t(place_id, title) "
        "ON CONFLICT (source, external_id) DO NOTHING RETURNING place_id"
    )
    given = {"list": str(list_id), "now": now, "due_at": due_at}
    given |= {"ids": list(titles), "titles": list(titles.values())}
    return sorted(connection.scalars(text(sql), given))


def close_tasks(connection: Connection, place_id: int, at: datetime, now: datetime) -> None:
    """Close the tasks of lists at a place that were open when somebody visited it: the visit is their answer."""
    sql = (
        "UPDATE \"case\" SET stage = 'closed', closed_at = greatest(opened_at, :now) "
        f"WHERE source = '{TASK_SOURCE}' AND place_id = :place AND closed_at IS NULL AND opened_at <= :at"
    )
    connection.execute(text(sql), {"place": place_id, "at": at, "now": now})


def link_tasks(connection: Connection, list_id: int, place_ids: Sequence[int]) -> None:
    """Let the rows of some places name their open task, in this list and in those made since."""
    sql = (
        'UPDATE inspection_list_item i SET case_id = c.id FROM "case" c '
        f"WHERE c.source = '{TASK_SOURCE}' AND c.closed_at IS NULL AND c.place_id = i.place_id "
        "AND i.list_id >= :list AND i.place_id = ANY(:ids) AND i.case_id IS DISTINCT FROM c.id"
    )
    connection.execute(text(sql), {"list": list_id, "ids": list(place_ids)})
