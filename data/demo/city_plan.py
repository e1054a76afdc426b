"""The plan of the whole demo city: water, arterials and streets over 16 districts, and where its places stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from data.areas import reference_districts
from data.demo import ground as lie
from data.demo.field import Quarter, Raster, direction_field
from data.demo.frame import FloatArray, Frame, lines_of, polygonal
from data.demo.names import Rng, street_bases
from data.demo.plan import SEED
from data.demo.records import Records, shape_wkb
from data.demo.streets import ARTERIAL, EXPRESSWAY, STREET, Spacing, Street, build_network, split_long

CENTRE = (121.47, 31.22)
_CELL_M = 150.0
_SLOT_M = 45.0
_SHARES = {
    "310101": 5.5, "310104": 6.5, "310105": 5.0, "310106": 6.0, "310107": 6.0, "310109": 4.5, "310110": 6.0,
    "310112": 10.5, "310113": 8.0, "310114": 6.5, "310115": 19.0, "310116": 2.8, "310117": 6.5, "310118": 4.2,
    "310120": 3.5, "310151": 1.8,
}  # fmt: skip
"""Of a hundred places, how many are in a district."""
_SEA = (
    (121.30, 31.49), (121.08, 31.78), (120.75, 31.95), (120.80, 32.02), (121.10, 31.92), (121.40, 31.90),
    (121.75, 31.80), (121.95, 31.72), (121.85, 32.05), (121.40, 32.60), (121.40, 33.20), (125.00, 33.20),
    (125.00, 29.00), (122.00, 29.00), (121.90, 29.95), (121.30, 30.30), (120.90, 30.20), (120.80, 30.35),
    (121.05, 30.60), (121.30, 30.76), (121.60, 30.95), (121.75, 31.15), (121.45, 31.40),
)  # fmt: skip  # the estuary and the bay, roughly, as far as a screen of the whole city shows them
_RINGS = ((5_600.0, "内环路"), (10_500.0, "中环路"), (16_500.0, "外环路"), (30_000.0, "郊环路"))
_RADIALS = (12, 55, 98, 140, 178, 215, 250, 292, 334)


@dataclass(frozen=True, slots=True)
class CityPlan:
    """The city in metres of `frame`; slots are points along streets where places stand, heavier ones more often."""

    frame: Frame
    districts: dict[str, MultiPolygon]
    sea: MultiPolygon
    river: MultiPolygon
    streets: tuple[Street, ...]
    slots: FloatArray
    across: FloatArray
    street_of: NDArray[np.int64]
    number: NDArray[np.int64]
    district_of: NDArray[np.int64]
    weight: FloatArray


def build_city_plan() -> CityPlan:
    """Return the plan of the city; the same every time."""
    rng = np.random.default_rng([SEED, 2])
    frame = Frame(*CENTRE)
    districts = {code: frame.flat(outline) for code, (_, outline) in reference_districts().items()}
    river = lie.river(frame)
    land = polygonal(shapely.union_all([shape.buffer(1.0) for shape in districts.values()]))
    dry = polygonal(land.difference(river.buffer(150)))
    streets = _named(split_long(_network(frame, dry, rng), 4000.0), rng)
    sea = polygonal(frame.flat(Polygon(_SEA)).difference(land))
    slots, across, street_of, number = _slots(streets)
    inside = _district_of(districts, slots)
    keep = inside >= 0
    weight = _weights(districts, slots[keep], inside[keep], rng)
    return CityPlan(
        frame,
        districts,
        sea,
        river,
        tuple(streets),
        slots[keep],
        across[keep],
        street_of[keep],
        number[keep],
        inside[keep],
        weight,
    )


def _network(frame: Frame, land: Polygon | MultiPolygon, rng: Rng) -> list[Street]:
    west, south, east, north = land.bounds
    raster = Raster.over((west, south, east, north), _CELL_M)
    grid = [(x, y) for x in np.arange(west, east, 9000.0) for y in np.arange(south, north, 9000.0)]
    quarters = [
        Quarter(x + rng.uniform(-3500, 3500), y + rng.uniform(-3500, 3500), rng.uniform(-26, 26), 4200.0)
        for x, y in grid
    ]
    x, y = raster.centres()
    out = np.hypot(x, y)
    arterial = np.interp(out, [4000, 14_000, 30_000, 50_000], [1500, 1900, 3200, 4600])
    street = np.interp(out, [4000, 14_000, 26_000, 45_000], [620, 900, 1900, 3600])
    fixed = [
        Street(part, EXPRESSWAY, name)
        for name, line in _expressways(rng)
        for part in lines_of(line.intersection(land.buffer(500)))
        if part.length > 1500
    ]
    levels = [(ARTERIAL, Spacing(arterial, land)), (STREET, Spacing(street, land))]
    return build_network(raster, direction_field(raster, quarters), fixed, levels, rng)


def _expressways(rng: Rng) -> list[tuple[str, LineString]]:
    """Return ring roads, not quite round, and roads out of the city."""
    found = []
    turn = np.linspace(0, 2 * np.pi, 160)
    for radius, name in _RINGS:
        wobble = sum(rng.uniform(0.02, 0.07) * np.sin(turn * k + rng.uniform(0, 6)) for k in (2, 3, 5))
        reach = radius * (1 + wobble)
        found.append((name, LineString(np.column_stack([reach * np.cos(turn), reach * 0.86 * np.sin(turn)]))))
    for number, degrees in enumerate(_RADIALS):
        out = np.linspace(5_000, 58_000, 40)
        angle = np.radians(degrees + 6 * np.sin(out / 11_000 + number))
        found.append(
            (
                f"申{'嘉沪宁浦金松青奉崇'[number]}高速",
                LineString(np.column_stack([out * np.cos(angle), out * np.sin(angle)])),
            )
        )
    return found


def _named(streets: list[Street], rng: Rng) -> list[Street]:
    stems = street_bases(rng)
    endings = ("路", "东路", "西路", "南路", "北路", "大道")
    return [
        street
        if street.name
        else Street(
            street.line,
            street.rank,
            stems[i % len(stems)] + endings[i // len(stems) % len(endings)],
            street.origin,
        )
        for i, street in enumerate(streets)
    ]


def _slots(streets: list[Street]) -> tuple[FloatArray, FloatArray, NDArray[np.int64], NDArray[np.int64]]:
    """Return points along the streets, the direction across, the street's index, the house number there."""
    points, across, owner, numbers = [], [], [], []
    for index, street in enumerate(streets):
        if street.rank == EXPRESSWAY:
            continue
        along = np.arange(30.0, street.line.length - 30.0, _SLOT_M)
        here = shapely.get_coordinates(street.line.interpolate(along))
        way = shapely.get_coordinates(street.line.interpolate(along + 1.0)) - here
        points.append(here)
        across.append(np.column_stack([-way[:, 1], way[:, 0]]))
        owner.append(np.full(len(along), index))
        numbers.append((along / 6.0).astype(np.int64))
    return np.vstack(points), np.vstack(across), np.concatenate(owner), np.concatenate(numbers)


