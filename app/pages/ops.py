"""`/ops`: the big screen. State on the left, the map in the middle, work on the right, events below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import dash_leaflet as dl
from dash import dcc, html
from dash.development.base_component import Component

from app.components.card import moment
from app.components.marks import bar, mix_bar, shape, worst_statuses
from app.context import Page
from app.pages.frame import account_bar, demo_mark
from layers.core.reasons import describe
from layers.core.tiers import STATUSES, TIERS, WORST_FIRST_TIERS, PermitStatus, Tier

ACTING = (Tier.RED, Tier.ORANGE, Tier.YELLOW)


class Ids(StrEnum):
    """Ids of the page."""

    MAP = "ops-map"
    QUERY = "ops-query"
    SELECTED = "ops-map-selected"
    VIEW = "ops-map-view"
    STATE = "ops-state"
    WORK = "ops-work"
    TICKER = "ops-ticker"
    CARD = "ops-card"
    CLOSE = "ops-close"
    CLEAR = "ops-clear"
    CHIPS = "ops-chips"


def layout(page: Page, query: Mapping[str, Any], place_id: int | None) -> Component:
    """Return the page with a query and perhaps an open card from the address."""
    return html.Div(
        [
            dl.Map(
                id=Ids.MAP,
                className="yiping-map dark",
                zoomControl=False,
                attributionControl=False,
                trackViewport=False,
            ),
            dcc.Store(id=Ids.QUERY, data=dict(query)),
            dcc.Store(id=Ids.SELECTED, data={"place_id": place_id} if place_id else None),
            dcc.Store(id=Ids.VIEW),
            _top(page),
            html.Div(id=Ids.CHIPS, className="chips"),
            html.Aside(id=Ids.STATE, className="column left"),
            html.Aside(id=Ids.WORK, className="column right"),
            html.Aside(
                id=Ids.CARD,
                className="card-panel",
                role="dialog",
                hidden=True,
                **{"aria-label": page.t("ops.card")},
            ),
            html.Footer([_legend(page), html.Div(id=Ids.TICKER, className="ticker")], className="bottom"),
        ],
        className="ops",
    )


def _top(page: Page) -> Component:
    return html.Header(
        [
            html.Div([html.H1(page.t("app.title")), demo_mark(page)], className="title"),
            html.Div(
                [html.Span(className="live-dot"), html.Span(page.t("page.behind"), id="live-words")],
                className="live behind",
            ),
            html.Div(
                [
                    html.Span(id="clock", className="clock"),
                    html.Span(id="today", className="quiet"),
                    account_bar(page),
                ],
                className="when",
            ),
        ],
        className="top",
    )


def _legend(page: Page) -> Component:
    items = [
        html.Span([shape(tier), page.say(tier.label)], className="tier-word") for tier in WORST_FIRST_TIERS
    ]
    return html.Div(items, className="legend")


def state_panels(page: Page, counts: Mapping[str, Any], query: Mapping[str, Any]) -> list[Component]:
    """Return the left column: what needs action, layers, permit statuses."""
    chosen = [layer for layer in page.city.registry.on("ops") if layer.id in query["layers"]]
    tiers = _summed(counts, "tier", [layer.id for layer in chosen])
    statuses = _summed(counts, "status", [layer.id for layer in chosen])
    return [
        _kpis(page, tiers, statuses, query),
        _layers(page, counts, query),
        _statuses(page, statuses, query),
    ]


def _summed(counts: Mapping[str, Any], name: str, layer_ids: list[str]) -> dict[str, int]:
    summed: dict[str, int] = {}
    for layer_id in layer_ids:
        for value, n in counts[layer_id][name].items():
            summed[value] = summed.get(value, 0) + n
    return summed


def _kpis(
    page: Page, tiers: Mapping[str, int], statuses: Mapping[str, int], query: Mapping[str, Any]
) -> Component:
    required = sum(n for status, n in statuses.items() if status != PermitStatus.NOT_REQUIRED)
    in_term = statuses.get(PermitStatus.VALID, 0) + statuses.get(PermitStatus.EXPIRING, 0)
    share = f"{100 * in_term / required:.1f}" if required else "—"
    cells: list[Component] = [
        html.Button(
            [
                html.Span(f"{tiers.get(tier, 0):,}", className=f"digits {tier}"),
                html.Span([shape(tier), page.say(tier.label)]),
            ],
            id={"type": "ops-tier", "value": tier},
            className="kpi" + (" on" if tier in query.get("tier", []) else ""),
            **{"aria-pressed": str(tier in query.get("tier", [])).lower()},
        )
        for tier in ACTING
    ]
    rate = [html.Span([share, html.Small("%")], className="digits"), html.Span(page.t("ops.permit_rate"))]
    cells.append(html.Div(rate, className="kpi"))
    return _panel(page.t("ops.act_now"), page.t("ops.click_filters"), html.Div(cells, className="kpis"))


def _layers(page: Page, counts: Mapping[str, Any], query: Mapping[str, Any]) -> Component:
    rows = []
    for layer in page.city.registry.on("ops"):
        on = layer.id in query["layers"]
        tiers = counts[layer.id]["tier"]
        rows.append(
            html.Button(
                [
                    html.Span(className=f"glyph {layer.symbol.glyph}"),
                    html.Span(page.say(layer.title), className="name"),
                    html.Span(f"{sum(tiers.values()):,}", className="n"),
                    mix_bar(page, tiers),
                ],
                id={"type": "ops-layer", "value": layer.id},
                className="layer-row" + (" on" if on else ""),
                **{"aria-pressed": str(on).lower()},
            )
        )
    return _panel(page.t("ops.layers"), page.t("ops.toggle"), html.Div(rows))


def _statuses(page: Page, statuses: Mapping[str, int], query: Mapping[str, Any]) -> Component:
    most = max(statuses.values(), default=1)
    rows = [
        html.Button(
            bar(page.say(status.label), statuses[status], most),
            id={"type": "ops-status", "value": status},
            className="bar-button" + (" on" if status in query.get("status", []) else ""),
            **{"aria-pressed": str(status in query.get("status", [])).lower()},
        )
        for status in worst_statuses()
        if statuses.get(status)
    ]
    return _panel(page.t("ops.statuses"), "", html.Div(rows))


def work_panels(
    page: Page, counts: Mapping[str, Any], urgent: Sequence[Mapping[str, Any]]
) -> list[Component]:
    """Return the right column: the states of the layers that have some, and the most urgent places."""
    panels = [
        _panel(page.t("ops.to_do"), page.t("ops.by_urgency"), html.Div([_task(page, row) for row in urgent]))
    ]
    for layer in page.city.registry.on("ops"):
        states, on = counts[layer.id]["state"], layer.shown_on("ops")
        if on and on.panel and sum(states.values()):
            most = max(states.values())
            rows = [
                bar(page.say(s.title), states[s.value], most) for s in layer.states if states.get(s.value)
            ]
            panels.append(_panel(page.say(layer.title), page.t("ops.by_state"), html.Div(rows)))
    return panels


def _task(page: Page, row: Mapping[str, Any]) -> Component:
    reason = row["reason"]
    why = (
        describe(reason["code"], reason["params"], page.language)
        if reason
        else page.say(STATUSES[row["status"]].label)
    )
    return html.Button(
        [
            shape(TIERS[row["tier"]]),
            html.Span([html.Span(row["name"], className="name"), html.Span(why, className="quiet small")]),
        ],
        id={"type": "open-place", "place": row["id"]},
        className="task",
    )


def chips(page: Page, query: Mapping[str, Any]) -> list[Component]:
    """Return what is filtered, in words, with one click to clear."""
    words = [page.say(Tier(tier).label) for tier in query.get("tier", [])]
    words += [page.say(PermitStatus(status).label) for status in query.get("status", [])]
    hidden = len(page.city.registry.on("ops")) - len(query["layers"])
    words += [page.t("ops.hidden_layers", n=hidden)] if hidden else []
    if not words:
        return []
    return [
        *(html.Span(word, className="chip") for word in words),
        html.Button(page.t("ops.clear"), id=Ids.CLEAR, className="chip accent"),
    ]


def ticker(page: Page, events: Sequence[Mapping[str, Any]]) -> list[Component]:
    """Return the line of events."""
    return [
        html.Span(
            [
                html.Time(moment(event["at"], page)),
                html.Span(page.t(f"event.{event['kind']}.{event['what']}", name=event["name"])),
            ]
        )
        for event in events
    ]


def _panel(title: str, note: str, body: Component) -> Component:
    return html.Section(
        [html.Header([html.H2(title), html.Span(note, className="quiet small")]), body], className="panel"
    )
