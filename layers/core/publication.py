"""Publication of results (公开): what a visit found is public within some working days, as the rule of its day says.

Which kinds of visits are published, the layer says (`InspectionSpec.visible_to`); a visit that found nobody in, or
nothing there, has no result. The day of the visit selects the rule; before the first one we know of no deadline. A late
result is an omission of the authority and no reason of the place.

Params of a rule: `working_days` (from the visit to the last day in time).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from layers.core.access import FieldClass
from layers.core.citytime import add_days
from layers.core.facts import Facts, InspectionResult
from layers.core.findings import Findings
from layers.core.rules import Rule, RuleTable
from layers.core.spec import Layer
from layers.core.workdays import add_working_days

CHECK: Final = "publication"
PARAMS: Final = frozenset({"working_days"})
RESULTS: Final = (InspectionResult.PASSED, InspectionResult.CONDITIONAL, InspectionResult.FAILED)
_MOST_DAYS: Final = 250  # a year of them


@dataclass(frozen=True, slots=True)
class Covered:
    """The visits a rule covers: at places of a city from one day to another; up to `late` they are overdue."""

    city: str
    first: date
    last: date
    late: date


def check_publication(found: Findings, layer: Layer, facts: Facts, rule: Rule, at: datetime) -> None:
    """Find nothing: that a result is not yet public says nothing about the place."""


def faults(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield in both languages what is wrong with the parameters of a rule."""
    days = params.get("working_days")
    if not isinstance(days, int) or not 1 <= days <= _MOST_DAYS:
        yield (
            f"working_days 须为 1 至 {_MOST_DAYS} 的整数",
            f"working_days is a whole number from 1 to {_MOST_DAYS}",
        )


def publish_by(table: RuleTable, city: str, visited: date) -> date | None:
    """Return the last day on which the result of a visit is published in time, None where no rule says one."""
    rule = next((rule for rule in table.applying(visited, city) if rule.check == CHECK), None)
    return None if rule is None else add_working_days(visited, rule.params["working_days"])


def days_over(by: date | None, today: date) -> int:
    """Return by how many days a deadline is over, 0 where it is not or there is none."""
    return 0 if by is None else max(0, (today - by).days)


def covered(table: RuleTable, today: date) -> list[Covered]:
    """Return which visits each rule of a table covers and which of them are overdue on a day."""
    return [
        Covered(rule.city, rule.valid_from or date.min, rule.valid_to or date.max, _last_late(rule, today))
        for rule in table.rules
        if rule.check == CHECK
    ]


def _last_late(rule: Rule, today: date) -> date:
    """Return the last day of visits whose unpublished results are overdue on a day; all earlier ones are so too."""
    day = add_days(today, -1)
    while add_working_days(day, rule.params["working_days"]) >= today:
        day = add_days(day, -1)
    return day


def is_published(layer: Layer, kind: str, result: str) -> bool:
    """Tell whether what a visit of a kind found is for everybody to read."""
    return result in RESULTS and kind in published_kinds(layer)


def published_kinds(layer: Layer) -> tuple[str, ...]:
    """Return the kinds of visits of a layer whose results are published."""
    return tuple(spec.kind for spec in layer.inspections if spec.visible_to is FieldClass.PUBLIC)
