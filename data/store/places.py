"""Places as rows: lists, single cards and the fields a viewer may read of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from layers.core.access import MASKS, FieldClass, Viewer
from layers.core.errors import BadQueryError, UnknownPlaceError
from layers.core.query import Query, Range
from layers.core.spec import Field, Layer
from layers.core.text import Text
from layers.core.tiers import STATUSES, TIERS, Tier

SORTS = {"tier": "coalesce(s.tier, 0) DESC, p.id", "name": "p.name, p.id", "id": "p.id"}
MOST = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """Some places of a list, the exact total, and the token of the next page (None at the end)."""

    rows: list[dict[str, Any]]
    total: int
    next: str | None


def in_scope(viewer: Viewer, row: Mapping[str, Any]) -> bool:
    """Tell whether a place (area_code, uscc, building_id) lies in a viewer's scope."""
    return (
        viewer.whole_city
        or viewer.scope.covers_area(row["area_code"])
        or (row["uscc"] or "") in viewer.scope.usccs
        or row["building_id"] in viewer.scope.buildings
    )


def scope_sql(viewer: Viewer) -> tuple[str, dict[str, Any]]:
    """Return a condition on place `p` and enterprise `e` that holds inside the viewer's scope, and its parameters."""
    if viewer.whole_city:
        return "true", {}
    scope = viewer.scope
    condition = (
        "(p.area_code = ANY(:scope_areas) OR left(p.area_code, 6) = ANY(:scope_areas) "
        "OR e.uscc = ANY(:scope_usccs) OR p.building_id = ANY(:scope_buildings))"
    )
    return condition, {
        "scope_areas": sorted(scope.areas),
        "scope_usccs": sorted(scope.usccs),
        "scope_buildings": sorted(scope.buildings),
    }


def visible_sql(layer: Layer, viewer: Viewer) -> tuple[str, dict[str, Any]]:
    """Return the condition under which a viewer may know of a place of a layer at all."""
    return readable_sql(layer.readable_by, viewer)


def readable_sql(wanted: FieldClass, viewer: Viewer) -> tuple[str, dict[str, Any]]:
    """Return the condition under which a viewer reads the fields of a class of place `p` and enterprise `e`."""
    if wanted in viewer.reads(in_scope=False):
        return "true", {}
    if wanted not in viewer.grant.reads:
        return "false", {}
    return scope_sql(viewer)


def find(connection: Connection, layer: Layer, query: Query, ids: list[int] | None = None) -> Page:
    """Return one page of the places a query names; every place exactly once over all pages.

    `ids` narrows to places found by the point index. Raises `BadQueryError` for a bad sort or token.
    """
    if query.sort not in SORTS:
        known = ", ".join(SORTS)
        raise BadQueryError("sort", Text(f"sort 须为 {known} 之一。", f"sort must be one of {known}."))
    condition, params = conditions(layer, query)
    if ids is not None:
        condition, params = f"{condition} AND p.id = ANY(:ids)", params | {"ids": ids}
    total = int(
        connection.scalar(text(f"SELECT count(*) {_FROM.format(layer.id)} WHERE {condition}"), params) or 0
    )
    keyset, key_params = _keyset(query)
    limit = min(max(query.limit, 1), MOST)
    sql = (
        f"SELECT {_COLUMNS}{_layer_columns(layer)} {_FROM.format(layer.id)} "
        f"WHERE {condition} AND {keyset} ORDER BY {SORTS[query.sort]} LIMIT :limit"
    )
    rows = connection.execute(text(sql), params | key_params | {"limit": limit + 1}).mappings()
    found = [dict(row) for row in rows]
    page = found[:limit]
    token = _token(query.sort, page[-1]) if len(found) > limit else None
    return Page([feature(layer, row, query.viewer) for row in page], total, token)


