"""Offers side by side: what is compared, what of it is better, and which offers are best in a row.

A row is a number or a plain value per offer, None where it is not known. A best one is named where a row has a better
end, at least two offers are known and not all of them are as good; several that are equally good are all best.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from layers.core.errors import BadQueryError
from layers.core.rent import RENT_SUBSIDY, MonthlyCost
from layers.core.text import Text

MOST: Final = 4
Better = Literal["less", "more", ""]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of money: its title and unit, which end is better, and the number of one offer's cost."""

    title: Text
    unit: Text
    better: Better
    of: Callable[[MonthlyCost, float | None], float | None]


@dataclass(frozen=True, slots=True)
class Row:
    """A value per offer, the offers (by place in the row) that are best, and whether there is any difference."""

    values: tuple[Any, ...]
    best: frozenset[int]
    differs: bool


_MONTH = Text("元/月", "CNY a month")
COSTS: Final = (
    Line(Text("每月总费用", "Cost a month in all"), _MONTH, "less", lambda c, _: c.total),
    Line(Text("摊入免租期后", "After months free of rent"), _MONTH, "less", lambda c, _: c.effective),
    Line(Text("租金", "Rent"), _MONTH, "less", lambda c, _: c.rent),
    Line(Text("租金单价", "Rent per m²"), Text("元/㎡·天", "CNY/m²/day"), "less", lambda c, _: c.m2_day),
    Line(Text("每个工位", "Per desk"), _MONTH, "less", lambda c, _: c.per_desk),
    Line(Text("每平方米使用面积", "Per usable m²"), _MONTH, "less", lambda c, _: c.per_usable_m2),
    Line(Text("签约当日付", "On the first day"), Text("元", "CNY"), "less", lambda c, _: c.first_day),
    Line(Text("可坐人数", "Room for"), Text("人", "people"), "", lambda c, _: c.desks),
    Line(
        Text(
            "租房补贴上限（2017 年办法，未核实，未计入）",
            "Rent subsidy at most (2017, not verified, not counted)",
        ),
        _MONTH,
        "",
        lambda c, people: None if people is None else RENT_SUBSIDY.per_month(people, c.rent),
    ),
)
BETTER: Final[Mapping[str, Better]] = {
    "metro_m": "less",
    "walk_min": "less",
    "usable_share": "more",
    "rent_free_months": "more",
    "registrable": "more",
    "listed_on": "more",
    "score": "more",
}
"""Field of an offer -> the better end of its values; others are told and not judged."""

TOLD: Final = frozenset({"rent_cny_m2_day", "seats"})
"""Fields that the money tells already."""


def row(values: Sequence[Any], better: Better = "") -> Row:
    """Return a row with its best offers.

    >>> sorted(row([300, None, 150, 150], "less").best)
    [2, 3]
    >>> row([5, 5], "more").best
    frozenset()
    """
    known = [value for value in values if value is not None]
    differs = any(value != values[0] for value in values)
    if not better or len(known) < 2 or all(value == known[0] for value in known):
        return Row(tuple(values), frozenset(), differs)
    best = min(known) if better == "less" else max(known)
    return Row(tuple(values), frozenset(i for i, value in enumerate(values) if value == best), differs)


def read_ids(text: str) -> list[int]:
    """Return the offers that an address names, each once and in its order; raises `BadQueryError`."""
    parts = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not parts:
        raise BadQueryError(
            "ids",
            Text(
                f"还没有选择办公空间：请在列表中勾选二到 {MOST} 处，再点“比较”。",
                f"No office is chosen yet: mark two to {MOST} in the list, then choose Compare.",
            ),
        )
    if len(parts) > MOST:
        raise BadQueryError(
            "ids",
            Text(
                f"一次最多比较 {MOST} 处，这里有 {len(parts)} 处：请回到列表取消几处。",
                f"At most {MOST} offices are compared at once, and here are {len(parts)}: take some out in the list.",
            ),
        )
    if not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts):
        raise BadQueryError(
            "ids",
            Text(
                "地址中的编号不是数字：请从列表重新选择。",
                "The numbers in the address are none: choose the offices in the list again.",
            ),
        )
    return [int(part) for part in parts]
