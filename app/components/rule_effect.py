"""What a change of a rule would do, and the changes that were made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.marks import tier_word
from app.components.rule_form import Ids, path_words
from app.components.rule_words import title_of
from app.components.values import day, isolated, joined, moment
from app.context import Page
from app.pages.place import address_of
from data.what_if import Effect
from layers.core.tiers import Tier

Change = Mapping[str, Any]


def effect_panel(page: Page, effect: Effect) -> list[Component]:
    """Return how many places would change their tier, from which to which, some by name, and the way to save it."""
    moves = sorted(effect.moves.items(), key=lambda item: (-item[0][1].code, -item[1]))
    named = [_named(page, place) for place in effect.named]
    return [
        html.P(_sentence(page, effect), className="effect-sum", role="status"),
        html.P(_judged(page, effect), className="quiet small"),
        html.Ul([_move(page, *tiers, n) for tiers, n in moves], className="moves") if moves else None,
        html.Ul(named, className="named") if named else None,
        html.Button(page.t("admin.save"), id=Ids.SAVE, className="primary"),
    ]


def _sentence(page: Page, effect: Effect) -> str:
    if effect.judged == effect.places:
        key = "admin.effect" if effect.changed else "admin.no_effect"
        return page.t(key, n=f"{effect.changed:,}", places=f"{effect.places:,}")
    about, wrong = effect.estimate
    return page.t("admin.estimate", n=f"{about:,}", wrong=f"{wrong:,}", places=f"{effect.places:,}")


def _judged(page: Page, effect: Effect) -> str:
    return page.t("admin.judged", n=f"{effect.judged:,}", at=moment(effect.at, page))


def _move(page: Page, old: Tier, new: Tier, n: int) -> Component:
    return html.Li(
        [
            tier_word(page, old),
            html.Span("→", **{"aria-label": page.t("admin.becomes")}),
            tier_word(page, new),
            html.Strong(f"{n:,}"),
        ]
    )


def _named(page: Page, place: Mapping[str, Any]) -> Component:
    link = html.A(isolated(place["name"]), href=address_of(place["id"]), target="_blank")
    return html.Li([link, tier_word(page, place["old"]), html.Span("→"), tier_word(page, place["new"])])


def change_line(page: Page, change: Change, today: date) -> Component:
    """Return a change: of which rule, from when, what, by whom and why; one that is ahead can be withdrawn."""
    layer = page.city.registry[change["layer"]]
    ahead = not change["withdrawn_at"] and change["valid_from"] > today
    state = "withdrawn" if change["withdrawn_at"] else "ahead" if ahead else "made"
    withdraw = html.Button(
        page.t("admin.withdraw"), id={"type": "rule-withdraw", "id": change["id"]}, className="secondary"
    )
    head = [
        html.Strong(f"{page.say(layer.title)} · {title_of(page, layer, change['rule'])}"),
        html.Span(page.t(f"admin.{state}", day=day(change["valid_from"], page)), className="chip"),
    ]
    by = joined(
        page.t("admin.number", n=change["id"]),
        isolated(change["created_by"]),
        moment(change["created_at"], page),
        page.t("admin.withdrawn_by", name=change["withdrawn_by"]) if change["withdrawn_by"] else None,
    )
    differs = [_difference(page, *one) for one in change["differs"]]
    return html.Article(
        [
            html.Header(head),
            html.Ul(differs, className="differs"),
            html.Blockquote(isolated(change["why"])),
            html.P(by, className="quiet small"),
            withdraw if ahead else None,
        ],
        className="change" + (" over" if change["withdrawn_at"] else ""),
    )


def _difference(page: Page, path: tuple[str, ...], old: str, new: str) -> Component:
    shown = [html.Del(old or "—"), " → ", html.Ins(new or "—")]
    return html.Li([html.Span(path_words(page, path)), html.Span(shown)])
