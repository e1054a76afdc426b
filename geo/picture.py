"""The picture of a view over one or several indexes: a few hundred cells and single places, whatever their number.

Few places come one by one. Some thousand are looked at one by one and grouped exactly; of more, only the counts
per cell are exact, and rings are centred on a sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from geo import cells as grouping
from geo import kernels, morton
from geo.arrays import Bools, Column, Floats, Ints, Keys
from geo.bbox import BBox
from geo.cells import CellAnswer, Grouping
from geo.codes import CodeTable
from geo.cube import LEVEL as CUBE_LEVEL
from geo.errors import GeoError
from geo.grid import Grid, boxes_of
from geo.index import Choice, Part, PointIndex

SINGLES: Final = 200
LOOKED_AT: Final = 5000  # so many places are grouped exactly
MOST_CELLS: Final = 300
_MOST_MIXED: Final = 250  # values of the mixed column; a byte holds them and "does not count"


@dataclass(frozen=True, eq=False)
class Sheet:
    """An index, what of it counts, and the code column whose mix is shown."""

    index: PointIndex
    choice: Choice
    mix: str

    @property
    def width(self) -> int:
        """How many values the mix has."""
        return self.index.widths[self.mix]

    def tally(self, grid: Grid) -> Tally:
        """Places of the choice per tile and value of the mix."""
        bins = self._bins(self.index.table, self.choice.passes)
        parts = tuple(self.index.parts(self.choice))
        counts = np.zeros((len(parts), grid.keys.size, self.width), np.int64)
        for part, found in zip(parts, counts, strict=True):
            ready = self._counted_before(part, grid)
            found[ready] = self._from_cube(grid.only(ready))
            rest = grid.only(~ready)
            scan = part.rows.scan(part.mask)
            found[~ready] = part.sign * kernels.tally(rest.runs(part.rows), scan, bins, self.width)
        return Tally(self, grid, parts, counts)

    def _bins(self, table: CodeTable, passes: Bools) -> Column:
        """uint8[k]: what each combination counts as; `width` where it does not count."""
        bins = np.full(table.size, self.width, np.uint8)
        bins[passes] = table.columns[self.mix][passes]
        return bins

    def _counted_before(self, part: Part, grid: Grid) -> Bools:
        """bool[tiles]: the tiles whose places of a part the cube has counted, under these filters."""
        cube = self.index.cube
        if (
            cube is None
            or part.rows is not self.index.base
            or part.mask.size
            or grid.level > CUBE_LEVEL
            or not {*self.choice.filters, self.mix} <= set(cube.table.columns)
        ):
            return np.zeros(grid.keys.size, np.bool_)
        return grid.inside

    def _from_cube(self, grid: Grid) -> Ints:
        cube = self.index.cube
        if cube is None or not grid.keys.size:
            return np.zeros((grid.keys.size, self.width), np.int64)
        bins = self._bins(cube.table, cube.table.passing(self.choice.filters))
        starts, stops = cube.entries_of(grid.keys, grid.level)
        return kernels.tally_entries(starts, stops, cube.codes, cube.counts, bins, self.width)

    def find(self, grid: Grid) -> Ints:
        """int64[k], ascending: positions of the choice in the tiles."""
        return self.index.find(self.choice, grid.runs)


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts of a sheet per tile of a grid: int64[parts, tiles, width], those of the dead negative."""

    sheet: Sheet
    grid: Grid
    parts: tuple[Part, ...]
    counts: Ints

    @property
    def mix(self) -> Ints:
        """int64[tiles, width]: places per tile and value of the mix."""
        return np.asarray(self.counts.sum(axis=0))

    def at(self, level: int) -> Tally:
        """The same counts for the tiles of a level that is not finer."""
        if level == self.grid.level or not self.grid.keys.size:
            return self
        counts = np.add.reduceat(self.counts, self.grid.firsts(level), axis=1)
        return Tally(self.sheet, self.grid.at(level), self.parts, counts)

    def moments(self, tiles: Ints) -> Floats:
        """float64[tiles, 2]: about the sums of longitude and latitude of the places of some tiles."""
        grid = self.grid.only(tiles)
        sums = np.zeros((tiles.size, 2))
        for part, counts in zip(self.parts, self.counts, strict=True):
            scan = part.rows.scan(part.mask)
            means = kernels.centres(grid.runs(part.rows), scan, self.sheet.choice.passes)
            sums += np.nan_to_num(means) * counts[tiles].sum(axis=1)[:, None]
        return sums


@dataclass(frozen=True, eq=False)
class Found:
    """Places that were looked at, sorted by key: arrays [k]; owner: which sheet, position: where in its index."""

    ids: Ints
    lon: Floats
    lat: Floats
    keys: Keys
    mix: Column
    owner: Ints
    position: Ints

    @classmethod
    def of(cls, sheets: Sequence[Sheet], positions: Sequence[Ints]) -> Found:
        """The places at some positions of each sheet."""
        pairs = list(zip(sheets, positions, strict=True))
        ids = np.concatenate([sheet.index.ids_at(at) for sheet, at in pairs])
        keys = np.concatenate([sheet.index.keys_at(at) for sheet, at in pairs])
        order = np.lexsort((ids, keys))
        return cls(
            ids[order],
            np.concatenate([sheet.index.lon_at(at) for sheet, at in pairs])[order],
            np.concatenate([sheet.index.lat_at(at) for sheet, at in pairs])[order],
            keys[order],
            np.concatenate([sheet.index.values_at(sheet.mix, at) for sheet, at in pairs])[order],
            np.concatenate([np.full(at.size, number) for number, at in enumerate(positions)])[order],
            np.concatenate(positions)[order],
        )

    def per_sheet(self, rows: Ints, sheets: int) -> tuple[Ints, ...]:
        """Positions of some rows, ascending, per sheet."""
        return tuple(np.sort(self.position[rows][self.owner[rows] == number]) for number in range(sheets))


