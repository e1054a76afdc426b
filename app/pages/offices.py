"""`/offices`: the search for a place to start in, without login, on a phone first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import dash_leaflet as dl
from dash import dcc, html
from dash.development.base_component import Component

from app.api.params import narrowing
from app.components.export_menu import export_menu, export_sections
from app.components.facets import Facets
from app.components.offer_rows import near_misses, offer_row
from app.components.panel import card_panel
from app.components.said import condition_chips, vocabulary
from app.components.wish import wish_form
from app.context import Page
from app.pages.frame import header
from layers.core.comparing import MOST
from layers.core.errors import BadQueryError
from layers.core.matching import Wish
from layers.core.query import Query
from layers.core.spec import Layer
from layers.core.wording import Said, understand

VIEW_NAME = "offices"


class Ids(StrEnum):
    """Ids of the page."""

    MAP = "offices-map"
    QUERY = "offices-query"
    SELECTED = "offices-map-selected"
    VIEW = "offices-map-view"
    WORDS = "offices-words"
    FACETS = "offices-facets"
    RESULTS = "offices-results"
    CARD = "offices-card"
    MORE = "offices-more"
    LIMIT = "offices-limit"
    CLEAR = "offices-clear"
    NOTE = "offices-note"
    CLOSE = "offices-close"
    LIST = "offices-list"
    SHOWN = "offices-shown"
    WISH = "offices-wish"
    MARKED = "offices-marked"
    BAR = "offices-bar"
    UNMARK = "offices-unmark"
    SAID = "offices-said"
    CHIPS = "offices-chips"


def layer_of(page: Page) -> Layer:
    """Return the layer this page searches."""
    return page.city.registry.on(VIEW_NAME)[0]


def clear_id(at: Any, field: Any = "") -> dict[str, Any]:
    """Return the id of a button, at some spot, that takes away one condition, or every one without a field."""
    return {"type": Ids.CLEAR, "at": at, "field": field}


def layout(
    page: Page,
    query: Mapping[str, Any],
    query_of: Callable[[Mapping[str, Any]], Query],
    place_id: int | None,
    told: Mapping[str, str],
    marked: str,
) -> Component:
    """Return the page with a search from the address; what the address says wrongly is left out and named.

    `query_of` turns what the page shows into a question; `told` is what the address says of the order of the list,
    `marked` the numbers of the offers that are to be compared.
    """
    typed = query.get("q") or ""
    said = understand(typed, vocabulary(page, layer_of(page)))
    query, left_out = understood(page, with_said(query, said))
    wish, not_meant = _wished(page, told)
    filters = Filters(page, query, facets_of(page, query_of(query)))
    words = dcc.Input(
        id=Ids.WORDS,
        type="search",
        value=typed,
        debounce=0.4,
        placeholder=page.t("offices.search"),
        className="search",
    )
    the_map = dl.Map(
        id=Ids.MAP,
        className="yiping-map light",
        zoomControl=False,
        attributionControl=False,
        trackViewport=False,
    )
    return html.Div(
        [
            header(page, page.t("offices.title")),
            dcc.Store(id=Ids.QUERY, data=dict(query)),
            dcc.Store(id=Ids.SELECTED, data={"place_id": place_id} if place_id else None),
            dcc.Store(id=Ids.VIEW),
            dcc.Store(id=Ids.LIMIT, data=20),
            dcc.Store(id=Ids.WISH, data=wish.told),
            dcc.Store(id=Ids.SAID, data={"values": dict(said.values), "rest": said.rest}),
            dcc.Store(id=Ids.MARKED, data={"compare": marked}),
            html.Div(
                [
                    html.Div([words, *filters.bounds()], className="asked"),
                    html.Div(
                        id=Ids.CHIPS, className="said", role="group", **{"aria-label": page.t("offices.said")}
                    ),
                    html.P(f"{left_out} {not_meant}".strip(), id=Ids.NOTE, className="error"),
                ],
                className="search-bar",
            ),
            html.Main(
                [
                    html.Details(
                        [
                            html.Summary(page.t("offices.filters")),
                            html.Div(filters.controls(), id=Ids.FACETS),
                        ],
                        className="facets",
                    ),
                    _list_or_map(page),
                    html.Section(
                        [
                            wish_form(page, wish),
                            html.Div(id=Ids.RESULTS),
                            html.Div(id=Ids.BAR, className="compare-bar", role="status"),
                        ],
                        id=Ids.LIST,
                        className="results",
                    ),
                    html.Section(id=Ids.CARD, className="results card", hidden=True),
                    the_map,
                ],
                className="search-split",
            ),
        ],
        className="light offices",
    )


def with_said(query: Mapping[str, Any], said: Said) -> dict[str, Any]:
    """Return a search with what its words say; they have the last word."""
    lists = {name: said.values[name].split(",") for name in ("category", "street") if name in said.values}
    extra = {name: value for name, value in said.values.items() if name not in lists}
    return {**query, **lists, "q": said.rest, "extra": {**query.get("extra", {}), **extra}}


def chips(page: Page, state: Mapping[str, Any]) -> list[Component]:
    """Return what the search is understood to ask for, each with the way to take it away."""
    return condition_chips(page, layer_of(page), state, partial(clear_id, "chip"))


def _list_or_map(page: Page) -> Component:
    """Return the switch that a telephone has, on which list and map take turns."""
    options = [{"label": page.t(f"offices.show_{what}"), "value": what} for what in ("list", "map")]
    return dcc.RadioItems(options, "list", id=Ids.SHOWN, className="list-or-map")


def _wished(page: Page, told: Mapping[str, str]) -> tuple[Wish, str]:
    """Return the wish of an address, and why it was left out where it cannot be meant."""
    try:
        return Wish.read(**told), ""
    except BadQueryError as error:
        return Wish.read(), page.t("offices.left_out", why=page.say(error.text))


def understood(page: Page, query: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Return a search without the conditions that cannot be meant, and why they were left out."""
    layer, kept, faults = layer_of(page), dict(query.get("extra", {})), []
    filters = {item.field: item for item in layer.filters}
    for name, said in query.get("extra", {}).items():
        try:
            narrowing(layer, filters[name], said)
        except BadQueryError as error:
            del kept[name]
            faults.append(page.t("offices.left_out", why=page.say(error.text)))
    dropped = sorted(set(query.get("extra", {})) - set(kept))
    told = {
        "extra": kept,
        "cleared": dropped,
        "tier": [],
        "status": [],
        "as_of": "",
    }  # this page has no control for the last three
    return {**query, **told}, " ".join(faults)


