"""Malls and markets of the demo city: 44 big buildings with a street number, floors and spots for tenants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon

from data.demo.frame import FloatArray, polygons_of
from data.demo.names import Rng
from data.demo.naming import AddressBook
from data.demo.streets import STREET
from data.demo.words import MALL_KINDS, MALL_WORDS, MARKET_KINDS

MALLS, MARKETS = 26, 18


@dataclass(frozen=True, slots=True)
class Mall:
    """A mall or market (`kind`): its shape and block in metres, its address, its floors above ground."""

    name: str
    kind: str
    shape: Polygon
    block: Polygon
    address: str
    road: str
    floors: int

    def spots(self, rng: Rng, count: int) -> FloatArray:
        """Return `count` points inside the shape, (count, 2): tenants of several floors share a spot."""
        west, south, east, north = self.shape.bounds
        tries = rng.uniform((west, south), (east, north), (count * 6 + 60, 2))
        inner = tries[shapely.contains_xy(self.shape.buffer(-4), tries)]
        distinct = inner[: max(4, count // 3)]
        return np.asarray(distinct[rng.integers(len(distinct), size=count)])


def place_malls(
    lots: Sequence[Polygon], area: Polygon, book: AddressBook, rng: Rng
) -> tuple[list[Mall], list[Polygon]]:
    """Return the malls and markets, and the blocks that are left; they stand apart and near arterials."""
    shapely.prepare(area)
    big = [front.line for front in book.streets if front.rank < STREET]
    arterials = shapely.STRtree(big)
    fit = [
        index
        for index, lot in enumerate(lots)
        if 6_000 < lot.area < 70_000
        and area.contains(lot)
        and len(arterials.query(lot, predicate="dwithin", distance=45)) > 0
    ]
    order = rng.permutation(fit).tolist()
    chosen: list[int] = []
    for apart_m in (190, 90, -1):
        for index in order:
            near = any(lots[index].distance(lots[other]) <= apart_m for other in chosen)
            if len(chosen) < MALLS + MARKETS and index not in chosen and not near:
                chosen.append(index)
    used: set[str] = set()
    malls = [_mall(lots[index], number, book, used, rng) for number, index in enumerate(chosen)]
    gone = set(chosen)
    return malls, [lot for index, lot in enumerate(lots) if index not in gone]


def _mall(block: Polygon, number: int, book: AddressBook, used: set[str], rng: Rng) -> Mall:
    market = number >= MALLS
    room = block.buffer(-9)
    side = 62.0 if market else float(rng.uniform(95, 150))
    frame = shapely.minimum_rotated_rectangle(block)
    ratio = min(1.0, side / float(np.sqrt(frame.area)))
    shape = shapely.intersection(room, shapely.affinity.scale(frame, ratio, ratio, origin=block.centroid))
    largest = max(polygons_of(shape), key=lambda part: part.area)
    at = shapely.get_coordinates(largest.centroid)
    street = int(np.asarray(book.tree.nearest(shapely.points(at)))[0])
    road = book.streets[street].name
    address = f"{road}{book.number(street, *at[0])}号"
    word, kinds = (road[:2], MARKET_KINDS) if market else (MALL_WORDS[number % len(MALL_WORDS)], MALL_KINDS)
    name = next(
        n for shift in range(len(kinds)) if (n := word + kinds[(number + shift) % len(kinds)]) not in used
    )
    used.add(name)
    floors = int(rng.integers(1, 4)) if market else int(rng.integers(4, 9))
    return Mall(name, "market" if market else "mall", largest, block, address, road, floors)
