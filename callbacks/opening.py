"""Opening a place: every button of a place (pattern `open-place`) on a page opens its card there."""

from __future__ import annotations

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx


def register_opening(app: Dash, selected_id: str, container_id: str) -> None:
    """Let the buttons of places on the page of `container_id` write into the store `selected_id`."""
    app.clientside_callback(
        ClientsideFunction("page", "openPlace"),
        Output(selected_id, "data", allow_duplicate=True),
        Input({"type": "open-place", "place": ALL}, "n_clicks"),
        State(container_id, "id"),
        prevent_initial_call=True,
    )


def clicked() -> bool:
    """Tell whether a button was really clicked: one that is only drawn anew triggers too, with no clicks yet."""
    return bool(ctx.triggered_id) and bool(ctx.triggered[0]["value"])
