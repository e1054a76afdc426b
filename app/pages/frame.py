"""The frame around every page: the address bar decides which page is drawn inside."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from dash import dcc, html
from dash.development.base_component import Component

from app.context import Page
from app.security import GUARDED

# And the pages below some of these, see `app.pages.place`, `case`, `casebook` and `deliveries`.
PATHS = (
    "/",
    "/login",
    "/ops",
    "/field",
    "/due",
    "/draws",
    "/cases",
    "/deliveries",
    "/offices",
    "/offices/compare",
    "/rules",
    "/casebook",
    "/credit",
    "/admin",
)
ASSETS = Path(__file__).resolve().parent.parent / "assets"


class Ids(StrEnum):
    """Ids of the frame."""

    LOCATION = "location"
    PAGE = "page"
    LIVE = "live"
    SIGN_OUT = "sign-out"
    LANGUAGE = "language"
    SINK = "sink"
    PAST = "past"
    SHEET = "sheet"
    ACTED = "acted"


def layout() -> Component:
    """Return the frame; it is the same for everybody, so it tells nothing."""
    return html.Div(
        [
            dcc.Location(id=Ids.LOCATION, refresh="callback-nav"),
            dcc.Store(id=Ids.LIVE),
            dcc.Store(id=Ids.SINK),
            dcc.Store(id=Ids.PAST),
            dcc.Store(id=Ids.ACTED),
            # Outside the page, so that news which draws a card anew leaves half a sentence alone; before it, so
            # that Escape closes what lies on top.
            html.Div(id=Ids.SHEET, className="sheet", role="dialog", hidden=True),
            html.Div(id=Ids.PAGE, className="page"),
        ]
    )


def account_bar(page: Page) -> Component:
    """Return language switch and sign-in or sign-out."""
    other = "EN" if page.language == "zh" else "中文"
    parts: list[Component] = [
        html.Button(other, id=Ids.LANGUAGE, className="plain", lang="en" if other == "EN" else "zh")
    ]
    if page.viewer.user_id is None:
        parts.append(html.A(page.t("frame.sign_in"), href="/login", className="plain"))
    else:
        parts.append(
            html.Span(f"{page.viewer.name} · {page.say(page.viewer.role.label)}", className="quiet who")
        )
        parts.append(html.Button(page.t("frame.sign_out"), id=Ids.SIGN_OUT, className="plain"))
    return html.Nav(parts, className="account")


def demo_mark(page: Page) -> Component | None:
    """Return the mark that everything shown is invented, where it is."""
    return html.Span(page.t("frame.demo"), className="demo-mark") if page.city.setting("demo") else None


def link_to(page: Page, path: str) -> Component | None:
    """Return the way to a page of people on duty, None for who may not open it."""
    if not page.viewer.may(GUARDED[path]):
        return None
    return html.A(page.t(f"frame.to{path.replace('/', '_')}"), href=path, className="plain")


def header(page: Page, title: str, *links: Component | None, invented: bool = True) -> Component:
    """Return the head of a light page, perhaps with links; `invented`: a demo city has made its content up."""
    return html.Header(
        [
            html.A(page.t("app.name"), href="/", className="brand"),
            html.H1(title),
            demo_mark(page) if invented else None,
            html.Nav([link for link in links if link], className="ways") if any(links) else None,
            account_bar(page),
        ],
        className="head",
    )


def not_found(page: Page) -> Component:
    """Return the page for an address that leads nowhere."""
    body = html.Main(
        [html.H2(page.t("frame.not_found")), html.A(page.t("frame.to_start"), href="/")], className="centre"
    )
    return html.Div([header(page, ""), body], className="light")
