"""Where a card leads: the building, what stands in it, the other places of the firm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.marks import mix_bar, shape
from app.components.sections import listed, section
from app.components.values import isolated
from app.context import Page
from layers.core.tiers import Tier

Counts = Mapping[str, Mapping[str, int]]  # layer -> tier -> places
RELATIONS = ("building", "inside", "seat", "enterprise")


def links(
    page: Page, rows: Sequence[Mapping[str, Any]], counts: Mapping[str, Counts]
) -> list[Component | None]:
    """Return a section per relation, each with how many places it leads to and the worst first."""
    by_relation = {relation: [row for row in rows if row["relation"] == relation] for relation in RELATIONS}
    return [
        _relation(page, name, found, counts.get(name, {})) for name, found in by_relation.items() if found
    ]


def link_button(page: Page, link: Mapping[str, Any]) -> Component:
    """Return a link that opens the card of a place.

    It has no id of its own, as a card may lead to one place twice, and to hundreds: `follow.js` takes the click.
    """
    title = page.say(page.city.registry[link["layer"]].title)
    mark = shape(link["tier"]) if link["tier"] != Tier.NONE else None
    words = html.Span([f"{title} · ", isolated(link["name"])])
    return html.Button([mark, words], className="link", **{"data-place": link["id"]})


def _relation(page: Page, relation: str, found: Sequence[Mapping[str, Any]], counts: Counts) -> Component:
    total = sum(sum(tiers.values()) for tiers in counts.values())
    beyond = page.t("card.beyond", shown=f"{len(found):,}", total=f"{total:,}")
    return section(
        page.t(f"link.{relation}"),
        _summary(page, counts) if total > 1 else None,
        listed(page, found, lambda link: html.Li(link_button(page, link))),
        html.P(beyond, className="quiet small") if total > len(found) else None,
    )


def _summary(page: Page, counts: Counts) -> Component:
    """Return how many places of each layer there are, and their tiers as a bar where they are known."""
    told: list[str] = []
    mix: Counter[str] = Counter()
    for layer_id, tiers in counts.items():
        layer = page.city.registry[layer_id]
        told.append(f"{page.say(layer.title)} {sum(tiers.values()):,} {page.say(layer.noun)}")
        mix.update(tiers)
    judged = sum(mix.values()) > mix[Tier.NONE]
    words = html.P(" · ".join(told), className="quiet small")
    return html.Div([words, mix_bar(page, mix) if judged else None], className="links-summary")
