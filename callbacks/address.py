"""The address bar as state: what a page shows, read from the query part of its address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import QueryParams

from app.api.params import parse_query
from app.context import Page
from layers.core.query import Query
from layers.core.spec import Layer
from layers.core.tiers import STATUSES, TIERS

LISTS = ("layers", "tier", "status", "category", "street")


def state_from(search: str | None, layers: tuple[Layer, ...]) -> dict[str, Any]:
    """Return the query a page starts with; what the address says wrongly is left out."""
    params = {name: values[-1] for name, values in parse_qs((search or "").lstrip("?")).items()}
    known = [layer.id for layer in layers]
    state: dict[str, Any] = {name: [v for v in params.get(name, "").split(",") if v] for name in LISTS}
    state["layers"] = [i for i in known if i in state["layers"]] or known
    state["tier"] = [tier for tier in state["tier"] if tier in TIERS]
    state["status"] = [status for status in state["status"] if status in STATUSES]
    state["q"] = params.get("q", "")[:100]
    fields = {item.field for item in layers[0].filters} - {"category"} if len(layers) == 1 else set()
    state["extra"] = {name: params[name] for name in sorted(fields) if params.get(name)}
    return state


def place_from(search: str | None) -> int | None:
    """Return the place the address has open."""
    value = parse_qs((search or "").lstrip("?")).get("place", [""])[-1]
    return int(value) if value.isdigit() else None


def query_from(state: Mapping[str, Any], page: Page, **more: str) -> Query:
    """Return a page's state as a query, checked as the API checks it."""
    params = {name: ",".join(state.get(name) or []) for name in LISTS if name != "layers"}
    params |= {"q": state.get("q") or ""} | dict(state.get("extra") or {}) | more
    layers = [page.city.layer_for(layer_id, page.viewer) for layer_id in state["layers"]]
    filled = QueryParams([(name, value) for name, value in params.items() if value])
    return parse_query(filled, layers, page.viewer, also=frozenset({"sort", "limit", "after"}))
