"""`/rules`: by which rules places are judged, since when, from which source, and what of them is verified.

One layer at a time, `/rules?layer=shops`: a browser takes seconds to draw the rules of all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from dash import html
from dash.development.base_component import Component

from app.components.marks import tier_word
from app.components.rule_words import chips, outcome_words, plain, span_of, title_of
from app.context import Page
from app.pages.frame import header, link_to
from layers.core.citytime import day_of
from layers.core.rules import Rule
from layers.core.spec import Layer
from layers.core.tiers import WORST_FIRST_TIERS, Tier
from layers.core.workdays import FIRST_YEAR, LAST_YEAR


def layout(page: Page, wanted: str = "") -> Component:
    """Return the page: the table of a layer, the first one unless another is wanted that the viewer may know of."""
    layers = page.city.layers_for(page.viewer)
    shown = next((layer for layer in layers if layer.id == wanted), layers[0])
    everything = [rule for layer in layers for rule in page.city.rules.table(layer).rules]
    known = sum(rule.verified for rule in everything)
    lead = html.Div(
        [
            html.P(page.t("rules.lead")),
            html.P(page.t("rules.counted", n=len(everything), known=known), className="quiet"),
            html.P(page.t("rules.working_days", first=FIRST_YEAR, last=LAST_YEAR), className="quiet"),
            html.Nav(
                [_tab(page, layer, layer is shown) for layer in layers],
                className="jump",
                **{"aria-label": page.t("rules.layers")},
            ),
        ],
        className="rules-lead",
    )
    ways = [
        html.A(page.t("casebook.title"), href="/casebook", className="plain"),
        html.A(page.t("plan.title"), href="/credit", className="plain"),
    ]
    return html.Div(
        [
            header(page, page.t("rules.title"), *ways, link_to(page, "/admin")),
            html.Main([lead, _layer(page, shown)], className="rules"),
        ],
        className="light",
    )


def _tab(page: Page, layer: Layer, here: bool) -> Component:
    current = {"aria-current": "page"} if here else {}
    return html.A(
        page.say(layer.title), href=f"/rules?layer={layer.id}", className="on" if here else "", **current
    )


def _layer(page: Page, layer: Layer) -> Component:
    table, today = page.city.rules.table(layer), day_of(page.city.clock())
    families: dict[tuple[str, str], list[Rule]] = {}
    for rule in table.rules:
        families.setdefault((rule.id, rule.city), []).append(rule)
    version = html.Span(page.t("rules.version", version=table.version), className="quiet small")
    heading = html.H2([page.say(layer.title), version], id=layer.id)
    return html.Section([heading, *(_rule(page, layer, family, today) for family in families.values())])


def _rule(page: Page, layer: Layer, versions: Sequence[Rule], today: date) -> Component:
    """Return a rule as in force today, or its last version, with its other versions folded away."""
    in_force = next((rule for rule in versions if rule.in_force(today)), None)
    shown = in_force or max(versions, key=lambda rule: rule.valid_from or date.min)
    others = [rule for rule in versions if rule is not shown]
    return html.Article(
        [
            html.Header([html.H3(title_of(page, layer, shown)), *chips(page, shown, in_force)]),
            *_body(page, layer, shown),
            html.Details(
                [
                    html.Summary(page.t("rules.others", n=len(others))),
                    *(html.Div(list(_body(page, layer, rule)), className="version") for rule in others),
                ]
            )
            if others
            else None,
        ],
        className="rule" + ("" if in_force else " over"),
        id=f"{shown.id}-{shown.city}" if shown.city else shown.id,
    )


def _body(page: Page, layer: Layer, rule: Rule) -> Iterable[Component]:
    yield html.P(page.say(rule.source))
    yield html.P(span_of(page, rule), className="quiet small")
    if rule.tiers:
        yield html.Ul([_tier(page, layer, rule, tier) for tier in _tiers(rule)], className="outcomes")
    if rule.params:
        numbers = html.Ul(
            [html.Li(html.Code(f"{name} = {plain(value)}")) for name, value in rule.params.items()]
        )
        yield html.Details([html.Summary(page.t("rules.params")), numbers, html.P(html.Code(rule.id))])


def _tiers(rule: Rule) -> list[Tier]:
    used = set(rule.tiers.values())
    return [tier for tier in WORST_FIRST_TIERS if tier in used]


def _tier(page: Page, layer: Layer, rule: Rule, tier: Tier) -> Component:
    """Return what gives a tier, in the words of the reasons without their particulars."""
    outcomes = (name for name, of in rule.tiers.items() if of is tier)
    said = dict.fromkeys(outcome_words(page, layer, rule, name) for name in outcomes)
    return html.Li([tier_word(page, tier), html.Span(page.t("rules.or").join(said))])
