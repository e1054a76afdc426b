"""Datums: the published vector, there and back, and what lies outside China."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.datum import Datum, from_wgs84, parse_datum, to_wgs84, valid_lonlat
from geo.distance import haversine_m
from geo.errors import GeoError

# A degree inside the box, where no shift of some hundred metres leaves it.
IN_CHINA = st.tuples(st.floats(73.1, 136.8), st.floats(1.9, 54.8))
METRES_PER_DEGREE = 111_195.0


def test_peoples_square_in_gcj02() -> None:
    lon, lat = from_wgs84(121.4737, 31.2304, Datum.GCJ02)
    assert float(lon) == pytest.approx(121.478223, abs=1e-6)
    assert float(lat) == pytest.approx(31.228458, abs=1e-6)
    assert 480 < float(haversine_m(121.4737, 31.2304, lon, lat)) < 490


def test_bd09_is_gcj02_turned_and_moved_by_baidus_constants() -> None:
    gcj_lon, gcj_lat = 121.478223, 31.228458
    wave = np.pi * 3000 / 180
    radius = np.hypot(gcj_lon, gcj_lat) + 2e-5 * np.sin(gcj_lat * wave)
    angle = np.arctan2(gcj_lat, gcj_lon) + 3e-6 * np.cos(gcj_lon * wave)
    lon, lat = from_wgs84(*to_wgs84(gcj_lon, gcj_lat, Datum.GCJ02), Datum.BD09)
    assert float(lon) == pytest.approx(radius * np.cos(angle) + 0.0065, abs=1e-9)
    assert float(lat) == pytest.approx(radius * np.sin(angle) + 0.006, abs=1e-9)


@given(st.lists(IN_CHINA, min_size=1, max_size=20), st.sampled_from(Datum))
def test_there_and_back_is_closer_than_a_micrometre(points: list[tuple[float, float]], datum: Datum) -> None:
    lon, lat = np.array(points).T
    for way in ((from_wgs84, to_wgs84), (to_wgs84, from_wgs84)):
        out_lon, out_lat = way[1](*way[0](lon, lat, datum), datum)
        assert np.abs(out_lon - lon).max() * METRES_PER_DEGREE < 1e-6
        assert np.abs(out_lat - lat).max() * METRES_PER_DEGREE < 1e-6


@given(st.floats(-180, 71.9), st.floats(-90, 90), st.sampled_from(Datum))
def test_outside_china_nothing_moves(lon: float, lat: float, datum: Datum) -> None:
    for convert in (to_wgs84, from_wgs84):
        out_lon, out_lat = convert(lon, lat, datum)
        assert (float(out_lon), float(out_lat)) == (lon, lat)


@pytest.mark.parametrize("datum", [Datum.WGS84, Datum.CGCS2000])
def test_wgs84_and_cgcs2000_are_the_same_here(datum: Datum) -> None:
    lon, lat = to_wgs84([121.5], [31.2], datum)
    assert (lon[0], lat[0]) == (121.5, 31.2)


def test_the_given_arrays_are_not_changed() -> None:
    lon, lat = np.array([121.5]), np.array([31.2])
    east, _ = to_wgs84(lon, lat, Datum.WGS84)
    east[0] = 0.0
    to_wgs84(lon, lat, Datum.BD09)
    assert (lon[0], lat[0]) == (121.5, 31.2)


@pytest.mark.filterwarnings("error")
def test_nan_stays_nan_and_far_points_do_not_overflow() -> None:
    assert to_wgs84([-180.0, 0.0], [90.0, -89.999999], Datum.GCJ02)[1].tolist() == [90.0, -89.999999]
    lon, lat = to_wgs84([np.nan, 121.5], [31.2, 31.2], Datum.GCJ02)
    assert np.isnan(lon[0])
    assert np.isfinite([lon[1], lat[1]]).all()


@pytest.mark.parametrize(
    ("text", "datum"),
    [("wgs84", Datum.WGS84), ("GCJ-02", Datum.GCJ02), (" bd 09 ", Datum.BD09), ("CGCS2000", Datum.CGCS2000)],
)
def test_datum_names(text: str, datum: Datum) -> None:
    assert parse_datum(text) is datum


@pytest.mark.parametrize("text", ["", "utm", "wgs72", "火星"])
def test_an_unknown_datum_names_the_four_choices(text: str) -> None:
    with pytest.raises(GeoError) as error:
        parse_datum(text)
    assert "wgs84, gcj02, bd09, cgcs2000" in str(error.value)
    assert error.value.key == "datum_unknown"


def test_valid_lonlat() -> None:
    lon = [121.5, 180.0, 180.1, np.nan, np.inf, 31.2]
    lat = [31.2, -90.0, 0.0, 31.2, 31.2, 121.5]
    assert valid_lonlat(lon, lat).tolist() == [True, True, False, False, False, False]
