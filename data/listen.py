"""Hearing of changes: one connection per process listens, and calls whoever wants to look."""

from __future__ import annotations

import logging
import select
import threading
from collections.abc import Callable

import psycopg2

from data.store.changes import CHANNEL

log = logging.getLogger(__name__)
_RETRY_S = 1.0


class Listener:
    """A thread that calls `heard` after every burst of announcements, and whenever it could listen anew.

    An announcement says no more than that it is worth looking: what was missed while the connection was lost is
    found by looking.
    """

    def __init__(self, url: str, heard: Callable[[], None]) -> None:
        self._url = url
        self._heard = heard
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listen", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread.is_alive():
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
            self._look()
            while not self._stop.is_set():
                if select.select([connection], [], [], 0.5)[0]:
                    connection.poll()
                    if connection.notifies:
                        connection.notifies.clear()
                        self._look()
        finally:
            connection.close()

    def _look(self) -> None:
        try:
            self._heard()
        except Exception:
            log.exception("Looking at changes failed")
