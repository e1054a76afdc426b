from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from data.intake.deliver import explain_missing_datum, import_file
from data.intake.errors import DoubtfulDatumError, IntakeError, MissingDatumError
from data.intake.outcome import Delivery
from data.tables import registry
from geo.datum import Datum

Write = Callable[..., Path]
Deliver = Callable[..., Delivery]
Query = Callable[..., list[Any]]
MakeShop = Callable[..., list[str]]


def _counts(delivery: Delivery) -> tuple[int, ...]:
    d = delivery
    assert d.read == d.inserted + d.updated + d.unchanged + d.merged + len(d.rejected)
    return (d.inserted, d.updated, d.unchanged, d.merged, len(d.rejected))


def test_a_file_becomes_judged_places(
    write: Write, deliver: Deliver, query: Query, make_shop: MakeShop
) -> None:
    delivery = deliver(write([make_shop(n) for n in range(1, 4)]))
    assert _counts(delivery) == (3, 0, 0, 0, 0)
    rows = query("SELECT name, category, area_code, flags, extra->>'业态' FROM place ORDER BY row_number")
    assert rows[0] == ("小店1", "restaurant", "310104", [], "餐饮服务;中餐厅;火锅店")
    assert query("SELECT count(*) FROM place_status JOIN place ON id = place_id")[0][0] == 3
    assert query("SELECT count(*) FROM change WHERE layer = 'shops'")[0][0] >= 1
    [event] = query("SELECT actor, action, details->>'read' FROM audit_event")
    assert event == ("clerk", "import", "3")
    [file] = query("SELECT source, file_name, datum, read, inserted, rejected, imported_by FROM source_file")
    assert file == ("shops", "shops.csv", "wgs84", 3, 3, 0, "clerk")


def test_a_second_run_changes_nothing(
    write: Write, deliver: Deliver, query: Query, make_shop: MakeShop
) -> None:
    path = write([make_shop(n) for n in range(1, 4)])
    deliver(path)
    before = query("SELECT xmin::text, * FROM place ORDER BY id"), query("SELECT max(version) FROM change")
    delivery = deliver(path)
    assert _counts(delivery) == (0, 0, 3, 0, 0)
    assert delivery.judged == 0
    assert (
        query("SELECT xmin::text, * FROM place ORDER BY id"),
        query("SELECT max(version) FROM change"),
    ) == before
    assert query("SELECT count(*) FROM history")[0][0] == 0


def test_only_what_says_something_new_is_updated(
    write: Write, deliver: Deliver, query: Query, make_shop: MakeShop
) -> None:
    deliver(write([make_shop(n) for n in range(1, 4)]))
    delivery = deliver(write([make_shop(1), make_shop(2, 名称="新名字", 业态="咖啡厅"), make_shop(4)]))
    assert _counts(delivery) == (1, 1, 1, 0, 0)
    assert query("SELECT name, category FROM place WHERE external_id = 'S2'") == [("新名字", "cafe")]
    assert query("SELECT before->>'name', actor FROM history WHERE table_name = 'place'") == [
        ("小店2", "clerk")
    ]
    assert query("SELECT count(*) FROM place")[0][0] == 4


def test_hours_that_end_before_they_begin_are_not_followed(
    write: Write, deliver: Deliver, query: Query
) -> None:
    header = ("编号", "名称", "lon", "lat", "开始供应", "结束供应")
    spot = ("121.4365", "31.1886")
    rows = [["B1", "早点一", *spot, "05:30", "10:00"], ["B2", "早点二", *spot, "22:00", "02:00"]]
    first = deliver(write(rows, "b.csv", header=header), layer="breakfast")
    hours = "SELECT open_from_min, open_to_min FROM layer_breakfast ORDER BY place_id"
    assert (first.inserted, first.flagged) == (2, {"value_unreadable": 1})
    assert query(hours) == [(330, 600), (None, None)]
    assert query("SELECT extra->>'开始供应', extra->>'结束供应' FROM place WHERE external_id = 'B2'") == [
        ("22:00", "02:00")
    ]


