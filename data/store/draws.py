"""Draws (双随机) as rows: the pools they are made from, what came out of them, and the tasks made of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from data.store.places import scope_sql
from data.tables import registry
from layers.core.access import Role, Viewer
from layers.core.draw import Drawn, Officer, Pools, Target, officers_of
from layers.core.facts import InspectionResult
from layers.core.tiers import TIERS

TASK_SOURCE = "draw"
RANDOM = "random"  # the kind of visit that a draw leads to, where the layer has it
CREDIT = "credit_risk"  # the field of a layer that holds the class of credit risk
MOST_POOL = 100_000
_LOCK = (
    7_215_506  # draws and recusals are written one after the other, so each draw knows every earlier recusal
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolFilter:
    """From which places of a layer is drawn; an empty set narrows nothing."""

    layer: str
    streets: frozenset[str] = frozenset()  # codes of sub-districts or districts
    tiers: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    credits: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, list[str]]:
        """Return what narrows, by the name it has in addresses."""
        given = {
            "street": self.streets,
            "tier": self.tiers,
            "category": self.categories,
            "credit": self.credits,
        }
        return {name: sorted(values) for name, values in given.items() if values}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDraw:
    """A draw as it is written."""

    request: str
    title: str
    filters: PoolFilter
    seed: str
    seed_given: bool
    pools: Pools
    n: int
    due_on: date
    drawn_at: datetime
    drawn_by: str


def lock(connection: Connection) -> None:
    """Let nobody else draw, declare or end a recusal until the transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


# -- the pools --------------------------------------------------------------------------------------------------------

_NARROWED = {
    "street": "(p.area_code = ANY(:street) OR left(p.area_code, 6) = ANY(:street))",
    "tier": "coalesce(s.tier, 0) = ANY(:tier)",
    "category": "p.category = ANY(:category)",
    "credit": "{credit} = ANY(:credit)",
}
_RECUSED = (
    "SELECT r.officer, p.id FROM recusal r JOIN place p ON p.id = r.place_id "
    "WHERE r.ended_at IS NULL AND p.layer = :layer "
    "UNION SELECT r.officer, p.id FROM recusal r JOIN place p ON p.enterprise_id = r.enterprise_id "
    "WHERE r.ended_at IS NULL AND p.layer = :layer ORDER BY 1, 2"
)


def pools(connection: Connection, wanted: PoolFilter, tickets: Mapping[str, int]) -> Pools:
    """Return who and what may be drawn now: places under the filters, inspectors who cover some of them, recusals.

    One place more than `MOST_POOL` is returned where there are too many.
    """
    targets = tuple(_targets(connection, wanted))
    everybody = Pools(targets=targets, officers=tuple(_officers(connection)), tickets=tickets)
    fit = {name for names in map(officers_of(everybody), targets) for name in names}
    places = {target.place for target in targets}
    recused = connection.execute(text(_RECUSED), {"layer": wanted.layer})
    return Pools(
        targets=targets,
        officers=tuple(officer for officer in everybody.officers if officer.name in fit),
        recusals=frozenset((name, place) for name, place in recused if name in fit and place in places),
        tickets=tickets,
    )


def _targets(connection: Connection, wanted: PoolFilter) -> Iterable[Target]:
    layer = registry[wanted.layer]
    credit = f"coalesce(l.{CREDIT}, '')" if layer.field_named(CREDIT) else "''"
    given: dict[str, Any] = wanted.as_json()
    given |= {"tier": [TIERS.index(tier) for tier in wanted.tiers]} if wanted.tiers else {}
    narrowed = "".join(f"AND {_NARROWED[name].format(credit=credit)} " for name in given)
    sql = (
        f"SELECT p.id, p.area_code, {credit}, coalesce(e.uscc, ''), p.building_id FROM place p "
        "LEFT JOIN enterprise e ON e.id = p.enterprise_id LEFT JOIN place_status s ON s.place_id = p.id "
        f"LEFT JOIN layer_{layer.id} l ON l.place_id = p.id "
        f"WHERE p.layer = :layer {narrowed}ORDER BY p.id LIMIT :most"
    )
    rows = connection.execute(text(sql), given | {"layer": layer.id, "most": MOST_POOL + 1})
    return (Target(*row) for row in rows)


def _officers(connection: Connection) -> Iterable[Officer]:
    sql = "SELECT name, scope FROM app_user WHERE role = :role AND active ORDER BY name"
    rows = connection.execute(text(sql), {"role": Role.INSPECTOR.value})
    return (Officer(name, tuple(sorted(scope))) for name, scope in rows)


