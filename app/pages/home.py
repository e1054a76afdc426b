"""`/`: three doors and what each is for; before them, for who answers for single places, those places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.contest import review_mark
from app.components.marks import status_word, tier_word
from app.components.values import isolated, joined
from app.context import Page
from app.pages.frame import header
from app.pages.place import address_of
from layers.core.reasons import describe
from layers.core.tiers import STATUSES, TIERS

DOORS = ("ops", "field", "offices")
TO_READ = ("rules", "casebook")
MOST_OWN = 50  # of a mall's hundreds, those that most need action


def layout(page: Page) -> Component:
    """Return the page."""
    doors = [
        html.A(
            [
                html.Span(className=f"door-picture to-{door}", **{"aria-hidden": "true"}),
                html.H2(page.t(f"home.{door}.title")),
                html.P(page.t(f"home.{door}.what")),
                html.P(page.t(f"home.{door}.who"), className="quiet"),
            ],
            href=f"/{door}",
            className="door",
        )
        for door in DOORS
    ]
    lead = html.Div(
        [html.H2(page.t("home.lead")), html.P(page.t("home.sub"), className="quiet")], className="lead"
    )
    to_read = [html.A(page.t(f"{name}.title"), href=f"/{name}", className="plain") for name in TO_READ]
    more = html.Nav(to_read, className="to-read", **{"aria-label": page.t("home.to_read")})
    main = html.Main([_own(page), lead, html.Div(doors, className="doors"), more])
    return html.Div([header(page, page.t("home.name")), main], className="light")


def _own(page: Page) -> Component | None:
    """Return the places the viewer answers for, the worst first; None for who answers for none."""
    rows, total = page.city.pages.own(page.viewer, MOST_OWN)
    if not rows:
        return None
    shown = page.t("home.own_listed", shown=len(rows), total=total) if total > len(rows) else None
    return html.Section(
        [
            html.H2(page.t("home.own")),
            html.P(shown, className="quiet small") if shown else None,
            *(_own_place(page, row) for row in rows),
        ],
        className="own",
    )


def _own_place(page: Page, row: Mapping[str, Any]) -> Component:
    reason, layer = row["reason"], page.city.registry[row["layer"]]
    why = describe(reason["code"], reason["params"], page.language) if reason else None
    return html.A(
        [
            html.Strong(isolated(row["name"])),
            html.Span(
                [
                    tier_word(page, TIERS[row["tier"]]),
                    review_mark(page) if row["under_review"] else None,
                    status_word(page, STATUSES[row["status"]]),
                ],
                className="card-state",
            ),
            html.Span(why) if why else None,
            html.Span(joined(page.say(layer.title), isolated(row["address"])), className="quiet small"),
        ],
        href=address_of(row["id"]),
        className="own-place",
    )
