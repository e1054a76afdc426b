"""What a place offers to who is not on duty: what may be done there, from when, and how fresh that word is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.sections import section
from app.components.values import day
from app.context import Page
from layers.core.citytime import day_of
from layers.core.rent import monthly_cost
from layers.core.spec import Field, FieldType, Layer

_AGES = {"field.fresh": "card.confirmed", "field.ageing": "card.outdated", "field.stale": "card.outdated"}


def offer_chips(page: Page, layer: Layer, p: Mapping[str, Any]) -> list[Component]:
    """Return what people choose by: each yes or no of the layer's filters, and since when it is to be had."""
    chips = []
    for item in layer.filters:
        field = layer.field_named(item.field)
        if item.operator == "true" and field is not None and p.get(field.name) is not None:
            chips.append(_answer(page, field, p[field.name]))
    first = next((f for n in layer.card if (f := layer.field_named(n)) and f.type is FieldType.DATE), None)
    if first is not None and p.get(first.name):
        chips.append(html.Span(_since(page, first, date.fromisoformat(p[first.name])), className="chip"))
    return chips


def _answer(page: Page, field: Field, holds: bool) -> Component:
    key = "card.offered" if holds else "card.not_offered"
    return html.Span(page.t(key, what=page.say(field.title)), className="chip accent" if holds else "chip")


def _since(page: Page, field: Field, since: date) -> str:
    title = page.say(field.title)
    return (
        page.t("card.now", what=title)
        if since <= day_of(page.city.clock())
        else f"{title} {day(since, page)}"
    )


def costs(page: Page, p: Mapping[str, Any]) -> Component | None:
    """Return what a listing costs a month in all, and how that comes about."""
    cost = monthly_cost(p, page.settings.rent_month_days)
    if cost is None:
        return None

    def per(key: str, amount: float | None, **more: object) -> str | None:
        return None if amount is None else page.t(key, n=_yuan(amount), **more)

    told = [
        page.t("offer.parts", rent=_yuan(cost.rent), charges=_yuan(round(cost.total) - round(cost.rent))),
        per("offer.per_usable", cost.per_usable_m2),
        per("offer.per_desk", cost.per_desk, desks=cost.desks),
        per("offer.effective", cost.effective if round(cost.effective) != round(cost.total) else None),
        per("offer.first_day", cost.first_day),
        page.t("offer.days", days=page.settings.rent_month),
        None if cost.complete else page.t("offer.incomplete"),
    ]
    return section(
        page.t("offer.cost"),
        html.P(page.t("offer.month", n=_yuan(cost.total)), className="money"),
        html.P(" · ".join(words for words in told if words), className="quiet small"),
    )


def month_words(page: Page, p: Mapping[str, Any]) -> str:
    """Return what a listing costs a month in all, "" where that is not known."""
    cost = monthly_cost(p, page.settings.rent_month_days)
    return page.t("offer.month", n=_yuan(cost.total)) if cost else ""


def _yuan(amount: float) -> str:
    return f"{amount:,.0f}"


def freshness(page: Page, reasons: Sequence[Mapping[str, Any]]) -> str:
    """Return when what is said of a place was last confirmed, "" where nobody judges that."""
    for reason in reasons:
        if reason["code"] in _AGES:
            days = (day_of(page.city.clock()) - date.fromisoformat(reason["params"]["date"])).days
            return page.t(_AGES[reason["code"]], days=days)
    return ""
