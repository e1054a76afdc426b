"""The repair calculator (修复计算器): what the rules say of one record on the day of an application.

It asks the functions that judge places and let firms apply, so that it cannot say anything else than they do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from layers.core.citytime import add_days
from layers.core.credit import CHECK, Need, earliest_repair, last_day, missing, rule_on
from layers.core.credit_entry import read_day, read_published, read_severity
from layers.core.errors import BadQueryError
from layers.core.facts import CreditRecord
from layers.core.rules import Rule, RuleTable
from layers.core.text import Text

FIELDS = ("severity", "decided_on", "published_on", "applied_on")
LATEST = date(2099, 12, 31)  # nobody plans further ahead, and no rule lasts as long


@dataclass(frozen=True, slots=True)
class Plan:
    """What holds of a record when its repair is applied for on a day; `not_yet` says why it cannot be then."""

    record: CreditRecord
    applied_on: date
    rule: Rule
    earliest_on: date | None  # None: never while it is published, or nothing is published
    last_on: date | None  # None: not published
    not_yet: Text | None

    @property
    def ends_on(self) -> date | None:
        """The day on which the record is taken down by itself."""
        return None if self.last_on is None else add_days(self.last_on, 1)

    @property
    def needs(self) -> tuple[Need, ...]:
        """What the application must declare."""
        return tuple(Need(name) for name in self.rule.params["needs"])


def read_record(given: Mapping[str, str | None], today: date) -> CreditRecord:
    """Return the record that is asked about; raises `BadQueryError` naming the first field that cannot be meant."""
    severity = read_severity(given.get("severity"))
    decided_on = read_day("decided_on", given.get("decided_on") or "", today)
    published_on = read_published(given.get("published_on") or "", severity, decided_on, today)
    return CreditRecord(severity=severity, number="", decided_on=decided_on, published_on=published_on)


def plan(given: Mapping[str, str | None], table: RuleTable, today: date) -> Plan:
    """Return what holds of a record; the day of application is today unless it is said. Raises `BadQueryError`."""
    record = read_record(given, today)
    applied_on = read_day("applied_on", given.get("applied_on") or today.isoformat(), today, LATEST)
    rule = rule_on(table, applied_on)
    if rule is None:
        raise BadQueryError("applied_on", _no_rule(table))
    shown = record.published_on is not None
    return Plan(
        record=record,
        applied_on=applied_on,
        rule=rule,
        earliest_on=earliest_repair(record, rule) if shown else None,
        last_on=last_day(record, rule) if shown else None,
        not_yet=missing(record, rule, applied_on, Need),
    )


def _no_rule(table: RuleTable) -> Text:
    first = min(rule.valid_from for rule in table.rules if rule.check == CHECK and rule.valid_from)
    return Text(
        f"{first} 之前没有信用修复的规则：请填写该日或之后的申请日期。",
        f"There is no rule on repair before {first}: enter that day or a later one as the day of the application.",
    )
