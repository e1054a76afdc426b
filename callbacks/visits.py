"""Recording a visit: the form is read, the visit saved, and the place drawn anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update

from app.components.visit_form import Ids
from app.context import Page, Services, page_of
from app.i18n import both, t
from app.pages.field import Ids as Field
from data.store.inspections import Visit, VisitedTodayError
from layers.core.errors import YipingError
from layers.core.facts import InspectionResult
from layers.core.text import LANGUAGES, Text
from layers.core.tiers import Tier

ENTRIES = (
    Ids.RESULT,
    Ids.CRITICAL,
    Ids.SERIOUS,
    Ids.MINOR,
    Ids.DUE,
    Ids.SECOND,
    Ids.CODE,
    Ids.NOTE,
)


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the form."""

    @app.callback(
        Output(Ids.MESSAGE, "children"),
        Output(Ids.VISIT, "data"),
        Output(Ids.SAVE, "children"),
        Output(Field.SELECTED, "data", allow_duplicate=True),
        Input(Ids.SAVE, "n_clicks"),
        State(Ids.VISIT, "data"),
        *(State(entry, "value") for entry in ENTRIES),
        prevent_initial_call=True,
    )
    def save(clicks: int | None, form: dict[str, Any], *values: Any) -> tuple[Any, Any, Any, Any]:
        if not clicks:
            return no_update, no_update, no_update, no_update
        return saved(page_of(services), form, values)


def saved(page: Page, form: Mapping[str, Any], values: Sequence[Any]) -> tuple[Any, Any, Any, Any]:
    """Save the visit of a form; returns the message, the form's own data, the button's words and the place shown.

    The place is the form's, so that a visit is never recorded anywhere but where it was entered.
    """
    try:
        visit = visit_from(form, page.city.clock(), dict(zip(ENTRIES, values, strict=True)))
        card = page.city.record_visit(visit, page.viewer)
    except VisitedTodayError as error:
        return page.say(error.text), {**form, "again": True}, page.t("field.save_again"), no_update
    except YipingError as error:
        return page.say(error.text), no_update, no_update, no_update
    words = page.t("field.saved", tier=page.say(Tier(card["properties"]["tier"]).label))
    return "", no_update, no_update, {"place_id": form["place_id"], "saved": words}


def visit_from(form: Mapping[str, Any], at: datetime, entered: Mapping[str, Any]) -> Visit:
    """Return the visit a form describes; raises `YipingError` for an entry that cannot be read."""
    if not entered[Ids.RESULT]:
        raise YipingError(both("field.no_result"))
    result = InspectionResult(entered[Ids.RESULT])
    return Visit(
        place_id=form["place_id"],
        at=at,
        result=result,
        critical=_count("field.critical", entered[Ids.CRITICAL]),
        serious=_count("field.serious", entered[Ids.SERIOUS]),
        minor=_count("field.minor", entered[Ids.MINOR]),
        follow_up_due=_day(entered[Ids.DUE]) if result is InspectionResult.CONDITIONAL else None,
        second_inspector=(entered[Ids.SECOND] or "").strip(),
        check_code=(entered[Ids.CODE] or "").strip(),
        note=entered[Ids.NOTE] or "",
        key=form["key"],
        again=bool(form.get("again")),
    )


def _count(label: str, given: Any) -> int:
    """Return a number of faults; nothing entered is none."""
    try:
        return int(str(given or "0").strip())
    except ValueError as error:
        said = (
            t("field.bad_count", language, given=given, name=t(label, language)) for language in LANGUAGES
        )
        raise YipingError(Text(*said)) from error


def _day(given: Any) -> date | None:
    """Return the day of a follow-up, None where none is entered."""
    try:
        return date.fromisoformat(str(given)) if given else None
    except ValueError as error:
        raise YipingError(both("field.bad_date", given=given)) from error
