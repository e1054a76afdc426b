"""The point index: places in Morton order with small columns; how many, which values, which are nearest.

Memory per place: 32 bytes and its columns. Every answer is exact. A box touches only the runs of keys that
cover it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final, Self

import numpy as np
from numpy.typing import ArrayLike

from geo import cells as grouping
from geo import filters as conditions
from geo import morton
from geo.arrays import Bools, Column, Floats, Ints, Keys
from geo.bbox import BBox
from geo.cells import CellAnswer, Grouping
from geo.datum import valid_lonlat
from geo.distance import haversine_m, reach_degrees
from geo.errors import GeoError
from geo.filters import Between, Filters, HasBit, Kind, OneOf, Selection

__all__ = ["BBox", "Between", "CellAnswer", "Filters", "HasBit", "OneOf", "PointIndex", "Selection"]

NO_FILTERS: Final[Filters] = MappingProxyType({})
JOIN_GAP: Final = 2048  # rows; reading over a gap this small is cheaper than another run
FIRST_RADIUS_M: Final = 200.0
RADIUS_GROWTH: Final = 4.0
MOST_CODES: Final = 1 << 20  # per counted column


@dataclass(frozen=True, eq=False)
class PointIndex:
    """n places sorted by Morton key. Make one with `build`; arrays of a file may be passed as they are.

    ids int64[n], unique; lon, lat float64[n], WGS-84 degrees; keys uint64[n], ascending, of
    `morton.point_key`; columns: name -> uint8, uint16 or uint32 codes, or float32 numbers (NaN: unknown),
    [n] each; bitmasks: the unsigned columns of which each bit is a flag. A *position* is a row of the arrays.
    """

    ids: Ints
    lon: Floats
    lat: Floats
    keys: Keys
    columns: Mapping[str, Column] = field(default_factory=dict)
    bitmasks: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        named = {"lon": self.lon, "lat": self.lat, "keys": self.keys, **self.columns}
        for name, values in named.items():
            _same_length(name, values, self.ids.size)
        for name in self.bitmasks:
            self._column(name)
        self.kinds  # noqa: B018  (raises for a column of another type)

    @classmethod
    def build(
        cls,
        ids: ArrayLike,
        lon: ArrayLike,
        lat: ArrayLike,
        columns: Mapping[str, Column],
        *,
        bitmasks: Collection[str] = (),
    ) -> Self:
        """An index of n places given in any order, shapes and types as in the class.

        Raises GeoError: lengths that differ, an id twice, a point that is not on earth, another column type.
        """
        all_ids = np.asarray(ids, np.int64)
        east, north = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
        for name, values in {"lon": east, "lat": north, **columns}.items():
            _same_length(name, values, all_ids.size)
        _unique(all_ids)
        _on_earth(all_ids, east, north)
        keys = morton.point_key(east, north)
        order = np.lexsort((all_ids, keys))
        sorted_columns = {name: _frozen(values[order]) for name, values in columns.items()}
        return cls(
            _frozen(all_ids[order]),
            _frozen(east[order]),
            _frozen(north[order]),
            _frozen(keys[order]),
            MappingProxyType(sorted_columns),
            frozenset(bitmasks),
        )

    def __len__(self) -> int:
        return int(self.ids.size)

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Column name -> codes, numbers or bitmask."""
        return {
            name: conditions.kind_of(values.dtype, name in self.bitmasks, name)
            for name, values in self.columns.items()
        }

    @cached_property
    def widths(self) -> Mapping[str, int]:
        """Name of each code column -> its highest code + 1, the length of its counts (0 with no places)."""
        return {
            name: int(self.columns[name].max()) + 1 if len(self) else 0
            for name, kind in self.kinds.items()
            if kind is Kind.CODE
        }

    def having(self, ids: ArrayLike) -> Bools:
        """bool[n]: the places with these ids. As `within` it narrows an answer to a database's result."""
        return np.isin(self.ids, np.asarray(ids, np.int64))

    def mask(self, filters: Filters, *, skip: str | None = None) -> Bools:
        """bool[n]: places that satisfy every filter, the one on column `skip` left out."""
        kept = {name: selection for name, selection in filters.items() if name != skip}
        self._check(kept)
        return self._keep(slice(0, len(self)), None, kept, None)

    def select(
        self, bbox: BBox | None = None, filters: Filters = NO_FILTERS, within: Bools | None = None
    ) -> Ints:
        """int64[k], ascending: positions in the box (everywhere when None) under the filters and the mask."""
        self._check(filters, within)
        found = [
            np.flatnonzero(self._keep(rows, bbox, filters, within)) + rows.start for rows in self._runs(bbox)
        ]
        return np.concatenate([np.zeros(0, np.int64), *found])

    def cells(
        self,
        bbox: BBox,
        zoom: float,
        filters: Filters = NO_FILTERS,
        *,
        mix: str,
        groups: str | None = None,
        singles: int = 200,
        cell_px: int = 64,
        within: Bools | None = None,
    ) -> CellAnswer:
        """The places of a viewport as cells and single places, see CellAnswer.

        More than `singles` places are grouped by cells of `cell_px` at the whole zoom below `zoom`, a cell of
        one place becoming a single; fewer come one by one, save those within some 6 px of each other. `mix`
        and `groups` name code columns counted per cell. GeoError for a bad zoom, size, number or column.
        """
        level = grouping.cell_level(zoom, cell_px, singles)
        positions = self.select(bbox, filters, within)
        if positions.size > singles:
            alone, crowds = grouping.by_grid(self, positions, level).split()
            lon, lat, box = grouping.in_cells(self, crowds, level)
        else:
            alone, crowds = grouping.by_closeness(self, positions, zoom).split()
            lon, lat, box = *grouping.centres(self, crowds), grouping.extents(self, crowds)
        return CellAnswer(
            total=int(positions.size),
            n=crowds.sizes(),
            lon=lon,
            lat=lat,
            bbox=box,
            mix=self._mix(crowds, mix),
            groups=self._mix(crowds, groups),
            ids=grouping.heaped_ids(self, crowds, zoom),
            singles=alone,
        )

    def facets(
        self,
        filters: Filters,
        names: Sequence[str],
        *,
        bbox: BBox | None = None,
        within: Bools | None = None,
    ) -> dict[str, Ints]:
        """Column name -> int64[codes] places per code, or per bit of a bitmask (lowest first).

        Each column is counted under the filters on the *other* columns, so a list of choices shows what each
        choice would give. Raises GeoError for a column of numbers.
        """
        self._check(filters, within)
        for name in names:
            self._counted(name, Kind.CODE, Kind.BITMASK)
        rows: Ints | slice = slice(None)
        if bbox is not None or within is not None:
            rows = self.select(bbox, within=within)
        fails = {
            name: ~conditions.matches(self._column(name)[rows], choice) for name, choice in filters.items()
        }
        failed = np.zeros(self.ids[rows].size, np.uint16)
        for fail in fails.values():
            failed += fail
        return {name: self._count(name, rows, failed == fails.get(name, 0)) for name in names}

    def nearest(
        self, lon: float, lat: float, n: int, filters: Filters = NO_FILTERS, *, within: Bools | None = None
    ) -> tuple[Ints, Floats]:
        """The n places nearest to a point (degrees): positions int64[k], distance_m float64[k].

        Great-circle metres, nearest first, equal distances by id; k < n only when fewer places qualify.
        Boxes around growing circles are searched until one circle holds n, so the answer is exact.
        """
        if n < 1:
            raise GeoError("nearest_count", value=n)
        _on_earth(np.zeros(1, np.int64), np.array([lon]), np.array([lat]))
        self._check(filters, within)
        radius_m = FIRST_RADIUS_M
        while (bbox := _around(lon, lat, radius_m)) is not None:
            found, distance_m = self._by_distance(lon, lat, self.select(bbox, filters, within))
            if found.size >= n and distance_m[n - 1] <= radius_m:
                return found[:n], distance_m[:n]
            radius_m *= RADIUS_GROWTH
        found, distance_m = self._by_distance(lon, lat, self.select(None, filters, within))
        return found[:n], distance_m[:n]

    def replaced(
        self,
        ids: ArrayLike,
        lon: ArrayLike,
        lat: ArrayLike,
        columns: Mapping[str, Column],
        removed_ids: ArrayLike = (),
    ) -> Self:
        """A new index with these rows put in (an id already there is updated) and `removed_ids` taken out.

        Rows as in `build`, with the columns of this index; an unknown removed id is ignored, one that is also
        given as a row is put in. Raises GeoError as `build`, and for other columns.
        """
        if set(columns) != set(self.columns):
            raise GeoError("columns_differ", given=sorted(columns), expected=sorted(self.columns))
        same_types = {
            name: np.asarray(values).astype(self.columns[name].dtype) for name, values in columns.items()
        }
        fresh = type(self).build(ids, lon, lat, same_types, bitmasks=self.bitmasks)
        gone = np.concatenate([fresh.ids, np.asarray(removed_ids, np.int64)])
        stays = ~np.isin(self.ids, gone)
        at = np.searchsorted(self.keys[stays], fresh.keys, "right")

        def joined(old: Column, new: Column) -> Column:
            return _frozen(np.insert(old[stays], at, new))

        return type(self)(
            joined(self.ids, fresh.ids),
            joined(self.lon, fresh.lon),
            joined(self.lat, fresh.lat),
            joined(self.keys, fresh.keys),
            MappingProxyType({name: joined(old, fresh.columns[name]) for name, old in self.columns.items()}),
            self.bitmasks,
        )

    def _runs(self, bbox: BBox | None) -> list[slice]:
        """Slices of rows that hold every place of the box, and some around it."""
        if bbox is None:
            return [slice(0, len(self))]
        first, last = bbox.key_ranges()
        starts = np.searchsorted(self.keys, first, "left")
        stops = np.searchsorted(self.keys, last, "right")
        filled = stops > starts
        starts, stops = starts[filled], stops[filled]
        far = starts[1:] - stops[:-1] > JOIN_GAP
        begins = starts[np.append(True, far)[: starts.size]]
        ends = stops[np.append(far, True)[: stops.size]]
        return [slice(int(begin), int(end)) for begin, end in zip(begins, ends, strict=True)]

    def _keep(self, rows: slice, bbox: BBox | None, filters: Filters, within: Bools | None) -> Bools:
        keep = np.ones(rows.stop - rows.start, np.bool_)
        if bbox is not None:
            keep = bbox.holds(self.lon[rows], self.lat[rows])
        for name, selection in filters.items():
            keep &= conditions.matches(self.columns[name][rows], selection)
        if within is not None:
            keep &= within[rows]
        return keep

    def _by_distance(self, lon: float, lat: float, positions: Ints) -> tuple[Ints, Floats]:
        distance_m = haversine_m(lon, lat, self.lon[positions], self.lat[positions])
        order = np.lexsort((self.ids[positions], distance_m))
        return positions[order], distance_m[order]

    def _mix(self, crowds: Grouping, name: str | None) -> Ints:
        if name is None:
            return np.zeros((crowds.starts.size, 0), np.int64)
        return crowds.count(self._counted(name, Kind.CODE)[crowds.positions], self.widths[name])

    def _count(self, name: str, rows: Ints | slice, keep: Bools) -> Ints:
        values = self.columns[name][rows][keep]
        if self.kinds[name] is Kind.BITMASK:
            return conditions.count_bits(values)
        return conditions.count_codes(values, self.widths[name])

    def _column(self, name: str) -> Column:
        if name not in self.columns:
            raise GeoError("column_unknown", name=name, choices=", ".join(self.columns) or "none")
        return self.columns[name]

    def _counted(self, name: str, *kinds: Kind) -> Column:
        values = self._column(name)
        if self.kinds[name] not in kinds or self.widths.get(name, 0) > MOST_CODES:
            choices = [other for other, kind in self.kinds.items() if kind in kinds and other != name]
            kind = self.kinds[name]
            raise GeoError("facet_kind", name=name, kind=kind, choices=", ".join(choices) or "none")
        return values

    def _check(self, filters: Filters, within: Bools | None = None) -> None:
        for name, selection in filters.items():
            self._column(name)
            conditions.check(name, self.kinds[name], selection)
        if within is not None:
            _same_length("within", within, len(self))


def _around(lon: float, lat: float, radius_m: float) -> BBox | None:
    """The box around a circle, a touch wider against rounding; None past a pole or the 180th meridian."""
    reach = reach_degrees(lat, radius_m * 1.000001)
    if reach is None or lon - reach[0] <= -180.0 or lon + reach[0] >= 180.0:
        return None
    return BBox(lon - reach[0], lat - reach[1], lon + reach[0], lat + reach[1])


def _same_length(name: str, values: Column, expected: int) -> None:
    if values.shape != (expected,):
        raise GeoError("lengths_differ", name=name, length=values.shape, expected=expected)


def _unique(ids: Ints) -> None:
    ordered = np.sort(ids)
    again = np.flatnonzero(ordered[1:] == ordered[:-1])
    if again.size:
        raise GeoError("ids_repeat", value=int(ordered[again[0]]))


def _on_earth(ids: Ints, lon: Floats, lat: Floats) -> None:
    wrong = np.flatnonzero(~valid_lonlat(lon, lat))
    if wrong.size:
        row = wrong[0]
        raise GeoError("point_invalid", id=int(ids[row]), lon=float(lon[row]), lat=float(lat[row]))


def _frozen(values: Column) -> Column:
    values.setflags(write=False)
    return values
