"""The card of a place: tier and reasons first, then permits, visits, fields, links."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from babel.dates import format_datetime
from dash import html
from dash.development.base_component import Component

from app.components.marks import shape, status_word, tier_word
from app.components.offer import freshness, offer_chips
from app.components.values import day, value_words, when
from app.context import Page
from layers.core.access import Action
from layers.core.citytime import CITY_TIME
from layers.core.reasons import describe
from layers.core.spec import Layer
from layers.core.text import text_of


def card_body(page: Page, feature: Mapping[str, Any]) -> list[Component]:
    """Return the inside of a card for a feature as the city gives it."""
    p = feature["properties"]
    layer = page.city.registry[p["layer"]]
    official = "inspections" in p  # what only people on duty are sent
    sections = [
        _head(page, layer, p) if official else _public_head(page, layer, p),
        _reasons(page, p.get("reasons") or []) if official else None,
        _permits(page, layer, p.get("permits") or []),
        _inspections(page, layer, p.get("inspections") or []),
        _fields(page, layer, p),
        _links(page, p.get("links") or []),
    ]
    return [section for section in sections if section is not None]


def _head(page: Page, layer: Layer, p: Mapping[str, Any]) -> Component:
    state = html.P([tier_word(page, p["tier"]), status_word(page, p["status"])], className="card-state")
    return html.Header([html.H2([shape(p["tier"]), html.Span(p["name"])]), _subtitle(page, layer, p), state])


def _public_head(page: Page, layer: Layer, p: Mapping[str, Any]) -> Component:
    """Return the head for who is not on duty: no tier and no rule, but what there is to have and how fresh it is."""
    status = [status_word(page, p["status"])] if layer.permits and p["status"] else []
    fresh = freshness(page, p.get("reasons") or [])
    return html.Header(
        [
            html.H2(p["name"]),
            _subtitle(page, layer, p),
            html.P([*offer_chips(page, layer, p), *status], className="card-state"),
            html.P(fresh, className="quiet") if fresh else None,
        ]
    )


def _subtitle(page: Page, layer: Layer, p: Mapping[str, Any]) -> Component:
    category = next((c.title for c in layer.categories if c.value == p["category"]), p["category"])
    facts = [page.say(layer.title), page.say(category), p["address"]]
    return html.P(" · ".join(fact for fact in facts if fact), className="quiet")


def _reasons(page: Page, reasons: list[Mapping[str, Any]]) -> Component | None:
    if not reasons:
        return None
    section = _section(page.t("card.reasons"), [reason_line(page, reason) for reason in reasons])
    if not all(reason["verified"] for reason in reasons):
        section.children.append(html.P(page.t("card.unverified"), className="quiet small"))
    return section


def reason_line(page: Page, reason: Mapping[str, Any]) -> Component:
    """Return one reason: shape, sentence, and its source, which unfolds to the number of the rule."""
    source = text_of(reason["source"], page.language) + ("" if reason["verified"] else " *")
    basis = html.Details(
        [html.Summary(source), html.P(page.t("card.rule", rule=reason["rule_id"]))], className="quiet small"
    )
    sentence = html.P(describe(reason["code"], reason["params"], page.language))
    return html.Li([shape(reason["tier"]), html.Div([sentence, basis])], className="reason")


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
        head = f"{when(visit['at'], page)} · {page.say(titles.get(visit['kind'], visit['kind']))}"
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
            words = value_words(page, field, p[name])
            rows += [
                html.Dt(page.say(field.title)),
                html.Dd(_masked(page, p["id"], name, words) if field.mask else words),
            ]
    for name in ("contact", "phone", "uscc"):
        if p.get(name):
            shown = p[name] if name == "uscc" else _masked(page, p["id"], name, p[name])
            rows += [html.Dt(page.t(f"card.{name}")), html.Dd(shown)]
    return html.Section([html.H3(page.t("card.fields")), html.Dl(rows)]) if rows else None


def _masked(page: Page, place_id: int, name: str, words: str) -> list[Component] | str:
    """Return a masked detail with the button that shows it in clear, for those who may."""
    if not page.viewer.may(Action.REVEAL):
        return words
    key = {"place": place_id, "field": name}
    button = html.Button(page.t("card.show"), id={"type": "reveal", **key}, className="reveal")
    return [html.Span([words, button], id={"type": "revealed", **key}, className="masked")]


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


def moment(value: datetime, page: Page, pattern: str = "MM-dd HH:mm") -> str:
    """Return a moment in the city's time."""
    return str(
        format_datetime(
            value.astimezone(CITY_TIME), pattern, locale="en" if page.language == "en" else "zh_CN"
        )
    )


def _section(title: str, lines: list[Component]) -> Component:
    return html.Section([html.H3(title), html.Ul(lines)])
