"""Offers of a layer as a founder reads them: by how well they suit, with reasons, and with what keeps the others out.

Every condition of a query is one mask over the places of the index. All answers come from these masks: what is found,
what one condition alone keeps out, and what nobody can tell because a number is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from sqlalchemy import Engine

from data.db import asking
from data.index import LayerIndex
from data.measured import measured, numbers
from data.store import places
from geo.arrays import Bools, Floats, Ints
from geo.filters import Between, matches
from layers.core.access import Viewer
from layers.core.citytime import day_of
from layers.core.matching import MATCHED, Need, Wish, ages, ordered, parts_of, reasons, score
from layers.core.query import Query, Range
from layers.core.tiers import TIERS, Tier

Table = Mapping[str, Floats]


@dataclass(frozen=True, eq=False)
class Conditions:
    """Name -> bool[positions]: which places satisfy a condition of a query; `unknown`: which leave it open."""

    there: Bools
    masks: Mapping[str, Bools]
    unknown: Mapping[str, Bools]

    @cached_property
    def _failed(self) -> Ints:
        """int64[positions]: how many conditions a place fails."""
        fails = np.zeros(self.there.size, np.int64)
        for mask in self.masks.values():
            fails += ~mask
        return fails

    @property
    def found(self) -> Ints:
        """int64[k], ascending: positions of the places that satisfy every condition."""
        return np.flatnonzero(self.there & (self._failed == 0))

    @property
    def kept_out(self) -> dict[str, int]:
        """Condition -> how many places it alone keeps out, so many more there would be without it."""
        single = self.there & (self._failed == 1)
        counted = {name: int((single & ~mask).sum()) for name, mask in self.masks.items()}
        return {name: n for name, n in counted.items() if n}

    @property
    def open(self) -> int:
        """How many places fail nothing but leave a number open that was asked for."""
        told = np.zeros(self.there.size, np.int64)
        for name, mask in self.unknown.items():
            told += mask & ~self.masks[name]
        return int((self.there & (self._failed > 0) & (self._failed == told)).sum())


class Offers:
    """Questions of the search for offices; each answers as its viewer may know."""

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime],
        index: Callable[[str, Viewer], LayerIndex],
        month_days: float,
    ) -> None:
        """`index` gives what a viewer may know of a layer; `month_days`: how many days a month of rent counts."""
        self._engine = engine
        self._clock = clock
        self._index = index
        self._month_days = month_days

    def page(self, query: Query, wish: Wish) -> dict[str, Any]:
        """Return the first places of a query, as many as its limit, in the order of a wish.

        A place has `match` beside its fields: `score` (0 to 100), `best` and `weakest` reasons, `stale` and
        `verified_days`.
        `kept_out`: condition -> places that it alone keeps out; `open`: places that leave open what was asked for.
        Raises `BadQueryError`.
        """
        index = self._index(query.layers[0], query.viewer)
        conditions = self._conditions(index, query)
        at = conditions.found
        told = self._matches(index, at, self._need(query), wish, query.limit)
        return {
            "total": int(at.size),
            "next": at.size > len(told),
            "features": self._features(index, query.viewer, told),
            "kept_out": conditions.kept_out,
            "open": conditions.open,
        }

    def named(self, query: Query, wish: Wish, ids: Sequence[int]) -> list[dict[str, Any]]:
        """Return fields and `match` of some places of a layer, in the order given, without those that are not there.

        Of the query count the viewer, and people and budget for the match.
        """
        index = self._index(query.layers[0], query.viewer)
        at = np.intersect1d(index.points.positions_of(np.array(ids, np.int64)), index.points.select())
        told = self._matches(index, at, self._need(query), wish)
        found = {f["id"]: f["properties"] for f in self._features(index, query.viewer, told)}
        return [found[place_id] for place_id in ids if place_id in found]

    def _need(self, query: Query) -> Need:
        return Need.of(query.where, self._month_days, day_of(self._clock()))

    def _matches(
        self, index: LayerIndex, at: Ints, need: Need, wish: Wish, most: int | None = None
    ) -> dict[int, dict[str, Any]]:
        """Return id -> match of the places at some positions, in the order of a wish; at most so many."""
        table, ids = numbers(index, MATCHED, at), index.points.ids_at(at)
        scores, stale = score(parts_of(table, need), wish.weights), _stale(index, at)
        first = ordered(table, need, wish, scores, stale, ids)[:most]
        return {int(ids[i]): _match(_row(table, i), need, wish, scores[i], stale[i]) for i in first}

    def _features(
        self, index: LayerIndex, viewer: Viewer, told: Mapping[int, dict[str, Any]]
    ) -> list[dict[str, Any]]:
        with asking(self._engine) as connection:
            rows = places.rows_of(connection, index.layer, list(told))
        features = [places.feature(index.layer, row, viewer) for row in rows]
        for feature in features:
            feature["properties"]["match"] = told[feature["id"]]
        return features

    def _conditions(self, index: LayerIndex, query: Query) -> Conditions:
        points = index.points
        masks = {
            "street" if name == "area" else name: points.mask_of(points.select(None, {name: chosen}))
            for name, chosen in index.filters(query).items()
        }
        unknown = {}
        for name, asked in query.where.items():
            if index.layer.measure_named(name) and isinstance(asked, Range):
                values = measured(index, name, self._month_days)
                masks[name] = matches(values, Between(asked.low, asked.high))
                unknown[name] = np.isnan(values)
        if query.q.strip():
            with asking(self._engine) as connection:
                within = index.within(replace(query, within=""), connection)
            masks |= {"q": within} if within is not None else {}
        return Conditions(points.mask_of(points.select()), masks, unknown)


def _stale(index: LayerIndex, at: Ints) -> Bools:
    """bool[k]: what is probably gone, as the rules of the layer judge it."""
    return np.asarray(index.points.values_at("tier", at) >= TIERS.index(Tier.ORANGE), np.bool_)


def _row(table: Table, i: int) -> dict[str, Floats]:
    return {name: values[[i]] for name, values in table.items()}


def _match(row: Table, need: Need, wish: Wish, points: float, stale: bool) -> dict[str, Any]:
    told, days = reasons(row, need, wish.weights), float(ages(row, need)[0])
    return {
        "score": round(float(points)),
        "best": told.best,
        "weakest": told.weakest,
        "stale": bool(stale),
        "verified_days": None if np.isnan(days) else int(days),
    }
