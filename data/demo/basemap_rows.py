"""The plan as rows of the offline basemap, each with the zoom from which it is worth drawing."""

from __future__ import annotations

from collections.abc import Iterable

import shapely
from shapely.geometry.base import BaseGeometry

from data.demo.frame import Frame
from data.demo.plan import Plan
from data.demo.records import Records, shape_wkb

_FIRST_ZOOM = {1: 8, 2: 11, 3: 13}
_SIMPLE_M = {1: 3.0, 2: 2.0, 3: 1.0}


def add_basemap(records: Records, plan: Plan) -> None:
    """Add everything that is drawn of a plan."""
    _add_land(records, plan)
    for street in plan.streets:
        line = street.line.simplify(_SIMPLE_M[street.rank])
        _add(records, plan.frame, "road", line, street.rank, street.name, _FIRST_ZOOM[street.rank])
    for name, line in plan.transit.lines:
        _add(records, plan.frame, "metro", line.simplify(3.0), 1, name, 10)
    for station in plan.transit.stations:
        point = shapely.Point(station.x, station.y)
        _add(records, plan.frame, "station", point, 1, f"{station.name}|{station.line}", 12)
    _add(records, plan.frame, "rail", plan.transit.railway.simplify(3.0), 1, "", 10)
    for border in _borders(plan):
        _add(records, plan.frame, "boundary", border, 2, "", 12)
    _add(records, plan.frame, "boundary", plan.outline.exterior, 1, "", 8)


def _add_land(records: Records, plan: Plan) -> None:
    _add(records, plan.frame, "water", plan.river.simplify(4.0), 1, "黄浦江", 0)
    for name, shape in plan.creeks:
        _add(records, plan.frame, "water", shape.simplify(1.5), 2, name, 12)
    for park in plan.parks:
        _add(records, plan.frame, "green", park.shape.simplify(1.0), 1, park.name, 11)
    for block in plan.blocks:
        _add(records, plan.frame, "block", block.simplify(1.5), 1, "", 13)
    for mall in plan.malls:
        _add(records, plan.frame, "building", mall.shape, 1, mall.name, 14)
    for footprint in plan.footprints:
        first = 15 if footprint.shape.area < 900 else 14
        _add(records, plan.frame, "building", footprint.shape, 2, "", first)


def _borders(plan: Plan) -> Iterable[BaseGeometry]:
    """Return the lines between sub-districts, each once, without the district's own outline."""
    shared = shapely.union_all([shape.boundary for shape in plan.subdistricts.values()], grid_size=0.1)
    inner = shared.difference(plan.outline.exterior.buffer(2.0))
    merged = shapely.line_merge(shapely.union_all(shapely.get_parts(inner)))
    return [part.simplify(1.0) for part in shapely.get_parts(merged) if part.length > 20]


def _add(
    records: Records, frame: Frame, kind: str, shape: BaseGeometry, rank: int, name: str, min_zoom: int
) -> None:
    records.add(
        "basemap_feature",
        kind=kind,
        rank=rank,
        name=name,
        min_zoom=min_zoom,
        geom=shape_wkb(frame.globe(shape)),
    )
