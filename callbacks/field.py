"""The inspector's tablet: the list, the open place, the visit that is recorded."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from dash import Dash, Input, Output, State, no_update

from app.components.card import CITY_TIME
from app.context import Page, Services, page_of
from app.i18n import both
from app.pages.field import Ids, place_panel, worklist
from app.pages.frame import Ids as Frame
from callbacks.map import register_map, register_opening
from data.store.inspections import Visit
from layers.core.errors import YipingError
from layers.core.facts import InspectionResult
from layers.core.tiers import Tier

LISTED = 60


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the page."""
    register_map(app, Ids.MAP, Ids.QUERY)
    register_opening(app, Ids.SELECTED, Ids.LIST)

    @app.callback(Output(Ids.LIST, "children"), Input(Ids.QUERY, "data"), Input(Frame.LIVE, "data"))
    def fill(state: dict[str, Any], _live: Any) -> Any:
        page = page_of(services)
        return worklist(page, page.city.urgent(page.viewer, LISTED, state["layers"]))

    @app.callback(
        Output(Ids.CARD, "children"),
        Output(Ids.CARD, "hidden"),
        Output(Ids.LIST, "hidden"),
        Input(Ids.SELECTED, "data"),
    )
    def open_place(selected: dict[str, Any] | None) -> tuple[Any, bool, bool]:
        page, place_id = page_of(services), (selected or {}).get("place_id")
        if not place_id:
            return [], True, False
        today = page.city.clock().astimezone(CITY_TIME).date()
        feature = page.city.card(int(place_id), page.viewer)
        saved = (selected or {}).get("saved", "")
        return place_panel(page, feature, str(uuid.uuid4()), today, saved), False, True

    @app.callback(
        Output(Ids.SELECTED, "data", allow_duplicate=True),
        Input(Ids.BACK, "n_clicks"),
        prevent_initial_call=True,
    )
    def back(clicks: int | None) -> Any:
        return None if clicks else no_update

    @app.callback(
        Output(Ids.MESSAGE, "children"),
        Output(Ids.SELECTED, "data", allow_duplicate=True),
        Input(Ids.SAVE, "n_clicks"),
        State(Ids.SELECTED, "data"),
        *(State(i, "value") for i in (Ids.RESULT, Ids.CRITICAL, Ids.SERIOUS, Ids.MINOR, Ids.DUE, Ids.NOTE)),
        State(Ids.KEY, "data"),
        prevent_initial_call=True,
    )
    def save(clicks: int | None, selected: dict[str, Any], *values: Any) -> tuple[Any, Any]:
        if not clicks:
            return no_update, no_update
        page = page_of(services)
        try:
            saved = record(page, selected["place_id"], values)
        except YipingError as error:
            return page.say(error.text), no_update
        return "", {**selected, "saved": saved}


def record(page: Page, place_id: int, values: Sequence[Any]) -> str:
    """Record the visit of a form and return the sentence that says what came of it."""
    card = page.city.record_visit(visit_from(place_id, page.city.clock(), *values), page.viewer)
    return page.t("field.saved", tier=page.say(Tier(card["properties"]["tier"]).label))


def visit_from(  # noqa: PLR0913, PLR0917  (a form has as many values as it has)
    place_id: int,
    at: Any,
    result: str,
    critical: Any,
    serious: Any,
    minor: Any,
    due: Any,
    note: Any,
    key: str,
) -> Visit:
    """Return the visit a form describes; raises `YipingError` for a date that is none."""
    outcome = InspectionResult(result)
    try:
        follow_up = date.fromisoformat(str(due)) if outcome is InspectionResult.CONDITIONAL else None
    except ValueError as error:
        raise YipingError(both("field.bad_date", given=due)) from error
    faults = {"critical": int(critical or 0), "serious": int(serious or 0), "minor": int(minor or 0)}
    return Visit(
        place_id=place_id, at=at, result=outcome, follow_up_due=follow_up, note=note or "", key=key, **faults
    )
