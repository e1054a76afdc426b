from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from data.intake.outcome import FLAGS, Delivery
from data.store.delivery import DELIVERED_FLAGS

Write = Callable[..., Path]
Deliver = Callable[..., Delivery]
Query = Callable[..., list[Any]]


def _counts(delivery: Delivery) -> tuple[int, ...]:
    d = delivery
    assert d.read == d.inserted + d.updated + d.unchanged + d.merged + len(d.rejected)
    return (d.inserted, d.updated, d.unchanged, d.merged, len(d.rejected))


def test_enterprises_are_joined_by_credit_code(write: Write, deliver: Deliver, query: Query) -> None:
    header = ("name", "lon", "lat", "统一社会信用代码", "企业名称")
    good, doubtful = "91310000132260250X", "91310000132260250Y"
    rows = [
        ["一店", "121.4365", "31.1886", good, "甲公司"],
        ["二店", "121.4366", "31.1886", good.lower(), ""],
        ["三店", "121.4367", "31.1886", doubtful, "乙公司"],
        ["四店", "121.4368", "31.1886", "123", "丙公司"],
    ]
    delivery = deliver(write(rows, header=header))
    assert query("SELECT uscc, name, uscc_doubtful FROM enterprise ORDER BY uscc") == [
        (good, "甲公司", False),
        (doubtful, "乙公司", True),
    ]
    assert query("SELECT count(DISTINCT enterprise_id), count(enterprise_id) FROM place") == [(2, 3)]
    assert delivery.flagged == {"uscc_doubtful": 2}
    assert query("SELECT extra FROM place WHERE name = '四店'")[0][0]["企业名称"] == "丙公司"


def test_two_kinds_of_file_share_the_places_of_the_licence_register(
    write: Write, deliver: Deliver, query: Query
) -> None:
    inspected = [
        "Inspection_ID",
        "License",
        "DBA_Name",
        "Facility_Type",
        "Inspection_Date",
        "Results",
        "Longitude",
        "Latitude",
    ]
    seen = write(
        [
            ["I1", "7", "JOE'S", "Restaurant", "2021-06-01", "Pass", "-87.6", "41.9"],
            ["I2", "7", "JOE'S", "Restaurant", "2022-06-01", "Fail", "-87.6", "41.9"],
        ],
        "inspections.csv",
        header=inspected,
    )
    named = ["Inspection_ID", "LICENSE_NUMBER", "DOING_BUSINESS_AS_NAME", "LICENSE_DESCRIPTION"]
    term = ["LICENSE_TERM_START_DATE", "LICENSE_TERM_EXPIRATION_DATE", "LICENSE_STATUS"]
    row = ["7", "JOES INC", "Retail Food", "2021-01-01", "2022-12-31", "AAI", "1", "", ""]
    licences = write(
        [["I1", *row], ["I2", *row]],
        "licences.csv",
        header=[*named, *term, "tobacco", "LONGITUDE", "LATITUDE"],
    )
    first, second = deliver(seen), deliver(licences)
    assert (first.source, second.source) == ("licence", "licence")
    assert _counts(first) == (1, 0, 0, 1, 0)
    assert _counts(second) == (0, 1, 0, 1, 0)
    assert (first.inspections.inserted, second.permits.inserted) == (2, 1)
    assert query("SELECT name, category, sells_tobacco FROM place JOIN layer_shops ON place_id = id") == [
        ("JOE'S", "restaurant", True)
    ]
    assert query("SELECT kind, number, state, valid_from, valid_to FROM permit") == [
        ("food_business", "7", "granted", date(2021, 1, 1), date(2022, 12, 31))
    ]
    for path in (seen, licences, seen):
        again = deliver(path)
        assert _counts(again) == (0, 0, 1, 1, 0)
        assert again.judged == again.permits.inserted == again.inspections.inserted == 0


