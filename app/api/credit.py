"""The routes on credit records and their repair (信用修复); what changes one answers with the card of the place."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.contests import MOST_SENT, Id
from app.api.params import documented
from app.security import current_viewer
from data.city import City
from layers.core.contests import MOST_WORDS
from layers.core.credit import NEED_WORDS, STAGE_WORDS, STEPS, Need
from layers.core.credit_entry import MOST
from layers.core.credit_plan import FIELDS, Plan
from layers.core.facts import RepairStage, Severity
from layers.core.rules import Rule

_BIGGEST = 2**63 - 1
RecordId = Annotated[int, Path(alias="record", ge=1, le=_BIGGEST)]
RepairId = Annotated[int, Path(alias="repair", ge=1, le=_BIGGEST)]
_DAY: dict[str, Any] = {"format": "date"}
_GRAVE: dict[str, Any] = {"enum": list(Severity)}


class RecordBody(BaseModel):
    """A penalty against the firm of a place, as its decision says."""

    model_config = ConfigDict(extra="forbid")
    severity: str = Field(max_length=MOST_SENT, json_schema_extra=_GRAVE)
    number: str = Field(max_length=MOST_SENT, description=f"At most {MOST['number']} characters.")
    authority: str = Field(max_length=MOST_SENT, description=f"At most {MOST['authority']} characters.")
    act: str = Field(max_length=MOST_SENT, description=f"What was done; at most {MOST['act']} characters.")
    decision: str = Field("", max_length=MOST_SENT, description=f"At most {MOST['decision']} characters.")
    decided_on: str = Field(max_length=MOST_SENT, json_schema_extra=_DAY)
    published_on: str = Field(
        "",
        max_length=MOST_SENT,
        json_schema_extra=_DAY,
        description="Empty: a minor record that is not shown.",
    )


class WordsBody(BaseModel):
    """Why something is done."""

    model_config = ConfigDict(extra="forbid")
    words: str = Field(max_length=MOST_SENT, description=f"Why; at most {MOST_WORDS} characters.")


class CorrectionBody(RecordBody, WordsBody):
    """What a record should have said, all of it, and why."""


class ApplicationBody(BaseModel):
    """What the firm declares."""

    model_config = ConfigDict(extra="forbid")
    declared: frozenset[Need] = Field(description="Complied with the penalty; pledged itself in public.")


class StageBody(BaseModel):
    """The stage that a repair passes."""

    model_config = ConfigDict(extra="forbid")
    stage: RepairStage = Field(description="The one after where it stands; `granted` ends the publication.")


def build_credit(city: City) -> APIRouter:
    """Return the routes over a city."""
    router = APIRouter(tags=["credit records"])
    _add_calculator(router, city)
    _add_records(router, city)
    _add_repairs(router, city)
    return router


def _add_calculator(router: APIRouter, city: City) -> None:
    asked = documented(FIELDS, needed={"severity", "decided_on"})

    @router.get("/api/credit/repair", openapi_extra=asked)
    def repair(request: Request) -> dict[str, Any]:
        """By which rule, from when and how a record could be repaired that is applied for on a day; for everybody.

        `earliest_on`: null where it never can be while it is published. `not_yet`: why it cannot be on that day.
        """
        return _told(city.credit.plan(request.query_params))


def _add_records(router: APIRouter, city: City) -> None:
    @router.post("/api/places/{id}/credit")
    def enter(place_id: Id, body: RecordBody) -> dict[str, Any]:
        """Enter a record of the firm of a place; the very same one again changes nothing.

        409 where the firm has another one with this number of this authority.
        """
        viewer = current_viewer.get()
        city.credit.enter(place_id, body.model_dump(), viewer)
        return city.card(place_id, viewer)

    @router.post("/api/places/{id}/credit/{record}/correct")
    def correct(place_id: Id, record_id: RecordId, body: CorrectionBody) -> dict[str, Any]:
        """Correct a record; what it said before is kept. 409 where its repair is under way or granted."""
        viewer, given = current_viewer.get(), body.model_dump(exclude={"words"})
        city.credit.correct(place_id, record_id, given, body.words, viewer)
        return city.card(place_id, viewer)

    @router.post("/api/places/{id}/credit/{record}/withdraw")
    def withdraw(place_id: Id, record_id: RecordId, body: WordsBody) -> dict[str, Any]:
        """Withdraw a record that should not have been entered. 409 where its repair is under way or granted."""
        viewer = current_viewer.get()
        city.credit.withdraw(place_id, record_id, body.words, viewer)
        return city.card(place_id, viewer)


def _add_repairs(router: APIRouter, city: City) -> None:
    @router.post("/api/places/{id}/credit/{record}/repair")
    def apply(place_id: Id, record_id: RecordId, body: ApplicationBody) -> dict[str, Any]:
        """Ask for the repair of a record of the own firm; 409 with the day and the rule where it cannot be yet."""
        viewer = current_viewer.get()
        city.credit.apply(place_id, record_id, body.declared, viewer)
        return city.card(place_id, viewer)

    @router.post("/api/places/{id}/repairs/{repair}/move_on")
    def move_on(place_id: Id, repair_id: RepairId, body: StageBody) -> dict[str, Any]:
        """Let a repair pass its next stage; 409 where it stands elsewhere."""
        viewer = current_viewer.get()
        city.credit.move_on(place_id, repair_id, body.stage, viewer)
        return city.card(place_id, viewer)

    @router.post("/api/places/{id}/repairs/{repair}/refuse")
    def refuse(place_id: Id, repair_id: RepairId, body: WordsBody) -> dict[str, Any]:
        """Refuse a repair, for good; 409 where it has ended already."""
        viewer = current_viewer.get()
        city.credit.refuse(place_id, repair_id, body.words, viewer)
        return city.card(place_id, viewer)


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
