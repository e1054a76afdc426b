"""A flat frame of metres around a point, in which the demo city is drawn, and smooth curves in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

FloatArray = NDArray[np.float64]
Shape = TypeVar("Shape", bound=BaseGeometry)

_M_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Equirectangular metres around (lon0, lat0), EPSG:4326; good to 0.1 % over a district."""

    lon0: float
    lat0: float

    @property
    def scale(self) -> FloatArray:
        """Metres per degree east and north, shape (2,)."""
        return np.array([_M_PER_DEGREE * np.cos(np.radians(self.lat0)), _M_PER_DEGREE])

    def metres(self, degrees: FloatArray) -> FloatArray:
        """Turn (n, 2) lon/lat into (n, 2) metres."""
        return np.asarray((degrees - np.array([self.lon0, self.lat0])) * self.scale)

    def degrees(self, metres: FloatArray) -> FloatArray:
        """Turn (n, 2) metres into (n, 2) lon/lat, rounded to 1e-7 degrees (1 cm)."""
        return np.asarray(np.round(metres / self.scale + np.array([self.lon0, self.lat0]), 7))

    def flat(self, geometry: Shape) -> Shape:
        """Turn a geometry from lon/lat to metres."""
        flat: Shape = shapely.transform(geometry, self.metres)
        return flat

    def globe(self, geometry: Shape) -> Shape:
        """Turn a geometry from metres to lon/lat."""
        globe: Shape = shapely.transform(geometry, self.degrees)
        return globe


def polygons_of(shape: object) -> list[Polygon]:
    """Return the polygons among the parts of a geometry (or an array of geometries)."""
    parts = shapely.get_parts(shape)  # type: ignore[call-overload]
    return [part for part in parts if isinstance(part, Polygon) and not part.is_empty]


def lines_of(shape: object) -> list[LineString]:
    """Return the lines among the parts of a geometry."""
    parts = shapely.get_parts(shape)  # type: ignore[call-overload]
    return [part for part in parts if isinstance(part, LineString) and not part.is_empty]


def polygonal(shape: object) -> MultiPolygon:
    """Return what is area of a geometry."""
    return MultiPolygon(polygons_of(shape))


def smooth_line(points: FloatArray, step: float = 40.0) -> LineString:
    """Return a Catmull-Rom curve through (n, 2) points, with a vertex about every `step` units."""
    ends = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    parts = []
    for before, start, end, after in zip(ends[:-3], ends[1:-2], ends[2:-1], ends[3:], strict=True):
        count = max(2, int(np.hypot(*(end - start)) / step))
        t = np.linspace(0, 1, count, endpoint=False)[:, None]
        parts.append(
            0.5
            * (
                2 * start
                + (end - before) * t
                + (2 * before - 5 * start + 4 * end - after) * t**2
                + (3 * start - before - 3 * end + after) * t**3
            )
        )
    return LineString(np.vstack([*parts, points[-1:]]))
