"""Hearing of changes: one connection per process listens, and tells whoever subscribed."""

from __future__ import annotations

import json
import logging
import select
import threading
from collections.abc import Callable
from typing import Any

import psycopg2

from data.store.changes import CHANNEL

log = logging.getLogger(__name__)
_RETRY_S = 1.0


class Listener:
    """A thread that calls subscribers with each announcement `{"layer", "ids", "version"}`.

    After a lost connection it calls them with None: anything may have been missed.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._subscribers: list[Callable[[dict[str, Any] | None], None]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listen", daemon=True)

    def subscribe(self, subscriber: Callable[[dict[str, Any] | None], None]) -> None:
        """Call `subscriber` from the listener's thread from now on."""
        self._subscribers.append(subscriber)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except psycopg2.Error as error:
                log.warning("Lost the connection that hears of changes: %s", str(error).strip())
                self._stop.wait(_RETRY_S)

    def _listen(self) -> None:
        connection = psycopg2.connect(self._url)
        connection.autocommit = True
        try:
            connection.cursor().execute(f"LISTEN {CHANNEL}")
            self._tell(None)
            while not self._stop.is_set():
                if select.select([connection], [], [], 0.5)[0]:
                    connection.poll()
                    for notice in _taken(connection.notifies):
                        self._tell(json.loads(notice.payload))
        finally:
            connection.close()

    def _tell(self, change: dict[str, Any] | None) -> None:
        for subscriber in self._subscribers:
            try:
                subscriber(change)
            except Exception:
                log.exception("A subscriber to changes failed")


def _taken(notices: list[Any]) -> list[Any]:
    taken = notices[:]
    notices.clear()
    return taken
