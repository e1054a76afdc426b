"""Cases (案件) under /api/cases: the board, one with its past, the steps that are taken with it, and its photos."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams

from app.api.due import known_values, street_codes
from app.api.params import documented, unknown, whole
from app.security import current_viewer
from data.case_tables import MOST_BYTES
from data.city import City
from data.store.case_board import CaseFilter
from data.store.casework import NewCase, Taken
from layers.core.access import Viewer
from layers.core.casework import LEAST_WORDS, MOST_TITLE, MOST_WORDS, Stage, Step
from layers.core.errors import BadQueryError
from layers.core.text import Text
from layers.core.verdict import ReasonKey

FILTERS = frozenset({"stage", "kind", "street", "layer", "mine", "late"})
PAGES = frozenset({"limit", "after"})
KINDS = ("claim", "report", "alert", "task")
FLAGS = ("1", "0")
MOST_SENT = 10_000  # what is longer than any words we take is not even counted
_NAME = r"^[\w.:-]{1,100}$"
_REQUEST = r"^[\w-]{8,64}$"
_BIGGEST = 2**63 - 1
Id = Annotated[int, Path(alias="id", ge=1, le=_BIGGEST)]
PhotoId = Annotated[int, Path(ge=1, le=_BIGGEST)]


class AboutBody(BaseModel):
    """The reason a case is made from: `code`, `rule_id` and `fact` are those of the reason on the card."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(pattern=_NAME)
    rule_id: str = Field(pattern=_NAME)
    fact: str = Field(pattern=_NAME)


class CaseBody(BaseModel):
    """A case as it is opened; the same `request` again changes nothing."""

    model_config = ConfigDict(extra="forbid")
    title: str = Field(max_length=MOST_SENT, description=f"{LEAST_WORDS} to {MOST_TITLE} characters.")
    request: str = Field(pattern=_REQUEST, description="A name of your own for this request, such as a UUID.")
    about: AboutBody | None = None


class StepBody(BaseModel):
    """A step with a case; which are possible, and by whom, the case says in `steps`."""

    model_config = ConfigDict(extra="forbid")
    step: Step
    request: str = Field(pattern=_REQUEST, description="A name of your own for this request, such as a UUID.")
    seen: Stage = Field(description="The stage of the case as you know it; 409 where it has moved on.")
    words: str = Field("", max_length=MOST_SENT, description=f"{LEAST_WORDS} to {MOST_WORDS} characters.")
    handler: str = Field("", max_length=100, description="To whom it is dispatched: one of `officers`.")
    due_on: date | None = Field(None, description="By which day it is to be done.")
    lon: float | None = Field(None, description="WGS-84, degrees.")
    lat: float | None = Field(None, description="WGS-84, degrees.")
    accuracy_m: float | None = Field(None, ge=0, le=1e6)
    photo_id: int | None = Field(None, ge=1, le=_BIGGEST)


def build_cases(city: City) -> APIRouter:
    """Return the routes over a city."""
    router = APIRouter(tags=["cases"])

    @router.get("/api/cases", openapi_extra=documented(FILTERS | PAGES))
    def board(request: Request) -> dict[str, Any]:
        """How many open cases are in each stage, and a page of those wanted, the most urgent first."""
        params, viewer = request.query_params, current_viewer.get()
        wanted = case_filter(params, city, viewer)
        limit = whole(params, "limit", 100, 1, 1000)
        return city.cases.board(viewer, wanted, limit, params.get("after", ""))

    @router.get("/api/cases/{id}")
    def one(case_id: Id) -> dict[str, Any]:
        """A case: what was done about it so far, which steps the caller may take, and whom it can be dispatched to."""
        return city.cases.read(case_id, current_viewer.get())

    @router.post("/api/places/{id}/cases", status_code=201)
    def open_case(place_id: Id, body: CaseBody) -> dict[str, Any]:
        """Open a case on a place, perhaps of a reason of its verdict; 409 where one of that reason is open."""
        about = ReasonKey(**body.about.model_dump()) if body.about else None
        new = NewCase(place_id=place_id, title=body.title, request=body.request, about=about)
        viewer = current_viewer.get()
        return city.cases.read(city.cases.open_case(new, viewer).case_id, viewer)

    @router.post("/api/cases/{id}/steps")
    def take(case_id: Id, body: StepBody) -> dict[str, Any]:
        """Take a step with a case; 409 where it has moved on meanwhile."""
        viewer = current_viewer.get()
        city.cases.take(case_id, Taken(**body.model_dump()), viewer)
        return city.cases.read(case_id, viewer)

    @router.post("/api/cases/{id}/photos", status_code=201, openapi_extra=_PICTURE)
    async def add_photo(case_id: Id, request: Request) -> dict[str, int]:
        """Add a photo to a case: the body is the file, JPEG, PNG or WebP of at most 4 MB; the same again is once."""
        content = await _body(request)
        viewer = current_viewer.get()
        return {"id": await run_in_threadpool(city.cases.add_photo, case_id, content, viewer)}

    @router.get("/api/cases/{id}/photos/{photo_id}", response_class=Response)
    def photo(case_id: Id, photo_id: PhotoId) -> Response:
        """A photo of a case."""
        found = city.cases.photo(case_id, photo_id, current_viewer.get())
        kept = {"Cache-Control": "private, max-age=86400, immutable", "Content-Disposition": "inline"}
        return Response(found.content, media_type=found.media_type, headers=kept)

    return router


_PICTURE = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "image/png", "image/webp")
        },
    }
}


async def _body(request: Request) -> bytes:
    """Return what was sent, and no more of it than a photo may have."""
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > MOST_BYTES:
            break
    return content


def case_filter(params: QueryParams, city: City, viewer: Viewer) -> CaseFilter:
    """Read what is wanted of the board; an empty parameter narrows nothing. Raises `BadQueryError` by name."""
    for name in params:
        if name not in FILTERS | PAGES:
            raise unknown(name)
    layers = known_values("layer", params, [layer.id for layer in city.layers_for(viewer)])
    return CaseFilter(
        stages=known_values("stage", params, list(Stage)),
        kinds=known_values("kind", params, KINDS),
        streets=street_codes(params),
        layer=min(layers, default=""),
        mine=_flag("mine", params),
        late=_flag("late", params),
    )


def _flag(name: str, params: QueryParams) -> bool:
    said = params.get(name, "")
    if said not in {"", *FLAGS}:
        raise BadQueryError(name, Text(f"{name} 须为 1 或 0。", f"{name} is 1 or 0."))
    return said == "1"
