"""Office listings in the carriers: rent, charge, size, distance to the metro, offered by agencies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from data.demo.carriers import Carrier
from data.demo.names import FIRM, Rng, credit_code, mobiles, people
from data.demo.site import DISTRICT_NAME, Scene
from data.demo.transit import walk
from layers.core.choices import INDUSTRIES

LISTINGS = 3_140
AGENCIES = ("安居选址", "汇屏招商", "启泽楼宇", "青桥空间", "远岳不动产", "知汀选址", "云川楼宇", "合溪招商")
_OFFERS = {"tower": 1.0, "park": 1.3, "registry": 0.5, "mall": 0.35}
_KINDS = {
    "tower": (("grade_a", 0.40), ("grade_b", 0.42), ("coworking", 0.18)),
    "park": (("park", 0.48), ("incubator", 0.18), ("maker_space", 0.14), ("lab", 0.20)),
    "registry": (("incubator", 0.5), ("coworking", 0.5)),
    "mall": (("shop", 1.0),),
}
_RENT = {
    "grade_a": 6.6, "grade_b": 4.3, "park": 3.4, "incubator": 2.6, "maker_space": 2.9, "coworking": 6.0, "shop": 9.5,
    "lab": 2.8,
}  # fmt: skip
_TITLES = {
    "grade_a": "精装带家具", "grade_b": "朝南精装", "park": "园区研发楼", "incubator": "孵化器工位",
    "maker_space": "众创空间",
    "coworking": "联合办公", "shop": "商场铺位", "lab": "实验室",
}  # fmt: skip
_PAYMENTS = ("1+1", "1+3", "2+1", "2+3", "2+3", "3+3", "0+6", "0+12")


def add_agencies(scene: Scene) -> list[tuple[int, str]]:
    """Add the agencies' firms; returns (number, USCC) of each."""
    added = []
    for word in AGENCIES:
        code = credit_code(scene.records.count("enterprise") + 1, FIRM)
        added.append((scene.records.add("enterprise", uscc=code, name=f"上海{word}服务有限公司"), code))
    return added


def add_offices(
    scene: Scene, carriers: Sequence[Carrier], agencies: Sequence[tuple[int, str]], rng: Rng
) -> None:
    """Add the listings, several per building, each at a spot of its own inside the footprint."""
    offering = [c for c in carriers if c.kind in _OFFERS and c.zombies != "unknown"]
    weights = np.array([_OFFERS[c.kind] for c in offering]) * rng.lognormal(0, 0.5, len(offering))
    owners = np.sort(rng.choice(len(offering), size=LISTINGS, p=weights / weights.sum()))
    at = np.array([_spot(offering[int(o)], rng) for o in owners])
    stations = scene.plan.transit.nearest(at)
    phones, contacts = mobiles(rng, LISTINGS), people(rng, LISTINGS)
    rows = zip(owners, scene.wkb(at), scene.area_codes(at), stations, phones, contacts, at, strict=True)
    for owner, geom, area_code, (station, straight), phone, contact, point in rows:
        carrier = offering[int(owner)]
        kind = _kind(carrier.kind, rng)
        fields = _fields(scene, carrier, kind, point, rng)
        metres, minutes = walk(straight)
        fields |= {
            "metro_line": station.line,
            "metro_station": station.name,
            "metro_m": metres,
            "walk_min": minutes,
        }
        agency = agencies[int(rng.integers(len(agencies)))] if rng.random() < 0.72 else (None, "")
        scene.records.place(
            "offices",
            fields,
            name=f"{carrier.name} {fields['area_m2']:.0f}㎡ {_TITLES[kind]}",
            address=f"{DISTRICT_NAME}{carrier.address}{carrier.name}{fields['floor']}层",
            area_code=area_code,
            category=kind,
            phone=phone,
            contact=contact,
            geom=geom,
            enterprise_id=agency[0],
            building_id=carrier.building,
        )


def _spot(carrier: Carrier, rng: Rng) -> np.ndarray:
    if carrier.shape is None:
        return carrier.at
    tries = carrier.at + rng.uniform(-14, 14, (12, 2))
    inner = tries[shapely.contains_xy(carrier.shape, tries)]
    return np.asarray(inner[0] if len(inner) else carrier.at)


def _kind(carrier: str, rng: Rng) -> str:
    kinds, shares = zip(*_KINDS[carrier], strict=True)
    return str(kinds[int(rng.choice(len(kinds), p=shares))])


def _fields(scene: Scene, carrier: Carrier, kind: str, at: np.ndarray, rng: Rng) -> dict[str, object]:
    centre = 1.45 - min(0.75, float(np.hypot(at[0] - 600, at[1] - 3300)) / 11_000)
    rent = round(float(np.clip(_RENT[kind] * centre * rng.normal(1.0, 0.13), 0.8, 19)), 2)
    area = round(float(np.clip(rng.lognormal(5.0, 0.75), 18, 2600)))
    shared = kind in {"coworking", "incubator", "maker_space"}
    seats = max(1, round(area / rng.uniform(5.5, 9)))
    trades = [choice.value for choice in INDUSTRIES]
    known = rng.random() > 0.025
    fields: dict[str, object] = {
        "rent_cny_m2_day": rent,
        "area_m2": area,
        "seats": seats if kind not in {"shop", "lab"} else None,
        "seat_cny_month": round(rent * 30 * rng.uniform(6, 9) / 10) * 10 if shared else None,
        "property_fee_cny_m2_month": round(float(rng.uniform(10, 38)), 1),
        "energy_cny_m2_month": round(float(rng.uniform(3, 12)), 1),
        "usable_share": round(float(rng.uniform(0.58, 0.86)), 2),
        "rent_free_months": float(rng.choice([0, 0.5, 1, 1, 2, 3])),
        "payment_terms": _PAYMENTS[int(rng.integers(len(_PAYMENTS)))],
        "industries": [
            trades[int(i)] for i in sorted(rng.permutation(len(trades))[: int(rng.integers(1, 4))])
        ],
        "floor": int(rng.integers(1, carrier.floors + 1)),
        "vacant_from": scene.days_ago(rng.integers(-45, 240)),
    }
    if known:
        fields |= {"registrable": bool(rng.random() < 0.965), "listed_on": scene.days_ago(_age_days(rng))}
    return fields


def _age_days(rng: Rng) -> float:
    """Return the age of a listing in days: mostly fresh, some ageing past two months, few past half a year."""
    draw = rng.random()
    if draw < 0.905:
        return float(rng.uniform(0, 59))
    return float(rng.uniform(60, 179)) if draw < 0.978 else float(rng.uniform(181, 330))
