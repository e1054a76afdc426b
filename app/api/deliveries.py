"""Deliveries (数据交付) under /api/deliveries: a file is sent, looked at, tried out, and taken in or given up."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from app.api.params import documented
from app.security import current_viewer
from data.city import City
from data.delivery_files import Incoming

PIECE = 1_000_000  # bytes written at once
_BIGGEST = 2**63 - 1
Id = Annotated[int, Path(alias="id", ge=1, le=_BIGGEST)]


class CheckBody(BaseModel):
    """How a delivery is looked at again."""

    model_config = ConfigDict(extra="forbid")
    datum: str = Field(
        "", max_length=20, description="wgs84, cgcs2000, gcj02 or bd09; empty: as the file shows."
    )
    mapping: dict[str, str] = Field(
        default_factory=dict, max_length=500, description='Field -> column; "" leaves a field out.'
    )
    accept_doubts: bool = Field(
        False, description="Take it in although its own districts speak against the datum."
    )


def build_deliveries(city: City) -> APIRouter:
    """Return the routes over a city."""
    router = APIRouter(tags=["deliveries"])

    @router.get("/api/deliveries")
    def heads() -> dict[str, Any]:
        """The newest deliveries."""
        return {"rows": city.deliveries.heads(current_viewer.get())}

    @router.post("/api/deliveries", status_code=201, openapi_extra=_FILE)
    async def send(request: Request) -> dict[str, int]:
        """Send a file: the body is the file. It is checked at once, and taken in only when that is asked for."""
        viewer, asked = current_viewer.get(), request.query_params
        layer_id = asked.get("layer", "")
        file = await run_in_threadpool(city.deliveries.begin, layer_id, asked.get("name", ""), viewer)
        try:
            await _receive(request, file)
            return {"id": await run_in_threadpool(city.deliveries.add, layer_id, file, viewer)}
        except BaseException:
            file.drop()
            raise

    @router.get("/api/deliveries/{id}")
    def one(delivery_id: Id) -> dict[str, Any]:
        """A delivery: how far it is, what was found in the file, and what became of its rows, or would."""
        return city.deliveries.read(delivery_id, current_viewer.get())

    @router.post("/api/deliveries/{id}/check")
    def check(delivery_id: Id, body: CheckBody) -> dict[str, Any]:
        """Look at a delivery again, with other columns or in another datum; 409 while it is being worked on."""
        viewer = current_viewer.get()
        city.deliveries.check(delivery_id, body.datum, body.mapping, body.accept_doubts, viewer)
        return city.deliveries.read(delivery_id, viewer)

    @router.post("/api/deliveries/{id}/import")
    def load(delivery_id: Id) -> dict[str, Any]:
        """Take a delivery in as it was checked; 409 where it was not, or its datum is not known."""
        city.deliveries.load(delivery_id, current_viewer.get())
        return city.deliveries.read(delivery_id, current_viewer.get())

    @router.post("/api/deliveries/{id}/stop")
    def stop(delivery_id: Id) -> dict[str, Any]:
        """Stop the work on a delivery: nothing of it is written."""
        city.deliveries.stop(delivery_id, current_viewer.get())
        return city.deliveries.read(delivery_id, current_viewer.get())

    @router.post("/api/deliveries/{id}/drop")
    def drop(delivery_id: Id) -> dict[str, Any]:
        """Give a delivery up and delete its file; 409 once it is taken in."""
        city.deliveries.drop(delivery_id, current_viewer.get())
        return city.deliveries.read(delivery_id, current_viewer.get())

    @router.get("/api/deliveries/{id}/rejected.csv", response_class=Response)
    def rejected(delivery_id: Id) -> Response:
        """The rows that were not taken in, or would not be, with the reason: mended, they can be sent again."""
        content = city.deliveries.report(delivery_id, current_viewer.get())
        name = f'attachment; filename="rejected-{delivery_id}.csv"'
        return Response(content, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})

    return router


async def _receive(request: Request, file: Incoming) -> None:
    """Write what is sent as it comes."""
    pieces = bytearray()
    async for part in request.stream():
        pieces += part
        if len(pieces) >= PIECE:
            await run_in_threadpool(file.write, bytes(pieces))
            pieces.clear()
    await run_in_threadpool(file.write, bytes(pieces))


_NAMED = frozenset({"layer", "name"})
_FILE = {
    **documented(_NAMED, needed=_NAMED),
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
}
