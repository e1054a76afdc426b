"""Draws: made, replayed and published; recusals are declared and ended. Everything else is an address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from app.api.draws import NO_CLASS
from app.components.draw_form import Ids as Form
from app.components.recusals import Ids as Recusal
from app.context import Page, Services
from app.i18n import both
from app.pages.draws import Ids, content, number_of, wanted_of
from callbacks.frame import page_for
from data.draws import Order
from data.store.recusals import Declaration
from layers.core.draw import tickets_from
from layers.core.errors import YipingError

PATH = "/draws"
_BODY = Output(Ids.BODY, "children", allow_duplicate=True), Output(Ids.NOTE, "children", allow_duplicate=True)


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the page."""
    _register_draw(app, services)
    _register_recusals(app, services)


def _register_draw(app: Dash, services: Services) -> None:
    entries = (Form.REQUEST, Form.TITLE, Form.COUNT, Form.BY, Form.SEED)

    @app.callback(
        Output(Form.GO, "href"),
        Output(Form.MESSAGE, "children"),
        Input(Form.MAKE, "n_clicks"),
        *(State(entry, "data" if entry is Form.REQUEST else "value") for entry in entries),
        State({"type": "draw-tickets", "class": ALL}, "value"),
        State(Ids.STATE, "data"),
        prevent_initial_call=True,
    )
    def make(clicks: int | None, *values: Any) -> tuple[Any, Any]:
        if not clicks:
            return no_update, no_update
        classes = [item["id"]["class"] for item in ctx.states_list[-2]]
        *entered, tickets, state = values
        told = dict(zip(entries, entered, strict=True)), dict(zip(classes, tickets, strict=True))
        return made(page_for(services, PATH), *told, state)

    @app.callback(
        Output(Ids.REPLAYED, "children"),
        Input(Ids.REPLAY, "n_clicks"),
        State(Ids.STATE, "data"),
        prevent_initial_call=True,
    )
    def replay(clicks: int | None, state: dict[str, str]) -> Any:
        return replayed(page_for(services, PATH), state) if clicks else no_update

    @app.callback(
        *_BODY,
        Input(Ids.PUBLISH, "submit_n_clicks"),
        State(Ids.STATE, "data"),
        prevent_initial_call=True,
    )
    def publish(clicks: int | None, state: dict[str, str]) -> tuple[Any, Any]:
        return published(page_for(services, PATH), state) if clicks else (no_update, no_update)


def _register_recusals(app: Dash, services: Services) -> None:
    @app.callback(
        *_BODY,
        Output(Recusal.MESSAGE, "children"),
        Input(Recusal.DECLARE, "n_clicks"),
        State(Recusal.OFFICER, "value"),
        State(Recusal.ABOUT, "value"),
        State(Recusal.WHY, "value"),
        prevent_initial_call=True,
    )
    def declare(clicks: int | None, *values: str | None) -> tuple[Any, Any, Any]:
        return declared(page_for(services, PATH), *values) if clicks else (no_update,) * 3

    @app.callback(
        *_BODY,
        Input({"type": "recusal-end", "id": ALL}, "submit_n_clicks"),
        prevent_initial_call=True,
    )
    def end(_clicks: list[int | None]) -> tuple[Any, Any]:
        clicked = ctx.triggered_id and ctx.triggered[0]["value"]
        return ended(page_for(services, PATH), ctx.triggered_id["id"]) if clicked else (no_update, no_update)


def made(
    page: Page, entered: Mapping[str, Any], tickets: Mapping[str, str | None], state: Mapping[str, str]
) -> tuple[Any, Any]:
    """Make a draw; returns the address where it is shown, or why there is none in words."""
    try:
        weights = {"" if name == NO_CLASS else name: _whole(said) for name, said in tickets.items()}
        order = Order(
            request=entered[Form.REQUEST],
            title=entered[Form.TITLE] or "",
            filters=wanted_of(page, state),
            n=_count(entered[Form.COUNT]),
            by=_day(entered[Form.BY]),
            seed=entered[Form.SEED] or "",
            tickets=tickets_from(weights),
        )
        result = page.city.draws.make(order, page.viewer)
    except YipingError as error:
        return no_update, page.say(error.text)
    return f"{PATH}?draw={result.draw_id}", ""


def replayed(page: Page, state: Mapping[str, str]) -> str:
    """Draw again from what is stored; returns in words whether the same came out."""
    try:
        result = page.city.draws.replay(number_of(state), page.viewer)
    except YipingError as error:
        return page.say(error.text)
    words = page.t("draws.replay_same" if result.same else "draws.replay_differs")
    return words + (page.t("draws.replay_gone", n=result.gone) if result.gone else "")


def published(page: Page, state: Mapping[str, str]) -> tuple[Any, Any]:
    """Publish the results of a draw; returns what the page shows then, and what happened in words."""
    try:
        n = page.city.draws.publish(number_of(state), page.viewer)
    except YipingError as error:
        return no_update, page.say(error.text)
    return content(page, state), page.t("draws.is_published", n=n)


def declared(page: Page, officer: str | None, about: str | None, why: str | None) -> tuple[Any, Any, Any]:
    """Declare a recusal; returns what the page shows then, and what happened in words, here or beside the button."""
    try:
        told = Declaration(officer=officer or "", about=about or "", why=why or "")
        page.city.draws.recuse(told, page.viewer)
    except YipingError as error:
        return no_update, no_update, page.say(error.text)
    return content(page, {}), page.t("draws.is_recused"), no_update


def ended(page: Page, recusal: int) -> tuple[Any, Any]:
    """End a recusal; returns what the page shows then, and what happened in words."""
    try:
        page.city.draws.end_recusal(int(recusal), page.viewer)
    except YipingError as error:
        return no_update, page.say(error.text)
    return content(page, {}), page.t("draws.recusal_ended")


def _whole(said: str | None) -> int | None:
    text = (said or "").strip()
    return int(text) if text.isascii() and text.isdigit() else None


def _count(said: str | None) -> int:
    n = _whole(said)
    if n is None:
        raise YipingError(both("draws.no_count"))
    return n


def _day(given: str | None) -> date:
    try:
        return date.fromisoformat(given or "")
    except ValueError as error:
        raise YipingError(both("due.no_by")) from error
