"""The card of a place: tier and reasons first, then permits, visits, fields, links."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from dash import html
from dash.development.base_component import Component

from app.components.marks import shape, status_word, tier_word
from app.context import Page
from layers.core.reasons import describe
from layers.core.spec import Field, Layer
from layers.core.text import text_of

CITY_TIME = ZoneInfo("Asia/Shanghai")


def card_body(page: Page, feature: Mapping[str, Any]) -> list[Component]:
    """Return the inside of a card for a feature as the city gives it."""
    p = feature["properties"]
    layer = page.city.registry[p["layer"]]
    sections = [
        _head(page, layer, p),
        _reasons(page, p.get("reasons") or []),
        _permits(page, layer, p.get("permits") or []),
        _inspections(page, layer, p.get("inspections") or []),
        _fields(page, layer, p),
        _links(page, p.get("links") or []),
    ]
    return [section for section in sections if section is not None]


def _head(page: Page, layer: Layer, p: Mapping[str, Any]) -> Component:
    category = next((c.title for c in layer.categories if c.value == p["category"]), p["category"])
    facts = [page.say(layer.title), page.say(category), p["address"]]
    return html.Header(
        [
            html.H2([shape(p["tier"]), html.Span(p["name"])]),
            html.P(" · ".join(fact for fact in facts if fact), className="quiet"),
            html.P([tier_word(page, p["tier"]), status_word(page, p["status"])], className="card-state"),
        ]
    )


def _reasons(page: Page, reasons: list[Mapping[str, Any]]) -> Component | None:
    if not reasons:
        return None
    return _section(page.t("card.reasons"), [reason_line(page, reason) for reason in reasons])


def reason_line(page: Page, reason: Mapping[str, Any]) -> Component:
    """Return one reason: shape, sentence, and the rule it rests on with its source."""
    basis = [page.t("card.rule", rule=reason["rule_id"]), text_of(reason["source"], page.language)]
    basis += [] if reason["verified"] else [page.t("card.unverified")]
    return html.Li(
        [
            shape(reason["tier"]),
            html.Div(
                [
                    html.P(describe(reason["code"], reason["params"], page.language)),
                    html.P(" · ".join(part for part in basis if part), className="quiet small"),
                ]
            ),
        ],
        className="reason",
    )


def _permits(page: Page, layer: Layer, permits: list[Mapping[str, Any]]) -> Component | None:
    lines = []
    for permit in permits:
        spec = layer.permit_of(permit["kind"])
        term = f"{day(permit['valid_from'], page)} – {day(permit['valid_to'], page) or page.t('card.no_end')}"
        note = " · ".join(
            part for part in (permit["number"], term, page.t(f"permit.{permit['state']}")) if part
        )
        title = page.say(spec.title) if spec else permit["kind"]
        lines.append(html.Li([html.P(title), html.P(note, className="quiet small")]))
    return _section(page.t("card.permits"), lines) if lines else None


def _inspections(page: Page, layer: Layer, visits: list[Mapping[str, Any]]) -> Component | None:
    titles = {spec.kind: spec.title for spec in layer.inspections}
    lines = []
    for visit in visits[:6]:
        faults = page.t(
            "card.faults", critical=visit["critical"], serious=visit["serious"], minor=visit["minor"]
        )
        head = f"{day(visit['at'], page)} · {page.say(titles.get(visit['kind'], visit['kind']))}"
        parts = [page.t(f"result.{visit['result']}"), faults, visit["note"]]
        lines.append(
            html.Li([html.P(head), html.P(" · ".join(x for x in parts if x), className="quiet small")])
        )
    return _section(page.t("card.inspections"), lines) if lines else None


def _fields(page: Page, layer: Layer, p: Mapping[str, Any]) -> Component | None:
    rows = []
    for name in layer.card:
        field = layer.field_named(name)
        if field is not None and p.get(name) not in (None, "", []):
            rows += [html.Dt(page.say(field.title)), html.Dd(value_words(page, field, p[name]))]
    for name in ("contact", "phone", "uscc"):
        if p.get(name):
            rows += [html.Dt(page.t(f"card.{name}")), html.Dd(p[name])]
    return html.Section([html.H3(page.t("card.fields")), html.Dl(rows)]) if rows else None


def _links(page: Page, links: list[Mapping[str, Any]]) -> Component | None:
    lines = [
        html.Li(
            html.Button(
                f"{page.say(page.city.registry[link['layer']].title)} · {link['name']}",
                id={"type": "open-place", "place": link["id"]},
                className="link",
            )
        )
        for link in links
    ]
    return _section(page.t("card.links"), lines) if lines else None


def value_words(page: Page, field: Field, value: Any) -> str:
    """Return a field's value with its choice's words and its unit."""
    if isinstance(value, bool):
        return page.t("yes" if value else "no")
    titles = {choice.value: page.say(choice.title) for choice in field.choices}
    if isinstance(value, list | tuple):
        return "、".join(titles.get(item, str(item)) for item in value)
    words = titles.get(str(value), f"{value:g}" if isinstance(value, float) else str(value))
    return f"{words} {page.say(field.unit)}" if field.unit else words


def day(value: Any, page: Page) -> str:
    """Return a date or moment as the day in the city, in the page's language."""
    if value is None:
        return ""
    locale = "en" if page.language == "en" else "zh_CN"
    if isinstance(value, datetime):
        return str(format_date(value.astimezone(CITY_TIME).date(), "medium", locale=locale))
    return str(
        format_date(
            value if isinstance(value, date) else date.fromisoformat(str(value)[:10]), "medium", locale=locale
        )
    )


def moment(value: datetime, page: Page, pattern: str = "MM-dd HH:mm") -> str:
    """Return a moment in the city's time."""
    return str(
        format_datetime(
            value.astimezone(CITY_TIME), pattern, locale="en" if page.language == "en" else "zh_CN"
        )
    )


def _section(title: str, lines: list[Component]) -> Component:
    return html.Section([html.H3(title), html.Ul(lines)])
