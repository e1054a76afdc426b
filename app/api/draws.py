"""Draws (双随机一公开) under /api/draws: the list, one with all it takes to replay it, and its rows as a file."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import QueryParams

from app.api.due import known_form, known_values, street_codes
from app.draw_files import lines_of
from app.i18n import current_language
from app.security import current_viewer
from app.sheets import MEDIA
from data.city import City
from data.store.draws import PoolFilter
from layers.core.access import Viewer
from layers.core.draw import CLASSES
from layers.core.tiers import Tier

_BIGGEST = 2**63 - 1
FILTERS = frozenset({"layer", "street", "tier", "category", "credit"})
NO_CLASS = "none"  # what a filter calls places without a class of credit risk
LATE_SHOWN = 50
Id = Annotated[int, Path(alias="id", ge=1, le=_BIGGEST)]


def add_draws(router: APIRouter, city: City) -> None:
    """Add the routes."""

    @router.get("/api/draws", tags=["draws"])
    def listed() -> dict[str, Any]:
        """The newest draws that concern the caller, how many there are, and results that should be public by now."""
        viewer = current_viewer.get()
        heads, total = city.draws.heads(viewer)
        late, count = city.publications.overdue(viewer, LATE_SHOWN)
        return {"draws": heads, "total": total, "overdue": {"total": count, "rows": late}}

    @router.get("/api/draws/{id}.{format}", tags=["draws"])
    def draw_file(draw_id: Id, format: str) -> Response:
        """What was drawn, as a file for a spreadsheet: csv or xlsx."""
        form = known_form(format)
        head, rows = city.draws.export(draw_id, current_viewer.get(), form)
        name = {"Content-Disposition": f'attachment; filename="draw-{draw_id}.{form}"'}
        lines = lines_of(form, head, rows, current_language.get())
        return StreamingResponse(lines, media_type=MEDIA[form], headers=name)

    @router.get("/api/draws/{id}", tags=["draws"])
    def one(draw_id: Id) -> dict[str, Any]:
        """A draw: seed, weights, what was drawn, and for who may draw the pools, from which anybody can replay it.

        A target of the pools is place, area, credit class, credit code, building; a recusal is officer and place.
        """
        return city.draws.read(draw_id, current_viewer.get())


def pool_filter(params: QueryParams, city: City, viewer: Viewer) -> PoolFilter | None:
    """Read from which places is drawn, None where no layer is said. Raises `BadQueryError` by name."""
    layers = known_values("layer", params, [layer.id for layer in city.layers_for(viewer)])
    if not layers:
        return None
    layer = city.layer_for(min(layers), viewer)
    credits = known_values("credit", params, [name or NO_CLASS for name in CLASSES])
    return PoolFilter(
        layer=layer.id,
        streets=street_codes(params),
        tiers=known_values("tier", params, list(Tier)),
        categories=known_values("category", params, [choice.value for choice in layer.categories]),
        credits=frozenset("" if name == NO_CLASS else name for name in credits),
    )
