"""`/field`: the inspector's tablet. What to visit, by urgency, beside a light map; a visit is recorded in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import dash_leaflet as dl
from dash import dcc, html
from dash.development.base_component import Component

from app.components.card import card_body
from app.components.marks import shape
from app.context import Page
from app.pages.frame import header
from layers.core.facts import InspectionResult
from layers.core.reasons import describe
from layers.core.tiers import STATUSES, TIERS


class Ids(StrEnum):
    """Ids of the page."""

    MAP = "field-map"
    QUERY = "field-query"
    SELECTED = "field-map-selected"
    VIEW = "field-map-view"
    LIST = "field-list"
    CARD = "field-card"
    BACK = "field-back"
    SAVE = "field-save"
    RESULT = "field-result"
    CRITICAL = "field-critical"
    SERIOUS = "field-serious"
    MINOR = "field-minor"
    DUE = "field-due"
    NOTE = "field-note"
    KEY = "field-key"
    MESSAGE = "field-message"


def layout(page: Page, place_id: int | None) -> Component:
    """Return the page, perhaps with a place open."""
    layers = [layer.id for layer in page.city.registry.on("field")]
    query = {"layers": layers, "tier": ["red", "orange", "yellow"], "status": []}
    the_map = dl.Map(
        id=Ids.MAP,
        className="yiping-map light",
        zoomControl=False,
        attributionControl=False,
        trackViewport=False,
    )
    return html.Div(
        [
            header(page, page.t("field.title")),
            dcc.Store(id=Ids.QUERY, data=query),
            dcc.Store(id=Ids.SELECTED, data={"place_id": place_id} if place_id else None),
            dcc.Store(id=Ids.VIEW),
            html.Main(
                [
                    html.Section(id=Ids.LIST, className="side"),
                    html.Section(id=Ids.CARD, className="side", hidden=True),
                    the_map,
                ],
                className="split",
            ),
        ],
        className="light field",
    )


def worklist(page: Page, rows: Sequence[Mapping[str, Any]]) -> list[Component]:
    """Return the places to visit, most urgent first."""
    if not rows:
        return [html.P(page.t("field.nothing"), className="empty")]
    return [html.H2(page.t("field.by_urgency", n=len(rows))), *(_row(page, row) for row in rows)]


def _row(page: Page, row: Mapping[str, Any]) -> Component:
    reason = row["reason"]
    why = (
        describe(reason["code"], reason["params"], page.language)
        if reason
        else page.say(STATUSES[row["status"]].label)
    )
    layer = page.city.registry[row["layer"]]
    return html.Button(
        [
            shape(TIERS[row["tier"]]),
            html.Span(
                [
                    html.Strong(row["name"]),
                    html.Span(why),
                    html.Span(f"{page.say(layer.title)} · {row['address']}", className="quiet small"),
                ]
            ),
        ],
        id={"type": "open-place", "place": row["id"]},
        className="visit",
    )


def place_panel(
    page: Page, feature: Mapping[str, Any], key: str, today: date, saved: str = ""
) -> list[Component]:
    """Return the card of a place and, below, the form of a visit. `key` makes sending it twice harmless."""
    return [
        html.Button(page.t("field.back"), id=Ids.BACK, className="secondary"),
        html.P(saved, className="saved", role="status") if saved else None,
        html.Article(card_body(page, feature), className="card"),
        _form(page, key, today),
    ]


def _form(page: Page, key: str, today: date) -> Component:
    results = [{"label": page.t(f"result.{result}"), "value": result} for result in InspectionResult]
    counts = [
        html.Label(
            [
                page.t(f"field.{name}"),
                dcc.Input(id=Ids[name.upper()], type="number", min=0, max=99, step=1, value=0),
            ]
        )
        for name in ("critical", "serious", "minor")
    ]
    due = dcc.Input(
        id=Ids.DUE, type="text", value=(today + timedelta(days=15)).isoformat(), pattern=r"\d{4}-\d{2}-\d{2}"
    )
    return html.Section(
        [
            html.H3(page.t("field.record")),
            dcc.RadioItems(results, InspectionResult.PASSED, id=Ids.RESULT, className="choices"),
            html.Div(counts, className="counts"),
            html.Label([page.t("field.follow_up"), due]),
            html.Label([page.t("field.note"), dcc.Textarea(id=Ids.NOTE, maxLength=500)]),
            dcc.Store(id=Ids.KEY, data=key),
            html.Button(page.t("field.save"), id=Ids.SAVE, className="primary"),
            html.P(id=Ids.MESSAGE, role="alert"),
        ],
        className="visit-form",
    )
