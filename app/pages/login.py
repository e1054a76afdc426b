"""`/login`: name and password, and where to go on."""

from __future__ import annotations

from enum import StrEnum

from dash import dcc, html
from dash.development.base_component import Component

from app.context import Page
from app.pages.frame import header


class Ids(StrEnum):
    """Ids of the page."""

    NAME = "login-name"
    PASSWORD = "login-password"  # noqa: S105  (an id, not a secret)
    SUBMIT = "login-submit"
    MESSAGE = "login-message"


def layout(page: Page) -> Component:
    """Return the page."""
    form = html.Div(
        [
            html.H2(page.t("frame.sign_in")),
            html.Label(
                [page.t("login.name"), dcc.Input(id=Ids.NAME, autoComplete="username", autoFocus=True)]
            ),
            html.Label(
                [
                    page.t("login.password"),
                    dcc.Input(id=Ids.PASSWORD, type="password", autoComplete="current-password"),
                ]
            ),
            html.Button(page.t("frame.sign_in"), id=Ids.SUBMIT, className="primary"),
            html.P(id=Ids.MESSAGE, role="alert", className="error"),
            html.P(page.t("login.hint"), className="quiet small") if page.city.setting("demo") else None,
        ],
        className="login",
    )
    return html.Div([header(page, ""), html.Main(form, className="centre")], className="light")
