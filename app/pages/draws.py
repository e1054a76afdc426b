"""`/draws`: draws: which there are and what is late, one with what came of it, and a new one.

The address says all of it (`draw`: one by its number; `new`, with the filters of its pool), so that going back,
reloading and sharing work.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component
from starlette.datastructures import QueryParams

from app.api.draws import LATE_SHOWN, NO_CLASS, pool_filter
from app.components import draw_form
from app.components.draw_rows import drawn_table, draws_table, late_table
from app.components.recusals import recusals
from app.components.values import day, enumerated, isolated, joined, moment
from app.context import Page
from app.pages.frame import header, link_to
from data.store.draws import CREDIT, PoolFilter
from layers.core.access import Action
from layers.core.draw import USUAL_TICKETS
from layers.core.errors import BadQueryError, UnknownDrawError, YipingError
from layers.core.spec import Layer
from layers.core.tiers import Tier

State = Mapping[str, str]
Record = Mapping[str, Any]


class Ids(StrEnum):
    """Ids of the page."""

    STATE = "draws-state"
    NOTE = "draws-note"
    BODY = "draws-body"
    REPLAY = "draws-replay"
    REPLAYED = "draws-replayed"
    PUBLISH = "draws-publish"


def layout(page: Page, state: State) -> Component:
    """Return the page for what its address says."""
    links = (link_to(page, path) for path in ("/due", "/ops", "/field"))
    return html.Div(
        [
            header(page, page.t("draws.title"), *links),
            dcc.Store(id=Ids.STATE, data=dict(state)),
            html.P(id=Ids.NOTE, className="due-note", role="status"),
            html.Main(content(page, state), id=Ids.BODY, className="due-body"),
        ],
        className="light due draws",
    )


def content(page: Page, state: State) -> list[Component | None]:
    """Return the list of draws, one of them, or the form of a new one; or why there is none and the way out."""
    try:
        if state.get("draw"):
            return _one(page, page.city.draws.read(number_of(state), page.viewer))
        if state.get("new") and page.viewer.may(Action.DRAW):
            return _new(page, state)
    except YipingError as error:
        return [html.P(page.say(error.text), className="empty"), _back(page)]
    return _list(page)


def number_of(state: State) -> int:
    """Return the number of the draw that an address speaks of; raises `UnknownDrawError` for what is none."""
    said = state.get("draw", "")
    if not (said.isascii() and said.isdigit() and len(said) < 19):
        raise UnknownDrawError
    return int(said)


def wanted_of(page: Page, state: State) -> PoolFilter:
    """Return from which places a new draw is made: the first layer that knows of credit where none is said."""
    known = page.city.layers_for(page.viewer)
    usual = next((layer for layer in known if layer.field_named(CREDIT)), known[0])
    said = {name: value for name, value in state.items() if name != "new" and value}
    wanted = pool_filter(QueryParams({"layer": usual.id} | said), page.city, page.viewer)
    assert wanted is not None  # noqa: S101  (a layer is said)
    return wanted


def _back(page: Page) -> Component:
    return html.A(page.t("draws.all"), href="/draws", className="secondary")


# -- the list ---------------------------------------------------------------------------------------------------------


def _list(page: Page) -> list[Component | None]:
    heads, total = page.city.draws.heads(page.viewer)
    new = html.A(page.t("draws.new"), href="/draws?new=1", className="primary")
    shown = page.t("draws.counted", n=f"{len(heads):,}", total=f"{total:,}")
    return [
        html.Div(
            [
                html.Div(
                    [html.H2(page.t("draws.heading")), html.P(page.t("draws.what"), className="quiet small")]
                ),
                html.Div([new if page.viewer.may(Action.DRAW) else None], className="due-actions"),
            ],
            className="due-head",
        ),
        html.P(shown, className="due-total") if len(heads) < total else None,
        draws_table(page, heads) if heads else html.P(page.t("draws.none"), className="empty"),
        _late(page),
        recusals(page),
    ]


def _late(page: Page) -> Component:
    """Return the results that should be public by now."""
    rows, total = page.city.publications.overdue(page.viewer, LATE_SHOWN)
    shown = page.t("draws.late_shown", n=f"{len(rows):,}", total=f"{total:,}") if len(rows) < total else None
    return html.Section(
        [
            html.H3([page.t("draws.late"), html.Span(f"{total:,}", className="late")]),
            html.P(page.t("draws.late_what"), className="quiet small"),
            html.P(shown, className="quiet small") if shown else None,
            late_table(page, rows) if rows else html.P(page.t("draws.late_none"), className="empty"),
        ],
        className="draws-part",
    )


# -- one draw ---------------------------------------------------------------------------------------------------------


def _one(page: Page, answer: Record) -> list[Component | None]:
    head, rows = answer["draw"], answer["rows"]
    visited = sum(row["inspection_id"] is not None for row in rows)
    public = sum(row["published_on"] is not None for row in rows)
    said = page.t("draws.progress", n=f"{len(rows):,}", visited=f"{visited:,}", published=f"{public:,}")
    return [
        html.Div(
            [
                html.Div(
                    [html.H2(isolated(head["title"])), html.P(_made(page, head), className="quiet small")]
                ),
                html.Div([*_files(page, head), _back(page)], className="due-actions"),
            ],
            className="due-head",
        ),
        _record(page, head),
        html.Div([html.P(said, className="due-total"), _publish(page, rows)], className="draws-acts"),
        drawn_table(page, rows),
    ]


def _made(page: Page, head: Record) -> list[Component | str]:
    at = page.t("draws.drawn_at", at=moment(head["drawn_at"], page, "yyyy-MM-dd HH:mm"))
    return joined(at, isolated(head["drawn_by"]), page.t("draws.due", day=day(head["due_on"], page)))


def _files(page: Page, head: Record) -> list[Component]:
    if not page.viewer.may(Action.EXPORT):
        return []
    forms = ("csv", "xlsx")
    return [
        html.A(page.t(f"due.{form}"), href=f"/api/draws/{head['id']}.{form}", className="secondary")
        for form in forms
    ]


def _record(page: Page, head: Record) -> Component:
    """Return what the draw was made from, and the button that makes it again."""
    layer = page.city.registry[head["layer"]]
    kind = page.t("draws.seed_given" if head["seed_given"] else "draws.seed_ours")
    sizes = {name: f"{head[name]:,}" for name in ("targets", "officers", "recusals", "n")}
    words = draw_form.credit_words(page)
    tickets = [f"{words[name or NO_CLASS]} × {head['tickets'][name]}" for name in USUAL_TICKETS]
    told = {
        "seed": joined(html.Code(isolated(head["seed"])), kind),
        "pools": page.t("draws.pools", **sizes),
        "filters": joined(page.say(layer.title), *_filters(page, layer, head["filters"])),
        "tickets": enumerated(page, tickets) if layer.field_named(CREDIT) else page.t("draws.even"),
    }
    rows = [
        cell
        for name, said in told.items()
        for cell in (html.Dt(page.t(f"draws.record.{name}")), html.Dd(said))
    ]
    return html.Section(
        [
            html.Dl(rows),
            html.Div(
                [
                    html.Button(page.t("draws.replay"), id=Ids.REPLAY, className="secondary"),
                    html.P(id=Ids.REPLAYED, role="status"),
                ],
                className="draws-replay",
            ),
            html.Details(
                [html.Summary(page.t("draws.how")), html.P(page.t("draws.how_long"), className="small")]
            ),
        ],
        className="draws-record",
    )


def _filters(page: Page, layer: Layer, narrowed: Mapping[str, list[str]]) -> list[Component | str]:
    words: dict[str, Mapping[str, str]] = {
        "street": page.city.area_names() if "street" in narrowed else {},
        "tier": {tier.value: page.say(tier.label) for tier in Tier},
        "category": {choice.value: page.say(choice.title) for choice in layer.categories},
        "credit": draw_form.credit_words(page),
    }
    return [
        isolated(enumerated(page, [words[name].get(value or NO_CLASS, value) for value in values]))
        for name, values in narrowed.items()
    ]


def _publish(page: Page, rows: list[Record]) -> Component | None:
    """Return the button that publishes what can be, for who may; it asks first, for it is for good."""
    n = sum(row["publish_by"] is not None and row["published_on"] is None for row in rows)
    if not n or not page.viewer.may(Action.PUBLISH):
        return None
    button = html.Button(page.t("draws.publish", n=f"{n:,}"), className="primary")
    return dcc.ConfirmDialogProvider(button, id=Ids.PUBLISH, message=page.t("publication.sure"))


# -- a new draw -------------------------------------------------------------------------------------------------------


def _new(page: Page, state: State) -> list[Component | None]:
    try:
        wanted = wanted_of(page, state)
        sizes = page.city.draws.preview(wanted, USUAL_TICKETS, page.viewer)
    except BadQueryError as error:
        again = html.A(page.t("due.clear"), href="/draws?new=1", className="secondary")
        return [html.P(page.say(error.text), className="empty"), again]
    except YipingError as error:  # the pool is too large: filter first
        layer = page.city.registry[wanted.layer]
        return [
            _new_head(page),
            draw_form.filters(page, state, layer),
            html.P(page.say(error.text), className="empty"),
        ]
    layer = page.city.registry[wanted.layer]
    return [
        _new_head(page),
        draw_form.filters(page, {"layer": layer.id, **state}, layer),
        draw_form.preview(page, sizes),
        draw_form.form(page, sizes),
    ]


def _new_head(page: Page) -> Component:
    words = html.Div(
        [html.H2(page.t("draws.new")), html.P(page.t("draws.new_what"), className="quiet small")]
    )
    return html.Div([words, html.Div(_back(page), className="due-actions")], className="due-head")
