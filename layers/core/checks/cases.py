"""Cases: complaints, alerts and tasks on a place that nobody has closed.

An objection is no case in this sense: that the authority has not answered it yet says nothing against the place.

Params: `kinds` (default all), `answer_days` or `answer_working_days` (for a case without a due date, to the end of
the last of them; absent: never overdue).
Outcomes: open, overdue. Several of one outcome make one reason with their number.
"""

from __future__ import annotations

from datetime import datetime

from layers.core.citytime import add_days, day_of, midnight
from layers.core.contests import CONTEST, is_open
from layers.core.facts import Case, Facts
from layers.core.findings import Findings
from layers.core.rules import Rule
from layers.core.spec import Layer
from layers.core.workdays import add_working_days

PARAMS = frozenset({"kinds", "answer_days", "answer_working_days"})
CODES = frozenset({"cases.open", "cases.overdue"})


def check_cases(layer: Layer, facts: Facts, rule: Rule, at: datetime) -> Findings:
    """Count what is open and what should have been answered."""
    found = Findings()
    waiting: list[tuple[datetime | None, Case]] = []
    overdue: list[tuple[datetime | None, Case]] = []
    for case in open_cases(facts, at):
        if case.kind in rule.params.get("kinds", (case.kind,)):
            due = _due(case, rule)
            (overdue if due is not None and due <= at else waiting).append((due, case))
    found.changes += [due for due, _ in waiting if due is not None]
    _say(found, rule, "open", waiting)
    _say(found, rule, "overdue", overdue)
    return found


def open_cases(facts: Facts, at: datetime) -> list[Case]:
    """Return the cases that are open at a moment and speak against the place."""
    return [case for case in facts.cases if case.kind != CONTEST and is_open(case, at)]


def _due(case: Case, rule: Rule) -> datetime | None:
    if case.due_at is not None:
        return case.due_at
    opened, params = day_of(case.opened_at), rule.params
    if (working := params.get("answer_working_days")) is not None:
        return midnight(add_days(add_working_days(opened, working), 1))
    days = params.get("answer_days")
    return None if days is None else midnight(add_days(opened, days + 1))


def _say(found: Findings, rule: Rule, outcome: str, cases: list[tuple[datetime | None, Case]]) -> None:
    if not cases:
        return
    oldest = min((case for _, case in cases), key=lambda case: case.opened_at)
    dues = [due for due, _ in cases if due is not None]
    opened = day_of(oldest.opened_at)
    on = day_of(min(dues)) if dues else opened
    fact = f"case:{oldest.id}" if oldest.id is not None else "case"
    found.say(
        rule, f"cases.{outcome}", outcome, {"n": len(cases), "date": opened.isoformat()}, fact=fact, on=on
    )
