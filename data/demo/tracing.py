"""Streets traced along a direction field, evenly spaced but never equally.

After Jobard and Lefer, "Creating evenly-spaced streamlines of arbitrary density" (1997): a line grows in both
directions until it leaves the ground or comes too near to a line of its own family; new seeds stand beside old lines.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from data.demo.field import Raster
from data.demo.frame import FloatArray

Mask = NDArray[np.bool_]
Point = tuple[float, float]


@dataclass(slots=True)
class Ground:
    """Where streets may run: the raster, the angle per cell, which cells are land, the wanted spacing per cell."""

    raster: Raster
    angle: FloatArray
    land: Mask
    spacing: FloatArray


@dataclass(slots=True)
class Family:
    """What the lines of one family have taken: cells too near for a seed, and too near to run through."""

    number: int
    taken: Mask
    blocked: Mask
    lines: list[FloatArray] = field(default_factory=list)


def new_family(ground: Ground, number: int) -> Family:
    """Return a family without lines."""
    shape = ground.land.shape
    return Family(number, np.zeros(shape, bool), np.zeros(shape, bool))


def grow(ground: Ground, family: Family, rng: np.random.Generator, shortest: float) -> list[FloatArray]:
    """Fill the ground with lines of a family; returns the new ones, (n, 2) metres each.

    `shortest` is the length in metres under which a line is not worth a name and is left out.
    """
    seeds: deque[Point] = deque()
    grown: list[FloatArray] = []
    for line in family.lines:
        seeds.extend(_beside(ground, line, rng))
    while True:
        seed = _next_seed(ground, family, seeds, rng)
        if seed is None:
            return grown
        line = _trace(ground, family, seed)
        if len(line) > 1 and (len(line) - 1) * ground.raster.cell >= shortest:
            stamp(ground, family, line, float(rng.uniform(0.78, 1.3)))
            grown.append(line)
            seeds.extend(_beside(ground, line, rng))
        else:
            _stamp_disk(ground, family.taken, seed, 0.5)


def stamp(ground: Ground, family: Family, line: FloatArray, factor: float) -> None:
    """Take the ground on both sides of a line; `factor` widens or narrows the distance its neighbours keep."""
    family.lines.append(line)
    for x, y in line[::2]:
        _stamp_disk(ground, family.taken, (x, y), 0.92 * factor)
        _stamp_disk(ground, family.blocked, (x, y), 0.55)


def _stamp_disk(ground: Ground, mask: Mask, at: Point, factor: float) -> None:
    cell = ground.raster.cell_of(*at)
    if cell is None:
        return
    row, column = cell
    radius = max(1, round(ground.spacing[row, column] * factor / ground.raster.cell))
    top, left = max(0, row - radius), max(0, column - radius)
    window = mask[top : row + radius + 1, left : column + radius + 1]
    rows = np.arange(window.shape[0])[:, None] + top - row
    columns = np.arange(window.shape[1])[None, :] + left - column
    window |= rows**2 + columns**2 <= radius**2


def _beside(ground: Ground, line: FloatArray, rng: np.random.Generator) -> list[Point]:
    seeds = []
    for index in range(1, len(line) - 1, 6):
        x, y = line[index]
        dx, dy = line[index + 1] - line[index - 1]
        length = math.hypot(dx, dy) or 1.0
        cell = ground.raster.cell_of(x, y)
        reach = (ground.spacing[cell] if cell else 300.0) * rng.uniform(1.0, 1.25)
        seeds += [(x - dy / length * side * reach, y + dx / length * side * reach) for side in (1, -1)]
    return seeds


def _next_seed(ground: Ground, family: Family, seeds: deque[Point], rng: np.random.Generator) -> Point | None:
    while seeds:
        seed = seeds.popleft()
        cell = ground.raster.cell_of(*seed)
        if cell and ground.land[cell] and not family.taken[cell]:
            return seed
    free = np.flatnonzero(ground.land & ~family.taken)
    if not len(free):
        return None
    row, column = divmod(int(free[rng.integers(len(free))]), ground.raster.columns)
    raster = ground.raster
    return raster.west + (column + 0.5) * raster.cell, raster.south + (row + 0.5) * raster.cell


def _trace(ground: Ground, family: Family, seed: Point) -> FloatArray:
    forward = _walk(ground, family, seed, 1.0)
    backward = _walk(ground, family, seed, -1.0)
    return np.array([*reversed(backward), seed, *forward])


def _walk(ground: Ground, family: Family, seed: Point, sign: float) -> list[Point]:
    step = ground.raster.cell
    x, y = seed
    points: list[Point] = []
    for _ in range(4000):
        heading = _heading(ground, family, x, y)
        if heading is None:
            break
        middle = _heading(ground, family, x + sign * heading[0] * step / 2, y + sign * heading[1] * step / 2)
        if middle is None:
            break
        x, y = x + sign * middle[0] * step, y + sign * middle[1] * step
        cell = ground.raster.cell_of(x, y)
        if cell is None or not ground.land[cell] or family.blocked[cell]:
            break
        points.append((x, y))
    return points


def _heading(ground: Ground, family: Family, x: float, y: float) -> Point | None:
    raster = ground.raster
    column, row = (x - raster.west) / raster.cell - 0.5, (y - raster.south) / raster.cell - 0.5
    left, bottom = math.floor(column), math.floor(row)
    if not (0 <= left < raster.columns - 1 and 0 <= bottom < raster.rows - 1):
        return None
    east, north = column - left, row - bottom
    angle = ground.angle
    low = angle[bottom, left] * (1 - east) + angle[bottom, left + 1] * east
    high = angle[bottom + 1, left] * (1 - east) + angle[bottom + 1, left + 1] * east
    theta = float(low * (1 - north) + high * north) + family.number * math.pi / 2
    return math.cos(theta), math.sin(theta)
