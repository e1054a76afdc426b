from __future__ import annotations

import pytest

from data.intake.errors import IntakeError
from data.intake.mapping import make_plan, plain
from data.tables import registry

SHOPS, BUILDINGS = registry["shops"], registry["buildings"]


@pytest.mark.parametrize("header", ["名称", " 名 称 ", "名称：", "名称:", "ＮＡＭＥ", "Name ", "name："])
def test_headers_are_compared_without_case_blanks_and_colon(header: str) -> None:
    assert make_plan(SHOPS, [header, "经度", "纬度"], {}, "f").place["name"] == 0


def test_plain_folds_full_width() -> None:
    assert plain("　Ｌｏｎ ： ") == "lon"


def test_an_exact_spelling_goes_before_a_similar_one() -> None:
    columns = ["ID", "LICENSE_NUMBER", "DOING_BUSINESS_AS_NAME", "LATITUDE", "LONGITUDE"]
    plan = make_plan(SHOPS, columns, {}, "f")
    assert plan.place["external_id"] == 1
    assert plan.namespace == "licence"


def test_what_no_field_takes_is_extra() -> None:
    plan = make_plan(BUILDINGS, ["小区名称", "房价", "经度", "纬度", "绿化率："], {}, "f")
    assert plan.extra == (("房价", 1), ("绿化率：", 4))
    assert plan.namespace is None


def test_a_required_column_that_is_missing_is_named_with_the_way_out() -> None:
    with pytest.raises(
        IntakeError, match=r"f\.csv.*name, lat.*--map name=COLUMN --map lat=COLUMN.*经度, foo"
    ):
        make_plan(SHOPS, ["经度", "foo"], {}, "f.csv")


def test_an_override_wins_and_an_empty_one_leaves_out() -> None:
    columns = ["名称", "正式名", "lon", "lat", "业态"]
    plan = make_plan(SHOPS, columns, {"name": "正式名", "category": ""}, "f")
    assert plan.place["name"] == 1
    assert "category" not in plan.place
    assert [name for name, _ in plan.extra] == ["名称", "业态"]


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ({"colour": "名称"}, r"no field 'colour'.*external_id, name.*food_risk.*permit\.number"),
        ({"address": "路"}, "no column '路' for address; its columns are 名称, lon, lat"),
    ],
)
def test_an_unknown_field_or_column_lists_what_there_is(override: dict[str, str], words: str) -> None:
    with pytest.raises(IntakeError, match=words):
        make_plan(SHOPS, ["名称", "lon", "lat"], override, "f")


def test_a_file_carries_a_record_only_with_the_columns_that_make_one() -> None:
    base = ["名称", "lon", "lat"]
    assert make_plan(SHOPS, [*base, "许可证状态"], {}, "f").records == 0
    assert make_plan(SHOPS, [*base, "有效期至"], {}, "f").records == 1
    assert make_plan(SHOPS, [*base, "检查日期"], {}, "f").records == 0
    assert make_plan(SHOPS, [*base, "检查日期", "检查结果"], {}, "f").records == 2
    mapped = make_plan(
        SHOPS, [*base, "何时", "怎样"], {"inspection.at": "何时", "inspection.result": "怎样"}, "f"
    )
    assert mapped.records == 2
