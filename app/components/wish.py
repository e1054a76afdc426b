"""How a list of offers is wished for: its order, and what matters how much; in the address as `sort` and `weigh`."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.context import Page
from layers.core.matching import HEAVIEST, ORDERS, PARTS, USUAL, Wish


class Ids(StrEnum):
    """Ids of the controls; `WEIGHT` is the type of one per part."""

    SORT = "wish-sort"
    WEIGHT = "wish-weight"


def weight_id(part: Any) -> dict[str, Any]:
    """Return the id of the control of a part."""
    return {"type": Ids.WEIGHT, "part": part}


def wish_form(page: Page, wish: Wish) -> Component:
    """Return the order to choose, and a weight per part to move."""
    orders = [{"label": page.say(title), "value": order} for order, title in ORDERS.items()]
    order = dcc.Dropdown(orders, wish.order, id=Ids.SORT, clearable=False, searchable=False)
    weights = [_weight(page, part, wish.weights.get(part, USUAL)) for part in PARTS]
    ends = (html.Span(page.t(f"wish.{end}")) for end in ("none", "most"))
    scale = html.P(list(ends), className="weight-ends quiet small")
    folded = html.Details(
        [html.Summary(page.t("wish.weights")), html.Div([scale, *weights], className="weights")],
        open=bool(wish.weights),
        className="wish-weights",
    )
    return html.Div(
        [
            html.Label([html.Span(page.t("wish.order"), className="quiet"), order], className="wish-order"),
            folded,
        ],
        className="wish",
    )


def _weight(page: Page, part: str, weight: int) -> Component:
    title = page.say(PARTS[part].title)
    bar = dcc.Slider(
        0,
        HEAVIEST,
        1,
        id=weight_id(part),
        value=weight,
        marks={0: ""},
        updatemode="mouseup",
        allow_direct_input=False,
        className="slider",
    )
    return html.Div(
        [html.Span(title), html.Div(bar, role="group", className="weight-bar", **{"aria-label": title})],
        className="weight",
    )
