from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path

import geopandas
import pytest
from openpyxl import Workbook
from shapely.geometry import Point, box

from data.intake.errors import IntakeError
from data.intake.readers import open_table

TEXT = '名称,地址,lon,lat\r\n"老街,面馆",[],121.4,31.2\r\n\r\n阿婆粢饭,"一行\n两行",121.5,31.3\r\n'


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    return list(open_table(path).rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_every_encoding_gives_the_same_table(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT.encode(encoding))
    table = open_table(path)
    assert table.columns == ("名称", "地址", "lon", "lat")
    assert list(table.rows) == [
        (2, ["老街,面馆", "[]", "121.4", "31.2"]),
        (4, ["阿婆粢饭", "一行\n两行", "121.5", "31.3"]),
    ]


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_the_separator_is_found(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(separator.join(["name", '"x,y;z"', "lon"]) + "\n" + separator.join("abc"), "utf-8")
    assert open_table(path).columns == ("name", "x,y;z", "lon")
    assert _rows(path) == [(2, ["a", "b", "c"])]


def test_gzip_is_read_like_the_file_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(TEXT.encode()))
    assert [number for number, _ in _rows(path)] == [2, 4]


def test_a_cut_off_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(TEXT.encode() * 50)[:-20])
    with pytest.raises(IntakeError, match=r"a\.csv\.gz.*cannot be read to its end.*copy it again"):
        _rows(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\r\n \r\n", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d", "binary"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", r"save it as \.xlsx"),
        (b"name,lon,lat\na,1,2\nb,1\n", r"line 3.*2 cells where the header has 3"),
        (b"name,lon,lat\na,1,2\nb,1,2,3\n", r"line 3.*4 cells where the header has 3"),
        (b'name,lon,lat\na,1,2\nb,1,"2\nc,1,2\n', r"line 3.*quotation mark"),
        ("甲店,121.4,31.2\n乙店,121.5,31.3\n".encode(), "add a header line"),
        (
            "名称,lon\n甲,1\n".encode() + b"\xff\xff\xff,2\n",
            r"line 3.*not UTF-8 nor GB18030.*save the file as UTF-8",
        ),
        (b"PK\x03\x04 no workbook", "no readable XLSX"),
    ],
)
def test_a_broken_file_gets_one_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    with pytest.raises(IntakeError, match=words) as caught:
        _rows(path)
    assert "broken.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="no such file"):
        open_table(tmp_path / "nothing.csv")


def test_empty_cells_to_the_right_are_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,lon,lat\na,1,2,,\n", "utf-8")
    assert _rows(path) == [(2, ["a", "1", "2"])]


def test_columns_without_or_with_the_same_name_stay_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",name,name\n0,a,b\n", "utf-8")
    assert open_table(path).columns == ("column 1", "name", "name (2)")


def test_the_first_sheet_of_a_workbook(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["名称", "编号", "日期", "开", None])
    book.active.append(["甲", 30790.0, datetime(2021, 6, 1), True, None])
    book.active.append([None, None, None, None, None])
    book.active.append(["乙", 1.5, datetime(2021, 6, 1, 22, 30), None, None])
    book.create_sheet("第二").append(["not", "read"])
    book.save(path := tmp_path / "a.xlsx")
    table = open_table(path)
    assert table.columns == ("名称", "编号", "日期", "开")
    assert list(table.rows) == [
        (2, ["甲", "30790", "2021-06-01", "true"]),
        (4, ["乙", "1.5", "2021-06-01 22:30:00", ""]),
    ]


def test_a_value_beside_the_header_of_a_sheet_is_refused(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["名称"])
    book.active.append(["甲", "lost"])
    book.save(path := tmp_path / "a.xlsx")
    with pytest.raises(IntakeError, match="row 2"):
        _rows(path)


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "shp"])
def test_map_files_bring_their_own_position(tmp_path: Path, ending: str) -> None:
    frame = geopandas.GeoDataFrame(
        {"name": ["点", "面"], "n": [1, 2]},
        geometry=[Point(121.4, 31.2), Point(121.6, 31.4)],
        crs="EPSG:4326",
    )
    frame.to_file(path := tmp_path / f"a.{ending}")
    table = open_table(path)
    assert table.located
    assert not table.projected
    assert table.columns[:2] == ("lon", "lat")
    rows = [dict(zip(table.columns, cells, strict=True)) for _, cells in table.rows]
    assert [row["name"] for row in rows] == ["点", "面"]
    assert float(rows[1]["lon"]) == pytest.approx(121.6)
    assert rows[0]["n"] == "1"


def test_an_area_is_placed_inside_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    shape = box(121.4, 31.2, 121.5, 31.3).__geo_interface__
    feature = {"type": "Feature", "properties": {"name": "小区", "lon": "other"}, "geometry": shape}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    table = open_table(path)
    assert table.columns == ("lon", "lat", "name", "lon (2)")
    [(number, cells)] = list(table.rows)
    assert number == 1
    assert (float(cells[0]), float(cells[1])) == pytest.approx((121.45, 31.25))


def test_plane_coordinates_become_degrees(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"name": ["点"]}, geometry=[Point(121.4, 31.2)], crs="EPSG:4326")
    frame.to_crs("EPSG:32651").to_file(path := tmp_path / "a.gpkg")
    table = open_table(path)
    [(_, cells)] = list(table.rows)
    assert table.projected
    assert (float(cells[0]), float(cells[1])) == pytest.approx((121.4, 31.2), abs=1e-7)


def test_broken_geojson_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [', "utf-8")
    with pytest.raises(IntakeError, match="no readable map layer"):
        open_table(path)
