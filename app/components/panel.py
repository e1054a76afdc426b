"""The panel that opens beside a map: one card, or the list of the places on one spot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.card import card_body
from app.components.marks import shape, status_word
from app.components.values import moment
from app.context import Page
from layers.core.errors import UnknownPlaceError


def card_panel(
    page: Page, selected: Mapping[str, Any] | None, close_id: str, as_of: datetime | None = None
) -> list[Component]:
    """Return what is selected: nothing, a card, which may be of another moment, or a list."""
    if not selected:
        return []
    close = html.Button("×", id=close_id, className="close", **{"aria-label": page.t("card.close")})
    if selected.get("place_id"):
        try:
            body = card_body(page, page.city.card(int(selected["place_id"]), page.viewer, as_of))
        except UnknownPlaceError:
            gone = page.t("card.not_there", at=moment(as_of, page)) if as_of else page.t("card.gone")
            return [close, html.P(gone, className="empty")]
        later = as_of is not None and as_of > page.city.clock()
        return [close, *_elsewhen(page, "card.of_later" if later else "card.of_then", as_of), *body]
    features = page.city.cards(selected.get("place_ids") or [], page.viewer)
    n = selected.get("n") or len(features)
    rows = [_line(page, feature["properties"]) for feature in features]
    some = html.P(page.t("map.first_listed", shown=len(features)), className="quiet small")
    heading = html.H2(page.t("card.here", n=n))
    return [
        close,
        *_elsewhen(page, "card.of_list", as_of),
        heading,
        *([some] if n > len(features) else []),
        html.Div(rows),
    ]


def _elsewhen(page: Page, key: str, as_of: datetime | None) -> list[Component]:
    """Return the note that what follows is not of now, or of what moment it is."""
    if as_of is None:
        return []
    return [html.P(page.t(key, at=moment(as_of, page)), className="elsewhen-note", role="status")]


def _line(page: Page, p: Mapping[str, Any]) -> Component:
    words = html.Span(
        [html.Bdi(p["name"], className="name"), html.Bdi(p["address"], className="quiet small")]
    )
    told = [shape(p["tier"]), words, status_word(page, p["status"])]
    return html.Button(told, className="task", **{"data-place": p["id"]})
