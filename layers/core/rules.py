"""Dated rules: a table per layer, read from TOML text, refused when it contradicts itself.

The text of a table:

    layer = "shops"
    version = "2026.11"

    [[rule]]
    id = "sh.food.permit"
    check = "permits"            # the function of the engine that applies it
    city = "31"                  # prefix of the place's area code; "" everywhere, also where it is unknown
    valid_from = 2015-10-01
    valid_to = 2023-11-30        # last day in force; absent: until further notice
    source = { zh = "...", en = "..." }   # or one string that reads the same in both languages
    verified = true
    params = { ... }             # what the check needs
    tiers = { expired = "red" }  # outcome of the check -> tier
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import Any

from layers.core.citytime import add_days
from layers.core.errors import YipingError
from layers.core.text import Text
from layers.core.tiers import Tier

_REMEMBERED = (
    4096  # answers of `applying` kept: a day's judgement asks for every area of the city again and again
)
_KEYS = {"id", "check", "city", "valid_from", "valid_to", "source", "verified", "params", "tiers"}


class RuleError(YipingError):
    """A rule table that cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule for one span of days; two spans of the same `id` and city never overlap."""

    id: str
    check: str
    source: Text
    verified: bool
    city: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    versions: tuple[Rule, ...] = field(
        default=(), compare=False, repr=False
    )  # all of its table, itself included

    def as_of(self, day: date, city: str) -> Rule:
        """Return the version in force on another day at a place of a city, itself where there is none."""
        if len(self.versions) < 2 or (self.city == city and self.in_force(day)):
            return self
        versions = [rule for rule in self.versions if rule.in_force(day) and city.startswith(rule.city)]
        return max(versions, key=lambda rule: len(rule.city), default=self)

    def in_force(self, day: date) -> bool:
        """Tell whether the rule is in force on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )

    def tier(self, outcome: str) -> Tier:
        """Return the tier of an outcome; an outcome the table does not name is in order."""
        return self.tiers.get(outcome, Tier.BLUE)


@dataclass(frozen=True, slots=True)
class RuleTable:
    """All rules of a layer, with a version that goes into every verdict."""

    layer: str
    version: str
    rules: tuple[Rule, ...]
    _known: dict[tuple[date, str], tuple[Rule, ...]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    _turns: dict[date, date | None] = field(default_factory=dict, init=False, compare=False, repr=False)

    def applying(self, day: date, city: str = "") -> tuple[Rule, ...]:
        """Return the rules in force on a day for a place: of one id the one with the longest city prefix."""
        known = self._known.get((day, city))
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[day, city] = self._find(day, city)
        return known

    def next_turn(self, day: date) -> date | None:
        """Return the next day after `day` on which some rule comes into force or leaves it, if any."""
        if day not in self._turns:
            if len(self._turns) >= _REMEMBERED:
                self._turns.clear()
            starts = {rule.valid_from for rule in self.rules if rule.valid_from is not None}
            ends = {add_days(rule.valid_to, 1) for rule in self.rules if rule.valid_to is not None}
            self._turns[day] = min((turn for turn in starts | ends if turn > day), default=None)
        return self._turns[day]

    def _find(self, day: date, city: str) -> tuple[Rule, ...]:
        best: dict[str, Rule] = {}
        for rule in self.rules:
            if rule.in_force(day) and city.startswith(rule.city):
                known = best.get(rule.id)
                if known is None or len(rule.city) > len(known.city):
                    best[rule.id] = rule
        return tuple(best.values())

    def rule(self, rule_id: str, day: date, city: str = "") -> Rule | None:
        """Return one rule as in force on a day, or None."""
        return next((rule for rule in self.applying(day, city) if rule.id == rule_id), None)


def make_table(layer: str, version: str, rules: Iterable[Rule], name: str) -> RuleTable:
    """Join rules to a table; raises `RuleError` for two versions of a rule on one day, and for days without any."""
    known = tuple(rules)
    _refuse_overlaps_and_gaps(known, name)
    families: dict[str, tuple[Rule, ...]] = {}
    for rule in known:
        families[rule.id] = (*families.get(rule.id, ()), rule)
    return RuleTable(layer, version, tuple(replace(rule, versions=families[rule.id]) for rule in known))


def parse_table(text: str, name: str) -> RuleTable:
    """Read a table; `name` is for messages. Raises `RuleError` naming the rule and what is wrong with it."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"Rule table {name}: not TOML ({error}).") from error
    unknown = set(document) - {"layer", "version", "rule"}
    if unknown or not {"layer", "version", "rule"} <= set(document):
        raise RuleError(f"Rule table {name}: needs layer, version and [[rule]], found {sorted(document)}.")
    rules = (parse_rule(entry, name) for entry in document["rule"])
    return make_table(document["layer"], document["version"], rules, name)


def parse_rule(entry: dict[str, Any], name: str) -> Rule:
    """Read one entry of a table; `name` is for messages. Raises `RuleError`."""
    where = f"Rule table {name}, rule {entry.get('id', '?')}"
    if unknown := set(entry) - _KEYS:
        raise RuleError(f"{where}: unknown key {sorted(unknown)[0]!r}; known are {', '.join(sorted(_KEYS))}.")
    if missing := {"id", "check", "source", "verified"} - set(entry):
        raise RuleError(f"{where}: {sorted(missing)[0]!r} is missing.")
    try:
        tiers = {outcome: Tier(tier) for outcome, tier in entry.get("tiers", {}).items()}
    except ValueError as error:
        raise RuleError(f"{where}: {error}; tiers are {', '.join(Tier)}.") from error
    rule = Rule(**{**entry, "tiers": tiers, "source": _parse_source(entry["source"], where)})
    if rule.valid_from and rule.valid_to and rule.valid_to < rule.valid_from:
        raise RuleError(f"{where}: it ends on {rule.valid_to} before it begins on {rule.valid_from}.")
    return rule


def _parse_source(source: object, where: str) -> Text:
    match source:
        case str():
            return Text(source, source)
        case {"zh": str() as zh, "en": str() as en, **others} if not others:
            return Text(zh, en)
    raise RuleError(f"{where}: 'source' is a string or {{ zh = ..., en = ... }}, found {source!r}.")


def _refuse_overlaps_and_gaps(rules: tuple[Rule, ...], name: str) -> None:
    spans: dict[tuple[str, str], list[Rule]] = {}
    for rule in rules:
        spans.setdefault((rule.id, rule.city), []).append(rule)
    for (rule_id, _), same in spans.items():
        ordered = sorted(same, key=lambda rule: rule.valid_from or date.min)
        for earlier, later in pairwise(ordered):
            if earlier.valid_to is None or later.valid_from is None or later.valid_from <= earlier.valid_to:
                raise RuleError(f"Rule table {name}: two versions of {rule_id} are in force on the same day.")
            first, last = add_days(earlier.valid_to, 1), add_days(later.valid_from, -1)
            if first <= last:
                raise RuleError(
                    Text(
                        f"规则表 layers/rules/{name}.toml：{rule_id} 在 {first} 至 {last} 没有版本生效，"
                        "请补上或衔接日期。",
                        f"Rule table layers/rules/{name}.toml: no version of {rule_id} is in force from {first} to "
                        f"{last}; add one or join the dates.",
                    )
                )
