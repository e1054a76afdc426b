"""The street network: expressways drawn by hand, arterials and streets traced along the direction field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon, STRtree
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from data.demo.field import Raster
from data.demo.frame import FloatArray, lines_of
from data.demo.tracing import Ground, grow, new_family, stamp

EXPRESSWAY, ARTERIAL, STREET = 1, 2, 3
_SIMPLE_M = 0.8
_OVERSHOOT_M = 0.5  # past the crossing, so that crossing lines share a node whatever the rounding


@dataclass(frozen=True, slots=True)
class Street:
    """A street's centre line in metres, its rank (1 expressway, 2 arterial, 3 street) and name ("" for none).

    Pieces of what was one line have the same `origin`.
    """

    line: LineString
    rank: int
    name: str = ""
    origin: int = -1


@dataclass(frozen=True, slots=True)
class Spacing:
    """Distances in metres between neighbours of one family, per cell, and the land they may use."""

    per_cell: FloatArray
    land: Polygon | MultiPolygon


def build_network(
    raster: Raster,
    angle: FloatArray,
    fixed: Sequence[Street],
    levels: Sequence[tuple[int, Spacing]],
    rng: np.random.Generator,
) -> list[Street]:
    """Return the network: the fixed streets, then level by level (rank, spacing); every end meets a street."""
    streets = list(fixed)
    for rank, spacing in levels:
        ground = Ground(raster, angle, _mask(raster, spacing.land), spacing.per_cell)
        grown: list[LineString] = []
        for number in (0, 1):
            family = new_family(ground, number)
            for street in streets:
                for piece in _along(street.line, raster, angle, number):
                    stamp(ground, family, piece, 1.0)
            shortest = float(np.median(spacing.per_cell)) * 1.2
            grown += lines_of(
                [LineString(line).simplify(_SIMPLE_M) for line in grow(ground, family, rng, shortest)]
            )
        if rank == STREET:
            grown = _with_gaps(grown, [street.line for street in streets], rng)
        edge = spacing.land.boundary
        lines = _trimmed([*(street.line for street in streets), *grown], len(streets), edge)
        streets += [Street(line, rank) for line in lines]
    return streets


def _mask(raster: Raster, land: Polygon | MultiPolygon) -> np.ndarray:
    x, y = raster.centres()
    shapely.prepare(land)
    return np.asarray(shapely.contains_xy(land, x.ravel(), y.ravel())).reshape(x.shape)


def _along(line: LineString, raster: Raster, angle: FloatArray, number: int) -> list[FloatArray]:
    """Return the runs of a line that go the way of a family, resampled to the raster's cell."""
    count = max(2, int(line.length / raster.cell))
    points = shapely.get_coordinates(line.interpolate(np.linspace(0, 1, count), normalized=True))
    steps = np.diff(points, axis=0)
    rows = np.clip(((points[:-1, 1] - raster.south) / raster.cell).astype(int), 0, raster.rows - 1)
    columns = np.clip(((points[:-1, 0] - raster.west) / raster.cell).astype(int), 0, raster.columns - 1)
    off = np.arctan2(steps[:, 1], steps[:, 0]) - angle[rows, columns] - number * np.pi / 2
    parallel = np.abs(np.sin(off)) < np.sin(np.radians(35))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], parallel.astype(int), [0]])))
    return [
        points[start : end + 1] for start, end in zip(edges[::2], edges[1::2], strict=True) if end - start > 2
    ]


def crossings(line: LineString, others: Sequence[LineString], tree: STRtree, skip: int = -1) -> FloatArray:
    """Return the distances along a line at which other lines cross it, sorted."""
    near = [index for index in tree.query(line, predicate="intersects") if index != skip]
    points = shapely.get_coordinates(shapely.intersection(line, [others[index] for index in near]))
    return np.unique(np.asarray(shapely.line_locate_point(line, shapely.points(points))))


def _with_gaps(
    lines: list[LineString], arterials: Sequence[LineString], rng: np.random.Generator
) -> list[LineString]:
    """Leave out some runs between arterials, so that blocks differ in size and streets end in T junctions."""
    tree = STRtree(arterials)
    kept: list[LineString] = []
    for line in lines:
        cuts = [0.0, *crossings(line, arterials, tree).tolist(), line.length]
        start: float | None = None
        for before in cuts[:-1]:
            if rng.random() < 0.16:
                if start is not None:
                    kept.append(_part(line, start, before))
                start = None
            elif start is None:
                start = before
        if start is not None:
            kept.append(_part(line, start, line.length))
    return [line for line in kept if line.length > 120]


def _trimmed(lines: list[LineString], fixed: int, edge: BaseGeometry) -> list[LineString]:
    """Cut the lines after the first `fixed` back to their outermost crossings; drop those without two."""
    shapely.prepare(edge)
    for _ in range(3):
        tree = STRtree(lines)
        kept = list(lines[:fixed])
        for index in range(fixed, len(lines)):
            cut = _cut_back(lines[index], lines, tree, index, edge)
            if cut is not None:
                kept.append(cut)
        if len(kept) == len(lines) and all(a.equals(b) for a, b in zip(kept, lines, strict=True)):
            break
        lines = kept
    return lines[fixed:]


def _cut_back(
    line: LineString, lines: Sequence[LineString], tree: STRtree, index: int, edge: BaseGeometry
) -> LineString | None:
    at = crossings(line, lines, tree, index)
    if len(at) == 0:
        return None
    ends = [shapely.Point(line.coords[0]), shapely.Point(line.coords[-1])]
    first = 0.0 if ends[0].distance(edge) < 60 else float(at[0])
    last = line.length if ends[1].distance(edge) < 60 else float(at[-1])
    return _part(line, first - _OVERSHOOT_M, last + _OVERSHOOT_M) if last - first > 100 else None


def _part(line: LineString, start: float, end: float) -> LineString:
    return LineString(substring(line, max(0.0, start), min(line.length, end)).coords)


def split_long(streets: Sequence[Street], longest: float) -> list[Street]:
    """Cut streets longer than `longest` metres at the crossing nearest to their middle, again and again."""
    lines = [street.line for street in streets]
    tree = STRtree(lines)
    done: list[Street] = []
    waiting = [replace(street, origin=number) for number, street in enumerate(streets)]
    while waiting:
        street = waiting.pop()
        at = crossings(street.line, lines, tree)
        at = at[(at > 400) & (at < street.line.length - 400)]
        if street.rank == EXPRESSWAY or street.line.length <= longest or not len(at):
            done.append(street)
            continue
        middle = float(at[np.argmin(np.abs(at - street.line.length / 2))])
        for part in (_part(street.line, 0, middle), _part(street.line, middle, street.line.length)):
            waiting.append(replace(street, line=part))
    return done
