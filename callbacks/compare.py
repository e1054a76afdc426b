"""The comparison of offices: it is read, and printed."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output

from app.context import Services
from app.pages.compare import Ids
from app.pages.frame import Ids as Frame


def register(app: Dash, _services: Services) -> None:
    """Register the callback of the page, which the browser answers alone."""
    app.clientside_callback(
        ClientsideFunction("page", "print"),
        Output(Frame.SINK, "data", allow_duplicate=True),
        Input(Ids.PRINT, "n_clicks"),
        prevent_initial_call=True,
    )
