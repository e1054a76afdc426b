"""Filter controls from what a layer declares: drawn once, so that what a person enters stays; only counts change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.context import Page
from app.i18n import both
from layers.core.registry import BOUNDS
from layers.core.spec import Choice, Filter, Layer, Measure
from layers.core.text import Text

Counts = Mapping[str, Mapping[str, int]]  # column -> value -> places


@dataclass(frozen=True, slots=True)
class Facets:
    """The filters of a layer on one page.

    there: counts under no filter, which say what there is to choose from; found: those under the present query.
    """

    page: Page
    layer: Layer
    there: Counts
    found: Counts

    @property
    def listed(self) -> list[Filter]:
        """The filters that offer values to choose from, in the order of the page."""
        return [item for item in self.layer.filters if item.operator not in {"between", *BOUNDS}]

    def controls(self, chosen: Mapping[str, str]) -> list[Component]:
        """Return a control per filter that is no bound; `chosen` is name -> values as the address writes them."""
        return [
            self._range(item, chosen.get(item.field, ""))
            if item.operator == "between"
            else self._choices(item, chosen.get(item.field, ""))
            for item in self.layer.filters
            if item.operator not in BOUNDS
        ]

    def bounds(self, chosen: Mapping[str, str]) -> list[Component]:
        """Return a labelled input per bound on a measure: what a person knows before the first filter."""
        asked = [(item, self.layer.measure_named(item.field)) for item in self.layer.filters]
        return [self._bound(item, to, chosen.get(item.field, "")) for item, to in asked if to is not None]

    def options(self, item: Filter) -> list[dict[str, object]]:
        """Return what a filter offers, each with the places it would give."""
        found = _counted(item, self.found)
        return [
            {"label": _label(self.page.say(choice.title), found.get(choice.value, 0)), "value": choice.value}
            for choice in self._offered(item)
        ]

    def _offered(self, item: Filter) -> tuple[Choice, ...]:
        if item.operator == "true":
            return (Choice("true", self._title(item)),)
        there = _counted(item, self.there)
        field = self.layer.field_named(item.field)
        declared = self.layer.categories if item.field == "category" else field.choices if field else ()
        return tuple(choice for choice in declared or self._areas(there) if there.get(choice.value))

    def _areas(self, there: Mapping[str, int]) -> tuple[Choice, ...]:
        """The areas that occur, districts first, then the fullest; a name is the same in every language."""
        names = self.page.city.area_names()
        codes = sorted(there, key=lambda code: (len(code), -there[code]))
        return tuple(Choice(code, Text(name, name)) for code in codes for name in [names.get(code, code)])

    def _title(self, item: Filter) -> Text:
        return filter_title(self.layer, item.field)

    def _choices(self, item: Filter, now: str) -> Component:
        legend = None if item.operator == "true" else html.Legend(self.page.say(self._title(item)))
        values = [part for part in now.split(",") if part]
        checks = dcc.Checklist(self.options(item), values, id=self._key(item, "set"), className="checks")
        return html.Fieldset([legend, checks])

    def _range(self, item: Filter, now: str) -> Component:
        field = self.layer.field_named(item.field)
        unit = self.page.say(field.unit) if field and field.unit else ""
        low, _, high = now.partition("..")
        ends = [self._end(item, "low", low), html.Span("–", className="quiet"), self._end(item, "high", high)]
        legend = html.Legend(f"{self.page.say(self._title(item))} {unit}".strip())
        return html.Fieldset([legend, html.Div(ends, className="range")])

    def _bound(self, item: Filter, measure: Measure, now: str) -> Component:
        entry = dcc.Input(
            id=self._key(item, "one"),
            type="number",
            value=now or None,
            debounce=True,
            min=0,
            placeholder=self.page.t(f"filter.{item.operator}"),
            className="number",
        )
        words = [
            html.Span(self.page.say(measure.title)),
            html.Span(self.page.say(measure.unit), className="quiet"),
        ]
        return html.Label([html.Span(words, className="bound-title"), entry], className="bound")

    def _end(self, item: Filter, end: str, value: str) -> Component:
        return dcc.Input(
            id=self._key(item, end),
            type="number",
            value=value or None,
            debounce=True,
            min=0,
            placeholder=self.page.t("filter.from" if end == "low" else "filter.to"),
            className="number",
        )

    def _key(self, item: Filter, end: str) -> dict[str, Any]:
        return {"type": f"{self.layer.id}-filter", "field": item.field, "end": end}


def _counted(item: Filter, counts: Counts) -> Mapping[str, int]:
    """Return value -> places of a filter; a district has those of its sub-districts too."""
    own = counts.get(item.field, {})
    if item.field != "street":
        return own
    districts = {code[:6] for code in own}
    return {**own, **{code: sum(n for of, n in own.items() if of.startswith(code)) for code in districts}}


def filter_title(layer: Layer, name: str) -> Text:
    """Return what a filter of a layer is called, also one of every place."""
    named = layer.field_named(name) or layer.measure_named(name)
    if named is not None:
        return named.title
    return layer.category if name == "category" else both(f"filter.{name}")


def _label(words: str, n: int) -> Component:
    count = html.Span(f"{n:,}", className="quiet")
    return html.Span([html.Span(words), count], className="check-label" if n else "check-label nothing")
