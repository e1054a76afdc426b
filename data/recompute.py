"""Judging every place anew: in batches, by several processes, and broken off it goes on where it stopped."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import get_context
from typing import Any

from sqlalchemy import Connection, Engine, text

from data.db import acting, make_engine
from data.rules import check_rules, rules_of
from data.status import judge_ids
from data.store.audit import record
from data.tables import registry
from layers.core.citytime import CITY_TIME
from layers.core.errors import YipingError
from layers.core.text import Text

BATCH = 5000
KEY = "recompute"  # the run under way, in the settings
_LOCK = 7_215_505
_BATCHES = """
SELECT min(id), max(id), count(*) FROM (
  SELECT id, row_number() OVER (ORDER BY id) AS n FROM place WHERE layer = :layer
) p GROUP BY (n - 1) / :size ORDER BY 1
"""
_IDS = "SELECT id FROM place WHERE layer = :layer AND id BETWEEN :first AND :last ORDER BY id"
_KEEP = (
    "INSERT INTO setting (key, value) VALUES (:key, CAST(:value AS jsonb)) "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)
_DONE = (
    "UPDATE setting SET value = jsonb_set(jsonb_set(value, '{done}', (value -> 'done') || CAST(:done AS jsonb)), "
    "'{changed}', to_jsonb((value ->> 'changed')::bigint + :changed)) WHERE key = :key"
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Places of a layer with ids from `first` to `last`, judged in one transaction."""

    layer: str
    first: int
    last: int
    count: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Recomputed:
    """How many verdicts changed, as of which moment, and whether an earlier run was brought to its end."""

    changed: int
    at: datetime
    continued: bool

    def sentence(self) -> Text:
        """Return the result in words."""
        said = f"{self.at.astimezone(CITY_TIME):%Y-%m-%d %H:%M}"
        zh, en = (
            ("接着上次中断的重算，", "An earlier run was brought to its end. ")
            if self.continued
            else ("", "")
        )
        return Text(
            f"{zh}按 {said} 判定，{self.changed} 处有变化。",
            f"{en}Judged as of {said}: {self.changed} verdicts changed.",
        )


def recompute(
    engine: Engine,
    at: datetime,
    layers: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    actor: str = "recompute",
    processes: int | None = None,
    exactly: bool = False,
) -> Recomputed:
    """Judge every place of some layers (default: all) as of an aware moment.

    A run over the same layers under the same rules that was broken off is brought to its end as of its own moment,
    unless the moment asked for is meant `exactly`; who asked for it is on the record. Raises `YipingError` while
    another one is under way, `RuleError` for bad tables.
    """
    wanted = list(layers) if layers is not None else [layer.id for layer in registry]
    with engine.connect() as connection:
        check_rules(connection)
        rules = {layer_id: rules_of(connection, registry[layer_id]).version for layer_id in wanted}
    with _alone(engine):
        batches = [batch for layer_id in wanted for batch in _batches(engine, layer_id)]
        total = sum(batch.count for batch in batches)
        run, continued = _begin(engine, at, rules, actor, exactly, total)
        moment = datetime.fromisoformat(run["at"])
        done = {tuple(batch) for batch in run["done"]}
        left = [batch for batch in batches if (batch.layer, batch.first, batch.last) not in done]
        judged = total - sum(batch.count for batch in left)
        for batch, changed in _judged(engine, left, moment, actor, processes or os.cpu_count() or 1):
            _note(engine, batch, changed)
            judged += batch.count
            if progress:
                progress(judged, total)
        return Recomputed(_end(engine), moment, continued)


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Let no other run begin meanwhile; the lock goes with this process, however it ends."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
        if not guard.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}):
            raise YipingError(
                Text(
                    "另一次重算正在进行：请等它结束，它中断后再执行即可接着算。",
                    "Everything is being judged anew already: wait for the end; one that was broken off is continued.",
                )
            )
        try:
            yield
        finally:
            guard.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})


def _begin(
    engine: Engine, at: datetime, rules: dict[str, str], actor: str, exactly: bool, places: int
) -> tuple[dict[str, Any], bool]:
    """Return the run that was broken off, or a new one, and which it is."""
    with acting(engine, actor) as connection:
        known = connection.scalar(text("SELECT value FROM setting WHERE key = :key"), {"key": KEY})
        continued = known is not None and known["rules"] == rules
        continued = continued and (not exactly or known["at"] == at.isoformat())
        run = known if continued else {"at": at.isoformat(), "rules": rules, "done": [], "changed": 0}
        if not continued:
            connection.execute(text(_KEEP), {"key": KEY, "value": json.dumps(run)})
        details = {"as_of": run["at"], "layers": list(rules), "places": places, "continued": continued}
        record(connection, actor, "recompute", "verdicts", details)
        return run, continued


def _note(engine: Engine, batch: Batch, changed: int) -> None:
    """Write down that a batch is judged; lost in between, it is judged again, which changes nothing."""
    done = json.dumps([[batch.layer, batch.first, batch.last]])
    with engine.begin() as connection:
        connection.execute(text(_DONE), {"key": KEY, "done": done, "changed": changed})


def _end(engine: Engine) -> int:
    with engine.begin() as connection:
        run = connection.scalar(text("DELETE FROM setting WHERE key = :key RETURNING value"), {"key": KEY})
    return int(run["changed"])


def _batches(engine: Engine, layer_id: str) -> list[Batch]:
    with engine.connect() as connection:
        rows = connection.execute(text(_BATCHES), {"layer": layer_id, "size": BATCH})
        return [Batch(layer_id, *row) for row in rows]


def _judged(
    engine: Engine, batches: Sequence[Batch], at: datetime, actor: str, processes: int
) -> Iterator[tuple[Batch, int]]:
    """Yield each batch once it is judged, and how many of its verdicts changed."""
    if processes < 2 or len(batches) < 2:
        for batch in batches:
            yield batch, _judge(engine, batch, at, actor)
        return
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with get_context("spawn").Pool(processes, _open, (url, at, actor)) as pool:
        yield from pool.imap_unordered(_judge_here, batches)


_here: list[tuple[Engine, datetime, str]] = []  # what a process of the pool works with


def _open(url: str, at: datetime, actor: str) -> None:
    gc.disable()  # a batch is millions of objects without a cycle among them: looking for one took a third of the time
    _here.append((make_engine(url, pool_size=1), at, actor))


def _judge_here(batch: Batch) -> tuple[Batch, int]:
    engine, at, actor = _here[0]
    changed = _judge(engine, batch, at, actor)
    gc.collect()
    return batch, changed


def _judge(engine: Engine, batch: Batch, at: datetime, actor: str) -> int:
    with acting(engine, actor) as connection:
        return judge_ids(connection, registry[batch.layer], _ids(connection, batch), at)


def _ids(connection: Connection, batch: Batch) -> list[int]:
    within = {"layer": batch.layer, "first": batch.first, "last": batch.last}
    return list(connection.scalars(text(_IDS), within))
