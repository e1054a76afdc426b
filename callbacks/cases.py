"""Cases: a button opens a sheet, what is said there is sent, and what shows the case is drawn anew."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from app.components.case_sheet import OPEN, Asked, Ids, opening, stepping
from app.components.contest import SEPARATOR, told
from app.context import Page, Services, page_of
from app.pages import case, cases
from app.pages.frame import Ids as Frame
from callbacks.frame import page_for
from data.store.casework import NewCase, Taken, Written
from layers.core.casework import Stage, Step
from layers.core.errors import YipingError
from layers.core.verdict import ReasonKey

_SAID = {"title": Ids.TITLE, "words": Ids.WORDS, "handler": Ids.HANDLER, "due_on": Ids.DUE}


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the sheets, on every page with a card, and of the two pages of cases."""
    key = {"type": "case", "do": ALL, "place": ALL, "about": ALL}
    shown = [Output(Frame.SHEET, part, allow_duplicate=True) for part in ("children", "hidden")]
    answer = Output(Ids.MESSAGE, "children"), Output(Frame.ACTED, "data", allow_duplicate=True)

    @app.callback(*shown, Input(key, "n_clicks"), prevent_initial_call=True)
    def ask(_clicks: list[int | None]) -> tuple[Any, Any]:
        clicked = ctx.triggered_id and ctx.triggered[0]["value"]
        return opened(page_of(services), ctx.triggered_id) if clicked else (no_update, no_update)

    @app.callback(
        shown[0],
        *answer,
        Input(Ids.SEND, "n_clicks"),
        State(Ids.ABOUT, "data"),
        State(Ids.PROOF, "data"),
        *(State(entry, "value") for entry in _SAID.values()),
        prevent_initial_call=True,
    )
    def send(clicks: int | None, about: dict[str, Any], proof: Any, *said: str | None) -> tuple[Any, ...]:
        words = dict(zip(_SAID, said, strict=True)) | {"proof": proof or {}}
        return done(page_of(services), about, words) if clicks else (no_update, no_update, no_update)

    @app.callback(
        Output(cases.Ids.BODY, "children"),
        Input(Frame.LIVE, "data"),
        State(cases.Ids.STATE, "data"),
        prevent_initial_call=True,
    )
    def renew_board(_live: Any, state: dict[str, str]) -> Any:
        return cases.content(page_for(services, "/cases"), state)

    @app.callback(
        Output(case.Ids.BODY, "children"),
        Input(Frame.LIVE, "data"),
        Input(Frame.ACTED, "data"),
        State(case.Ids.CASE, "data"),
        prevent_initial_call=True,
    )
    def renew(_live: Any, _acted: Any, known: dict[str, Any]) -> Any:
        return case.again(page_of(services), int(known["id"]))

    _register_browser(app)


def _register_browser(app: Dash) -> None:
    """Register what the browser does alone: photo and position, and hearing of news."""
    app.clientside_callback(
        ClientsideFunction("page", "takeProof"),
        Output(Ids.PROOF, "data"),
        Output(Ids.PROOF_SAID, "children"),
        Input(Ids.PICTURE, "contents"),
        State(Ids.ABOUT, "data"),
        prevent_initial_call=True,
    )
    for shown, part in ((case.Ids.CASE, "data"), (cases.Ids.STATE, "data")):
        app.clientside_callback(
            ClientsideFunction("page", "openPlace"),
            Output(Frame.SINK, "data", allow_duplicate=True),
            Input(shown, part),
            prevent_initial_call="initial_duplicate",
        )


def opened(page: Page, key: Mapping[str, Any]) -> tuple[Any, bool]:
    """Return the sheet that a button opens."""
    asked = Asked(key["do"], int(key["place"]), key["about"])
    try:
        if asked.do == OPEN:
            sheet = opening(page, asked, page.city.card(asked.place, page.viewer)["properties"])
        else:
            sheet = stepping(page, asked, page.city.cases.read(int(asked.about), page.viewer))
    except YipingError as error:
        return told(page, page.say(error.text)), False
    return sheet or told(page, page.t("cases.gone")), False


def done(page: Page, about: Mapping[str, Any], said: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """Do what the sheet asks; returns the sheet, the message beside the button, and the news for what is shown."""
    try:
        written = act(page, about, said)
    except YipingError as error:
        return no_update, page.say(error.text), no_update
    news = {"place": written.place_id, "turn": uuid.uuid4().hex}
    key = "cases.opened" if about["do"] == OPEN else "cases.taken"
    return told(page, page.t(key)), no_update, news


def act(page: Page, about: Mapping[str, Any], said: Mapping[str, Any]) -> Written:
    """Open a case or take a step with one. Raises `YipingError` for what cannot be."""
    if about["do"] == OPEN:
        reason = ReasonKey(*about["about"].split(SEPARATOR))
        new = NewCase(
            place_id=int(about["place"]), title=said["title"] or "", request=about["request"], about=reason
        )
        return page.city.cases.open_case(new, page.viewer)
    proof = {name: said["proof"].get(name) for name in ("lon", "lat", "accuracy_m", "photo_id")}
    taken = Taken(
        step=Step(about["do"]),
        request=about["request"],
        seen=Stage(about["seen"]),
        words=said["words"] or "",
        handler=said["handler"] or "",
        due_on=_day(said["due_on"]),
        **proof,
    )
    return page.city.cases.take(int(about["about"]), taken, page.viewer)


def _day(given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        return None
