"""Objections: a button opens the sheet, what is said there is sent, and the card is drawn anew."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from app.components.contest import OBJECT, SEPARATOR, Asked, Ids, sheet, told
from app.context import Page, Services, page_of
from app.pages.frame import Ids as Frame
from data.store.contests import Objection
from layers.core.contests import ContestKind, Outcome
from layers.core.errors import UnknownPlaceError, YipingError
from layers.core.verdict import ReasonKey


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the sheet, on every page with a card."""
    key = {"type": "contest", "do": ALL, "place": ALL, "about": ALL}
    shown = Output(Frame.SHEET, "children"), Output(Frame.SHEET, "hidden")
    again = [Output(Frame.SHEET, part, allow_duplicate=True) for part in ("children", "hidden")]

    @app.callback(*shown, Input(key, "n_clicks"), prevent_initial_call=True)
    def ask(_clicks: list[int | None]) -> tuple[Any, Any]:
        clicked = ctx.triggered_id and ctx.triggered[0]["value"]
        return opened(page_of(services), ctx.triggered_id) if clicked else (no_update, no_update)

    @app.callback(*again, Input(Ids.CLOSE, "n_clicks"), prevent_initial_call=True)
    def close(clicks: int | None) -> tuple[Any, Any]:
        return ([], True) if clicks else (no_update, no_update)

    @app.callback(
        again[0],
        Output(Ids.MESSAGE, "children"),
        Output(Frame.ACTED, "data"),
        Input(Ids.SEND, "n_clicks"),
        State(Ids.ABOUT, "data"),
        State(Ids.KIND, "value"),
        State(Ids.WORDS, "value"),
        prevent_initial_call=True,
    )
    def send(clicks: int | None, about: dict[str, Any], kind: str, words: str | None) -> tuple[Any, Any, Any]:
        sent = (about, kind, words or "")
        return done(page_of(services), *sent) if clicks else (no_update, no_update, no_update)

    app.clientside_callback(
        ClientsideFunction("page", "enterSheet"),
        Output(Frame.SINK, "data", allow_duplicate=True),
        Input(Frame.SHEET, "children"),
        State(Frame.SHEET, "id"),
        prevent_initial_call=True,
    )


def opened(page: Page, key: Mapping[str, Any]) -> tuple[Any, bool]:
    """Return the sheet that a button opens."""
    asked = Asked(key["do"], int(key["place"]), key["about"])
    try:
        feature = page.city.card(asked.place, page.viewer)
    except UnknownPlaceError as error:
        return told(page, page.say(error.text)), False
    return sheet(page, asked, feature["properties"]), False


def done(page: Page, about: Mapping[str, Any], kind: str, words: str) -> tuple[Any, Any, Any]:
    """Do what the sheet asks; returns the sheet, the message beside the button, and the news for the card."""
    try:
        place_id = act(page, about, kind, words)
    except YipingError as error:
        return no_update, page.say(error.text), no_update
    news = {"place": place_id, "turn": uuid.uuid4().hex}
    return told(page, page.t(f"contest.done_{about['do']}")), no_update, news


def act(page: Page, about: Mapping[str, Any], kind: str, words: str) -> int:
    """Object, decide or withdraw; returns the place. Raises `YipingError` for what cannot be."""
    contests = page.city.contests
    if about["do"] == OBJECT:
        reason = ReasonKey(*about["about"].split(SEPARATOR))
        objection = Objection(
            place_id=about["place"], about=reason, kind=ContestKind(kind or ContestKind.OTHER), words=words
        )
        return contests.object_to(objection, page.viewer)
    outcome = Outcome(about["do"])
    if outcome is Outcome.WITHDRAWN:
        return contests.withdraw(int(about["about"]), page.viewer)
    return contests.decide(int(about["about"]), outcome, words, page.viewer)
