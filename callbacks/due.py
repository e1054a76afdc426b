"""The inspection list: it is made, and tasks are made of it; everything else is an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dash import ALL, Dash, Input, Output, State, no_update

from app.api.due import due_filter
from app.context import Page, Services
from app.i18n import both
from app.pages.due import Ids, content, params_of
from callbacks.frame import page_for
from data.due import Order
from layers.core.errors import UnknownListError, YipingError


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the page."""

    @app.callback(
        Output(Ids.BODY, "children"),
        Output(Ids.NOTE, "children"),
        Input(Ids.MAKE, "n_clicks"),
        State(Ids.STATE, "data"),
        prevent_initial_call=True,
    )
    def make(clicks: int | None, state: dict[str, str]) -> tuple[Any, Any]:
        if not clicks:
            return no_update, no_update
        return made(page_for(services, "/due"), state)

    @app.callback(
        Output(Ids.BODY, "children", allow_duplicate=True),
        Output(Ids.MESSAGE, "children"),
        Input(Ids.ASSIGN, "n_clicks"),
        State(Ids.LIST, "data"),
        State({"type": "due-row", "place": ALL}, "value"),
        State({"type": "due-street", "code": ALL}, "value"),
        State(Ids.BY, "value"),
        State(Ids.STATE, "data"),
        prevent_initial_call=True,
    )
    def assign(clicks: int | None, *values: Any) -> tuple[Any, Any]:
        if not clicks:
            return no_update, no_update
        return assigned(page_for(services, "/due"), *values)


def made(page: Page, state: Mapping[str, str]) -> tuple[Any, Any]:
    """Make the list of today; returns what the page shows then, and what happened in words."""
    try:
        result = page.city.due.make(page.viewer)
    except YipingError as error:
        return no_update, page.say(error.text)
    return content(page, state), page.t("due.is_made" if result.new else "due.unchanged")


def assigned(
    page: Page,
    list_id: int | None,
    rows: Sequence[Sequence[int] | None],
    streets: Sequence[Sequence[str] | None],
    by: str | None,
    state: Mapping[str, str],
) -> tuple[Any, Any]:
    """Make tasks of the chosen rows and streets; returns what the page shows then, and what happened in words."""
    try:
        order = Order(
            list_id=_number(list_id),
            place_ids=[place for chosen in rows for place in chosen or ()],
            streets=frozenset(code for chosen in streets for code in chosen or ()),
            wanted=due_filter(params_of(state, "after"), page.city, page.viewer),
            by=_day(by),
        )
        result = page.city.due.assign(order, page.viewer)
    except YipingError as error:
        return no_update, page.say(error.text)
    words = page.t("due.assigned", made=result.made, had=result.had, gone=result.gone)
    return content(page, state), words


def _number(list_id: int | None) -> int:
    if list_id is None:
        raise UnknownListError
    return list_id


def _day(given: str | None) -> date:
    try:
        return date.fromisoformat(given or "")
    except ValueError as error:
        raise YipingError(both("due.no_by")) from error
