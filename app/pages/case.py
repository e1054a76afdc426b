"""`/cases/{id}`: one case, what was done about it, and what can be done now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.components.case_rows import address_of, due_words, kind_words, stage_chip
from app.components.case_sheet import step_button
from app.components.marks import tier_word
from app.components.values import day, isolated, joined, moment
from app.context import Page
from app.pages.frame import header, link_to
from layers.core.access import Action
from layers.core.casework import STEP_WORDS, Stage, Step, usual
from layers.core.errors import UnknownCaseError
from layers.core.reasons import describe

_PATH = re.compile(r"/cases/([0-9]{1,18})/?\Z")
CHAIN = (
    Stage.RECEIVED,
    Stage.FILED,
    Stage.DISPATCHED,
    Stage.HANDLING,
    Stage.CHECKED,
    Stage.CLOSED,
)
_BESIDE = {Stage.RETURNED: Stage.DISPATCHED, Stage.SUPERVISED: Stage.HANDLING, Stage.VOID: Stage.CLOSED}
Record = Mapping[str, Any]


class Ids(StrEnum):
    """Ids of the page."""

    CASE = "case-shown"
    BODY = "case-body"


def case_of(path: str) -> int | None:
    """Return the case an address is of, None for another address."""
    found = _PATH.match(path)
    return int(found[1]) if found else None


def layout(page: Page, case_id: int) -> Component:
    """Return the page of a case; raises `UnknownCaseError`."""
    case = page.city.cases.read(case_id, page.viewer)
    shown = {"id": case_id, "title": page.t("place.title", name=case["title"])}
    links = (link_to(page, path) for path in ("/cases", "/ops", "/field"))
    main = html.Main(
        [dcc.Store(id=Ids.CASE, data=shown), html.Article(body(page, case), id=Ids.BODY, className="card")],
        className="place case",
    )
    return html.Div([header(page, page.t("cases.one"), *links), main], className="light")


def again(page: Page, case_id: int) -> list[Component]:
    """Return the case drawn anew, or what stands in place of one that is gone."""
    try:
        return body(page, page.city.cases.read(case_id, page.viewer))
    except UnknownCaseError as error:
        return [html.P(page.say(error.text), className="empty")]


def body(page: Page, case: Record) -> list[Component]:
    """Return the inside of the page."""
    buttons = _buttons(page, case)
    return [
        html.Header([html.H2(isolated(case["title"])), _state(page, case)]),
        _track(page, case),
        _facts(page, case),
        html.Div(buttons, className="case-acts") if buttons else None,
        html.Section([html.H3(page.t("cases.past")), html.Ol(_past(page, case), className="case-past")]),
    ]


def _buttons(page: Page, case: Record) -> list[Component]:
    """Return a button for each step there is; the one that usually comes next stands out, before the others."""
    there = [Step(step) for step in case["steps"]]
    first = usual(Stage(case["stage"]), there)
    ordered = sorted(there, key=lambda step: step is not first)
    return [step_button(page, case, step, "primary" if step is first else "secondary") for step in ordered]


def _state(page: Page, case: Record) -> Component:
    due = due_words(page, case)
    return html.P(
        [stage_chip(page, case["stage"]), html.Span(kind_words(page, case)), due], className="card-state"
    )


def _track(page: Page, case: Record) -> Component:
    """Return the chain of stages, with how far the case has come."""
    stage = Stage(case["stage"])
    here = CHAIN.index(_BESIDE.get(stage, stage))
    marks = [
        html.Li(
            page.t(f"stage.{stage if n == here else one}"),
            className="now" if n == here else "done" if n < here else "",
            **({"aria-current": "step"} if n == here else {}),
        )
        for n, one in enumerate(CHAIN)
    ]
    return html.Ol(marks, className="case-track")


def _facts(page: Page, case: Record) -> Component:
    to_place = "/field" if page.viewer.may(Action.OPEN_FIELD) else "/ops"
    name = html.A(isolated(case["name"]), href=f"{to_place}?place={case['place_id']}")
    place = [
        tier_word(page, case["tier"]),
        name,
        html.Div(isolated(case["address"]), className="quiet small"),
    ]
    about = (
        describe(case["reason_code"], case["reason_params"], page.language) if case["reason_code"] else None
    )
    inform = page.t("cases.inform_by", day=day(case["inform_by"], page)) if case["inform_by"] else None
    told = page.t("cases.informed_on", day=day(case["informed_on"], page)) if case["informed_on"] else None
    rows = {
        "place": place,
        "about": about,
        "opened": moment(case["opened_at"], page),
        "reporter": isolated(case["reporter"]) if case.get("reporter") else None,
        "inform": inform or told,
        "handler": isolated(case["handler"]) if case["handler"] else None,
    }
    cells = [
        cell
        for key, shown in rows.items()
        if shown
        for cell in (html.Dt(page.t(f"cases.fact.{key}")), html.Dd(shown))
    ]
    return html.Dl(cells)


def _past(page: Page, case: Record) -> list[Component]:
    steps = [_step(page, case, step) for step in reversed(case["past"])]
    opened = html.Li(
        [html.P(page.t("cases.was_opened")), html.P(moment(case["opened_at"], page), className="quiet small")]
    )
    return [*steps, *([] if any(one["step"] == Step.FILE for one in case["past"]) else [opened])]


def _step(page: Page, case: Record, step: Record) -> Component:
    """Return a step that was taken: what, to whom, by when, in which words, where, with which photo."""
    to = joined(
        isolated(step["handler"]) if step["handler"] else None,
        page.t("case.due", at=moment(step["due_at"], page)) if step["due_at"] else None,
    )
    where = (
        page.t("cases.from_here", m=f"{step['distance_m']:,.0f}", accuracy=f"{step['accuracy_m'] or 0:,.0f}")
        if step["distance_m"] is not None
        else None
    )
    note = joined(moment(step["at"], page), isolated(step["taken_by"]), where)
    parts = [
        html.P([html.Strong(page.say(STEP_WORDS[Step(step["step"])])), " ", *to]),
        html.P(isolated(step["words"]), className="said") if step["words"] else None,
        _photo(page, case["id"], step["photo_id"]) if step["photo_id"] else None,
        html.P(note, className="quiet small"),
    ]
    return html.Li([part for part in parts if part is not None])


def _photo(page: Page, case_id: int, photo_id: int) -> Component:
    source = f"/api{address_of(case_id)}/photos/{photo_id}"
    picture = html.Img(src=source, alt=page.t("cases.photo"), className="case-photo")
    return html.A(picture, href=source, target="_blank")
