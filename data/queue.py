"""What others ask the worker to do, through the queue in PostgreSQL; a worker that is away does it when it is back."""

from __future__ import annotations

FOLLOW_RULES, RULES_LOCK = "follow_rules", "rules"
DELIVERY = "delivery"
INCOMING, INBOX = (
    "incoming",
    "inbox",
)  # folders of the home: of the files that were sent, and the one that is watched


def ask_worker(url: str, task: str, lock: str, **about: int) -> None:
    """Have the worker do a task once; asked again before it has begun, it is still one."""
    from procrastinate import App, SyncPsycopgConnector  # a fifth of a second that no start needs to wait for
    from procrastinate.exceptions import AlreadyEnqueued

    queue = App(connector=SyncPsycopgConnector(conninfo=url))
    with queue.open():
        try:
            queue.configure_task(task, queueing_lock=lock).defer(**about)
        except AlreadyEnqueued:
            return
