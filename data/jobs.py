"""Work in the background: a queue in PostgreSQL itself, and the clock that turns statuses at the right minute."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate import App, PsycopgConnector

from data.db import make_engine
from data.status import BATCH, judge_due


def make_worker(url: str) -> App:
    """Return the worker's application on a database; run it with `run_worker()`."""
    queue = App(connector=PsycopgConnector(conninfo=url))
    engine = make_engine(url, pool_size=2)

    @queue.periodic(cron="* * * * *")
    @queue.task(queueing_lock="turn", pass_context=False)
    def turn(timestamp: int) -> None:
        """Judge every place whose verdict turns by itself about now."""
        while judge_due(engine, datetime.now(UTC)) == BATCH:
            pass

    return queue
