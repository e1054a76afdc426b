"""`/`: three doors and what each is for."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.context import Page
from app.pages.frame import header

DOORS = ("ops", "field", "offices")


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
    return html.Div(
        [header(page, page.t("home.name")), html.Main([lead, html.Div(doors, className="doors")])],
        className="light",
    )
