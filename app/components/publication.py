"""Publication of a visit's result: since when it is public, by when it has to be, and the button to do it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.components.values import day
from app.context import Page
from layers.core.access import Action
from layers.core.citytime import day_of
from layers.core.publication import days_over


def publication(page: Page, published_on: date | None, publish_by: date | None) -> Component | str | None:
    """Return since when a result is public, else by when it has to be or how late it is; None where nobody says."""
    if published_on:
        return page.t("publication.done", day=day(published_on, page))
    if not publish_by:
        return None
    over = days_over(publish_by, day_of(page.city.clock()))
    if not over:
        return page.t("publication.by", day=day(publish_by, page))
    return html.Strong(page.t("publication.late", n=f"{over:,}"), className="late")


def publish_button(page: Page, row: Mapping[str, Any]) -> Component | None:
    """Return the button that makes a result public, for who may and while it is not; it asks first."""
    if row.get("published_on") or not row.get("publish_by") or not page.viewer.may(Action.PUBLISH):
        return None
    button = html.Button(page.t("publication.publish"), className="contest-button")
    key = {"type": "publish", "visit": row["id"]}
    return dcc.ConfirmDialogProvider(button, id=key, message=page.t("publication.sure"))
