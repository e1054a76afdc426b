"""A table of offers side by side: a column each, what differs marked, the best of a row by a shape and a word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.offer_rows import verified
from app.components.values import isolated, value_words
from app.context import Page
from layers.core.access import FieldClass
from layers.core.comparing import BETTER, COSTS, TOLD, Row, row
from layers.core.rent import monthly_cost
from layers.core.spec import Layer
from layers.core.text import Text

Offer = Mapping[str, Any]


def offer_table(
    page: Page, layer: Layer, offers: Sequence[Offer], people: float | None, without: Callable[[int], str]
) -> Component:
    """Return the table; `without` gives the address of the page without one of the offers."""
    head = html.Thead(
        html.Tr(
            [
                html.Th(page.t("compare.what"), scope="col"),
                *(_heading(page, offer, without) for offer in offers),
            ]
        )
    )
    rows = [*_match_rows(page, offers), *_cost_rows(page, offers, people), *_field_rows(page, layer, offers)]
    table = html.Table(
        [html.Caption(page.t("compare.caption")), head, html.Tbody(rows)], className="compare-table"
    )
    return html.Div(
        table,
        className="compare-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": page.t("compare.title")},
    )


def _heading(page: Page, offer: Offer, without: Callable[[int], str]) -> Component:
    name = html.A(isolated(offer["name"]), href=f"/places/{offer['id']}")
    out = html.A(
        page.t("compare.take_out"),
        href=without(offer["id"]),
        className="take-out",
        **{"aria-label": page.t("compare.take_out_of", name=offer["name"])},
    )
    return html.Th([name, html.Bdi(offer["address"], className="quiet small"), out], scope="col")


def _match_rows(page: Page, offers: Sequence[Offer]) -> list[Component]:
    matches = [offer["match"] for offer in offers]
    told = row([match["score"] for match in matches], BETTER["score"])
    why = [[*(page.say(words) for words in match["best"]), *_weak(page, match)] for match in matches]
    reasons = [html.Td([html.Div(words) for words in of]) for of in why]
    return [
        _row(page, page.t("offer.score"), told, str),
        html.Tr([html.Th(page.t("compare.why"), scope="row"), *reasons]),
        html.Tr(
            [
                html.Th(page.t("compare.verified"), scope="row"),
                *(
                    html.Td(verified(page, match), className="stale" if match["stale"] else "")
                    for match in matches
                ),
            ]
        ),
    ]


def _weak(page: Page, match: Offer) -> list[str]:
    return [page.t("compare.but", why=page.say(match["weakest"]))] if match["weakest"] else []


def _cost_rows(page: Page, offers: Sequence[Offer], people: float | None) -> list[Component]:
    costs = [monthly_cost(offer, page.settings.rent_month_days) for offer in offers]
    rows = []
    for line in COSTS:
        told = row([line.of(cost, people) if cost else None for cost in costs], line.better)
        if any(value is not None for value in told.values):
            rows.append(_row(page, page.say(line.title), told, _amount, line.unit))
    return rows


def _field_rows(page: Page, layer: Layer, offers: Sequence[Offer]) -> list[Component]:
    """Return what else the card tells everybody, as far as it is known of one: the address is there to be shared."""
    kinds = {choice.value: page.say(choice.title) for choice in layer.categories}
    category = row([offer["category"] for offer in offers])
    rows = [_row(page, page.say(layer.category), category, lambda value: kinds.get(value, str(value)))]
    fields = (layer.field_named(name) for name in layer.card if name not in TOLD)
    for field in (field for field in fields if field and field.visible_to is FieldClass.PUBLIC):
        told = row([offer.get(field.name) for offer in offers], BETTER.get(field.name, ""))
        if any(value is not None for value in told.values):
            rows.append(_row(page, page.say(field.title), told, partial(value_words, page, field)))
    return rows


def _row(
    page: Page, title: str, told: Row, words: Callable[[Any], str], unit: Text | None = None
) -> Component:
    mark = (
        html.Span("≠", className="differs", role="img", **{"aria-label": page.t("compare.differs")})
        if told.differs
        else None
    )
    name = [html.Span(title), html.Span(page.say(unit), className="quiet small") if unit else None, mark]
    cells = [_cell(page, value, words, best=at in told.best) for at, value in enumerate(told.values)]
    return html.Tr([html.Th(name, scope="row"), *cells], className="" if told.differs else "same")


def _cell(page: Page, value: Any, words: Callable[[Any], str], *, best: bool) -> Component:
    if value is None:
        return html.Td(page.t("offer.not_known"), className="quiet")
    mark = html.Span(page.t("compare.best"), className="best-mark") if best else None
    return html.Td([html.Span(words(value)), mark], className="best" if best else "")


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.2f}"
