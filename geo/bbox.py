"""A box of longitudes and latitudes, and the runs of Morton keys that cover it."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np

from geo import morton
from geo.arrays import Bools, Floats, Keys
from geo.errors import GeoError

# A box is covered by at most 2**COVER_BITS + 1 tiles to a side: few to look up, little area wasted.
COVER_BITS: Final = 3


@dataclass(frozen=True, slots=True)
class BBox:
    """West, south, east, north in WGS-84 degrees, half-open: [west, east) x [south, north).

    Adjacent boxes therefore share no place and lose none. Raises GeoError when a side is not finite
    or the box is empty or inverted. Sides may lie outside the world (a map panned past its edge).
    """

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        sides = (self.west, self.south, self.east, self.north)
        if not all(isfinite(side) for side in sides):
            raise GeoError("bbox_not_finite", value=sides)
        if not (self.west < self.east and self.south < self.north):
            raise GeoError("bbox_inverted", value=sides)

    @property
    def sides(self) -> Floats:
        """float64[4]: west, south, east, north."""
        return np.array([self.west, self.south, self.east, self.north])

    def holds(self, lon: Floats, lat: Floats) -> Bools:
        """bool[n]: which points (degrees) lie in the box."""
        inside = (lon >= self.west) & (lon < self.east) & (lat >= self.south) & (lat < self.north)
        return np.asarray(inside, np.bool_)

    def key_ranges(self) -> tuple[Keys, Keys]:
        """First and last Morton keys, uint64[r] each and both inclusive, of tiles that cover the box.

        Ascending, disjoint, adjacent tiles joined; they also cover a little of what lies around the box.
        """
        (west, north), (east, south) = self._corner_steps()
        level = morton.DEEPEST - max(east - west, south - north).bit_length() + COVER_BITS
        shift = morton.DEEPEST - min(max(level, 1), morton.DEEPEST)
        columns = np.arange(west >> shift, (east >> shift) + 1, dtype=np.uint64)
        rows = np.arange(north >> shift, (south >> shift) + 1, dtype=np.uint64)
        tiles = np.sort(morton.encode(columns[:, None], rows[None, :]), axis=None)
        breaks = np.flatnonzero(np.diff(tiles) != 1)
        first = tiles[np.concatenate([[0], breaks + 1])]
        last = tiles[np.concatenate([breaks, [tiles.size - 1]])]
        bits = np.uint64(2 * shift)
        return first << bits, (last << bits) | ((np.uint64(1) << bits) - np.uint64(1))

    def tiles(self, level: int) -> tuple[range, range]:
        """Columns and rows of the tiles of a level (0..32) that touch the box, and perhaps one more on each side."""
        (west, north), (east, south) = self._corner_steps()
        shift = morton.DEEPEST - level
        return range(west >> shift, (east >> shift) + 1), range(north >> shift, (south >> shift) + 1)

    def _corner_steps(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """North-west and south-east corner in 32-bit steps, one step wider against rounding."""
        x, y = morton.tile_xy([self.west, self.east], [self.north, self.south], morton.DEEPEST)
        top = 2**morton.DEEPEST - 1
        north_west = max(int(x[0]) - 1, 0), max(int(y[0]) - 1, 0)
        return north_west, (min(int(x[1]) + 1, top), min(int(y[1]) + 1, top))