@pytest.mark.parametrize(("said", "left"), [("11:00", (None, 600)), ("06:00", (360, 600))])
def test_a_file_of_half_the_hours_cannot_contradict_the_other_half(
    write: Write, deliver: Deliver, query: Query, said: str, left: tuple[int | None, int]
) -> None:
    base, spot = ("编号", "名称", "lon", "lat"), ("121.4365", "31.1886")
    whole = write([["B1", "早点", *spot, "05:30", "10:00"]], "b.csv", header=(*base, "开始供应", "结束供应"))
    deliver(whole, layer="breakfast")
    half = deliver(
        write([["B1", "早点", *spot, said]], "b.csv", header=(*base, "开始供应")), layer="breakfast"
    )
    assert half.updated == 1
    assert query("SELECT open_from_min, open_to_min FROM layer_breakfast") == [left]
    assert half.flagged == ({"value_unreadable": 1} if left[0] is None else {})


def test_the_datum_is_never_guessed(
    write: Write, deliver: Deliver, query: Query, make_shop: MakeShop
) -> None:
    path = write([make_shop(1)])
    with pytest.raises(MissingDatumError) as caught:
        deliver(path, datum=None)
    sentence = str(caught.value)
    assert caught.value.text == explain_missing_datum(registry["shops"], path)
    for words in ("--datum", "wgs84", "cgcs2000", "gcj02", "bd09", "480-490 m", "shops.csv"):
        assert words in sentence
    assert query("SELECT count(*) FROM source_file")[0][0] == 0


def test_gcj02_is_moved_to_where_it_belongs(
    write: Write, deliver: Deliver, query: Query, make_shop: MakeShop
) -> None:
    deliver(write([make_shop(1, lon="121.478223", lat="31.228458")]), datum=Datum.GCJ02)
    [(lon, lat)] = query("SELECT ST_X(geom), ST_Y(geom) FROM place")
    assert (lon, lat) == pytest.approx((121.4737, 31.2304), abs=2e-6)  # People's Square


