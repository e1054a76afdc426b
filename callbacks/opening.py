"""Opening a place: every button of a place (pattern `open-place`) on a page opens its card there."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update


def register_opening(app: Dash, selected_id: str, container_id: str) -> None:
    """Let the buttons of places on the page of `container_id` write into the store `selected_id`."""

    @app.callback(
        Output(selected_id, "data", allow_duplicate=True),
        Input({"type": "open-place", "place": ALL}, "n_clicks"),
        State(container_id, "id"),
        prevent_initial_call=True,
    )
    def open_place(_clicks: list[int | None], _container: str) -> Any:
        return {"place_id": ctx.triggered_id["place"], "fly": True} if clicked() else no_update


def clicked() -> bool:
    """Tell whether a button was really clicked: one that is only drawn anew triggers too, with no clicks yet."""
    return bool(ctx.triggered_id) and bool(ctx.triggered[0]["value"])
