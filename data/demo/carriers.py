"""Buildings firms register at (载体): malls, markets, towers, parks, streets, hotels, estates, with their floors."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from shapely import Point, Polygon

from data.demo.footprints import HALL, LANE, SLAB, TOWER, YARD
from data.demo.frame import FloatArray
from data.demo.names import Rng, mobiles, people
from data.demo.records import shape_wkb
from data.demo.site import DISTRICT_NAME, Scene
from data.demo.words import ESTATE_KINDS, HOTEL_KINDS, PARK_KINDS, TOWER_KINDS, TOWER_WORDS

COUNTS = {"tower": 172, "park": 48, "registry": 12, "hotel": 18, "residential": 96, "street": 46}
_FORMS = {
    "tower": (TOWER,), "park": (YARD, HALL), "registry": (TOWER, YARD), "hotel": (TOWER, YARD),
    "residential": (SLAB, LANE),
}  # fmt: skip
_FLOORS = {"tower": (8, 33), "park": (3, 9), "registry": (5, 13), "hotel": (6, 20), "residential": (6, 25)}
_FORM_NAMES = {
    "tower": "高层办公", "park": "多层研发", "registry": "办公", "hotel": "酒店", "residential": "住宅",
    "street": "沿街商铺", "mall": "商业综合体", "market": "市场",
}  # fmt: skip


@dataclass(slots=True)
class Carrier:
    """A building before it is rows: `building` and `place` are its numbers."""

    kind: str
    name: str
    address: str
    at: FloatArray
    floors: int
    shape: Polygon | None = None
    building: int = 0
    place: int = 0
    zombies: str = ""
    units: list[str] = field(default_factory=list)
    premises: dict[str, str] = field(default_factory=dict)  # unit -> by what right a firm sits there
    owner: str = ""
    occupancy: float | None = None


def choose_carriers(scene: Scene, rng: Rng) -> list[Carrier]:
    """Return all carriers, the malls and markets first, in the order of the plan."""
    plan = scene.plan
    carriers = [Carrier(m.kind, m.name, m.address, _centre(m.shape), m.floors, m.shape) for m in plan.malls]
    taken: set[int] = set()
    forms = np.array([f.form for f in plan.footprints], dtype=object)
    for kind, wanted in COUNTS.items():
        if kind == "street":
            carriers += _streets(scene, wanted, rng)
            continue
        fit = [i for i in np.flatnonzero(np.isin(forms, _FORMS[kind])) if i not in taken]
        chosen = [int(i) for i in rng.permutation(fit)[:wanted]]
        taken.update(chosen)
        carriers += _built(scene, kind, [plan.footprints[i].shape for i in chosen], rng)
    return carriers


def _centre(shape: Polygon) -> FloatArray:
    at = shape.representative_point()
    return np.array([at.x, at.y])


def _built(scene: Scene, kind: str, shapes: list[Polygon], rng: Rng) -> list[Carrier]:
    at = np.array([_centre(shape) for shape in shapes])
    addresses = scene.plan.book.find(at)
    names = _names(kind, addresses, rng)
    low, high = _FLOORS[kind]
    return [
        Carrier(kind, name, address, point, int(rng.integers(low, high)), shape)
        for name, address, point, shape in zip(names, addresses, at, shapes, strict=True)
    ]


def _names(kind: str, addresses: list[str], rng: Rng) -> list[str]:
    endings = {
        "park": PARK_KINDS,
        "hotel": HOTEL_KINDS,
        "residential": ESTATE_KINDS,
        "registry": ("企业服务中心",),
    }
    pairs = [w + k for k in TOWER_KINDS for w in TOWER_WORDS]
    order = rng.permutation(len(pairs))
    names: list[str] = []
    for index, address in enumerate(addresses):
        if kind == "tower":
            names.append(pairs[int(order[index % len(pairs)])])
            continue
        word = TOWER_WORDS[int(rng.integers(len(TOWER_WORDS)))] if kind != "residential" else address[:2]
        name = word + endings[kind][int(rng.integers(len(endings[kind])))]
        again = sum(other == name or other.startswith(f"{name}（") for other in names)
        names.append(
            f"{name}（{address[: address.index('路') + 1]}{'' if again < 2 else again}）" if again else name
        )
    return names


def _streets(scene: Scene, count: int, rng: Rng) -> list[Carrier]:
    """Return named streets as carriers (沿街路段), each at its middle."""
    fronts = scene.plan.book.streets
    chosen = rng.permutation(min(len(fronts), 200))[:count]
    carriers = []
    for index in chosen:
        front = fronts[int(index)]
        middle: Point = front.line.interpolate(0.5, normalized=True)
        carriers.append(Carrier("street", f"{front.name}沿街", front.name, np.array([middle.x, middle.y]), 2))
    return carriers


def add_carriers(scene: Scene, carriers: list[Carrier], rng: Rng) -> None:
    """Add the buildings' rows of the spine; their places follow when the tenancies are known."""
    frame = scene.plan.frame
    for carrier in carriers:
        carrier.owner = f"上海{TOWER_WORDS[int(rng.integers(len(TOWER_WORDS)))]}置业有限公司"
        carrier.building = scene.records.add(
            "building",
            name=carrier.name,
            address=DISTRICT_NAME + carrier.address,
            floors=carrier.floors,
            footprint=shape_wkb(frame.globe(carrier.shape)) if carrier.shape is not None else None,
        )


