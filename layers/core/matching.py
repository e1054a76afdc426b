"""How well an office suits a founder: parts between 0 and 1, a weight for each, one score, and the reasons in words.

A part says one thing (price, room, metro, register, fresh) and nothing else; the score is their mean by weight, so an
office that is better in one part and the same in the others never scores lower. What is not known of an office counts
as `UNKNOWN`, less than the middle and more than a plain no, and is told as not known. The bends of the curves are our
own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from math import isnan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from layers.core.errors import BadQueryError
from layers.core.query import Range, Selection
from layers.core.rent import COSTED, Columns, complete, desks, rents, totals
from layers.core.text import Text

Floats = NDArray[np.float64]

MATCHED: Final = (*COSTED, "metro_m", "registrable", "listed_on")
"""The columns that parts and orders are computed from; days by their number in the calendar, yes is 1 and no 0."""
UNKNOWN: Final = 0.4
HEAVIEST: Final = 5
USUAL: Final = 3  # the weight of a part that nobody has moved
BEST_SHOWN: Final = 2
_GOOD, _WEAK = 0.5, 0.8  # from where on a part speaks for an office, and up to where against it
_CHEAP_M2_DAY, _DEAR_M2_DAY = 2.0, 10.0  # yuan; where nobody names a budget
_NEAR_M, _FAR_M = 300.0, 1_500.0
_STALE_DAYS = 180.0
_ROOMY = 0.25  # what half of the seats too many takes away, twice over


@dataclass(frozen=True, slots=True)
class Need:
    """What a founder has said, None where nothing: people, yuan a month; the days of a month of rent, and today."""

    month_days: float
    today: date
    people: float | None = None
    budget: float | None = None

    @classmethod
    def of(cls, where: Mapping[str, Selection], month_days: float, today: date) -> Need:
        """Read people and budget from the conditions of a query."""
        people, budget = (where.get(name) for name in ("people", "budget"))
        return cls(
            month_days,
            today,
            people.low if isinstance(people, Range) else None,
            budget.high if isinstance(budget, Range) else None,
        )


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that makes an office suit: what it is called, its value per office, and words for one office.

    `value` gives None where the founder has not said what it needs. `words` takes columns of length one.
    """

    title: Text
    value: Callable[[Columns, Need], Floats | None]
    words: Callable[[Columns, Need], Text]


def _price(columns: Columns, need: Need) -> Floats:
    if need.budget is not None:
        share = totals(columns, need.month_days) / need.budget
        within = 1 - share * np.minimum(share, 1) / 2  # half of it at the budget, nothing at twice the budget
        return np.where(complete(columns), np.clip(within, 0, 1), np.nan)
    return np.clip((_DEAR_M2_DAY - m2_day(columns, need)) / (_DEAR_M2_DAY - _CHEAP_M2_DAY), 0, 1)


def m2_day(columns: Columns, need: Need) -> Floats:
    """float64[n]: the rent by square metre and day, whatever it is quoted by."""
    area = np.where(columns["area_m2"] > 0, columns["area_m2"], np.nan)
    by_desk: Floats = rents(columns, need.month_days) / (area * need.month_days)
    return np.where(np.isnan(columns["rent_cny_m2_day"]), by_desk, columns["rent_cny_m2_day"])


def _price_words(columns: Columns, need: Need) -> Text:
    total, daily = _one(totals(columns, need.month_days)), _one(m2_day(columns, need))
    if need.budget is None:
        return Text(f"{daily:.2f} 元/㎡·天", f"{daily:.2f} CNY/m²/day") if not isnan(daily) else _NO_PRICE
    if isnan(total):
        return _NO_PRICE
    if not complete(columns)[0]:
        return Text("租金以外的费用未知", "charges beside the rent are not known")
    percent = round(100 * (total / need.budget - 1))
    if percent > 0:
        return Text(f"超出预算 {percent}%", f"{percent}% over the budget")
    less = Text(f"比预算低 {-percent}%", f"{-percent}% under the budget")
    return less if percent else Text("正好在预算内", "just within the budget")


