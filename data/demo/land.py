"""Faces between streets, and what stands on them: blocks, parks, sub-districts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from data.demo.frame import FloatArray, Frame, polygons_of
from data.demo.names import Rng
from data.demo.words import PARK_WORDS

SUBDISTRICTS = {
    "310104003": ("天平路街道", 121.4420, 31.2030),
    "310104004": ("湖南路街道", 121.4440, 31.2130),
    "310104007": ("斜土路街道", 121.4560, 31.1960),
    "310104008": ("枫林路街道", 121.4530, 31.1870),
    "310104010": ("长桥街道", 121.4390, 31.1330),
    "310104011": ("田林街道", 121.4170, 31.1740),
    "310104012": ("虹梅路街道", 121.3960, 31.1710),
    "310104013": ("康健新村街道", 121.4120, 31.1590),
    "310104014": ("徐家汇街道", 121.4300, 31.1900),
    "310104015": ("凌云路街道", 121.4200, 31.1410),
    "310104016": ("龙华街道", 121.4520, 31.1680),
    "310104017": ("漕河泾街道", 121.4320, 31.1610),
    "310104103": ("华泾镇", 121.4500, 31.1150),
}
"""Code -> name, and a point inside (lon, lat) that its synthetic outline grows around."""
_HALF_STREET_M = 9.0


@dataclass(frozen=True, slots=True)
class Park:
    """A green place, with a name inside the district; metres."""

    name: str
    shape: Polygon


def faces(lines: Sequence[LineString], outline: Polygon) -> list[Polygon]:
    """Return the faces that streets and the outline cut the ground into, in metres, smallest slivers included."""
    noded = shapely.unary_union([*lines, outline.exterior])
    return polygons_of(shapely.polygonize(shapely.get_parts(noded).tolist()))


def inside(shapes: Sequence[Polygon], outline: Polygon) -> list[Polygon]:
    """Return the shapes whose inner point lies in the outline."""
    shapely.prepare(outline)
    hits = shapely.contains(outline, shapely.point_on_surface(np.array(shapes, dtype=object)))
    return [shape for shape, hit in zip(shapes, hits, strict=True) if hit]


def subdistricts(frame: Frame, ground: Sequence[Polygon], outline: Polygon) -> dict[str, MultiPolygon]:
    """Return code -> outline in metres: every face goes to the nearest seed, so that borders run along streets."""
    seeds = frame.metres(np.array([(lon, lat) for _, lon, lat in SUBDISTRICTS.values()]))
    centres: FloatArray = shapely.get_coordinates(shapely.centroid(np.array(ground, dtype=object)))
    nearest = np.argmin(np.hypot(*(centres[:, None, :] - seeds[None, :, :]).transpose(2, 0, 1)), axis=1)
    grown = {}
    taken: BaseGeometry = Polygon()
    for index, code in enumerate(SUBDISTRICTS):
        shape = shapely.union_all([face for face, seed in zip(ground, nearest, strict=True) if seed == index])
        shape = shapely.difference(shape.buffer(0.02, join_style="mitre"), taken).intersection(outline)
        taken = shapely.union(taken, shape)
        grown[code] = MultiPolygon([part for part in polygons_of(shape) if part.area > 1])
    return grown


def blocks(ground: Sequence[Polygon], without: BaseGeometry) -> list[Polygon]:
    """Return the faces shrunk by half a street and cut by water and rails, in metres."""
    shrunk = shapely.buffer(
        np.array(ground, dtype=object), -_HALF_STREET_M, join_style="mitre", mitre_limit=2.5
    )
    tree = shapely.STRtree(shapely.get_parts(without))
    found: list[Polygon] = []
    for shape in shrunk:
        near = tree.geometries[tree.query(shape, predicate="intersects")]
        cut = shapely.difference(shape, shapely.union_all(near)) if len(near) else shape
        found += [part for part in polygons_of(cut.buffer(-3).buffer(3)) if part.area > 1200]
    return found


def choose_parks(
    shapes: Sequence[Polygon], outline: Polygon | MultiPolygon, rng: Rng, count: int = 22
) -> tuple[list[Park], list[Polygon]]:
    """Return parks in the outline, and all blocks that are left; parks keep a distance from each other."""
    shapely.prepare(outline)
    fit = [i for i, s in enumerate(shapes) if 25_000 < s.area < 160_000 and outline.contains(s.centroid)]
    chosen: list[int] = []
    for index in rng.permutation(fit):
        if all(shapes[index].distance(shapes[other]) > 750 for other in chosen):
            chosen.append(int(index))
        if len(chosen) == count:
            break
    parks = [
        Park(PARK_WORDS[n % len(PARK_WORDS)] + ("公园" if n % 4 else "绿地"), shapes[index])
        for n, index in enumerate(chosen)
    ]
    gone = set(chosen)
    return parks, [shape for index, shape in enumerate(shapes) if index not in gone]


def riverside(area: Polygon, river: MultiPolygon) -> list[Park]:
    """Return the green strip along the district's bank of the river, metres."""
    strip = river.buffer(112).difference(river.buffer(16)).intersection(area.buffer(250))
    parts = [part for part in polygons_of(strip) if part.area > 20_000]
    return [Park("滨江绿地", Polygon(part.exterior)) for part in parts]
