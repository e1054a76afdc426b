"""What every page with a map shares: its query reaches the map, its selection the address."""

from __future__ import annotations

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from app.pages.frame import Ids as Frame


def register_map(app: Dash, map_id: str, query_id: str) -> None:
    """Connect a map with the stores `query_id` and `<map_id>-selected`."""
    sink = Output(Frame.SINK, "data", allow_duplicate=True)
    selected = f"{map_id}-selected"
    app.clientside_callback(
        ClientsideFunction("yiping", "setQuery"),
        sink,
        Input(query_id, "data"),
        State(map_id, "id"),
        prevent_initial_call="initial_duplicate",
    )
    app.clientside_callback(
        ClientsideFunction("page", "syncAddress"),
        sink,
        Input(query_id, "data"),
        Input(selected, "data"),
        prevent_initial_call="initial_duplicate",
    )
    app.clientside_callback(
        ClientsideFunction("page", "showSelected"),
        sink,
        Input(selected, "data"),
        State(map_id, "id"),
        prevent_initial_call="initial_duplicate",
    )


def register_opening(app: Dash, selected_id: str, container_id: str) -> None:
    """Let every button of a place (pattern `open-place`) on the page of `container_id` open its card."""

    @app.callback(
        Output(selected_id, "data", allow_duplicate=True),
        Input({"type": "open-place", "place": ALL}, "n_clicks"),
        State(container_id, "id"),
        prevent_initial_call=True,
    )
    def open_place(clicks: list[int | None], _container: str) -> object:
        return (
            {"place_id": ctx.triggered_id["place"], "fly": True}
            if any(clicks) and ctx.triggered_id
            else no_update
        )
