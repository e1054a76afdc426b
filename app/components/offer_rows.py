"""Rows of a list of offers: what it costs, how well it suits and why, and how fresh that word is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.components.facets import filter_title
from app.components.offer import month_words, offer_chips
from app.components.values import isolated, value_words
from app.context import Page
from layers.core.spec import Layer


class Ids(StrEnum):
    """Ids of the rows; `MARK` is the type of one per offer."""

    MARK = "offer-mark"


def mark_id(place_id: Any) -> dict[str, Any]:
    """Return the id of the box that marks an offer to be compared."""
    return {"type": Ids.MARK, "place": place_id}


def offer_row(page: Page, layer: Layer, p: Mapping[str, Any], *, marked: bool = False) -> Component:
    """Return an offer of a list, which opens its card; one that is probably gone fades."""
    match = p.get("match") or {}
    row = html.Button(
        [
            html.Span([html.Strong(isolated(p["name"])), _score(page, match)], className="result-head"),
            html.Span(month_words(page, p) or page.t("offer.unknown"), className="money"),
            html.Span(_facts(page, layer, p), className="facts"),
            *_reasons(page, match),
            html.Span(_chips(page, layer, p), className="row"),
            html.Bdi(p["address"], className="quiet small"),
            html.Span(verified(page, match), className="quiet small verified") if match else None,
        ],
        className="result",
        **{"data-place": p["id"]},
    )
    option = {
        "label": page.t("compare.mark"),
        "value": "on",
        "title": page.t("compare.mark_of", name=p["name"]),
    }
    mark = dcc.Checklist([option], ["on"] if marked else [], id=mark_id(p["id"]), className="checks mark")
    return html.Div([row, mark], className="offer stale" if match.get("stale") else "offer")


def _score(page: Page, match: Mapping[str, Any]) -> Component | None:
    if not match:
        return None
    return html.Span(
        [html.Span(page.t("offer.score"), className="small"), html.Strong(str(match["score"]))],
        className="score",
    )


def _facts(page: Page, layer: Layer, p: Mapping[str, Any]) -> list[Component]:
    """Return the numbers that people filter by, those that are not known as such."""
    fields = [layer.field_named(item.field) for item in layer.filters if item.operator == "between"]
    return [
        html.Span(
            f"{page.say(field.title)} "
            + (
                page.t("offer.not_known")
                if p.get(field.name) is None
                else value_words(page, field, p[field.name])
            )
        )
        for field in fields
        if field is not None
    ]


def _reasons(page: Page, match: Mapping[str, Any]) -> list[Component]:
    if not match:
        return []
    good = [html.Span(page.say(words), className="good") for words in match["best"]]
    weak = [html.Span(page.say(match["weakest"]), className="weak")] if match["weakest"] else []
    return [html.Span([*good, *weak], className="why")]


def _chips(page: Page, layer: Layer, p: Mapping[str, Any]) -> list[Component]:
    category = next((page.say(c.title) for c in layer.categories if c.value == p["category"]), p["category"])
    return [html.Span(category, className="chip"), *offer_chips(page, layer, p)]


def verified(page: Page, match: Mapping[str, Any]) -> str:
    """Return when an offer was last verified, and what that means where it is long ago."""
    days = match["verified_days"]
    if days is None:
        return page.t("offer.verified_unknown")
    if days == 0:
        return page.t("offer.verified_today")
    return page.t("offer.verified_stale" if match["stale"] else "offer.verified", days=days)


def near_misses(
    page: Page, layer: Layer, kept_out: Mapping[str, int], clear: Callable[[str, str], Component]
) -> list[Component]:
    """Return a button per condition that alone keeps offers out, the one that would give most first."""
    ranked = sorted(kept_out, key=kept_out.__getitem__, reverse=True)
    if not ranked:
        return [html.P(page.t("offices.relax"), className="empty", role="status")]
    ways = [
        clear(
            name, page.t("offices.without", what=page.say(filter_title(layer, name)), n=f"{kept_out[name]:,}")
        )
        for name in ranked
    ]
    lead = html.P(page.t("offices.near_misses"), className="near-misses", role="status")
    return [lead, html.Div(ways, className="ways-out")]
