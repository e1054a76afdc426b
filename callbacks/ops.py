"""The big screen: filters, panels, card."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from app.components.timeline import moment_of, said, step_of
from app.context import Page, Services
from app.pages.frame import Ids as Frame
from app.pages.ops import (
    STEP,
    Ids,
    acting_on,
    card,
    files,
    filter_chips,
    known_of,
    state_panels,
    ticker,
    work_panels,
)
from callbacks.address import may_ask_states, query_from
from callbacks.frame import page_for
from callbacks.map import register_focus, register_map

PATH = "/ops"


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the page."""
    register_map(app, Ids.MAP, Ids.QUERY, restores_query=True)
    register_focus(app, Ids.SELECTED, Ids.CARD)
    _register_panels(app, services)
    _register_moment(app, services)
    _register_card(app, services)


def _register_panels(app: Dash, services: Services) -> None:
    # The map is what the page is opened for and what a filter is looked at for: it is drawn first, then the figures
    # around it, which keep the browser busy for longer.
    app.clientside_callback(
        ClientsideFunction("yiping", "whenDrawn"),
        Output(Ids.DRAWN, "data"),
        Input(Ids.QUERY, "data"),
        State(Ids.MAP, "id"),
    )

    @app.callback(
        Output(Ids.STATE, "children"),
        Output(Ids.WORK, "children"),
        Output(Ids.CHIPS, "children"),
        Output(Ids.TICKER, "children"),
        Output(Ids.MOMENT_SAID, "children"),
        Output(Ids.FILES, "children"),
        Input(Ids.DRAWN, "data"),
        Input(Ids.LISTED, "data"),
        Input(Frame.LIVE, "data"),
        prevent_initial_call=True,
    )
    def refresh(state: dict[str, Any], listed: int, live: dict[str, Any] | None) -> tuple[Any, ...]:
        services.city.reach((live or {}).get("version") or {})
        return panels(page_for(services, PATH), state, listed)

    @app.callback(
        Output(Ids.LISTED, "data"),
        Input(Ids.MORE, "n_clicks"),
        State(Ids.LISTED, "data"),
        prevent_initial_call=True,
    )
    def more(clicks: int | None, listed: int) -> Any:
        return listed + STEP if clicks else no_update


def _register_moment(app: Dash, services: Services) -> None:
    @app.callback(
        Output(Ids.QUERY, "data", allow_duplicate=True),
        Input(Ids.MOMENT, "value"),
        State(Ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def travel(step: int | None, state: dict[str, Any]) -> Any:
        now = services.city.clock()
        if step is None or int(step) == step_of(state.get("as_of", ""), now):
            return no_update  # the slider was drawn, not moved
        return {**state, "as_of": moment_of(int(step), now)}

    app.clientside_callback(
        ClientsideFunction("page", "followMoment"),
        Output(Frame.SINK, "data", allow_duplicate=True),
        Input(Ids.QUERY, "data"),
        State(Ids.MOMENT, "value"),
        State(Ids.MOMENT, "id"),
        prevent_initial_call=True,
    )


def _register_card(app: Dash, services: Services) -> None:
    selected = Output(Ids.SELECTED, "data", allow_duplicate=True)

    @app.callback(
        Output(Ids.CARD, "children"),
        Output(Ids.CARD, "hidden"),
        Input(Ids.SELECTED, "data"),
        Input(Ids.DRAWN, "data"),
        Input(Frame.LIVE, "data"),
        Input(Frame.ACTED, "data"),
    )
    def show_card(chosen: dict[str, Any] | None, state: dict[str, Any], *_news: Any) -> tuple[Any, bool]:
        as_of = (state or {}).get("as_of", "")
        return card(page_for(services, PATH), chosen, as_of), not chosen

    @app.callback(selected, Input(Ids.CLOSE, "n_clicks"), prevent_initial_call=True)
    def close(clicks: int | None) -> Any:
        return None if clicks else no_update


def panels(page: Page, state: dict[str, Any], listed: int) -> tuple[Any, ...]:
    """Return what surrounds the map: state, work, chips, events, moment and files of a query."""
    layers = page.city.registry.on("ops")
    everywhere = {**state, "layers": [layer.id for layer in layers]}
    counts, known = (page.city.counts(query_from(part, page)) for part in (everywhere, known_of(everywhere)))
    urgent = page.city.to_do(query_from(acting_on(state), page), listed) if state["layers"] else []
    work = work_panels(page, counts, urgent, state, may_ask_states(layers, page.viewer))
    events = ticker(page, page.city.events(page.viewer))
    moment = said(page, state.get("as_of", ""))
    state_column, chips = state_panels(page, counts, known, state), filter_chips(page, state)
    return state_column, work, chips, events, moment, files(page, counts, state)
