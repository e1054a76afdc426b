"""Filter controls from what a layer declares; a page never names a field."""

from __future__ import annotations

from collections.abc import Mapping

from dash import dcc, html
from dash.development.base_component import Component

from app.context import Page
from layers.core.spec import Choice, Filter, Layer
from layers.core.text import Text


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
