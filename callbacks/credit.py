"""Credit records: a button opens the sheet of a step, what is said there is sent, and the card is drawn anew."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from app.components.contest import told
from app.components.credit import APPLY, CORRECT, WITHDRAW, Asked, Ids, sheet
from app.context import Page, Services, page_of
from app.pages.frame import Ids as Frame
from layers.core.credit import Need
from layers.core.errors import UnknownPlaceError, YipingError
from layers.core.facts import RepairStage

_FIELDS = {
    "severity": Ids.SEVERITY,
    "act": Ids.ACT,
    "decision": Ids.DECISION,
    "authority": Ids.AUTHORITY,
    "number": Ids.NUMBER,
    "decided_on": Ids.DECIDED_ON,
    "published_on": Ids.PUBLISHED_ON,
}


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the sheets, on every page with a card."""
    key = {"type": "credit", "do": ALL, "place": ALL, "about": ALL}
    shown = [Output(Frame.SHEET, part, allow_duplicate=True) for part in ("children", "hidden")]
    answers = [
        shown[0],
        Output(Ids.MESSAGE, "children", allow_duplicate=True),
        Output(Frame.ACTED, "data", allow_duplicate=True),
    ]
    about = State(Ids.ABOUT, "data")

    @app.callback(*shown, Input(key, "n_clicks"), prevent_initial_call=True)
    def ask(_clicks: list[int | None]) -> tuple[Any, Any]:
        clicked = ctx.triggered_id and ctx.triggered[0]["value"]
        return opened(page_of(services), ctx.triggered_id) if clicked else (no_update, no_update)

    @app.callback(
        *answers,
        Input(Ids.SEND, "n_clicks"),
        about,
        State(Ids.DECLARED, "value"),
        State(Ids.WORDS, "value"),
        prevent_initial_call=True,
    )
    def send(clicks: int | None, asked: dict[str, Any], declared: Any, words: str | None) -> tuple[Any, ...]:
        page = page_of(services)
        step = (lambda: act(page, asked, declared or [], words or "")) if clicks else None
        return done(page, asked, step)

    @app.callback(
        *answers,
        Input(Ids.SAVE, "n_clicks"),
        about,
        State(Ids.WORDS, "value"),
        *(State(field, "value") for field in _FIELDS.values()),
        prevent_initial_call=True,
    )
    def enter(
        clicks: int | None, asked: dict[str, Any], words: str | None, *said: str | None
    ) -> tuple[Any, ...]:
        page, given = page_of(services), dict(zip(_FIELDS, said, strict=True))
        step = (lambda: write(page, asked, given, words or "")) if clicks else None
        return done(page, asked, step)


def opened(page: Page, key: Mapping[str, Any]) -> tuple[Any, bool]:
    """Return the sheet that a button opens."""
    asked = Asked(key["do"], int(key["place"]), int(key["about"]))
    try:
        feature = page.city.card(asked.place, page.viewer)
    except UnknownPlaceError as error:
        return told(page, page.say(error.text)), False
    return sheet(page, asked, feature["properties"]), False


def done(page: Page, asked: Mapping[str, Any], step: Callable[[], None] | None) -> tuple[Any, Any, Any]:
    """Take a step; returns the sheet, the message beside the button, and the news for the card."""
    if step is None:
        return no_update, no_update, no_update
    try:
        step()
    except YipingError as error:
        return no_update, page.say(error.text), no_update
    news = {"place": asked["place"], "turn": uuid.uuid4().hex}
    return told(page, page.t(f"credit.done_{asked['do']}")), no_update, news


def act(page: Page, asked: Mapping[str, Any], declared: Sequence[str], words: str) -> None:
    """Ask for a repair, move it on or refuse it, or withdraw a record. Raises `YipingError` for what cannot be."""
    credit, place, about = page.city.credit, int(asked["place"]), int(asked["about"])
    if asked["do"] == APPLY:
        given = {need for need in Need if need in declared}
        return credit.apply(place, about, given, page.viewer)
    if asked["do"] == WITHDRAW:
        return credit.withdraw(place, about, words, page.viewer)
    stage = RepairStage(asked["do"])
    if stage is RepairStage.REFUSED:
        return credit.refuse(place, about, words, page.viewer)
    return credit.move_on(place, about, stage, page.viewer)


def write(page: Page, asked: Mapping[str, Any], given: Mapping[str, str | None], words: str) -> None:
    """Enter a record, or correct one with a reason. Raises `YipingError` for what cannot be."""
    credit, place = page.city.credit, int(asked["place"])
    if asked["do"] == CORRECT:
        return credit.correct(place, int(asked["about"]), given, words, page.viewer)
    return credit.enter(place, given, page.viewer)
