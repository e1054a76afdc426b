"""The big screen: filters, panels, card."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from app.components.panel import card_panel
from app.context import Page, Services, page_of
from app.pages.frame import Ids as Frame
from app.pages.ops import Ids, chips, state_panels, ticker, work_panels
from callbacks.address import query_from, state_from
from callbacks.map import register_map, register_opening

LISTED = 8
FILTERS = {"ops-tier": "tier", "ops-status": "status", "ops-layer": "layers"}


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the page."""
    register_map(app, Ids.MAP, Ids.QUERY)
    register_opening(app, Ids.SELECTED, Ids.CARD)

    @app.callback(
        Output(Ids.STATE, "children"),
        Output(Ids.WORK, "children"),
        Output(Ids.CHIPS, "children"),
        Output(Ids.TICKER, "children"),
        Input(Ids.QUERY, "data"),
        Input(Frame.LIVE, "data"),
    )
    def refresh(state: dict[str, Any], _live: Any) -> tuple[Any, ...]:
        return panels(page_of(services), state)

    @app.callback(
        Output(Ids.QUERY, "data"),
        *(Input({"type": kind, "value": ALL}, "n_clicks") for kind in FILTERS),
        State(Ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def toggle(*args: Any) -> Any:
        *_clicks, state = args
        if not ctx.triggered_id or not ctx.triggered[0]["value"]:
            return no_update
        return toggled(state, FILTERS[ctx.triggered_id["type"]], ctx.triggered_id["value"])

    @app.callback(
        Output(Ids.QUERY, "data", allow_duplicate=True),
        Input(Ids.CLEAR, "n_clicks"),
        prevent_initial_call=True,
    )
    def clear(clicks: int | None) -> Any:
        return state_from("", page_of(services).city.registry.on("ops")) if clicks else no_update

    @app.callback(
        Output(Ids.CARD, "children"),
        Output(Ids.CARD, "hidden"),
        Input(Ids.SELECTED, "data"),
        Input(Frame.LIVE, "data"),
    )
    def show_card(selected: dict[str, Any] | None, _live: Any) -> tuple[Any, bool]:
        return card_panel(page_of(services), selected, Ids.CLOSE), not selected

    @app.callback(
        Output(Ids.SELECTED, "data", allow_duplicate=True),
        Input(Ids.CLOSE, "n_clicks"),
        prevent_initial_call=True,
    )
    def close(clicks: int | None) -> Any:
        return None if clicks else no_update


def panels(page: Page, state: dict[str, Any]) -> tuple[Any, ...]:
    """Return what surrounds the map: state, work, chips and events of a query."""
    everything = {**state, "layers": [layer.id for layer in page.city.registry.on("ops")]}
    counts = page.city.counts(query_from(everything, page))
    urgent = page.city.urgent(page.viewer, LISTED, state["layers"])
    events = ticker(page, page.city.events(page.viewer))
    return state_panels(page, counts, state), work_panels(page, counts, urgent), chips(page, state), events


def toggled(state: dict[str, Any], name: str, value: str) -> dict[str, Any]:
    """Return a state with a value switched; no layer at all means every layer."""
    values = [v for v in state.get(name, []) if v != value]
    if len(values) == len(state.get(name, [])):
        values.append(value)
    return {**state, name: values} if values or name != "layers" else state
