"""`/ops`: the big screen. State on the left, the map in the middle, work on the right, events below."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import dash_leaflet as dl
from dash import dcc, html
from dash.development.base_component import Component

from app.components.chips import chips, switching
from app.components.contest import review_mark
from app.components.export_menu import export_menu, export_sections
from app.components.marks import bar, bar_button, mix_bar, shape
from app.components.panel import card_panel
from app.components.timeline import timeline
from app.components.values import around, moment
from app.context import Page
from app.pages.frame import account_bar, demo_mark, link_to
from layers.core.access import Action
from layers.core.reasons import describe
from layers.core.spec import Layer
from layers.core.tiers import STATUSES, TIERS, WORST_FIRST_STATUSES, WORST_FIRST_TIERS, PermitStatus, Tier

ACTING = (Tier.RED, Tier.ORANGE, Tier.YELLOW)
LONG = 10_000  # figures from here on are set smaller, or two would not stand beside each other
STEP = 20  # rows more of the list at a click


class Ids(StrEnum):
    """Ids of the page."""

    MAP = "ops-map"
    QUERY = "ops-query"
    DRAWN = "ops-drawn"
    SELECTED = "ops-map-selected"
    VIEW = "ops-map-view"
    STATE = "ops-state"
    WORK = "ops-work"
    TICKER = "ops-ticker"
    CARD = "ops-card"
    CLOSE = "ops-close"
    CHIPS = "ops-chips"
    LISTED = "ops-listed"
    FILES = "ops-files"
    MORE = "ops-more"
    MOMENT = "ops-moment"
    MOMENT_SAID = "ops-moment-said"


def layout(
    page: Page,
    query: Mapping[str, Any],
    everything: Mapping[str, Any],
    place_id: int | None,
    unknown: Sequence[str] = (),
) -> Component:
    """Return the page with a query and perhaps an open card from the address.

    `everything` is the query without any filter, `unknown` what the address says and cannot mean.
    """
    the_map = dl.Map(
        id=Ids.MAP,
        className="yiping-map dark",
        zoomControl=False,
        attributionControl=False,
        trackViewport=False,
    )
    label = {"aria-label": page.t("ops.card")}
    return html.Div(
        [
            dcc.Store(id=Ids.QUERY, data=dict(query)),
            dcc.Store(id=Ids.DRAWN, data=dict(query)),
            dcc.Store(id=Ids.SELECTED, data={"place_id": place_id} if place_id else None),
            dcc.Store(id=Ids.VIEW),
            dcc.Store(id=Ids.LISTED, data=STEP),
            _top(page),
            html.Div(id=Ids.CHIPS, className="chips"),
            html.Aside(id=Ids.STATE, className="column left"),
            the_map,
            html.Aside(id=Ids.CARD, className="card-panel", role="dialog", hidden=True, **label),
            html.Aside(id=Ids.WORK, className="column right"),
            html.Div(timeline(page, query["as_of"], Ids.MOMENT, Ids.MOMENT_SAID), className="timeline"),
            html.Footer([_legend(page), html.Div(id=Ids.TICKER, className="ticker")], className="bottom"),
            _unknown(page, unknown),
        ],
        className="ops",
        **{"data-query": Ids.QUERY, "data-map": Ids.MAP, "data-everything": json.dumps(everything)},
    )


def _unknown(page: Page, unknown: Sequence[str]) -> Component | None:
    """Return a notice that goes by itself: what of the address was left out."""
    if not unknown:
        return None
    return html.P(page.t("ops.unknown", names=", ".join(unknown)), className="left-out", role="status")


def _top(page: Page) -> Component:
    return html.Header(
        [
            html.Div([html.H1(page.t("app.title")), demo_mark(page)], className="title"),
            html.Div(
                [
                    html.Span(className="live-dot"),
                    html.Span(page.t("page.behind"), id="live-words"),
                    html.Span(page.t("ops.elsewhen"), className="elsewhen-words"),
                ],
                className="live behind",
            ),
            html.Div(
                [
                    html.Span(id="clock", className="clock"),
                    html.Span(id="today", className="quiet"),
                    link_to(page, "/cases"),
                    link_to(page, "/due"),
                    link_to(page, "/draws"),
                    link_to(page, "/deliveries"),
                    export_menu(page, [], {"id": Ids.FILES}) if page.viewer.may(Action.EXPORT) else None,
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


def known_of(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a page's query of which an authority has any record."""
    return {
        **query,
        "tier": [tier for tier in query.get("tier") or TIERS if tier != Tier.NONE] or [Tier.NONE],
    }