_NO_PRICE = Text("价格未知", "the price is not known")


def _room(columns: Columns, need: Need) -> Floats | None:
    if need.people is None:
        return None
    fits = desks(columns) / need.people
    return np.where(fits < 1, fits / 2, np.clip(1 - _ROOMY * (fits - 1), _ROOMY, 1))


def _room_words(columns: Columns, _need: Need) -> Text:
    seats = _one(desks(columns))
    if isnan(seats):
        return Text("可坐人数未知", "how many can sit is not known")
    return Text(f"可坐 {seats:.0f} 人", f"room for {seats:.0f}")


def _metro(columns: Columns, _need: Need) -> Floats:
    return np.clip((_FAR_M - columns["metro_m"]) / (_FAR_M - _NEAR_M), 0, 1)


def _metro_words(columns: Columns, _need: Need) -> Text:
    metres = _one(columns["metro_m"])
    if isnan(metres):
        return Text("距地铁未知", "the way to the metro is not known")
    return Text(f"距地铁 {metres:,.0f} 米", f"{metres:,.0f} m to the metro")


def _register(columns: Columns, _need: Need) -> Floats:
    return columns["registrable"]


def _register_words(columns: Columns, _need: Need) -> Text:
    known = {
        1.0: Text("可注册", "a firm can register here"),
        0.0: Text("不可注册", "no firm can register here"),
    }
    return known.get(
        _one(columns["registrable"]), Text("能否注册未知", "whether a firm can register is not known")
    )


def ages(columns: Columns, need: Need) -> Floats:
    """float64[n]: days since an office was last verified, NaN where nobody knows."""
    return np.maximum(need.today.toordinal() - columns["listed_on"], 0)


def _fresh(columns: Columns, need: Need) -> Floats:
    return np.clip(1 - ages(columns, need) / _STALE_DAYS, 0, 1)


def _fresh_words(columns: Columns, need: Need) -> Text:
    days = _one(ages(columns, need))
    if isnan(days):
        return Text("核实日期未知", "when it was last verified is not known")
    if days == 0:
        return Text("今天核实", "verified today")
    return Text(f"{days:.0f} 天前核实", f"last verified {days:.0f} days ago")


def _one(values: Floats) -> float:
    return float(values[0])


