"""Work in the background: a queue in PostgreSQL itself, and the clock that turns statuses at the right minute."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued

from data.db import make_engine, open_engine
from data.delivery_files import sweep
from data.delivery_work import Intake, handle
from data.demo.past import ensure_past
from data.due import WORKER, ensure_list, make_list
from data.inbox import empty, prepare
from data.queue import DELIVERY, FOLLOW_RULES, INBOX, INCOMING, RULES_LOCK
from data.rules import check_rules
from data.status import BATCH, follow_rules, judge_due
from data.store.changes import forget_old
from data.store.deliveries import unfinished
from layers.core.citytime import CITY_TIME
from layers.core.rent import MONTHS

DEMO_PAST = "demo_past"
MISSED_LIST = "missed_list"
MORNING_HOUR = 6  # of the city
_MORNING = "0 22 * * *"  # the queue's clock is UTC, in which 6:00 in Shanghai is 22:00 all the year


def make_worker(url: str, home: Path, month_days: float = MONTHS["30"]) -> App:
    """Return the worker's application on a database; run it with `run_worker()`.

    The files of deliveries lie in `home`, and the folder that is watched; `month_days`: how many days a month of rent
    counts.
    """
    queue = App(connector=PsycopgConnector(conninfo=url))
    engine = make_engine(url, pool_size=2)
    intake = Intake(engine, home / INCOMING, lambda: datetime.now(UTC), month_days)

    @queue.periodic(cron="* * * * *")
    @queue.task(queueing_lock="turn", pass_context=False)
    def turn(timestamp: int) -> None:
        """Judge every place whose verdict turns by itself about now."""
        while judge_due(engine, datetime.now(UTC)) == BATCH:
            pass

    @queue.periodic(cron="17 3 * * *")
    @queue.task(queueing_lock="tidy", pass_context=False)
    def tidy(timestamp: int) -> None:
        """Forget the changes that no reader looks for any more, and files that never arrived."""
        sweep(intake.incoming, intake.clock())
        with engine.begin() as connection:
            forget_old(connection)

    @queue.periodic(cron=_MORNING)
    @queue.task(queueing_lock="due", pass_context=False)
    def due_list(timestamp: int) -> None:
        """Make the list of what is to be inspected, which is there when people come to work."""
        make_list(engine, datetime.now(UTC), WORKER)

    @queue.periodic(cron="* * * * *")
    @queue.task(queueing_lock="inbox", pass_context=False)
    def watch(timestamp: int) -> None:
        """Take up what was put into the folder that is watched."""
        empty(intake, home / INBOX)

    @queue.task(name=MISSED_LIST, queueing_lock="missed_list")
    def missed_list() -> None:
        """Make the list of a morning that no worker saw."""
        now = datetime.now(UTC)
        if now.astimezone(CITY_TIME).hour >= MORNING_HOUR:
            ensure_list(engine, now, WORKER)

    @queue.task(name=DEMO_PAST, queueing_lock="past")
    def past() -> None:
        """Give the demo district the history that it cannot have."""
        ensure_past(engine)

    @queue.task(name=FOLLOW_RULES, queueing_lock=RULES_LOCK)
    def follow() -> None:
        """Judge every place that was last judged under other rules than today's."""
        follow_rules(engine, datetime.now(UTC))

    @queue.task(name=DELIVERY)
    def delivery(delivery_id: int) -> None:
        """Check a file that somebody has sent, or take it in."""
        handle(intake, delivery_id)

    return queue


def work(url: str, home: Path, month_days: float) -> None:
    """Work until told to stop; first come what a new version of the rules asks for, the demo city's past, and a list.

    Raises `DatabaseError` at once where the database does not answer: the queue alone would try for half a minute; and
    `RuleError` for a table of rules that cannot be used.
    """
    check_rules()
    with open_engine(url).connect() as connection:
        check_rules(connection)
        waiting = unfinished(connection)
    prepare(home / INBOX)
    queue = make_worker(url, home, month_days)
    with queue.open():
        first = ((FOLLOW_RULES, RULES_LOCK), (DEMO_PAST, "past"), (MISSED_LIST, "missed_list"))
        for task, lock in first:
            with suppress(AlreadyEnqueued):
                queue.configure_task(task, queueing_lock=lock).defer()
        for delivery_id in waiting:  # a worker that died in the middle of one left it so
            with suppress(AlreadyEnqueued):
                queue.configure_task(DELIVERY, queueing_lock=f"{DELIVERY}-{delivery_id}").defer(
                    delivery_id=delivery_id
                )
        queue.run_worker()
