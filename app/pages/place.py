"""`/places/{id}`: one place as the caller may read it, on a page of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.components.card import card_body
from app.context import Page
from app.pages.frame import header
from layers.core.errors import UnknownPlaceError

_PATH = re.compile(r"/places/([0-9]{1,18})/?\Z")


class Ids(StrEnum):
    """Ids of the page."""

    PLACE = "place-shown"
    CARD = "place-card"


def place_of(path: str) -> int | None:
    """Return the place an address is of, None for another address."""
    found = _PATH.match(path)
    return int(found[1]) if found else None


def address_of(place_id: int) -> str:
    """Return the address of a place's page."""
    return f"/places/{place_id}"


def layout(page: Page, feature: Mapping[str, Any]) -> Component:
    """Return the page of a place as the city gives it."""
    p = feature["properties"]
    shown = {"id": p["id"], "title": page.t("place.title", name=p["name"])}
    back = html.A(page.t("place.back"), href="/", className="back")
    card = html.Article(card_body(page, feature), id=Ids.CARD, className="card")
    layer = page.say(page.city.registry[p["layer"]].title)
    main = html.Main([dcc.Store(id=Ids.PLACE, data=shown), back, card], className="place")
    return html.Div([header(page, layer), main], className="light")


def card(page: Page, place_id: int) -> list[Component]:
    """Return the card drawn anew, or what stands in place of one that is gone."""
    try:
        return card_body(page, page.city.card(place_id, page.viewer))
    except UnknownPlaceError:
        return [html.P(page.t("card.gone"), className="empty")]
