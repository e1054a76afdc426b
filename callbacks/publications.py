"""Publication of a visit's result from its card: it is done once, the card is drawn anew, and a sheet says so."""

from __future__ import annotations

import uuid
from typing import Any

from dash import ALL, Dash, Input, Output, ctx, no_update

from app.components.contest import told
from app.context import Page, Services, page_of
from app.pages.frame import Ids as Frame
from layers.core.errors import YipingError


def register(app: Dash, services: Services) -> None:
    """Register the callback of the button, on every page with a card."""

    @app.callback(
        Output(Frame.SHEET, "children", allow_duplicate=True),
        Output(Frame.SHEET, "hidden", allow_duplicate=True),
        Output(Frame.ACTED, "data", allow_duplicate=True),
        Input({"type": "publish", "visit": ALL}, "submit_n_clicks"),
        prevent_initial_call=True,
    )
    def publish(_clicks: list[int | None]) -> tuple[Any, Any, Any]:
        clicked = ctx.triggered_id and ctx.triggered[0]["value"]
        return published(page_of(services), ctx.triggered_id["visit"]) if clicked else (no_update,) * 3


def published(page: Page, visit: int) -> tuple[Any, Any, Any]:
    """Publish a result; returns the sheet that says what has happened, and the news for the card."""
    try:
        place_id = page.city.publications.publish(int(visit), page.viewer)
    except YipingError as error:
        return told(page, page.say(error.text)), False, no_update
    return told(page, page.t("publication.is_done")), False, {"place": place_id, "turn": uuid.uuid4().hex}
