"""`/offices`: the search for a place to start in, without login, on a phone first."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import dash_leaflet as dl
from dash import dcc, html
from dash.development.base_component import Component

from app.components.card import value_words
from app.components.filters import facet
from app.components.marks import status_word
from app.context import Page
from app.pages.frame import header
from layers.core.spec import Field, Layer

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
    CLOSE = "offices-close"


def layer_of(page: Page) -> Layer:
    """Return the layer this page searches."""
    return page.city.registry.on(VIEW_NAME)[0]


def layout(page: Page, query: Mapping[str, Any], place_id: int | None) -> Component:
    """Return the page with a search from the address."""
    words = dcc.Input(
        id=Ids.WORDS,
        type="search",
        value=query.get("q") or "",
        debounce=True,
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
            html.Div(words, className="search-bar"),
            html.Main(
                [
                    html.Details(
                        [html.Summary(page.t("offices.filters")), html.Div(id=Ids.FACETS)],
                        className="facets",
                    ),
                    html.Section(id=Ids.RESULTS, className="results"),
                    html.Section(id=Ids.CARD, className="results", hidden=True),
                    the_map,
                ],
                className="search-split",
            ),
        ],
        className="light offices",
    )


def facets(page: Page, counts: Mapping[str, Mapping[str, int]], query: Mapping[str, Any]) -> list[Component]:
    """Return the filter controls with the counts under the other filters."""
    layer = layer_of(page)
    chosen = {**query.get("extra", {}), **{n: ",".join(query.get(n, [])) for n in ("category", "street")}}
    areas = page.city.area_names()
    return [facet(page, layer, item, counts.get(item.field, {}), chosen, areas) for item in layer.filters]


def results(page: Page, answer: Mapping[str, Any]) -> list[Component]:
    """Return the list of what was found, or the way out when nothing was."""
    rows = answer["features"]
    if not rows:
        return [html.H2(page.t("offices.none")), html.P(page.t("offices.relax"), className="empty")]
    parts: list[Component] = [html.H2(page.t("offices.found", n=f"{answer['total']:,}"))]
    parts += [_result(page, row["properties"]) for row in rows]
    if answer["next"]:
        parts.append(html.Button(page.t("offices.more"), id=Ids.MORE, className="secondary"))
    return parts


def _fact(page: Page, field: Field, value: Any) -> str:
    """Return a value that is understood without its column: with its unit, otherwise with its title."""
    words = value_words(page, field, value)
    bare = isinstance(value, int | float) and field.unit is None
    return f"{page.say(field.title)} {words}" if bare else words


def _result(page: Page, p: Mapping[str, Any]) -> Component:
    layer = layer_of(page)
    category = next((page.say(c.title) for c in layer.categories if c.value == p["category"]), p["category"])
    facts = [
        _fact(page, field, p[name])
        for name in layer.card[:6]
        if (field := layer.field_named(name)) and p.get(name) not in (None, "", [], False)
    ]
    return html.Button(
        [
            html.Strong(p["name"]),
            html.Span(" · ".join(facts), className="facts"),
            html.Span(
                [html.Span(category, className="chip"), status_word(page, p["status"])], className="row"
            ),
            html.Span(p["address"], className="quiet small"),
        ],
        id={"type": "open-place", "place": p["id"]},
        className="result",
    )
