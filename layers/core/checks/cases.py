"""Cases: complaints, alerts and tasks on a place that nobody has closed.

An objection is no case in this sense: that the authority has not answered it yet says nothing against the place.

Params: `kinds` (default all), `answer_days` or `answer_working_days` (for a case without a due date, to the end of
the last of them, counted from its acceptance if that is known; absent: never overdue), `accept_working_days` (nature
of a complaint -> working days within which it must be accepted or refused), `inform_working_days` (within which who
reported under a name is told whether it was filed: nothing of the place, see `layers.core.casework`).
Outcomes: open, unaccepted (nobody has accepted it in time), overdue. Several of one outcome make one reason with their
number.
"""

from __future__ import annotations

from datetime import datetime

from layers.core.citytime import add_days, day_of, midnight
from layers.core.contests import CONTEST, is_open
from layers.core.facts import Case, Facts
from layers.core.findings import Findings
from layers.core.rules import Rule
from layers.core.spec import Layer
from layers.core.verdict import Param
from layers.core.workdays import add_working_days

Dated = tuple[datetime | None, Case]  # a case with the moment that its outcome turns on
PARAMS = frozenset(
    {"kinds", "answer_days", "answer_working_days", "accept_working_days", "inform_working_days"}
)
OUTCOMES = frozenset({"open", "unaccepted", "overdue"})
CODES = frozenset(f"cases.{outcome}" for outcome in OUTCOMES)


def check_cases(found: Findings, layer: Layer, facts: Facts, rule: Rule, at: datetime) -> None:
    """Count what is open and what should have been answered."""
    groups: dict[str, list[Dated]] = {outcome: [] for outcome in ("open", "unaccepted", "overdue")}
    for case in open_cases(facts, at):
        if case.kind in rule.params.get("kinds", (case.kind,)):
            due, accept = _due(case, rule), _to_accept(case, rule, at)
            late = due is not None and due <= at
            unaccepted = accept is not None and accept <= at
            found.changes += [moment for moment in (due, accept) if moment is not None and moment > at]
            outcome = "overdue" if late else "unaccepted" if unaccepted else "open"
            groups[outcome].append((accept if outcome == "unaccepted" else due, case))
    for outcome, cases in groups.items():
        _say(found, rule, outcome, cases)


def open_cases(facts: Facts, at: datetime) -> list[Case]:
    """Return the cases that are open at a moment and speak against the place."""
    return [case for case in facts.cases if case.kind != CONTEST and is_open(case, at)]


def _due(case: Case, rule: Rule) -> datetime | None:
    if case.due_at is not None:
        return case.due_at
    opened, params = case.accepted_on or day_of(case.opened_at), rule.params
    if (working := params.get("answer_working_days")) is not None:
        return midnight(add_days(add_working_days(opened, working), 1))
    days = params.get("answer_days")
    return None if days is None else midnight(add_days(opened, days + 1))


def _to_accept(case: Case, rule: Rule, at: datetime) -> datetime | None:
    """Return when a complaint that nobody has accepted should have been, None for any other."""
    days = rule.params.get("accept_working_days", {}).get(case.nature)
    if days is None or (case.accepted_on is not None and case.accepted_on <= day_of(at)):
        return None
    return midnight(add_days(add_working_days(day_of(case.opened_at), days), 1))


def _say(found: Findings, rule: Rule, outcome: str, cases: list[Dated]) -> None:
    if not cases:
        return
    oldest = min((case for _, case in cases), key=lambda case: case.opened_at)
    dues = [due for due, _ in cases if due is not None]
    opened = day_of(oldest.opened_at)
    on = day_of(min(dues)) if dues else opened
    fact = f"case:{oldest.id}" if oldest.id is not None else "case"
    words: dict[str, Param] = {"n": len(cases), "date": opened.isoformat()}
    if outcome == "unaccepted":
        words["due"] = add_days(on, -1).isoformat()
    found.say(rule, f"cases.{outcome}", outcome, words, fact=fact, on=on)
