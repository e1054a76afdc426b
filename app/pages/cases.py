"""`/cases`: the board of cases, by stage and urgency. The address says all of it: every filter and page is a link."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component
from starlette.datastructures import QueryParams

from app.api.cases import KINDS, case_filter
from app.components.case_rows import table
from app.components.values import isolated
from app.context import Page
from app.pages.frame import header, link_to
from layers.core.access import Action
from layers.core.casework import BOARD, ENDED
from layers.core.errors import BadQueryError

PAGE_ROWS = 100
State = Mapping[str, str]


class Ids(StrEnum):
    """Ids of the page."""

    STATE = "cases-state"
    BODY = "cases-body"


def layout(page: Page, state: State) -> Component:
    """Return the page for what its address says."""
    links = (link_to(page, path) for path in ("/due", "/draws", "/deliveries", "/ops", "/field"))
    return html.Div(
        [
            header(page, page.t("cases.title"), *links),
            dcc.Store(id=Ids.STATE, data=dict(state)),
            html.Main(content(page, state), id=Ids.BODY, className="due-body"),
        ],
        className="light due cases",
    )


def content(page: Page, state: State) -> list[Component]:
    """Return the board, or why there is none and the way out."""
    try:
        wanted = case_filter(QueryParams(list(state.items())), page.city, page.viewer)
        board = page.city.cases.board(page.viewer, wanted, PAGE_ROWS, state.get("after", ""))
    except BadQueryError as error:
        way = html.A(page.t("cases.all"), href="/cases")
        return [html.P(page.say(error.text), className="empty"), way]
    rows, total = board["rows"], board["total"]
    key = "cases.all_shown" if len(rows) == total else "cases.some_shown"
    counted = page.t(key, n=f"{len(rows):,}", total=f"{total:,}") if total else page.t("cases.nothing")
    return [
        _stages(page, state, board["stages"]),
        _filters(page, state, board["late"]),
        html.P(counted, className="due-total"),
        table(page, rows) if rows else None,
        _pages(page, state, board["next"]),
    ]


def _stages(page: Page, state: State, counts: Mapping[str, int]) -> Component:
    """Return the chain of stages as steps, each with its number; a click shows only these."""
    chosen = _values(state, "stage")
    steps = [
        html.A(
            [html.Strong(f"{counts[stage]:,}"), html.Span(page.t(f"stage.{stage}"))],
            href=_address({**state, "stage": "" if chosen == {stage} else stage.value, "after": ""}),
            className="case-stage on" if stage in chosen else "case-stage",
            **({"aria-current": "true"} if stage in chosen else {}),
        )
        for stage in BOARD
    ]
    return html.Nav(steps, className="case-stages", **{"aria-label": page.t("cases.stages")})


def _filters(page: Page, state: State, late: int) -> Component:
    kinds = _values(state, "kind")
    chips = [
        _chip([page.t(f"case.{kind}")], {**state, "kind": _switched(kinds, kind)}, kind in kinds)
        for kind in KINDS
    ]
    over = _values(state, "stage") == {stage.value for stage in ENDED}
    flags = [
        _flag(page, state, "late", f"{late:,}"),
        _flag(page, state, "mine") if not page.viewer.may(Action.ASSIGN) else None,
        _chip([page.t("cases.over")], {**state, "stage": "" if over else ",".join(sorted(ENDED))}, over),
    ]
    narrowed = any(state.get(name) for name in ("stage", "kind", "late", "mine", "street", "layer"))
    clear = html.A(page.t("due.clear"), href="/cases", className="chip") if narrowed else None
    return html.Nav(
        [html.Div(chips, className="due-chips"), html.Div(flags, className="due-chips"), clear],
        className="due-filters",
        **{"aria-label": page.t("due.filters")},
    )


def _flag(page: Page, state: State, name: str, count: str = "") -> Component:
    on = state.get(name) == "1"
    parts = [page.t(f"cases.{name}"), *([html.Span(count, className="quiet")] if count else [])]
    return _chip(parts, {**state, name: "" if on else "1"}, on)


def _chip(parts: list[Any], state: State, on: bool) -> Component:
    current = {"aria-current": "true"} if on else {}
    shown = [isolated(part) if isinstance(part, str) else part for part in parts]
    address = _address({**state, "after": ""})
    return html.A(shown, href=address, className="chip on" if on else "chip", **current)


def _switched(chosen: set[str], value: str) -> str:
    return ",".join(sorted(chosen ^ {value}))


def _values(state: State, name: str) -> set[str]:
    return {part for part in state.get(name, "").split(",") if part}


def _address(state: State) -> str:
    kept = {name: value for name, value in state.items() if value}
    return f"/cases?{urlencode(kept)}" if kept else "/cases"


def _pages(page: Page, state: State, token: str | None) -> Component | None:
    first = html.A(page.t("due.first"), href=_address({**state, "after": ""}), className="secondary")
    following = html.A(
        page.t("due.next"), href=_address({**state, "after": token or ""}), className="secondary"
    )
    links = [first if state.get("after") else None, following if token else None]
    return html.Nav(links, className="due-pages") if any(links) else None
