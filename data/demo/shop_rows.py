"""Rows of the shops: enterprise, place and the layer's own fields."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.demo.names import FIRM, SELF_EMPLOYED, Rng, credit_code, mobiles, people
from data.demo.shops import CHAINS, Shop, full_address
from data.demo.site import DISTRICT, Scene
from layers.core.cold_chain import NOT_CONCERNED, TYPES, type_of_trade
from layers.shops import CATERING, FOOD

_SELF_EMPLOYED_SHARE = 0.62
_AREA_M2 = {
    "restaurant": 140,
    "supermarket": 160,
    "hotel": 900,
    "entertainment": 600,
    "canteen": 300,
    "market": 14,
}
_RISKS = ("A", "B", "C", "D")
_BANDS = {"A": (12.0, 30.0), "B": (30.0, 45.0), "C": (45.0, 60.0), "D": (60.0, 85.0)}
_UNKNOWN = (
    "food_risk", "static_score", "dynamic_score", "credit_score", "credit_risk", "face_grade", "annual_grade",
    "manager", "cold_chain_type",
)  # fmt: skip


def add_enterprises(scene: Scene, shops: Sequence[Shop], rng: Rng) -> None:
    """Give every shop its firm; the branches of a chain share one."""
    records = scene.records
    chains: list[tuple[int, str]] = []
    for brand, _ in CHAINS:
        code = credit_code(records.count("enterprise") + 1, FIRM)
        chains.append((records.add("enterprise", uscc=code, name=f"上海{brand}商业管理有限公司"), code))
    alone = rng.random(len(shops)) < _SELF_EMPLOYED_SHARE
    for shop, one_person in zip(shops, alone, strict=True):
        if shop.chain >= 0:
            shop.enterprise, shop.uscc = chains[shop.chain]
            continue
        shop.uscc = credit_code(records.count("enterprise") + 1, SELF_EMPLOYED if one_person else FIRM)
        name = f"上海市徐汇区{shop.name}" if one_person else f"上海{shop.name}有限公司"
        shop.enterprise = records.add("enterprise", uscc=shop.uscc, name=name)


def describe(shops: Sequence[Shop], stories: Sequence[str], rng: Rng) -> None:
    """Fill the layer's fields of every shop; risk and grade stand for the plan of visits."""
    count = len(shops)
    managers = people(rng, count)
    draws = rng.random((count, 6)).tolist()
    sizes = rng.lognormal(0.0, 0.5, count).tolist()
    scores = rng.random((count, 3)).tolist()
    for index, (shop, story) in enumerate(zip(shops, stories, strict=True)):
        food, catering = shop.category in FOOD, shop.category in CATERING
        area = round(float(_AREA_M2.get(shop.category, 55) * sizes[index]), 1)
        draw = draws[index]
        shop.fields = {
            "sign_name": shop.name,
            "unit": shop.unit or None,
            "road": shop.road,
            "shop_state": _plate(draw[0], story),
            "area_m2": area,
            "manager": managers[index],
            "staff_count": max(1, int(area / 22 * (0.6 + draw[1]))),
            "food_risk": _step(draw[2], (0.30, 0.78, 0.95)) if food else None,
            "credit_risk": _step(draw[3], (0.38, 0.88, 0.975)),
            "face_grade": ("C" if story == "sad_face" else _step(draw[4], (0.33,))) if catering else None,
            "breakfast": shop.category in {"snack", "bakery", "fast_food", "convenience"} and draw[1] < 0.30,
            "sells_tobacco": shop.category in {"convenience", "supermarket"} and draw[4] < 0.55,
            "sells_liquor": shop.category in {"restaurant", "bar", "convenience", "supermarket"}
            and draw[5] < 0.5,
        }
        shop.fields |= _scores(shop, scores[index]) | _cold_chain(shop.category, draw[5])
        shop.fields["annual_grade"] = shop.fields["face_grade"] if draw[1] < 0.8 else None
        if shop.fields["shop_state"] not in {"collected", "verified"}:
            shop.fields |= {
                "shop_code": f"HS{DISTRICT}{index + 1:06d}",
                "enterprise_code": f"QY{index + 1:010d}",
            }
        if story == "unknown":
            shop.fields |= dict.fromkeys(_UNKNOWN)


def _step(draw: float, edges: tuple[float, ...]) -> str:
    return _RISKS[int(np.searchsorted(edges, draw))]


def _plate(draw: float, story: str) -> str:
    if story == "unknown":
        return "collected"
    if story == "closed":
        return "paused"
    edges = (0.90, 0.945, 0.97, 0.985)
    return ("posted", "issued", "verified", "changing", "paused")[int(np.searchsorted(edges, draw))]


def _scores(shop: Shop, draws: Sequence[float]) -> dict[str, object]:
    """Return scores that add up to the shop's grade of risk; food makers have one of credit too."""
    risk = shop.fields["food_risk"]
    if not isinstance(risk, str):
        return {}
    low, high = _BANDS[risk]
    total = low + draws[0] * (high - low)
    static = min(40.0, total * (0.35 + 0.2 * draws[1]))
    credit = round(20 * draws[2], 1) if shop.category == "food_maker" else None
    return {
        "static_score": round(static, 1),
        "dynamic_score": round(total - static, 1),
        "credit_score": credit,
    }


def _cold_chain(category: str, draw: float) -> dict[str, object]:
    """Return the type of cold-chain business that a trade is of, with its list; most shops keep no imported food."""
    kind = type_of_trade(category)
    if not kind or draw > 0.16:
        return {"cold_chain": NOT_CONCERNED}
    if category in {"food_maker", "supermarket"} and draw < 0.004:
        kind = "import_first_stop"
    return {"cold_chain_type": kind, "cold_chain": next(one.list for one in TYPES if one.value == kind)}


def add_places(scene: Scene, shops: Sequence[Shop], mall_buildings: Sequence[int], rng: Rng) -> None:
    """Add the shops' places; tenants of a mall belong to its building."""
    at = np.array([(shop.x, shop.y) for shop in shops])
    rows = zip(shops, scene.wkb(at), scene.area_codes(at), mobiles(rng, len(shops)), strict=True)
    for shop, geom, area_code, phone in rows:
        mall = scene.plan.malls[shop.mall].name if shop.mall >= 0 else None
        shop.place = scene.records.place(
            "shops",
            {**shop.fields, "mall": mall},
            name=shop.name,
            address=full_address(shop),
            area_code=area_code,
            category=shop.category,
            phone=phone,
            contact=shop.fields["manager"] or "",
            geom=geom,
            enterprise_id=shop.enterprise,
            building_id=mall_buildings[shop.mall] if shop.mall >= 0 else None,
        )
