"""The point index: places in Morton order; how many, which values, which are nearest, under any filter.

An index is a value. Its `base` may lie in a file that many processes map; a change makes a new index that shares
it and notes which of its rows no longer hold (`dead`) and the rows that came instead (`fresh`). Every answer is
exact: the base, less the dead, plus the fresh.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Final, Self

import numpy as np
from numpy.typing import ArrayLike

from geo import filters as conditions
from geo import kernels
from geo.arrays import Bools, Column, Floats, Ints, frozen
from geo.bbox import BBox
from geo.cells import CellAnswer
from geo.codes import CodeTable
from geo.cube import Cube
from geo.distance import haversine_m, reach_degrees
from geo.errors import GeoError
from geo.filters import Between, Filters, HasBit, Kind, OneOf, Selection
from geo.kernels import Runs
from geo.rows import Rows, every_row, on_earth, same_length

__all__ = ["BBox", "Between", "CellAnswer", "Choice", "Filters", "HasBit", "OneOf", "PointIndex", "Selection"]

NO_FILTERS: Final[Filters] = MappingProxyType({})
FIRST_RADIUS_M: Final = 200.0
RADIUS_GROWTH: Final = 4.0
RARE: Final = 4096  # so few candidates are all measured rather than searched for
MOST_CODES: Final = 1 << 20  # per counted column


@dataclass(frozen=True, eq=False)
class Choice:
    """What counts: combinations of values `passes` bool[k], and masks of rows (bool[0]: every row).

    filters: those on columns of the table, from which `passes` was decided.
    """

    passes: Bools
    filters: Filters = field(default_factory=dict)
    base: Bools = field(default_factory=every_row)
    fresh: Bools = field(default_factory=every_row)

    @property
    def by_code_alone(self) -> bool:
        """Whether no row is left out for itself."""
        return not self.base.size and not self.fresh.size


@dataclass(frozen=True, eq=False)
class Part:
    """Rows of an index with their mask, to be added or, with `sign` -1, taken away."""

    rows: Rows
    mask: Bools
    sign: int


@dataclass(frozen=True, eq=False)
class PointIndex:
    """n places: the rows of `base` but those at `dead` (int64[d], ascending), and the rows of `fresh`.

    Make one with `build`. A *position* is a row of the base, or the length of the base + a row of `fresh`.
    Columns are codes (uint8, uint16, uint32), flags (the same, in `table.bitmasks`) or numbers (float32,
    NaN: unknown).
    """

    base: Rows
    table: CodeTable
    dead: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    fresh: Rows = field(default_factory=lambda: _no_rows(()))
    cube: Cube | None = None

    @classmethod
    def build(
        cls,
        ids: ArrayLike,
        lon: ArrayLike,
        lat: ArrayLike,
        columns: Mapping[str, Column],
        *,
        bitmasks: Collection[str] = (),
        cube: Sequence[str] = (),
    ) -> Self:
        """An index of n places given in any order: ids int64[n], lon and lat in WGS-84 degrees, columns [n] each.

        `cube` names the columns that are asked most; questions of these alone are counted in advance.
        Raises GeoError: lengths that differ, an id twice, a point that is not on earth, another column type.
        """
        count = np.asarray(ids, np.int64).size
        for name, values in columns.items():
            same_length(name, values, count)
            conditions.kind_of(values.dtype, name in bitmasks, name)
        numbers = {name: values for name, values in columns.items() if values.dtype == np.float32}
        small = {name: values for name, values in columns.items() if name not in numbers}
        table, codes = CodeTable.build(small, count, bitmasks)
        base = Rows.build(ids, lon, lat, codes, numbers)
        return cls.over(base, table, Cube.build(base, table, cube) if cube else None)

    @classmethod
    def over(cls, base: Rows, table: CodeTable, cube: Cube | None = None) -> Self:
        """An index over rows that are already sorted and coded, such as those of a file."""
        return cls(base, table, fresh=_no_rows(tuple(base.numbers)), cube=cube)

    def __len__(self) -> int:
        return len(self.base) - self.dead.size + len(self.fresh)

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Column name -> codes, numbers or bitmask."""
        return {**self.table.kinds, **dict.fromkeys(self.base.numbers, Kind.NUMBER)}

    @property
    def widths(self) -> Mapping[str, int]:
        """Name of each code column -> the length of its counts."""
        return self.table.widths

    # -- rows by position ---------------------------------------------------------------------------------------------

    def ids_at(self, positions: Ints) -> Ints:
        """int64[k]: the ids of some positions."""
        return self._at(positions, lambda rows: rows.ids)

    def lon_at(self, positions: Ints) -> Floats:
        """float64[k]: the longitudes of some positions."""
        return self._at(positions, lambda rows: rows.lon)

    def lat_at(self, positions: Ints) -> Floats:
        """float64[k]: the latitudes of some positions."""
        return self._at(positions, lambda rows: rows.lat)

    def keys_at(self, positions: Ints) -> Column:
        """uint64[k]: the Morton keys of some positions."""
        return self._at(positions, lambda rows: rows.keys)

    def values_at(self, name: str, positions: Ints) -> Column:
        """[k]: what a column holds at some positions."""
        if name in self.base.numbers:
            return self._at(positions, lambda rows: rows.numbers[name])
        return self._values(name)[self._at(positions, lambda rows: rows.codes).astype(np.int64)]

    def positions_of(self, ids: ArrayLike) -> Ints:
        """int64[k], ascending: where these ids are; ids that are not there are left out."""
        base = np.setdiff1d(self.base.rows_of(ids), self.dead, assume_unique=True)
        return np.concatenate([base, self.fresh.rows_of(ids) + len(self.base)])

    def mask_of(self, positions: Ints) -> Bools:
        """bool[len(base) + len(fresh)]: true at some positions. As `within` it narrows an answer to them."""
        mask = np.zeros(len(self.base) + len(self.fresh), np.bool_)
        mask[positions] = True
        return mask

    # -- questions ----------------------------------------------------------------------------------------------------

    def choose(self, filters: Filters = NO_FILTERS, within: Bools | None = None) -> Choice:
        """What satisfies every filter and lies in a mask over positions; raises GeoError for unfit filters."""
        self._check(filters)
        plain = {name: chosen for name, chosen in filters.items() if name not in self.base.numbers}
        numeric = {name: chosen for name, chosen in filters.items() if name in self.base.numbers}
        passes = self.table.passing(plain)
        base, fresh = every_row(), every_row()
        if within is not None:
            same_length("within", within, len(self.base) + len(self.fresh))
            base, fresh = within[: len(self.base)], within[len(self.base) :]
        for name, chosen in numeric.items():
            base = _both(base, conditions.matches(self.base.numbers[name], chosen))
            fresh = _both(fresh, conditions.matches(self.fresh.numbers[name], chosen))
        return Choice(passes, plain, frozen(base), frozen(fresh))

    def parts(self, choice: Choice) -> Iterator[Part]:
        """The rows to add up, and those to take away."""
        yield Part(self.base, choice.base, 1)
        if self.dead.size:
            mask = frozen(choice.base[self.dead]) if choice.base.size else every_row()
            yield Part(self._dead_rows, mask, -1)
        if len(self.fresh):
            yield Part(self.fresh, choice.fresh, 1)

    def select(
        self,
        bbox: BBox | None = None,
        filters: Filters = NO_FILTERS,
        within: Bools | None = None,
    ) -> Ints:
        """int64[k], ascending: positions in the box (everywhere when None) under the filters and the mask."""
        return self.find(self.choose(filters, within), lambda rows: rows.runs_in(bbox))

    def find(self, choice: Choice, runs_of: Callable[[Rows], Runs]) -> Ints:
        """int64[k], ascending: positions of a choice within the runs that a function names for base and fresh."""
        base = _gather(self.base, choice.base, choice.passes, runs_of(self.base))
        if self.dead.size:
            base = base[~np.isin(base, self.dead, assume_unique=True)]
        base.sort()
        fresh = _gather(self.fresh, choice.fresh, choice.passes, runs_of(self.fresh))
        return np.concatenate([base, np.sort(fresh) + len(self.base)])

    def count(self, choice: Choice, bbox: BBox | None = None) -> int:
        """How many places of a choice lie in a box (everywhere when None)."""
        return int(self._histogram(choice, bbox)[choice.passes].sum())

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
        for name in names:
            self._counted(name, Kind.CODE, Kind.BITMASK)
        self._check(filters)
        plain = {name: chosen for name, chosen in filters.items() if name not in self.base.numbers}
        numeric = {name: chosen for name, chosen in filters.items() if name in self.base.numbers}
        counts = self._histogram(self.choose(numeric, within), bbox)
        fails = {name: ~conditions.matches(self._values(name), chosen) for name, chosen in plain.items()}
        failed = (~self.table.passing(NO_FILTERS)).astype(np.uint8) * np.uint8(2)
        for fail in fails.values():
            failed += fail
        none = np.zeros(self.table.size, np.bool_)
        return {name: self._facet(name, counts, failed, fails.get(name, none)) for name in names}

    def nearest(
        self,
        lon: float,
        lat: float,
        n: int,
        filters: Filters = NO_FILTERS,
        *,
        within: Bools | None = None,
        rare: int = RARE,
    ) -> tuple[Ints, Floats]:
        """The n places nearest to a point (degrees): positions int64[k], distance_m float64[k].

        Great-circle metres, nearest first, equal distances by id; k < n only when fewer places qualify.
        Up to `rare` candidates are all measured; more are searched in boxes around growing circles, until one circle
        holds n.
        """
        if n < 1:
            raise GeoError("nearest_count", value=n)
        on_earth(np.zeros(1, np.int64), np.array([lon]), np.array([lat]))
        choice = self.choose(filters, within)
        few = self._few(choice, rare)
        radius_m = FIRST_RADIUS_M
        while few is None and (bbox := _around(lon, lat, radius_m)) is not None:
            near = self.find(choice, lambda rows, bbox=bbox: rows.runs_in(bbox))  # type: ignore[misc]
            found, distance_m = self._by_distance(lon, lat, near)
            if found.size >= n and distance_m[n - 1] <= radius_m:
                return found[:n], distance_m[:n]
            radius_m *= RADIUS_GROWTH
        candidates = few if few is not None else self.find(choice, lambda rows: rows.runs_in(None))
        found, distance_m = self._by_distance(lon, lat, candidates)
        return found[:n], distance_m[:n]

    # -- changes ------------------------------------------------------------------------------------------------------

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
        given as a row is put in. The base is shared, so this costs what changed. Raises GeoError as `build`,
        and for other columns.
        """
        if set(columns) != set(self.kinds):
            raise GeoError("columns_differ", given=sorted(columns), expected=sorted(self.kinds))
        given = np.asarray(ids, np.int64)
        for name, values in columns.items():
            same_length(name, np.asarray(values), given.size)
        small = {name: np.asarray(columns[name]) for name in self.table.columns}
        numbers = {name: np.asarray(columns[name], np.float32) for name in self.base.numbers}
        table, codes = self.table.with_rows(small, given.size)
        came = Rows.build(given, lon, lat, codes, numbers)
        gone = np.union1d(came.ids, np.asarray(removed_ids, np.int64))
        return replace(
            self,
            table=table,
            dead=frozen(np.union1d(self.dead, self.base.rows_of(gone))),
            fresh=_merged(self.fresh.taken(~np.isin(self.fresh.ids, gone)), came),
        )

    def seen_as(self, columns: Mapping[str, Column], hidden: Bools, numbers: Collection[str]) -> Self:
        """The same places with other column values per combination, some hidden, and only some numbers."""
        return replace(
            self,
            base=replace(self.base, numbers={name: self.base.numbers[name] for name in numbers}),
            fresh=replace(self.fresh, numbers={name: self.fresh.numbers[name] for name in numbers}),
            table=self.table.seen_as(columns, hidden),
            cube=None,
        )

    # -- inside -------------------------------------------------------------------------------------------------------

    @cached_property
    def _dead_rows(self) -> Rows:
        return self.base.taken(self.dead)

    @cached_property
    def _everywhere(self) -> Ints:
        return frozen(self._count_codes(Choice(self.table.passing(NO_FILTERS)), None))

    def _histogram(self, choice: Choice, bbox: BBox | None) -> Ints:
        if bbox is None and choice.by_code_alone:
            return self._everywhere
        return self._count_codes(choice, bbox)

    def _count_codes(self, choice: Choice, bbox: BBox | None) -> Ints:
        counts = np.zeros(self.table.size, np.int64)
        for part in self.parts(choice):
            runs = part.rows.runs_in(bbox)
            counts += part.sign * kernels.histogram(runs, part.rows.scan(part.mask), self.table.size)
        return counts

    def _few(self, choice: Choice, rare: int) -> Ints | None:
        """All positions of a choice if they are few and known without reading every row, else None."""
        if not choice.by_code_alone:
            masked = np.flatnonzero(choice.base) if choice.base.size else None
            if masked is None or masked.size > rare:
                return None
            base = masked[choice.passes[self.base.codes[masked]]]
        else:
            if int(self._everywhere[choice.passes].sum()) > rare:
                return None
            base = self.base.rows_with(np.flatnonzero(choice.passes))
        base = np.setdiff1d(base, self.dead, assume_unique=True)
        fresh = _gather(self.fresh, choice.fresh, choice.passes, self.fresh.runs_in(None))
        return np.concatenate([base, fresh + len(self.base)])

    def _facet(self, name: str, counts: Ints, failed: Column, own: Bools) -> Ints:
        values = self._values(name)
        if self.kinds[name] is Kind.BITMASK:
            return kernels.flags(counts, failed, own, values, 8 * values.dtype.itemsize)
        return kernels.facet(counts, failed, own, values, self.widths[name])

    def _by_distance(self, lon: float, lat: float, positions: Ints) -> tuple[Ints, Floats]:
        distance_m = haversine_m(lon, lat, self.lon_at(positions), self.lat_at(positions))
        order = np.lexsort((self.ids_at(positions), distance_m))
        return positions[order], distance_m[order]

    def _at(self, positions: Ints, field_of: Callable[[Rows], Column]) -> Column:
        size = len(self.base)
        if not len(self.fresh):
            return field_of(self.base)[positions]
        is_fresh = positions >= size
        old, new = field_of(self.base), field_of(self.fresh)
        values = np.empty(positions.size, np.result_type(old.dtype, new.dtype))
        values[~is_fresh] = old[positions[~is_fresh]]
        values[is_fresh] = new[positions[is_fresh] - size]
        return values

    def _values(self, name: str) -> Column:
        if name not in self.table.columns:
            raise GeoError("column_unknown", name=name, choices=", ".join(self.kinds) or "none")
        return self.table.columns[name]

    def _counted(self, name: str, *kinds: Kind) -> None:
        kind = self._kind(name)
        if kind not in kinds or self.widths.get(name, 0) > MOST_CODES:
            choices = [other for other, its in self.kinds.items() if its in kinds and other != name]
            raise GeoError("facet_kind", name=name, kind=kind, choices=", ".join(choices) or "none")

    def _kind(self, name: str) -> Kind:
        if name not in self.kinds:
            raise GeoError("column_unknown", name=name, choices=", ".join(self.kinds) or "none")
        return self.kinds[name]

    def _check(self, filters: Filters) -> None:
        for name, selection in filters.items():
            conditions.check(name, self._kind(name), selection)


def _gather(rows: Rows, mask: Bools, passes: Bools, runs: Runs) -> Ints:
    out = np.empty(min(RARE, len(rows)), np.int64)
    found = kernels.gather(runs, rows.scan(mask), passes, out)
    if found > out.size:
        out = np.empty(found, np.int64)
        kernels.gather(runs, rows.scan(mask), passes, out)
    return out[:found]


def _merged(old: Rows, new: Rows) -> Rows:
    codes = np.concatenate([old.codes.astype(np.uint32), new.codes.astype(np.uint32)])
    return Rows.build(
        np.concatenate([old.ids, new.ids]),
        np.concatenate([old.lon, new.lon]),
        np.concatenate([old.lat, new.lat]),
        codes,
        {name: np.concatenate([old.numbers[name], new.numbers[name]]) for name in new.numbers},
    )


def _no_rows(numbers: Sequence[str]) -> Rows:
    nothing = np.zeros(0)
    codes = np.zeros(0, np.uint32)
    return Rows.build(nothing, nothing, nothing, codes, {name: np.zeros(0, np.float32) for name in numbers})


def _both(mask: Bools, other: Bools) -> Bools:
    return mask & other if mask.size else other


def _around(lon: float, lat: float, radius_m: float) -> BBox | None:
    """The box around a circle, a touch wider against rounding; None past a pole or the 180th meridian."""
    reach = reach_degrees(lat, radius_m * 1.000001)
    if reach is None or lon - reach[0] <= -180.0 or lon + reach[0] >= 180.0:
        return None
    return BBox(lon - reach[0], lat - reach[1], lon + reach[0], lat + reach[1])
