"""Rules changed by the authority itself: from a day on, with other parameters, in the language of the tables.

A change never rewrites what was: the version of a rule that is in force on the day ends the day before, and the changed
one takes its place until the same end. Only a version that begins on that very day is replaced.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import tomli_w

from layers.core.citytime import add_days
from layers.core.rules import Rule, RuleError, RuleTable, make_table, parse_rule
from layers.core.text import Text


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change by its number: `rule` with its `id`, `city` and `valid_from`, as it shall read from that day."""

    id: int
    rule: Rule

    @property
    def since(self) -> date:
        """The day from which it reads so."""
        return self.rule.valid_from or date.min


def amended(table: RuleTable, amendments: Iterable[Amendment], name: str) -> RuleTable:
    """Return a table with changes made in the order of their numbers; the last number goes into its version.

    `name` is for messages. Raises `RuleError` for a change of a rule that the table does not have on its first day.
    """
    rules, version = table.rules, table.version
    for amendment in sorted(amendments, key=lambda one: one.id):
        rules = _replaced(rules, amendment, name)
        version = f"{table.version}+{amendment.id}"
    return table if version == table.version else make_table(table.layer, version, rules, name)


def version_on(rules: Iterable[Rule], rule_id: str, city: str, day: date) -> Rule | None:
    """Return the version of a rule for exactly this city that is in force on a day, if any."""
    return next((r for r in rules if (r.id, r.city) == (rule_id, city) and r.in_force(day)), None)


def _replaced(rules: Sequence[Rule], amendment: Amendment, name: str) -> tuple[Rule, ...]:
    new, since = amendment.rule, amendment.since
    old = version_on(rules, new.id, new.city, since)
    if old is None:
        raise RuleError(
            Text(
                f"规则表 {name}：第 {amendment.id} 号修改针对的 {new.id} 在 {since} 没有版本，请撤回这项修改。",
                f"Rule table {name}: change {amendment.id} is of {new.id}, which has no version on {since}; "
                "withdraw the change.",
            )
        )
    before = [] if old.valid_from == since else [replace(old, valid_to=add_days(since, -1))]
    changed = replace(new, valid_to=old.valid_to)
    return tuple(part for rule in rules for part in ([*before, changed] if rule is old else [rule]))


def entry_text(rule: Rule) -> str:
    """Return a rule as an entry of a table is written; `parse_entry` reads it back."""
    entry: dict[str, Any] = {"id": rule.id, "check": rule.check, "city": rule.city}
    entry |= {name: day for name in ("valid_from", "valid_to") if (day := getattr(rule, name)) is not None}
    entry |= {"source": rule.source.as_json(), "verified": rule.verified, "params": dict(rule.params)}
    return tomli_w.dumps({**entry, "tiers": {outcome: tier.value for outcome, tier in rule.tiers.items()}})


def parse_entry(text: str, name: str) -> Rule:
    """Read what `entry_text` has written; `name` is for messages. Raises `RuleError`."""
    return parse_rule(tomllib.loads(text), name)
