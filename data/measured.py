"""Measures of the places of an index: numbers that follow from its columns, and the conditions on them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from functools import lru_cache

import numpy as np
from sqlalchemy import Connection

from data.index import LayerIndex
from geo.arrays import Bools, Floats, Ints, frozen
from geo.filters import Between, matches
from layers.core.errors import BadQueryError
from layers.core.measures import FORMULAS
from layers.core.query import Query, Range
from layers.core.text import Text

_DIGITS = 4  # a column holds 3.45 as 3.4500000477: what was written has no more digits than these
_NUMBER_OF = {"true": 1.0, "false": 0.0}


def narrowed(
    index: LayerIndex,
    query: Query,
    month_days: float,
    connect: Callable[[], AbstractContextManager[Connection]],
) -> Bools | None:
    """Return bool[positions] for words, polygon and measures of a query, None when it has none of them."""
    mask = measuring(index, query, month_days)
    if not query.q.strip() and not query.within:
        return mask
    with connect() as connection:
        within = index.within(query, connection)
    return within if mask is None or within is None else within & mask


def measuring(index: LayerIndex, query: Query, month_days: float) -> Bools | None:
    """Return bool[positions] for the conditions on measures; what is not known satisfies none of them."""
    masks = [
        matches(measured(index, name, month_days), Between(asked.low, asked.high))
        for name, asked in query.where.items()
        if index.layer.measure_named(name) and isinstance(asked, Range)
    ]
    return np.logical_and.reduce(masks) if masks else None


@lru_cache(maxsize=32)
def measured(index: LayerIndex, name: str, month_days: float) -> Floats:
    """float64[positions]: a measure of every place, NaN where it is not known.

    Raises `BadQueryError` where the viewer of the index may not read what it is computed from.
    """
    measure = index.layer.measure_named(name)
    if measure is None or not set(FORMULAS[measure.formula].inputs) <= set(index.points.kinds):
        raise BadQueryError(
            name, Text(f"这个图层没有筛选项 {name!r}。", f"There is no filter {name!r} on this layer.")
        )
    formula = FORMULAS[measure.formula]
    everywhere = np.arange(len(index.points.base) + len(index.points.fresh))
    return frozen(formula.of(numbers(index, formula.inputs, everywhere), month_days))


def numbers(index: LayerIndex, names: Collection[str], at: Ints) -> dict[str, Floats]:
    """Return columns as float64[k] at some positions: yes 1 and no 0, days by their number in the calendar.

    NaN: not known, or not to this viewer.
    """
    known = {name: index.points.values_at(name, at) for name in names if name in index.points.kinds}
    nothing = np.full(at.size, np.nan)
    return {name: _numbers(index, name, known[name]) if name in known else nothing for name in names}


def _numbers(index: LayerIndex, name: str, values: np.ndarray) -> Floats:
    if name in index.words:
        known = np.array([_NUMBER_OF.get(word, np.nan) for word in index.words[name]], np.float64)
        return np.asarray(known[values], np.float64)
    exact: Floats = values.astype(np.float64)
    return np.round(exact, _DIGITS)
