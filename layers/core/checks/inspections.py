"""Inspections: is the next visit due, and how did the last one end?

`inspection_due` turns food-safety risk and credit risk into visits a year (九宫格): `due = last visit + 365
/ visits`.
Params: `matrix` (risk -> credit -> visits a year), `risk_field`, `credit_field`, `risk_of`, `credit_of`
(field value -> row, column), `risk_default`, `credit_default`, `at_least` (risk value -> visits),
`soon_days`, `long_overdue_days`, `kinds` (of visits that count), `categories` (of places concerned; default
all).
Outcomes: in_time, due_soon, overdue, long_overdue, never, unrecorded, exempt (no visits planned).

`inspection_result` looks at the last visit. Params: `critical_from`, `serious_from`, `minor_from` (number
of faults that count), `kinds`. Outcomes: passed, minor, serious, critical, conditional, follow_up_due,
follow_up_overdue, failed, no_entry, closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from layers.core.checks.visits import fact_of, first_record, has_no_record, is_closed, last_visit
from layers.core.citytime import add_days, day_of
from layers.core.facts import Facts, Inspection, InspectionResult
from layers.core.findings import Findings
from layers.core.rules import Rule
from layers.core.spec import Layer

DUE_PARAMS = frozenset(
    {
        "matrix",
        "risk_field",
        "credit_field",
        "risk_of",
        "credit_of",
        "risk_default",
        "credit_default",
        "at_least",
        "soon_days",
        "long_overdue_days",
        "kinds",
        "categories",
    }
)
RESULT_PARAMS = frozenset({"critical_from", "serious_from", "minor_from", "kinds"})
DUE_OUTCOMES = frozenset({"in_time", "due_soon", "overdue", "long_overdue", "never", "unrecorded", "exempt"})
RESULT_OUTCOMES = frozenset(
    {
        "passed",
        "minor",
        "serious",
        "critical",
        "conditional",
        "follow_up_due",
        "follow_up_overdue",
        "failed",
        "no_entry",
        "closed",
    }
)
CODES = frozenset(f"inspection.{outcome}" for outcome in DUE_OUTCOMES | RESULT_OUTCOMES)


def check_inspection_due(found: Findings, layer: Layer, facts: Facts, rule: Rule, at: datetime) -> None:
    """Tell when the next visit is due and how far that is away."""
    params = rule.params
    categories = params.get("categories")
    if (categories is not None and facts.category not in categories) or is_closed(facts, at):
        return
    visits = visits_a_year(params, facts)
    last = last_visit(facts, at, params.get("kinds"))
    if visits <= 0:
        found.say(rule, "inspection.exempt", "exempt")
    elif last is None:
        outcome = "unrecorded" if has_no_record(facts, at) else "never"
        found.turns_on(first_record(facts, at))
        found.say(rule, f"inspection.{outcome}", outcome)
    else:
        _say_due(found, rule, last, add_days(day_of(last.at), round(365 / visits)), day_of(at))


def visits_a_year(params: Mapping[str, Any], facts: Facts) -> float:
    """Return the planned visits a year for a place by its risk and its firm's credit."""
    risk = facts.attributes.get(params.get("risk_field", "food_risk"))
    credit = facts.attributes.get(params.get("credit_field", "credit_risk"))
    row = params["matrix"][params.get("risk_of", {}).get(risk, params["risk_default"])]
    visits = float(row[params.get("credit_of", {}).get(credit, params["credit_default"])])
    return max(visits, float(params.get("at_least", {}).get(risk, 0)))


def _say_due(found: Findings, rule: Rule, last: Inspection, due: date, day: date) -> None:
    soon = add_days(due, -rule.params.get("soon_days", 30))
    long = add_days(due, rule.params.get("long_overdue_days", 180))
    if day > long:
        outcome, turns = "long_overdue", None
    elif day > due:
        outcome, turns = "overdue", add_days(long, 1)
    elif day >= soon:
        outcome, turns = "due_soon", add_days(due, 1)
    else:
        outcome, turns = "in_time", soon
    found.turns_on(turns)
    words = {"date": due.isoformat(), "last": day_of(last.at).isoformat()}
    found.say(rule, f"inspection.{outcome}", outcome, {**words}, fact=fact_of(last), on=due)


def check_inspection_result(found: Findings, layer: Layer, facts: Facts, rule: Rule, at: datetime) -> None:
    """Tell how the last visit ended, and whether somebody stood before a closed door since."""
    kinds = rule.params.get("kinds")
    last = last_visit(facts, at, kinds)
    if last is not None:
        outcome = _outcome(rule.params, last, day_of(at), found)
        on = day_of(last.at)
        faults = last.critical + last.serious + last.minor
        words: dict[str, Any] = {"date": on.isoformat(), "faults": faults}
        if last.follow_up_due is not None:
            words["due"] = last.follow_up_due.isoformat()
        found.say(rule, f"inspection.{outcome}", outcome, words, fact=fact_of(last), on=on)
    _say_no_entry(found, facts, rule, at, last)


def _outcome(params: Mapping[str, Any], last: Inspection, day: date, found: Findings) -> str:
    if last.result is InspectionResult.CONDITIONAL:
        return _follow_up(last, day, found)
    if last.result is not InspectionResult.PASSED:
        return last.result.value
    if last.critical >= params.get("critical_from", 1):
        return "critical"
    if last.serious >= params.get("serious_from", 1):
        return "serious"
    return "minor" if last.minor >= params.get("minor_from", 1) else "passed"


def _follow_up(last: Inspection, day: date, found: Findings) -> str:
    due = last.follow_up_due
    if due is None:
        return "conditional"
    if day > due:
        return "follow_up_overdue"
    found.turns_on(add_days(due, 1))
    return "follow_up_due"


def _say_no_entry(found: Findings, facts: Facts, rule: Rule, at: datetime, last: Inspection | None) -> None:
    kinds = rule.params.get("kinds")
    locked = [
        visit
        for visit in facts.inspections
        if visit.result is InspectionResult.NO_ENTRY
        and visit.at <= at
        and (kinds is None or visit.kind in kinds)
        and (last is None or visit.at > last.at)
    ]
    if locked:
        visit = max(locked, key=lambda v: v.at)
        on = day_of(visit.at)
        words = {"date": on.isoformat()}
        found.say(rule, "inspection.no_entry", "no_entry", {**words}, fact=fact_of(visit), on=on)