def test_rejected_rows_keep_number_reason_and_cells(
    write: Write, deliver: Deliver, query: Query, make_shop: MakeShop, tmp_path: Path
) -> None:
    rows = [
        make_shop(1),
        make_shop(2, 名称="-"),
        make_shop(3, lon="", lat=""),
        make_shop(4, lon="31.1886", lat="121.4365"),
        make_shop(5, lon="east", 地址='=HYPERLINK("http://x")'),
        make_shop(6, lat="-95"),
    ]
    report = tmp_path / "rejected.csv"
    delivery = deliver(write(rows), report=report)
    assert _counts(delivery) == (1, 0, 0, 0, 5)
    assert [row.row_number for row in delivery.rejected] == [3, 4, 5, 6, 7]
    reasons = [row.reason.en for row in delivery.rejected]
    for reason, words in zip(
        reasons, ("name", "missing", "swapped", "not a number", "not on earth"), strict=True
    ):
        assert words in reason
    stored = query("SELECT row_number, reason, raw->>'编号' FROM rejected_row ORDER BY row_number")
    assert [(number, raw) for number, _, raw in stored] == [
        (3, "S2"),
        (4, "S3"),
        (5, "S4"),
        (6, "S5"),
        (7, "S6"),
    ]
    assert "经度" in stored[2][1]
    with report.open(encoding="utf-8-sig", newline="") as stream:
        written = list(csv.DictReader(stream))
    assert [row["编号"] for row in written] == ["S2", "S3", "S4", "S5", "S6"]
    assert written[3]["地址"] == '\'=HYPERLINK("http://x")'
    assert written[4]["lat"] == "-95"
    assert "not on earth" in written[4]["reason"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_report_that_cannot_be_written_stops_the_import(
    write: Write, deliver: Deliver, query: Query, make_shop: MakeShop, tmp_path: Path
) -> None:
    with pytest.raises(IntakeError, match="report cannot be written"):
        deliver(write([make_shop(1)]), report=tmp_path / "no such folder" / "r.csv")
    assert query("SELECT count(*) FROM place")[0][0] == 0


def test_a_dry_run_counts_and_writes_nothing(
    write: Write, deliver: Deliver, query: Query, make_shop: MakeShop
) -> None:
    delivery = deliver(write([make_shop(1), make_shop(2, lon="x")]), dry_run=True)
    assert _counts(delivery) == (1, 0, 0, 0, 1)
    assert "nothing was written" in delivery.sentences()[-1].en
    for table in ("place", "source_file", "rejected_row", "audit_event", "change"):
        assert query(f"SELECT count(*) FROM {table}")[0][0] == 0


@pytest.mark.parametrize("content", ["编号,名称,lon,lat\n1,甲,121.4,31.2\n2,乙,121.4\n", "编号,名称\n1,甲\n"])
def test_a_broken_file_leaves_the_state_before(
    write: Write, deliver: Deliver, query: Query, make_shop: MakeShop, tmp_path: Path, content: str
) -> None:
    deliver(write([make_shop(1)]))
    before = query("SELECT * FROM place")
    broken = tmp_path / "broken.csv"
    broken.write_text(content, "utf-8")
    with pytest.raises(IntakeError, match=r"broken\.csv"):
        deliver(broken)
    assert query("SELECT * FROM place") == before
    assert query("SELECT count(*) FROM source_file")[0][0] == 1


def test_a_crash_while_judging_leaves_the_state_before(
    write: Write, deliver: Deliver, query: Query, make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(write([make_shop(1)]))
    before = [
        query(f"SELECT * FROM {table}") for table in ("place", "place_status", "source_file", "audit_event")
    ]

    def _die(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("data.intake.deliver.judge_places", _die)
    with pytest.raises(KeyboardInterrupt):
        deliver(write([make_shop(1, 名称="变了"), make_shop(2)]))
    after = [
        query(f"SELECT * FROM {table}") for table in ("place", "place_status", "source_file", "audit_event")
    ]
    assert after == before


def test_a_cancelled_import_leaves_nothing(
    write: Write, deliver: Deliver, query: Query, make_shop: MakeShop
) -> None:
    class CancelledError(Exception):
        pass

    heard = []

    def _cancel(done: int, total: int | None) -> None:
        heard.append((done, total))
        if done >= 10_000:
            raise CancelledError

    with pytest.raises(CancelledError):
        deliver(write([make_shop(n) for n in range(12_000)]), progress=_cancel)
    assert heard[0] == (5000, 12_001)
    assert query("SELECT count(*) FROM place")[0][0] == 0


def test_equal_rows_without_id_are_all_kept_and_stay_the_same(
    write: Write, deliver: Deliver, query: Query
) -> None:
    rows = [["同店", "121.4365", "31.1886"]] * 3 + [["别店", "121.4365", "31.1886"]]
    path = write(rows, header=("name", "lon", "lat"))
    assert _counts(deliver(path)) == (4, 0, 0, 0, 0)
    assert _counts(deliver(path)) == (0, 0, 4, 0, 0)
    assert query("SELECT count(DISTINCT external_id) FROM place")[0][0] == 4


def test_of_rows_with_the_same_id_the_last_describes_the_place(
    write: Write, deliver: Deliver, query: Query, make_shop: MakeShop
) -> None:
    rows = [make_shop(1, 名称="旧"), make_shop(2), make_shop(1, 名称="新", lon="", lat="")]
    delivery = deliver(write(rows))
    assert _counts(delivery) == (2, 0, 0, 1, 0)
    assert query("SELECT name, row_number, flags FROM place WHERE external_id = 'S1'") == [
        ("新", 4, ["position_from_record"])
    ]
    assert delivery.flagged == {"position_from_record": 1}


def test_hostile_text_is_kept_as_text(
    write: Write, deliver: Deliver, query: Query, make_shop: MakeShop
) -> None:
    hostile = "<script>alert('x')</script>\u202e=cmd()'; DROP TABLE place; --"
    delivery = deliver(write([make_shop(1, 名称=hostile, 地址="a\x00b\\N\n\\.\n{x}")]))
    assert _counts(delivery) == (1, 0, 0, 0, 0)
    assert query("SELECT name, address FROM place") == [(hostile, "ab\\N \\. {x}")]


def test_a_column_mapped_by_hand(write: Write, deliver: Deliver, query: Query) -> None:
    path = write([["甲", "乙", "121.4365", "31.1886", "90㎡"]], header=("招牌名", "备注", "E", "N", "大小"))
    with pytest.raises(IntakeError, match="--map name=COLUMN"):
        deliver(path)
    deliver(path, mapping={"name": "招牌名", "lon": "E", "lat": "N", "area_m2": "大小"})
    assert query("SELECT name, area_m2, extra FROM place JOIN layer_shops ON place_id = id") == [
        ("甲", 90.0, {"备注": "乙"})
    ]


def test_what_cannot_be_read_is_flagged_and_kept(write: Write, deliver: Deliver, query: Query) -> None:
    header = ("name", "lon", "lat", "面积", "类型", "区")
    delivery = deliver(write([["甲", "121.4365", "31.1886", "很大", "飞船", "黄浦区"]], header=header))
    assert set(delivery.flagged) == {"value_unreadable", "category_unknown", "district_differs"}
    [(category, flags, extra)] = query("SELECT category, flags, extra FROM place")
    assert category == "other"
    assert sorted(flags) == sorted(delivery.flagged)
    assert extra == {"面积": "很大", "类型": "飞船", "区": "黄浦区"}


@pytest.mark.parametrize("source", ["demo", " "])
def test_a_source_that_belongs_to_others_is_refused(
    write: Write, deliver: Deliver, make_shop: MakeShop, source: str
) -> None:
    with pytest.raises(IntakeError, match="choose another with --source"):
        deliver(write([make_shop(1)]), source=source)


def test_a_stated_source_keeps_ids_apart(
    write: Write, deliver: Deliver, query: Query, make_shop: MakeShop
) -> None:
    path = write([make_shop(1)])
    deliver(path, source="街道台账")
    deliver(path, source="市局")
    assert query("SELECT source FROM place ORDER BY source") == [("市局",), ("街道台账",)]


def test_what_a_person_corrected_is_not_undone_by_the_same_file(
    write: Write, deliver: Deliver, query: Query, make_shop: MakeShop, engine: Engine
) -> None:
    path = write([make_shop(1)])
    deliver(path)
    with engine.begin() as connection:
        connection.execute(text("UPDATE place SET name = '现场更正'"))
    assert _counts(deliver(path)) == (0, 0, 1, 0, 0)
    assert query("SELECT name FROM place") == [("现场更正",)]


def test_a_plane_map_file_cannot_be_gcj02(engine: Engine, tmp_path: Path) -> None:
    import geopandas
    from shapely.geometry import Point

    frame = geopandas.GeoDataFrame({"name": ["点"]}, geometry=[Point(121.4365, 31.1886)], crs="EPSG:4326")
    frame.to_crs("EPSG:32651").to_file(path := tmp_path / "a.gpkg")
    options: dict[str, Any] = {"actor": "clerk", "at": datetime(2026, 3, 2, tzinfo=UTC)}
    with pytest.raises(IntakeError, match="projected coordinate system"):
        import_file(engine, registry["shops"], path, Datum.GCJ02, **options)
    delivery = import_file(engine, registry["shops"], path, Datum.CGCS2000, **options)
    assert _counts(delivery) == (1, 0, 0, 0, 0)


def test_the_account_is_said_in_both_languages(write: Write, deliver: Deliver, make_shop: MakeShop) -> None:
    lines = deliver(write([make_shop(1), make_shop(2, lon="x")])).sentences()
    assert lines[0].en.startswith("Read 2 rows: inserted 1, updated 0, unchanged 0")
    assert lines[0].zh.startswith("读取 2 行：新增 1")
    assert any("not a number" in line.en for line in lines)


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_file_that_does_not_fit_its_datum_is_refused_whole(
    write: Write, deliver: Deliver, query: Query, make_shop: MakeShop, tmp_path: Path, dry_run: bool
) -> None:
    path = write([make_shop(n, lon="120.1") for n in range(1, 8)] + [make_shop(8, 名称="")])
    report = tmp_path / "report.csv"
    with pytest.raises(DoubtfulDatumError) as refused:
        deliver(path, report=report, dry_run=dry_run)
    for words in ("shops.csv", "7/8", "--datum gcj02", "--accept-doubts"):
        assert words in refused.value.text.en
        assert words in refused.value.text.zh
    for table in ("place", "source_file", "rejected_row", "audit_event", "change", "enterprise"):
        assert query(f"SELECT count(*) FROM {table}")[0][0] == 0
    assert not report.exists()


def test_doubts_that_are_accepted_are_said_and_kept_on_the_record(
    write: Write, deliver: Deliver, query: Query, make_shop: MakeShop
) -> None:
    delivery = deliver(write([make_shop(n, lon="120.1") for n in range(1, 8)]), accept_doubts=True)
    assert _counts(delivery) == (7, 0, 0, 0, 0)
    assert "7/7" in delivery.warnings[0].en
    assert "7/7" in query("SELECT details #>> '{doubts,0}' FROM audit_event")[0][0]
