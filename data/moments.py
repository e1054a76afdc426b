"""The index of another moment: what the screens showed in the past, and what the rules will make of today's facts.

Both are overlays on the present index and cost what differs from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np
from sqlalchemy import Connection, Engine, text

from data.db import asking, reading
from data.index import LayerIndex, overlaid
from data.index_rows import IndexRows, read_rows, read_rows_at
from data.rules import rules_of
from data.store.facts import load_facts
from layers.core.errors import BadQueryError
from layers.core.judge import judge
from layers.core.text import Text

FARTHEST = timedelta(days=31)  # later, too little of what will happen is known
_BATCH = 5000

_TURNING = "SELECT place_id FROM place_status WHERE layer = :layer AND next_change <= :at ORDER BY place_id"


def index_at(engine: Engine, index: LayerIndex, at: datetime, is_ahead: bool) -> LayerIndex:
    """Return the index of a layer as of an aware moment, past or ahead.

    It is remembered until the present one changes, or the rules that will judge.
    """
    with asking(engine) as connection:
        version = rules_of(connection, index.layer).version if is_ahead else ""
    return _index_at(engine, index, at, version)


@lru_cache(maxsize=16)
def _index_at(engine: Engine, index: LayerIndex, at: datetime, version: str) -> LayerIndex:
    with reading(engine) as connection:
        return _ahead(connection, index, at) if version else _past(connection, index, at)


def check_moment(at: datetime, now: datetime) -> None:
    """Raise `BadQueryError` for a moment too far ahead."""
    if at > now + FARTHEST:
        days = FARTHEST.days
        raise BadQueryError(
            "as_of", Text(f"as_of 最多可到 {days} 天之后。", f"as_of may lie at most {days} days ahead.")
        )


def _past(connection: Connection, index: LayerIndex, at: datetime) -> LayerIndex:
    rows, touched = read_rows_at(connection, index.layer, at, index.words)
    return overlaid(index, rows, touched)


def _ahead(connection: Connection, index: LayerIndex, at: datetime) -> LayerIndex:
    layer = index.layer
    ids = list(connection.scalars(text(_TURNING), {"layer": layer.id, "at": at}))
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        index = overlaid(index, _judged(connection, index, batch, at), batch)
    return index


def _judged(connection: Connection, index: LayerIndex, ids: Sequence[int], at: datetime) -> IndexRows:
    """The rows of some places with the verdict that the rules in force at a moment give to what is known now."""
    layer, rules = index.layer, rules_of(connection, index.layer)
    facts = load_facts(connection, layer, ids, at)
    rows = read_rows(connection, layer, ids, index.words)
    verdicts = [judge(layer, facts[place_id], rules, at) for place_id in rows.ids.tolist()]
    states = list(rows.words["state"])
    states += sorted({verdict.state for verdict in verdicts} - set(states))
    code = {state: number for number, state in enumerate(states)}
    columns = {
        **rows.columns,
        "tier": np.array([verdict.tier.code for verdict in verdicts], np.uint8),
        "status": np.array([verdict.status.code for verdict in verdicts], np.uint8),
        "state": np.array([code[verdict.state] for verdict in verdicts], np.uint16),
    }
    return replace(rows, columns=columns, words={**rows.words, "state": tuple(states)})
