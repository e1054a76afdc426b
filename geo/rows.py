"""Places as arrays sorted by Morton key: what an index reads, and what a file of an index holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final, Self

import numpy as np
from numpy.typing import ArrayLike

from geo import morton
from geo.arrays import Bools, Column, Floats, Ints, Keys, frozen
from geo.bbox import BBox
from geo.datum import valid_lonlat
from geo.errors import GeoError
from geo.kernels import Runs, Scan

TILE_LEVEL: Final = 15  # of the directory of tiles: about a kilometre
_JOIN_GAP: Final = 512  # rows; reading over a gap this small is cheaper than another run


@dataclass(frozen=True, eq=False)
class Rows:
    """n places sorted by Morton key.

    ids int64[n], unique; lon, lat float64[n], WGS-84 degrees; keys uint64[n], ascending, of `morton.point_key`;
    codes uint16 or uint32[n]: the number of each place's combination of column values; numbers: name ->
    float32[n], NaN where unknown.
    """

    ids: Ints
    lon: Floats
    lat: Floats
    keys: Keys
    codes: Column
    numbers: Mapping[str, Column] = field(default_factory=dict)

    @classmethod
    def build(
        cls,
        ids: ArrayLike,
        lon: ArrayLike,
        lat: ArrayLike,
        codes: Column,
        numbers: Mapping[str, Column],
    ) -> Self:
        """Sort places given in any order; raises GeoError for an id given twice or a point that is not on earth."""
        all_ids = np.asarray(ids, np.int64)
        east, north = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
        named: dict[str, Column] = {"lon": east, "lat": north, "codes": codes, **numbers}
        for name, values in named.items():
            same_length(name, values, all_ids.size)
        _unique(all_ids)
        on_earth(all_ids, east, north)
        keys = morton.point_key(east, north)
        order = np.lexsort((all_ids, keys))
        return cls(
            frozen(all_ids[order]),
            frozen(east[order]),
            frozen(north[order]),
            frozen(keys[order]),
            frozen(codes[order]),
            MappingProxyType({name: frozen(values[order]) for name, values in numbers.items()}),
        )

    def __len__(self) -> int:
        return int(self.ids.size)

    def arrays(self) -> dict[str, Column]:
        """Every array by name, the orders by id and by code and the tiles included: what a file keeps."""
        order, starts = self.by_code
        tiles, tile_starts = self.tiles
        kept: dict[str, Column] = {
            name: getattr(self, name) for name in ("ids", "lon", "lat", "keys", "codes")
        }
        kept |= {"by_id": self.by_id, "code_order": order, "code_starts": starts}
        kept |= {"tiles": tiles, "tile_starts": tile_starts}
        return kept | {f"number.{name}": values for name, values in self.numbers.items()}

    @classmethod
    def from_arrays(cls, kept: Mapping[str, Column]) -> Self:
        """Rows over arrays as `arrays` gives them, which may lie in a mapped file."""
        numbers = {
            name.removeprefix("number."): values
            for name, values in kept.items()
            if name.startswith("number.")
        }
        rows = cls(kept["ids"], kept["lon"], kept["lat"], kept["keys"], kept["codes"], numbers)
        # Filled as the properties would fill themselves, without sorting millions of rows again.
        rows.__dict__["by_id"] = kept["by_id"]
        rows.__dict__["by_code"] = (kept["code_order"], kept["code_starts"])
        rows.__dict__["tiles"] = (kept["tiles"], kept["tile_starts"])
        return rows

    def scan(self, mask: Bools) -> Scan:
        """What the compiled loops read of these rows, under a mask bool[n], or bool[0] for every row."""
        eights = frozen(mask[: mask.size // 8 * 8].view(np.uint64))
        return Scan(self.codes, self.lon, self.lat, mask, eights)

    @cached_property
    def by_id(self) -> Ints:
        """int64[n]: rows in the order of their ids."""
        return frozen(np.argsort(self.ids, kind="stable").astype(np.int64))

    @cached_property
    def by_code(self) -> tuple[Ints, Ints]:
        """Rows in the order of their codes, int64[n], and where each code begins, int64[codes + 1]."""
        order = np.argsort(self.codes, kind="stable").astype(np.int64)
        top = int(self.codes.max()) + 1 if len(self) else 0
        starts = np.concatenate([[0], np.cumsum(np.bincount(self.codes, minlength=top))]).astype(np.int64)
        return frozen(order), frozen(starts)

    @cached_property
    def tiles(self) -> tuple[Keys, Ints]:
        """The tiles of TILE_LEVEL that hold rows, uint64[t], ascending, and where each begins, int64[t + 1]."""
        tiles = morton.cell_key(self.keys, TILE_LEVEL)
        firsts = np.flatnonzero(np.concatenate([[True], tiles[1:] != tiles[:-1]])[: tiles.size])
        return frozen(tiles[firsts]), frozen(np.append(firsts, tiles.size).astype(np.int64))

    def rows_of(self, ids: ArrayLike) -> Ints:
        """int64[k]: the rows that have one of these ids; ids that no row has are left out."""
        wanted = np.unique(np.asarray(ids, np.int64))
        if not len(self) or not wanted.size:
            return np.zeros(0, np.int64)
        at = np.searchsorted(self.ids, wanted, sorter=self.by_id)
        rows = self.by_id[np.minimum(at, len(self) - 1)]
        return np.sort(rows[self.ids[rows] == wanted])

    def rows_with(self, codes: Ints) -> Ints:
        """int64[k]: the rows that have one of these codes, in no order."""
        order, starts = self.by_code
        known = codes[codes < starts.size - 1]
        parts = [order[starts[code] : starts[code + 1]] for code in known]
        return np.concatenate([np.zeros(0, np.int64), *parts])

    def taken(self, rows: Ints | Bools) -> Rows:
        """The named rows, kept in their order (ascending positions or a mask)."""
        numbers = {name: frozen(values[rows]) for name, values in self.numbers.items()}
        arrays = (self.ids, self.lon, self.lat, self.keys, self.codes)
        ids, lon, lat, keys, codes = (frozen(values[rows]) for values in arrays)
        return Rows(ids, lon, lat, keys, codes, numbers)

    def runs_in(self, bbox: BBox | None) -> Runs:
        """Runs that hold every place of a box (everything for None)."""
        if bbox is None:
            return Runs(
                np.zeros(1, np.int64), np.full(1, len(self), np.int64), np.ones(1, np.bool_), np.zeros(4)
            )
        first, last = bbox.key_ranges()
        starts = np.searchsorted(self.keys, first, "left")
        stops = np.searchsorted(self.keys, last, "right")
        filled = stops > starts
        starts, stops = starts[filled], stops[filled]
        far = starts[1:] - stops[:-1] > _JOIN_GAP
        begins = starts[np.append(True, far)[: starts.size]].astype(np.int64)
        ends = stops[np.append(far, True)[: stops.size]].astype(np.int64)
        return Runs(begins, ends, np.zeros(begins.size, np.bool_), bbox.sides)


def every_row() -> Bools:
    """The mask that every row passes."""
    return frozen(np.zeros(0, np.bool_))


def same_length(name: str, values: Column, expected: int) -> None:
    """Raise GeoError unless an array has one value per place."""
    if values.shape != (expected,):
        raise GeoError("lengths_differ", name=name, length=values.shape, expected=expected)


def on_earth(ids: Ints, lon: Floats, lat: Floats) -> None:
    """Raise GeoError for the first point that is no longitude and latitude in degrees."""
    bad = np.flatnonzero(~valid_lonlat(lon, lat))
    if bad.size:
        row = int(bad[0])
        raise GeoError("point_invalid", id=int(ids[row]), lon=float(lon[row]), lat=float(lat[row]))


def _unique(ids: Ints) -> None:
    ordered = np.sort(ids)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    if repeated.size:
        raise GeoError("ids_repeat", value=int(repeated[0]))
