"""Status: facts are judged and the verdicts kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, text

from data.copy import copy_rows
from data.db import acting
from data.rules import rules_of
from data.store.facts import load_facts
from data.tables import registry
from layers.core.judge import judge
from layers.core.spec import Layer
from layers.core.text import Text
from layers.core.verdict import Param, Reason, Verdict

BATCH = 5000
_COLUMNS = (
    "place_id",
    "layer",
    "tier",
    "status",
    "state",
    "reasons",
    "rule_version",
    "judged_at",
    "next_change",
)
_UPSERT = """
INSERT INTO place_status AS s (place_id, layer, tier, status, state, reasons, rule_version, judged_at, next_change)
SELECT place_id, layer, tier, status, state, reasons, rule_version, judged_at, next_change FROM judged
ON CONFLICT (place_id) DO UPDATE SET tier = excluded.tier, status = excluded.status, state = excluded.state,
  reasons = excluded.reasons, rule_version = excluded.rule_version, judged_at = excluded.judged_at,
  next_change = excluded.next_change
WHERE (s.tier, s.status, s.state, s.reasons, s.rule_version, s.next_change)
  IS DISTINCT FROM (excluded.tier, excluded.status, excluded.state, excluded.reasons, excluded.rule_version,
                    excluded.next_change)
RETURNING place_id
"""
_OF_SOURCE = (
    "SELECT id FROM place WHERE layer = :layer AND source = :source AND id > :after ORDER BY id LIMIT :limit"
)
_OUTDATED = (
    "SELECT p.id FROM place p LEFT JOIN place_status s ON s.place_id = p.id "
    "WHERE p.layer = :layer AND p.id > :after AND s.rule_version IS DISTINCT FROM :version ORDER BY p.id LIMIT :limit"
)


def judge_places(connection: Connection, place_ids: Sequence[int], at: datetime) -> int:
    """Judge places as of an aware moment in the caller's transaction; count the verdicts that changed."""
    found = connection.execute(
        text("SELECT layer, array_agg(id) FROM place WHERE id = ANY(:ids) GROUP BY layer"),
        {"ids": list(place_ids)},
    ).all()
    return sum(judge_ids(connection, registry[layer_id], list(ids), at) for layer_id, ids in found)


def judge_ids(connection: Connection, layer: Layer, ids: Sequence[int], at: datetime) -> int:
    """Judge places of one layer in the caller's transaction; count the verdicts that changed."""
    rules = rules_of(connection, layer)
    facts = load_facts(connection, layer, ids, at)
    rows = (_cells(layer, place_id, judge(layer, known, rules, at), at) for place_id, known in facts.items())
    connection.execute(text("CREATE TEMP TABLE IF NOT EXISTS judged (LIKE place_status) ON COMMIT DROP"))
    copy_rows(connection, "judged", _COLUMNS, rows)
    changed = list(connection.scalars(text(_UPSERT)))
    # Emptied, not dropped: a transaction that judges millions would keep a lock for every table it has dropped.
    connection.execute(text("TRUNCATE judged"))
    return len(changed)


def judge_source(
    connection: Connection, source: str, at: datetime, progress: Callable[[int, int], None]
) -> None:
    """Judge every place of a source as of an aware moment in the caller's transaction."""
    count = text("SELECT count(*) FROM place WHERE source = :source")
    total, done = int(connection.scalar(count, {"source": source}) or 0), 0
    for layer in registry:
        for ids in _batches(partial(_ids, connection, _OF_SOURCE, layer=layer.id, source=source)):
            judge_ids(connection, layer, ids, at)
            done += len(ids)
            progress(done, total)


def follow_rules(engine: Engine, at: datetime) -> int:
    """Judge the places that were last judged under another version of the rules, or never; returns how many.

    Interrupted, it goes on where it stopped.
    """
    judged = 0
    for layer in registry:
        with engine.connect() as connection:
            version = rules_of(connection, layer).version
        for ids in _batches(partial(_ids_apart, engine, _OUTDATED, layer=layer.id, version=version)):
            with acting(engine, "rules") as connection:
                judge_ids(connection, layer, ids, at)
            judged += len(ids)
    return judged


def judge_due(engine: Engine, at: datetime, limit: int = BATCH) -> int:
    """Judge the places whose verdict turns by itself at or before a moment; returns how many were looked at."""
    with acting(engine, "clock") as connection:
        ids = list(
            connection.scalars(
                text(
                    "SELECT place_id FROM place_status WHERE next_change <= :at ORDER BY next_change LIMIT :limit"
                ),
                {"at": at, "limit": limit},
            )
        )
        judge_places(connection, ids, at)
    return len(ids)


def verdict_of(connection: Connection, place_id: int, at: datetime) -> tuple[Any, Verdict] | None:
    """Return the facts of one place and its verdict as of a moment, without saving; None for an unknown place."""
    layer_id = connection.scalar(text("SELECT layer FROM place WHERE id = :id"), {"id": place_id})
    if layer_id is None:
        return None
    layer = registry[layer_id]
    facts = load_facts(connection, layer, [place_id], at)[place_id]
    return facts, judge(layer, facts, rules_of(connection, layer), at)


def _batches(ids_after: Callable[[int], list[int]]) -> Iterator[list[int]]:
    """Yield ids in order, batch by batch, from a function that gives those after one."""
    last = 0
    while ids := ids_after(last):
        yield ids
        last = ids[-1]


def _ids(connection: Connection, query: str, after: int, **parameters: str) -> list[int]:
    return list(connection.scalars(text(query), {**parameters, "after": after, "limit": BATCH}))


def _ids_apart(engine: Engine, query: str, after: int, **parameters: str) -> list[int]:
    """Return ids of a query while no transaction is held."""
    with engine.connect() as connection:
        return _ids(connection, query, after, **parameters)


def _cells(layer: Layer, place_id: int, verdict: Verdict, at: datetime) -> tuple[Any, ...]:
    row = status_row(layer, place_id, verdict, at)
    row["reasons"] = orjson.dumps(row["reasons"]).decode()
    return tuple(row[name] for name in _COLUMNS)


def status_row(layer: Layer, place_id: int, verdict: Verdict, at: datetime) -> dict[str, Any]:
    """Return a verdict as a row of `place_status`: column -> value as JSON writes it."""
    return {
        "place_id": place_id,
        "layer": layer.id,
        "tier": verdict.tier.code,
        "status": verdict.status.code,
        "state": verdict.state,
        "reasons": [reason_json(reason) for reason in verdict.reasons],
        "rule_version": verdict.rule_version,
        "judged_at": at.isoformat(),
        "next_change": verdict.next_change.isoformat() if verdict.next_change else None,
    }


def reason_json(reason: Reason) -> dict[str, Any]:
    """Return a reason as kept in the database and sent to the screen, before its words are chosen."""
    marks: dict[str, Any] = {"contested": True} if reason.contested else {}
    marks |= {"repairing": True} if reason.repairing else {}
    marks |= {"upheld_on": reason.upheld_on.isoformat()} if reason.upheld_on else {}
    return {  # by hand: `asdict` copies so deeply that it took as long as judging
        "code": reason.code,
        "tier": reason.tier,
        "params": {name: _plain(value) for name, value in reason.params.items()},
        "fact": reason.fact,
        "on": reason.on.isoformat() if reason.on else None,
        "rule_id": reason.rule_id,
        "source": reason.source.as_json(),
        "verified": reason.verified,
        **marks,  # only where there are any: millions of verdicts do without
    }


def _plain(value: Param) -> Any:
    return value.as_json() if isinstance(value, Text) else value
