"""The demo city's last ninety days: what the screens would have shown, written as history.

Each place is judged at the beginning of the span, once a month, and on the days of its own records; where two
verdicts in a row differ, history gets the change. It takes a while, so the background worker does it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text

from data.copy import copy_rows
from data.db import acting
from data.rules import rules_of
from data.status import status_row
from data.store.facts import load_facts
from data.tables import registry
from layers.core.citytime import midnight
from layers.core.facts import Facts
from layers.core.judge import judge
from layers.core.rules import RuleTable
from layers.core.spec import Layer

DAYS = 90
_BATCH = 2000
_SHOWN = ("tier", "status", "state")


def ensure_past(engine: Engine) -> int:
    """Write the past of a demo district that has none yet, in one transaction; returns how many changes there were."""
    with acting(engine, "demo") as connection:
        demo = connection.scalar(text("SELECT value FROM setting WHERE key = 'demo' FOR UPDATE"))
        if not demo or demo.get("size") != "district" or "past_days" in demo:
            return 0
        written = write_past(connection, datetime.fromisoformat(demo["built_at"]))
        note = "UPDATE setting SET value = value || CAST(:past AS jsonb) WHERE key = 'demo'"
        connection.execute(text(note), {"past": json.dumps({"past_days": DAYS})})
        return written


def write_past(connection: Connection, at: datetime) -> int:
    """Write the history of the demo places up to an aware moment; returns how many changes there were."""
    written = 0
    for layer in registry:
        ids = list(
            connection.scalars(
                text("SELECT id FROM place WHERE layer = :layer AND source = 'demo' ORDER BY id"),
                {"layer": layer.id},
            )
        )
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            rows = _changes(layer, load_facts(connection, layer, batch, at), rules_of(connection, layer), at)
            written += copy_rows(
                connection, "history", ("table_name", "row_id", "at", "actor", "before", "after"), rows
            )
    return written


def _changes(
    layer: Layer, facts: dict[int, Facts], rules: RuleTable, at: datetime
) -> Iterator[tuple[Any, ...]]:
    for place_id, known in facts.items():
        before: dict[str, Any] | None = None
        for moment in _moments(known, at):
            now = status_row(layer, place_id, judge(layer, known, rules, moment), moment)
            if before is not None and any(now[name] != before[name] for name in _SHOWN):
                yield "place_status", place_id, moment.isoformat(), "clock", before, now
            before = now


def _moments(facts: Facts, at: datetime) -> Sequence[datetime]:
    """Return when to look: the beginning, once a month, the days of the place's own records, and the end."""
    begin = at - timedelta(days=DAYS)
    days = [midnight(permit.valid_to) for permit in facts.permits if permit.valid_to is not None]
    days += [visit.at for visit in facts.inspections]
    days += [
        moment for case in facts.cases for moment in (case.opened_at, case.closed_at) if moment is not None
    ]
    spread = facts.place_id * 7 % 30  # or the whole city would turn on one day
    days += [begin + timedelta(days=spread + month * 30) for month in range(3)]
    return [begin, *sorted({day for day in days if begin < day < at}), at]
