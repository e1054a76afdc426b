"""Footprints of buildings inside blocks: slabs in rows, lane houses, towers, courtyards, aligned with the streets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon

from data.demo.frame import FloatArray
from data.demo.names import Rng

SLAB, LANE, TOWER, YARD, HALL = "slab", "lane", "tower", "yard", "hall"


@dataclass(frozen=True, slots=True)
class Footprint:
    """A building's outline in metres, its form, and the block it stands in."""

    shape: Polygon
    form: str
    block: int


@dataclass(frozen=True, slots=True)
class _Pattern:
    """How a form fills a block, in metres: length and depth of a body, gaps to the next one, share left out."""

    length: float
    depth: float
    gap_x: float
    gap_y: float
    empty: float


_PATTERNS = {
    SLAB: _Pattern(58, 13, 15, 29, 0.10),
    LANE: _Pattern(44, 17, 8, 11, 0.12),
    TOWER: _Pattern(36, 32, 42, 44, 0.22),
    YARD: _Pattern(46, 40, 22, 24, 0.18),
    HALL: _Pattern(84, 52, 20, 22, 0.15),
}


def fill(
    blocks: Sequence[Polygon],
    angle_at: Callable[[float, float], float],
    form_of: Callable[[Polygon], str],
    rng: Rng,
) -> list[Footprint]:
    """Return the footprints of all blocks; `angle_at` gives the street's angle in radians at a point."""
    found: list[Footprint] = []
    for number, block in enumerate(blocks):
        centre = block.centroid
        form = form_of(block)
        tilt = angle_at(centre.x, centre.y)
        found += [Footprint(shape, form, number) for shape in _bodies(block, tilt, form, rng)]
    return found


def _bodies(block: Polygon, tilt: float, form: str, rng: Rng) -> list[Polygon]:
    pattern = _PATTERNS[form]
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    room = shapely.buffer(block, -5.0, join_style="mitre")
    if room.is_empty:
        return []
    local = shapely.get_coordinates(room) @ turn
    low, high = local.min(axis=0), local.max(axis=0)
    corners = _corners(low, high, pattern, rng)
    if not len(corners):
        return []
    shapes = [Polygon(_outline(x, y, a, b, form, rng) @ turn.T) for x, y, a, b in corners.tolist()]
    shapely.prepare(room)
    keep = shapely.contains(room, shapes) & (rng.random(len(shapes)) > pattern.empty)
    return [shape for shape, kept in zip(shapes, keep.tolist(), strict=True) if kept]


def _corners(low: FloatArray, high: FloatArray, pattern: _Pattern, rng: Rng) -> FloatArray:
    """Return (x, y, length, depth) of the bodies of a block in its own axes, shape (n, 4)."""
    pitch_x, pitch_y = pattern.length + pattern.gap_x, pattern.depth + pattern.gap_y
    columns = int((high[0] - low[0] + pattern.gap_x) // pitch_x)
    rows = int((high[1] - low[1] + pattern.gap_y) // pitch_y)
    if columns < 1 or rows < 1:
        return np.empty((0, 4))
    slack = (high - low - np.array([columns * pitch_x - pattern.gap_x, rows * pitch_y - pattern.gap_y])) / 2
    x, y = np.meshgrid(np.arange(columns) * pitch_x, np.arange(rows) * pitch_y)
    count = x.size
    length = pattern.length * rng.uniform(0.72, 1.05, count)
    depth = pattern.depth * rng.uniform(0.85, 1.15, count)
    jitter = rng.uniform(-1, 1, (2, count)) * 1.5
    return np.column_stack(
        [x.ravel() + low[0] + slack[0] + jitter[0], y.ravel() + low[1] + slack[1] + jitter[1], length, depth]
    )


def _outline(x: float, y: float, length: float, depth: float, form: str, rng: Rng) -> FloatArray:
    """Return the ring of one body: a rectangle, or an L in every third tower, yard and hall."""
    if form in (SLAB, LANE) or rng.random() > 0.38:
        ring = [(0, 0), (length, 0), (length, depth), (0, depth)]
    else:
        a, b = length * rng.uniform(0.4, 0.6), depth * rng.uniform(0.4, 0.6)
        ring = [(0, 0), (length, 0), (length, b), (a, b), (a, depth), (0, depth)]
        if rng.random() < 0.5:
            ring = [(length - px, py) for px, py in reversed(ring)]
    return np.add(ring, [x, y])
