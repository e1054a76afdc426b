"""Names of streets, and the address of a point: the nearest named street and a number that grows along it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon, STRtree

from data.demo.frame import FloatArray, lines_of
from data.demo.names import Rng, street_bases
from data.demo.streets import EXPRESSWAY, Street

HOUSE_M = 6.0
"""Metres of frontage per house number on one side."""


@dataclass(frozen=True, slots=True)
class Frontage:
    """The part of a named street inside the district, from its lower to its higher numbers, metres."""

    name: str
    rank: int
    line: LineString


@dataclass(frozen=True, slots=True)
class AddressBook:
    """The named streets of a district."""

    streets: tuple[Frontage, ...]
    tree: STRtree

    @classmethod
    def of(cls, streets: Sequence[Frontage]) -> AddressBook:
        """Return the book of some streets."""
        return cls(tuple(streets), STRtree([street.line for street in streets]))

    def number(self, street: int, x: float, y: float) -> int:
        """Return the house number of a point at a street: odd on its left, even on its right."""
        line = self.streets[street].line
        along = line.project(shapely.Point(x, y))
        return house_number(along, on_left(line, along, x, y))

    def find(self, points: FloatArray) -> list[str]:
        """Return `XX路123号` for each of (n, 2) points in metres."""
        nearest = np.asarray(self.tree.nearest(shapely.points(points))).tolist()
        return [
            f"{self.streets[street].name}{self.number(street, x, y)}号"
            for street, (x, y) in zip(nearest, points, strict=True)
        ]


def house_number(along_m: float, left: bool) -> int:
    """Return the number at a distance from a street's beginning."""
    return 2 * int(along_m // HOUSE_M) + (1 if left else 2)


def on_left(line: LineString, along: float, x: float, y: float) -> bool:
    """Tell whether a point is left of a line at a distance along it."""
    before, after = line.interpolate(max(0.0, along - 1)), line.interpolate(min(line.length, along + 1))
    return bool((after.x - before.x) * (y - before.y) - (after.y - before.y) * (x - before.x) > 0)


def named(
    streets: Sequence[Street], outline: Polygon, count: int, rng: Rng
) -> tuple[list[Street], list[Frontage]]:
    """Give names to streets: the `count` longest inside the outline and all arterials outside.

    Returns all streets, with names, and the frontages of the `count`.
    """
    lines = np.array([street.line for street in streets], dtype=object)
    parts = shapely.intersection(lines, outline)
    inner = np.where([street.rank == EXPRESSWAY for street in streets], 0.0, shapely.length(parts))
    chosen = np.argsort(-inner, kind="stable")[:count]
    names = _names([streets[index] for index in chosen], rng)
    by_index = dict(zip(chosen.tolist(), names, strict=True))
    all_named = [
        Street(s.line, s.rank, by_index.get(index, s.name), s.origin) for index, s in enumerate(streets)
    ]
    fronts = [Frontage(by_index[i], streets[i].rank, _westward(_longest(parts[i]))) for i in chosen]
    return all_named, fronts


def _names(streets: Sequence[Street], rng: Rng) -> list[str]:
    """Return a name per street; pieces of one street share its stem: 东路 and 西路, 南路 and 北路."""
    stems = iter(street_bases(rng))
    names = [""] * len(streets)
    pieces: dict[int, list[int]] = defaultdict(list)
    for index, street in enumerate(streets):
        pieces[street.origin].append(index)
    for family in pieces.values():
        first, last = streets[family[0]].line.coords[0], streets[family[0]].line.coords[-1]
        axis = 0 if abs(first[0] - last[0]) > abs(first[1] - last[1]) else 1
        order = sorted(family, key=lambda index: streets[index].line.centroid.coords[0][axis])
        for start in range(0, len(order), 3):
            group = order[start : start + 3]
            for index, ending in zip(group, _endings(axis, len(group)), strict=True):
                names[index] = ending
            stem = next(stems)
            for index in group:
                names[index] = stem + names[index]
    return names


def _endings(axis: int, count: int) -> tuple[str, ...]:
    if count == 1:
        return ("路",)
    low, high = ("西路", "东路") if axis == 0 else ("南路", "北路")
    return (low, high) if count == 2 else (low, "中路", high)


def _longest(shape: shapely.Geometry) -> LineString:
    return max(lines_of(shape), key=lambda part: part.length)


def _westward(line: LineString) -> LineString:
    """Return a line so that it begins in the east or north, where numbers are low."""
    (x0, y0), (x1, y1) = line.coords[0][:2], line.coords[-1][:2]
    return line if (x0 - x1) + (y0 - y1) >= 0 else line.reverse()
