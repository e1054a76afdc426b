"""What a founder types, in Chinese and English, and what it means: a table, and that nothing typed can break it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.wording import LONGEST, Vocabulary, number, understand, without

KNOWN = Vocabulary(
    areas={
        "杨浦区": "310110",
        "徐汇区": "310104",
        "浦东新区": "310115",
        "五角场街道": "310110020",
        "四平路街道": "310110011",
        "徐家汇街道": "310104003",
        "华泾镇": "310104501",
    },
    categories={
        "甲级": "grade_a",
        "园区": "park",
        "孵化器": "incubator",
        "co-working": "coworking",
        "lab": "lab",
    },
    industries={"人工智能": "ai", "artificial intelligence": "ai", "生物医药": "biomedicine"},
    payments={"押二付三": "2+3", "押一付一": "1+1"},
)
AREA, DAY, MONTH = "area_m2", "rent_cny_m2_day", "budget"
EXAMPLES: list[tuple[str, dict[str, str], str]] = [
    # areas, kinds, trades, terms
    ("杨浦", {"street": "310110"}, ""),
    ("杨浦区", {"street": "310110"}, ""),
    ("浦东新区", {"street": "310115"}, ""),
    ("浦东", {"street": "310115"}, ""),
    ("五角场", {"street": "310110020"}, ""),
    ("杨浦 五角场", {"street": "310110020"}, ""),
    ("杨浦五角场", {"street": "310110020"}, ""),
    ("徐汇 杨浦", {"street": "310104,310110"}, ""),
    ("徐家汇", {"street": "310104003"}, ""),
    ("华泾镇", {"street": "310104501"}, ""),
    ("四平路", {"street": "310110011"}, ""),
    ("四平路 100平", {"street": "310110011", AREA: "85..115"}, ""),
    ("甲级", {"category": "grade_a"}, ""),
    ("甲级写字楼", {"category": "grade_a"}, ""),
    ("孵化器 园区", {"category": "incubator,park"}, ""),
    ("co-working", {"category": "coworking"}, ""),
    ("Lab", {"category": "lab"}, ""),
    ("label", {}, "label"),
    ("人工智能", {"industries": "ai"}, ""),
    ("Artificial Intelligence", {"industries": "ai"}, ""),
    ("人工智能 生物医药", {"industries": "ai,biomedicine"}, ""),
    ("押二付三", {"payment_terms": "2+3"}, ""),
    # floor area
    ("100平", {AREA: "85..115"}, ""),
    ("100 平", {AREA: "85..115"}, ""),
    ("１００平", {AREA: "85..115"}, ""),
    ("100㎡", {AREA: "85..115"}, ""),
    ("100m²", {AREA: "85..115"}, ""),
    ("100 sqm", {AREA: "85..115"}, ""),
    ("100 square meters", {AREA: "85..115"}, ""),
    ("一百平", {AREA: "85..115"}, ""),
    ("一百二十平米", {AREA: "102..138"}, ""),
    ("两百平方米", {AREA: "170..230"}, ""),
    ("一千平", {AREA: "850..1150"}, ""),
    ("1,000平", {AREA: "850..1150"}, ""),
    ("100平左右", {AREA: "85..115"}, ""),
    ("约100平", {AREA: "85..115"}, ""),
    ("100-200平", {AREA: "100..200"}, ""),
    ("100~200平", {AREA: "100..200"}, ""),
    ("１００－２００平", {AREA: "100..200"}, ""),
    ("100到200平", {AREA: "100..200"}, ""),
    ("100平到200平", {AREA: "100..200"}, ""),
    ("200-100平", {AREA: "100..200"}, ""),
    ("100 to 200 sqm", {AREA: "100..200"}, ""),
    ("一百到两百平", {AREA: "100..200"}, ""),
    ("100平以内", {AREA: "..100"}, ""),
    ("100平以下", {AREA: "..100"}, ""),
    ("不超过100平", {AREA: "..100"}, ""),
    ("不到100平", {AREA: "..100"}, ""),
    ("under 100 sqm", {AREA: "..100"}, ""),
    ("<100平", {AREA: "..100"}, ""),
    ("200平以上", {AREA: "200.."}, ""),
    ("200平起", {AREA: "200.."}, ""),
    ("至少200平", {AREA: "200.."}, ""),
    ("at least 200 sqm", {AREA: "200.."}, ""),
    ("200+ sqm", {AREA: "200.."}, ""),
    ("100平 内环", {AREA: "85..115"}, "内环"),
    # rent by square metre and day
    ("5块以内", {DAY: "..5"}, ""),
    ("5块", {DAY: "..5"}, ""),
    ("五块以内", {DAY: "..5"}, ""),
    ("5元以下", {DAY: "..5"}, ""),
    ("3.5元/平/天", {DAY: "..3.5"}, ""),
    ("3.5元/㎡·天", {DAY: "..3.5"}, ""),
    ("5元每天", {DAY: "..5"}, ""),
    ("4-6块", {DAY: "4..6"}, ""),
    ("4块到6块", {DAY: "4..6"}, ""),
    ("4块以上", {DAY: "4.."}, ""),
    ("below 5 yuan/m2/day", {DAY: "..5"}, ""),
    ("5 CNY per m² per day", {DAY: "..5"}, ""),
    ("500元", {}, "500元"),
    # money a month
    ("2万以内", {MONTH: "20000"}, ""),
    ("2万", {MONTH: "20000"}, ""),
    ("两万以内", {MONTH: "20000"}, ""),
    ("１．５万以内", {MONTH: "15000"}, ""),
    ("1万5以内", {MONTH: "15000"}, ""),
    ("两万五", {MONTH: "25000"}, ""),
    ("1-2万", {MONTH: "20000"}, ""),
    ("20k", {MONTH: "20000"}, ""),
    ("under 20k", {MONTH: "20000"}, ""),
    ("2w以内", {MONTH: "20000"}, ""),
    ("8000元/月", {MONTH: "8000"}, ""),
    ("8000元每月以内", {MONTH: "8000"}, ""),
    ("20000以内", {MONTH: "20000"}, ""),
    ("under 20000", {MONTH: "20000"}, ""),
    ("¥20000", {MONTH: "20000"}, ""),
    ("￥20,000/月", {MONTH: "20000"}, ""),
    ("预算3万", {MONTH: "30000"}, ""),
    ("预算20000", {MONTH: "20000"}, ""),
    ("月租1万5", {MONTH: "15000"}, ""),
    ("budget 20000", {MONTH: "20000"}, ""),
    ("budget of 20k a month", {MONTH: "20000"}, ""),
    ("20000 yuan per month", {MONTH: "20000"}, ""),
    ("6000元以上", {}, "6000元以上"),
    # people
    ("5人", {"people": "5"}, ""),
    ("５人", {"people": "5"}, ""),
    ("五人", {"people": "5"}, ""),
    ("十二个人", {"people": "12"}, ""),
    ("5个人", {"people": "5"}, ""),
    ("5人团队", {"people": "5"}, ""),
    ("5-8人", {"people": "8"}, ""),
    ("10个工位", {"people": "10"}, ""),
    ("5 people", {"people": "5"}, ""),
    ("20 desks", {"people": "20"}, ""),
    ("team of 5", {"people": "5"}, ""),
    ("office for 12", {"people": "12"}, ""),
    ("三人行咖啡", {}, "三人行咖啡"),
    # metro
    ("近地铁", {"metro_m": "..800"}, ""),
    ("地铁附近", {"metro_m": "..800"}, ""),
    ("地铁口", {"metro_m": "..800"}, ""),
    ("near metro", {"metro_m": "..800"}, ""),
    ("near the metro", {"metro_m": "..800"}, ""),
    ("地铁500米内", {"metro_m": "..500"}, ""),
    ("距地铁500米", {"metro_m": "..500"}, ""),
    ("500米以内地铁", {"metro_m": "..500"}, ""),
    ("within 500m of metro", {"metro_m": "..500"}, ""),
    ("地铁步行10分钟", {"metro_m": "..800"}, ""),
    ("步行5分钟到地铁", {"metro_m": "..400"}, ""),
    ("10 min walk to metro", {"metro_m": "..800"}, ""),
    # registration
    ("能注册", {"registrable": "true"}, ""),
    ("可注册公司", {"registrable": "true"}, ""),
    ("可以注册", {"registrable": "true"}, ""),
    ("registrable", {"registrable": "true"}, ""),
    ("must register a company", {"registrable": "true"}, "must"),
    ("不可注册", {}, "不可注册"),
    ("不需要注册", {}, "不需要注册"),
    ("无需注册", {}, "无需注册"),
    # all together, and what stays words
    (
        "杨浦 五角场 100平 5块以内 能注册",
        {"street": "310110020", AREA: "85..115", DAY: "..5", "registrable": "true"},
        "",
    ),
    ("5人2万以内近地铁", {"people": "5", MONTH: "20000", "metro_m": "..800"}, ""),
    ("team of 5 under 20k a month near metro", {"people": "5", MONTH: "20000", "metro_m": "..800"}, ""),
    ("徐汇，200平以上，押二付三", {"street": "310104", AREA: "200..", "payment_terms": "2+3"}, ""),
    ("桂林路 同济", {}, "桂林路 同济"),
    ("来福士 100平", {AREA: "85..115"}, "来福士"),
    ("100平 200平", {AREA: "170..230"}, ""),
    ("310104003", {}, "310104003"),
    ("91310000132260250X", {}, "91310000132260250X"),
    ("我们要找办公室", {}, "我们要找办公室"),
    ("we need an office", {}, ""),
    ("", {}, ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "values", "rest"), EXAMPLES, ids=[text or "nothing" for text, _, _ in EXAMPLES]
)
def test_what_is_typed_is_understood(text: str, values: dict[str, str], rest: str) -> None:
    said = understand(text, KNOWN)
    assert (dict(said.values), said.rest) == (values, rest)


def test_there_are_a_hundred_examples() -> None:
    assert len({text for text, _, _ in EXAMPLES}) == len(EXAMPLES) >= 100


@pytest.mark.parametrize(
    ("text", "values", "_rest"), EXAMPLES, ids=[text or "nothing" for text, _, _ in EXAMPLES]
)
def test_what_is_taken_out_is_said_no_more(text: str, values: dict[str, str], _rest: str) -> None:
    for name in values:
        left = understand(without(text, name, KNOWN), KNOWN).values
        assert name not in left
        assert set(left) >= set(values) - {name}


@given(
    st.text(max_size=LONGEST + 50)
    | st.text("0123456789一百万平块元人米到-~以内上 月天地铁可注册杨浦", max_size=60)
)
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    said = understand(text, KNOWN)
    assert set(said.words) == set(said.values)
    for value in said.values.values():
        assert value
        assert "nan" not in value


@given(st.integers(1, 99_999))
def test_a_number_is_read_however_it_is_written(value: int) -> None:
    assert number(f"{value}") == number(f"{value:,}") == value
    assert number(f"{value / 10_000:.4f}万") == pytest.approx(value, abs=0.5)


@given(st.integers(1, 5_000), st.integers(1, 5_000))
def test_a_range_never_stands_on_its_head(one: int, other: int) -> None:
    low, high = understand(f"{one}-{other}平", KNOWN).values["area_m2"].split("..")
    assert float(low) <= float(high)