def conditions(layer: Layer, query: Query) -> tuple[str, dict[str, Any]]:
    """Return the WHERE clause of a query and its parameters; words and polygons are the point index's to answer."""
    visible, params = visible_sql(layer, query.viewer)
    parts = [f"p.layer = '{layer.id}'", visible]
    if query.bbox:
        parts.append(
            "ST_X(p.geom) >= :w AND ST_X(p.geom) < :e AND ST_Y(p.geom) >= :s AND ST_Y(p.geom) < :n "
            "AND p.geom && ST_MakeEnvelope(:w, :s, :e, :n, 4326)"
        )
        params |= dict(zip(("w", "s", "e", "n"), query.bbox, strict=True))
    if query.tiers:
        parts.append("coalesce(s.tier, 0) = ANY(:tiers)")
        params["tiers"] = [tier.code for tier in query.tiers]
    if query.statuses:
        parts.append("coalesce(s.status, 0) = ANY(:statuses)")
        params["statuses"] = [status.code for status in query.statuses]
    for column, values in (("p.category", query.categories), ("s.state", query.states)):
        if values:
            name = column.replace(".", "_")
            parts.append(f"{column} = ANY(:{name})")
            params[name] = sorted(values)
    if query.streets:
        parts.append("(p.area_code = ANY(:streets) OR left(p.area_code, 6) = ANY(:streets))")
        params["streets"] = sorted(query.streets)
    for name, selection in query.where.items():
        part, more = _field_condition(layer, name, selection)
        parts.append(part)
        params |= more
    return " AND ".join(parts), params


def ids_numbered(connection: Connection, layer: Layer, number: str) -> list[int]:
    """Return the ids of the places of a layer that have a permit or an enterprise of exactly this number."""
    sql = (
        "SELECT m.place_id FROM permit m JOIN place p ON p.id = m.place_id "
        "WHERE p.layer = :layer AND m.number = :number "
        "UNION SELECT p.id FROM place p JOIN enterprise e ON e.id = p.enterprise_id "
        "WHERE p.layer = :layer AND e.uscc = :number"
    )
    return list(connection.scalars(text(sql), {"layer": layer.id, "number": number.strip().upper()}))


def ids_in_scope(
    connection: Connection, layer: Layer, usccs: Collection[str], buildings: Collection[int]
) -> list[int]:
    """Return the ids of the places of a layer that belong to some firms (credit codes) or lie in some buildings."""
    sql = (
        "SELECT p.id FROM place p LEFT JOIN enterprise e ON e.id = p.enterprise_id "
        "WHERE p.layer = :layer AND (e.uscc = ANY(:usccs) OR p.building_id = ANY(:buildings)) ORDER BY p.id"
    )
    parameters = {"layer": layer.id, "usccs": list(usccs), "buildings": list(buildings)}
    return list(connection.scalars(text(sql), parameters))


def row_of(connection: Connection, layer: Layer, place_id: int) -> Mapping[str, Any] | None:
    """Return the raw row of one place with its layer's fields, or None."""
    sql = f"SELECT {_COLUMNS}{_layer_columns(layer)} {_FROM.format(layer.id)} WHERE p.id = :id"
    row = connection.execute(text(sql), {"id": place_id}).mappings().one_or_none()
    return dict(row) if row else None


def layer_of(connection: Connection, place_id: int) -> str:
    """Return the layer of a place; raises `UnknownPlaceError`."""
    found = connection.scalar(text("SELECT layer FROM place WHERE id = :id"), {"id": place_id})
    if found is None:
        raise UnknownPlaceError(place_id)
    return str(found)


def feature(layer: Layer, row: Mapping[str, Any], viewer: Viewer) -> dict[str, Any]:
    """Return a place as GeoJSON with exactly what the viewer may read of it."""
    reads = viewer.reads(in_scope=in_scope(viewer, row))
    properties: dict[str, Any] = {
        "id": row["id"],
        "layer": layer.id,
        "name": row["name"],
        "address": row["address"],
    }
    properties |= {"category": row["category"], "area_code": row["area_code"]}
    properties["tier"] = TIERS[row["tier"]] if layer.tier_visible_to in reads else Tier.NONE
    properties["status"] = STATUSES[row["status"]] if layer.status_visible_to in reads else None
    if FieldClass.OFFICIAL in reads:
        properties["state"] = row["state"]
    properties |= {
        field.name: shown(field, row[field.name]) for field in layer.fields if field.visible_to in reads
    }
    return {
        "type": "Feature",
        "id": row["id"],
        "geometry": {"type": "Point", "coordinates": [round(row["lon"], 6), round(row["lat"], 6)]},
        "properties": properties,
    }


