"""What this room refuses, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SENTENCES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "datum_unknown": (
            "无法识别坐标系 {value!r}；请用以下之一：{choices}。",
            "The datum {value!r} is not known; give one of {choices}.",
        ),
        "bbox_not_finite": (
            "范围框 {value} 有一边不是数值；请给出四个有限的度数。",
            "The box {value} has a side that is not a number; give four finite degrees.",
        ),
        "bbox_inverted": (
            "范围框 {value} 为空或颠倒；请按度给出，西小于东，南小于北。",
            "The box {value} is empty or inverted; give west < east and south < north in degrees.",
        ),
        "zoom_range": (
            "缩放级别 {value} 无法绘制；请用 0 到 {highest} 的数。",
            "The zoom {value} cannot be drawn; give a number from 0 to {highest}.",
        ),
        "cell_px": (
            "{value} 像素的格子不能铺满 256 像素的瓦片；请用以下之一：{choices}。",
            "Cells of {value} px do not fit a 256 px tile; give one of {choices}.",
        ),
        "level_range": (
            "没有网格级别 {value}；请用 0 到 32 的整数。",
            "The grid level {value} does not exist; give a whole number from 0 to 32.",
        ),
        "lengths_differ": (
            "{name} 有 {length} 行，而需要 {expected} 行；请为每个点位给出一个值。",
            "{name} has {length} rows where {expected} are needed; give one value per place.",
        ),
        "ids_repeat": (
            "编号 {value} 出现多次；每个点位只能出现一次。",
            "The id {value} occurs more than once; give every place exactly once.",
        ),
        "point_invalid": (
            "点位 {id} 在（{lon}，{lat}），不是以度表示的经纬度；请先更正或退回，再建索引。",
            "The place {id} lies at ({lon}, {lat}), which is no longitude and latitude in degrees; "
            "correct or reject it before indexing.",
        ),
        "column_dtype": (
            "列 {name} 的类型是 {dtype}；请转换为 uint8、uint16、uint32（代码）或 float32。",
            "The column {name} holds {dtype}; convert it to uint8, uint16, uint32 (codes) or float32.",
        ),
        "column_unknown": (
            "没有列 {name!r}；索引中有：{choices}。",
            "There is no column {name!r}; the index has {choices}.",
        ),
        "columns_differ": (
            "新的行有列 {given}；请给出且只给出 {expected}。",
            "The new rows have the columns {given}; give exactly {expected}.",
        ),
        "selection_kind": (
            "{selection} 不适用于列 {name}（{kind}）；请用 {choices}。",
            "{selection} does not fit the column {name} ({kind}); use {choices}.",
        ),
        "facet_kind": (
            "列 {name}（{kind}）在这里不能按值计数；请用以下之一：{choices}。",
            "The column {name} ({kind}) cannot be counted per value here; name one of {choices}.",
        ),
        "singles_range": (
            "无法逐个绘制 {value} 个点位；请用 0 到 {highest} 的数。",
            "Cannot draw {value} places one by one; give a number from 0 to {highest}.",
        ),
        "nearest_count": (
            "无法查找 {value} 个点位；请至少要求一个。",
            "Cannot look for {value} places; ask for at least one.",
        ),
        "codes_repeat": (
            "多边形代码 {value!r} 出现多次；请将各部分合并为一个多重多边形。",
            "The polygon code {value!r} occurs more than once; join its parts into one multipolygon.",
        ),
        "polygon_kind": (
            "图形 {code!r} 是 {kind}；请给出非空的多边形或多重多边形。",
            "The shape {code!r} is a {kind}; give a polygon or multipolygon that is not empty.",
        ),
    }
)
"""Key -> the Chinese and the English sentence."""


class GeoError(ValueError):
    """A request to this room that has no answer.

    `key` names the sentence and `values` fill it; `str(error)` is it in English, `zh` in Chinese. Every key is in
    `SENTENCES`.
    """

    def __init__(self, key: str, **values: object) -> None:
        zh, en = SENTENCES[key]
        super().__init__(en.format(**values))
        self.zh = zh.format(**values)
        self.key = key
        self.values = values
