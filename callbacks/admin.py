"""The rules: a change is tried out, made as it was tried, and withdrawn while it is ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from app.components.rule_effect import effect_panel
from app.components.rule_form import Ids, path_words
from app.context import Page, Services
from app.i18n import both
from app.pages.admin import Ids as Admin
from app.pages.admin import content
from callbacks.frame import page_for
from data.rulebook import Proposal
from layers.core.entries import SEPARATOR, EntryError
from layers.core.errors import YipingError
from layers.core.tiers import Tier

PARAM = {"type": "rule-param", "path": ALL}
TIER = {"type": "rule-tier", "outcome": ALL}
FORM = (
    State(Ids.RULE, "data"),
    State(PARAM, "id"),
    State(PARAM, "value"),
    State(TIER, "id"),
    State(TIER, "value"),
    State(Ids.SINCE, "value"),
    State(Ids.SOURCE, "value"),
    State(Ids.VERIFIED, "value"),
    State(Ids.WHY, "value"),
)


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the page."""

    @app.callback(
        Output(Ids.EFFECT, "children"),
        Output(Ids.MESSAGE, "children"),
        Output(Ids.TRIED, "data"),
        Input(Ids.TRY, "n_clicks"),
        *FORM,
        running=[(Output(Ids.TRY, "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def try_out(clicks: int | None, *form: Any) -> tuple[Any, Any, Any]:
        return tried(page_for(services, "/admin"), form) if clicks else (no_update, no_update, no_update)

    @app.callback(
        Output(Admin.BODY, "children"),
        Output(Admin.NOTE, "children"),
        Output(Ids.MESSAGE, "children", allow_duplicate=True),
        Input(Ids.SAVE, "n_clicks"),
        State(Ids.TRIED, "data"),
        *FORM,
        prevent_initial_call=True,
    )
    def save(clicks: int | None, known: Any, *form: Any) -> tuple[Any, Any, Any]:
        return (
            saved(page_for(services, "/admin"), known, form) if clicks else (no_update, no_update, no_update)
        )

    @app.callback(
        Output(Admin.BODY, "children", allow_duplicate=True),
        Output(Admin.NOTE, "children", allow_duplicate=True),
        Input({"type": "rule-withdraw", "id": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def withdraw(_clicks: Sequence[int | None]) -> tuple[Any, Any]:
        clicked = ctx.triggered_id and ctx.triggered[0]["value"]
        if not clicked:
            return no_update, no_update
        return withdrawn(page_for(services, "/admin"), int(ctx.triggered_id["id"]))


def tried(page: Page, form: Sequence[Any]) -> tuple[Any, Any, Any]:
    """Return what a change would do, the message beside the button, and the form as it was tried."""
    try:
        effect = page.city.rules.try_out(proposal(form), page.viewer)
    except YipingError as error:
        return [], _told(page, error), None
    return effect_panel(page, effect), "", list(form)


def saved(page: Page, known: Any, form: Sequence[Any]) -> tuple[Any, Any, Any]:
    """Make the change that was tried; returns what the page shows then, what happened, and the message."""
    try:
        if known is None or known[:-1] != list(form)[:-1]:  # all but the reason
            raise YipingError(both("admin.try_again"))
        number = page.city.rules.save(proposal(form), page.viewer)
    except YipingError as error:
        return no_update, no_update, _told(page, error)
    about = form[0]
    state = {"layer": about["layer"], "rule": about["rule_id"], "city": about["city"]}
    return content(page, state), page.t("admin.saved", n=number), no_update


def _told(page: Page, error: YipingError) -> str:
    """Return what is wrong; of an entry, with the words that stand beside it."""
    words = page.say(error.text)
    if isinstance(error, EntryError):
        return page.t("rules.of", title=path_words(page, error.path), kinds=words)
    return words


def withdrawn(page: Page, number: int) -> tuple[Any, Any]:
    """Withdraw a change; returns what the page shows then, and what happened in words."""
    try:
        page.city.rules.withdraw(number, page.viewer)
    except YipingError as error:
        return no_update, page.say(error.text)
    return content(page, {}), page.t("admin.is_withdrawn", n=number)


def proposal(form: Sequence[Any]) -> Proposal:
    """Return the change a form describes; raises `YipingError` for an entry that cannot be read."""
    about, param_ids, params, tier_ids, tiers, since, source, verified, why = form
    said = {tuple(key["path"].split(SEPARATOR)): _said(value) for key, value in _pairs(param_ids, params)}
    return Proposal(
        **about,
        since=_day(since),
        said=said,
        tiers={key["outcome"]: Tier(value) for key, value in _pairs(tier_ids, tiers)},
        source=source or "",
        verified=bool(verified),
        why=why or "",
    )


def _pairs(
    ids: Sequence[Mapping[str, str]], values: Sequence[Any]
) -> Sequence[tuple[Mapping[str, str], Any]]:
    return list(zip(ids, values, strict=True))


def _said(value: Any) -> str:
    """Return an entry as text: what is ticked of several, with commas."""
    return ", ".join(value) if isinstance(value, list) else str(value or "")


def _day(given: Any) -> date:
    try:
        return date.fromisoformat(str(given))
    except ValueError as error:
        raise YipingError(both("admin.no_day", given=given or "")) from error
