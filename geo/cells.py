"""Grouping places of a view: cells of the tile grid when there are many, heaps of neighbours else.

A map shows a cell as a ring of the mix of its codes. The ring's centre is the mean of its places, moved so
that a ring of RING cell widths stays inside the cell: rings of neighbouring cells never overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from geo import morton
from geo.arrays import Bools, Column, Floats, Ints, Keys
from geo.errors import GeoError

RING: Final = 0.36  # radius of a ring in cell widths
CLOSE_PX: Final = 6.0  # places nearer than this cannot be told apart or clicked one by one
LISTED: Final = 200  # ids attached to a heap at most; its n is always exact
HIGHEST_ZOOM: Final = 24
CELL_SIZES: Final = (8, 16, 32, 64, 128, 256)
MOST_SINGLES: Final = 2000  # closeness compares every pair


class Points(Protocol):
    """Places to group: arrays of one row per place, sorted by key."""

    @property
    def ids(self) -> Ints:
        """int64[n]."""

    @property
    def lon(self) -> Floats:
        """float64[n], WGS-84 degrees."""

    @property
    def lat(self) -> Floats:
        """float64[n], WGS-84 degrees."""

    @property
    def keys(self) -> Keys:
        """uint64[n], ascending Morton keys."""


@dataclass(frozen=True, eq=False)
class CellAnswer:
    """The places of a view in c cells and s single places; n.sum() + the singles == total.

    n int64[c]; lon, lat float64[c], WGS-84 degrees: where to draw the ring; bbox float64[c, 4]: west, south,
    east, north of the cell, or of its places where few places came one by one; mix int64[c, codes]: places
    per code; groups int64[c, indexes]: places per index asked; ids: per cell the ids of a heap (its places lie
    within some 6 px of each other), the lowest 200, ascending, and none for an ordinary cell; singles: per
    index int64[s] positions, ascending; level: the zoom whose tiles the cells are, or None where places came one
    by one.
    """

    total: int
    level: int | None
    n: Ints
    lon: Floats
    lat: Floats
    bbox: Floats
    mix: Ints
    groups: Ints
    ids: tuple[Ints, ...]
    singles: tuple[Ints, ...]


@dataclass(frozen=True, eq=False)
class Grouping:
    """Positions int64[k], those of one group adjacent, and where each group starts, int64[g]."""

    positions: Ints
    starts: Ints

    def sizes(self) -> Ints:
        """int64[g]: places per group."""
        return np.diff(np.append(self.starts, self.positions.size))

    def owner(self) -> Ints:
        """int64[k]: the group of each position."""
        return np.repeat(np.arange(self.starts.size), self.sizes())

    def split(self) -> tuple[Ints, Grouping]:
        """Positions of the groups of one, ascending, and the other groups."""
        sizes = self.sizes()
        crowd = sizes > 1
        starts = np.cumsum(sizes[crowd]) - sizes[crowd]
        return np.sort(self.positions[self.starts[~crowd]]), Grouping(
            self.positions[np.repeat(crowd, sizes)], starts
        )

    def count(self, codes: Column, width: int) -> Ints:
        """int64[g, width]: places per group and code; `codes` has one value per position."""
        flat = self.owner() * width + codes.astype(np.int64)
        counts = np.bincount(flat, minlength=self.starts.size * width)
        return counts.reshape(self.starts.size, width).astype(np.int64)


def cell_level(zoom: float, cell_px: int, singles: int) -> int:
    """The tile zoom whose tiles are the cells: `cell_px` wide on 256 px tiles at the whole zoom below `zoom`.

    Raises GeoError for a zoom outside 0..24, a size that is not one of CELL_SIZES, or too many singles.
    """
    if not 0 <= singles <= MOST_SINGLES:
        raise GeoError("singles_range", value=singles, highest=MOST_SINGLES)
    if not 0 <= zoom <= HIGHEST_ZOOM:
        raise GeoError("zoom_range", value=zoom, highest=HIGHEST_ZOOM)
    if cell_px not in CELL_SIZES:
        raise GeoError("cell_px", value=cell_px, choices=", ".join(map(str, CELL_SIZES)))
    return int(zoom) + (morton.TILE_PX // cell_px).bit_length() - 1


def by_grid(points: Points, level: int) -> Grouping:
    """Group places by the tile of `level`: the sorted keys make every cell one run."""
    cells = morton.cell_key(points.keys, level)
    starts = np.flatnonzero(np.concatenate([[True], cells[1:] != cells[:-1]])[: cells.size])
    return Grouping(np.arange(cells.size), starts.astype(np.int64))


def by_closeness(points: Points, zoom: float) -> Grouping:
    """Group a few places (memory grows with their square) into heaps of places nearer than CLOSE_PX.

    The first place not yet in a heap takes all such neighbours, in the order given; so no heap
    spreads along a street, and two places left single are never nearer than CLOSE_PX.
    """
    x, y = morton.unit_xy(points.lon, points.lat)
    scale = morton.TILE_PX * 2.0**zoom
    near = np.hypot(x[:, None] - x, y[:, None] - y) * scale < CLOSE_PX
    heap = np.full(x.size, -1, np.int64)
    for row in range(x.size):
        if heap[row] < 0:
            heap[near[row] & (heap < 0)] = row
    order = np.argsort(heap, kind="stable")
    starts = np.flatnonzero(np.diff(heap[order], prepend=-1))
    return Grouping(order, starts.astype(np.int64))


def extents(points: Points, grouping: Grouping) -> Floats:
    """float64[g, 4]: west, south, east, north of the places of each group, in degrees."""
    if grouping.starts.size == 0:
        return np.zeros((0, 4))
    lon, lat = points.lon[grouping.positions], points.lat[grouping.positions]
    low, high, starts = np.minimum.reduceat, np.maximum.reduceat, grouping.starts
    return np.stack([low(lon, starts), low(lat, starts), high(lon, starts), high(lat, starts)], axis=-1)


def centres(points: Points, grouping: Grouping) -> tuple[Floats, Floats]:
    """float64[g] each: mean longitude and latitude of each group."""
    if grouping.starts.size == 0:
        return np.zeros(0), np.zeros(0)
    sizes = grouping.sizes()
    lon = np.add.reduceat(points.lon[grouping.positions], grouping.starts) / sizes
    lat = np.add.reduceat(points.lat[grouping.positions], grouping.starts) / sizes
    return lon, lat


def ring_centres(cells: Keys, level: int, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Means float64[c] each of the places of cells, moved as little as keeps a ring inside its cell."""
    column, row = (axis.astype(np.float64) for axis in morton.decode(cells))
    x, y = (axis * 2.0**level for axis in morton.unit_xy(lon, lat))
    x = np.clip(x, column + RING, column + 1.0 - RING)
    y = np.clip(y, row + RING, row + 1.0 - RING)
    return morton.unit_lonlat(x / 2.0**level, y / 2.0**level)


def heaped_ids(points: Points, grouping: Grouping, zoom: float) -> tuple[Ints, ...]:
    """Per group the LISTED lowest ids, ascending, where its places are too close to tell apart; else none."""
    heaped = _are_close(extents(points, grouping), zoom)
    stops = np.append(grouping.starts, grouping.positions.size)[1:]
    nothing = np.zeros(0, np.int64)
    return tuple(
        np.sort(points.ids[grouping.positions[start:stop]])[:LISTED] if heap else nothing
        for start, stop, heap in zip(grouping.starts, stops, heaped, strict=True)
    )


def _are_close(extent: Floats, zoom: float) -> Bools:
    """bool[g]: groups whose places span at most two CLOSE_PX in both directions at `zoom`.

    Two, because the neighbours that one place draws into a heap lie on all sides of it.
    """
    west, north = morton.unit_xy(extent[:, 0], extent[:, 3])
    east, south = morton.unit_xy(extent[:, 2], extent[:, 1])
    span = np.maximum(east - west, south - north) * morton.TILE_PX * 2.0**zoom
    return np.asarray(span <= 2.0 * CLOSE_PX, np.bool_)
