"""The form of a new draw: from which places, how large the pools are, and what else it takes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from app.api.draws import NO_CLASS
from app.components.dates import date_field
from app.components.values import isolated
from app.context import Page
from data.draws import MOST_TITLE, Preview
from data.store.draws import CREDIT
from layers.core.choices import CREDIT_RISKS
from layers.core.draw import MOST_SEED, USUAL_TICKETS
from layers.core.spec import Layer
from layers.core.tiers import WORST_FIRST_TIERS

USUAL_DAYS = 30
State = Mapping[str, str]


class Ids(StrEnum):
    """Ids of the form."""

    REQUEST = "draw-request"
    TITLE = "draw-title"
    COUNT = "draw-count"
    BY = "draw-by"
    SEED = "draw-seed"
    MAKE = "draw-make"
    MESSAGE = "draw-message"
    GO = "draw-go"


def ticket_id(name: str) -> dict[str, str]:
    """Return the id of the entry for the weight of a class of credit risk."""
    return {"type": "draw-tickets", "class": name or NO_CLASS}


def filters(page: Page, state: State, layer: Layer) -> Component:
    """Return what narrows the pool, each value as a link that switches it."""
    layers = {one.id: page.say(one.title) for one in page.city.layers_for(page.viewer)}
    others = {
        "category": {choice.value: page.say(choice.title) for choice in layer.categories},
        "tier": {tier.value: page.say(tier.label) for tier in WORST_FIRST_TIERS},
        "credit": credit_words(page) if layer.field_named(CREDIT) else {},
        "street": page.city.area_names(),
    }
    chips = [
        html.A(isolated(words), href=address({"new": "1", "layer": one}), className=_class(one == layer.id))
        for one, words in layers.items()
    ]
    groups = [_group(page, state, name, words) for name, words in others.items() if words]
    return html.Nav(
        [html.Div(chips, className="due-chips"), *groups],
        className="draws-filters",
        **{"aria-label": page.t("due.filters")},
    )


def _group(page: Page, state: State, name: str, words: Mapping[str, str]) -> Component:
    """Return the values of one filter, folded away until some are chosen."""
    chosen = {part for part in state.get(name, "").split(",") if part}
    chips = [
        html.A(
            isolated(said),
            href=address({**state, name: ",".join(sorted(chosen ^ {value}))}),
            className=_class(value in chosen),
        )
        for value, said in words.items()
    ]
    label = page.t(f"draws.filter.{name}") + (f" · {page.t('due.chosen', n=len(chosen))}" if chosen else "")
    return html.Details(
        [html.Summary(label), html.Div(chips, className="due-chips")], open=bool(chosen) and len(words) < 30
    )


def _class(on: bool) -> str:
    return "chip on" if on else "chip"


def address(state: State) -> str:
    """Return the address of a state of the page."""
    return f"/draws?{urlencode({name: value for name, value in state.items() if value})}"


def credit_words(page: Page) -> dict[str, str]:
    """Return class of credit risk -> its words, that of none last."""
    return {choice.value: page.say(choice.title) for choice in CREDIT_RISKS} | {
        NO_CLASS: page.t("draws.no_class")
    }


def preview(page: Page, sizes: Preview) -> Component:
    """Return how large the pools are."""
    told = [
        page.t("draws.pool_targets", n=f"{sizes.targets:,}"),
        page.t("draws.pool_officers", n=f"{sizes.officers:,}"),
        page.t("draws.pool_recusals", n=f"{sizes.recusals:,}"),
    ]
    short = page.t("draws.pool_short", n=f"{sizes.short:,}")
    return html.Div(
        [
            *(html.Strong(words) for words in told),
            html.Span(short, className="late") if sizes.short else None,
        ],
        className="draws-pools",
    )


def form(page: Page, sizes: Preview) -> Component:
    """Return the entries of a draw; what they are sent with makes sending them twice harmless."""
    today = page.city.draws.today()
    usual = (today + timedelta(days=USUAL_DAYS)).isoformat()
    by = date_field(Ids.BY, usual, least=today.isoformat())
    count = dcc.Input(
        id=Ids.COUNT, type="text", inputMode="numeric", maxLength=5, value="", autoComplete="off"
    )
    return html.Section(
        [
            dcc.Store(id=Ids.REQUEST, data=str(uuid.uuid4())),
            dcc.Location(id=Ids.GO, refresh=True),
            html.Div(
                [
                    html.Label([page.t("draws.title_of"), _text(Ids.TITLE, MOST_TITLE)]),
                    html.Label([page.t("draws.count"), count]),
                    html.Label([page.t("due.by"), by]),
                ],
                className="pair",
            ),
            html.Label([page.t("draws.seed"), _text(Ids.SEED, MOST_SEED)]),
            html.P(page.t("draws.seed_what"), className="quiet small"),
            _tickets(page, sizes),
            html.P(id=Ids.MESSAGE, className="error", role="alert"),
            html.Button(page.t("draws.make"), id=Ids.MAKE, className="primary"),
        ],
        className="draws-form",
    )


def _text(name: Ids, most: int) -> Component:
    return dcc.Input(id=name, type="text", maxLength=most, value="", autoComplete="off")


def _tickets(page: Page, sizes: Preview) -> Component:
    """Return the weights by class, with how many places of the pool are of it."""
    words = credit_words(page)
    entries = [
        html.Label(
            [
                page.t("draws.tickets_of", name=words[name or NO_CLASS], n=f"{sizes.credits.get(name, 0):,}"),
                dcc.Input(
                    id=ticket_id(name),
                    type="text",
                    inputMode="numeric",
                    maxLength=3,
                    value=str(usual),
                    size="3",
                ),
            ]
        )
        for name, usual in USUAL_TICKETS.items()
    ]
    return html.Details(
        [
            html.Summary(page.t("draws.tickets")),
            html.P(page.t("draws.tickets_what"), className="quiet small"),
            html.Div(entries, className="draws-tickets"),
        ]
    )
