"""The sheets in which a case is opened, and in which a step is taken with it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.components.case_rows import is_about
from app.components.contest import close_button, key_of
from app.components.dates import date_field
from app.components.marks import shape
from app.components.values import isolated
from app.context import Page
from layers.core.access import Action
from layers.core.casework import LEAST_WORDS, MOST_TITLE, MOST_WORDS, MOVES, STEP_WORDS, Need, Step
from layers.core.contests import is_contestable
from layers.core.reasons import describe
from layers.core.tiers import Tier

Record = Mapping[str, Any]
OPEN = "open"


class Ids(StrEnum):
    """Ids of the sheet."""

    ABOUT = "case-about"
    TITLE = "case-title"
    WORDS = "case-words"
    HANDLER = "case-handler"
    DUE = "case-due"
    PICTURE = "case-picture"
    PROOF = "case-proof"
    PROOF_SAID = "case-proof-said"
    MESSAGE = "case-message"
    SEND = "case-send"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a button is about: `do` opens a case of a place and a reason's key, or is a step with a case."""

    do: str
    place: int
    about: str

    @property
    def key(self) -> dict[str, Any]:
        """Return the id of its button."""
        return {"type": "case", "do": self.do, "place": self.place, "about": self.about}


def open_button(page: Page, p: Record, reason: Record) -> Component | None:
    """Return the button that makes a case from a reason, for who may and while none of it is open."""
    if not page.viewer.may(Action.ASSIGN) or not is_contestable(Tier(reason["tier"])):
        return None
    if reason["code"].startswith("cases.") or any(is_about(row, reason) for row in p.get("cases") or ()):
        return None
    asked = Asked(OPEN, p["id"], key_of(reason))
    return html.Button(page.t("cases.open"), id=asked.key, className="contest-button")


def step_button(page: Page, case: Record, step: Step, kind: str) -> Component:
    """Return the button for a step with a case, `primary` or `secondary`."""
    asked = Asked(step, case["place_id"], str(case["id"]))
    return html.Button(page.say(STEP_WORDS[step]), id=asked.key, className=kind)


def opening(page: Page, asked: Asked, p: Record) -> list[Component] | None:
    """Return the sheet in which a case is opened from a reason of a place, None where it is gone."""
    reason = next((one for one in p.get("reasons") or [] if key_of(one) == asked.about), None)
    if reason is None or not page.viewer.may(Action.ASSIGN):
        return None
    said = describe(reason["code"], reason["params"], page.language)
    about = [html.P([shape(reason["tier"]), said], className="sentence")]
    return _sheet(page, asked, page.t("cases.open"), about, frozenset(), title=said[:MOST_TITLE])


def stepping(page: Page, asked: Asked, case: Record) -> list[Component] | None:
    """Return the sheet in which a step is taken with a case, None where it cannot be any more."""
    if asked.do not in case["steps"]:
        return None
    step = Step(asked.do)
    about = [html.P(isolated(case["title"]), className="sentence")]
    return _sheet(page, asked, page.say(STEP_WORDS[step]), about, MOVES[step].needs, case=case)


def _sheet(
    page: Page,
    asked: Asked,
    head: str,
    about: list[Component],
    needs: frozenset[Need],
    *,
    title: str = "",
    case: Record | None = None,
) -> list[Component]:
    """Return a sheet with every entry there is, for callbacks need them all; those not asked for are hidden."""
    case = case or {}
    sent = {"do": asked.do, "place": asked.place, "about": asked.about, "seen": case.get("stage", "")}
    optional = asked.do == Step.CLOSE
    return [
        html.Header([html.H2(head), close_button(page)]),
        *about,
        _entry(
            page, "say_title", dcc.Input(id=Ids.TITLE, value=title, maxLength=MOST_TITLE), asked.do == OPEN
        ),
        _handler(page, case, Need.HANDLER in needs),
        _due(page, case, Need.DUE in needs),
        _proof(page, Need.PROOF in needs),
        _entry(
            page,
            "words_optional" if optional else "words",
            dcc.Textarea(id=Ids.WORDS, value="", rows=3, maxLength=MOST_WORDS),
            Need.WORDS in needs or optional,
        ),
        dcc.Store(id=Ids.ABOUT, data=sent | {"request": str(uuid.uuid4())}),
        html.P(id=Ids.MESSAGE, className="error", role="alert"),
        html.Button(head, id=Ids.SEND, className="primary"),
    ]


def _entry(page: Page, name: str, entry: Component, shown: bool) -> Component:
    label = page.t(f"cases.{name}", least=LEAST_WORDS, most=MOST_WORDS)
    return html.Label([label, entry], hidden=not shown)


def _handler(page: Page, case: Record, shown: bool) -> Component:
    names = case.get("officers") or []
    options = [{"label": name, "value": name} for name in names]
    chosen = case["handler"] if case.get("handler") in names else None
    return html.Fieldset(
        [
            html.Legend(page.t("cases.handler")),
            dcc.RadioItems(options, chosen, id=Ids.HANDLER, className="choices"),
            None if names else html.P(page.t("cases.no_officers"), className="quiet"),
        ],
        hidden=not shown,
    )


def _due(page: Page, case: Record, shown: bool) -> Component:
    today = page.city.due.today().isoformat()
    usual = case["usual_due"].isoformat() if case.get("usual_due") else today
    return html.Label([page.t("cases.due_on"), date_field(Ids.DUE, usual, least=today)], hidden=not shown)


def _proof(page: Page, shown: bool) -> Component:
    """Return the entry of a photo; with it the browser is asked where it is."""
    take = html.Span(page.t("cases.take_photo"), className="secondary")
    upload = dcc.Upload(take, id=Ids.PICTURE, accept="image/*", className="take-photo")
    said = html.P(page.t("cases.proof"), id=Ids.PROOF_SAID, className="quiet small", role="status")
    return html.Div([upload, said, dcc.Store(id=Ids.PROOF)], hidden=not shown)
