"""The plan of the demo district: everything that is drawn, computed from a seed and the district's outline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon, box

from data.demo import ground as lie
from data.demo.field import Raster, direction_field
from data.demo.footprints import HALL, LANE, SLAB, TOWER, YARD, Footprint, fill
from data.demo.frame import FloatArray, Frame, lines_of, polygonal
from data.demo.land import Park, blocks, choose_parks, faces, inside, riverside, subdistricts
from data.demo.malls import Mall, place_malls
from data.demo.names import Rng
from data.demo.naming import AddressBook, named
from data.demo.streets import ARTERIAL, EXPRESSWAY, STREET, Spacing, Street, build_network, split_long
from data.demo.transit import Transit, build_transit

SEED = 310104
STREETS = 235
_AROUND = (-16_500.0, -9_800.0, 16_500.0, 10_200.0)
_CELL_M = 25.0


@dataclass(frozen=True, slots=True)
class Plan:
    """A district's map in metres of `frame`."""

    frame: Frame
    outline: Polygon
    river: MultiPolygon
    creeks: tuple[tuple[str, MultiPolygon], ...]
    streets: tuple[Street, ...]
    book: AddressBook
    subdistricts: dict[str, MultiPolygon]
    blocks: tuple[Polygon, ...]
    parks: tuple[Park, ...]
    malls: tuple[Mall, ...]
    footprints: tuple[Footprint, ...]
    transit: Transit

    @property
    def land(self) -> MultiPolygon:
        """The district without the river: where its shops may stand."""
        return polygonal(self.outline.difference(self.river))


def build_plan(outline: MultiPolygon) -> Plan:
    """Return the plan of a district; `outline` in EPSG:4326, its largest part is drawn."""
    rng = np.random.default_rng([SEED, 1])
    centre = outline.centroid
    frame = Frame(round(centre.x, 3), round(centre.y, 3))
    area = max(frame.flat(outline).geoms, key=lambda part: part.area)
    raster = Raster.over(_AROUND, _CELL_M)
    angle = direction_field(raster, lie.quarters())
    river = lie.river(frame)
    creeks = lie.creeks(frame)
    streets = split_long(_network(frame, area, river, (raster, angle), rng), 1500.0)
    streets, fronts = named(streets, area, STREETS, rng)
    book = AddressBook.of(fronts)
    transit = build_transit(frame, streets)
    wide = box(*_AROUND)
    ground = faces([s.line for s in streets], wide)
    inner = inside(faces([s.line for s in streets if s.line.intersects(area)], area), area)
    wet = [river.buffer(45), *(water.buffer(9) for _, water in creeks), transit.railway.buffer(14)]
    lots = blocks(ground, shapely.union_all([*wet, *_carriageways(streets, wide)]))
    parks, lots = choose_parks(lots, area, rng)
    malls, lots = place_malls(lots, area, book, rng)
    more, lots = choose_parks(lots, polygonal(wide.difference(area.buffer(200))), rng, 34)
    parks += [Park("", park.shape) for park in more]
    parks += riverside(area, river)
    return Plan(
        frame,
        area,
        river,
        tuple(creeks),
        tuple(streets),
        book,
        subdistricts(frame, inner, area),
        (*lots, *(mall.block for mall in malls)),
        tuple(parks),
        tuple(malls),
        tuple(_footprints(lots, area, raster, angle, rng)),
        transit,
    )


def _network(
    frame: Frame, area: Polygon, river: MultiPolygon, field: tuple[Raster, FloatArray], rng: Rng
) -> list[Street]:
    raster, angle = field
    x, y = raster.centres()
    near = np.exp(-((np.hypot(x / 1.1, y) / 7500.0) ** 4))
    arterial = 1450.0 - 600.0 * near
    away = shapely.distance(area, shapely.points(x.ravel(), y.ravel())).reshape(x.shape)
    # Streets grow ever wider apart around the district, so that the map does not end at its border.
    street = np.interp(y, [-6000, -1500, 2500, 4500], [330, 290, 235, 185]) + np.minimum(away * 0.12, 560.0)
    dry = polygonal(box(*_AROUND).difference(river.buffer(150)))
    fixed = [Street(lie.through(frame, points), EXPRESSWAY, name) for name, points in lie.EXPRESSWAYS]
    fixed += [Street(line, ARTERIAL) for line in _embankments(frame)]
    levels = [(ARTERIAL, Spacing(arterial, dry)), (STREET, Spacing(street, dry))]
    return build_network(raster, angle, fixed, levels, rng)


def _embankments(frame: Frame) -> list[LineString]:
    """Return the avenues along both banks of the river."""
    middle = lie.curve(frame, lie.RIVER, 60.0).intersection(box(*_AROUND))
    avenues = [shapely.offset_curve(middle, side * (lie.RIVER_WIDTH_M / 2 + 140)) for side in (1, -1)]
    return [part for avenue in avenues for part in lines_of(shapely.simplify(avenue, 3.0))]


def _carriageways(streets: list[Street], near: Polygon) -> list[Polygon]:
    """Return the width that big streets take from the blocks beside them."""
    half = {EXPRESSWAY: 24.0, ARTERIAL: 15.0}
    lines = [street for street in streets if street.rank in half and street.line.intersects(near)]
    return [street.line.buffer(half[street.rank], cap_style="flat") for street in lines]


def _footprints(
    lots: list[Polygon], area: Polygon, raster: Raster, angle: FloatArray, rng: Rng
) -> list[Footprint]:
    shapely.prepare(area)
    inner = [lot for lot in lots if area.contains(lot.centroid)]

    def angle_at(x: float, y: float) -> float:
        cell = raster.cell_of(x, y)
        return float(angle[cell]) if cell else 0.0

    return [f for f in fill(inner, angle_at, _form_of(rng), rng) if area.contains(f.shape)]


def _form_of(rng: Rng) -> Callable[[Polygon], str]:
    """Return which form of building a block gets: lanes in the old north, towers in the centre, halls in the west."""
    zones: list[tuple[Callable[[float, float], bool], tuple[float, ...]]] = [
        (lambda x, y: np.hypot(x - 600, y - 2700) < 800, (0.10, 0.05, 0.60, 0.15, 0.10)),
        (lambda x, y: y > 2600, (0.20, 0.45, 0.20, 0.15, 0.00)),
        (lambda x, y: x < -1500 and y > -1500, (0.25, 0.00, 0.20, 0.35, 0.20)),
        (lambda x, y: y < -3300, (0.50, 0.00, 0.10, 0.15, 0.25)),
    ]
    usual = (0.58, 0.06, 0.14, 0.16, 0.06)
    forms = (SLAB, LANE, TOWER, YARD, HALL)

    def form(block: Polygon) -> str:
        at = block.centroid
        shares = next((shares for holds, shares in zones if holds(at.x, at.y)), usual)
        return forms[int(rng.choice(len(forms), p=shares))]

    return form
