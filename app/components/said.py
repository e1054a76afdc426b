"""What a search is understood to say: the names it may use, and a chip per condition that takes it away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.facets import filter_title
from app.components.values import enumerated, isolated
from app.context import Page
from layers.core.spec import Choice, Layer
from layers.core.text import LANGUAGES
from layers.core.wording import Vocabulary

State = Mapping[str, Any]


def vocabulary(page: Page, layer: Layer) -> Vocabulary:
    """Return the names that mean a condition, in every language: those of areas, and the choices of the layer."""
    fields = {item.field: layer.field_named(item.field) for item in layer.filters}
    choices = {name: _names(field.choices) for name, field in fields.items() if field is not None}
    keywords = {word: kind for kind, words in layer.intake.category_keywords.items() for word in words}
    return Vocabulary(
        areas={name: code for code, name in page.city.area_names().items()},
        categories=keywords | _names(layer.categories),
        industries=choices.get("industries", {}),
        payments=choices.get("payment_terms", {}),
    )


def _names(choices: Iterable[Choice]) -> dict[str, str]:
    return {choice.title.in_(language): choice.value for choice in choices for language in LANGUAGES}


def condition_chips(
    page: Page, layer: Layer, state: State, clear: Callable[[str], dict[str, Any]]
) -> list[Component]:
    """Return a button per condition of a search that takes it away; `clear` gives the id of one."""
    return [
        html.Button(
            [isolated(words), html.Span("×", className="cross", **{"aria-hidden": "true"})],
            id=clear(name),
            className="chip",
            **{"aria-label": page.t("ops.remove", what=words)},
        )
        for name, words in _conditions(page, layer, state)
    ]


def _conditions(page: Page, layer: Layer, state: State) -> Iterator[tuple[str, str]]:
    """Yield name and words of every condition, in the order of the filters."""
    said = {
        **state.get("extra", {}),
        **{name: ",".join(state.get(name, [])) for name in ("category", "street")},
    }
    for item in layer.filters:
        if value := said.get(item.field):
            yield item.field, _words(page, layer, item.field, value)
    if state.get("q"):
        yield "q", page.t("ops.words", q=state["q"])


def _words(page: Page, layer: Layer, name: str, value: str) -> str:
    title, field = page.say(filter_title(layer, name)), layer.field_named(name)
    if (measure := layer.measure_named(name)) is not None:
        return f"{title} {float(value):,.10g} {page.say(measure.unit)}"
    if ".." in value and field is not None:
        unit = f" {page.say(field.unit)}" if field.unit else ""
        return f"{title} {_span(value)}{unit}"
    if value == "true":
        return title
    choices = field.choices if field else layer.categories
    names = page.city.area_names() if name == "street" else {c.value: page.say(c.title) for c in choices}
    return enumerated(page, [names.get(one, one) for one in value.split(",")])


def _span(value: str) -> str:
    """Return a range as people write it: `85–115`, `≤ 5`, `≥ 200`."""
    low, _, high = value.partition("..")
    if low and high:
        return f"{low}–{high}"
    return f"≤ {high}" if high else f"≥ {low}"
