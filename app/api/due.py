"""Inspection lists under /api/due: as JSON page by page, and whole as a file of CSV or Excel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import QueryParams

from app.api.params import documented, unknown, whole
from app.due_files import lines_of
from app.i18n import current_language
from app.security import current_viewer
from app.sheets import FORMS, MEDIA, most_rows
from data.books import DUE_REASONS
from data.city import City
from data.store.due import NO_STREET, DueFilter
from layers.core.access import Viewer
from layers.core.errors import BadQueryError
from layers.core.text import Text

FILTERS = frozenset({"day", "layer", "street", "why"})
PAGES = frozenset({"limit", "after"})
_STREET = re.compile(r"\d{6}(\d{3})?\Z")


def add_due(router: APIRouter, city: City) -> None:
    """Add the routes."""
    narrowed = documented(FILTERS)

    @router.get("/api/due", tags=["inspection lists"], openapi_extra=documented(FILTERS | PAGES))
    def due(request: Request) -> dict[str, Any]:
        """One page of the newest inspection list or that of a day, by street and due day; `next` is the page after."""
        params, viewer = request.query_params, current_viewer.get()
        wanted = due_filter(params, city, viewer)
        limit = whole(params, "limit", 100, 1, 1000)
        return city.due.read(wanted, viewer, after=params.get("after", ""), limit=limit)

    @router.get("/api/due.{format}", tags=["inspection lists"], openapi_extra=narrowed)
    def due_file(format: str, request: Request) -> Response:
        """Exactly what is filtered, as a file for a spreadsheet: csv or xlsx."""
        form, viewer = known_form(format), current_viewer.get()
        wanted = due_filter(request.query_params, city, viewer)
        day, rows = city.due.export(wanted, viewer, form, most_rows(form))
        lines = lines_of(form, day, rows, current_language.get())
        name = {"Content-Disposition": f'attachment; filename="due-{day}.{form}"'}
        return StreamingResponse(lines, media_type=MEDIA[form], headers=name)


def known_form(form: str) -> str:
    """Return the form of a file; raises `BadQueryError` for one that we do not write."""
    if form not in FORMS:
        known = ", ".join(FORMS)
        raise BadQueryError("format", Text(f"format 须为 {known} 之一。", f"format must be one of {known}."))
    return form


def due_filter(params: QueryParams, city: City, viewer: Viewer) -> DueFilter:
    """Read what is wanted of a list; an empty parameter narrows nothing. Raises `BadQueryError` by name."""
    for name in params:
        if name not in FILTERS | PAGES:
            raise unknown(name)
    layers = [layer.id for layer in city.layers_for(viewer)]
    return DueFilter(
        day=_day(params.get("day", "")),
        layers=known_values("layer", params, layers),
        streets=street_codes(params),
        whys=known_values("why", params, DUE_REASONS),
    )


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said) if said else None
    except ValueError as error:
        raise BadQueryError(
            "day", Text("day 须为日期，如 2026-11-23。", "day must be a date such as 2026-11-23.")
        ) from error


def _values(name: str, params: QueryParams) -> frozenset[str]:
    return frozenset(part for part in params.get(name, "").split(",") if part)


def known_values(name: str, params: QueryParams, known: Sequence[str]) -> frozenset[str]:
    """Return the values of a parameter, joined by commas; raises `BadQueryError` for one that is not known."""
    values = _values(name, params)
    if strange := sorted(values - set(known)):
        there = ", ".join(known)
        raise BadQueryError(
            name,
            Text(
                f"{name} 须为 {there} 之一；{strange[0]!r} 不是。",
                f"{name} must be one of {there}; {strange[0]!r} is none of them.",
            ),
        )
    return values


def street_codes(params: QueryParams) -> frozenset[str]:
    """Return the codes of districts and sub-districts of `street`; raises `BadQueryError`."""
    values = _values("street", params)
    if strange := sorted(code for code in values if code != NO_STREET and not _STREET.match(code)):
        raise BadQueryError(
            "street",
            Text(
                f"street 须为区或街镇代码，如 310104003，或 {NO_STREET}（未知街镇）；{strange[0]!r} 不是。",
                f"street must be codes such as 310104003, or {NO_STREET} for rows without one; "
                f"{strange[0]!r} is none.",
            ),
        )
    return values