def test_a_register_that_gains_permit_columns_still_owns_its_places(
    write: Write, deliver: Deliver, query: Query
) -> None:
    base = ("编号", "名称", "lon", "lat")
    deliver(write([["S1", "旧名", "121.4365", "31.1886"]], header=base))
    row = ["S1", "新名", "121.4365", "31.1886", "JY1", "2030-01-01"]
    delivery = deliver(write([row], header=(*base, "许可证编号", "有效期至")))
    assert _counts(delivery) == (0, 1, 0, 0, 0)
    assert query("SELECT name FROM place") == [("新名",)]
    renewed = deliver(write([[*row[:-1], "2031-01-01"]], header=(*base, "许可证编号", "有效期至")))
    assert _counts(renewed) == (0, 0, 1, 0, 0)
    assert renewed.permits.updated == 1
    assert query("SELECT valid_to FROM permit") == [(date(2031, 1, 1),)]


def test_nights_follow_the_file(write: Write, deliver: Deliver, query: Query) -> None:
    header = (
        "工地编号",
        "工地名称",
        "lon",
        "lat",
        "许可编号",
        "开始日期",
        "开始时间",
        "结束时间",
        "作业内容",
    )
    base = ["G1", "某工地", "121.4365", "31.1886", "N1", "2026-03-01"]
    two = [*base, "2026-03-01 22:00", "2026-03-03 06:00", "混凝土浇筑"]
    delivery = deliver(write([two], "sites.csv", header=header), layer="nights")
    assert (delivery.inserted, delivery.permits.inserted) == (1, 1)
    starts = "SELECT lower(period) FROM permit_night ORDER BY 1"
    assert query(starts) == [(datetime(2026, 3, 1, 14, tzinfo=UTC),), (datetime(2026, 3, 2, 14, tzinfo=UTC),)]
    again = deliver(write([two], "sites.csv", header=header), layer="nights")
    assert (again.permits.unchanged, again.judged) == (1, 0)
    one = [*base, "2026-03-01 22:00", "2026-03-02 06:00", "混凝土浇筑"]
    deliver(write([one], "sites.csv", header=header), layer="nights")
    assert query(starts) == [(datetime(2026, 3, 1, 14, tzinfo=UTC),)]


def test_a_permit_that_cannot_be_read_does_not_cost_the_place(
    write: Write, deliver: Deliver, query: Query
) -> None:
    header = ("name", "lon", "lat", "许可证编号", "有效期至")
    delivery = deliver(write([["甲", "121.4365", "31.1886", "JY1", "后天"]], header=header))
    assert (delivery.inserted, delivery.permits.rejected) == (1, 1)
    assert query("SELECT flags, extra->>'有效期至' FROM place") == [(["permit_unreadable"], "后天")]


def test_a_grade_nobody_knows_is_kept_in_its_own_words(write: Write, deliver: Deliver, query: Query) -> None:
    header = ("name", "lon", "lat", "检查日期", "检查结果", "检查等级")
    rows = [
        ["甲", "121.4365", "31.1886", "2026-01-05", "合格", "哭脸"],
        ["乙", "121.4366", "31.1886", "2026-01-05", "合格", "四星"],
    ]
    delivery = deliver(write(rows, header=header))
    assert (delivery.inspections.inserted, delivery.flagged) == (2, {"value_unreadable": 1})
    assert query("SELECT grade FROM inspection ORDER BY id") == [("C",), ("",)]
    assert query("SELECT extra->>'检查等级' FROM place ORDER BY id") == [(None,), ("四星",)]


def test_a_carrier_becomes_a_building_and_a_listing_finds_it(
    write: Write, deliver: Deliver, query: Query
) -> None:
    spot = ["121.4365", "31.1886"]
    deliver(
        write([["星河大厦", *spot, "28层"]], "b.csv", header=("名称", "lon", "lat", "层数")),
        layer="buildings",
    )
    deliver(
        write([["两间", *spot, "星河大厦"]], "o.csv", header=("标题", "lon", "lat", "楼宇")), layer="offices"
    )
    rows = query(
        "SELECT p.layer, b.name, b.floors FROM place p JOIN building b ON b.id = p.building_id ORDER BY 1"
    )
    assert rows == [("buildings", "星河大厦", 28), ("offices", "星河大厦", 28)]


def test_every_flag_has_words_in_both_languages() -> None:
    assert set(FLAGS) == set(DELIVERED_FLAGS)
    assert all(words.zh and words.en for words in FLAGS.values())
