"""`/due`: the inspection list: what is due, street by street, to be filtered, exported and given out.

The address says all of it: every filter and page is a link, so that going back, reloading and sharing work.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component
from starlette.datastructures import QueryParams

from app.api.due import due_filter
from app.components.dates import date_field
from app.components.due_rows import table
from app.components.values import day, isolated, moment
from app.context import Page
from app.pages.frame import header, link_to
from data.books import DUE_REASONS
from data.due import WORKER
from data.store.due import NO_STREET
from layers.core.access import Action
from layers.core.errors import BadQueryError, UnknownListError

PAGE_ROWS = 100
USUAL_DAYS = 7
State = Mapping[str, str]


class Ids(StrEnum):
    """Ids of the page."""

    STATE = "due-state"
    LIST = "due-list"
    BODY = "due-body"
    MAKE = "due-make"
    NOTE = "due-note"
    BAR = "due-bar"
    BY = "due-by"
    ASSIGN = "due-assign"
    MESSAGE = "due-message"


class _Streets(dict[str, str]):
    """Code -> name of streets; a code of which no outline is loaded stands for itself."""

    def __init__(self, page: Page) -> None:
        super().__init__(page.city.area_names() | {NO_STREET: page.t("due.no_street")})

    def __missing__(self, code: str) -> str:
        return code


def street_id(code: str) -> dict[str, str]:
    """Return the id of the box that chooses a whole street."""
    return {"type": "due-street", "code": code}


def layout(page: Page, state: State) -> Component:
    """Return the page for what its address says."""
    links = (link_to(page, path) for path in ("/draws", "/deliveries", "/ops", "/field", "/admin"))
    return html.Div(
        [
            header(page, page.t("due.title"), *links),
            dcc.Store(id=Ids.STATE, data=dict(state)),
            html.P(id=Ids.NOTE, className="due-note", role="status"),
            html.Main(content(page, state), id=Ids.BODY, className="due-body"),
            _bar(page),
        ],
        className="light due",
    )


def content(page: Page, state: State) -> list[Component]:
    """Return the list with its filters, or why there is none and the way out."""
    try:
        wanted = due_filter(params_of(state, "after"), page.city, page.viewer)
        after = state.get("after", "")
        answer = page.city.due.read(wanted, page.viewer, after=after, limit=PAGE_ROWS)
    except BadQueryError as error:
        return _nothing(page, page.say(error.text), html.A(page.t("due.newest"), href="/due"))
    except UnknownListError as error:
        newest = html.A(page.t("due.newest"), href="/due") if state.get("day") else _make(page, state)
        return _nothing(page, page.say(error.text) if state.get("day") else page.t("due.none_yet"), newest)
    head, names = answer["list"], _Streets(page)
    return [
        dcc.Store(id=Ids.LIST, data=head["id"]),
        _head(page, state, head),
        _filters(page, state, answer["counts"], names),
        html.P(_counted(page, answer), className="due-total"),
        *_streets(page, answer, names),
        _pages(page, state, answer["next"]),
    ]


def params_of(state: State, *also: str) -> QueryParams:
    """Return what narrows the list as parameters, as the API reads them."""
    return QueryParams([(name, value) for name, value in state.items() if value and name not in also])


def _nothing(page: Page, why: str, way: Component | None) -> list[Component]:
    return [dcc.Store(id=Ids.LIST), html.P(why, className="empty"), way]


def _head(page: Page, state: State, head: Mapping[str, Any]) -> Component:
    """Return what list this is, the other days, and what can be done with it."""
    by = page.t("due.by_itself") if head["made_by"] == WORKER else head["made_by"]
    edition = page.t("due.edition", n=head["edition"]) if head["edition"] > 1 else ""
    made = page.t("due.made", at=moment(head["made_at"], page), horizon=head["horizon_days"])
    files = [
        html.A(page.t(f"due.{form}"), href=_address(state, f"/api/due.{form}"), className="secondary")
        for form in ("csv", "xlsx")
        if page.viewer.may(Action.EXPORT)
    ]
    return html.Div(
        [
            html.Div(
                [
                    html.H2([day(head["day"], page), " ", edition]),
                    html.P([made, " · ", isolated(by)], className="quiet small"),
                ]
            ),
            _days(page, state),
            html.Div([*files, _make(page, state)], className="due-actions"),
        ],
        className="due-head",
    )


def _make(page: Page, state: State) -> Component | None:
    """Return the button that makes the list of today, for who may and where the newest list is shown."""
    if state.get("day") or not page.viewer.may(Action.MAKE_LISTS):
        return None
    return html.Button(page.t("due.make"), id=Ids.MAKE, className="secondary")


def _days(page: Page, state: State) -> Component:
    links = [
        html.A(day(each, page), href=_address({**state, "day": each.isoformat(), "after": ""}))
        for each in page.city.due.days(page.viewer)
    ]
    return html.Details([html.Summary(page.t("due.days")), html.Div(links)], className="due-days")


def _filters(
    page: Page, state: State, counts: Mapping[str, Mapping[str, int]], names: Mapping[str, str]
) -> Component:
    titles = {layer.id: page.say(layer.title) for layer in page.city.registry}
    whys = {why: page.t(f"due.why.{why}") for why in DUE_REASONS}
    streets = {code: names[code] for code in counts["street"]}
    chosen = len(_values(state, "street"))
    label = page.t("due.streets", n=len(streets)) + (f" · {page.t('due.chosen', n=chosen)}" if chosen else "")
    clear = html.A(page.t("due.clear"), href=_address({"day": state.get("day", "")}), className="chip")
    narrowed = any(state.get(name) for name in ("layer", "why", "street"))
    return html.Nav(
        [
            html.Div(_chips(page, state, "layer", titles, counts["layer"]), className="due-chips"),
            html.Div(_chips(page, state, "why", whys, counts["why"]), className="due-chips"),
            html.Details(
                [
                    html.Summary(label),
                    html.Div(_chips(page, state, "street", streets, counts["street"]), className="due-chips"),
                ],
            ),
            clear if narrowed else None,
        ],
        className="due-filters",
        **{"aria-label": page.t("due.filters")},
    )


def _chips(
    page: Page, state: State, name: str, titles: Mapping[str, str], counts: Mapping[str, int]
) -> list[Component]:
    """Return a link for each value of a filter that switches it, with how many rows it would show."""
    chosen = _values(state, name)
    return [
        html.A(
            [isolated(words), html.Span(f"{counts.get(value, 0):,}", className="quiet")],
            href=_address({**state, name: ",".join(sorted(chosen ^ {value})), "after": ""}),
            className="chip on" if value in chosen else "chip",
            **({"aria-current": "true"} if value in chosen else {}),
        )
        for value, words in titles.items()
        if value in counts or value in chosen
    ]


def _values(state: State, name: str) -> set[str]:
    return {part for part in state.get(name, "").split(",") if part}


def _address(state: State, path: str = "/due") -> str:
    kept = {name: value for name, value in state.items() if value and (path == "/due" or name != "after")}
    return f"{path}?{urlencode(kept)}" if kept else path


def _counted(page: Page, answer: Mapping[str, Any]) -> str:
    shown, there = len(answer["rows"]), answer["total"]
    key = "due.all_shown" if shown == there else "due.some_shown"
    return page.t(key, n=f"{shown:,}", total=f"{there:,}") if there else page.t("due.nothing")


def _streets(page: Page, answer: Mapping[str, Any], names: Mapping[str, str]) -> list[Component]:
    """Return the rows of a page, street by street, each with how many it has in all."""
    counts = answer["counts"]["street"]
    groups = groupby(answer["rows"], key=lambda row: row["area_code"] or NO_STREET)
    return [
        html.Section(
            [
                html.Div(
                    [html.H3(_street_title(page, names[code], counts[code])), _street_box(page, code, counts)]
                ),
                table(page, list(rows)),
            ],
            className="due-street",
        )
        for code, rows in groups
    ]


def _street_title(page: Page, name: str, n: int) -> list[Component]:
    return [isolated(name), html.Span(page.t("due.places", n=f"{n:,}"), className="quiet small")]


def _street_box(page: Page, code: str, counts: Mapping[str, int]) -> Component | None:
    """Return the box that chooses a whole street, also the rows on other pages."""
    if not page.viewer.may(Action.ASSIGN):
        return None
    option = [{"label": page.t("due.whole_street", n=f"{counts[code]:,}"), "value": code}]
    return dcc.Checklist(option, [], id=street_id(code), className="due-box")


def _pages(page: Page, state: State, token: str | None) -> Component | None:
    """Return the ways to the first page and to the next one."""
    first = html.A(page.t("due.first"), href=_address({**state, "after": ""}), className="secondary")
    following = html.A(
        page.t("due.next"), href=_address({**state, "after": token or ""}), className="secondary"
    )
    links = [first if state.get("after") else None, following if token else None]
    return html.Nav(links, className="due-pages") if any(links) else None


def _bar(page: Page) -> Component | None:
    """Return the form that makes tasks of what is chosen; it stays in sight."""
    if not page.viewer.may(Action.ASSIGN):
        return None
    today = page.city.due.today()
    usual = (today + timedelta(days=USUAL_DAYS)).isoformat()
    by = date_field(Ids.BY, usual, least=today.isoformat())
    return html.Section(
        [
            html.Label([page.t("due.by"), by]),
            html.Button(page.t("due.assign"), id=Ids.ASSIGN, className="primary"),
            html.P(id=Ids.MESSAGE, role="status"),
        ],
        id=Ids.BAR,
        className="due-bar",
    )