def state_panels(
    page: Page, counts: Mapping[str, Any], known: Mapping[str, Any], query: Mapping[str, Any]
) -> list[Component]:
    """Return the left column: what needs action, layers, permit statuses; `known` are the counts of `known_of`."""
    tiers, statuses = _summed(counts, "tier", query), _summed(counts, "status", query)
    return [
        _kpis(page, tiers, _summed(known, "status", query), query),
        _layers(page, counts, query),
        _statuses(page, statuses, query),
    ]


def _summed(counts: Mapping[str, Any], name: str, query: Mapping[str, Any]) -> dict[str, int]:
    """Return value -> count over the layers of a query, in which each facet leaves out its own filter."""
    summed: dict[str, int] = {}
    for layer_id in query["layers"]:
        for value, n in counts[layer_id][name].items():
            summed[value] = summed.get(value, 0) + n
    return summed


def _kpis(
    page: Page, tiers: Mapping[str, int], statuses: Mapping[str, int], query: Mapping[str, Any]
) -> Component:
    cells = [_kpi(page, tier, tiers.get(tier, 0), tier in query.get("tier", [])) for tier in ACTING]
    note = page.t("ops.click_filters")
    return _panel(page.t("ops.act_now"), note, html.Div([*cells, _rate(page, statuses)], className="kpis"))


def _kpi(page: Page, tier: Tier, n: int, on: bool) -> Component:
    words = page.say(tier.label)
    return html.Button(
        [
            html.Span(f"{n:,}", className=f"digits {tier}" + (" long" if n >= LONG else "")),
            html.Span([shape(tier), words]),
        ],
        className="kpi" + (" on" if on else ""),
        title=page.t("ops.counted", tier=words, n=f"{n:,}"),
        **{"aria-pressed": str(on).lower()},
        **switching("tier", tier),
    )


def _rate(page: Page, statuses: Mapping[str, int]) -> Component:
    """Return the share of required permits that are in term; it is a figure, not a filter."""
    required = sum(n for status, n in statuses.items() if status != PermitStatus.NOT_REQUIRED)
    in_term = statuses.get(PermitStatus.VALID, 0) + statuses.get(PermitStatus.EXPIRING, 0)
    share = [f"{100 * in_term / required:.1f}", html.Small("%")] if required else html.Small("—")
    words = html.Span(html.Span(page.t("ops.permit_rate"), className="explained"))
    return html.Div(
        [html.Span(share, className="digits"), words], className="kpi", title=page.t("ops.permit_rate_is")
    )


def _layers(page: Page, counts: Mapping[str, Any], query: Mapping[str, Any]) -> Component:
    rows = []
    for layer in page.city.registry.on("ops"):
        on = layer.id in query["layers"]
        wanted = query.get("tier") or list(Tier)
        tiers = {tier: n for tier, n in counts[layer.id]["tier"].items() if tier in wanted}
        rows.append(
            html.Button(
                [
                    html.Span(className=f"glyph {layer.symbol.glyph}"),
                    html.Span(page.say(layer.title), className="name"),
                    html.Span(f"{sum(tiers.values()):,}", className="n"),
                    mix_bar(page, tiers),
                ],
                className="layer-row" + (" on" if on else ""),
                **{"aria-pressed": str(on).lower()},
                **switching("layers", layer.id),
            )
        )
    return _panel(page.t("ops.layers"), page.t("ops.toggle"), html.Div(rows))


def _statuses(page: Page, statuses: Mapping[str, int], query: Mapping[str, Any]) -> Component:
    most = max(statuses.values(), default=1)
    chosen = query.get("status", [])
    rows: list[Component] = [
        bar_button(
            page.say(status.label),
            statuses.get(status, 0),
            most,
            switching("status", status),
            on=status in chosen,
        )
        for status in WORST_FIRST_STATUSES
        if statuses.get(status) or status in chosen
    ]
    nothing = html.P(page.t("ops.no_match"), className="empty")
    return _panel(page.t("ops.statuses"), page.t("ops.click_filters"), html.Div(rows or nothing))


