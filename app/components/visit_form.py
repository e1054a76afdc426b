"""The form of a visit; what is entered stays text until it is read, so that nothing wrong turns into a zero."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from dash import dcc, html
from dash.development.base_component import Component

from app.components.dates import date_field
from app.context import Page
from layers.core.facts import InspectionResult

USUAL_DAYS_TO_MEND = 15


class Ids(StrEnum):
    """Ids of the form."""

    FORM = "field-form"
    RESULT = "field-result"
    CRITICAL = "field-critical"
    SERIOUS = "field-serious"
    MINOR = "field-minor"
    DUE = "field-due"
    SECOND = "field-second"
    CODE = "field-code"
    NOTE = "field-note"
    VISIT = "field-visit"
    MESSAGE = "field-message"
    SAVE = "field-save"


def visit_form(page: Page, place_id: int, key: str, today: date, *, needs_code: bool) -> Component:
    """Return the form for a visit of a place; `key` makes sending it twice harmless."""
    results = [{"label": page.t(f"result.{result}"), "value": result} for result in InspectionResult]
    counts = [_count(page, kind) for kind in (Ids.CRITICAL, Ids.SERIOUS, Ids.MINOR)]
    code = "code_needed" if needs_code else "code"
    note = [page.t("field.note"), dcc.Textarea(id=Ids.NOTE, maxLength=500)]
    return html.Section(
        [
            html.H3(page.t("field.record")),
            dcc.RadioItems(results, id=Ids.RESULT, className="choices"),
            html.Div(counts, className="counts"),
            html.Label([page.t("field.follow_up"), _due(today)], className="due"),
            html.Div(
                [_words(page, "second", Ids.SECOND, 60), _words(page, code, Ids.CODE, 40)], className="pair"
            ),
            html.Label(note),
            dcc.Store(id=Ids.VISIT, data={"place_id": place_id, "key": key}),
            html.P(id=Ids.MESSAGE, className="error", role="alert"),
            html.Button(page.t("field.save"), id=Ids.SAVE, className="primary"),
        ],
        id=Ids.FORM,
        className="visit-form",
    )


def _count(page: Page, kind: Ids) -> Component:
    entry = dcc.Input(id=kind, type="text", inputMode="numeric", maxLength=6, value="0")
    return html.Label([page.t(f"field.{kind.name.lower()}"), entry])


def _words(page: Page, label: str, kind: Ids, most: int) -> Component:
    entry = dcc.Input(id=kind, type="text", maxLength=most, autoComplete="off")
    return html.Label([page.t(f"field.{label}"), entry])


def _due(today: date) -> Component:
    usual = (today + timedelta(days=USUAL_DAYS_TO_MEND)).isoformat()
    return date_field(Ids.DUE, usual, least=today.isoformat())
