"""Grades: the face a shop has posted (量化分级), with the words its own city gives to it.

The field holds the yearly grade; where it is unknown the last visit's grade (动态等级) counts.
Params: `field` (default `face_grade`), `labels` (grade -> {zh, en}). Outcomes: the grades the table names.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from layers.core.checks.visits import fact_of
from layers.core.facts import Facts, Inspection
from layers.core.findings import Findings
from layers.core.rules import Rule
from layers.core.spec import Layer
from layers.core.text import Text

PARAMS = frozenset({"field", "labels"})
CODES = frozenset({"grade.face"})


def check_grade(found: Findings, layer: Layer, facts: Facts, rule: Rule, at: datetime) -> None:
    """Give the tier of the grade; a grade the table does not label is no reason."""
    grade, visit = facts.attributes.get(rule.params.get("field", "face_grade")), None
    if not grade and (visit := _last_graded(facts, at)) is not None:
        grade = visit.grade
    label: dict[str, Any] | None = rule.params.get("labels", {}).get(grade)
    if label is not None:
        words = Text(label["zh"], label["en"])
        found.say(rule, "grade.face", str(grade), {"grade": words}, fact=fact_of(visit) if visit else "place")


def _last_graded(facts: Facts, at: datetime) -> Inspection | None:
    graded = (visit for visit in facts.inspections if visit.grade and visit.at <= at)
    return max(graded, key=lambda visit: visit.at, default=None)
