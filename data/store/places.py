"""Places as rows: lists, single cards and the fields a viewer may read of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from data.tables import registry
from layers.core.access import MASKS, FieldClass, Viewer
from layers.core.errors import UnknownPlaceError
from layers.core.spec import Field, Layer
from layers.core.tiers import STATUSES, TIERS, Tier

CARRIERS = "buildings"  # the layer whose places stand for whole buildings


def in_scope(viewer: Viewer, row: Mapping[str, Any]) -> bool:
    """Tell whether a place (area_code, uscc, building_id) lies in a viewer's scope."""
    return (
        viewer.whole_city
        or viewer.scope.covers_area(row["area_code"])
        or (row["uscc"] or "") in viewer.scope.usccs
        or row["building_id"] in viewer.scope.buildings
    )


def reached(connection: Connection, viewer: Viewer, place_id: int) -> tuple[Layer, dict[str, Any]]:
    """Return the layer and the row of a place inside the viewer's scope; raises `UnknownPlaceError` for any other."""
    layer = registry[layer_of(connection, place_id)]
    row = row_of(connection, layer, place_id)
    if row is None or not in_scope(viewer, row):
        raise UnknownPlaceError(place_id)
    return layer, dict(row)


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


def by_name(
    connection: Connection, ids: list[int], after: tuple[str, int] | None, limit: int
) -> list[tuple[int, str]]:
    """Return id and name of the first of some places by name, behind a name and number."""
    behind = "" if after is None else "AND (name, id) > (:name, :id) "
    sql = f"SELECT id, name FROM place WHERE id = ANY(:ids) {behind}ORDER BY name, id LIMIT :limit"
    name, place_id = after or ("", 0)
    rows = connection.execute(text(sql), {"ids": ids, "name": name, "id": place_id, "limit": limit})
    return [(row.id, row.name) for row in rows]


def rows_of(connection: Connection, layer: Layer, ids: list[int]) -> list[Mapping[str, Any]]:
    """Return the raw rows of some places of a layer in the order of the ids; without those that are gone."""
    sql = f"SELECT {_COLUMNS}{_layer_columns(layer)} {_FROM.format(layer.id)} WHERE p.id = ANY(:ids)"
    found = {row["id"]: dict(row) for row in connection.execute(text(sql), {"ids": ids}).mappings()}
    return [found[place_id] for place_id in ids if place_id in found]


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
    """Return the raw row of one place with its layer's fields and its outline (GeoJSON), or None."""
    sql = f"SELECT {_COLUMNS}, {_OUTLINE}{_layer_columns(layer)} {_FROM.format(layer.id)} WHERE p.id = :id"
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
    if layer.tier_visible_to in reads:
        properties["under_review"] = any(reason.get("contested") for reason in row["reasons"] or [])
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
    "p.id, p.layer, p.name, p.address, p.area_code, p.category, p.phone, p.contact, p.flags, p.source, "
    "p.external_id, p.updated_at, "
    "p.building_id, p.enterprise_id, e.uscc, e.name AS enterprise, b.name AS building, ST_X(p.geom) AS lon, "
    "ST_Y(p.geom) AS lat, coalesce(s.tier, 0) AS tier, coalesce(s.status, 0) AS status, "
    "coalesce(s.state, '') AS state, s.reasons, s.rule_version, s.judged_at, s.next_change"
)
_OUTLINE = (
    f"ST_AsGeoJSON(coalesce(p.outline, CASE WHEN p.layer = '{CARRIERS}' THEN b.footprint END), 6)::json "
    "AS outline"
)
_FROM = (
    "FROM place p LEFT JOIN place_status s ON s.place_id = p.id LEFT JOIN enterprise e ON e.id = p.enterprise_id "
    "LEFT JOIN building b ON b.id = p.building_id LEFT JOIN layer_{0} l ON l.place_id = p.id"
)


def _layer_columns(layer: Layer) -> str:
    return "".join(f", l.{field.name}" for field in layer.fields)
