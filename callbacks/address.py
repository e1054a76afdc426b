"""The address bar as state: what a page shows, read from the query part of its address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import QueryParams

from app.api.cases import FILTERS as OF_CASES
from app.api.cases import PAGES as CASE_PAGES
from app.api.draws import FILTERS as OF_DRAWS
from app.api.due import FILTERS
from app.api.params import LISTS as LISTED
from app.api.params import MOMENT, parse_query
from app.context import Page
from app.pages.casebook import FILTERS as OF_CASEBOOK
from data.moments import check_moment
from layers.core.access import FieldClass, Viewer
from layers.core.credit_plan import FIELDS as PLANNED
from layers.core.errors import BadQueryError
from layers.core.query import Query
from layers.core.spec import Layer
from layers.core.tiers import STATUSES, TIERS

LISTS = ("layers", "tier", "status", "state", "category", "street")
_AT = re.compile(r"-?\d+(\.\d+)?,-?\d+(\.\d+)?,\d+(\.\d+)?\Z")
NO_LAYER = "none"  # what the address says when every layer is off


def state_from(search: str | None, layers: tuple[Layer, ...], page: Page) -> dict[str, Any]:
    """Return the query a page starts with; what the address says wrongly is left out."""
    params = _params(search)
    known = _known(layers, page.viewer)
    state: dict[str, Any] = {name: _values(params, name) for name in LISTS}
    for name, values in known.items():
        state[name] = [value for value in values if value in state[name]]
    if not state["layers"] and params.get("layers") != NO_LAYER:
        state["layers"] = known["layers"]
    state["q"] = params.get("q", "")[:100]
    state["as_of"] = params.get("as_of", "") if _may_be_shown(params.get("as_of", ""), page) else ""
    fields = {item.field for item in layers[0].filters} - {"category"} if len(layers) == 1 else set()
    state["extra"] = {name: params[name] for name in sorted(fields) if params.get(name)}
    return state


def place_from(search: str | None) -> int | None:
    """Return the place the address has open."""
    value = _params(search).get("place", "")
    return int(value) if value.isdecimal() else None


def wish_from(search: str | None) -> dict[str, str]:
    """Return what the address says of the order of a list; whether it can be meant is found out when it is read."""
    params = _params(search)
    return {"sort": params.get("sort", ""), "weigh": params.get("weigh", "")}


def marked_from(search: str | None) -> str:
    """Return the numbers of the offers that the address has marked to be compared, joined by commas."""
    return ",".join(part for part in _values(_params(search), "compare") if part.isdecimal())


def compared_from(search: str | None) -> dict[str, str]:
    """Return what the address says of a comparison; whether it can be meant is found out when it is read."""
    params = _params(search)
    return {name: params[name] for name in ("ids", "people", "budget", "weigh") if params.get(name)}


def due_from(search: str | None) -> dict[str, str]:
    """Return what the address says of an inspection list; whether it can be meant is found out when it is read."""
    return {name: value for name, value in _params(search).items() if name in FILTERS}


def cases_from(search: str | None) -> dict[str, str]:
    """Return what the address says of the board of cases; whether it can be meant is found out when it is read."""
    known = (OF_CASES | CASE_PAGES) - {"limit"}
    return {name: value for name, value in _params(search).items() if name in known}


def rule_from(search: str | None) -> dict[str, str]:
    """Return which rule the address has open: `layer`, `rule` and `city`."""
    return {name: value for name, value in _params(search).items() if name in {"layer", "rule", "city"}}


def casebook_from(search: str | None) -> dict[str, str]:
    """Return by what the address narrows the cases; what no case has shows none."""
    return {name: value for name, value in _params(search).items() if name in OF_CASEBOOK}


def plan_from(search: str | None) -> dict[str, str]:
    """Return the record that the address asks about; whether it can be meant is found out when it is read."""
    return {name: value for name, value in _params(search).items() if name in PLANNED}


def draws_from(search: str | None) -> dict[str, str]:
    """Return what the address says of draws: one by its number, or a new one and from which places it is made."""
    return {name: value for name, value in _params(search).items() if name in {*OF_DRAWS, "draw", "new"}}


def unknown_in(search: str | None, layers: tuple[Layer, ...], page: Page) -> list[str]:
    """Return what the address says and this page cannot mean, as `name=value`."""
    params = _params(search)
    known = _known(layers, page.viewer)
    lists = [(name, values) for name, values in known.items() if params.get(name) != NO_LAYER]
    wrong = [f"{name}={v}" for name, values in lists for v in _values(params, name) if v not in values]
    as_of = params.get("as_of", "")
    wrong += [f"as_of={as_of}"] if as_of and not _may_be_shown(as_of, page) else []
    wrong += [f"at={params['at']}"] if params.get("at") and not _AT.match(params["at"]) else []
    return wrong + ([f"place={params['place']}"] if params.get("place") and not place_from(search) else [])


def may_ask_states(layers: tuple[Layer, ...], viewer: Viewer) -> bool:
    """Tell whether a viewer may narrow these layers by state: only who reads it of every place."""
    return all(FieldClass.OFFICIAL in viewer.reads_throughout(layer.readable_by) for layer in layers)


def query_from(state: Mapping[str, Any], page: Page, **more: str) -> Query:
    """Return a page's state as a query, checked as the API checks it."""
    params = {name: ",".join(state.get(name) or []) for name in LISTS if name != "layers"}
    params |= (
        {"q": state.get("q") or "", "as_of": state.get("as_of") or ""} | dict(state.get("extra") or {}) | more
    )
    layers = [page.city.layer_for(layer_id, page.viewer) for layer_id in state["layers"]]
    filled = QueryParams([(name, value) for name, value in params.items() if value])
    return parse_query(filled, layers, page.viewer, also=LISTED | MOMENT)


def _may_be_shown(text: str, page: Page) -> bool:
    """Tell whether a text is a moment that the city can be shown at."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            check_moment(moment, page.city.clock())
    except (ValueError, BadQueryError):
        return False
    return moment.tzinfo is not None


def _params(search: str | None) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs((search or "").lstrip("?")).items()}


def _values(params: Mapping[str, str], name: str) -> list[str]:
    return [value for value in params.get(name, "").split(",") if value]


def _known(layers: tuple[Layer, ...], viewer: Viewer) -> dict[str, list[str]]:
    """Return the values that lists of the address may have, in the order of the screens."""
    states = (
        [state.value for layer in layers for state in layer.states] if may_ask_states(layers, viewer) else []
    )
    return {
        "layers": [layer.id for layer in layers],
        "tier": list(TIERS),
        "status": list(STATUSES),
        "state": list(dict.fromkeys(states)),
    }
