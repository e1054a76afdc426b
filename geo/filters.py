"""Conditions on the columns of a point index: one of some codes, between two numbers, any of some bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, assert_never

import numpy as np

from geo.arrays import Bools, Column
from geo.errors import GeoError


class Kind(StrEnum):
    """What the values of a column are."""

    CODE = "code"
    NUMBER = "number"
    BITMASK = "bitmask"


@dataclass(frozen=True, slots=True)
class OneOf:
    """The code is one of these; codes that no place has are allowed and match nothing."""

    codes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Between:
    """low <= value <= high; None leaves that side open. With a bound, a place whose number is NaN fails."""

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class HasBit:
    """Any of the bits of `mask` is set."""

    mask: int


Selection: TypeAlias = OneOf | Between | HasBit
Filters: TypeAlias = Mapping[str, Selection]

FITTING: Mapping[Kind, tuple[type, ...]] = {
    Kind.CODE: (OneOf, Between),
    Kind.NUMBER: (Between,),
    Kind.BITMASK: (HasBit,),
}


def kind_of(dtype: np.dtype[np.generic], is_bitmask: bool, name: str) -> Kind:
    """The kind of a column: uint8, uint16, uint32 are codes or bitmasks, float32 numbers; else GeoError."""
    if dtype in (np.uint8, np.uint16, np.uint32):
        return Kind.BITMASK if is_bitmask else Kind.CODE
    if dtype == np.float32 and not is_bitmask:
        return Kind.NUMBER
    raise GeoError("column_dtype", name=name, dtype=dtype)


def check(name: str, kind: Kind, selection: Selection) -> None:
    """Raises GeoError when `selection` makes no sense on a column of that kind."""
    fitting = FITTING[kind]
    if not isinstance(selection, fitting):
        choices = " or ".join(choice.__name__ for choice in fitting)
        raise GeoError("selection_kind", selection=selection, name=name, kind=kind, choices=choices)


def matches(values: Column, selection: Selection) -> Bools:
    """bool[n]: which values satisfy the selection."""
    match selection:
        case OneOf(codes):
            return _one_of(values, codes)
        case Between(low, high):
            return _between(values, low, high)
        case HasBit(mask):
            bits = values.dtype.type(mask & int(np.iinfo(values.dtype).max))
            return np.asarray((values & bits) != 0, np.bool_)
    assert_never(selection)


def _one_of(values: Column, codes: frozenset[int]) -> Bools:
    top = int(np.iinfo(values.dtype).max)
    wanted = np.array(sorted(code for code in codes if 0 <= code <= top), values.dtype)
    if wanted.size == 1:
        return np.asarray(values == wanted[0], np.bool_)
    if values.dtype.itemsize > 2:
        return np.isin(values, wanted)
    table = np.zeros(top + 1, np.bool_)
    table[wanted] = True
    return table[values]


def _between(values: Column, low: float | None, high: float | None) -> Bools:
    keep = np.ones(values.shape, np.bool_)
    if low is not None:
        keep &= values >= low
    if high is not None:
        keep &= values <= high
    return keep
