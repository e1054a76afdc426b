"""Credit: what was decided against the firm of a place and is under publication; see `layers.core.credit`.

Each record is a reason of its own, which ends by itself with the publication and at once with a granted repair. A
repair that is under way is a mark on it: the tier stays, or applying would be the way to hide a record.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from layers.core.citytime import add_days, day_of
from layers.core.credit import is_published, is_under_repair, known_as, last_day
from layers.core.facts import CreditRecord, Facts, Severity
from layers.core.findings import Findings
from layers.core.rules import Rule
from layers.core.spec import Layer

OUTCOMES = frozenset(Severity)
CODES = frozenset(f"credit.{severity}" for severity in Severity)


def check_credit(found: Findings, layer: Layer, facts: Facts, rule: Rule, at: datetime) -> None:
    """Give a reason for every record of the firm that is published; none known gives no reason."""
    day = day_of(at)
    for record in facts.credit:
        for turn in _turns(record, rule):
            found.turns_on(turn if turn > day else None)
        if is_published(record, rule, day):
            _say(found, rule, record, day)


def _turns(record: CreditRecord, rule: Rule) -> Iterator[date]:
    if record.published_on is None:
        return
    yield record.published_on
    yield add_days(last_day(record, rule), 1)
    for repair in record.repairs:
        yield repair.applied_on
        if repair.ended_on is not None:
            yield repair.ended_on


def _say(found: Findings, rule: Rule, record: CreditRecord, day: date) -> None:
    since = record.published_on or record.decided_on
    found.say(
        rule,
        f"credit.{record.severity}",
        known_as(record.severity, rule),
        {"number": record.number, "since": since.isoformat(), "date": last_day(record, rule).isoformat()},
        fact=f"credit:{record.id}" if record.id is not None else "credit",
        on=since,
        repairing=is_under_repair(record, day),
    )
