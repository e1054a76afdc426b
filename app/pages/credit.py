"""`/credit`: the repair calculator: by which rule, from when and how the record of a firm can be repaired.

The address says what is asked about, so that reloading and sharing work and a card can lead here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from app.components.credit import severities
from app.components.dates import date_field
from app.components.values import day
from app.context import Page
from app.pages.frame import header
from layers.core.citytime import day_of
from layers.core.credit import NEED_WORDS, STEPS
from layers.core.credit_entry import EARLIEST
from layers.core.credit_plan import FIELDS, LATEST, Plan
from layers.core.errors import BadQueryError
from layers.core.facts import Severity

TYPED_S = 0.4  # a year that is being typed is not asked about at each digit
State = Mapping[str, str]


class Ids(StrEnum):
    """Ids of the page."""

    SEVERITY = "plan-severity"
    DECIDED_ON = "plan-decided-on"
    PUBLISHED_ON = "plan-published-on"
    APPLIED_ON = "plan-applied-on"
    RESULT = "plan-result"
    ADDRESS = "plan-address"


ENTRIES = dict(zip(FIELDS, (Ids.SEVERITY, Ids.DECIDED_ON, Ids.PUBLISHED_ON, Ids.APPLIED_ON), strict=True))


def layout(page: Page, state: State) -> Component:
    """Return the page for what its address says."""
    rules = html.A(page.t("rules.title"), href="/rules", className="plain")
    body = [
        html.H2(page.t("plan.title"), className="plan-name"),  # the head has no room for it on a phone
        html.P(page.t("plan.lead")),
        _form(page, state),
        html.Section(result(page, state), id=Ids.RESULT, className="plan-result", **{"aria-live": "polite"}),
        dcc.Store(id=Ids.ADDRESS),
    ]
    return html.Div(
        [header(page, page.t("plan.title"), rules), html.Main(body, className="plan")], className="light"
    )


def search_of(state: State) -> str:
    """Return the query part of the address for what is asked about."""
    return urlencode({name: state[name] for name in FIELDS if state.get(name)})


def _form(page: Page, state: State) -> Component:
    today = day_of(page.city.clock()).isoformat()
    chosen = state.get("severity")
    severity = chosen if chosen in set(Severity) else None if chosen else Severity.GENERAL
    return html.Div(
        [
            dcc.RadioItems(severities(page), severity, id=Ids.SEVERITY, className="choices"),
            html.Div(
                [
                    _date(page, Ids.DECIDED_ON, state.get("decided_on", ""), today),
                    _date(page, Ids.PUBLISHED_ON, state.get("published_on", ""), today),
                    _date(page, Ids.APPLIED_ON, state.get("applied_on") or today, LATEST.isoformat()),
                ],
                className="plan-days",
            ),
        ],
        className="plan-form",
    )


def _date(page: Page, kind: Ids, value: str, latest: str) -> Component:
    entry = date_field(kind, value, least=EARLIEST.isoformat(), most=latest, settles_s=TYPED_S)
    return html.Label([page.t(f"credit.{kind.name.lower()}"), entry])


def result(page: Page, state: State) -> list[Component]:
    """Return what the rules say, or in one sentence what is to be entered or corrected."""
    if not (state.get("decided_on") or state.get("published_on")):
        return [html.P(page.t("plan.enter"), className="quiet")]
    try:
        plan = page.city.credit.plan({"severity": Severity.GENERAL} | dict(state))
    except BadQueryError as error:
        return [html.P(page.say(error.text), className="error", role="alert")]
    return [
        _answer(page, plan),
        _rule(page, plan),
        _days(page, plan),
        *(_way(page, plan) if plan.earliest_on else ()),
    ]


def _answer(page: Page, plan: Plan) -> Component:
    """Return whether a repair can be applied for on the day."""
    if plan.not_yet is not None:
        return html.P(page.say(plan.not_yet), className="plan-answer no")
    return html.P(page.t("plan.yes", day=day(plan.applied_on, page)), className="plan-answer yes")


def _rule(page: Page, plan: Plan) -> Component:
    kind = "verified" if plan.rule.verified else "unverified"
    return html.Article(
        [
            html.Header(
                [
                    html.H2(page.t("plan.rule", rule=plan.rule.params["named"])),
                    html.Span(page.t(f"rules.{kind}"), className=f"chip {kind}"),
                ]
            ),
            html.P(page.say(plan.rule.source), className="small"),
            html.P(page.t("plan.by_application", day=day(plan.applied_on, page)), className="quiet small"),
        ],
        className="rule",
    )


def _days(page: Page, plan: Plan) -> Component:
    """Return the days of a record: from when it can be repaired, and when it ends by itself."""
    if plan.ends_on is None:
        return html.P(page.t("plan.not_shown"), className="quiet")
    never = page.t("plan.never")
    days = {
        "plan.first": day(plan.earliest_on, page) or never,
        "plan.last": day(plan.last_on, page),
        "plan.ends": day(plan.ends_on, page),
    }
    return html.Dl([part for key, words in days.items() for part in (html.Dt(page.t(key)), html.Dd(words))])


def _way(page: Page, plan: Plan) -> list[Component]:
    """Return what is declared, the steps and how long they take."""
    return [
        html.H2(page.t("plan.needs")),
        html.Ul([html.Li(page.say(NEED_WORDS[need])) for need in plan.needs]),
        html.H2(page.t("plan.steps")),
        html.Ol([html.Li(page.t(f"plan.step_{stage}")) for stage in STEPS]),
        html.P(page.t("plan.how_long"), className="quiet small"),
    ]
