"""The routes on credit records and their repair (信用修复)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from app.api.params import documented
from data.city import City
from layers.core.credit import NEED_WORDS, STAGE_WORDS, STEPS
from layers.core.credit_plan import FIELDS, Plan
from layers.core.rules import Rule


def build_credit(city: City) -> APIRouter:
    """Return the routes over a city."""
    router = APIRouter(tags=["credit records"])
    _add_calculator(router, city)
    return router


def _add_calculator(router: APIRouter, city: City) -> None:
    asked = documented(FIELDS, needed={"severity", "decided_on"})

    @router.get("/api/credit/repair", openapi_extra=asked)
    def repair(request: Request) -> dict[str, Any]:
        """By which rule, from when and how a record could be repaired that is applied for on a day; for everybody.

        `earliest_on`: null where it never can be while it is published. `not_yet`: why it cannot be on that day.
        """
        return _told(city.credit.plan(request.query_params))


def _told(plan: Plan) -> dict[str, Any]:
    return {
        "severity": plan.record.severity,
        "decided_on": plan.record.decided_on,
        "published_on": plan.record.published_on,
        "applied_on": plan.applied_on,
        "rule": _rule(plan.rule),
        "earliest_on": plan.earliest_on,
        "last_on": plan.last_on,
        "ends_on": plan.ends_on,
        "not_yet": plan.not_yet and plan.not_yet.as_json(),
        "needs": [{"id": need, "title": NEED_WORDS[need].as_json()} for need in plan.needs],
        "steps": [{"id": stage, "title": STAGE_WORDS[stage].as_json()} for stage in STEPS],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "named": rule.params["named"],
        "source": rule.source.as_json(),
        "verified": rule.verified,
        "valid_from": rule.valid_from,
        "valid_to": rule.valid_to,
        "counted_from": rule.params["counted_from"],
    }
