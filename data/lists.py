"""One page of a list: which places, in what order. The point index knows tiers and numbers, the database the names."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from sqlalchemy import Connection

from data.index import LayerIndex
from data.store import places
from geo.arrays import Ints
from layers.core.errors import BadQueryError
from layers.core.query import Query
from layers.core.text import Text
from layers.core.tiers import TIERS

ORDERS: Final = ("tier", "name", "id")
MOST: Final = 1000
_ID_BITS: Final = 56


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ended: the order of the list, what its last place has of it, and the number of this place."""

    order: str
    value: str | int | None
    place_id: int

    def token(self) -> str:
        """Return the mark as text for an address."""
        return base64.urlsafe_b64encode(json.dumps([self.order, self.value, self.place_id]).encode()).decode()

    @classmethod
    def read(cls, query: Query) -> Self | None:
        """Return the mark that a query goes on from, None at the start; raises `BadQueryError`."""
        if query.sort not in ORDERS:
            known = ", ".join(ORDERS)
            raise BadQueryError("sort", Text(f"sort 须为 {known} 之一。", f"sort must be one of {known}."))
        if not query.after:
            return None
        try:
            value: str | int | None
            order, value, place_id = json.loads(base64.urlsafe_b64decode(query.after.encode()))
            fits = isinstance(value, {"tier": int, "name": str, "id": type(None)}[order])
            if order != query.sort or not fits or not 0 <= int(place_id) < 1 << _ID_BITS:
                raise ValueError(order)
            return cls(order, value, int(place_id))
        except (ValueError, TypeError, KeyError) as error:
            raise BadQueryError(
                "after",
                Text(
                    "after 不是这个列表的页标：请去掉它从头开始。",
                    "after is no token of this list: start again without it.",
                ),
            ) from error


def page_of(
    connection: Connection, index: LayerIndex, positions: Ints, query: Query
) -> tuple[list[int], str | None]:
    """Return the ids of one page, in order, of the places at some positions, and the token of the next page.

    Every place comes exactly once over all pages. Raises `BadQueryError` for a bad order or token.
    """
    after, limit = Mark.read(query), min(max(query.limit, 1), MOST)
    ids = index.points.ids_at(positions)
    if query.sort == "name":
        known = None if after is None else (str(after.value), after.place_id)
        found = places.by_name(connection, ids.tolist(), known, limit + 1)
        marks = [Mark("name", name, place_id) for place_id, name in found]
    else:
        tiers = index.points.values_at("tier", positions) if query.sort == "tier" else np.zeros(ids.size)
        marks = _ranked(query.sort, ids, tiers.astype(np.int64), after, limit + 1)
    token = marks[limit - 1].token() if len(marks) > limit else None
    return [mark.place_id for mark in marks[:limit]], token


def _ranked(order: str, ids: Ints, tiers: Ints, after: Mark | None, limit: int) -> list[Mark]:
    """The first places behind a mark, the worst tier first and then by number; without sorting all of them."""
    worst = len(TIERS)
    keys = (worst - tiers) << _ID_BITS | ids
    if after is not None:
        keys = keys[keys > ((worst - int(after.value or 0)) << _ID_BITS | after.place_id)]
    first = np.sort(np.partition(keys, limit - 1)[:limit] if keys.size > limit else keys)
    rows = zip((worst - (first >> _ID_BITS)).tolist(), (first & ((1 << _ID_BITS) - 1)).tolist(), strict=True)
    return [Mark(order, tier if order == "tier" else None, place_id) for tier, place_id in rows]