def acting_on(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a page's query that somebody must act on: the chosen tiers, else all that wait."""
    return {**query, "tier": query.get("tier") or list(ACTING)}


def work_panels(
    page: Page,
    counts: Mapping[str, Any],
    urgent: Sequence[Mapping[str, Any]],
    query: Mapping[str, Any],
    filters_states: bool,
) -> list[Component]:
    """Return the right column: the most urgent places of a query, and the states of the layers that have some."""
    tiers = _summed(counts, "tier", query)
    panels = [_tasks(page, urgent, sum(tiers.get(tier, 0) for tier in acting_on(query)["tier"]))]
    if not query.get("as_of"):  # the board is of now
        panels.append(_cases(page))
    for layer in page.city.registry.on("ops"):
        on = layer.shown_on("ops")
        if on and on.panel and layer.id in query["layers"]:
            panels.append(_states(page, layer, counts[layer.id]["state"], query, filters_states))
    return panels


def files(page: Page, counts: Mapping[str, Any], query: Mapping[str, Any]) -> list[Component]:
    """Return the files of what the map shows, a layer each."""
    wanted = query.get("tier") or list(Tier)
    layers = [layer for layer in page.city.registry.on("ops") if layer.id in query["layers"]]
    found = [(layer, sum(counts[layer.id]["tier"].get(tier, 0) for tier in wanted)) for layer in layers]
    return export_sections(page, found, query) or [html.P(page.t("ops.no_match"), className="empty")]


def _tasks(page: Page, urgent: Sequence[Mapping[str, Any]], total: int) -> Component:
    if not urgent:
        return _panel(page.t("ops.to_do"), "", html.P(page.t("ops.nothing_to_do"), className="empty"))
    rows = [_task(page, row) for row in urgent]
    if total > len(urgent):
        more = page.t("ops.more", n=min(STEP, total - len(urgent)))
        rows.append(html.Button(more, id=Ids.MORE, className="more"))
    note = page.t("ops.listed", shown=f"{len(urgent):,}", total=f"{total:,}")
    return _panel(page.t("ops.to_do"), note, html.Div(rows, className="tasks"))


def _cases(page: Page) -> Component:
    """Return how many open cases are in which stage, each the way to them."""
    tally = page.city.cases.tally(page.viewer)
    stages = [
        html.A(
            [html.Strong(f"{n:,}"), html.Span(page.t(f"stage.{stage}"))],
            href=f"/cases?stage={stage}",
            className="stage-link",
        )
        for stage, n in tally["stages"].items()
    ]
    late = html.A(page.t("ops.cases_late", n=f"{tally['late']:,}"), href="/cases?late=1", className="late")
    note = late if tally["late"] else page.t("ops.cases_in_time")
    return _panel(page.t("cases.title"), note, html.Div(stages, className="stage-links"))


def _states(
    page: Page, layer: Layer, states: Mapping[str, int], query: Mapping[str, Any], filters: bool
) -> Component:
    """Return the states of a layer as bars: filters for who may narrow by state, figures for others."""
    chosen = query.get("state", [])
    shown = [state for state in layer.states if states.get(state.value) or state.value in chosen]
    most = max(states.values(), default=1)
    rows: list[Component] = []
    for state in shown:
        words, n = page.say(state.title), states.get(state.value, 0)
        switches = switching("state", state.value)
        on = state.value in chosen
        rows.append(bar_button(words, n, most, switches, on=on) if filters else bar(words, n, most))
    note = page.t("ops.click_filters" if filters else "ops.by_state")
    nothing = html.P(page.t("ops.no_match"), className="empty")
    return _panel(page.say(layer.title), note, html.Div(rows or nothing))


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
            html.Span([html.Bdi(row["name"], className="name"), html.Span(why, className="quiet small")]),
            review_mark(page) if reason and reason.get("contested") else None,
        ],
        className="task",
        **{"data-place": row["id"]},
    )


def filter_chips(page: Page, query: Mapping[str, Any]) -> list[Component]:
    """Return what is filtered, each with a click to take it away, and one to clear all."""
    found = chips(page, query, page.city.registry.on("ops"))
    clear = html.Button(page.t("ops.clear"), className="chip accent", **{"data-clear": "true"})
    return [*found, clear] if found else []


def ticker(page: Page, events: Sequence[Mapping[str, Any]]) -> list[Component]:
    """Return the line of events; each opens its place."""
    return [
        html.Button(
            [
                html.Time(moment(event["at"], page)),
                html.Span(around(page, f"event.{event['kind']}.{event['what']}", event["name"])),
            ],
            **{"data-place": event["id"]},
        )
        for event in events
    ]


def card(page: Page, selected: Mapping[str, Any] | None, as_of: str = "") -> list[Component]:
    """Return what is selected on the map or in a list, of the moment that the map shows and says so."""
    return card_panel(page, selected, Ids.CLOSE, datetime.fromisoformat(as_of) if as_of else None)


def _panel(title: str, note: str, body: Component) -> Component:
    return html.Section(
        [html.Header([html.H2(title), html.Span(note, className="quiet small")]), body], className="panel"
    )
