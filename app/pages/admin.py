"""`/admin`: the rules for who administers them: changed on trial, made from a day on, never without a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from app.components.rule_effect import change_line
from app.components.rule_form import form
from app.components.rule_words import chips, span_of, title_of
from app.context import Page
from app.pages.frame import header, link_to
from layers.core.citytime import day_of
from layers.core.rules import Rule, RuleTable
from layers.core.spec import Layer

State = Mapping[str, str]


class Ids(StrEnum):
    """Ids of the page."""

    BODY = "admin-body"
    NOTE = "admin-note"


def layout(page: Page, state: State) -> Component:
    """Return the page for what its address says."""
    links = [link_to(page, path) for path in ("/ops", "/due")]
    rules = html.A(page.t("rules.title"), href="/rules", className="plain")
    return html.Div(
        [
            header(page, page.t("admin.title"), *links, rules),
            html.P(id=Ids.NOTE, className="admin-note", role="status"),
            html.Main(content(page, state), id=Ids.BODY, className="admin"),
        ],
        className="light",
    )


def content(page: Page, state: State) -> list[Component]:
    """Return the list of rules, and beside it the chosen rule, or the changes that were made."""
    today = day_of(page.city.clock())
    tables = {layer.id: page.city.rules.table(layer) for layer in page.city.layers_for(page.viewer)}
    layer_id, rule_id, city = (state.get(name, "") for name in ("layer", "rule", "city"))
    chosen = _in_force(tables.get(layer_id), rule_id, city, today)
    beside = _editor(page, layer_id, chosen, tables, today) if chosen else _changes(page, today)
    names = [_of_layer(page, layer_id, table, chosen, today) for layer_id, table in tables.items()]
    return [
        html.Nav([_all_changes(page, chosen), *names], className="rule-list"),
        html.Section(beside, className="rule-beside"),
    ]


def _in_force(table: RuleTable | None, rule_id: str, city: str, today: date) -> Rule | None:
    rules = table.rules if table else ()
    return next((r for r in rules if (r.id, r.city) == (rule_id, city) and r.in_force(today)), None)


def _all_changes(page: Page, chosen: Rule | None) -> Component:
    current = {} if chosen else {"aria-current": "page"}
    return html.A(page.t("admin.changes"), href="/admin", className="rule-link", **current)


def _of_layer(page: Page, layer_id: str, table: RuleTable, chosen: Rule | None, today: date) -> Component:
    """Return the rules of a layer that are in force, as links."""
    layer = page.city.registry[layer_id]
    rules = [rule for rule in table.rules if rule.in_force(today)]
    links = [_link(page, layer, rule, current=rule is chosen) for rule in rules]
    version = html.Span(page.t("rules.version", version=table.version), className="quiet small")
    return html.Div([html.H2([page.say(layer.title), version]), *links])


def _link(page: Page, layer: Layer, rule: Rule, *, current: bool) -> Component:
    address = "/admin?" + urlencode({"layer": layer.id, "rule": rule.id, "city": rule.city})
    marks = [rule.city, "" if rule.verified else page.t("rules.unverified")]
    small = html.Span(" · ".join(mark for mark in marks if mark), className="quiet small")
    said: dict[str, str] = {"aria-current": "page"} if current else {}
    return html.A(
        [html.Span(title_of(page, layer, rule)), small], href=address, className="rule-link", **said
    )


def _editor(
    page: Page, layer_id: str, rule: Rule, tables: Mapping[str, RuleTable], today: date
) -> list[Component]:
    layer = page.city.registry[layer_id]
    title = f"{page.say(layer.title)} · {title_of(page, layer, rule)}"
    return [
        html.Header([html.H2(title), *chips(page, rule, rule)]),
        html.P(page.say(rule.source)),
        html.P(span_of(page, rule), className="quiet small"),
        form(page, layer, rule, tables[layer_id].version, today),
        *_of_rule(page, layer_id, rule, today),
    ]


def _of_rule(page: Page, layer_id: str, rule: Rule, today: date) -> Iterator[Component]:
    """Yield the changes that were made of one rule."""
    key = (layer_id, rule.id, rule.city)
    changes = [
        c for c in page.city.rules.changes(page.viewer) if (c["layer"], c["rule_id"], c["city"]) == key
    ]
    if changes:
        yield html.H3(page.t("admin.changes_of"))
        yield from (change_line(page, change, today) for change in changes)


def _changes(page: Page, today: date) -> list[Component]:
    """Return every change that was made, or how one is made."""
    changes = page.city.rules.changes(page.viewer)
    lines = [change_line(page, change, today) for change in changes]
    empty = html.P(page.t("admin.none"), className="empty")
    return [
        html.H2(page.t("admin.changes")),
        html.P(page.t("admin.lead"), className="quiet"),
        *(lines or [empty]),
    ]
