"""Deliveries: the page of one is drawn anew while it is worked on, and after a click; the browser sends files alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from app.components.delivery import Ids
from app.context import Page, Services
from app.pages.deliveries import PATH, content, is_under_way
from callbacks.frame import page_for
from layers.core.errors import YipingError


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of both pages."""
    drawn = (
        Output(Ids.BODY, "children", allow_duplicate=True),
        Output(Ids.TICK, "disabled", allow_duplicate=True),
    )

    @app.callback(
        *drawn, Input(Ids.TICK, "n_intervals"), State(Ids.NUMBER, "data"), prevent_initial_call=True
    )
    def follow(_ticks: int, number: int) -> tuple[Any, Any]:
        return drawn_anew(page_for(services, PATH), number)

    @app.callback(
        *drawn,
        Input({"type": Ids.ACT, "act": ALL}, "n_clicks"),
        State(Ids.NUMBER, "data"),
        *(State({"type": kind, "place": ALL}, "value") for kind in (Ids.DATUM, Ids.DOUBTS, Ids.COLUMN)),
        prevent_initial_call=True,
    )
    def act(_clicks: Sequence[Any], number: int, *said: Any) -> tuple[Any, Any]:
        clicked = ctx.triggered_id and ctx.triggered[0]["value"]
        if not clicked:
            return no_update, no_update
        return acted(page_for(services, PATH), number, ctx.triggered_id["act"], said)


def drawn_anew(page: Page, number: int, note: str = "") -> tuple[Any, bool]:
    """Return what the page shows now, and whether it need not be drawn again by itself."""
    return content(page, number, note), not is_under_way(page, number)


def acted(page: Page, number: int, act: str, said: Sequence[Any]) -> tuple[Any, bool]:
    """Do what a button says; returns the page with what came of it."""
    try:
        _do(page, number, act, said)
    except YipingError as error:
        return drawn_anew(page, number, page.say(error.text))
    return drawn_anew(page, number)


def _do(page: Page, number: int, act: str, said: Sequence[Any]) -> None:
    deliveries = page.city.deliveries
    if act == "check":
        [datum], [doubts], chosen = said if said[0] else ([""], [[]], [])
        found = deliveries.read(number, page.viewer)["found"] or {"columns": [], "plan": {}}
        deliveries.check(number, datum or "", mapping_of(found, chosen), bool(doubts), page.viewer)
    elif act == "import":
        deliveries.load(number, page.viewer)
    elif act == "stop":
        deliveries.stop(number, page.viewer)
    else:
        deliveries.drop(number, page.viewer)


def mapping_of(found: Mapping[str, Any], chosen: Sequence[str | None]) -> dict[str, str]:
    """Return field -> column as chosen, and "" for fields whose column was taken away.

    Of two columns for one field the first counts: the page then shows the second as left over.
    """
    said: dict[str, str] = {}
    for column, field in zip(found["columns"], chosen, strict=False):
        if field:
            said.setdefault(field, column)
    return said | {field: "" for field in found["plan"] if field not in said}
