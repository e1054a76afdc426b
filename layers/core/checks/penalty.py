"""Penalties: what a breach may cost; no reason of its own, but an addition to the reasons it names.

The rule of the day of the act applies, unless the one of the day of the decision is lighter (从旧兼从轻, 生态环境法典
Art. 1057): the lighter is the one with the lower highest fine, then with the lower lowest.
Params: `codes` (of the reasons), `fine_cny` (lowest and highest).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from layers.core.facts import Facts
from layers.core.findings import Findings
from layers.core.rules import Rule, RuleTable
from layers.core.spec import Layer

CHECK = "penalty"
PARAMS = frozenset({"codes", "fine_cny"})


def check_penalty(found: Findings, layer: Layer, facts: Facts, rule: Rule, at: datetime) -> None:
    """Find nothing: a penalty is looked up for a reason that another check has given."""


def penalty_for(table: RuleTable, code: str, city: str, act: date, decided: date) -> Rule | None:
    """Return the penalty for an act of one day that is decided on another, None where no rule names the reason."""
    old, new = (_named(table.applying(day, city), code) for day in (act, decided))
    if old is None or new is None:
        return old  # what was no offence is not punished; what is none any more is for a person to judge
    return new if _weight(new) < _weight(old) else old


def _named(rules: Iterable[Rule], code: str) -> Rule | None:
    return next((rule for rule in rules if rule.check == CHECK and code in rule.params["codes"]), None)


def _weight(rule: Rule) -> tuple[float, float]:
    lowest, highest = rule.params["fine_cny"]
    return highest, lowest
