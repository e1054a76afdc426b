from __future__ import annotations

import pytest
from shapely.geometry import box

from data.intake.positions import SWAPPED, Locator, stem
from geo.datum import Datum, from_wgs84
from geo.districts import PolygonSet

WEST, EAST = box(121.0, 31.0, 121.5, 31.5), box(121.5, 31.0, 122.0, 31.5)
NAMES = {"310101": "西区", "310115": "浦东新区", "310101001": "西一街道"}


def _locator(datum: Datum = Datum.WGS84) -> Locator:
    streets = PolygonSet(["310101001"], [box(121.0, 31.0, 121.1, 31.1)])
    return Locator(datum, PolygonSet(["310101", "310115"], [WEST, EAST]), streets, NAMES)


def test_the_smallest_known_area_is_found() -> None:
    found = _locator().place(["121.05", "121.3", "121.7"], ["31.05", "31.2", "31.2"], ["", "", ""])
    assert [place.area_code for place in found] == ["310101001", "310101", "310115"]
    assert all(place.flags == () and place.reason is None for place in found)


def test_far_away_is_kept_and_flagged() -> None:
    [place] = _locator().place(["104.97"], ["28.85"], ["西区"])
    assert (place.area_code, place.flags, place.reason) == ("", ("outside_known_areas",), None)


def test_a_district_that_differs_is_flagged_and_a_strange_name_is_not() -> None:
    found = _locator().place(["121.3"] * 4, ["31.2"] * 4, ["浦东", "上海市西区", "闸北区", ""])
    assert [place.flags for place in found] == [("district_differs",), (), (), ()]


@pytest.mark.parametrize(
    ("lon", "lat", "words"),
    [
        ("abc", "31.2", "longitude 'abc' is not a number"),
        ("121.4", "nan1", "latitude 'nan1' is not a number"),
        ("121.4", "inf", "latitude 'inf' is not a number"),
        ("190", "31.2", "not on earth"),
        ("999999", "999999", "not on earth"),
    ],
)
def test_what_lies_nowhere_is_rejected_with_the_reason(lon: str, lat: str, words: str) -> None:
    [place] = _locator().place([lon], [lat], [""])
    assert place.reason is not None
    assert words in place.reason.en


@pytest.mark.parametrize(("lon", "lat"), [("", ""), ("121.4", ""), ("暂无", "31.2"), ("0", "0.0")])
def test_not_stated_is_neither_placed_nor_refused(lon: str, lat: str) -> None:
    [place] = _locator().place([lon], [lat], [""])
    assert (place.lon, place.reason) == (None, None)


@pytest.mark.parametrize("datum", list(Datum))
def test_exchanged_columns_are_noticed(datum: Datum) -> None:
    [place] = _locator(datum).place(["31.2"], ["121.3"], [""])
    assert place.reason is SWAPPED


@pytest.mark.parametrize("datum", list(Datum))
def test_every_datum_ends_in_wgs84(datum: Datum) -> None:
    lon, lat = from_wgs84([121.3], [31.2], datum)
    [place] = _locator(datum).place([repr(float(lon[0]))], [repr(float(lat[0]))], [""])
    assert (place.lon, place.lat) == pytest.approx((121.3, 31.2), abs=1e-9)


def test_a_datum_that_puts_most_rows_outside_is_doubted() -> None:
    locator = _locator()
    locator.place(["120.0"] * 9, ["31.2"] * 9, ["西区"] * 9)
    doubt = locator.doubt()
    assert doubt is not None
    assert doubt.grave
    assert "9/9" in doubt.words.en
    assert "wgs84" in doubt.words.zh
    assert "--datum gcj02 / --datum bd09" in doubt.words.en


def _beside_the_border(near: int, rows: int) -> tuple[list[str], list[str], list[str]]:
    """GCJ-02 places in the west: some so near the border that, taken for WGS-84, they lie east of it."""
    east = [121.498] * near + [121.2] * (rows - near)
    lon, lat = from_wgs84(east, [31.01 + i / 1000 for i in range(rows)], Datum.GCJ02)
    return [f"{x:.9f}" for x in lon], [f"{y:.9f}" for y in lat], ["西区"] * rows


def test_a_datum_that_fits_worse_than_another_is_doubted() -> None:
    wrong, right = _locator(Datum.WGS84), _locator(Datum.GCJ02)
    for locator in (wrong, right):
        locator.place(*_beside_the_border(300, 300))
    doubt = wrong.doubt()
    assert doubt is not None
    assert doubt.grave
    assert "gcj02 100.0%" in doubt.words.en
    assert "--datum gcj02" in doubt.words.zh
    assert right.doubt() is None


@pytest.mark.parametrize(("near", "grave"), [(2, None), (6, False), (9, False), (10, True), (40, True)])
def test_few_rows_are_a_hint_and_many_are_more(near: int, grave: bool | None) -> None:
    locator = _locator(Datum.WGS84)
    locator.place(*_beside_the_border(near, 300))
    doubt = locator.doubt()
    assert (doubt.grave if doubt else None) is grave


def test_rows_that_speak_for_the_stated_datum_count_against_a_doubt() -> None:
    """20 rows fit GCJ-02 only and 12 fit WGS-84 only: a border drawn roughly, and not a wrong datum."""
    locator = _locator(Datum.WGS84)
    locator.place(*_beside_the_border(20, 300))
    locator.place(["121.4985"] * 12, ["31.2"] * 12, ["西区"] * 12)
    locator.place(["121.502"] * 12, ["31.2"] * 12, ["浦东"] * 12)
    doubt = locator.doubt()
    assert doubt is None or not doubt.grave


def test_a_foreign_file_raises_no_doubt() -> None:
    locator = _locator()
    locator.place(["-87.6"] * 300, ["41.9"] * 300, [""] * 300)
    assert locator.doubt() is None


@pytest.mark.parametrize(
    ("name", "short"), [("浦东新区", "浦东"), ("浦东", "浦东"), ("上海市徐汇区", "徐汇"), ("崇明县", "崇明")]
)
def test_districts_are_compared_without_their_kind(name: str, short: str) -> None:
    assert stem(name) == short
