"""Outlines of places in a cell: WKT or GeoJSON in the file's datum to one form in WGS-84."""

from __future__ import annotations

import json
from typing import Final

import numpy as np
import shapely
import shapely.ops
from shapely import MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from data.intake.dates import UnreadableError
from geo.arrays import Floats
from geo.datum import Datum, to_wgs84, valid_lonlat
from geo.distance import haversine_m

MOST_METRES_AWAY: Final = 2_000.0
MOST_CORNERS: Final = 20_000


def read_outline(cell: str, datum: Datum, lon: float, lat: float) -> str:
    """Return a polygon as hex EWKB of a multipolygon, EPSG:4326; (lon, lat) is the place it belongs to, in WGS-84.

    Rings that cross themselves are mended. Raises UnreadableError for what is no area, lies off the earth, has more
    than `MOST_CORNERS` corners, or lies more than `MOST_METRES_AWAY` from its place.
    """
    shape = _parsed(cell)
    if shape.is_empty or shapely.get_num_coordinates(shape) > MOST_CORNERS:
        raise UnreadableError(cell)
    moved = shapely.make_valid(shapely.transform(shapely.force_2d(shape), lambda xy: _moved(xy, datum)))
    polygons = [part for part in shapely.get_parts(shapely.get_parts(moved)) if part.geom_type == "Polygon"]
    outline = MultiPolygon(polygons)
    if not polygons or not valid_lonlat(*shapely.get_coordinates(outline).T).all():
        raise UnreadableError(cell)
    if _metres(outline, lon, lat) > MOST_METRES_AWAY:
        raise UnreadableError(cell)
    return str(shapely.to_wkb(shapely.set_srid(outline, 4326), hex=True, include_srid=True))


def _parsed(cell: str) -> BaseGeometry:
    try:
        if cell.lstrip().startswith("{"):
            known = json.loads(cell)
            shape = shapely.from_geojson(json.dumps(known.get("geometry", known)))
        else:
            shape = shapely.from_wkt(cell.split(";", 1)[-1])  # what precedes a semicolon is an SRID
    except (shapely.errors.GEOSException, ValueError, AttributeError):
        raise UnreadableError(cell) from None
    if shape.geom_type not in {"Polygon", "MultiPolygon"}:
        raise UnreadableError(cell)
    return shape


def _moved(corners: Floats, datum: Datum) -> Floats:
    x, y = to_wgs84(corners[:, 0], corners[:, 1], datum)
    return np.column_stack([x, y])


def _metres(outline: MultiPolygon, lon: float, lat: float) -> float:
    """Return how far a point lies from an outline, 0 inside."""
    nearest, _ = shapely.ops.nearest_points(outline, Point(lon, lat))
    return float(haversine_m(nearest.x, nearest.y, lon, lat))
