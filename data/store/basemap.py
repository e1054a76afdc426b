"""The offline basemap: an overview with its labels, and tiles cut from `basemap_feature` by PostGIS."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import numpy as np
import shapely
from shapely import LineString
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from layers.core.text import Text

EXTENT = 4096
BUFFER = 64
ATTRIBUTION = Text("演示底图", "Demo map")
_PIXEL = EXTENT // 256
_LABEL_EVERY_DEG = 0.03
_LABEL_REACH_DEG = 0.006
_LAYERS = ("block", "green", "water", "building", "boundary", "rail", "road", "metro")
"""Kinds in the order they are drawn, the lowest first."""

_TILE = """
WITH tile AS (
  SELECT ST_TileEnvelope(:z, :x, :y) AS bounds,
         ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.016), 4326) AS near,
         40075016.68 / (256 * 2 ^ :z) AS pixel
), cut AS (
  SELECT f.id, f.kind, f.rank, ST_AsMVTGeom(
    ST_Simplify(ST_Transform(f.geom, 3857), CASE WHEN :z < 15 THEN tile.pixel * 0.6 ELSE 0 END),
    tile.bounds, :extent, :buffer, true) AS geom
  FROM basemap_feature f, tile
  WHERE f.geom && tile.near AND f.min_zoom <= :z AND f.kind <> 'station'
)
SELECT kind, rank, ST_AsBinary(geom) FROM cut WHERE geom IS NOT NULL
ORDER BY array_position(CAST(:kinds AS text[]), kind), rank DESC, id
"""

_OUTLINE = """
SELECT ST_AsGeoJSON(ST_Union(geom), 6) FROM area
WHERE code = ANY(SELECT jsonb_array_elements_text(value -> 'outline_codes') FROM setting WHERE key = 'city')
"""
_DISTRICTS = "SELECT ST_AsGeoJSON(ST_Collect(geom ORDER BY code), 5) FROM area WHERE length(code) = 6"
_AREAS = """
SELECT name, length(code), ST_X(p), ST_Y(p) FROM (
  SELECT name, code, ST_PointOnSurface(geom) AS p FROM area
  WHERE length(code) = 6 OR left(code, 6) = ANY(
    SELECT jsonb_array_elements_text(value -> 'outline_codes') FROM setting WHERE key = 'city')
) a ORDER BY code
"""
_NAMED = """
SELECT kind, rank, name, ST_AsBinary(geom) FROM basemap_feature WHERE name <> '' AND kind <> 'metro' ORDER BY id
"""


def overview(connection: Connection) -> dict[str, Any]:
    """Return bounds, outline and districts (GeoJSON, EPSG:4326), labels and attribution of the basemap.

    The outline is what the city governs, the districts are that and its neighbours.
    A label has text, kind (district, town, road, water, metro, park, mall), lon, lat, min_zoom and the angle in
    degrees, clockwise, by which its text is turned to follow what it names. Without a city set, all is empty.
    """
    city = connection.scalar(text("SELECT value FROM setting WHERE key = 'city'"))
    outline = connection.scalar(text(_OUTLINE))
    districts = connection.scalar(text(_DISTRICTS)) if city else None
    return {
        "bounds": city["bounds"] if city else None,
        "outline": json.loads(outline) if outline else None,
        "districts": json.loads(districts) if districts else None,
        "labels": [*_area_labels(connection), *_feature_labels(connection, city["bounds"])] if city else [],
        "attribution": ATTRIBUTION.as_json(),
    }


def tile(connection: Connection, z: int, x: int, y: int) -> dict[str, Any]:
    """Return what lies in a Web Mercator tile, lowest first, in tile units (y down, 4096 to a side).

    Rings of one feature are meant for the even-odd rule; a tile outside the world is empty.
    """
    if not (0 <= z <= 24 and 0 <= x < 2**z and 0 <= y < 2**z):
        return {"extent": EXTENT, "features": []}
    rows = connection.execute(
        text(_TILE), {"z": z, "x": x, "y": y, "extent": EXTENT, "buffer": BUFFER, "kinds": list(_LAYERS)}
    ).all()
    if not rows:
        return {"extent": EXTENT, "features": []}
    shapes = shapely.from_wkb([bytes(wkb) for _, _, wkb in rows])
    features = [
        feature
        for (kind, rank, _), shape in zip(rows, shapes, strict=True)
        if (feature := _feature(kind, rank, shape)) is not None
    ]
    return {"extent": EXTENT, "features": features}


def _feature(kind: str, rank: int, shape: BaseGeometry) -> dict[str, Any] | None:
    polygonal = shape.geom_type in {"Polygon", "MultiPolygon"}
    if polygonal and kind in {"building", "block"} and shape.area < _PIXEL**2 * 2:
        return None
    parts = []
    for part in shapely.get_parts(shape):
        rings = [part.exterior, *part.interiors] if polygonal else [part]
        parts += [shapely.get_coordinates(ring).astype(np.int32).ravel().tolist() for ring in rings]
    return {"k": kind, "r": rank, "g": "poly" if polygonal else "line", "p": parts}


def _area_labels(connection: Connection) -> list[dict[str, Any]]:
    found = connection.execute(text(_AREAS)).all()
    return [
        _label(name, "district" if digits == 6 else "town", lon, lat, 9 if digits == 6 else 12)
        for name, digits, lon, lat in found
    ]


def _feature_labels(connection: Connection, bounds: list[float]) -> list[dict[str, Any]]:
    labels = []
    west, south, east, north = bounds
    near = shapely.box(west, south, east, north).buffer(_LABEL_REACH_DEG)
    for kind, rank, name, wkb in connection.execute(text(_NAMED)):
        shape = shapely.from_wkb(bytes(wkb))
        if kind == "road":
            labels += _along(name, shapely.intersection(shape, near), {1: 12, 2: 14}.get(rank, 15))
        elif kind == "water":
            labels += _afloat(name, shapely.intersection(shape, near), bounds, 11 if rank == 1 else 14)
        elif kind == "station":
            lon, lat = shapely.get_coordinates(shape)[0].tolist()
            labels.append(_label(name.split("|")[0], "metro", lon, lat, 13))
        elif kind in {"green", "building"}:
            at = shapely.point_on_surface(shape)
            sort, first = ("park", 14) if kind == "green" else ("mall", 15)
            labels.append(_label(name, sort, at.x, at.y, first))
    return labels


def _along(name: str, line: BaseGeometry, min_zoom: int) -> list[dict[str, Any]]:
    """Return a label in the middle of a road, and one about every three kilometres of a long one."""
    labels = []
    for part in shapely.get_parts(line):
        if not isinstance(part, LineString):
            continue
        count = max(1, round(part.length / _LABEL_EVERY_DEG))
        for share in (np.arange(count) + 0.5) / count:
            before, at, after = (
                part.interpolate(np.clip(share + d, 0, 1), normalized=True) for d in (-0.02, 0, 0.02)
            )
            angle = _upright(after.x - before.x, after.y - before.y, at.y)
            labels.append(_label(name, "road", at.x, at.y, min_zoom, angle))
    return labels


def _afloat(name: str, shape: BaseGeometry, bounds: list[float], min_zoom: int) -> list[dict[str, Any]]:
    """Return labels of a river or creek, one per third of the city's height it runs through."""
    if shape.is_empty:
        return []
    _, south, _, north = bounds
    west, _, east, _ = shape.bounds
    edges = np.linspace(south, north, 4)
    labels = []
    for low, high in itertools.pairwise(edges):
        reach = shapely.intersection(shape, shapely.box(west, low, east, high))
        if reach.is_empty:
            continue
        at = shapely.point_on_surface(reach)
        local = shapely.minimum_rotated_rectangle(shapely.intersection(reach, at.buffer(_LABEL_REACH_DEG)))
        ring = shapely.get_coordinates(local)
        sides = np.diff(ring[:3], axis=0)
        dx, dy = sides[np.argmax(np.hypot(*sides.T))]
        labels.append(_label(name, "water", at.x, at.y, min_zoom, _upright(dx, dy, at.y)))
    return labels


def _upright(dx: float, dy: float, lat: float) -> float:
    """Return the angle of a direction in lon/lat, clockwise on screen, between -90 and 90 degrees."""
    angle = -math.degrees(math.atan2(dy, dx * math.cos(math.radians(lat))))
    return round((angle + 90) % 180 - 90, 1)


def _label(name: str, kind: str, lon: float, lat: float, min_zoom: int, angle: float = 0.0) -> dict[str, Any]:
    return {
        "text": name,
        "kind": kind,
        "lon": round(lon, 6),
        "lat": round(lat, 6),
        "min_zoom": min_zoom,
        "angle": angle,
    }
