"""Which visit counts: shared by every check that looks at inspections."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime

from layers.core.citytime import day_of
from layers.core.facts import Facts, Inspection, InspectionResult


def last_visit(facts: Facts, at: datetime, kinds: Container[str] | None = None) -> Inspection | None:
    """Return the last visit up to a moment at which somebody got in; `kinds` None takes every kind."""
    last: Inspection | None = None
    for visit in facts.inspections:
        if (
            visit.at <= at
            and visit.result is not InspectionResult.NO_ENTRY
            and (last is None or visit.at > last.at)
            and (kinds is None or visit.kind in kinds)
        ):
            last = visit
    return last


def is_closed(facts: Facts, at: datetime) -> bool:
    """Tell whether the last visit found that the business is no longer there."""
    if not any(visit.result is InspectionResult.CLOSED for visit in facts.inspections):
        return False
    last = last_visit(facts, at)
    return last is not None and last.result is InspectionResult.CLOSED


def has_no_record(facts: Facts, at: datetime) -> bool:
    """Tell whether no authority's record is known up to a moment: such a place is only a name on a list."""
    if any(visit.at <= at for visit in facts.inspections):
        return False
    day = day_of(at)
    return all(permit.valid_from is not None and permit.valid_from > day for permit in facts.permits)


def first_record(facts: Facts, at: datetime) -> date | None:
    """Return the day the first permit after a moment begins, when a place without record gets one."""
    day = day_of(at)
    starts = (permit.valid_from for permit in facts.permits if permit.valid_from is not None)
    return min((start for start in starts if start > day), default=None)


def fact_of(visit: Inspection) -> str:
    """Name a visit as the fact a reason rests on."""
    return f"inspection:{visit.id}" if visit.id is not None else "inspection"