PARTS: Final[Mapping[str, Part]] = {
    "price": Part(Text("便宜", "Price"), _price, _price_words),
    "room": Part(Text("坐得下且不浪费", "Room that fits"), _room, _room_words),
    "metro": Part(Text("离地铁近", "Near the metro"), _metro, _metro_words),
    "register": Part(Text("可注册公司", "Registration"), _register, _register_words),
    "fresh": Part(Text("信息新近核实", "Freshly verified"), _fresh, _fresh_words),
}
ORDERS: Final[Mapping[str, Text]] = {
    "match": Text("最匹配", "Best match"),
    "month": Text("每月总费用最低", "Cheapest a month in all"),
    "m2_day": Text("每平方米每天最低", "Cheapest per m² and day"),
    "smallest": Text("面积从小到大", "Smallest"),
    "largest": Text("面积从大到小", "Largest"),
    "metro": Text("离地铁最近", "Nearest to the metro"),
    "verified": Text("最近核实", "Last verified"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """How a founder wants a list: its order, and the weights that were moved (part -> 0 to `HEAVIEST`)."""

    order: str
    weights: Mapping[str, int]

    @classmethod
    def read(cls, sort: str = "", weigh: str = "") -> Wish:
        """Read what an address says, such as `month` and `price:5,metro:0`; raises `BadQueryError`."""
        if (order := sort or next(iter(ORDERS))) not in ORDERS:
            known = "、".join(ORDERS)
            raise BadQueryError(
                "sort", Text(f"排序须为 {known} 之一。", f"sort must be one of {', '.join(ORDERS)}.")
            )
        pairs = [pair.partition(":") for pair in weigh.split(",") if pair]
        if any(part not in PARTS or weight not in _WEIGHTS for part, _, weight in pairs):
            raise BadQueryError(
                "weigh",
                Text(
                    f"权重须写成 {next(iter(PARTS))}:{HEAVIEST} 这样，可用的有 {'、'.join(PARTS)}，"
                    f"取 0 到 {HEAVIEST}。",
                    f"weigh must be such as {next(iter(PARTS))}:{HEAVIEST}; there are {', '.join(PARTS)}, "
                    f"each from 0 to {HEAVIEST}.",
                ),
            )
        return cls(order, {part: int(weight) for part, _, weight in pairs if int(weight) != USUAL})

    @property
    def told(self) -> dict[str, str]:
        """What an address says of it, "" for what is as usual."""
        weigh = ",".join(f"{part}:{self.weights[part]}" for part in PARTS if part in self.weights)
        return {"sort": self.order if self.order != next(iter(ORDERS)) else "", "weigh": weigh}


_WEIGHTS = {str(weight) for weight in range(HEAVIEST + 1)}


def parts_of(columns: Columns, need: Need) -> dict[str, Floats]:
    """Return part -> float64[n] between 0 and 1, NaN where it is not known, of the parts that say something."""
    values = {name: part.value(columns, need) for name, part in PARTS.items()}
    return {name: value for name, value in values.items() if value is not None}


def score(parts: Mapping[str, Floats], weights: Mapping[str, int]) -> Floats:
    """float64[n]: 0 to 100, the mean of the parts by weight; of all alike where every weight is 0.

    >>> score({"metro": np.array([1.0, 0.5]), "fresh": np.array([0.0, np.nan])}, {"metro": 4, "fresh": 1})
    array([80., 48.])
    """
    heavy = {name: weights.get(name, USUAL) for name in parts}
    heavy = heavy if any(heavy.values()) else dict.fromkeys(parts, USUAL)
    sums = [np.where(np.isnan(value), UNKNOWN, value) * heavy[name] for name, value in parts.items()]
    added: Floats = np.add.reduce(sums)
    return np.round(100 * added / sum(heavy.values()), 4)


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why an office stands where it does: what speaks most for it, and what least; None: nothing is weak."""

    best: tuple[Text, ...]
    weakest: Text | None


def reasons(columns: Columns, need: Need, weights: Mapping[str, int]) -> Reasons:
    """Return the reasons of one office (columns of length one): of the parts that weigh, the best two and the worst."""
    parts = {name: _one(value) for name, value in parts_of(columns, need).items() if weights.get(name, USUAL)}
    value = {name: UNKNOWN if isnan(part) else part for name, part in parts.items()}
    ranked = sorted(value, key=lambda name: -value[name] * weights.get(name, USUAL))
    best = [name for name in ranked if value[name] >= _GOOD][:BEST_SHOWN]
    left = sorted((name for name in value if name not in best and value[name] < _WEAK), key=value.__getitem__)
    told = {name: PARTS[name].words(columns, need) for name in value}
    return Reasons(tuple(told[name] for name in best), told[left[0]] if left else None)


def ordered(
    columns: Columns, need: Need, wish: Wish, scores: Floats, stale: NDArray[np.bool_], ids: NDArray[np.int64]
) -> NDArray[np.int64]:
    """int64[n]: which office comes first, second, ...; what is not known comes last, ties by number.

    By match, what is `stale` comes behind everything that is not: probably it is gone.
    """
    key = _key(columns, need, wish.order, scores)
    behind = stale if wish.order == "match" else np.zeros(stale.shape, np.bool_)
    return np.lexsort((ids, np.where(np.isnan(key), np.inf, key), behind))


def _key(columns: Columns, need: Need, order: str, scores: Floats) -> Floats:
    """float64[n]: the smaller, the further up."""
    if order == "month":
        return totals(columns, need.month_days)
    if order == "m2_day":
        return m2_day(columns, need)
    return {
        "match": -scores,
        "smallest": columns["area_m2"],
        "largest": -columns["area_m2"],
        "metro": columns["metro_m"],
        "verified": -columns["listed_on"],
    }[order]
