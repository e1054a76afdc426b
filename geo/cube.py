"""Counts made in advance: how many places of each tile have each combination of the few columns asked most.

A whole city on a small map is then a few hundred thousand numbers, whatever the number of places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from geo import kernels
from geo.arrays import Column, Ints, Keys, frozen
from geo.codes import CodeTable
from geo.rows import TILE_LEVEL, Rows

LEVEL: Final = TILE_LEVEL  # coarser tiles are unions of these


@dataclass(frozen=True, eq=False)
class Cube:
    """Tiles of LEVEL that hold places: keys uint64[t], ascending, and for each the entries from `starts` on.

    starts int64[t + 1]; entries: codes uint16 or uint32[e], the combination in `table`, and counts uint32[e].
    """

    tiles: Keys
    starts: Ints
    codes: Column
    counts: Column
    table: CodeTable

    @classmethod
    def build(cls, rows: Rows, table: CodeTable, names: Sequence[str]) -> Self:
        """Count rows per tile and combination of the named columns of their table."""
        columns = {name: table.columns[name] for name in names}
        small, of_code = CodeTable.build(columns, table.size, table.bitmasks & set(names))
        tiles, begins = rows.tiles
        tile_of = np.repeat(np.arange(tiles.size), np.diff(begins))
        entry = tile_of * max(small.size, 1) + of_code[rows.codes].astype(np.int64)
        entries, counts = np.unique(entry, return_counts=True)
        starts = np.searchsorted(entries, np.arange(tiles.size + 1) * max(small.size, 1))
        return cls(
            tiles,
            frozen(starts.astype(np.int64)),
            frozen((entries % max(small.size, 1)).astype(of_code.dtype)),
            frozen(counts.astype(np.uint32)),
            small,
        )

    def entries_of(self, keys: Keys, level: int) -> tuple[Ints, Ints]:
        """int64[k] each: where the entries of some tiles of a level (at most LEVEL) start and stop."""
        first, stop = kernels.bounds(self.tiles, keys, 2 * (LEVEL - level))
        return self.starts[first], self.starts[stop]

    def arrays(self) -> dict[str, Column]:
        """Every array by name: what a file keeps."""
        kept = {"tiles": self.tiles, "starts": self.starts, "codes": self.codes, "counts": self.counts}
        return kept | {f"column.{name}": values for name, values in self.table.columns.items()}

    @classmethod
    def from_arrays(cls, kept: Mapping[str, Column]) -> Self:
        """A cube over arrays as `arrays` gives them."""
        columns = {
            name.removeprefix("column."): values
            for name, values in kept.items()
            if name.startswith("column.")
        }
        size = next((values.size for values in columns.values()), 0)
        return cls(kept["tiles"], kept["starts"], kept["codes"], kept["counts"], CodeTable(columns, size))
