"""The repair calculator: what is entered is answered at once, and kept in the address."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output
from dash.development.base_component import Component

from app.context import Services, page_of
from app.pages.credit import ENTRIES, Ids, result, search_of
from app.pages.frame import Ids as Frame


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the page."""

    @app.callback(
        Output(Ids.RESULT, "children"),
        Output(Ids.ADDRESS, "data"),
        *(Input(entry, "value") for entry in ENTRIES.values()),
        prevent_initial_call=True,
    )
    def answer(*said: str | None) -> tuple[list[Component], str]:
        state = {name: value for name, value in zip(ENTRIES, said, strict=True) if value}
        return result(page_of(services), state), search_of(state)

    app.clientside_callback(
        ClientsideFunction("page", "keepAddress"),
        Output(Frame.SINK, "data", allow_duplicate=True),
        Input(Ids.ADDRESS, "data"),
        prevent_initial_call=True,
    )
