"""Publication of results (公开): what a visit found is public within 20 working days (总局令49 Art. 39, 2022-03-15).

Which kinds of visits are published, the layer says (`InspectionSpec.visible_to`); a visit that found nobody in, or
nothing there, has no result. The day of the visit selects the rule: before 令49 we know of no deadline.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from layers.core.access import FieldClass
from layers.core.citytime import add_days
from layers.core.facts import InspectionResult
from layers.core.rules import Rule
from layers.core.spec import Layer
from layers.core.text import Text
from layers.core.workdays import add_working_days

RULES: Final = (
    Rule(
        id="publication",
        check="publication",
        valid_from=date(2022, 3, 15),
        source=Text("总局令49第39条（2022-03-15）", "总局令49 Art. 39 (2022-03-15)"),
        verified=True,
        params={"working_days": 20},
    ),
)
RESULTS: Final = (InspectionResult.PASSED, InspectionResult.CONDITIONAL, InspectionResult.FAILED)


def publish_by(visited: date) -> date | None:
    """Return the last day on which the result of a visit is published in time, None where no rule says one.

    >>> publish_by(date(2026, 2, 13)), publish_by(date(2022, 3, 14))
    (datetime.date(2026, 3, 19), None)
    """
    rule = next((rule for rule in RULES if rule.in_force(visited)), None)
    return None if rule is None else add_working_days(visited, rule.params["working_days"])


def days_over(by: date | None, today: date) -> int:
    """Return by how many days a deadline is over, 0 where it is not or there is none."""
    return 0 if by is None else max(0, (today - by).days)


def last_overdue(today: date) -> date:
    """Return the last day of visits whose unpublished results are overdue on a day; all earlier ones are so too."""
    day = add_days(today, -1)
    while (by := publish_by(day)) is not None and by >= today:
        day = add_days(day, -1)
    return day


def first_owed() -> date:
    """Return the first day of visits whose results have a deadline at all."""
    return min(rule.valid_from for rule in RULES if rule.valid_from is not None)


def is_published(layer: Layer, kind: str, result: str) -> bool:
    """Tell whether what a visit of a kind found is for everybody to read."""
    return result in RESULTS and kind in published_kinds(layer)


def published_kinds(layer: Layer) -> tuple[str, ...]:
    """Return the kinds of visits of a layer whose results are published."""
    return tuple(spec.kind for spec in layer.inspections if spec.visible_to is FieldClass.PUBLIC)
