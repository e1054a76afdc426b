"""The inspector's tablet: the list and the open place."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from app.components.visit_form import Ids as Form
from app.context import Page, Services
from app.pages.field import Ids, gone_panel, own_cases, place_panel, worklist
from app.pages.frame import Ids as Frame
from callbacks import reveal, visits
from callbacks.address import query_from
from callbacks.frame import page_for
from callbacks.map import register_map
from layers.core.citytime import day_of
from layers.core.errors import UnknownPlaceError

STEP = 60


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the page."""
    register_map(app, Ids.MAP, Ids.QUERY)
    visits.register(app, services)
    reveal.register(app, services)
    _register_list(app, services)
    _register_card(app, services)


def _register_list(app: Dash, services: Services) -> None:

    @app.callback(
        Output(Ids.QUERY, "data"),
        Output(Ids.LIMIT, "data"),
        Input(Ids.WORDS, "value"),
        Input(Ids.TIERS, "value"),
        State(Ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def narrow(words: str | None, tiers: list[str], state: dict[str, Any]) -> tuple[Any, int]:
        return {**state, "q": words or "", "tier": tiers or state["tier"]}, STEP

    @app.callback(
        Output(Ids.LIMIT, "data", allow_duplicate=True),
        Input(Ids.MORE, "n_clicks"),
        State(Ids.LIMIT, "data"),
        prevent_initial_call=True,
    )
    def more(clicks: int | None, limit: int | None) -> Any:
        return (limit or STEP) + STEP if clicks else no_update

    @app.callback(
        Output(Ids.LIST, "children"),
        Input(Ids.QUERY, "data"),
        Input(Ids.LIMIT, "data"),
        Input(Frame.LIVE, "data"),
        Input(Ids.SELECTED, "data"),
    )
    def fill(
        state: dict[str, Any], limit: int | None, live: dict[str, Any] | None, selected: dict[str, Any] | None
    ) -> Any:
        services.city.reach((live or {}).get("version") or {})
        if selected and selected.get("place_id"):  # the list is out of sight, and is drawn when it comes back
            return no_update
        return listed(page_for(services, "/field"), state, limit or STEP, (selected or {}).get("left"))


def _register_card(app: Dash, services: Services) -> None:

    @app.callback(
        Output(Ids.CARD, "children"),
        Output(Ids.CARD, "hidden"),
        Output(Ids.BROWSE, "hidden"),
        Input(Ids.SELECTED, "data"),
    )
    def open_place(selected: dict[str, Any] | None) -> tuple[Any, bool, bool]:
        if not selected or not selected.get("place_id"):
            return [], True, False
        return opened(page_for(services, "/field"), selected), False, True

    @app.callback(
        Output(Ids.SELECTED, "data", allow_duplicate=True),
        Input(Ids.BACK, "n_clicks"),
        State(Ids.SELECTED, "data"),
        prevent_initial_call=True,
    )
    def back(clicks: int | None, selected: dict[str, Any] | None) -> Any:
        return {"left": (selected or {}).get("place_id")} if clicks else no_update

    sink = Output(Frame.SINK, "data", allow_duplicate=True)
    seen = {
        "toTop": Input(Ids.CARD, "children"),
        "toForm": Input(Ids.JUMP, "n_clicks"),
        "toMessage": Input(Form.MESSAGE, "children"),
    }
    for name, source in seen.items():
        app.clientside_callback(ClientsideFunction("field", name), sink, source, prevent_initial_call=True)


def listed(page: Page, state: Mapping[str, Any], limit: int, left: int | None) -> Any:
    """Return the most urgent places of a query, with how many there are in all."""
    query = query_from(state, page)
    counts = page.city.counts(query)
    total = sum(layer["tier"].get(tier, 0) for layer in counts.values() for tier in state["tier"])
    rows = page.city.to_do(query, limit)
    return own_cases(page) + worklist(page, rows, total, left)


def opened(page: Page, selected: Mapping[str, Any]) -> Any:
    """Return the panel of a place, or what stands there for one that cannot be shown."""
    try:
        feature = page.city.card(int(selected["place_id"]), page.viewer)
    except UnknownPlaceError:
        return gone_panel(page)
    today = day_of(page.city.clock())
    return place_panel(page, feature, str(uuid.uuid4()), today, selected.get("saved", ""))
