"""The judgement: facts and rules in, verdict out; no clock, no file, no table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from layers.core.checks import CHECKS
from layers.core.citytime import CITY_TIME, day_of, midnight
from layers.core.contests import marked
from layers.core.facts import Facts
from layers.core.findings import Findings
from layers.core.rules import RuleTable
from layers.core.spec import Layer
from layers.core.tiers import PermitStatus, Tier, worst_status
from layers.core.verdict import Reason, Verdict

__all__ = ["CITY_TIME", "judge"]


def judge(layer: Layer, facts: Facts, rules: RuleTable, at: datetime) -> Verdict:
    """Judge a place as of an aware moment.

    Every rule in force on that day is applied by its check; the worst reason gives the tier, the worst
    required permit gives the status. With nothing known (no permit needed, nothing seen) the tier is `none`.
    Records that begin after `at` are not looked at yet; when they begin, the verdict may turn. An objection marks the
    reason it is about and changes nothing else: tier and status are those of the facts.
    """
    day = day_of(at)
    found = Findings()
    for rule in rules.applying(day, facts.city):
        CHECKS[rule.check](found, layer, facts, rule, at)
    found.changes += _later_records(facts, at)
    if (turn := rules.next_turn(day)) is not None:
        found.changes.append(midnight(turn))
    reasons = _worst_first(marked(found.reasons, facts.cases, at))
    return Verdict(
        status=worst_status(found.statuses) if found.statuses else PermitStatus.NOT_REQUIRED,
        tier=reasons[0].tier if reasons else Tier.NONE,
        reasons=reasons,
        rule_version=rules.version,
        state=found.state,
        next_change=min(found.changes, default=None),
    )


def _later_records(facts: Facts, at: datetime) -> Iterator[datetime]:
    for visit in facts.inspections:
        if visit.at > at:
            yield visit.at
    for reading in facts.readings:
        if reading.at > at:
            yield reading.at
    for case in facts.cases:
        for moment in (case.opened_at, case.closed_at):
            if moment is not None and moment > at:
                yield moment


def _worst_first(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(sorted(reasons, key=_badness))


def _badness(reason: Reason) -> int:
    return -reason.tier.code
