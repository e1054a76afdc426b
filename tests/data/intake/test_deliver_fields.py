"""What files say beyond name and position: units, codes, applications, outlines, hours by weekday."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from data.intake.outcome import Delivery
from layers.core.identifiers import make_jy

Write = Callable[..., Path]
Deliver = Callable[..., Delivery]
Query = Callable[..., list[Any]]
HERE = ("121.4365", "31.1886")  # Xuhui, 310104


def test_a_shop_is_known_by_address_and_unit_where_both_are_stated(
    write: Write, deliver: Deliver, query: Query
) -> None:
    header = ("名称", "地址", "铺位号", "lon", "lat")
    deliver(write([["老店", "天钥桥路1号", "B1-07", *HERE]], header=header))
    again = deliver(write([["新店", "天钥桥路1号", "B1-07", "121.4366", HERE[1]]], header=header))
    other = deliver(write([["新店", "天钥桥路1号", "B1-08", "121.4366", HERE[1]]], header=header))
    assert (again.updated, other.inserted) == (1, 1)
    assert query("SELECT name, unit FROM place JOIN layer_shops ON place_id = id ORDER BY unit") == [
        ("新店", "B1-07"),
        ("新店", "B1-08"),
    ]


def test_a_cold_chain_type_brings_its_list_unless_the_file_says_otherwise(
    write: Write, deliver: Deliver, query: Query
) -> None:
    rows = [["甲", "冷库", "", *HERE], ["乙", "商超", "红色清单", *HERE], ["丙", "", "", *HERE]]
    deliver(write(rows, header=("名称", "冷链业态", "冷链清单", "lon", "lat")))
    assert query("SELECT cold_chain_type, cold_chain FROM layer_shops ORDER BY place_id") == [
        ("cold_store", "red"),
        ("supermarket", "red"),
        (None, None),
    ]


def test_a_food_permit_number_is_checked_against_itself_and_its_place(
    write: Write, deliver: Deliver, query: Query
) -> None:
    good, elsewhere = make_jy("2310104000001"), make_jy("2310105000001")
    wrong = good[:-1] + str((int(good[-1]) + 1) % 10)
    rows = [[n, number, *HERE] for n, number in enumerate((good, elsewhere, wrong, "30790"), 1)]
    delivery = deliver(write(rows, header=("名称", "许可证编号", "lon", "lat")))
    assert delivery.flagged == {"permit_district_differs": 1, "permit_number_doubtful": 1}
    assert query("SELECT p.name, p.flags FROM place p WHERE flags <> '{}' ORDER BY name") == [
        ("2", ["permit_district_differs"]),
        ("3", ["permit_number_doubtful"]),
    ]
    assert query("SELECT count(*) FROM permit") == [(4,)]  # doubtful is not lost


def test_an_application_keeps_its_days_and_its_authority(
    write: Write, deliver: Deliver, query: Query
) -> None:
    header = (
        "名称",
        "许可证编号",
        "申请日期",
        "许可决定日期",
        "发证日期",
        "有效期至",
        "发证机关",
        "lon",
        "lat",
    )
    row = ["甲", "JY1", "2024-03-01", "2024-03-05", "2024-03-08", "2029-03-07", "徐汇区局", *HERE]
    deliver(write([row], header=header))
    assert query("SELECT applied_on, decided_on, issued_on, valid_from, valid_to, issuer FROM permit") == [
        (
            date(2024, 3, 1),
            date(2024, 3, 5),
            date(2024, 3, 8),
            date(2024, 3, 8),  # the file does not say since when: since its issue
            date(2029, 3, 7),
            "徐汇区局",
        )
    ]
    row[2] = "2024-03-06"  # applied for after it was decided
    delivery = deliver(write([row], header=header))
    assert delivery.permits.rejected == 1


def test_a_visit_keeps_both_officers_and_its_check_code(write: Write, deliver: Deliver, query: Query) -> None:
    header = (
        "名称",
        "检查日期",
        "检查结果",
        "检查人员",
        "协同检查员",
        "检查码",
        "检查层级",
        "公示日期",
        "lon",
        "lat",
    )
    rows = [
        ["甲", "2026-01-05", "合格", "王某", "李某", "JC01", "市级", "2026-01-20", *HERE],
        ["乙", "2026-01-05", "合格", "王某", "", "", "火星", "", *HERE],
    ]
    delivery = deliver(write(rows, header=header))
    assert query(
        "SELECT inspector, second_inspector, check_code, level, published_on FROM inspection ORDER BY place_id"
    ) == [("王某", "李某", "JC01", "city", date(2026, 1, 20)), ("王某", "", "", "", None)]
    assert delivery.flagged == {"value_unreadable": 1}
    assert query("SELECT extra ->> '检查层级' FROM place WHERE name = '乙'") == [("火星",)]


def test_a_site_keeps_its_outline_its_firms_and_its_quantity(
    write: Write, deliver: Deliver, query: Query
) -> None:
    header = (
        "工地名称",
        "边界",
        "建设单位信用代码",
        "监理单位信用代码",
        "工程量",
        "开始时间",
        "结束时间",
        "许可状态",
        "lon",
        "lat",
    )
    square = "POLYGON ((121.436 31.188, 121.437 31.188, 121.437 31.189, 121.436 31.189, 121.436 31.188))"
    night = ("2026-03-01 22:00", "2026-03-02 06:00", "已公示")
    rows = [
        ["一标", square, "91310000132260250x", "", "混凝土 120 m³", *night, *HERE],
        ["二标", "河边", "9131", "", "", *night, *HERE],
    ]
    path = write(rows, header=header)
    delivery = deliver(path, "nights")
    assert query("SELECT ST_NPoints(outline), GeometryType(outline) FROM place ORDER BY id") == [
        (5, "MULTIPOLYGON"),
        (None, None),
    ]
    assert query("SELECT developer_uscc FROM layer_nights ORDER BY place_id") == [
        ("91310000132260250X",),
        ("9131",),
    ]
    assert delivery.flagged == {"uscc_doubtful": 1, "value_unreadable": 1}
    assert query("SELECT extra ->> '边界' FROM place WHERE name = '二标'") == [("河边",)]
    assert query("SELECT quantity, state FROM permit ORDER BY id LIMIT 1") == [("混凝土 120 m³", "published")]
    assert deliver(path, "nights").unchanged == 2


def test_an_outline_that_is_stated_anew_replaces_the_one_known(
    write: Write, deliver: Deliver, query: Query
) -> None:
    corner = "POLYGON ((121.436 31.188, 121.437 31.188, 121.437 31.189, 121.436 31.188))"
    for outline, points in ((corner, 4), ("", None)):
        deliver(write([["一标", outline, *HERE]], header=("工地名称", "边界", "lon", "lat")), "nights")
        assert query("SELECT ST_NPoints(outline) FROM place") == [(points,)]


def test_a_cart_keeps_its_hours_by_weekday_its_pitch_and_its_permit(
    write: Write, deliver: Deliver, query: Query
) -> None:
    header = ("名称", "类型", "供应时段", "摆放点位", "许可证编号", "有效期至", "lon", "lat")
    rows = [
        [
            "餐车一",
            "流动餐车",
            "周一至周五 6:00-9:30，周末 7:00-10:00",
            "漕溪北路人行道",
            "JY1",
            "2027-01-31",
            *HERE,
        ],
        ["餐车二", "流动餐车", "看心情", "", "", "", *HERE],
    ]
    delivery = deliver(write(rows, header=header), "breakfast")
    assert query("SELECT hours_by_day, pitch FROM layer_breakfast ORDER BY place_id") == [
        ("mon-fri 06:00-09:30; sat,sun 07:00-10:00", "漕溪北路人行道"),
        (None, None),
    ]
    assert query("SELECT kind, number, valid_to FROM permit") == [("food_business", "JY1", date(2027, 1, 31))]
    assert delivery.flagged == {"value_unreadable": 1, "permit_number_doubtful": 1}


def test_a_shared_registration_address_brings_its_approval(
    write: Write, deliver: Deliver, query: Query
) -> None:
    header = ("名称", "载体类型", "集中登记地认定编号", "认定日期", "认定有效期至", "lon", "lat")
    row = ["服务中心", "集中登记地", "徐登〔2024〕7号", "2024-05-01", "2027-04-30", *HERE]
    deliver(write([row], header=header), "buildings")
    assert query("SELECT kind, number, valid_from, valid_to FROM permit") == [
        ("shared_address_approval", "徐登〔2024〕7号", date(2024, 5, 1), date(2027, 4, 30))
    ]
