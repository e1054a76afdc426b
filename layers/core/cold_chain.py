"""Cold-chain supervision (冷链): four classes with a list each, eleven types of business, seven check sheets.

The case counts 4 classes, 11 types and 7 sheets (4类11种7张表格) and says that the trade (业态) chooses among them;
which they are is published nowhere. The names, and which type has which class and sheet, are therefore our own and are
changed here, in one table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from layers.core.spec import Choice
from layers.core.text import Text

NOT_CONCERNED = "none"
CLASSES: Mapping[str, Text] = {  # list -> the class it holds
    "red": Text("一类：进口冷链首站与冷库", "class 1, first stops of imports and cold stores"),
    "orange": Text("二类：冷链批发与加工", "class 2, wholesale and processing"),
    "yellow": Text("三类：冷链零售", "class 3, retail"),
    "blue": Text("四类：餐饮使用", "class 4, used in catering"),
}
SHEETS: tuple[Text, ...] = (
    Text("表一 冷库检查表", "sheet 1, cold stores"),
    Text("表二 进口首站检查表", "sheet 2, first stops"),
    Text("表三 批发市场检查表", "sheet 3, wholesale markets"),
    Text("表四 加工企业检查表", "sheet 4, processing"),
    Text("表五 零售检查表", "sheet 5, retail"),
    Text("表六 餐饮检查表", "sheet 6, catering"),
    Text("表七 网络销售检查表", "sheet 7, online sale"),
)


@dataclass(frozen=True, slots=True)
class ColdChainType:
    """A type of business: the list it stands on, its check sheet (from 1), and the trades that are of this type."""

    value: str
    title: Text
    list: str
    sheet: int
    trades: tuple[str, ...] = ()


TYPES: tuple[ColdChainType, ...] = (
    ColdChainType("cold_store", Text("冷库", "Cold store"), "red", 1),
    ColdChainType("import_first_stop", Text("进口冷链首站", "First stop of imports"), "red", 2),
    ColdChainType("wholesale_market", Text("批发市场", "Wholesale market"), "orange", 3),
    ColdChainType("wholesaler", Text("冷链批发企业", "Wholesaler"), "orange", 3),
    ColdChainType("processor", Text("冷链加工企业", "Processor"), "orange", 4, ("food_maker",)),
    ColdChainType("supermarket", Text("商超", "Supermarket"), "yellow", 5, ("supermarket", "convenience")),
    ColdChainType("wet_market", Text("菜场摊位", "Stall of a food market"), "yellow", 5, ("market",)),
    ColdChainType("online_seller", Text("生鲜电商", "Online grocer"), "yellow", 7),
    ColdChainType(
        "restaurant", Text("餐饮服务单位", "Restaurant"), "blue", 6, ("restaurant", "snack", "fast_food")
    ),
    ColdChainType("canteen", Text("单位食堂", "Canteen"), "blue", 6, ("canteen",)),
    ColdChainType(
        "drinks", Text("饮品甜品店", "Drinks and desserts"), "blue", 6, ("drinks", "cafe", "bakery")
    ),
)
TYPE_CHOICES = tuple(
    Choice(
        one.value,
        Text(
            f"{one.title.zh}（{CLASSES[one.list].zh}；{SHEETS[one.sheet - 1].zh}）",
            f"{one.title.en} ({CLASSES[one.list].en}; {SHEETS[one.sheet - 1].en})",
        ),
        implies={"cold_chain": one.list},
    )
    for one in TYPES
)


def type_of_trade(trade: str) -> str:
    """Return the type of business a trade is of, "" for a trade that no type names."""
    return next((one.value for one in TYPES if trade in one.trades), "")
