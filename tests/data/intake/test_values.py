from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.intake.dates import UnreadableError, is_endless, read_clock, read_date, read_moment
from data.intake.values import (
    NULL_WORDS,
    clean,
    converter,
    is_null,
    known,
    known_column,
    read_boolean,
    read_number,
)
from data.tables import registry
from layers.core.rent import MONTHS
from layers.core.spec import Layer

BLANKS = st.sampled_from(["", " ", "\u3000", "\t", "\x00", "   ", "\ufeff"])


def _convert(layer: str, field: str, cell: str) -> object:
    spec: Layer = registry[layer]
    found = spec.field_named(field)
    assert found is not None
    return converter(spec, found)(cell)


@pytest.mark.parametrize(
    "cell", ["", "  ", "[]", "-", "—", "\\N", "NULL", "nan", "NaN", "N/A", "暂无数据", " 暂无信息 "]
)
def test_words_for_nothing(cell: str) -> None:
    assert is_null(cell)
    assert known(cell) == ""


@given(
    st.lists(
        st.text(max_size=14)
        | st.builds(lambda a, word, b: a + word + b, BLANKS, st.sampled_from(sorted(NULL_WORDS)), BLANKS)
    )
)
def test_a_column_says_what_its_cells_say(cells: list[str]) -> None:
    assert known_column(cells) == [known(cell) for cell in cells]


@pytest.mark.parametrize("cell", ["0", "无名小店", "none", "-1", "nano"])
def test_words_that_only_look_like_nothing(cell: str) -> None:
    assert not is_null(cell)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("2.00元/平米/月", 2.0),
        ("523户", 523),
        ("57个", 57),
        ("1991年", 1991),
        ("35%", 0.35),
        ("１２３．５", 123.5),
        ("约1,200户", 1200),
        ("¥ 3,450.50", 3450.5),
        ("1.2万", 12000),
        ("-3", -3),
        ("1e3", 1000),
        (".5", 0.5),
    ],
)
def test_numbers_with_units(cell: str, number: float) -> None:
    assert read_number(cell) == pytest.approx(number)


@pytest.mark.parametrize(
    "cell", ["停车位的比例是1:0.8", "100-200", "5至8", "无限", "inf", "nan", "户", "1e999", "--"]
)
def test_what_is_no_single_number(cell: str) -> None:
    with pytest.raises(UnreadableError):
        read_number(cell)


def test_units_are_brought_to_those_of_the_field() -> None:
    assert _convert("offices", "rent_cny_m2_day", "144元/㎡/月") == pytest.approx(4.8)
    rent = registry["offices"].field_named("rent_cny_m2_day")
    assert rent is not None
    assert converter(registry["offices"], rent, MONTHS["365/12"])("146元/㎡/月") == pytest.approx(4.8)
    assert _convert("offices", "metro_m", "1.2公里") == 1200
    assert _convert("offices", "usable_share", "70") == pytest.approx(0.7)
    assert _convert("offices", "usable_share", "70%") == pytest.approx(0.7)
    assert _convert("breakfast", "open_from_min", "6:30") == 390
    assert _convert("breakfast", "wait_min", "10分钟") == 10
    assert _convert("buildings", "built_year", "1993-06年") == 1993


@pytest.mark.parametrize(
    ("field", "cell"),
    [("built_year", "-1年"), ("built_year", "0000-00-00年"), ("units", "22861964户"), ("floors", "0")],
)
def test_a_value_the_field_cannot_hold_is_refused(field: str, cell: str) -> None:
    with pytest.raises(UnreadableError):
        _convert("buildings", field, cell)


def test_choices_by_value_title_and_what_files_say() -> None:
    assert _convert("shops", "food_risk", "Risk 1 (High)") == "D"
    assert _convert("shops", "food_risk", "d") == "D"
    assert _convert("shops", "cold_chain", "红色清单") == "red"
    assert _convert("shops", "cold_chain", "RED LIST") == "red"
    assert _convert("offices", "industries", "人工智能、生物医药") == ["ai", "biomedicine"]
    with pytest.raises(UnreadableError):
        _convert("shops", "food_risk", "E")


def test_booleans() -> None:
    assert all(read_boolean(word) for word in ("是", "TRUE", "yes", "1", "有", "√", "Ｙ"))
    assert not any(read_boolean(word) for word in ("否", "False", "no", "0", "无", "×"))
    with pytest.raises(UnreadableError):
        read_boolean("也许")


@pytest.mark.parametrize(
    "cell",
    ["2021-06-01", "2021/6/1", "2021.6.1", "20210601", "2021年6月1日", "２０２１年６月１日", "2021年6月", "6/1/2021",
     "2021-06-01T22:00:00.000", "2021-06-01 00:00:00", "44348"],
)  # fmt: skip
def test_days(cell: str) -> None:
    assert read_date(cell) == date(2021, 6, 1)


def test_a_day_that_cannot_be_a_month_stands_first() -> None:
    assert read_date("31/12/2021") == date(2021, 12, 31)


@pytest.mark.parametrize("cell", ["", "明天", "2021-13-01", "2021-02-30", "12", "0000-00-00", "2021"])
def test_no_days(cell: str) -> None:
    with pytest.raises(UnreadableError):
        read_date(cell)


def test_moments_are_city_time_unless_they_say_otherwise() -> None:
    ten_at_night = datetime(2021, 6, 1, 14, tzinfo=UTC)
    for cell in (
        "2021-06-01 22:00",
        "06/01/2021 10:00:00 PM",
        "2021年6月1日22时",
        "2021-06-01T14:00:00Z",
        "20210601 22:00",
    ):
        assert read_moment(cell) == ten_at_night
    assert read_moment("2021-06-01T22:00:00+08:00") == ten_at_night
    assert read_moment("2021-06-01") == datetime(2021, 5, 31, 16, tzinfo=UTC)
    assert read_clock("下午3点30分") == time(15, 30)


def test_without_end() -> None:
    assert is_endless("长期")
    assert is_endless("9999-12-31")
    assert not is_endless("2031-01-01")


def test_hostile_text_stays_text() -> None:
    hostile = "<script>alert(1)</script>=cmd|' /C calc'!A0\u202egnp.exe"
    assert clean(hostile) == hostile
    assert clean("a\x00b\x07c\td\r\ne\x1b[0m") == "abc d e[0m"


@given(st.text())
def test_clean_text_can_be_stored_on_one_line(cell: str) -> None:
    cleaned = clean(cell)
    assert not any(ord(letter) < 32 for letter in cleaned)
    cleaned.encode()
    assert clean(cleaned) == cleaned


@given(st.text(max_size=40))
def test_readers_answer_or_say_unreadable(cell: str) -> None:
    for read in (read_number, read_date, read_moment, read_boolean, read_clock):
        with suppress(UnreadableError):
            read(cell)


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_a_day_survives_every_way_of_writing_it(day: date) -> None:
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d", "%m/%d/%Y"):
        assert read_date(day.strftime(form)) == day


@given(st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 4)))
def test_a_number_survives_units_around_it(value: float) -> None:
    assert read_number(f"{value:f}元/平米/月") == pytest.approx(value, abs=1e-6)
