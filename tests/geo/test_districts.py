"""Points in polygons: borders belong to one, holes to none, odd shapes are refused or mended."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import districts
from geo.districts import PolygonSet
from geo.errors import GeoError

# Nine unit squares around (121, 31): every inner border is shared by two, every inner corner by four.
SQUARES = PolygonSet(
    [f"{column}{row}" for row in range(3) for column in range(3)],
    [shapely.box(121 + column, 31 + row, 122 + column, 32 + row) for row in range(3) for column in range(3)],
)
HALVES = st.integers(-1, 7).map(lambda step: step / 2)


@given(
    st.lists(st.tuples(st.one_of(HALVES, st.floats(-1, 4)), st.one_of(HALVES, st.floats(-1, 4))), max_size=30)
)
def test_every_point_is_in_the_first_polygon_that_touches_it(offsets: list[tuple[float, float]]) -> None:
    lon = np.array([121 + east for east, _ in offsets])
    lat = np.array([31 + north for _, north in offsets])
    expected = [
        next(
            (
                code
                for code, shape in zip(SQUARES.codes, SQUARES.polygons, strict=True)
                if shape.intersects(shapely.Point(point))
            ),
            "",
        )
        for point in zip(lon, lat, strict=True)
    ]
    assert SQUARES.locate(lon, lat).tolist() == expected


def test_a_shared_border_belongs_to_exactly_one() -> None:
    assert SQUARES.locate([122.0, 122.0, 121.5], [31.5, 32.0, 32.0]).tolist() == ["00", "00", "00"]


def test_outside_and_unknown_points_are_nowhere() -> None:
    assert SQUARES.locate([120.0, np.nan, 121.5], [31.5, 31.5, np.inf]).tolist() == ["", "", ""]
    assert SQUARES.locate_rows([120.0, 121.5], [31.5, 31.5]).tolist() == [-1, 0]


def test_scalars_and_nothing_at_all() -> None:
    assert SQUARES.locate(121.5, 31.5).tolist() == ["00"]
    assert SQUARES.locate([], []).tolist() == []


def test_holes_and_islands() -> None:
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(4, 4, 6, 6))
    two = shapely.MultiPolygon([shapely.box(4.5, 4.5, 5, 5), shapely.box(20, 20, 21, 21)])
    places = PolygonSet(["ring", "two"], [ring, two])
    assert places.locate([1, 4.2, 4.7, 20.5], [1, 4.2, 4.7, 20.5]).tolist() == ["ring", "", "two", "two"]


def test_many_points_go_through_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    lon, lat = 121 + random.random(100) * 3, 31 + random.random(100) * 3
    whole = SQUARES.locate(lon, lat).tolist()
    monkeypatch.setattr(districts, "CHUNK", 7)
    assert SQUARES.locate(lon, lat).tolist() == whole


def test_a_self_crossing_outline_is_mended() -> None:
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    assert PolygonSet(["bow"], [bow]).locate([0.2, 1.8, 1.0], [1.0, 1.0, 1.9]).tolist() == ["bow", "bow", ""]


def test_bounds() -> None:
    assert SQUARES.bounds[4].tolist() == [122, 32, 123, 33]
    assert SQUARES.total_bounds == (121, 31, 124, 34)


def test_no_polygons_hold_nothing() -> None:
    empty = PolygonSet([], [])
    assert empty.locate([121.0], [31.0]).tolist() == [""]
    assert empty.bounds.shape == (0, 4)


@pytest.mark.parametrize(
    ("codes", "shapes", "sentence"),
    [
        (["a"], [], "polygons has 0 rows where 1"),
        (["a", "a"], [shapely.box(0, 0, 1, 1)] * 2, "'a' occurs more than once"),
        (["a"], [shapely.Point(1, 1)], "'a' is a Point"),
        (["a"], [shapely.Polygon()], "'a' is a empty Polygon|'a' is a Polygon without area"),
        (["a"], [shapely.Polygon([(0, 0), (1, 1), (2, 2)])], "Polygon without area"),
    ],
)
def test_shapes_that_are_refused(codes: list[str], shapes: list[shapely.Geometry], sentence: str) -> None:
    with pytest.raises(GeoError, match=sentence):
        PolygonSet(codes, shapes)


GRIDDED = PolygonSet(SQUARES.codes, SQUARES.polygons)
GRIDDED.locate(
    np.full(districts.MANY, 121.0), np.full(districts.MANY, 31.0)
)  # a grid is laid for many points
EDGES = st.one_of(HALVES, st.integers(-2, 600).map(lambda step: step * 3 / 192), st.floats(-1, 4))


@given(st.lists(st.tuples(EDGES, EDGES), min_size=1, max_size=30))
def test_many_points_lie_where_each_of_them_lies(offsets: list[tuple[float, float]]) -> None:
    """With a grid laid over the squares, whose cells have borders of their own."""
    lon = 121 + np.array([east for east, _ in offsets])
    lat = 31 + np.array([north for _, north in offsets])
    few = PolygonSet(SQUARES.codes, SQUARES.polygons).locate(lon, lat)
    assert GRIDDED.locate(lon, lat).tolist() == few.tolist()


def test_a_grid_knows_odd_shapes_and_holes() -> None:
    rng = np.random.default_rng(7)
    ring = shapely.Point(121.5, 31.2).buffer(0.3).difference(shapely.Point(121.5, 31.2).buffer(0.1))
    shapes = [ring, shapely.Point(121.8, 31.2).buffer(0.2), shapely.box(122.1, 31.0, 122.2, 31.4)]
    lon, lat = rng.uniform(121.1, 122.3, districts.MANY), rng.uniform(30.8, 31.6, districts.MANY)
    lon[::1000] = np.nan
    found = PolygonSet(["ring", "disc", "box"], shapes).locate(lon, lat)
    few = [PolygonSet(["ring", "disc", "box"], shapes).locate(lon[n], lat[n])[0] for n in range(2_000)]
    assert found[:2_000].tolist() == few
