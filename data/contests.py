"""Objections to what is said of a place: each step is one audited transaction that judges the place again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine

from data.db import acting
from data.status import judge_places
from data.store import audit, changes, contests
from data.store.contests import Objection, Written
from layers.core.access import Viewer
from layers.core.contests import Outcome

Step = Callable[[Connection, datetime], Written]


class Contests:
    """The commands on objections; each returns the place whose card they change."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime], renew: Callable[[], None]) -> None:
        """`renew` lets this process read its own writing, and its pages hear of it."""
        self._engine = engine
        self._clock = clock
        self._renew = renew

    def object_to(self, objection: Objection, viewer: Viewer) -> int:
        """Open an objection to a reason; the very same one again changes nothing."""
        about = objection.about._asdict()
        return self._done(
            viewer, "contest", about, lambda c, now: contests.object_to(c, viewer, objection, now)
        )

    def decide(self, contest_id: int, outcome: Outcome, words: str, viewer: Viewer) -> int:
        """End an objection with a decision and its explanation."""
        told = {"outcome": outcome}
        return self._done(
            viewer,
            "contest_decide",
            told,
            lambda c, now: contests.decide(c, viewer, contest_id, outcome, words, now),
        )

    def withdraw(self, contest_id: int, viewer: Viewer) -> int:
        """End an objection as the wish of who made it."""
        return self._done(
            viewer, "contest_withdraw", {}, lambda c, now: contests.withdraw(c, viewer, contest_id, now)
        )

    def _done(self, viewer: Viewer, action: str, details: Mapping[str, str], step: Step) -> int:
        """Take a step; what people wrote stays out of the record, which more people read than the card."""
        now = self._clock()
        with acting(self._engine, viewer.name) as connection:
            written = step(connection, now)
            if written.new:
                judge_places(connection, [written.place_id], now)
                changes.announce(connection, written.place_id)
                told = {"contest": written.contest_id, **details}
                audit.record(connection, viewer.name, action, f"place:{written.place_id}", told)
        self._renew()
        return written.place_id
