"""Shops of the demo district: along 235 streets, and as tenants of 44 malls and markets."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from data.demo.frame import FloatArray
from data.demo.malls import Mall
from data.demo.names import Rng, brands, trade_names
from data.demo.naming import Frontage, house_number
from data.demo.plan import Plan
from data.demo.records import weighted
from data.demo.site import DISTRICT_NAME
from data.demo.streets import STREET
from data.demo.words import FAMILY

STREET_SHOPS, MALL_SHOPS = 9_060, 6_230
_FRONT_M = 11.0
STREET_MIX = {
    "restaurant": 13, "snack": 12, "fast_food": 6, "cafe": 5, "drinks": 5, "bakery": 4, "bar": 1.5, "canteen": 1.6,
    "convenience": 8, "supermarket": 5, "food_maker": 0.6, "pharmacy": 3, "hotel": 1.5, "hairdresser": 8, "bath": 1.8,
    "entertainment": 1.5, "retail": 13, "service": 8, "other": 1.5,
}  # fmt: skip
_MALL_MIX = {
    "restaurant": 20, "snack": 7, "fast_food": 7, "cafe": 6, "drinks": 8, "bakery": 5, "bar": 1, "convenience": 2,
    "supermarket": 2, "pharmacy": 1, "hairdresser": 5, "entertainment": 4, "retail": 27, "service": 5,
}  # fmt: skip
_MARKET_MIX = {"market": 62, "snack": 8, "supermarket": 9, "convenience": 2, "retail": 14, "service": 5}
CHAINS = (
    ("晨时便利", "convenience"), ("邻里屏便利", "convenience"), ("禾谷超市", "supermarket"), ("暖朝面包", "bakery"),
    ("知味咖啡", "cafe"), ("青汀咖啡", "cafe"), ("果屿茶饮", "drinks"), ("满盈快餐", "fast_food"), ("小笼里", "snack"),
    ("巷口馄饨", "snack"), ("安禾药房", "pharmacy"), ("剪时光美发", "hairdresser"), ("旺川火锅", "restaurant"),
    ("百汀洗衣", "service"),
)  # fmt: skip


@dataclass(slots=True)
class Shop:
    """A shop before it is a row: where it stands (metres), its address without district, what it sells."""

    x: float
    y: float
    address: str
    road: str
    category: str = "other"
    name: str = ""
    mall: int = -1
    unit: str = ""
    floor: int = 1
    chain: int = -1
    place: int = 0
    enterprise: int = 0
    uscc: str = ""
    fields: dict[str, object] = field(default_factory=dict)


def place_shops(plan: Plan, rng: Rng) -> list[Shop]:
    """Return all shops with their trades and names."""
    shops = _along_streets(plan, rng)
    for index, mall in enumerate(plan.malls):
        shops += _tenants(mall, index, _tenants_of(plan.malls, index), rng)
    _name(shops, plan, rng)
    return shops


def slots(front: Frontage) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return shop fronts on both sides of a street: points (n, 2) in metres and house numbers (n,)."""
    line = front.line
    along = np.arange(14.0, line.length - 14.0, _FRONT_M)
    if not len(along):
        return np.empty((0, 2)), np.empty(0, np.int64)
    here = shapely.get_coordinates(line.interpolate(along))
    ahead = shapely.get_coordinates(line.interpolate(along + 1.0))
    way = (ahead - here) / np.hypot(*(ahead - here).T)[:, None]
    left = np.column_stack([-way[:, 1], way[:, 0]]) * (14.0 if front.rank == STREET else 20.0)
    numbers = np.array([[house_number(m, True), house_number(m, False)] for m in along])
    return np.vstack([here + left, here - left]), np.concatenate([numbers[:, 0], numbers[:, 1]])


def _along_streets(plan: Plan, rng: Rng) -> list[Shop]:
    points, numbers, owner = [], [], []
    for index, front in enumerate(plan.book.streets):
        at, number = slots(front)
        points.append(at)
        numbers.append(number)
        owner.append(np.full(len(at), index))
    at, number, street = np.vstack(points), np.concatenate(numbers), np.concatenate(owner)
    free = _buildable(plan, at)
    weights = np.where(free, _busyness(plan, at, street, rng), 0.0)
    chosen = _with_every_street(weighted(rng, weights, STREET_SHOPS), weights, street)
    fronts = plan.book.streets
    return [
        Shop(at[i, 0], at[i, 1], f"{fronts[street[i]].name}{number[i]}号", fronts[street[i]].name)
        for i in chosen
    ]


