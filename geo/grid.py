"""The tiles of a view, and where the places of each lie among rows sorted by Morton key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from geo import kernels, morton
from geo.arrays import Bools, Column, Floats, Ints, Keys
from geo.bbox import BBox
from geo.kernels import Runs
from geo.rows import TILE_LEVEL, Rows

MOST_TILES: Final = 4096  # of a grid; a larger box gets larger tiles
_INSIDE_DEG: Final = 1e-9  # a tile must lie this far inside a box to be counted without looking at its places


@dataclass(frozen=True, eq=False)
class Grid:
    """The tiles of a level that touch a box: keys uint64[t], ascending; inside bool[t]: surely all in the box.

    box float64[4]: west, south, east, north, degrees. Where the places of the tiles lie is looked up once per rows.
    """

    level: int
    keys: Keys
    inside: Bools
    box: Floats
    _known: dict[Rows, tuple[Ints, Ints]] = field(default_factory=dict, repr=False)

    @classmethod
    def over(cls, bbox: BBox, level: int) -> Grid:
        """The tiles of a level, or of the next coarser one that needs no more than MOST_TILES."""
        columns, rows = bbox.tiles(level)
        while len(columns) * len(rows) > MOST_TILES:
            level -= 1
            columns, rows = bbox.tiles(level)
        x, y = np.array(columns, np.uint64), np.array(rows, np.uint64)
        keys = morton.encode(x[:, None], y[None, :]).ravel()
        box, edge = bbox.sides, _INSIDE_DEG
        west, _south, east, _north = morton.tile_bounds(x, np.zeros_like(x), level).T
        _west, south, _east, north = morton.tile_bounds(np.zeros_like(y), y, level).T
        across = (west >= box[0] + edge) & (east <= box[2] - edge)
        upright = (south >= box[1] + edge) & (north <= box[3] - edge)
        order = np.argsort(keys)
        return cls(level, keys[order], (across[:, None] & upright).ravel()[order], box)

    def runs(self, rows: Rows) -> Runs:
        """Where the places of each tile start and stop among some rows."""
        starts, stops = self._bounds(rows)
        return Runs(starts, stops, self.inside, self.box)

    def filled(self, several: Iterable[Rows]) -> Bools:
        """bool[t]: the tiles that hold any place of several rows, be it beside the box."""
        filled = np.zeros(self.keys.size, np.bool_)
        for rows in several:
            starts, stops = self._bounds(rows)
            filled |= stops > starts
        return filled

    def only(self, chosen: Ints | Bools) -> Grid:
        """The grid of some of the tiles."""
        known = {rows: (starts[chosen], stops[chosen]) for rows, (starts, stops) in self._known.items()}
        return Grid(self.level, self.keys[chosen], self.inside[chosen], self.box, known)

    def coarser(self) -> Grid:
        """The grid of the tiles twice as large."""
        return self.at(self.level - 1)

    def at(self, level: int) -> Grid:
        """The grid of the tiles of a coarser level; of tiles that were left out here, it does not know of."""
        firsts = self.firsts(level)
        lasts = np.append(firsts[1:], self.keys.size) - 1
        parts = 4 ** (self.level - level)
        whole = np.add.reduceat(self.inside.astype(np.int64), firsts) == parts
        known = {rows: (starts[firsts], stops[lasts]) for rows, (starts, stops) in self._known.items()}
        keys = self.keys[firsts] >> np.uint64(2 * (self.level - level))
        return Grid(level, keys, np.asarray(whole, np.bool_), self.box, known)

    def firsts(self, level: int) -> Ints:
        """int64[k]: the first of the tiles here that lie in each tile of a coarser level."""
        keys = self.keys >> np.uint64(2 * (self.level - level))
        return np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])[: keys.size])

    def tile_boxes(self) -> Floats:
        """float64[t, 4]: west, south, east, north of each tile, degrees."""
        return morton.tile_bounds(*morton.decode(self.keys), self.level)

    def _bounds(self, rows: Rows) -> tuple[Ints, Ints]:
        if rows not in self._known:
            self._known[rows] = self._found(rows)
        return self._known[rows]

    def _found(self, rows: Rows) -> tuple[Ints, Ints]:
        """int64[t] each: where the places of each tile start and stop; found in the short list of large tiles."""
        if self.level > TILE_LEVEL:
            return kernels.bounds(rows.keys, self.keys, 2 * (morton.DEEPEST - self.level))
        tiles, starts = rows.tiles
        first, stop = kernels.bounds(tiles, self.keys, 2 * (TILE_LEVEL - self.level))
        return starts[first], starts[stop]


def boxes_of(keys: Column, level: int) -> Floats:
    """float64[k, 4]: west, south, east, north in degrees of the tiles of a level that hold some points' keys."""
    return morton.tile_bounds(*morton.decode(morton.cell_key(keys, level)), level)
