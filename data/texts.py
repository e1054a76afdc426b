"""What the places of an index are called and found by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from data.index_rows import IndexRows
from geo.arrays import Bools, Ints
from geo.index import PointIndex
from geo.words import NameColumn, WordColumn


@dataclass(frozen=True, eq=False)
class Texts:
    """Search texts and names of the rows of a base, and by id those of places that came or changed later."""

    words: WordColumn
    names: NameColumn
    later: Mapping[int, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def build(cls, points: PointIndex, rows: IndexRows) -> Texts:
        """Of an index freshly built from some rows, which come in the order they were read."""
        place: Ints = np.empty(rows.ids.size, np.int64)
        place[np.argsort(rows.ids, kind="stable")] = points.base.by_id
        return cls(WordColumn.build(rows.units, place), NameColumn.build(rows.letters, place))

    def changed(self, rows: IndexRows, gone: Collection[int]) -> Texts:
        """With some rows as they are now; of the ids that are gone, only those that rows bring again are known."""
        kept = {place_id: texts for place_id, texts in self.later.items() if place_id not in set(gone)}
        texts = rows.units.tobytes().decode("utf-16-le", "surrogatepass").split("\0")[:-1]
        names = rows.letters.tobytes().decode().split("\0")[:-1]
        came = dict(zip(rows.ids.tolist(), zip(texts, names, strict=True), strict=True))
        return replace(self, later={**kept, **came})

    def names_at(self, points: PointIndex, positions: Ints) -> list[str]:
        """Names of the places at some positions of an index over the base."""
        base = points.base
        fresh = np.flatnonzero(positions >= len(base))
        names = (
            self.names.at(np.where(positions < len(base), positions, 0)) if len(base) else [""] * fresh.size
        )
        for place in fresh.tolist():
            place_id = int(points.fresh.ids[positions[place] - len(base)])
            known = self.later.get(place_id)
            names[place] = known[1] if known else self.names.at(base.rows_of([place_id]))[0]
        return names

    def holding(self, points: PointIndex, words: str) -> Bools:
        """bool[positions] of an index over the base: places whose text holds every one of some words."""
        first, *others = words.split()
        mask = _holding(self, points, first)
        for word in others:
            mask = mask & _holding(self, points, word)
        return mask


@lru_cache(maxsize=8)
def _holding(texts: Texts, points: PointIndex, word: str) -> Bools:
    mask = _base_holding(texts.words, word)
    came = np.zeros(len(points.fresh), np.bool_)
    for row, place_id in enumerate(points.fresh.ids.tolist()):
        later = texts.later.get(place_id)
        came[row] = word in later[0] if later else mask[points.base.rows_of([place_id])].any()
    return np.concatenate([mask, came]) if came.size else mask


@lru_cache(maxsize=8)
def _base_holding(words: WordColumn, word: str) -> Bools:
    return words.holding(word)
