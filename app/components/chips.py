"""Chips for what is filtered; a page never names a field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.values import isolated, moment
from app.context import Page
from layers.core.spec import Layer
from layers.core.tiers import PermitStatus, Tier


def switching(name: str, value: str = "") -> dict[str, str]:
    """Return what makes a button switch one value of a filter, or take the whole filter away; `filters.js` reads it."""
    return {"data-filter": name, "data-value": value}


def chips(page: Page, query: Mapping[str, Any], layers: tuple[Layer, ...]) -> list[Component]:
    """Return a button for each filter of a query that takes this one away."""
    return [
        html.Button(
            [isolated(words), html.Span("×", className="cross", **{"aria-hidden": "true"})],
            className="chip",
            **{"aria-label": page.t("ops.remove", what=words)},
            **switching(name, value),
        )
        for name, value, words in _filtered(page, query, layers)
    ]


def _filtered(
    page: Page, query: Mapping[str, Any], layers: tuple[Layer, ...]
) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and words of each filter."""
    categories = {choice.value: choice.title for layer in layers for choice in layer.categories}
    states = {choice.value: choice.title for layer in layers for choice in layer.states}
    areas = page.city.area_names() if query.get("street") else {}
    titles: dict[str, Mapping[str, Any]] = {
        "tier": {tier: tier.label for tier in Tier},
        "status": {status: status.label for status in PermitStatus},
        "state": states,
        "category": categories,
        "street": areas,
    }
    for name, known in titles.items():
        for value in query.get(name, []):
            yield name, value, page.say(known.get(value, value))
    if query.get("q"):
        yield "q", "", page.t("ops.words", q=query["q"])
    if query.get("as_of"):
        yield "as_of", "", page.t("ops.as_of", at=moment(datetime.fromisoformat(query["as_of"]), page))
    if hidden := len(layers) - len(query["layers"]):
        off = page.t("ops.hidden_layers", n=hidden) if query["layers"] else page.t("ops.no_layers")
        yield "layers", "", off