def add_carrier_places(scene: Scene, carriers: list[Carrier], rng: Rng) -> None:
    """Add the carriers as places of the layer `buildings`."""
    at = np.array([carrier.at for carrier in carriers])
    count = len(carriers)
    rows = zip(
        carriers, scene.wkb(at), scene.area_codes(at), mobiles(rng, count), people(rng, count), people(rng, count),
        strict=True,
    )  # fmt: skip
    for carrier, geom, area_code, phone, contact, chief in rows:
        carrier.place = scene.records.place(
            "buildings",
            _fields(scene, carrier, chief, rng),
            name=carrier.name,
            address=DISTRICT_NAME + carrier.address,
            area_code=area_code,
            category=carrier.kind,
            phone=phone,
            contact=contact,
            geom=geom,
            building_id=carrier.building,
        )


def _fields(scene: Scene, carrier: Carrier, chief: str, rng: Rng) -> dict[str, object]:
    unknown = carrier.zombies == "unknown"
    cloud = _cloud_state(carrier.kind, rng)
    area = round((carrier.shape.area if carrier.shape else 2500.0) * carrier.floors * 0.85)
    fields: dict[str, object] = {
        "floors": carrier.floors,
        "area_m2": area,
        "built_year": int(scene.day.year - rng.integers(3, 45)),
        "building_form": _FORM_NAMES[carrier.kind],
        "business_area": f"{scene.plan.transit.nearest(carrier.at[None, :])[0][0].name.removesuffix('站')}商圈",
    }
    if unknown:
        return fields
    return fields | {
        "cloud_state": cloud,
        "lease_only": cloud == "in_cloud" and carrier.kind != "residential",
        "units": len(carrier.units),
        "occupancy_share": carrier.occupancy,
        "property_fee_cny_m2_month": round(
            float(rng.uniform(2, 6) if carrier.kind == "residential" else rng.uniform(12, 36)), 1
        ),
        "developer": carrier.owner,
        "property_company": f"上海{TOWER_WORDS[int(rng.integers(40))]}物业管理有限公司",
        "manager": chief,
        "papers_checked_on": scene.days_ago(rng.integers(20, 700)),
    }


def _cloud_state(kind: str, rng: Rng) -> str:
    draw = float(rng.random())
    if kind == "residential":
        return "none"
    if kind in {"mall", "market", "park", "registry", "tower"}:
        edges = (0.42, 0.47, 0.53, 0.55, 0.556, 0.565)
    else:
        edges = (0.12, 0.16, 0.2, 0.21, 0.212, 0.215)
    states = ("in_cloud", "applied", "checking", "changing", "paused", "left", "none")
    return states[int(np.searchsorted(edges, draw))]
