"""Combinations of column values: a place keeps one number for all its small columns.

Five tiers, eight statuses and thirty kinds give far fewer combinations than places, so a filter is decided once
per combination and looked up per place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Final, Self

import numpy as np

from geo import filters as conditions
from geo.arrays import Bools, Column, frozen
from geo.errors import GeoError
from geo.filters import Filters, Kind

_WIDEST: Final = 2**62  # products of column widths stay below, so that a combination is one integer
_NARROW: Final = 2**16 - 256


@dataclass(frozen=True, eq=False)
class CodeTable:
    """k combinations of the values of some columns.

    columns: name -> uint8, uint16 or uint32[k], the value each combination has; bitmasks: the columns of which
    each bit is a flag; hidden bool[k]: combinations whose places nobody may count, or bool[0] for none.
    """

    columns: Mapping[str, Column]
    size: int
    bitmasks: frozenset[str] = frozenset()
    hidden: Bools = field(default_factory=lambda: np.zeros(0, np.bool_))

    @classmethod
    def build(
        cls, columns: Mapping[str, Column], count: int, bitmasks: Collection[str] = ()
    ) -> tuple[Self, Column]:
        """The combinations that occur among `count` places, and the code of each place, uint16 or uint32."""
        first, codes = _combine(columns, count)
        table = {name: frozen(values[first]) for name, values in columns.items()}
        narrow = np.uint16 if first.size <= _NARROW else np.uint32
        return cls(MappingProxyType(table), first.size, frozenset(bitmasks)), frozen(codes.astype(narrow))

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Column name -> code or bitmask; raises GeoError for a column of another type."""
        return {
            name: conditions.kind_of(values.dtype, name in self.bitmasks, name)
            for name, values in self.columns.items()
        }

    @cached_property
    def widths(self) -> Mapping[str, int]:
        """Name of each code column -> its highest value + 1, the length of its counts (0 with no places)."""
        return {
            name: int(self.columns[name].max()) + 1 if self.size else 0
            for name, kind in self.kinds.items()
            if kind is Kind.CODE
        }

    def passing(self, filters: Filters) -> Bools:
        """bool[k]: combinations that satisfy every filter on columns of this table and are not hidden."""
        keep = np.ones(self.size, np.bool_) if not self.hidden.size else ~self.hidden
        for name, selection in filters.items():
            keep &= conditions.matches(self.columns[name], selection)
        return keep

    def with_rows(self, columns: Mapping[str, Column], count: int) -> tuple[CodeTable, Column]:
        """A table that also has the combinations of `count` new places, at its end, and their codes uint32.

        The codes of this table keep their meaning. New combinations are never hidden.
        """
        both = {
            name: np.concatenate([old, np.asarray(columns[name]).astype(old.dtype)])
            for name, old in self.columns.items()
        }
        hidden = self.hidden if self.hidden.size else np.zeros(self.size, np.bool_)
        # A hidden combination and an open one with the same values are two.
        told_apart = {**both, "": np.concatenate([hidden, np.zeros(count, np.bool_)]).astype(np.uint8)}
        first, codes = _combine(told_apart, self.size + count)
        # `first` is where a combination occurs first: below `size` it is the old code itself.
        new = np.sort(first[first >= self.size])
        number = np.where(first < self.size, first, self.size + np.searchsorted(new, first))
        keep = np.concatenate([np.arange(self.size), new])
        table = CodeTable(
            MappingProxyType({name: frozen(values[keep]) for name, values in both.items()}),
            keep.size,
            self.bitmasks,
            frozen(told_apart[""][keep].astype(np.bool_)) if self.hidden.size else self.hidden,
        )
        return table, frozen(number[codes[self.size :]].astype(np.uint32))

    def seen_as(self, columns: Mapping[str, Column], hidden: Bools) -> CodeTable:
        """The same combinations with other columns (uint[k] each) and some hidden: what another eye may see."""
        return replace(self, columns=MappingProxyType(dict(columns)), hidden=frozen(hidden))


def _combine(columns: Mapping[str, Column], count: int) -> tuple[Column, Column]:
    """Where each combination occurs first, int64[k], and of each place the number of its combination, int64[n]."""
    key = np.zeros(count, np.int64)
    span = 1
    for name, values in columns.items():
        if values.dtype.kind != "u":
            raise GeoError("column_dtype", name=name, dtype=values.dtype)
        width = int(values.max()) + 1 if values.size else 1
        if span * width >= _WIDEST:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            span = int(key.max()) + 1
        key = key * width + values.astype(np.int64)
        span *= width
    _, first, codes = np.unique(key, return_index=True, return_inverse=True)
    return first.astype(np.int64), codes.astype(np.int64)
