"""Status: facts are judged and the verdicts kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Engine, text

from data.copy import copy_columns
from data.db import acting
from data.rules import rules_of
from data.store.facts import load_facts
from data.tables import registry
from layers.core.judge import judge
from layers.core.spec import Layer
from layers.core.text import Text
from layers.core.verdict import Param, Reason, Verdict

BATCH = 5000
_KEPT = (
    "SELECT place_id, tier, status, state, reasons::text, rule_version, next_change FROM place_status "
    "WHERE place_id = ANY(%(ids)s)"
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


class _Said(NamedTuple):
    """A verdict as the database keeps it."""

    tier: int
    status: int
    state: str
    reasons: list[dict[str, Any]]
    rule_version: str
    next_change: datetime | None


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
    facts, kept = load_facts(connection, layer, ids, at), _kept(connection, ids)
    judged = ((place_id, _said(judge(layer, known, rules, at))) for place_id, known in facts.items())
    news = {place_id: said for place_id, said in judged if said != kept.get(place_id)}
    if not news:
        return 0
    connection.execute(text("CREATE TEMP TABLE IF NOT EXISTS judged (LIKE place_status) ON COMMIT DROP"))
    copy_columns(connection, "judged", _columns(layer, news, at))
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


def _kept(connection: Connection, ids: Sequence[int]) -> dict[int, _Said]:
    """Return place id -> what the database says already; comparing here is a third of the work of writing it again."""
    rows = connection.exec_driver_sql(_KEPT, {"ids": list(ids)}).cursor.fetchall()
    return {
        place_id: _Said(tier, status, state, orjson.loads(reasons), version, turns)
        for place_id, tier, status, state, reasons, version, turns in rows
    }


def _said(verdict: Verdict) -> _Said:
    return _Said(
        verdict.tier.code,
        verdict.status.code,
        verdict.state,
        [reason_json(reason) for reason in verdict.reasons],
        verdict.rule_version,
        verdict.next_change,
    )


def _columns(layer: Layer, news: Mapping[int, _Said], at: datetime) -> dict[str, list[str | None]]:
    """Return verdicts as columns of texts."""
    said = news.values()
    return {
        "place_id": [str(place_id) for place_id in news],
        "layer": [layer.id] * len(news),
        "tier": [str(one.tier) for one in said],
        "status": [str(one.status) for one in said],
        "state": [one.state for one in said],
        "reasons": [orjson.dumps(one.reasons).decode() for one in said],
        "rule_version": [one.rule_version for one in said],
        "next_change": [one.next_change.isoformat() if one.next_change else None for one in said],
        "judged_at": [at.isoformat()] * len(news),
    }


def status_row(layer: Layer, place_id: int, verdict: Verdict, at: datetime) -> dict[str, Any]:
    """Return a verdict as a row of `place_status`: column -> value as JSON writes it."""
    return {
        "place_id": place_id,
        "layer": layer.id,
        **_said(verdict)._asdict(),
        "next_change": verdict.next_change.isoformat() if verdict.next_change else None,
        "judged_at": at.isoformat(),
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