def facets_of(page: Page, query: Query) -> Facets:
    """Return what there is to filter by, with the counts under the other filters."""
    everything = Query(layers=query.layers, viewer=query.viewer)
    there, found = (page.city.facets(asked)["facets"] for asked in (everything, query))
    return Facets(page, layer_of(page), there, found)


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of the page as `shown` has them."""

    page: Page
    shown: Mapping[str, Any]
    facets: Facets

    def bounds(self) -> list[Component]:
        """Return what a founder knows from the start: people and money."""
        return self.facets.bounds(self._chosen)

    def controls(self) -> list[Component]:
        """Return all others."""
        clear = clear_button(self.page, "facets", hidden=not is_narrowed(self.shown))
        return [clear, *self.facets.controls(self._chosen)]

    @property
    def _chosen(self) -> dict[str, str]:
        lists = {name: ",".join(self.shown.get(name, [])) for name in ("category", "street")}
        return {**self.shown.get("extra", {}), **lists}


def is_narrowed(query: Mapping[str, Any]) -> bool:
    """Tell whether anything is chosen at all."""
    return any(query.get(name) for name in ("q", "category", "street", "extra"))


def clear_button(page: Page, at: str, field: str = "", words: str = "", *, hidden: bool = False) -> Component:
    """Return a button that takes one condition away, or every one without a field."""
    button = clear_id(at, field)
    words = words or page.t("offices.clear")
    return html.Button(words, id=button, className="secondary clear", hidden=hidden)


def results(
    page: Page, answer: Mapping[str, Any], query: Mapping[str, Any], marked: Collection[str] = ()
) -> list[Component]:
    """Return the list of what was found, some of it marked, or the ways out when nothing was."""
    rows = answer["features"]
    if not rows:
        return no_results(
            page, near_misses(page, layer_of(page), answer["kept_out"], partial(_way_out, page)), query
        )
    files = export_sections(page, [(layer_of(page), answer["total"])], query)
    head = [
        html.H2(page.t("offices.found", n=f"{answer['total']:,}")),
        export_menu(page, files) if files else None,
    ]
    notes = [page.t("offer.days", days=page.settings.rent_month)]
    notes += [page.t("offices.open", n=f"{answer['open']:,}")] if answer["open"] else []
    parts: list[Component] = [html.Div(head, className="found")]
    parts.append(html.P(" · ".join(notes), className="quiet small list-note"))
    parts += [_offer(page, row["properties"], marked) for row in rows]
    if answer["next"]:
        parts.append(html.Button(page.t("offices.more"), id=Ids.MORE, className="secondary"))
    return parts


def _offer(page: Page, p: Mapping[str, Any], marked: Collection[str]) -> Component:
    return offer_row(page, layer_of(page), p, marked=str(p["id"]) in marked)


def compare_bar(page: Page, ids: str, address: str) -> list[Component]:
    """Return the way to the comparison of the offers that are marked, or why there is none yet."""
    n = len([part for part in ids.split(",") if part])
    if not n:
        return []
    unmark = html.Button(page.t("compare.unmark"), id=Ids.UNMARK, className="secondary")
    if n == 1:
        return [html.Span(page.t("compare.one_more")), unmark]
    if n > MOST:
        return [html.Span(page.t("compare.too_many", n=n, most=MOST), className="error"), unmark]
    return [html.A(page.t("compare.go", n=n), href=address, className="primary"), unmark]


def _way_out(page: Page, field: str, words: str) -> Component:
    return clear_button(page, "way_out", field, words)


def no_results(page: Page, why: list[Component], query: Mapping[str, Any]) -> list[Component]:
    """Return what stands in place of results: the reason, and the ways out."""
    clear = clear_button(page, "results") if is_narrowed(query) else None
    return [html.H2(page.t("offices.none")), *why, clear]


def refused(page: Page, why: str, query: Mapping[str, Any]) -> list[Component]:
    """Return what stands in place of results where a search cannot be meant."""
    return no_results(page, [html.P(why, className="empty", role="status")], query)


def card(page: Page, selected: Mapping[str, Any] | None) -> list[Component]:
    """Return what is selected on the map or in a list."""
    return card_panel(page, selected, Ids.CLOSE)
