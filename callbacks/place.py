"""The page of one place: drawn anew at news, and after what is done about it here."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State

from app.context import Services, page_of
from app.pages.frame import Ids as Frame
from app.pages.place import Ids, card


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the page."""

    @app.callback(
        Output(Ids.CARD, "children"),
        Input(Frame.LIVE, "data"),
        Input(Frame.ACTED, "data"),
        State(Ids.PLACE, "data"),
        prevent_initial_call=True,
    )
    def renew(_live: Any, _acted: Any, shown: dict[str, Any]) -> Any:
        return card(page_of(services), int(shown["id"]))

    app.clientside_callback(
        ClientsideFunction("page", "openPlace"),
        Output(Frame.SINK, "data", allow_duplicate=True),
        Input(Ids.PLACE, "data"),
        prevent_initial_call="initial_duplicate",
    )
