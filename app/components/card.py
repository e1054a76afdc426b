"""The card of a place: tier and reasons first, then what the layer lists, permits, tenancies, visits, cases, links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components import credit, records, tenancies
from app.components.case_sheet import open_button
from app.components.contest import object_button, reason_marks, review_mark
from app.components.links import links
from app.components.marks import shape, status_word, tier_word
from app.components.offer import costs, freshness, offer_chips
from app.components.sections import section
from app.components.values import isolated, joined, value_words, when
from app.context import Page
from data.intake.outcome import FLAGS
from layers.core.access import Action
from layers.core.reasons import describe
from layers.core.spec import Layer
from layers.core.text import text_of

IN_HEAD = ("category", "address")  # listed by a layer, they stand under the name
MASKED = ("contact", "phone")  # of every place, apart from the fields that a layer masks


def card_body(page: Page, feature: Mapping[str, Any], *, acts: bool = True) -> list[Component]:
    """Return the inside of a card for a feature as the city gives it.

    `acts`: with the buttons to object and to decide, on pages whose card is drawn anew afterwards.
    """
    p = feature["properties"]
    layer = page.city.registry[p["layer"]]
    official = "cases" in p  # what only people on duty are sent
    sections = [
        _head(page, layer, p) if official else _public_head(page, layer, p),
        _reasons(page, p, acts=acts) if official else None,
        costs(page, p),
        _fields(page, layer, p),
        records.permits(page, layer, p["permits"]),
        tenancies.tenancies(page, p.get("tenancies") or [], p.get("title_papers") or []),
        tenancies.title_papers(page, p.get("title_papers") or []),
        records.inspections(page, layer, p.get("inspections") or [], acts=acts),
        records.cases(page, p, acts=acts),
        credit.records(page, p, acts=acts),
        *links(page, p["links"], p["link_counts"]),
        _source(page, p) if official else None,
    ]
    return [part for part in sections if part is not None]


def _head(page: Page, layer: Layer, p: Mapping[str, Any]) -> Component:
    review = review_mark(page) if p.get("under_review") else None
    state = html.P(
        [tier_word(page, p["tier"]), review, status_word(page, p["status"]), *credit.badges(page, p)],
        className="card-state",
    )
    turns = page.t("card.next_change", at=when(p["next_change"], page)) if p.get("next_change") else None
    return html.Header(
        [
            html.H2([shape(p["tier"]), isolated(p["name"])]),
            _subtitle(page, layer, p),
            state,
            html.P(turns, className="quiet small") if turns else None,
        ]
    )


def _public_head(page: Page, layer: Layer, p: Mapping[str, Any]) -> Component:
    """Return the head for who is not on duty: no tier and no rule, but what there is to have and how fresh it is."""
    status = [status_word(page, p["status"])] if layer.permits and p["status"] else []
    fresh = freshness(page, p.get("reasons") or [])
    return html.Header(
        [
            html.H2(isolated(p["name"])),
            _subtitle(page, layer, p),
            html.P([*offer_chips(page, layer, p), *status, *credit.badges(page, p)], className="card-state"),
            html.P(fresh, className="quiet") if fresh else None,
        ]
    )


def _subtitle(page: Page, layer: Layer, p: Mapping[str, Any]) -> Component:
    """Return the layer and, where it lists them, category and address."""
    category = next((page.say(c.title) for c in layer.categories if c.value == p["category"]), p["category"])
    known = {"category": category, "address": p["address"]}
    listed = [isolated(known[name]) for name in IN_HEAD if name in layer.card and known[name]]
    return html.P(joined(page.say(layer.title), *listed), className="quiet")


def _reasons(page: Page, p: Mapping[str, Any], *, acts: bool) -> Component | None:
    reasons = p.get("reasons") or []
    if not reasons:
        return None
    lines = html.Ul([_reason(page, p, reason, acts=acts) for reason in reasons])
    doubt = html.P(page.t("card.unverified"), className="quiet small")
    known = all(reason["verified"] for reason in reasons)
    link = html.A(page.t("card.rules"), href=f"/rules?layer={p['layer']}", target="_blank", className="small")
    return section(page.t("card.reasons"), lines, None if known else doubt, link)


def _reason(page: Page, p: Mapping[str, Any], reason: Mapping[str, Any], *, acts: bool) -> Component:
    """Return one reason: shape, sentence, what objections say of it, and its source, which unfolds to the rule."""
    source = text_of(reason["source"], page.language) + ("" if reason["verified"] else " *")
    basis = html.Details(
        [html.Summary(source), html.P(page.t("card.rule", rule=reason["rule_id"]))], className="quiet small"
    )
    marks = reason_marks(page, reason) + ([credit.repair_mark(page)] if reason.get("repairing") else [])
    parts = [
        html.P(describe(reason["code"], reason["params"], page.language)),
        _penalty(page, reason),
        html.P(marks, className="card-state") if marks else None,
        basis,
        object_button(page, p, reason) if acts else None,
        open_button(page, p, reason) if acts else None,
    ]
    return html.Li(
        [shape(reason["tier"]), html.Div([part for part in parts if part is not None])], className="reason"
    )


def _penalty(page: Page, reason: Mapping[str, Any]) -> Component | None:
    """Return what the breach may cost, by which law, where one says so."""
    if (penalty := reason.get("penalty")) is None:
        return None
    source = text_of(penalty["source"], page.language) + ("" if penalty["verified"] else " *")
    sums = {"low": f"{penalty['lowest_cny']:,}", "high": f"{penalty['highest_cny']:,}"}
    return html.P(page.t("card.penalty", source=source, **sums), className="small")


def _fields(page: Page, layer: Layer, p: Mapping[str, Any]) -> Component | None:
    """Return what the layer lists, in its order, as far as it is known."""
    names = [name for name in layer.card if name not in IN_HEAD and p.get(name) not in (None, "", [])]
    rows = [cell for name in names for cell in _field(page, layer, p, name)]
    return section(page.t("card.fields"), html.Dl(rows)) if rows else None


def _field(page: Page, layer: Layer, p: Mapping[str, Any], name: str) -> tuple[Component, Component]:
    field = layer.field_named(name)
    title = page.say(field.title) if field else page.t(f"card.{name}")
    words = isolated(value_words(page, field, p[name]) if field else p[name])
    masked = field.mask if field else name in MASKED
    return html.Dt(title), html.Dd(_masked(page, p["id"], name, words) if masked else words)


def _masked(page: Page, place_id: int, name: str, words: Component) -> Component:
    """Return a masked detail with the button that shows it in clear, for those who may."""
    if not page.viewer.may(Action.REVEAL):
        return words
    key = {"place": place_id, "field": name}
    button = html.Button(page.t("card.show"), id={"type": "reveal", **key}, className="reveal")
    return html.Span([words, button], id={"type": "revealed", **key}, className="masked")


def _source(page: Page, p: Mapping[str, Any]) -> Component:
    """Return where what is said comes from, and how fresh it is."""
    told: dict[str, Component | str | None] = {
        "source": isolated(p["source"]),
        "updated_at": when(p["updated_at"], page),
        "judged_at": when(p["judged_at"], page) if p["judged_at"] else None,
        "rule_version": isolated(p["rule_version"]) if p.get("rule_version") else None,
        "flags": " · ".join(page.say(FLAGS.get(flag, flag)) for flag in p["flags"]),
    }
    rows = [
        cell
        for name, words in told.items()
        if words
        for cell in (html.Dt(page.t(f"card.{name}")), html.Dd(words))
    ]
    everything = html.A(
        page.t("card.everything"), href=f"/api/places/{p['id']}", target="_blank", className="small"
    )
    return section(page.t("card.source_and_age"), html.Dl(rows, className="small"), everything)
