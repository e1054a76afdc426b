"""`/offices/compare?ids=1,2`: up to four offices side by side, to share and to print, without login."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from app.components.offer_table import offer_table
from app.context import Page
from app.pages.frame import header
from app.pages.offices import layer_of
from layers.core.citytime import day_of
from layers.core.comparing import read_ids
from layers.core.errors import BadQueryError
from layers.core.matching import Need, Wish
from layers.core.query import Query
from layers.core.rent import M2_PER_DESK

PATH = "/offices/compare"


class Ids(StrEnum):
    """Ids of the page."""

    PRINT = "compare-print"


def address_of(params: Mapping[str, str]) -> str:
    """Return the address of the page for offers (`ids`), what a founder needs, and what matters to it."""
    filled = {name: value for name, value in params.items() if value}
    return f"{PATH}?{urlencode(filled, safe=',:')}"


def layout(page: Page, params: Mapping[str, str], query: Query) -> Component:
    """Return the page for what its address says: `ids`, and as the list `people`, `budget` and `weigh`."""
    try:
        body = _table(page, params, query)
    except BadQueryError as error:
        body = [html.P(page.say(error.text), className="error", role="alert")]
    back = html.A(page.t("compare.back"), href=_list_of(params), className="back")
    # The button is always there, for its callback; what is a sentence alone is nothing to print.
    to_print = html.Button(page.t("compare.print"), id=Ids.PRINT, className="secondary", hidden=len(body) < 2)
    main = html.Main([html.Div([back, to_print], className="compare-ways"), *body], className="compare")
    return html.Div([header(page, page.t("compare.title")), main], className="light")


def _table(page: Page, params: Mapping[str, str], query: Query) -> list[Component]:
    ids = read_ids(params.get("ids", ""))
    offers = page.city.offers.named(query, Wish.read(weigh=params.get("weigh", "")), ids)
    gone = [str(i) for i in ids if i not in {offer["id"] for offer in offers}]
    notes = (
        [html.P(page.t("compare.gone", ids=", ".join(gone)), className="error", role="alert")] if gone else []
    )
    if not offers:
        return notes
    need = Need.of(query.where, page.settings.rent_month_days, day_of(page.city.clock()))

    def without(place_id: int) -> str:
        left = ",".join(str(offer["id"]) for offer in offers if offer["id"] != place_id)
        return address_of({**params, "ids": left})

    table = offer_table(page, layer_of(page), offers, need.people, without)
    counted = page.t("compare.convention", days=page.settings.rent_month, m2=f"{M2_PER_DESK:g}")
    said = html.P(counted, className="quiet small")
    return [*notes, table, said]


def _list_of(params: Mapping[str, str]) -> str:
    """Return the address of the list that a comparison came from, with the same offers marked."""
    told = {"compare": params.get("ids", ""), **{n: params.get(n, "") for n in ("people", "budget", "weigh")}}
    filled = {name: value for name, value in told.items() if value}
    return f"/offices?{urlencode(filled, safe=',:')}" if filled else "/offices"
