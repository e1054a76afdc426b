"""Addresses: vectors as people write them, one spelling for many, and never a lost digit or an exception."""

from __future__ import annotations

import doctest
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import address
from geo.address import normalise, parse

VECTORS: list[tuple[str, dict[str, str]]] = [
    ("淮海中路1285弄4-77号", {"road": "淮海中路", "lane": "1285", "number": "4-77"}),
    ("七莘路3128弄38支弄", {"road": "七莘路", "lane": "3128", "sublane": "38"}),
    ("南京西路170号", {"road": "南京西路", "number": "170"}),
    (
        "浙江中路70号A座(近广东路)",
        {"road": "浙江中路", "number": "70", "block": "A", "rest": "(近广东路)"},
    ),
    (
        "上海市徐汇区天钥桥路58号1层102室",
        {"district": "徐汇区", "road": "天钥桥路", "number": "58", "floor": "1", "unit": "102"},
    ),
    ("铁岭路38号", {"road": "铁岭路", "number": "38"}),
    ("淮海中路１２８５弄４～７７号", {"road": "淮海中路", "lane": "1285", "number": "4-77"}),
    ("延安东路17号甲", {"road": "延安东路", "number": "17甲"}),
    ("延安东路17甲号", {"road": "延安东路", "number": "17甲"}),
    ("航华四村三街坊232-340号(双)", {"road": "航华四村三街坊", "number": "232-340", "rest": "(双)"}),
    ("中山东一路32号", {"road": "中山东一路", "number": "32"}),
    (
        "浦东新区浦东大道3040弄1号",
        {"district": "浦东新区", "road": "浦东大道", "lane": "3040", "number": "1"},
    ),
    ("天平路街道高安路18弄", {"street": "天平路街道", "road": "高安路", "lane": "18"}),
    ("长兴镇凤滨路258号", {"street": "长兴镇", "road": "凤滨路", "number": "258"}),
    ("堡镇中路278号", {"road": "堡镇中路", "number": "278"}),
    (
        "上海市崇明县陈家镇裕安路39号",
        {"district": "崇明县", "street": "陈家镇", "road": "裕安路", "number": "39"},
    ),
    (
        "广东路20号外滩5号4层02室",
        {"road": "广东路", "number": "20", "floor": "4", "unit": "02", "rest": "外滩5号"},
    ),
    (
        "万航渡路1384弄12号湖丝栈创意园区1号楼2层",
        {
            "road": "万航渡路",
            "lane": "1384",
            "number": "12",
            "block": "1",
            "floor": "2",
            "rest": "湖丝栈创意园区",
        },
    ),
    ("徐家汇路618号日月光中心4F层4F-XJH-08", {"number": "618", "floor": "4", "unit": "4F-XJH-08"}),
    ("西藏中路268号来福士广场F1层01-01D", {"number": "268", "floor": "1", "unit": "01-01D"}),
    ("延安东路222号外滩中心B1层", {"number": "222", "floor": "B1", "rest": "外滩中心"}),
    ("虹桥路1号港汇恒隆广场地下一层", {"number": "1", "floor": "地下一", "rest": "港汇恒隆广场"}),
    ("打浦路457弄3号二楼", {"lane": "457", "number": "3", "floor": "二"}),
    ("九江路399号4-5层", {"number": "399", "floor": "4-5"}),
    ("瑞金二路120号-4(永嘉路口)", {"number": "120", "unit": "4", "rest": "(永嘉路口)"}),
    ("张杨路628弄4幢2单元301室", {"lane": "628", "block": "4", "unit": "2-301"}),
    ("平顺路45-2", {"road": "平顺路", "number": "45-2"}),
    ("黄河路21鸿祥大厦2层", {"road": "黄河路", "number": "21", "floor": "2", "rest": "鸿祥大厦"}),
    ("漕溪路3号线出口", {"road": "漕溪路", "number": "", "rest": "3号线出口"}),
    ("福州路与福建中路交叉口东100米", {"road": "福州路", "number": "", "rest": "与福建中路交叉口东100米"}),
    ("万科花园小区3号楼502室", {"district": "", "block": "3", "unit": "502", "rest": "万科花园小区"}),
    ("江苏省苏州市姑苏区观前街5号", {"district": "姑苏区", "road": "观前街", "number": "5"}),
    ("[]", {"road": "", "number": "", "rest": "[]"}),
    ("", {"rest": ""}),
]


@pytest.mark.parametrize(("text", "parts"), VECTORS, ids=[text for text, _ in VECTORS])
def test_vectors(text: str, parts: dict[str, str]) -> None:
    found = asdict(parse(text))
    assert {name: found[name] for name in parts} == parts
    assert found["raw"] == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("天钥桥路58号5层502室", "天钥桥路 58 号 ５Ｆ 502室"),
        ("淮海中路755号L6层", "淮海中路755号新华联大厦6楼"),
        ("浙江中路70号a座", "浙江中路70号A栋"),
        ("中山路4—8号", "中山路4~8号"),
        ("延安东路17号乙", "延安东路17乙号"),
    ],
)
def test_two_spellings_have_one_standard_form(one: str, other: str) -> None:
    assert parse(one).standard == parse(other).standard


@given(st.text())
def test_normalise_twice_is_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


SOUP = st.text(
    alphabet="淮海中路弄支号甲层楼室幢座单元街道镇区上海市一二地下()FLB-、,~ 0123456789０９　", max_size=40
)


@given(st.one_of(st.text(), SOUP))
def test_parsing_never_raises_and_loses_no_digit(text: str) -> None:
    found = asdict(parse(text))
    raw = found.pop("raw")
    assert raw == text

    def digits(words: str) -> list[str]:
        return sorted(letter for letter in words if letter.isdigit())

    assert digits("".join(found.values())) == digits(normalise(text))


number = st.integers(1, 9999).map(str)


@given(
    st.sampled_from(["", "徐汇区", "浦东新区"]),
    st.sampled_from(["", "天平路街道", "七宝镇"]),
    st.sampled_from(["淮海中路", "浦东大道", "观前街", "彭浦新村", "中山东一路"]),
    st.one_of(st.just(""), number),
    st.one_of(number, st.tuples(number, number).map("-".join), number.map("{}甲".format)),
    st.sampled_from(["", "A", "3", "12"]),
    st.sampled_from(["", "1", "B1", "2-3", "四", "地下一"]),
    st.sampled_from(["", "102", "A01", "4F-XJH-08", "2-301"]),
)
def test_a_standard_address_gives_its_parts_back(
    district: str, street: str, road: str, lane: str, house: str, block: str, floor: str, unit: str
) -> None:
    words = zip((lane, house, block, floor, unit), "弄号幢层室", strict=True)
    text = district + street + road + "".join(part + word for part, word in words if part)
    found = parse(f"上海市{text}")
    assert (found.district, found.street, found.road, found.lane) == (district, street, road, lane)
    assert (found.number, found.block, found.floor, found.unit) == (house, block, floor, unit)
    assert (found.rest, found.standard) == ("", text)


def test_the_examples_in_the_docstrings() -> None:
    result = doctest.testmod(address)
    assert result.attempted >= 3
    assert result.failed == 0
