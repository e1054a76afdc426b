"""Credit records and their repair: each step is one audited transaction that judges every place of the firm again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime

from sqlalchemy import Connection, Engine

from data.db import acting, asking
from data.rules import rules_of
from data.status import judge_places
from data.store import audit, changes, credit, credit_corrections
from data.store.credit import Written
from data.tables import registry
from layers.core.access import Viewer
from layers.core.checks import looked_at
from layers.core.citytime import day_of
from layers.core.credit import Need
from layers.core.credit_plan import Plan, plan
from layers.core.facts import RepairStage

Step = Callable[[Connection, date], Written]


class Credit:
    """The commands on credit records, given from the card of a place."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime], renew: Callable[[], None]) -> None:
        """`renew` lets this process read its own writing, and its pages hear of it."""
        self._engine = engine
        self._clock = clock
        self._renew = renew

    def plan(self, given: Mapping[str, str | None]) -> Plan:
        """Return what the rules say of a record that a form describes; raises `BadQueryError` naming the field.

        The rules are those of the first layer that looks at records: they are national, and the same for all.
        """
        with asking(self._engine) as connection:
            tables = (rules_of(connection, layer) for layer in registry)
            return plan(
                given, next(table for table in tables if "credit" in looked_at(table)), day_of(self._clock())
            )

    def enter(self, place_id: int, given: Mapping[str, str | None], viewer: Viewer) -> None:
        """Enter a record of the firm of a place, as a form holds it."""
        self._done(
            viewer,
            "credit_record",
            place_id,
            {},
            lambda c, today: credit.enter(c, viewer, place_id, given, today),
        )

    def correct(
        self, place_id: int, record_id: int, given: Mapping[str, str | None], words: str, viewer: Viewer
    ) -> None:
        """Correct a record to what a form holds, with the reason."""
        self._done(
            viewer,
            "credit_correct",
            place_id,
            {},
            lambda c, today: credit_corrections.correct(c, viewer, place_id, record_id, given, words, today),
        )

    def withdraw(self, place_id: int, record_id: int, words: str, viewer: Viewer) -> None:
        """Withdraw a record that should not have been entered, with the reason."""
        self._done(
            viewer,
            "credit_withdraw",
            place_id,
            {},
            lambda c, today: credit_corrections.withdraw(c, viewer, place_id, record_id, words, today),
        )

    def apply(self, place_id: int, record_id: int, declared: Collection[Need], viewer: Viewer) -> None:
        """Ask for the repair of a record."""
        self._done(
            viewer,
            "repair_apply",
            place_id,
            {},
            lambda c, today: credit.apply(c, viewer, place_id, record_id, declared, today),
        )

    def move_on(self, place_id: int, repair_id: int, stage: RepairStage, viewer: Viewer) -> None:
        """Let a repair pass its next stage; the last one ends the publication."""
        self._done(
            viewer,
            "repair_step",
            place_id,
            {"stage": stage},
            lambda c, today: credit.move_on(c, viewer, place_id, repair_id, stage, today),
        )

    def refuse(self, place_id: int, repair_id: int, words: str, viewer: Viewer) -> None:
        """Refuse a repair with words."""
        self._done(
            viewer,
            "repair_refuse",
            place_id,
            {},
            lambda c, today: credit.refuse(c, viewer, place_id, repair_id, words, today),
        )

    def _done(
        self, viewer: Viewer, action: str, place_id: int, details: Mapping[str, str], step: Step
    ) -> None:
        """Take a step; what people wrote stays out of the record, which more people read than the card."""
        now = self._clock()
        with acting(self._engine, viewer.name) as connection:
            written = step(connection, day_of(now))
            if written.new:
                everywhere = credit.places_of_firm(connection, written.enterprise_id)
                judge_places(connection, everywhere, now)
                changes.announce(connection, *everywhere)
                told = {"record": written.record_id, "repair": written.repair_id or None, **details}
                told |= {"changed": ", ".join(written.changed)} if written.changed else {}
                audit.record(connection, viewer.name, action, f"place:{place_id}", told)
        self._renew()
