"""Cases as the web sees them (案件处置): each step is one audited transaction that judges the place again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from data.db import acting, asking, reading
from data.status import judge_places
from data.store import audit, case_board, case_photos, casework, changes
from data.store.case_board import CaseFilter
from data.store.case_photos import Photo
from data.store.casework import NewCase, Taken, Written
from layers.core.access import Action, Viewer
from layers.core.casework import MOVES, Need, usual_due
from layers.core.errors import ForbiddenError, UnknownCaseError
from layers.core.text import Text

Record = dict[str, Any]


class Casework:
    """Questions and commands about cases; every one takes the viewer."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime], renew: Callable[[], None]) -> None:
        """`renew` lets this process read its own writing, and its pages hear of it."""
        self._engine = engine
        self._clock = clock
        self._renew = renew

    def tally(self, viewer: Viewer) -> Record:
        """Return how many open cases there are per stage inside the viewer's scope, and how many of them are late."""
        with asking(self._engine) as connection:
            return case_board.counts(connection, viewer, CaseFilter(), self._clock())

    def board(self, viewer: Viewer, wanted: CaseFilter, limit: int, after: str = "") -> Record:
        """Return the number of open cases per stage, and a page of those wanted, the most urgent first."""
        if not viewer.may(Action.OPEN_CASES):
            raise UnknownCaseError
        now = self._clock()
        with reading(self._engine) as connection:
            counted = case_board.counts(connection, viewer, wanted, now)
            rows, total, more = case_board.page(connection, viewer, wanted, now, limit, after)
        return {**counted, "total": total, "rows": rows, "next": more}

    def knows(self, case_id: int, viewer: Viewer) -> bool:
        """Tell whether there is a case that a viewer may know of."""
        with asking(self._engine) as connection:
            try:
                case_board.one(connection, viewer, case_id)
            except UnknownCaseError:
                return False
        return True

    def read(self, case_id: int, viewer: Viewer) -> Record:
        """Return a case with what was done about it and what the viewer may do; raises `UnknownCaseError`."""
        with reading(self._engine) as connection:
            row = case_board.one(connection, viewer, case_id)
            steps = casework.open_steps(row, viewer)
            dispatches = any(Need.HANDLER in MOVES[step].needs for step in steps)
            return {
                **case_board.told(row, viewer),
                "inform_by": casework.told_by(connection, row),
                "past": case_board.past(connection, case_id),
                "steps": [step.value for step in steps],
                "officers": casework.officers(connection, row["area_code"] or "") if dispatches else [],
                "usual_due": usual_due(self._clock()),
            }

    def open_case(self, new: NewCase, viewer: Viewer) -> Written:
        """Open a case on a place."""
        told = {"title": new.title, **({"reason": new.about.code} if new.about else {})}
        return self._done(viewer, "open", told, lambda c, now: casework.open_case(c, viewer, new, now))

    def take(self, case_id: int, taken: Taken, viewer: Viewer) -> Written:
        """Take a step with a case."""
        told = {"step": taken.step, **({"handler": taken.handler} if taken.handler else {})}
        return self._done(viewer, "step", told, lambda c, now: casework.take(c, viewer, case_id, taken, now))

    def add_photo(self, case_id: int, content: bytes, viewer: Viewer) -> int:
        """Keep a photo of a case, of somebody who may take a step with it; returns its number."""
        with acting(self._engine, viewer.name) as connection:
            row = case_board.one(connection, viewer, case_id)
            if not casework.open_steps(row, viewer):
                raise ForbiddenError(
                    Text("照片由承办人上传。", "Whoever handles the case adds photos to it.")
                )
            photo = case_photos.add(connection, case_id, content, viewer.name, self._clock())
            audit.record(connection, viewer.name, "case_photo", f"case:{case_id}", {"photo": photo})
        return photo

    def photo(self, case_id: int, photo_id: int, viewer: Viewer) -> Photo:
        """Return a photo of a case inside the viewer's scope; raises `UnknownCaseError`."""
        with asking(self._engine) as connection:
            case_board.one(connection, viewer, case_id)
            return case_photos.read(connection, case_id, photo_id)

    def _done(
        self,
        viewer: Viewer,
        action: str,
        details: Mapping[str, Any],
        step: Callable[[Connection, datetime], Written],
    ) -> Written:
        """Take a step; what people wrote stays out of the record, which more people read than the case."""
        now = self._clock()
        with acting(self._engine, viewer.name) as connection:
            written = step(connection, now)
            if written.new:
                judge_places(connection, [written.place_id], now)
                changes.announce(connection, written.place_id)
                told = {"place": written.place_id, **details}
                audit.record(connection, viewer.name, f"case_{action}", f"case:{written.case_id}", told)
        self._renew()
        return written
