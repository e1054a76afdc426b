"""Distances on the sphere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.distance import EARTH_RADIUS_M, haversine_m, reach_degrees

LON = st.floats(-180, 180)
LAT = st.floats(-90, 90)


def test_known_distances() -> None:
    assert float(haversine_m(0, 0, 180, 0)) == pytest.approx(np.pi * EARTH_RADIUS_M)
    assert float(haversine_m(121.4, 31, 121.4, 32)) == pytest.approx(np.pi / 180 * EARTH_RADIUS_M)
    # Shanghai to Beijing, some 1,067 km
    assert float(haversine_m(121.4737, 31.2304, 116.3975, 39.9087)) == pytest.approx(1_067_000, rel=2e-3)


@given(LON, LAT, LON, LAT)
def test_the_same_both_ways_and_never_past_the_antipode(
    lon: float, lat: float, lon2: float, lat2: float
) -> None:
    there, back = float(haversine_m(lon, lat, lon2, lat2)), float(haversine_m(lon2, lat2, lon, lat))
    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= np.pi * EARTH_RADIUS_M + 1e-6


@given(st.floats(-80, 80), st.floats(1, 900_000), st.floats(0, 2 * np.pi))
def test_the_reach_holds_the_whole_circle(lat: float, radius_m: float, bearing: float) -> None:
    reach = reach_degrees(lat, radius_m)
    assert reach is not None
    angle, phi = radius_m / EARTH_RADIUS_M, np.radians(lat)
    rim_phi = np.arcsin(np.sin(phi) * np.cos(angle) + np.cos(phi) * np.sin(angle) * np.cos(bearing))
    rim_lon = np.arctan2(
        np.sin(bearing) * np.sin(angle) * np.cos(phi), np.cos(angle) - np.sin(phi) * np.sin(rim_phi)
    )
    assert abs(np.degrees(rim_lon)) <= reach[0] * (1 + 1e-6)
    assert abs(np.degrees(rim_phi) - lat) <= reach[1] * (1 + 1e-6) + 1e-9


def test_a_circle_over_the_pole_has_no_box() -> None:
    assert reach_degrees(89.99, 2000) is None
