"""`/field`: the inspector's tablet. What to visit, by urgency, beside a light map; a visit is recorded in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

import dash_leaflet as dl
from dash import dcc, html
from dash.development.base_component import Component

from app.components.card import card_body
from app.components.case_rows import address_of, due_words, stage_chip
from app.components.marks import shape, tier_word
from app.components.values import isolated, joined
from app.components.visit_form import visit_form
from app.context import Page
from app.pages.frame import header, link_to
from data.store.case_board import CaseFilter
from layers.core.checks.visit_code import code_rule
from layers.core.reasons import describe
from layers.core.tiers import STATUSES, TIERS, Tier

VIEW_NAME = "field"
MOST_CASES = 5
TO_VISIT = (Tier.RED, Tier.ORANGE, Tier.YELLOW)


class Ids(StrEnum):
    """Ids of the page."""

    MAP = "field-map"
    QUERY = "field-query"
    SELECTED = "field-map-selected"
    VIEW = "field-map-view"
    BROWSE = "field-browse"
    WORDS = "field-words"
    TIERS = "field-tiers"
    LIST = "field-list"
    LIMIT = "field-limit"
    MORE = "field-more"
    CARD = "field-card"
    BACK = "field-back"
    JUMP = "field-jump"
    FOLD = "field-fold"


def layout(page: Page, place_id: int | None) -> Component:
    """Return the page, perhaps with a place open."""
    layers = [layer.id for layer in page.city.registry.on(VIEW_NAME)]
    query = {"layers": layers, "tier": list(TO_VISIT), "status": [], "q": ""}
    return html.Div(
        [
            header(
                page, page.t("field.title"), *(link_to(page, path) for path in ("/cases", "/due", "/draws"))
            ),
            dcc.Store(id=Ids.QUERY, data=query),
            dcc.Store(id=Ids.SELECTED, data={"place_id": place_id} if place_id else None),
            dcc.Store(id=Ids.VIEW),
            dcc.Store(id=Ids.LIMIT),
            html.Main([_browse(page), _card(), _fold(page), _map()], className="split"),
        ],
        className="light field",
    )


def _browse(page: Page) -> Component:
    """Return the list with its search; it stays in place under an open card, and so keeps where it was scrolled to."""
    words = dcc.Input(
        id=Ids.WORDS,
        type="search",
        value="",
        debounce=0.4,
        placeholder=page.t("field.search"),
        className="search",
    )
    tiers = [{"label": tier_word(page, tier), "value": tier} for tier in TO_VISIT]
    chosen = dcc.Checklist(tiers, list(TO_VISIT), id=Ids.TIERS, className="choices")
    return html.Section([words, chosen, html.Div(id=Ids.LIST)], id=Ids.BROWSE, className="side")


def _card() -> Component:
    return html.Section(id=Ids.CARD, className="side", hidden=True)


def _fold(page: Page) -> Component:
    """Return the switch that folds the map away on an upright tablet."""
    option = [{"label": page.t("field.fold"), "value": "folded"}]
    return dcc.Checklist(option, [], id=Ids.FOLD, className="fold")


def _map() -> Component:
    return dl.Map(
        id=Ids.MAP,
        className="yiping-map light",
        zoomControl=False,
        attributionControl=False,
        trackViewport=False,
    )


def own_cases(page: Page) -> list[Component]:
    """Return the cases dispatched to who looks, the most urgent first; nothing where there are none."""
    board = page.city.cases.board(page.viewer, CaseFilter(mine=True), MOST_CASES)
    if not board["rows"]:
        return []
    more = html.A(
        page.t("cases.all_mine", n=f"{board['total']:,}"), href="/cases?mine=1", className="secondary"
    )
    rows = [_own_case(page, row) for row in board["rows"]]
    return [html.H2(page.t("cases.mine")), *rows, *([more] if board["next"] else [])]


def _own_case(page: Page, row: Mapping[str, Any]) -> Component:
    lines = [
        html.Strong(isolated(row["title"])),
        html.Span([stage_chip(page, row["stage"]), " ", due_words(page, row)]),
        html.Span(joined(isolated(row["name"]), isolated(row["address"])), className="quiet small"),
    ]
    return html.A(
        [shape(row["tier"]), html.Span(lines)], href=address_of(row["id"]), className="visit case-row"
    )


def worklist(page: Page, rows: Sequence[Mapping[str, Any]], total: int, last: int | None) -> list[Component]:
    """Return the places to visit, most urgent first; `total` is how many there are, `last` the one just left."""
    if not rows:
        return [html.P(page.t("field.nothing"), className="empty")]
    title = page.t("field.by_urgency", n=f"{len(rows):,}", total=f"{total:,}")
    more = html.Button(page.t("field.more"), id=Ids.MORE, className="secondary")
    listed = [_row(page, row, row["id"] == last) for row in rows]
    return [html.H2(title), *listed, *([more] if len(rows) < total else [])]


def _row(page: Page, row: Mapping[str, Any], was_open: bool) -> Component:
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
                    html.Strong(isolated(row["name"])),
                    html.Span(why),
                    html.Span(
                        joined(page.say(layer.title), isolated(row["address"])), className="quiet small"
                    ),
                ]
            ),
        ],
        className="visit last" if was_open else "visit",
        **{"data-place": row["id"]},
    )


def place_panel(
    page: Page, feature: Mapping[str, Any], key: str, today: date, saved: str = ""
) -> list[Component]:
    """Return the card of a place and, below, the form of a visit. `key` makes sending it twice harmless."""
    jump = html.Button(page.t("field.record"), id=Ids.JUMP, className="primary")
    return [
        html.Div([_back(page), jump], className="panel-head"),
        html.P(saved, className="saved", role="status") if saved else None,
        html.Article(card_body(page, feature, acts=False), className="card"),
        visit_form(
            page, feature["id"], key, today, needs_code=_needs_code(page, feature["properties"], today)
        ),
    ]


def _needs_code(page: Page, p: Mapping[str, Any], today: date) -> bool:
    rules = page.city.rules.table(page.city.registry[p["layer"]])
    return code_rule(rules, p["area_code"], today) is not None


def gone_panel(page: Page) -> list[Component]:
    """Return what stands in place of the card of a place that cannot be shown."""
    return [_back(page), html.P(page.t("card.gone"), className="empty")]


def _back(page: Page) -> Component:
    return html.Button(page.t("field.back"), id=Ids.BACK, className="secondary")
