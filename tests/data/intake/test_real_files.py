"""The city's real files, where they are: counts, twice, and where things end up."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from data.intake.errors import DoubtfulDatumError
from data.intake.outcome import Delivery
from data.recompute import recompute
from geo.datum import Datum
from layers.core.tiers import TIERS, Tier

pytestmark = [pytest.mark.real_data, pytest.mark.long]
Deliver = Callable[..., Delivery]
Query = Callable[..., list[Any]]
WRITTEN = ("place", "place_status", "source_file", "rejected_row", "audit_event", "change")


def _counts(delivery: Delivery) -> tuple[int, ...]:
    d = delivery
    assert d.read == d.inserted + d.updated + d.unchanged + d.merged + len(d.rejected)
    return (d.read, d.inserted, d.updated, d.unchanged, d.merged, len(d.rejected))


def test_every_food_shop_of_shanghai_loads_and_stays(real_data: Path, deliver: Deliver, query: Query) -> None:
    path = real_data / "shanghai_poi" / "shanghai_food.csv"
    first = deliver(path)
    assert _counts(first) == (14_398, 14_398, 0, 0, 0, 0)
    assert first.warnings == []
    assert first.flagged["outside_known_areas"] > 0
    assert query("SELECT count(*) FROM place WHERE address = ''")[0][0] == 131  # written as [] in the file
    assert query("SELECT count(*) FROM place WHERE category = ''")[0][0] == 0
    assert query("SELECT count(*) FROM place JOIN place_status ON place_id = id")[0][0] == 14_398
    before = query("SELECT md5(string_agg(p::text, '' ORDER BY id)) FROM place p")
    assert _counts(deliver(path)) == (14_398, 0, 0, 14_398, 0, 0)
    assert query("SELECT md5(string_agg(p::text, '' ORDER BY id)) FROM place p") == before
    assert query("SELECT count(*) FROM history")[0][0] == 0


def test_a_wrong_datum_for_the_food_shops_is_refused(real_data: Path, deliver: Deliver, query: Query) -> None:
    path = real_data / "shanghai_poi" / "shanghai_food.csv"
    for wrong in (Datum.GCJ02, Datum.BD09):
        with pytest.raises(DoubtfulDatumError) as refused:
            deliver(path, datum=wrong)
        assert f"With {wrong.value}" in str(refused.value)
        assert "with wgs84 98.2%" in str(refused.value)
        assert "--datum wgs84" in str(refused.value)
    assert [query(f"SELECT count(*) FROM {table}")[0][0] for table in WRITTEN] == [0] * len(WRITTEN)


def test_estates_in_gbk_and_bd09_end_up_in_place(real_data: Path, deliver: Deliver, query: Query) -> None:
    """One row has no name and is rejected; one lies 1,600 km away and is kept: its file may be right."""
    path = real_data / "shanghai_communities" / "bd09_上海.csv"
    first = deliver(path, layer="buildings", datum=Datum.BD09)
    assert _counts(first) == (4_902, 4_901, 0, 0, 0, 1)
    assert "name" in first.rejected[0].reason.en
    assert first.flagged["outside_known_areas"] == 1
    assert query("SELECT name FROM place WHERE 'outside_known_areas' = ANY(flags)") == [("南溪苑",)]
    wanted = {number: _independent_wgs84(*spot) for number, spot in _stated_positions(path).items()}
    found = query("SELECT row_number, ST_X(geom), ST_Y(geom) FROM place")
    assert max(_metres(wanted[number], (lon, lat)) for number, lon, lat in found) < 0.01
    fee = query("SELECT units, built_year, property_fee_cny_m2_month, developer FROM layer_buildings JOIN place "
                "ON id = place_id WHERE name = '上方花园'")  # fmt: skip
    assert fee == [(523, 1991, 2.0, "上海宝钢房地产开发有限公司")]
    assert query("SELECT count(*) FROM place JOIN building b ON b.id = building_id")[0][0] == 4_901
    assert _counts(deliver(path, layer="buildings", datum=Datum.BD09)) == (4_902, 0, 0, 4_901, 0, 1)


def test_inspections_and_licences_meet_at_their_places(
    real_data: Path, engine: Engine, deliver: Deliver, query: Query
) -> None:
    seen = real_data / "chicago_food" / "food_inspections.csv.gz"
    licences = real_data / "chicago_food" / "business_licences_at_inspection.csv.gz"
    first = deliver(seen)
    assert _counts(first) == (27_600, 12_329, 0, 0, 15_168, 103)  # 38 licences have no position in any row
    assert first.inspections.inserted == 27_600 - 103
    assert {row.reason.en.split(";")[0] for row in first.rejected} == {"The coordinates are missing"}
    second = deliver(licences)
    assert (second.read, second.inserted) == (27_600, 10)
    assert {row.reason.en.split(";")[0] for row in second.rejected} == {
        "The name is missing",  # 2,846 rows have nothing but the inspection's number
        "The coordinates are missing",
    }
    assert query("SELECT count(*), count(valid_from), count(valid_to) FROM permit") == [(17_415,) * 3]
    tiers = dict(query("SELECT tier, count(*) FROM place_status GROUP BY tier"))
    assert len(tiers) > 1
    assert query("SELECT count(*) FROM place WHERE category = 'restaurant'")[0][0] > 5_000
    deliver(seen)  # 19 rows without position find the places that the licences brought
    again = deliver(licences)
    assert (again.inserted, again.updated, again.judged) == (0, 0, 0)
    assert again.permits.inserted == again.permits.updated == 0
    [[last]] = query("SELECT max(at) FROM inspection")
    recompute(engine, last + timedelta(days=1))
    _check_tiers_against_results(query)


def _check_tiers_against_results(query: Query) -> None:
    """Hold the tiers against what the inspectors found at their last visits, and print the share of each."""
    rows = query(
        "SELECT v.result, s.tier, count(*) FROM place_status s JOIN LATERAL (SELECT i.result FROM inspection i "
        "WHERE i.place_id = s.place_id AND i.result <> 'no_entry' ORDER BY i.at DESC, i.id DESC LIMIT 1) v ON true "
        "GROUP BY 1, 2"
    )
    shares: dict[str, dict[Tier, int]] = {}
    for result, tier, n in rows:
        shares.setdefault(result, {})[TIERS[tier]] = n
    for result, tiers in sorted(shares.items()):
        total = sum(tiers.values())
        print(f"{result} ({total:,}):", {str(tier): f"{n / total:.1%}" for tier, n in sorted(tiers.items())})
    assert set(shares["failed"]) == {Tier.RED}
    assert Tier.BLUE not in shares["conditional"]
    assert Tier.BLUE in shares["passed"]


def _stated_positions(path: Path) -> dict[int, tuple[float, float]]:
    with path.open(encoding="gb18030", newline="") as stream:
        return {
            number: (float(row["经度"]), float(row["纬度"]))
            for number, row in enumerate(csv.DictReader(stream), 2)
        }


def _metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    east = (one[0] - other[0]) * math.cos(math.radians(one[1]))
    return 111_195 * math.hypot(east, one[1] - other[1])


def _independent_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """Find the WGS-84 point whose published forward formulas give a BD-09 point, by iteration until it stands still."""
    x, y = lon, lat
    for _ in range(60):
        there = _bd09_of(*_gcj02_of(x, y))
        dx, dy = lon - there[0], lat - there[1]
        x, y = x + dx, y + dy
        if abs(dx) + abs(dy) < 1e-13:
            break
    return x, y


def _gcj02_of(lon: float, lat: float) -> tuple[float, float]:
    a, ee, pi, sin = 6378245.0, 0.00669342162296594323, math.pi, math.sin
    x, y = lon - 105.0, lat - 35.0
    u = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    u += (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    u += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    u += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    v = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    v += (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    v += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    v += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = lat / 180.0 * pi
    magic = 1 - ee * sin(phi) ** 2
    root = math.sqrt(magic)
    return (
        lon + v * 180.0 / (a / root * math.cos(phi) * pi),
        lat + u * 180.0 / (a * (1 - ee) / (magic * root) * pi),
    )


def _bd09_of(lon: float, lat: float) -> tuple[float, float]:
    wave = math.pi * 3000.0 / 180.0
    z = math.sqrt(lon * lon + lat * lat) + 0.00002 * math.sin(lat * wave)
    theta = math.atan2(lat, lon) + 0.000003 * math.cos(lon * wave)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006
