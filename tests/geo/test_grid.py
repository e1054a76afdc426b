"""The tiles of a view: where places lie among sorted rows, and tiles twice as large."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo import kernels, morton
from geo.bbox import BBox
from geo.grid import MOST_TILES, Grid
from geo.rows import Rows

BOX = BBox(121.0, 30.8, 122.0, 31.6)
keys = st.lists(st.integers(0, 2**64 - 1), max_size=60).map(lambda found: np.array(sorted(found), np.uint64))


def rows(seed: int, n: int) -> Rows:
    random = np.random.default_rng(seed)
    lon, lat = 121.5 + random.normal(0, 0.4, n), 31.2 + random.normal(0, 0.4, n)
    return Rows.build(np.arange(n), lon, lat, np.zeros(n, np.uint16), {})


@given(keys, st.lists(st.integers(0, 2**64 - 1), max_size=30), st.sampled_from([0, 2, 34, 50, 62]))
def test_bounds_are_those_of_a_plain_search(places: np.ndarray, near: list[int], shift: int) -> None:
    tiles = np.unique(np.array([*near, *places.tolist()], np.uint64) >> np.uint64(shift))
    tiles = tiles[tiles < np.uint64(2**64 - 1)]
    starts, stops = kernels.bounds(places, tiles, shift)
    ordered = places >> np.uint64(shift)
    np.testing.assert_array_equal(starts, np.searchsorted(ordered, tiles, "left"))
    np.testing.assert_array_equal(stops, np.searchsorted(ordered, tiles, "right"))


@given(st.integers(4, 12))
def test_a_coarser_grid_is_that_of_the_level_above(level: int) -> None:
    coarse, above = Grid.over(BOX, level).coarser(), Grid.over(BOX, level - 1)
    assert coarse.keys.tolist() == above.keys.tolist()
    assert coarse.inside.tolist() == above.inside.tolist()
    assert coarse.keys.size <= MOST_TILES


@given(st.integers(0, 99), st.integers(0, 300), st.integers(4, 14))
def test_no_place_of_the_box_is_beside_its_tiles(seed: int, n: int, level: int) -> None:
    some = rows(seed, n)
    grid = Grid.over(BOX, level)
    grid.filled([some])  # what is looked up now must hold for the coarser grid too
    for tiles in (grid, grid.coarser()):
        runs = tiles.runs(some)
        covered = np.zeros(n, np.bool_)
        for start, stop in zip(runs.starts, runs.stops, strict=True):
            assert not covered[start:stop].any()
            covered[start:stop] = True
        inside = BOX.holds(some.lon, some.lat)
        assert covered[inside].all()
        for start, stop, whole in zip(runs.starts, runs.stops, runs.inside, strict=True):
            assert not whole or inside[start:stop].all()


def test_the_world_is_one_tile() -> None:
    some = rows(1, 50)
    runs = Grid.over(BOX, 0).runs(some)
    assert (runs.starts.tolist(), runs.stops.tolist()) == ([0], [50])
    assert morton.tile_bounds(0, 0, 0).tolist()[0] == -180
