"""The search for offices: filters, list, card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from app.components.offer_rows import mark_id
from app.components.said import vocabulary
from app.components.wish import Ids as Wishes
from app.components.wish import weight_id
from app.context import Page, Services, page_of
from app.pages.compare import address_of
from app.pages.frame import Ids as Frame
from app.pages.offices import (
    VIEW_NAME,
    Ids,
    card,
    chips,
    clear_id,
    compare_bar,
    facets_of,
    is_narrowed,
    layer_of,
    refused,
    results,
)
from callbacks.address import query_from
from callbacks.filter_controls import ENDS, chosen_values, cleared, spoken
from callbacks.map import register_map
from layers.core.errors import BadQueryError
from layers.core.matching import Wish
from layers.core.wording import understand, without

STEP = 20


@dataclass(frozen=True, slots=True)
class Look:
    """How a list is looked at: how many rows, in which order, and which of them are marked."""

    limit: int
    wish: Wish
    marked: frozenset[str]


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the page."""
    register_map(app, Ids.MAP, Ids.QUERY)
    _register_search(app, services)
    _register_list(app, services)
    _register_card(app, services)
    _register_wish(app)
    _register_marks(app, services)


def _controls(services: Services, end: str) -> dict[str, Any]:
    """Return the pattern of one kind of filter control: "set", "low" and "high" of a range, "one" of a bound."""
    layer = services.city.registry.on(VIEW_NAME)[0]
    return {"type": f"{layer.id}-filter", "field": ALL, "end": end}


