"""Tiles and Morton keys against the textbook definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import morton
from geo.errors import GeoError

STEP = st.integers(0, 2**32 - 1)
LON = st.floats(-180, 180)
LAT = st.floats(-85, 85)


def interleaved(x: int, y: int) -> int:
    """Bit by bit, as one would on paper."""
    return sum(((x >> bit) & 1) << (2 * bit) | ((y >> bit) & 1) << (2 * bit + 1) for bit in range(32))


@given(st.lists(st.tuples(STEP, STEP), min_size=1, max_size=50))
def test_encode_interleaves_and_decode_undoes_it(steps: list[tuple[int, int]]) -> None:
    x, y = np.array(steps, np.uint64).T
    keys = morton.encode(x, y)
    assert keys.tolist() == [interleaved(*step) for step in steps]
    back_x, back_y = morton.decode(keys)
    assert (back_x.tolist(), back_y.tolist()) == (x.tolist(), y.tolist())


@given(LON, LAT, st.integers(0, 22))
def test_tile_numbers_follow_the_slippy_map_formula(lon: float, lat: float, zoom: int) -> None:
    x, y = morton.tile_xy(lon, lat, zoom)
    exact_x = (lon + 180) / 360 * 2**zoom
    phi = math.radians(lat)
    exact_y = (1 - math.log(math.tan(phi) + 1 / math.cos(phi)) / math.pi) / 2 * 2**zoom
    assert 0 <= int(x) < 2**zoom
    assert int(x) - 1e-6 <= exact_x <= int(x) + 1 + 1e-6
    assert int(y) - 1e-6 <= exact_y <= int(y) + 1 + 1e-6


def test_peoples_square_is_on_its_known_tile() -> None:
    x, y = morton.tile_xy(121.4737, 31.2304, 10)
    assert (int(x), int(y)) == (857, 418)


@given(LON, LAT, st.integers(0, 32))
def test_a_cell_key_is_the_key_of_its_tile(lon: float, lat: float, zoom: int) -> None:
    cell = morton.cell_key(morton.point_key(lon, lat), zoom)
    x, y = morton.decode(cell)
    tile_x, tile_y = morton.tile_xy(lon, lat, zoom)
    assert (int(x), int(y)) == (int(tile_x), int(tile_y))


@given(st.floats(-179.9, 179.9), LAT, st.integers(0, 24))
def test_a_tile_holds_its_points(lon: float, lat: float, zoom: int) -> None:
    west, south, east, north = morton.tile_bounds(*morton.tile_xy(lon, lat, zoom), zoom)
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9


@given(LON, LAT)
def test_the_unit_square_and_back(lon: float, lat: float) -> None:
    back_lon, back_lat = morton.unit_lonlat(*morton.unit_xy(lon, lat))
    assert float(back_lon) == pytest.approx(lon, abs=1e-9)
    assert float(back_lat) == pytest.approx(lat, abs=1e-9)


def test_the_edges_of_the_world_have_keys() -> None:
    x, y = morton.tile_xy([-180, 180, 0, 0], [0, 0, 90, -90], 3)
    assert x.tolist() == [0, 7, 4, 4]
    assert y.tolist() == [4, 4, 0, 7]


@pytest.mark.parametrize("zoom", [-1, 33])
def test_levels_that_do_not_exist(zoom: int) -> None:
    with pytest.raises(GeoError, match="from 0 to 32"):
        morton.cell_key(np.zeros(1, np.uint64), zoom)
