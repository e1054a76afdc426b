"""The demo district as the city's own rules see it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import Connection, text

from data.demo.district import District
from layers.core.cold_chain import type_of_trade
from layers.core.identifiers import check_jy, check_uscc
from layers.core.tiers import STATUSES, TIERS, Tier

pytestmark = pytest.mark.long


def _all(connection: Connection, sql: str, **params: Any) -> list[Any]:
    return list(connection.execute(text(sql), params).all())


def _shares(connection: Connection, layer: str) -> dict[Tier, float]:
    rows = _all(
        connection, "SELECT tier, count(*) FROM place_status WHERE layer = :layer GROUP BY 1", layer=layer
    )
    total = sum(count for _, count in rows)
    return {TIERS[tier]: 100 * count / total for tier, count in rows}


def test_it_is_as_large_as_promised(demo: Connection) -> None:
    places = dict(_all(demo, "SELECT layer, count(*) FROM place GROUP BY 1"))
    assert places["shops"] >= 15_000
    assert places["breakfast"] >= 300
    assert 40 <= places["nights"] <= 70
    assert places["buildings"] >= 400
    assert places["offices"] >= 3_000
    assert demo.scalar(text("SELECT count(*) FROM permit WHERE kind = 'night_work'")) >= 250
    on_streets = demo.scalar(text("SELECT count(*) FROM layer_shops WHERE mall IS NULL"))
    assert 8_800 <= on_streets <= 9_300
    assert demo.scalar(text("SELECT count(DISTINCT road) FROM layer_shops WHERE mall IS NULL")) == 235
    assert demo.scalar(text("SELECT count(DISTINCT mall) FROM layer_shops")) == 44
    assert demo.scalar(text("SELECT count(DISTINCT category) FROM place WHERE layer = 'breakfast'")) == 10


def test_two_builds_are_the_same(demo: Connection, district: District) -> None:
    """The rows in the database are those that a second, independent build makes."""
    places = _all(
        demo,
        "SELECT external_id, name, address, area_code, phone, encode(ST_AsEWKB(geom), 'hex') FROM place ORDER BY id",
    )
    again = [(r[3], r[4], r[5], r[6], r[8], r[10].lower()) for r in district.records.rows["place"]]
    assert [tuple(row) for row in places] == again
    permits = _all(demo, "SELECT number, state, valid_to::text FROM permit ORDER BY id")
    assert [tuple(row) for row in permits] == [
        (r[5], r[6], r[8] and str(r[8])) for r in district.records.rows["permit"]
    ]


def test_every_place_is_judged_and_marked_as_demo(demo: Connection) -> None:
    assert demo.scalar(text("SELECT count(*) FROM place p LEFT JOIN place_status s ON s.place_id = p.id "
                            "WHERE s.place_id IS NULL OR p.source <> 'demo'")) == 0  # fmt: skip


def test_shops_have_believable_shares_of_every_tier(demo: Connection) -> None:
    shares = _shares(demo, "shops")
    assert 0.3 <= shares[Tier.RED] <= 1
    assert 1 <= shares[Tier.ORANGE] <= 3
    assert 8 <= shares[Tier.YELLOW] <= 12
    assert 2 <= shares[Tier.NONE] <= 4
    assert shares[Tier.BLUE] > 75


@pytest.mark.parametrize("layer", ["breakfast", "buildings", "nights"])
def test_every_tier_occurs_but_most_places_are_in_order(demo: Connection, layer: str) -> None:
    shares = _shares(demo, layer)
    assert set(shares) == set(TIERS)
    assert max(shares, key=lambda tier: shares[tier]) is Tier.BLUE


def test_every_permit_status_occurs(demo: Connection) -> None:
    found = {STATUSES[code] for (code,) in _all(demo, "SELECT DISTINCT status FROM place_status")}
    assert found == set(STATUSES)


def test_trouble_gathers_on_bad_streets(demo: Connection) -> None:
    rows = _all(
        demo,
        "SELECT l.road, avg((s.tier >= 3)::int) AS share FROM place_status s JOIN layer_shops l USING (place_id) "
        "WHERE s.layer = 'shops' GROUP BY 1 HAVING count(*) >= 25 ORDER BY 2 DESC",
    )
    usual = float(rows[len(rows) // 2].share)
    assert float(rows[0].share) > max(0.08, 4 * usual)


def test_all_numbers_are_formally_valid(demo: Connection) -> None:
    codes = [code for (code,) in _all(demo, "SELECT uscc FROM enterprise")]
    assert len(codes) > 15_000
    assert [code for code in codes if not check_uscc(code).ok] == []
    numbers = [n for (n,) in _all(demo, "SELECT number FROM permit WHERE kind = 'food_business'")]
    assert [number for number in numbers if not check_jy(number).ok] == []


def test_places_stand_in_the_area_they_name(demo: Connection) -> None:
    assert demo.scalar(text("SELECT count(*) FROM place p LEFT JOIN area a ON a.code = p.area_code "
                            "WHERE a.code IS NULL OR NOT ST_DWithin(a.geom, p.geom, 0.00005)")) == 0  # fmt: skip
    assert demo.scalar(text("SELECT count(*) FROM area WHERE source = 'demo'")) == 13


def test_addresses_grow_along_the_street_on_alternating_sides(district: District, demo: Connection) -> None:
    rows = _all(
        demo,
        "SELECT l.road, p.address, ST_X(p.geom), ST_Y(p.geom) FROM place p JOIN layer_shops l ON l.place_id = p.id "
        "WHERE l.mall IS NULL",
    )
    streets = {street.name: street for street in district.plan.book.streets}
    order = {name: index for index, name in enumerate(streets)}
    assert len({(row.road, row.address) for row in rows}) == len(rows)
    for road, address, lon, lat in rows[::40]:
        number = int(re.fullmatch(rf"徐汇区{road}(\d+)号", address)[1])  # type: ignore[index]
        x, y = district.plan.frame.metres([[lon, lat]])[0]  # type: ignore[arg-type]
        assert abs(district.plan.book.number(order[road], x, y) - number) <= 4, address
        assert district.plan.book.number(order[road], x, y) % 2 == number % 2, address


def test_several_tenants_share_a_spot_in_a_mall_and_belong_to_its_building(demo: Connection) -> None:
    most = demo.scalar(
        text("SELECT max(n) FROM (SELECT count(*) n FROM place WHERE layer = 'shops' GROUP BY geom) s")
    )
    assert most >= 4
    assert demo.scalar(text(
        "SELECT count(*) FROM place p JOIN layer_shops l ON l.place_id = p.id JOIN building b ON b.id = p.building_id "
        "WHERE l.mall IS NOT NULL AND (b.name <> l.mall OR NOT ST_Covers(b.footprint, p.geom))")) == 0  # fmt: skip


def test_firms_link_shop_building_tenancy_and_permits(demo: Connection) -> None:
    linked = demo.scalar(text(
        "SELECT count(*) FROM place p JOIN tenancy t ON t.enterprise_id = p.enterprise_id "
        "AND t.building_id = p.building_id JOIN permit m ON m.place_id = p.id AND m.kind = 'business_licence' "
        "JOIN enterprise e ON e.id = p.enterprise_id AND e.uscc = m.number WHERE p.layer = 'shops'"))  # fmt: skip
    assert linked > 5_000
    shared = demo.scalar(text(
        "SELECT count(*) FROM place b JOIN place s ON s.enterprise_id = b.enterprise_id AND s.layer = 'shops' "
        "WHERE b.layer = 'breakfast'"))  # fmt: skip
    assert shared > 150


def test_tenancies_have_zombies_in_every_state_and_exclusive_leases(demo: Connection) -> None:
    states = dict(_all(demo, "SELECT state, count(*) FROM tenancy GROUP BY 1"))
    assert set(states) == {
        "in_use", "lease_ended", "suspected", "notified", "verified_gone", "abnormal_list", "released"
    }  # fmt: skip
    assert demo.scalar(text("SELECT count(*) FROM tenancy WHERE exclusive")) > 2_000
    assert demo.scalar(text("SELECT count(*) FROM building_unit u JOIN building b ON b.id = u.building_id "
                            "WHERE u.floor > b.floors AND b.footprint IS NOT NULL")) == 0  # fmt: skip


def test_sites_work_rest_and_break_the_rules_tonight(demo: Connection) -> None:
    states = Counter(
        state for (state,) in _all(demo, "SELECT state FROM place_status WHERE layer = 'nights'")
    )
    assert {
        "permitted",
        "filed",
        "emergency",
        "rest_night",
        "expired",
        "no_permit",
        "suspected",
        "idle",
    } <= set(states)
    reasons = Counter(
        code for (code,) in _all(
            demo, "SELECT r ->> 'code' FROM place_status, jsonb_array_elements(reasons) r WHERE layer = 'nights'"
        )
    )  # fmt: skip
    assert {"night.breach", "night.breach_rest", "night.noise_over", "night.no_notice"} <= set(reasons)


def test_night_permits_mostly_keep_three_on_one_off(demo: Connection) -> None:
    rows = _all(
        demo,
        "SELECT p.place_id, (lower(n.period) AT TIME ZONE 'Asia/Shanghai')::date FROM permit_night n "
        "JOIN permit p ON p.id = n.permit_id WHERE p.basis <> 'emergency' "
        "AND p.state IN ('granted', 'published') ORDER BY 1, 2",
    )
    runs: Counter[int] = Counter()
    length, last = 0, None
    for site, night in rows:
        if last is not None and last[0] == site and (night - last[1]).days == 1:
            length += 1
        else:
            runs[length] += last is not None
            length = 1
        last = (site, night)
    long = sum(count for run, count in runs.items() if run > 3)
    assert 0 < long < 0.1 * sum(runs.values())


def test_listings_tell_the_walk_to_the_nearest_station(demo: Connection) -> None:
    rows = _all(demo, "SELECT metro_station, metro_m, walk_min, rent_cny_m2_day, area_m2 FROM layer_offices")
    assert all("站" in row.metro_station and 0 <= row.metro_m < 5_000 for row in rows)
    assert all(abs(row.walk_min - row.metro_m / 75) <= 1 for row in rows)
    assert all(0.8 <= row.rent_cny_m2_day <= 19 and row.area_m2 >= 18 for row in rows)


def test_cases_are_open_and_closed(demo: Connection) -> None:
    kinds = dict(_all(demo, 'SELECT kind, count(*) FROM "case" GROUP BY 1'))
    assert set(kinds) == {"complaint", "alert", "task"}
    assert demo.scalar(text('SELECT count(*) FROM "case" WHERE closed_at IS NULL')) > 100
    assert demo.scalar(text('SELECT count(*) FROM "case" WHERE closed_at IS NOT NULL')) > 1_000


def test_applications_have_their_papers_and_repeated_ones_fewer(demo: Connection) -> None:
    papers = Counter(
        number for _, number in _all(demo, "SELECT permit_id, count(*) FROM permit_document GROUP BY 1")
    )
    assert max(papers) >= 10
    assert papers[3] > papers[10] + papers[11] > 10  # the nights, the noise measures, the photo of the notice
    assert _all(
        demo,
        "SELECT DISTINCT sealed_by FROM permit_document WHERE kind IN ('schedule', 'nights', 'noise_measures')",
    ) == [(["developer", "contractor", "supervisor"],)]
    unposted = "FROM permit_document d JOIN permit p ON p.id = d.permit_id WHERE NOT p.notice_posted"
    assert demo.scalar(text(f"SELECT count(*) {unposted} AND d.kind = 'notice_photo'")) == 0


def test_sites_have_outlines_round_their_points(demo: Connection) -> None:
    rows = _all(
        demo,
        "SELECT ST_Area(outline::geography), ST_Distance(outline::geography, geom::geography) FROM place "
        "WHERE layer = 'nights'",
    )
    assert all(100 < area < 60_000 and away < 40 for area, away in rows)


def test_units_have_premises_and_most_of_their_papers_are_on_file(demo: Connection) -> None:
    kinds = dict(_all(demo, "SELECT premises, count(*) FROM building_unit WHERE barred = '' GROUP BY 1"))
    assert {"owned", "leased", "sublet", "part", "untitled", "mall", "registry", "converted"} == set(kinds)
    assert demo.scalar(text("SELECT count(*) FROM title_paper")) > 500
    barred = (
        "SELECT count(*) FROM building_unit u JOIN tenancy t USING (building_id, unit) WHERE u.barred <> ''"
    )
    assert demo.scalar(text(barred)) == 0
    below = _all(
        demo,
        "SELECT t.landlord = a.tenant, t.period <@ a.period, a.building_id = t.building_id FROM tenancy t "
        "JOIN tenancy a ON a.id = t.sublet_of",
    )
    assert len(below) > 100
    assert all(all(row) for row in below)
    assert demo.scalar(text("SELECT count(*) FROM enterprise WHERE dormancy @> current_date")) > 5


def test_scores_add_up_to_the_grade_and_the_trade_chooses_the_cold_chain_type(demo: Connection) -> None:
    bands = dict(
        _all(
            demo, "SELECT food_risk, min(static_score + dynamic_score) FROM layer_shops GROUP BY 1 ORDER BY 1"
        )
    )
    assert bands["A"] < 30 <= bands["B"] < 45 <= bands["C"] < 60 <= bands["D"]
    chosen = _all(
        demo,
        "SELECT DISTINCT p.category, l.cold_chain_type, l.cold_chain FROM layer_shops l "
        "JOIN place p ON p.id = place_id WHERE cold_chain_type IS NOT NULL AND cold_chain_type <> 'import_first_stop'",
    )
    assert ("restaurant", "restaurant", "blue") in chosen
    assert all(type_of_trade(category) == kind for category, kind, _ in chosen)


def test_firms_have_records_at_every_step_of_a_repair(demo: Connection) -> None:
    sql = (
        "SELECT c.severity, c.published_on IS NOT NULL AS shown, r.id IS NOT NULL AS asked, "
        "r.granted_on IS NOT NULL AS granted, r.refused_on IS NOT NULL AS refused, r.city_on IS NULL AND "
        "r.district_on IS NOT NULL AS half_way, count(*) FROM credit_record c "
        "LEFT JOIN credit_repair r ON r.record_id = c.id WHERE c.withdrawn_on IS NULL GROUP BY 1, 2, 3, 4, 5, 6"
    )
    found = {row[:6]: row[6] for row in _all(demo, sql)}
    general = {key: n for key, n in found.items() if key[0] == "general"}
    assert set(general) == {
        ("general", True, False, False, False, False), ("general", True, True, False, False, True),
        ("general", True, True, True, False, False), ("general", True, True, False, True, False),
    }  # fmt: skip
    assert {key[0] for key in found} == {"minor", "general", "serious", "specific"}
    assert ("minor", False, False, False, False, False) in found
    assert 45 <= sum(found.values()) <= 60


def test_records_that_are_published_are_reasons_and_repaired_ones_none(demo: Connection) -> None:
    told = "EXISTS (SELECT FROM jsonb_array_elements(s.reasons) r WHERE r ->> 'fact' = 'credit:' || c.id)"
    sql = (
        "SELECT c.severity, g.granted_on IS NOT NULL, c.published_on IS NOT NULL AND c.withdrawn_on IS NULL, "
        f"bool_and({told}), bool_or({told}) FROM credit_record c "
        "JOIN place p ON p.enterprise_id = c.enterprise_id AND p.layer = 'shops' "
        "JOIN place_status s ON s.place_id = p.id LEFT JOIN credit_repair g ON g.record_id = c.id GROUP BY 1, 2, 3"
    )
    for severity, granted, shown, every, some in _all(demo, sql):
        assert every == some == (shown and not granted), severity


def test_some_records_were_entered_by_mistake_and_say_why(demo: Connection) -> None:
    sql = "SELECT correction, corrected_by FROM credit_record WHERE withdrawn_on IS NOT NULL"
    found = _all(demo, sql)
    assert len(found) >= 3
    assert {tuple(row) for row in found} == {("登记对象有误：受处罚的是同名的另一家企业。", "supervisor")}


def test_two_canteens_tell_case_18(demo: Connection) -> None:
    sql = (
        "SELECT c.severity, c.corrected_on IS NOT NULL, EXISTS (SELECT FROM "
        "jsonb_array_elements(s.reasons) r WHERE r ->> 'code' = 'credit.' || c.severity) FROM credit_record c "
        "JOIN place p ON p.enterprise_id = c.enterprise_id AND p.layer = 'breakfast' AND p.category = 'canteen' "
        "JOIN place_status s ON s.place_id = p.id ORDER BY c.id"
    )
    assert [tuple(row) for row in _all(demo, sql)] == [("specific", False, True), ("general", True, True)]


def test_the_merchant_has_something_to_repair(demo: Connection, district: District) -> None:
    sql = (
        "SELECT c.severity, r.id FROM credit_record c JOIN enterprise e ON e.id = c.enterprise_id "
        "LEFT JOIN credit_repair r ON r.record_id = c.id WHERE e.uscc = :uscc"
    )
    assert [tuple(row) for row in _all(demo, sql, uscc=district.merchant)] == [("general", None)]
