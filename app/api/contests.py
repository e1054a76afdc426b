"""The routes on objections (异议); each answers with the card of the place, as the caller may read it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from app.security import current_viewer
from data.city import City
from data.store.contests import Objection
from layers.core.contests import LEAST_WORDS, MOST_WORDS, ContestKind, Outcome
from layers.core.verdict import ReasonKey

MOST_SENT = 10_000  # what is longer than any words we take is not even counted
_NAME = r"^[\w.:-]{1,100}$"
_BIGGEST = 2**63 - 1
Id = Annotated[int, Path(alias="id", ge=1, le=_BIGGEST)]


class ObjectionBody(BaseModel):
    """What is said against a reason; `code`, `rule_id` and `fact` are those of the reason on the card."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(pattern=_NAME)
    rule_id: str = Field(pattern=_NAME)
    fact: str = Field(pattern=_NAME)
    kind: ContestKind = Field(
        ContestKind.OTHER,
        description="What is wrong: the fact, it is mended already, the rule does not apply, or other.",
    )
    words: str = Field(max_length=MOST_SENT, description=f"{LEAST_WORDS} to {MOST_WORDS} characters.")


class DecisionBody(BaseModel):
    """How a supervisor decides on an objection."""

    model_config = ConfigDict(extra="forbid")
    outcome: Outcome = Field(description="`upheld` or `rejected`.")
    words: str = Field(max_length=MOST_SENT, description=f"Why; at most {MOST_WORDS} characters.")


def build_contests(city: City) -> APIRouter:
    """Return the routes over a city."""
    router = APIRouter(tags=["objections"])

    @router.post("/api/places/{id}/contests")
    def object_to(place_id: Id, body: ObjectionBody) -> dict[str, Any]:
        """Object to a reason of a place inside the caller's scope; the same again while it is open changes nothing.

        The reason is under review from then on and says `contested`; the tier stays. 409 where it is under review.
        """
        viewer, about = current_viewer.get(), ReasonKey(body.code, body.rule_id, body.fact)
        objection = Objection(place_id=place_id, about=about, kind=body.kind, words=body.words)
        return city.card(city.contests.object_to(objection, viewer), viewer)

    @router.post("/api/contests/{id}/decide")
    def decide(contest_id: Id, body: DecisionBody) -> dict[str, Any]:
        """Uphold or reject an objection, for good; 409 where it has ended already."""
        viewer = current_viewer.get()
        return city.card(city.contests.decide(contest_id, body.outcome, body.words, viewer), viewer)

    @router.post("/api/contests/{id}/withdraw")
    def withdraw(contest_id: Id) -> dict[str, Any]:
        """Take an own objection back while it is open; 409 where it has ended already."""
        viewer = current_viewer.get()
        return city.card(city.contests.withdraw(contest_id, viewer), viewer)

    return router
