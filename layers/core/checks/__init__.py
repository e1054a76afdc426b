"""The functions of the engine that rules name; each looks at one side of a place.

`CHECKS` is what a rule's `check` may name, `PARAMS` what its `params` may name and `OUTCOMES` its `tiers` (None: any
value of a field), `CODES` every reason a check can give; each code has words in `layers.core.reasons`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from layers.core import credit as credit_terms
from layers.core import publication
from layers.core.checks import (
    cases,
    credit,
    fields,
    grade,
    inspections,
    night_work,
    penalty,
    permits,
    tenancies,
    visit_code,
)
from layers.core.facts import Facts
from layers.core.findings import Findings
from layers.core.rules import Rule, RuleTable
from layers.core.spec import Layer

Check = Callable[[Findings, Layer, Facts, Rule, datetime], None]

CHECKS: dict[str, Check] = {
    "permits": permits.check_permits,
    "inspection_due": inspections.check_inspection_due,
    "inspection_result": inspections.check_inspection_result,
    "grade": grade.check_grade,
    "cases": cases.check_cases,
    "night_work": night_work.check_night_work,
    "tenancies": tenancies.check_tenancies,
    "field_value": fields.check_field_value,
    "field_age": fields.check_field_age,
    penalty.CHECK: penalty.check_penalty,
    visit_code.CHECK: visit_code.check_visit_code,
    publication.CHECK: publication.check_publication,
    credit_terms.CHECK: credit.check_credit,
}

PARAMS: dict[str, frozenset[str]] = {
    "permits": permits.PARAMS,
    "inspection_due": inspections.DUE_PARAMS,
    "inspection_result": inspections.RESULT_PARAMS,
    "grade": grade.PARAMS,
    "cases": cases.PARAMS,
    "night_work": night_work.PARAMS,
    "tenancies": tenancies.PARAMS,
    "field_value": fields.VALUE_PARAMS,
    "field_age": fields.AGE_PARAMS,
    penalty.CHECK: penalty.PARAMS,
    visit_code.CHECK: visit_code.PARAMS,
    publication.CHECK: publication.PARAMS,
    credit_terms.CHECK: credit_terms.PARAMS,
}

REASONS_OF: dict[str, str] = {
    "permits": "permit",
    "inspection_due": "inspection",
    "inspection_result": "inspection",
    "cases": "cases",
    "night_work": "night",
    "tenancies": "tenancy",
    "field_age": "field",
    credit_terms.CHECK: "credit",
}
"""What the codes of a check's reasons begin with, where an outcome ends them."""

OUTCOMES: dict[str, frozenset[str] | None] = {
    "permits": permits.OUTCOMES,
    "inspection_due": inspections.DUE_OUTCOMES,
    "inspection_result": inspections.RESULT_OUTCOMES,
    "grade": None,
    "cases": cases.OUTCOMES,
    "night_work": night_work.OUTCOMES,
    "tenancies": tenancies.OUTCOMES,
    "field_value": None,
    "field_age": fields.AGE_OUTCOMES,
    penalty.CHECK: frozenset(),
    visit_code.CHECK: frozenset(),
    publication.CHECK: frozenset(),
    credit_terms.CHECK: credit.OUTCOMES,
}

RECORDS: dict[str, frozenset[str]] = {
    "night_work": frozenset({"nights", "readings"}),
    "tenancies": frozenset({"tenancies"}),
    credit_terms.CHECK: frozenset({"credit"}),
}
"""Records that only a few checks look at: the places of a layer without such a rule need not be told them."""


def looked_at(table: RuleTable) -> frozenset[str]:
    """Return which of those records the rules of a table ask for."""
    return frozenset[str]().union(*(RECORDS.get(rule.check, ()) for rule in table.rules))


CODES: frozenset[str] = (
    permits.CODES
    | inspections.CODES
    | grade.CODES
    | cases.CODES
    | night_work.CODES
    | tenancies.CODES
    | fields.CODES
    | credit.CODES
)