def _buildable(plan: Plan, at: FloatArray) -> NDArray[np.bool_]:
    """Tell which points are dry land in the district and not in the middle of another street or a park."""
    land = plan.land
    shapely.prepare(land)
    free = shapely.contains_xy(land, at)
    wide = [street.line.buffer(9.0 if street.rank == STREET else 15.0) for street in plan.streets]
    taken = [*wide, *(park.shape for park in plan.parks), *(shape for _, shape in plan.creeks)]
    hit = shapely.STRtree(taken).query(shapely.points(at), predicate="within")[0]
    free[hit] = False
    return np.asarray(free)


def _busyness(plan: Plan, at: FloatArray, street: NDArray[np.int64], rng: Rng) -> FloatArray:
    """Return how likely a front is a shop: by street, by nearness to stations and the centre, in runs."""
    of_street = rng.lognormal(0.0, 0.55, len(plan.book.streets))[street]
    near = np.array([distance for _, distance in plan.transit.nearest(at)])
    centre = np.exp(-np.hypot(at[:, 0] - 600, at[:, 1] - 3200) / 3800)
    runs = np.repeat(rng.lognormal(0.0, 0.7, len(at) // 5 + 1), 5)[: len(at)]
    return np.asarray(of_street * runs * (0.25 + np.exp(-near / 450)) * (0.5 + 1.6 * centre))


def _with_every_street(
    chosen: NDArray[np.int64], weights: FloatArray, street: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the chosen fronts, with the best front of every street that got none in place of another's."""
    missing = sorted(set(street[weights > 0].tolist()) - set(street[chosen].tolist()))
    extra = [int(np.flatnonzero(street == s)[np.argmax(weights[street == s])]) for s in missing]
    return np.concatenate([chosen[: len(chosen) - len(extra)], np.array(extra, dtype=chosen.dtype)])


def _tenants_of(malls: tuple[Mall, ...], index: int) -> int:
    """Return how many tenants a mall has: by area and floors, all together `MALL_SHOPS`."""
    size = np.array([np.sqrt(m.shape.area) * m.floors * (1.7 if m.kind == "market" else 1.0) for m in malls])
    edges = np.round(np.concatenate([[0], np.cumsum(size)]) / size.sum() * MALL_SHOPS).astype(int)
    return int(edges[index + 1] - edges[index])


def _tenants(mall: Mall, index: int, count: int, rng: Rng) -> list[Shop]:
    spots = mall.spots(rng, count)
    per_floor = int(np.ceil(count / mall.floors))
    tenants = []
    for number, (x, y) in enumerate(spots):
        floor = 1 + number // per_floor
        unit = f"{floor}{number % per_floor + 1:02d}"
        address = f"{mall.address}{mall.name}{floor}层{unit}室"
        tenants.append(Shop(x, y, address, mall.road, mall=index, unit=unit, floor=floor))
    return tenants


def _name(shops: list[Shop], plan: Plan, rng: Rng) -> None:
    """Give every shop its trade and the name on its sign; some are branches of a chain."""
    for kind, mix in (("", STREET_MIX), ("mall", _MALL_MIX), ("market", _MARKET_MIX)):
        group = [s for s in shops if (plan.malls[s.mall].kind if s.mall >= 0 else "") == kind]
        shares = np.array(list(mix.values())) / sum(mix.values())
        trades = list(mix)
        for shop, trade in zip(group, rng.choice(len(trades), size=len(group), p=shares), strict=True):
            shop.category = trades[trade]
    trades = trade_names(rng, [shop.category for shop in shops])
    for shop, brand, trade in zip(shops, brands(rng, len(shops)), trades, strict=True):
        shop.name = f"{brand}{trade}"
        if shop.category == "market":
            shop.name = f"{FAMILY[int(rng.integers(len(FAMILY)))]}记{trade}"
    for number, (brand, category) in enumerate(CHAINS):
        fit = [shop for shop in shops if shop.category == category and shop.chain < 0]
        for index in rng.permutation(len(fit))[: int(rng.integers(9, 26))]:
            shop = fit[int(index)]
            branch = plan.malls[shop.mall].name if shop.mall >= 0 else shop.road
            shop.name, shop.chain = f"{brand}（{branch}店）", number


def full_address(shop: Shop) -> str:
    """Return the address as written on a licence."""
    return DISTRICT_NAME + shop.address