def _register_search(app: Dash, services: Services) -> None:
    controls = [_controls(services, end) for end in ENDS]
    values = [(control, "value") for control in controls]

    @app.callback(
        Output(Ids.SAID, "data"),
        *(Output(*value, allow_duplicate=True) for value in values),
        Input(Ids.WORDS, "value"),
        State(Ids.SAID, "data"),
        *(State(*value) for value in values),
        prevent_initial_call=True,
    )
    def read(words: str | None, before: dict[str, Any], *_now: Any) -> tuple[Any, ...]:
        page = page_of(services)
        said = understand(words or "", vocabulary(page, layer_of(page)))
        told: dict[str, Any] = {"values": dict(said.values), "rest": said.rest}
        return told, *spoken(ctx.states_list[1:], before["values"], told["values"])

    @app.callback(
        Output(Ids.QUERY, "data"),
        Input(Ids.SAID, "data"),
        *(Input(*value) for value in values),
        State(Ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def change(said: dict[str, Any], *others: Any) -> Any:
        state: dict[str, Any] = others[-1]
        chosen = {"q": said["rest"], **chosen_values(ctx.inputs_list[1:])}
        changed = {**state, **chosen}
        return changed if changed != state else no_update

    @app.callback(
        Output(Ids.WORDS, "value"),
        *(Output(*value) for value in values),
        Input(clear_id(ALL, ALL), "n_clicks"),
        State(Ids.WORDS, "value"),
        prevent_initial_call=True,
    )
    def clear(_clicks: list[int | None], words: str | None) -> tuple[Any, ...]:
        page, field = page_of(services), ctx.triggered_id["field"] if clicked() else None
        left = no_update if field is None else without(words or "", field, vocabulary(page, layer_of(page)))
        return left, *cleared(ctx.outputs_list[1:], field)

    @app.callback(Output(Ids.CHIPS, "children"), Input(Ids.QUERY, "data"))
    def say(state: dict[str, Any]) -> Any:
        return chips(page_of(services), state)


def _register_list(app: Dash, services: Services) -> None:

    @app.callback(
        Output(_controls(services, "set"), "options"),
        Output(clear_id("facets"), "hidden"),
        Output(Ids.RESULTS, "children"),
        Input(Ids.QUERY, "data"),
        Input(Ids.LIMIT, "data"),
        Input(Ids.WISH, "data"),
        State(Ids.MARKED, "data"),
    )
    def refresh(
        state: dict[str, Any], limit: int, told: dict[str, str], marked: dict[str, str]
    ) -> tuple[Any, ...]:
        sets = [item["id"]["field"] for item in ctx.outputs_list[0]]
        look = Look(limit, Wish.read(**told), frozenset(marked["compare"].split(",")))
        return found(page_of(services), state, look, sets)

    @app.callback(
        Output(Ids.LIMIT, "data"),
        Input(Ids.MORE, "n_clicks"),
        State(Ids.LIMIT, "data"),
        prevent_initial_call=True,
    )
    def more(clicks: int | None, limit: int) -> Any:
        return limit + STEP if clicks else no_update


def _register_wish(app: Dash) -> None:

    @app.callback(
        Output(Ids.WISH, "data"),
        Input(Wishes.SORT, "value"),
        Input(weight_id(ALL), "value"),
        prevent_initial_call=True,
    )
    def wish(order: str, _weights: list[Any]) -> dict[str, str]:
        moved = [(item["id"]["part"], item["value"]) for item in ctx.inputs_list[1]]
        return Wish.read(order, ",".join(f"{part}:{int(weight)}" for part, weight in moved)).told

    _keep(app, Ids.WISH)


def _keep(app: Dash, store: Ids) -> None:
    """Let the address say what a store has."""
    sink = Output(Frame.SINK, "data", allow_duplicate=True)
    keep = ClientsideFunction("page", "keepParameters")
    app.clientside_callback(keep, sink, Input(store, "data"), prevent_initial_call=True)


def _register_marks(app: Dash, services: Services) -> None:

    @app.callback(
        Output(Ids.MARKED, "data"),
        Input(mark_id(ALL), "value"),
        State(Ids.MARKED, "data"),
        prevent_initial_call=True,
    )
    def mark(_values: list[Any], marked: dict[str, str]) -> Any:
        shown = {str(item["id"]["place"]): bool(item.get("value")) for item in ctx.inputs_list[0]}
        told = {"compare": ",".join(marks_of(marked["compare"], shown))}
        return told if told != marked else no_update

    @app.callback(
        Output(Ids.BAR, "children"),
        Input(Ids.MARKED, "data"),
        Input(Ids.QUERY, "data"),
        Input(Ids.WISH, "data"),
    )
    def bar(marked: dict[str, str], state: dict[str, Any], told: dict[str, str]) -> Any:
        need = {name: state["extra"].get(name, "") for name in ("people", "budget")}
        address = address_of({"ids": marked["compare"], **need, "weigh": told["weigh"]})
        return compare_bar(page_of(services), marked["compare"], address)

    @app.callback(
        Output(Ids.MARKED, "data", allow_duplicate=True),
        Output(mark_id(ALL), "value"),
        Input(Ids.UNMARK, "n_clicks"),
        prevent_initial_call=True,
    )
    def unmark(clicks: int | None) -> tuple[Any, ...]:
        boxes = ctx.outputs_list[1]
        return ({"compare": ""}, [[]] * len(boxes)) if clicks else (no_update, [no_update] * len(boxes))

    _keep(app, Ids.MARKED)


def marks_of(marked: str, shown: dict[str, bool]) -> list[str]:
    """Return the marked offers, those that a list no longer shows among them; newly marked ones come last.

    >>> marks_of("7,3", {"3": False, "5": True})
    ['7', '5']
    """
    before = [part for part in marked.split(",") if part]
    return [part for part in before if shown.get(part, True)] + [
        part for part in shown if shown[part] and part not in before
    ]


def _register_card(app: Dash, services: Services) -> None:

    @app.callback(
        Output(Ids.CARD, "children"),
        Output(Ids.CARD, "hidden"),
        Output(Ids.LIST, "hidden"),
        Input(Ids.SELECTED, "data"),
        Input(Frame.ACTED, "data"),
    )
    def show_card(selected: dict[str, Any] | None, _acted: Any) -> tuple[Any, bool, bool]:
        return card(page_of(services), selected), not selected, bool(selected)

    @app.callback(
        Output(Ids.SELECTED, "data", allow_duplicate=True),
        Input(Ids.CLOSE, "n_clicks"),
        prevent_initial_call=True,
    )
    def close(clicks: int | None) -> Any:
        return None if clicks else no_update


def found(page: Page, state: dict[str, Any], look: Look, sets: list[str]) -> tuple[Any, ...]:
    """Return the options of some filters, whether nothing is there to clear, and the results of a search.

    Where it cannot be answered: the options as they are, and why.
    """
    plain = not is_narrowed(state)
    try:
        query = query_from(state, page, limit=str(look.limit))
    except BadQueryError as error:
        return [no_update] * len(sets), plain, refused(page, page.say(error.text), state)
    facets = facets_of(page, query)
    options = {item.field: facets.options(item) for item in facets.listed}
    answer = page.city.offers.page(query, look.wish)
    return [options[name] for name in sets], plain, results(page, answer, state, look.marked)


def clicked() -> bool:
    """Tell whether a button was really clicked: one that is only drawn anew triggers too, with no clicks yet."""
    return bool(ctx.triggered_id) and bool(ctx.triggered[0]["value"])
