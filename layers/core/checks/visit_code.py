"""检查码: since when an officer needs a code before a visit; no reason of a place, but asked when a visit is recorded.

The code is of the visit, not of the shop: the same one serves several officers on one day at one place. Params: none.
"""

from __future__ import annotations

from datetime import date, datetime

from layers.core.facts import Facts
from layers.core.findings import Findings
from layers.core.rules import Rule, RuleTable
from layers.core.spec import Layer

CHECK = "visit_code"
PARAMS: frozenset[str] = frozenset()


def check_visit_code(found: Findings, layer: Layer, facts: Facts, rule: Rule, at: datetime) -> None:
    """Find nothing: that a visit had no code says nothing about the place."""


def code_rule(table: RuleTable, city: str, day: date) -> Rule | None:
    """Return the rule by which a visit of a day needs a code, None where it needs none."""
    return next((rule for rule in table.applying(day, city) if rule.check == CHECK), None)
