"""What every page with a map shares: its query reaches the map, filters and selection the address, Back the page."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State

from app.pages.frame import Ids as Frame


def register_map(app: Dash, map_id: str, query_id: str, *, restores_query: bool = False) -> None:
    """Connect a map with the stores `query_id` and `<map_id>-selected`.

    `restores_query`: Back puts earlier filters into the store; a page whose filters are form controls, which would
    not follow, is drawn anew instead.
    """
    sink = Output(Frame.SINK, "data", allow_duplicate=True)
    selected = f"{map_id}-selected"
    first = {"prevent_initial_call": "initial_duplicate"}
    query, chosen, the_map = Input(query_id, "data"), Input(selected, "data"), State(map_id, "id")
    app.clientside_callback(ClientsideFunction("yiping", "setQuery"), sink, query, the_map, **first)
    app.clientside_callback(ClientsideFunction("page", "syncAddress"), sink, query, chosen, **first)
    app.clientside_callback(ClientsideFunction("page", "showSelected"), sink, chosen, the_map, **first)
    restored = Output(selected, "data", allow_duplicate=True)
    past = Input(Frame.PAST, "data")
    if restores_query:
        both = [restored, Output(query_id, "data", allow_duplicate=True)]
        app.clientside_callback(ClientsideFunction("page", "restore"), both, past, prevent_initial_call=True)
    else:
        function = ClientsideFunction("page", "restoreSelected")
        app.clientside_callback(function, restored, past, State(query_id, "data"), prevent_initial_call=True)


def register_focus(app: Dash, selected_id: str, card_id: str) -> None:
    """Let the focus go into a card (a dialog with a button `.close`) once it is drawn."""
    app.clientside_callback(
        ClientsideFunction("page", "enterCard"),
        Output(Frame.SINK, "data", allow_duplicate=True),
        Input(card_id, "children"),
        State(selected_id, "data"),
        State(card_id, "id"),
        prevent_initial_call=True,
    )