def _district_of(districts: dict[str, MultiPolygon], slots: FloatArray) -> NDArray[np.int64]:
    """Return the district's index per slot, -1 outside and within 120 m of a border."""
    inside = np.full(len(slots), -1, dtype=np.int64)
    for index, shape in enumerate(districts.values()):
        inner = shape.buffer(-120)
        shapely.prepare(inner)
        inside[shapely.contains_xy(inner, slots)] = index
    return inside


def _weights(
    districts: dict[str, MultiPolygon], slots: FloatArray, inside: NDArray[np.int64], rng: Rng
) -> FloatArray:
    """Return how often a slot is used: towns of different size in every district, and its share of the city."""
    weight = np.zeros(len(slots))
    for index, code in enumerate(districts):
        mine = np.flatnonzero(inside == index)
        if not len(mine):
            continue
        towns = slots[rng.choice(mine, size=14)]
        size = rng.lognormal(0.0, 0.8, len(towns))
        reach = rng.uniform(500, 1900, len(towns))
        squared = ((slots[mine, None, :] - towns[None, :, :]) ** 2).sum(axis=2)
        density = 0.02 + (size * np.exp(-squared / (2 * reach**2))).sum(axis=1)
        weight[mine] = density / density.sum() * _SHARES[code]
    return np.asarray(weight / weight.sum())


def add_city_basemap(records: Records, plan: CityPlan) -> None:
    """Add what is drawn of the city."""
    first = {EXPRESSWAY: 7, ARTERIAL: 10, STREET: 12}
    frame = plan.frame

    def add(kind: str, shape: BaseGeometry, rank: int, name: str, zoom: int) -> None:
        geom = shape_wkb(frame.globe(shape))
        records.add("basemap_feature", kind=kind, rank=rank, name=name, min_zoom=zoom, geom=geom)

    add("water", plan.sea.simplify(30.0), 3, "", 0)
    add("water", plan.river.simplify(8.0), 1, lie.RIVER_NAME, 0)
    for street in plan.streets:
        add("road", street.line.simplify(6.0), street.rank, street.name, first[street.rank])
    for shape in plan.districts.values():
        add("boundary", shape.boundary, 1, "", 6)
