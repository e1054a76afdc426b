"""Breakfast outlets of the ten kinds; many are a counter of a shop and share its firm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from data.demo.licences import Licensee, add_permits
from data.demo.names import SELF_EMPLOYED, Rng, credit_code, mobiles
from data.demo.shops import Shop
from data.demo.site import DISTRICT_NAME, Scene
from data.demo.stories import BREAKFAST_STORIES, bad_neighbourhood, deal
from data.demo.visits import Visited, add_visits
from data.demo.words import BRAND_FIRST, BRAND_SECOND
from layers.core.hours import DAYS, Window, format_hours

LINKED = {"chain": 64, "single": 58, "convenience": 62, "market": 14}
OWN = {"cart": 34, "locker": 26, "machine": 22, "shared": 20, "canteen": 28, "delivery": 14}
_OF_SHOP = {
    "chain": {"bakery", "fast_food"}, "single": {"snack"}, "convenience": {"convenience"}, "market": {"supermarket"},
}  # fmt: skip
_NAMES = {
    "cart": "早餐车", "locker": "早餐网订柜", "machine": "早餐自助机", "shared": "共享早餐点", "canteen": "社区食堂",
    "delivery": "早餐外送点",
}  # fmt: skip
_DISHES = {
    "chain": ("bread", "sandwich", "coffee", "soy_milk"),
    "single": ("bun", "dough_stick", "rice_roll", "soy_milk", "noodles", "pan_fried", "congee"),
    "convenience": ("bun", "soy_milk", "sandwich", "egg", "coffee", "rice_roll"),
    "cart": ("bun", "soy_milk", "pancake", "rice_roll", "egg"),
    "canteen": ("bun", "congee", "noodles", "egg", "soy_milk", "dough_stick"),
    "market": ("bun", "dough_stick", "soy_milk", "pan_fried"),
}
_PRICE = {"chain": 16, "single": 11, "convenience": 10, "canteen": 7, "delivery": 15}
_PAYMENTS = ("cash", "card", "transit", "ecny")


@dataclass(slots=True)
class Outlet:
    """An outlet before it is rows."""

    kind: str
    name: str
    address: str
    x: float
    y: float
    enterprise: int
    uscc: str


def add_breakfast(scene: Scene, shops: Sequence[Shop], staff: list[str], rng: Rng) -> list[int]:
    """Add all outlets with their permits and visits; returns their place numbers."""
    outlets = _linked(shops, rng) + _own(scene, shops, rng)
    at = np.array([(outlet.x, outlet.y) for outlet in outlets])
    everyone = np.ones(len(outlets), bool)
    risk = bad_neighbourhood(at, scene.bad_spots)
    stories = deal(BREAKFAST_STORIES, everyone, everyone, everyone, risk, rng)
    rows = zip(outlets, stories, scene.wkb(at), scene.area_codes(at), mobiles(rng, len(outlets)), strict=True)
    places = []
    for outlet, story, geom, area_code, phone in rows:
        fields = _fields(scene, outlet.kind, story, rng)
        if outlet.kind == "cart":
            fields |= _pitch(fields, outlet.address)
        place = scene.records.place(
            "breakfast",
            fields,
            name=outlet.name,
            address=outlet.address,
            area_code=area_code,
            category=outlet.kind,
            phone=phone,
            geom=geom,
            enterprise_id=outlet.enterprise,
        )
        kind = "small_catering_filing" if outlet.kind == "cart" and not story else "food_business"
        trade = "canteen" if outlet.kind == "canteen" else "snack"
        add_permits(scene, Licensee(place, trade, outlet.uscc, fields, story), [kind], rng)
        add_visits(scene, Visited("breakfast", place, outlet.kind, fields, story), staff, rng)
        places.append(place)
    return places


def _linked(shops: Sequence[Shop], rng: Rng) -> list[Outlet]:
    outlets = []
    for kind, count in LINKED.items():
        fit = [
            shop
            for shop in shops
            if shop.mall < 0
            and shop.category in _OF_SHOP[kind]
            and (shop.fields["breakfast"] or kind == "market")
        ]
        for index in rng.permutation(len(fit))[:count]:
            shop = fit[int(index)]
            address = DISTRICT_NAME + shop.address
            outlets.append(Outlet(kind, shop.name, address, shop.x, shop.y, shop.enterprise, shop.uscc))
    return outlets


def _own(scene: Scene, shops: Sequence[Shop], rng: Rng) -> list[Outlet]:
    """Return outlets without a shop: they stand a few steps from some street shop, where people walk."""
    street = [shop for shop in shops if shop.mall < 0]
    outlets = []
    for kind, count in OWN.items():
        for index in rng.permutation(len(street))[:count]:
            shop = street[int(index)]
            words = BRAND_FIRST[int(rng.integers(len(BRAND_FIRST)))] + BRAND_SECOND[int(rng.integers(20))]
            code = credit_code(scene.records.count("enterprise") + 1, SELF_EMPLOYED)
            name = (
                f"{shop.road}{_NAMES[kind]}" if kind == "canteen" else f"{words}{_NAMES[kind]}（{shop.road}）"
            )
            firm = scene.records.add("enterprise", uscc=code, name=f"上海市徐汇区{words}{_NAMES[kind]}")
            dx, dy = rng.uniform(-3, 3, 2)
            outlets.append(
                Outlet(kind, name, DISTRICT_NAME + shop.address + "旁", shop.x + dx, shop.y + dy, firm, code)
            )
    return outlets


def _pitch(fields: Mapping[str, object], address: str) -> dict[str, object]:
    """Return the fixed place and time that a cart is licensed for."""
    opens, closes = fields["open_from_min"], fields["open_to_min"]
    closed = fields["closed_on"]
    days = tuple(day for day, name in enumerate(DAYS) if not isinstance(closed, list) or name not in closed)
    hours = [Window(days, opens, closes)] if isinstance(opens, int) and isinstance(closes, int) else []
    return {"pitch": f"{address}人行道设施带", "hours_by_day": format_hours(hours)}


def _fields(scene: Scene, kind: str, story: str, rng: Rng) -> dict[str, object]:
    opens = int(rng.choice([330, 345, 360, 360, 375, 390, 405, 420]))
    closes = (
        opens + int(rng.choice([120, 150, 180, 210, 240])) if kind not in {"convenience", "machine"} else 660
    )
    dishes = _DISHES.get(kind, ("bun", "soy_milk", "egg", "sandwich", "coffee"))
    chosen = sorted(rng.permutation(len(dishes))[: int(rng.integers(2, min(5, len(dishes)) + 1))])
    fields: dict[str, object] = {
        "open_from_min": opens if kind != "machine" else 300,
        "open_to_min": closes,
        "closed_on": [] if rng.random() < 0.72 else ["sun"] if rng.random() < 0.7 else ["sat", "sun"],
        "avg_spend_cny": round(float(np.clip(_PRICE.get(kind, 9) * rng.normal(1, 0.22), 3, 40)), 1),
        "wait_min": int(rng.integers(0, 3) if kind in {"locker", "machine"} else rng.integers(1, 12)),
        "varieties": [dishes[int(i)] for i in chosen],
        "payment": ["mobile", *(p for p in _PAYMENTS if rng.random() < 0.45)],
        "takeaway": bool(rng.random() < 0.93),
        "elder_friendly": bool(rng.random() < (0.85 if kind == "canteen" else 0.4)),
        "demo_site": bool(rng.random() < 0.06),
    }
    if story == "unknown":
        return fields
    if fields["closed_on"] == [] and rng.random() < 0.25:
        fields["hours_by_day"] = format_hours(
            [Window((0, 1, 2, 3, 4), opens, closes), Window((5, 6), opens + 45, closes + 45)]
        )
    aged = story == "unconfirmed"
    return fields | {
        "face_grade": "C" if story == "sad_face" else "A" if rng.random() < 0.34 else "B",
        "confirmed_on": scene.days_ago(rng.integers(185, 360) if aged else rng.integers(1, 170)),
    }
