"""Recusals: the open ones, with the button that ends one, and the form that declares one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.components.draw_rows import cells_table
from app.components.values import day, isolated, joined
from app.context import Page
from data.draw_tables import LEAST_WHY, MOST_WHY
from layers.core.access import Action


class Ids(StrEnum):
    """Ids of the form."""

    OFFICER = "recusal-officer"
    ABOUT = "recusal-about"
    WHY = "recusal-why"
    DECLARE = "recusal-declare"
    MESSAGE = "recusal-message"


def recusals(page: Page) -> Component | None:
    """Return what a viewer may know and do of recusals, None where that is nothing."""
    rows, officers = page.city.draws.recusals(page.viewer), page.city.draws.officers(page.viewer)
    if not rows and not officers:
        return None
    columns = ["officer", "about", "why", "declared"] + (["end"] if page.viewer.may(Action.DRAW) else [])
    drawn = cells_table(page, columns, [_row(page, row) for row in rows])
    none = html.P(page.t("draws.no_recusals"), className="empty")
    return html.Section(
        [
            html.H3(page.t("draws.recusals")),
            html.P(page.t("draws.recusals_what"), className="quiet small"),
            drawn if rows else none,
            _form(page, officers) if officers else None,
        ],
        className="draws-part",
    )


def _row(page: Page, row: Mapping[str, Any]) -> dict[str, Any]:
    about = [isolated(row["place"])] if row["place"] else [isolated(row["enterprise"]), row["uscc"]]
    key = {"type": "recusal-end", "id": row["id"]}
    button = html.Button(page.t("draws.end_recusal"), className="contest-button")
    return {
        "officer": isolated(row["officer"]),
        "about": joined(*about),
        "why": isolated(row["why"]),
        "declared": joined(day(row["declared_at"], page), isolated(row["declared_by"])),
        "end": dcc.ConfirmDialogProvider(button, id=key, message=page.t("draws.end_sure")),
    }


def _form(page: Page, officers: list[str]) -> Component:
    options = [{"label": isolated(name), "value": name} for name in officers]
    only = officers[0] if len(officers) == 1 else None
    about = dcc.Input(id=Ids.ABOUT, type="text", maxLength=18, autoComplete="off")
    why = dcc.Input(id=Ids.WHY, type="text", maxLength=MOST_WHY, autoComplete="off")
    return html.Details(
        [
            html.Summary(page.t("draws.declare_recusal")),
            html.Fieldset(
                [
                    html.Legend(page.t("draws.column.officer")),
                    dcc.RadioItems(options, only, id=Ids.OFFICER, className="choices"),
                ]
            ),
            html.Div(
                [
                    html.Label([page.t("draws.recusal_about"), about]),
                    html.Label([page.t("draws.recusal_why", least=LEAST_WHY), why]),
                ],
                className="pair",
            ),
            html.P(id=Ids.MESSAGE, className="error", role="alert"),
            html.Button(page.t("draws.declare"), id=Ids.DECLARE, className="primary"),
        ],
        className="draws-form",
    )
