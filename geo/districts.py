"""Which of a set of polygons each point lies in: districts (区), sub-districts (街镇), grids (网格)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geo.arrays import Floats, Ints
from geo.datum import valid_lonlat
from geo.errors import GeoError

CHUNK: Final = 200_000  # points held as shapely objects at a time
NOWHERE: Final = -1
MANY: Final = 20_000  # points for which it pays to lay a grid first
_SIDE: Final = 192  # cells of the grid from west to east, and from south to north
_UNSURE: Final = -2
_MARGIN: Final = (
    1e-9  # degrees that a cell is taken larger than it is: what rounding may put into its neighbour
)


class PolygonSet:
    """Polygons or multipolygons (WGS-84 degrees), each under its own code; never changed once made.

    Self-crossing outlines are repaired by their structure. Where polygons overlap, and on a border that two
    share, the one that comes first wins, so every point has one code or none.
    Raises GeoError for lengths that differ, a repeated code, an empty shape or one that is no polygon.
    """

    def __init__(self, codes: Sequence[str], polygons: Sequence[BaseGeometry]) -> None:
        if len(codes) != len(polygons):
            raise GeoError("lengths_differ", name="polygons", length=len(polygons), expected=len(codes))
        if repeated := [code for code, times in Counter(codes).items() if times > 1]:
            raise GeoError("codes_repeat", value=repeated[0])
        shapes = [_areal(code, polygon) for code, polygon in zip(codes, polygons, strict=True)]
        self.codes: Final = tuple(codes)
        self._shapes = np.array(shapes, dtype=object)
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)
        self._names: NDArray[np.str_] = np.array([*codes, ""], dtype=np.str_)
        self._asked = 0

    @property
    def polygons(self) -> tuple[BaseGeometry, ...]:
        """The shapes in the order of `codes`."""
        return tuple(self._shapes)

    @property
    def bounds(self) -> Floats:
        """float64[polygons, 4]: west, south, east, north of each, in degrees."""
        return shapely.bounds(self._shapes).reshape(-1, 4)

    @property
    def total_bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of all of them, in degrees; NaN for an empty set."""
        west, south, east, north = shapely.total_bounds(self._shapes)
        return float(west), float(south), float(east), float(north)

    def locate(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.str_]:
        """float64[n] degrees -> str[n]: the code of the polygon each point is in, "" for none."""
        return self._names[self.locate_rows(lon, lat)]

    def locate_rows(self, lon: ArrayLike, lat: ArrayLike) -> Ints:
        """float64[n] degrees -> int64[n]: row in `codes`, -1 for none (NaN is nowhere)."""
        east, north = np.broadcast_arrays(
            np.atleast_1d(np.asarray(lon, np.float64)), np.atleast_1d(np.asarray(lat, np.float64))
        )
        rows = np.full(east.shape, NOWHERE, np.int64)
        for start in range(0, east.size, CHUNK):
            part = slice(start, start + CHUNK)
            rows[part] = self._locate_some(east[part], north[part])
        return rows

    def _locate_some(self, lon: Floats, lat: Floats) -> Ints:
        self._asked += lon.size
        if self._asked < MANY or not self.codes:
            return self._locate_each(lon, lat)
        rows = self._grid.rows(lon, lat)
        unsure = np.flatnonzero(rows == _UNSURE)
        rows[unsure] = self._locate_each(lon[unsure], lat[unsure])
        return rows

    def _locate_each(self, lon: Floats, lat: Floats) -> Ints:
        known = np.flatnonzero(valid_lonlat(lon, lat))
        points, shapes = self._tree.query(shapely.points(lon[known], lat[known]))
        points = known[points]
        inside = shapely.intersects_xy(self._shapes[shapes], lon[points], lat[points])
        first = np.full(lon.shape, len(self.codes), np.int64)
        np.minimum.at(first, points[inside], shapes[inside])
        return np.where(first < len(self.codes), first, NOWHERE)

    @cached_property
    def _grid(self) -> _Grid:
        """Which cells lie in one polygon and touch no other, and which touch none."""
        west, south, east, north = self.total_bounds
        steps = (east - west) / _SIDE, (north - south) / _SIDE
        x, y = west + steps[0] * np.arange(_SIDE), south + steps[1] * np.arange(_SIDE)
        left, low = (corner.ravel() for corner in np.meshgrid(x, y))
        boxes = shapely.box(
            left - _MARGIN, low - _MARGIN, left + steps[0] + _MARGIN, low + steps[1] + _MARGIN
        )
        cells, shapes = self._tree.query(boxes)
        touching = shapely.intersects(self._shapes[shapes], boxes[cells])
        cells, shapes = cells[touching], shapes[touching]
        alone = np.bincount(cells, minlength=boxes.size)[cells] == 1
        whole = alone & shapely.covers(self._shapes[shapes], boxes[cells])
        found = np.full(boxes.size, NOWHERE, np.int64)
        found[cells] = np.where(whole, shapes, _UNSURE)
        return _Grid(west, south, steps, found)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Cells row by row from the south-west corner: the row of the polygon that holds all of it, or `NOWHERE`, or
    `_UNSURE` where a border passes.
    """

    west: float
    south: float
    steps: tuple[float, float]
    found: Ints

    def rows(self, lon: Floats, lat: Floats) -> Ints:
        """float64[n] degrees -> int64[n]: what is known of the cell of each point; NaN is nowhere."""
        across, up = np.floor((lon - self.west) / self.steps[0]), np.floor((lat - self.south) / self.steps[1])
        # The outermost cells hold the points on the border of all.
        inside = (across >= -1) & (across <= _SIDE) & (up >= -1) & (up <= _SIDE)
        across, up = np.clip(across[inside], 0, _SIDE - 1), np.clip(up[inside], 0, _SIDE - 1)
        rows = np.full(lon.shape, NOWHERE, np.int64)
        rows[inside] = self.found[(up * _SIDE + across).astype(np.int64)]
        return rows


def _areal(code: str, shape: BaseGeometry) -> BaseGeometry:
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        raise GeoError("polygon_kind", code=code, kind=f"{'empty ' * shape.is_empty}{shape.geom_type}")
    if shape.is_valid:
        return shapely.force_2d(shape)
    mended = shapely.make_valid(shapely.force_2d(shape), method="structure", keep_collapsed=False)
    if mended.is_empty:
        raise GeoError("polygon_kind", code=code, kind=f"{shape.geom_type} without area")
    return mended
