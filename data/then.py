"""Single places at another moment: as their rows were, or with the verdict that the rules will give to today's facts.

What is kept of the past is the place itself, its layer's fields and its verdict. Who may see it, and the records on it,
are of now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from data.rules import rules_of
from data.status import status_row
from data.store.facts import load_facts
from data.tables import registry
from layers.core.judge import judge
from layers.core.spec import Layer

_OWN = (
    "name",
    "address",
    "category",
    "flags",
    "updated_at",
)  # of the place itself; its area decides who may see it
_VERDICT = ("tier", "status", "state", "reasons", "rule_version", "judged_at", "next_change")
# A row of a table as it was: the earliest thing that history says of it after the moment, else as it is.
_ROWS_THEN = """
SELECT i.id AS of_place, r.* FROM unnest(CAST(:ids AS bigint[])) AS i (id) LEFT JOIN {table} t ON t.{key} = i.id
LEFT JOIN LATERAL (
  SELECT h.before FROM history h WHERE h.table_name = '{table}' AND h.row_id = i.id AND h.at > :at
  ORDER BY h.at, h.id LIMIT 1
) h ON true CROSS JOIN LATERAL jsonb_populate_record(t, h.before) r
"""


def row_then(
    connection: Connection, layer: Layer, row: Mapping[str, Any], at: datetime, now: datetime
) -> dict[str, Any] | None:
    """Return a row of `places.row_of` as of an aware moment; None for a place that was not there yet."""
    verdict = verdicts_then(connection, layer, [row["id"]], at, now)[row["id"]]
    if at > now:
        return {**row, **verdict}
    place = _rows_then(connection, "place", "id", [row["id"]], at)[row["id"]]
    if place["created_at"] > at:
        return None
    own = _rows_then(connection, f"layer_{layer.id}", "place_id", [row["id"]], at)[row["id"]]
    at_point = text("SELECT ST_X(g) AS lon, ST_Y(g) AS lat FROM (SELECT CAST(:geom AS geometry) AS g) p")
    point = connection.execute(at_point, {"geom": place["geom"]}).mappings().one()
    fields = {field.name: own[field.name] for field in layer.fields}
    return {**row, **{name: place[name] for name in _OWN}, **point, **fields, **verdict}


def list_then(
    connection: Connection, rows: Sequence[Mapping[str, Any]], at: datetime, now: datetime
) -> list[dict[str, Any]]:
    """Return rows of `overview.urgent` with the verdict of another moment and its first reason, the worst first."""
    then: dict[int, dict[str, Any]] = {}
    for layer in registry:
        ids = [row["id"] for row in rows if row["layer"] == layer.id]
        then |= verdicts_then(connection, layer, ids, at, now) if ids else {}
    turned = [{**row, **_listed(then[row["id"]])} for row in rows]
    return sorted(turned, key=lambda row: -row["tier"])


def verdicts_then(
    connection: Connection, layer: Layer, ids: Sequence[int], at: datetime, now: datetime
) -> dict[int, dict[str, Any]]:
    """Return the verdict columns of `place_status` of some places as of an aware moment, those without one as grey."""
    if at > now:
        facts, rules = load_facts(connection, layer, ids, at), rules_of(connection, layer)
        verdicts = {place_id: judge(layer, known, rules, at) for place_id, known in facts.items()}
        return {
            place_id: _verdict(
                {**status_row(layer, place_id, verdict, at), "next_change": verdict.next_change}
            )
            | {"judged_at": at}
            for place_id, verdict in verdicts.items()
        }
    rows = _rows_then(connection, "place_status", "place_id", ids, at)
    # When it was going to turn is no news any more.
    return {place_id: _verdict(row) | {"next_change": None} for place_id, row in rows.items()}


def _rows_then(
    connection: Connection, table: str, key: str, ids: Sequence[int], at: datetime
) -> dict[int, dict[str, Any]]:
    rows = connection.execute(text(_ROWS_THEN.format(table=table, key=key)), {"ids": list(ids), "at": at})
    return {row["of_place"]: dict(row) for row in rows.mappings()}


def _listed(verdict: Mapping[str, Any]) -> dict[str, Any]:
    return {name: verdict[name] for name in ("tier", "status", "next_change")} | {
        "reason": next(iter(verdict["reasons"]), None)
    }


def _verdict(row: Mapping[str, Any]) -> dict[str, Any]:
    nothing = {"tier": 0, "status": 0, "state": "", "reasons": []}
    return {name: row[name] if row[name] is not None else nothing.get(name) for name in _VERDICT}