def picture(
    sheets: Sequence[Sheet],
    bbox: BBox,
    zoom: float,
    *,
    singles: int = SINGLES,
    cell_px: int = 64,
    looked_at: int = LOOKED_AT,
) -> CellAnswer:
    """The places of a view as cells and single places, see CellAnswer.

    More than `singles` places are grouped by cells of `cell_px` at the whole zoom below `zoom`, of twice that
    size (and again) where more than MOST_CELLS hold any place, filtered or not; a cell of one place becomes a
    single. Fewer come one by one, save those within some 6 px of each other. GeoError for a bad zoom, size or
    column.
    """
    level = grouping.cell_level(zoom, cell_px, singles)
    for sheet in sheets:
        if sheet.index.widths.get(sheet.mix, 0) > _MOST_MIXED:
            raise GeoError("facet_kind", name=sheet.mix, kind="code", choices="none")
    grid, level = _grids(sheets, bbox, level)
    tallies = [sheet.tally(grid) for sheet in sheets]
    total = sum(int(tally.counts.sum()) for tally in tallies)
    if total > max(looked_at, singles):
        return _counted([tally.at(level) for tally in tallies], total)
    found = Found.of(sheets, [sheet.find(grid) for sheet in sheets])
    if total > singles:
        groups = grouping.by_grid(found, level)
        alone, crowds = groups.split()
        lon, lat = grouping.centres(found, crowds)
        keys = found.keys[crowds.positions[crowds.starts]]
        lon, lat = grouping.ring_centres(morton.cell_key(keys, level), level, lon, lat)
        box = boxes_of(keys, level)
    else:
        alone, crowds = grouping.by_closeness(found, zoom).split()
        lon, lat, box = *grouping.centres(found, crowds), grouping.extents(found, crowds)
    return CellAnswer(
        total=total,
        level=level if total > singles else None,
        n=crowds.sizes(),
        lon=lon,
        lat=lat,
        bbox=box,
        mix=crowds.count(found.mix[crowds.positions], max(sheet.width for sheet in sheets)),
        groups=_per_sheet(crowds, found, len(sheets)),
        ids=grouping.heaped_ids(found, crowds, zoom),
        singles=found.per_sheet(alone, len(sheets)),
    )


def _grids(sheets: Sequence[Sheet], bbox: BBox, level: int) -> tuple[Grid, int]:
    """The tiles that hold any place, to count in; and the level of the cells, as coarse as keeps them few.

    Tiles are counted finer than the cells are where the cube knows such tiles: then only the places at the very
    edge of the box are looked at one by one.
    """
    rows = [rows for sheet in sheets for rows in (sheet.index.base, sheet.index.fresh) if len(rows)]
    cells = Grid.over(bbox, level)
    counted, filled = None, cells.filled(rows)
    while int(filled.sum()) > MOST_CELLS:
        if counted is None and cells.level <= CUBE_LEVEL:
            counted = cells.only(filled)
        cells = cells.coarser()
        filled = cells.filled(rows)
    return counted or cells.only(filled), cells.level


def _counted(tallies: Sequence[Tally], total: int) -> CellAnswer:
    """The answer for many places: counts per cell, and the singles of the cells of one."""
    sheets, grid = [tally.sheet for tally in tallies], tallies[0].grid
    mixes = [tally.mix for tally in tallies]
    groups = np.stack([mix.sum(axis=1) for mix in mixes], axis=1)
    n = groups.sum(axis=1)
    alone, crowd = np.flatnonzero(n == 1), np.flatnonzero(n > 1)
    cells = grid.only(crowd)
    moments = np.zeros((crowd.size, 2))
    for tally in tallies:
        moments += tally.moments(crowd)
    lon, lat = (moments / n[crowd][:, None]).T
    lon, lat = grouping.ring_centres(cells.keys, grid.level, lon, lat)
    mix = np.zeros((crowd.size, max(sheet.width for sheet in sheets)), np.int64)
    for part in mixes:
        mix[:, : part.shape[1]] += part[crowd]
    return CellAnswer(
        total=total,
        level=grid.level,
        n=n[crowd],
        lon=lon,
        lat=lat,
        bbox=cells.tile_boxes(),
        mix=mix,
        groups=groups[crowd],
        ids=(np.zeros(0, np.int64),) * crowd.size,
        singles=tuple(sheet.find(grid.only(alone)) for sheet in sheets),
    )


def _per_sheet(crowds: Grouping, found: Found, sheets: int) -> Ints:
    return crowds.count(found.owner[crowds.positions], sheets)
