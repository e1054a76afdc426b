"""The frame: which page an address shows, signing in and out, the language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.context import Page, Services, page_of
from app.pages import (
    admin,
    case,
    casebook,
    cases,
    compare,
    credit,
    deliveries,
    draws,
    due,
    field,
    frame,
    home,
    login,
    offices,
    ops,
    place,
    rules,
)
from app.security import GUARDED, guard_of
from callbacks.address import (
    casebook_from,
    cases_from,
    compared_from,
    draws_from,
    due_from,
    marked_from,
    place_from,
    plan_from,
    query_from,
    rule_from,
    state_from,
    unknown_in,
    wish_from,
)
from layers.core.errors import UnknownCaseError, UnknownDeliveryError, UnknownPlaceError


# Pages of which the address says no more than their path.
def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the frame and the sign-in page."""

    @app.callback(
        Output(frame.Ids.PAGE, "children"),
        Input(frame.Ids.LOCATION, "pathname"),
        State(frame.Ids.LOCATION, "search"),
    )
    def show(path: str | None, search: str | None) -> Component:
        return draw(page_of(services), (path or "/").rstrip("/") or "/", search)

    def browser(name: str, output: Output, *inputs: Input | State) -> None:
        app.clientside_callback(ClientsideFunction("page", name), output, *inputs, prevent_initial_call=True)

    sink = Output(frame.Ids.SINK, "data", allow_duplicate=True)
    browser("signOut", sink, Input(frame.Ids.SIGN_OUT, "n_clicks"))
    browser("switchLanguage", sink, Input(frame.Ids.LANGUAGE, "n_clicks"))
    browser(
        "signIn",
        Output(login.Ids.MESSAGE, "children"),
        Input(login.Ids.SUBMIT, "n_clicks"),
        Input(login.Ids.NAME, "n_submit"),
        Input(login.Ids.PASSWORD, "n_submit"),
    )


def draw(page: Page, path: str, search: str | None) -> Component:
    """Return the page of an address; a guarded one is the sign-in page for who may not open it."""
    needed = guard_of(path)
    if needed and not page.viewer.may(needed):
        return login.layout(page)
    if path in _PAGES:
        return _PAGES[path](page, search)
    if (number := casebook.number_of(path)) is not None:
        return casebook.one(page, number)
    if (case_id := case.case_of(path)) is not None:
        return _case(page, case_id)
    if (delivery_id := deliveries.number_of(path)) is not None:
        return _delivery(page, delivery_id)
    place_id = place.place_of(path)
    return frame.not_found(page) if place_id is None else _place(page, place_id)


def _ops(page: Page, search: str | None) -> Component:
    layers = page.city.registry.on("ops")
    unknown = unknown_in(search, layers, page)
    query, everything = (state_from(part, layers, page) for part in (search, ""))
    return ops.layout(page, query, everything, place_from(search), unknown)


def _offices(page: Page, search: str | None) -> Component:
    query = state_from(search, (offices.layer_of(page),), page)
    told, marked = wish_from(search), marked_from(search)
    return offices.layout(page, query, partial(query_from, page=page), place_from(search), told, marked)


def _compare(page: Page, search: str | None) -> Component:
    """Return the comparison; what of people and budget cannot be meant is left out, as in the list."""
    state = offices.understood(page, state_from(search, (offices.layer_of(page),), page))[0]
    return compare.layout(page, compared_from(search), query_from(state, page))


_PAGES: Mapping[str, Callable[[Page, str | None], Component]] = {
    "/": lambda page, _: home.layout(page),
    "/login": lambda page, _: login.layout(page),
    "/ops": _ops,
    "/field": lambda page, search: field.layout(page, place_from(search)),
    "/due": lambda page, search: due.layout(page, due_from(search)),
    "/cases": lambda page, search: cases.layout(page, cases_from(search)),
    "/draws": lambda page, search: draws.layout(page, draws_from(search)),
    "/offices": _offices,
    compare.PATH: _compare,
    "/credit": lambda page, search: credit.layout(page, plan_from(search)),
    deliveries.PATH: lambda page, _: deliveries.layout(page),
    "/admin": lambda page, search: admin.layout(page, rule_from(search)),
    "/rules": lambda page, search: rules.layout(page, rule_from(search).get("layer", "")),
    casebook.PATH: lambda page, search: casebook.layout(page, casebook_from(search)),
}


def _place(page: Page, place_id: int) -> Component:
    """Return the page of a place, or that of an address which leads nowhere: the same for hidden and unknown ones."""
    try:
        return place.layout(page, page.city.card(place_id, page.viewer))
    except UnknownPlaceError:
        return frame.not_found(page)


def _case(page: Page, case_id: int) -> Component:
    """Return the page of a case, or that of an address which leads nowhere."""
    try:
        return case.layout(page, case_id)
    except UnknownCaseError:
        return frame.not_found(page)


def _delivery(page: Page, delivery_id: int) -> Component:
    """Return the page of a delivery, or that of an address which leads nowhere."""
    try:
        return deliveries.one(page, delivery_id)
    except UnknownDeliveryError:
        return frame.not_found(page)


def page_for(services: Services, path: str) -> Page:
    """Return the page context of a callback on a guarded page.

    Raises `PreventUpdate` for who may not open the page: the session is over, and the browser says so.
    """
    page = page_of(services)
    if not page.viewer.may(GUARDED[path]):
        raise PreventUpdate
    return page
