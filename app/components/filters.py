"""Filter controls from what a layer declares, and chips for what is filtered; a page never names a field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.components.card import moment
from app.context import Page
from layers.core.spec import Choice, Filter, Layer
from layers.core.text import Text
from layers.core.tiers import PermitStatus, Tier


def facet(
    page: Page,
    layer: Layer,
    item: Filter,
    counts: Mapping[str, int],
    chosen: Mapping[str, str],
    areas: Mapping[str, str],
) -> Component:
    """Return the control of one filter with the count each choice would give; `areas` are code -> name."""
    field = layer.field_named(item.field)
    title = page.say(
        field.title
        if field
        else layer.category
        if item.field == "category"
        else page.t(f"filter.{item.field}")
    )
    key = {"type": f"{layer.id}-filter", "field": item.field}
    now = chosen.get(item.field, "")
    if item.operator == "between":
        unit = page.say(field.unit) if field and field.unit else ""
        low, _, high = now.partition("..")
        return html.Fieldset(
            [
                html.Legend(f"{title} {unit}".strip()),
                html.Div(
                    [
                        dcc.Input(
                            id=key | {"end": "low"},
                            type="number",
                            value=low or None,
                            debounce=True,
                            min=0,
                            placeholder=page.t("filter.from"),
                            className="number",
                        ),
                        html.Span("–", className="quiet"),
                        dcc.Input(
                            id=key | {"end": "high"},
                            type="number",
                            value=high or None,
                            debounce=True,
                            min=0,
                            placeholder=page.t("filter.to"),
                            className="number",
                        ),
                    ],
                    className="range",
                ),
            ]
        )
    choices = layer.categories if item.field == "category" else field.choices if field else ()
    if item.operator == "true":
        options = [{"label": _label(title, counts.get("true", 0)), "value": "true"}]
        return html.Fieldset([_checklist(key, options, now)])
    listed = choices or _areas(counts, areas)
    options = [
        {"label": _label(page.say(choice.title), counts.get(choice.value, 0)), "value": choice.value}
        for choice in listed
        if counts.get(choice.value) or choice.value in now.split(",")
    ]
    return html.Fieldset([html.Legend(title), _checklist(key, options, now)])


def _checklist(key: Mapping[str, str], options: list[dict[str, object]], now: str) -> Component:
    return dcc.Checklist(
        options, [part for part in now.split(",") if part], id=dict(key) | {"end": "set"}, className="checks"
    )


def _label(words: str, n: int) -> Component:
    return html.Span([html.Span(words), html.Span(f"{n:,}", className="quiet")], className="check-label")


def _areas(counts: Mapping[str, int], areas: Mapping[str, str]) -> tuple[Choice, ...]:
    """Return the sub-districts that occur, the fullest first; a name is the same in every language."""
    names = {code: areas.get(code, code) for code in sorted(counts, key=counts.__getitem__, reverse=True)}
    return tuple(Choice(code, Text(name, name)) for code, name in names.items())


def chips(page: Page, query: Mapping[str, Any], layers: tuple[Layer, ...]) -> list[Component]:
    """Return a button for each filter of a query that takes this one away: `{"type": "chip", "name", "value"}`."""
    return [
        html.Button(
            [html.Span(words), html.Span("×", className="cross", **{"aria-hidden": "true"})],
            id={"type": "chip", "name": name, "value": value},
            className="chip",
            **{"aria-label": page.t("ops.remove", what=words)},
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