# -- writing ----------------------------------------------------------------------------------------------------------


def of_request(connection: Connection, request: str) -> int | None:
    """Return the draw that a form has made already, if any."""
    found = connection.scalar(text("SELECT id FROM draw WHERE request = :request"), {"request": request})
    return None if found is None else int(found)


def add(connection: Connection, new: NewDraw) -> int:
    """Write a draw with all that it was made from, in the caller's transaction; returns its number."""
    sql = (
        "INSERT INTO draw (request, title, layer, filters, seed, seed_given, tickets, pools, n, due_on, drawn_at, "
        "drawn_by) VALUES (:request, :title, :layer, CAST(:filters AS jsonb), :seed, :seed_given, "
        "CAST(:tickets AS jsonb), CAST(:pools AS jsonb), :n, :due_on, :drawn_at, :drawn_by) RETURNING id"
    )
    given: dict[str, Any] = {"layer": new.filters.layer, "filters": _json(new.filters.as_json())}
    given |= {"tickets": _json(dict(new.pools.tickets)), "pools": _json(new.pools.as_json())}
    names = ("request", "title", "seed", "seed_given", "n", "due_on", "drawn_at", "drawn_by")
    given |= {name: getattr(new, name) for name in names}
    return int(connection.scalar(text(sql), given) or 0)


def add_results(
    connection: Connection, draw_id: int, drawn: Iterable[Drawn], title: str, now: datetime, due_at: datetime
) -> None:
    """Write what was drawn, with one open task for each place."""
    rows = [
        {"position": position, "place": one.place, "first": one.officers[0], "second": one.officers[1]}
        for position, one in enumerate(drawn, start=1)
    ]
    task = (
        'INSERT INTO "case" (place_id, source, external_id, kind, title, stage, opened_at, due_at) VALUES '
        f"(:place, '{TASK_SOURCE}', :key, 'task', :title, 'dispatched', :now, :due_at)"
    )
    given = {"title": title, "now": now, "due_at": due_at}
    connection.execute(
        text(task), [given | {"place": r["place"], "key": f"{draw_id}:{r['place']}"} for r in rows]
    )
    result = (
        "INSERT INTO draw_result (draw_id, position, place_id, officer, second_officer, case_id) "
        'SELECT :draw, :position, :place, :first, :second, c.id FROM "case" c '
        f"WHERE c.source = '{TASK_SOURCE}' AND c.external_id = :draw || ':' || :place"
    )
    connection.execute(text(result), [{"draw": draw_id, **row} for row in rows])


def open_tasks(connection: Connection, place_id: int, officers: Iterable[str], at: datetime) -> list[int]:
    """Return the open tasks of draws at a place that a visit at a moment by some officers is an answer to."""
    sql = (
        'SELECT c.id FROM draw_result r JOIN "case" c ON c.id = r.case_id '
        "WHERE r.place_id = :place AND c.closed_at IS NULL AND c.opened_at <= :at "
        "AND (r.officer = ANY(:officers) OR r.second_officer = ANY(:officers))"
    )
    return list(connection.scalars(text(sql), {"place": place_id, "officers": list(officers), "at": at}))


def close_tasks(connection: Connection, tasks: Iterable[int], now: datetime) -> None:
    """Close some tasks: the officers have been there."""
    sql = "UPDATE \"case\" SET stage = 'closed', closed_at = greatest(opened_at, :now) WHERE id = ANY(:ids)"
    connection.execute(text(sql), {"ids": list(tasks), "now": now})


# -- reading ----------------------------------------------------------------------------------------------------------

# The visit that a draw has led to: the first since, made by one of the two, that found somebody in.
_VISIT = (
    "LEFT JOIN LATERAL (SELECT v.id, v.at, v.kind, v.result, v.published_on FROM inspection v "
    "WHERE v.place_id = r.place_id AND v.at >= d.drawn_at "
    f"AND v.result <> '{InspectionResult.NO_ENTRY}' "
    "AND (ARRAY[v.inspector, v.second_inspector] && ARRAY[r.officer, r.second_officer]) "
    "ORDER BY v.at, v.id LIMIT 1) v ON true"
)
_FROM = (
    "FROM draw d JOIN draw_result r ON r.draw_id = d.id JOIN place p ON p.id = r.place_id "
    f"LEFT JOIN enterprise e ON e.id = p.enterprise_id {_VISIT}"
)
_HEAD = (
    "d.id, d.title, d.layer, d.filters, d.seed, d.seed_given, d.tickets, d.n, d.due_on, d.drawn_at, d.drawn_by, "
    "jsonb_array_length(d.pools -> 'targets') AS targets, jsonb_array_length(d.pools -> 'officers') AS officers, "
    "jsonb_array_length(d.pools -> 'recusals') AS recusals"
)
_RECUSED_NOW = (
    "ARRAY(SELECT DISTINCT x.officer FROM recusal x WHERE x.ended_at IS NULL "
    "AND x.officer IN (r.officer, r.second_officer) "
    "AND (x.place_id = r.place_id OR x.enterprise_id = p.enterprise_id) ORDER BY 1) AS recused"
)