def shown(field: Field, value: Any) -> Any:
    """Return a field's value as it is sent: dates as text, personal values masked."""
    if value is None:
        return None
    if field.mask:
        return MASKS[field.mask](str(value))
    return value.isoformat() if isinstance(value, date | datetime) else value


_COLUMNS = (
    "p.id, p.layer, p.name, p.address, p.area_code, p.category, p.phone, p.contact, p.flags, p.source, p.updated_at, "
    "p.building_id, p.enterprise_id, e.uscc, e.name AS enterprise, b.name AS building, ST_X(p.geom) AS lon, "
    "ST_Y(p.geom) AS lat, coalesce(s.tier, 0) AS tier, coalesce(s.status, 0) AS status, "
    "coalesce(s.state, '') AS state, s.reasons, s.rule_version, s.judged_at, s.next_change"
)
_FROM = (
    "FROM place p LEFT JOIN place_status s ON s.place_id = p.id LEFT JOIN enterprise e ON e.id = p.enterprise_id "
    "LEFT JOIN building b ON b.id = p.building_id LEFT JOIN layer_{0} l ON l.place_id = p.id"
)


def _layer_columns(layer: Layer) -> str:
    return "".join(f", l.{field.name}" for field in layer.fields)


def _field_condition(layer: Layer, name: str, selection: Any) -> tuple[str, dict[str, Any]]:
    field = layer.field_named(name)
    if field is None:
        raise BadQueryError(
            name, Text(f"图层 {layer.id} 没有字段 {name!r}。", f"The layer {layer.id} has no field {name!r}.")
        )
    if isinstance(selection, Range):
        bounds = {f"{name}_low": selection.low, f"{name}_high": selection.high}
        parts = [f"l.{name} >= :{name}_low"] if selection.low is not None else []
        parts += [f"l.{name} <= :{name}_high"] if selection.high is not None else []
        return " AND ".join(parts or ["true"]), {
            key: value for key, value in bounds.items() if value is not None
        }
    if field.type == "boolean":
        return f"coalesce(l.{name}, false) = ANY(:{name})", {name: [value == "true" for value in selection]}
    operator = f"l.{name} && :{name}" if field.type == "choices" else f"l.{name}::text = ANY(:{name})"
    return operator, {name: sorted(selection)}


def _keyset(query: Query) -> tuple[str, dict[str, Any]]:
    if not query.after:
        return "true", {}
    try:
        sort, *values = json.loads(base64.urlsafe_b64decode(query.after.encode()))
        value, place_id = values
        if sort != query.sort:
            raise ValueError(sort)
    except ValueError as error:
        raise BadQueryError(
            "after",
            Text(
                "after 不是这个列表的页标：请去掉它从头开始。",
                "after is no token of this list: start again without it.",
            ),
        ) from error
    params = {"after_value": value, "after_id": int(place_id)}
    return {
        "tier": "(-coalesce(s.tier, 0), p.id) > (-CAST(:after_value AS int), :after_id)",
        "name": "(p.name, p.id) > (CAST(:after_value AS text), :after_id)",
        "id": "p.id > :after_id AND CAST(:after_value AS text) IS NULL",
    }[sort], params


def _token(sort: str, row: Mapping[str, Any]) -> str:
    value = {"tier": row["tier"], "name": row["name"], "id": None}[sort]
    return base64.urlsafe_b64encode(json.dumps([sort, value, row["id"]]).encode()).decode()
