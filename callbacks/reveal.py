"""Showing a personal detail of a card in clear, which is noted on the record."""

from __future__ import annotations

from typing import Any

from dash import MATCH, Dash, Input, Output, ctx, no_update

from app.components.values import isolated
from app.context import Page, Services, page_of
from layers.core.errors import YipingError


def register(app: Dash, services: Services) -> None:
    """Register the callback of the buttons beside masked details, on every page with a card."""
    key = {"place": MATCH, "field": MATCH}

    @app.callback(
        Output({"type": "revealed", **key}, "children"),
        Input({"type": "reveal", **key}, "n_clicks"),
        prevent_initial_call=True,
    )
    def show(clicks: int | None) -> Any:
        return isolated(revealed(page_of(services), **ctx.triggered_id)) if clicks else no_update


def revealed(page: Page, place: int, field: str, **_key: str) -> str:
    """Return a personal detail in clear, or why this viewer does not get to see it."""
    try:
        return page.city.reveal(place, field, page.viewer)
    except YipingError as error:
        return page.say(error.text)