def heads(connection: Connection, viewer: Viewer, limit: int) -> tuple[list[dict[str, Any]], int]:
    """Return what the newest draws say of themselves, with their progress inside the viewer's scope, and their number.

    A draw concerns a viewer where one of its places lies inside the scope.
    """
    inside, params = scope_sql(viewer)
    known = f"SELECT DISTINCT d.id {_FROM.removesuffix(_VISIT)} WHERE {inside}"
    total = connection.scalar(text(f"SELECT count(*) FROM ({known}) k"), params)
    progress = (
        "SELECT count(*) AS places, count(v.id) AS visited, count(v.published_on) AS published "
        f"{_FROM} WHERE {inside} AND d.id = newest.id"
    )
    sql = (
        f"WITH newest AS (SELECT {_HEAD} FROM draw d WHERE d.id IN ({known}) "
        "ORDER BY d.drawn_at DESC, d.id DESC LIMIT :limit) "
        f"SELECT newest.*, done.* FROM newest CROSS JOIN LATERAL ({progress}) done "
        "ORDER BY newest.drawn_at DESC, newest.id DESC"
    )
    rows = connection.execute(text(sql), params | {"limit": limit}).mappings()
    return [dict(row) for row in rows], int(total or 0)


def head(connection: Connection, draw_id: int) -> dict[str, Any] | None:
    """Return what a draw says of itself."""
    sql = f"SELECT {_HEAD} FROM draw d WHERE d.id = :id"
    row = connection.execute(text(sql), {"id": draw_id}).mappings().one_or_none()
    return dict(row) if row else None


def snapshot(connection: Connection, draw_id: int) -> Mapping[str, Any]:
    """Return the pools that a draw was made from."""
    found = connection.scalar(text("SELECT pools FROM draw WHERE id = :id"), {"id": draw_id})
    assert isinstance(found, dict)  # noqa: S101  (who asks has read the head)
    return found


def stored(connection: Connection, draw_id: int) -> dict[int, Drawn]:
    """Return position -> what was drawn, of the places that are still there."""
    sql = "SELECT position, place_id, officer, second_officer FROM draw_result WHERE draw_id = :id"
    rows = connection.execute(text(sql), {"id": draw_id})
    return {row.position: Drawn(row.place_id, (row.officer, row.second_officer)) for row in rows}


def rows(connection: Connection, draw_id: int, viewer: Viewer) -> list[dict[str, Any]]:
    """Return what was drawn inside a viewer's scope, in its order, with how far each place has come."""
    inside, params = scope_sql(viewer)
    sql = (
        "SELECT r.position, r.place_id, d.layer, p.name, p.address, p.area_code, coalesce(a.name, '') AS street, "
        "r.officer, "
        "r.second_officer, r.case_id, c.closed_at AS task_closed, d.due_on, v.id AS inspection_id, v.at AS visited_at, "
        f"v.kind, v.result, v.published_on, {_RECUSED_NOW} {_FROM} LEFT JOIN area a ON a.code = p.area_code "
        f'LEFT JOIN "case" c ON c.id = r.case_id WHERE d.id = :id AND {inside} ORDER BY r.position'
    )
    return [dict(row) for row in connection.execute(text(sql), params | {"id": draw_id}).mappings()]


def names(connection: Connection, place_ids: Iterable[int]) -> dict[int, str]:
    """Return number -> name of some places."""
    sql = "SELECT id, name FROM place WHERE id = ANY(:ids)"
    return {row.id: row.name for row in connection.execute(text(sql), {"ids": list(place_ids)})}


def officer_names(connection: Connection) -> list[str]:
    """Return the names of all officers who may be drawn."""
    return [officer.name for officer in _officers(connection)]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
