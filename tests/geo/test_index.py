"""The point index against brute force: selection, facets, nearest, changes."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import morton
from geo.distance import haversine_m
from geo.errors import GeoError
from geo.index import RARE, BBox, Between, Filters, HasBit, OneOf, PointIndex, Selection

# A coarse lattice makes places coincide and lie exactly on the sides of boxes.
LON = st.one_of(st.integers(0, 40).map(lambda step: 121.0 + step / 32), st.floats(120.9, 122.3))
LAT = st.one_of(st.integers(0, 40).map(lambda step: 30.5 + step / 32), st.floats(30.4, 31.8))


@dataclass(frozen=True)
class Rows:
    """Plain rows, the reference that brute force runs over."""

    ids: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    columns: Mapping[str, np.ndarray]

    def index(self) -> PointIndex:
        return PointIndex.build(self.ids, self.lon, self.lat, self.columns, bitmasks={"tags"})

    def changed(self) -> PointIndex:
        """The same places, reached by changes: half of them were elsewhere and otherwise, a third is gone."""
        half, gone = self.ids.size // 2, np.arange(1000, 1000 + self.ids.size // 3)
        stale = Rows(
            np.concatenate([self.ids[: -half or None], gone]),
            np.concatenate([self.lon[: -half or None][::-1], self.lon[: gone.size]]),
            np.concatenate([self.lat[: -half or None], self.lat[: gone.size]]),
            {
                name: np.concatenate([column[: -half or None][::-1], column[: gone.size]])
                for name, column in self.columns.items()
            },
        )
        halves = slice(0, half), slice(half, None)
        index = stale.index().replaced([], [], [], {name: c[:0] for name, c in self.columns.items()}, gone)
        for part in halves:
            columns = {name: column[part] for name, column in self.columns.items()}
            index = index.replaced(self.ids[part], self.lon[part], self.lat[part], columns)
        return index

    def both(self) -> tuple[PointIndex, PointIndex]:
        return self.index(), self.changed()


@st.composite
def rows(draw: st.DrawFn, least: int = 0, most: int = 60) -> Rows:
    points = draw(st.lists(st.tuples(LON, LAT), min_size=least, max_size=most))
    n = len(points)
    ids = draw(st.lists(st.integers(0, 500), min_size=n, max_size=n, unique=True))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rent = random.integers(0, 10, n).astype(np.float32)
    rent[random.random(n) < 0.2] = np.nan
    columns = {
        "tier": random.integers(0, 5, n).astype(np.uint8),
        "street": random.integers(0, 300, n).astype(np.uint16),
        "owner": random.integers(0, 7, n).astype(np.uint32),
        "tags": random.integers(0, 256, n).astype(np.uint8),
        "rent": rent,
    }
    lon, lat = np.array(points, np.float64).reshape(n, 2).T
    return Rows(np.array(ids, np.int64), lon, lat, columns)


codes = st.builds(OneOf, st.frozensets(st.integers(-1, 320), max_size=4))
bounds = st.one_of(st.none(), st.integers(0, 10).map(float))
filters = st.fixed_dictionaries(
    {},
    optional={
        "tier": st.builds(OneOf, st.frozensets(st.integers(0, 5), max_size=4)),
        "street": st.one_of(codes, st.builds(Between, st.just(50.0), st.just(200.0))),
        "owner": st.builds(OneOf, st.frozensets(st.integers(0, 7), max_size=5)),
        "tags": st.builds(HasBit, st.integers(0, 300)),
        "rent": st.builds(Between, bounds, bounds),
    },
)


@st.composite
def boxes(draw: st.DrawFn) -> BBox:
    west, east = sorted(draw(st.lists(LON, min_size=2, max_size=2, unique=True)))
    south, north = sorted(draw(st.lists(LAT, min_size=2, max_size=2, unique=True)))
    return BBox(west, south, east, north)


def passes(value: float, selection: Selection) -> bool:
    match selection:
        case OneOf(wanted):
            return int(value) in wanted
        case HasBit(mask):
            return int(value) & mask != 0
        case Between(low, high):
            return (low is None or value >= low) and (high is None or value <= high)


def brute(
    given_rows: Rows, chosen: Filters, bbox: BBox | None = None, within: set[int] | None = None
) -> set[int]:
    """Ids that satisfy everything, one row at a time."""
    found = set()
    for row, place in enumerate(given_rows.ids.tolist()):
        lon, lat = given_rows.lon[row], given_rows.lat[row]
        if bbox and not (bbox.west <= lon < bbox.east and bbox.south <= lat < bbox.north):
            continue
        if within is not None and place not in within:
            continue
        if all(passes(given_rows.columns[name][row], choice) for name, choice in chosen.items()):
            found.add(place)
    return found


def ids_of(index: PointIndex, positions: np.ndarray) -> list[int]:
    return index.ids_at(positions).tolist()


def having(index: PointIndex, ids: Collection[int]) -> np.ndarray:
    return index.mask_of(index.positions_of(list(ids)))


@given(rows())
def test_build_sorts_by_key_and_keeps_rows_together(given_rows: Rows) -> None:
    index = given_rows.index()
    base, streets = index.base, index.values_at("street", np.arange(len(index)))
    assert (base.keys[1:] >= base.keys[:-1]).all()
    assert base.keys.tolist() == morton.point_key(base.lon, base.lat).tolist()
    found = dict(zip(base.ids.tolist(), zip(base.lon, base.lat, streets, strict=True), strict=True))
    for row, place in enumerate(given_rows.ids.tolist()):
        expected = (given_rows.lon[row], given_rows.lat[row], given_rows.columns["street"][row])
        assert found[place] == expected


@given(rows(), filters, st.none() | boxes(), st.data())
def test_select_is_brute_force(
    given_rows: Rows, chosen: Filters, bbox: BBox | None, data: st.DataObject
) -> None:
    allowed = data.draw(st.none() | st.sets(st.integers(0, 500), max_size=300))
    for index in given_rows.both():
        within = None if allowed is None else having(index, allowed)
        positions = index.select(bbox, chosen, within)
        assert (np.diff(positions) > 0).all()
        found = ids_of(index, positions)
        assert len(found) == len(set(found)) == index.count(index.choose(chosen, within), bbox)
        assert set(found) == brute(given_rows, chosen, bbox, allowed)


@given(rows(), boxes(), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_adjacent_boxes_partition(given_rows: Rows, bbox: BBox, across: float, up: float) -> None:
    index = given_rows.index()
    lon = given_rows.lon[0] if given_rows.lon.size else bbox.west + (bbox.east - bbox.west) * across
    lat = bbox.south + (bbox.north - bbox.south) * up
    if not (bbox.west < lon < bbox.east and bbox.south < lat < bbox.north):
        return
    quarters = [
        BBox(bbox.west, bbox.south, lon, lat),
        BBox(lon, bbox.south, bbox.east, lat),
        BBox(bbox.west, lat, lon, bbox.north),
        BBox(lon, lat, bbox.east, bbox.north),
    ]
    parts = np.concatenate([index.select(quarter) for quarter in quarters])
    assert sorted(parts.tolist()) == index.select(bbox).tolist()


def test_west_and_south_sides_belong_to_a_box_and_east_and_north_do_not() -> None:
    lon, lat = np.array([121.0, 121.5, 122.0, 121.5, 121.5]), np.array([31.5, 31.0, 31.5, 32.0, 31.5])
    index = PointIndex.build(np.arange(5), lon, lat, {})
    assert sorted(ids_of(index, index.select(BBox(121, 31, 122, 32)))) == [0, 1, 4]


@pytest.mark.parametrize("half", [1e-9, 1e-7, 0.0005, 0.01, 0.2, 5.0, 200.0])
def test_boxes_among_many_places(half: float) -> None:
    random = np.random.default_rng(7)
    lon, lat = 121.5 + random.normal(0, 0.3, 30_000), 31.2 + random.normal(0, 0.2, 30_000)
    index = PointIndex.build(np.arange(30_000), lon, lat, {})
    for west, south in zip(lon[:20], lat[:20], strict=True):
        bbox = BBox(west, south, west + half, south + half)
        inside = (lon >= west) & (lon < bbox.east) & (lat >= south) & (lat < bbox.north)
        assert sorted(ids_of(index, index.select(bbox))) == np.flatnonzero(inside).tolist()


def test_the_poles_and_the_date_line_are_found() -> None:
    index = PointIndex.build([1, 2, 3], [-180.0, 180.0, 0.0], [90.0, -90.0, 88.0], {})
    assert ids_of(index, index.select(BBox(-180, 89, 0, 91))) == [1]
    assert ids_of(index, index.select(BBox(179, -91, 181, 0))) == [2]
    assert ids_of(index, index.select(BBox(-1, 87, 1, 89))) == [3]


@given(rows(), filters, st.none() | boxes(), st.booleans())
def test_each_facet_is_counted_under_the_other_filters(
    given_rows: Rows, chosen: dict[str, Selection], bbox: BBox | None, half: bool
) -> None:
    allowed = set(given_rows.ids[::2].tolist()) if half else None
    values = {
        name: dict(zip(given_rows.ids.tolist(), column, strict=True))
        for name, column in given_rows.columns.items()
    }
    for index, name in itertools.product(given_rows.both(), ("tier", "street", "owner", "tags")):
        within = None if allowed is None else having(index, allowed)
        found = index.facets(chosen, [name], bbox=bbox, within=within)[name]
        others = {other: choice for other, choice in chosen.items() if other != name}
        places = brute(given_rows, others, bbox, allowed)
        if name == "tags":
            expected = [sum(int(values[name][place]) >> bit & 1 for place in places) for bit in range(8)]
        else:
            expected = [0] * index.widths[name]
            for place in places:
                expected[int(values[name][place])] += 1
        assert found.tolist() == expected


@given(rows(), LON, LAT, st.integers(1, 12), filters, st.booleans())
def test_nearest_is_brute_force(
    given_rows: Rows, lon: float, lat: float, n: int, chosen: Filters, half: bool
) -> None:
    allowed = set(given_rows.ids[::2].tolist()) if half else None
    places = brute(given_rows, chosen, None, allowed)
    every = haversine_m(lon, lat, given_rows.lon, given_rows.lat)
    expected = sorted(
        (every[row], place) for row, place in enumerate(given_rows.ids.tolist()) if place in places
    )
    for index, rare in itertools.product(given_rows.both(), (RARE, 0)):
        within = None if allowed is None else having(index, allowed)
        positions, distance_m = index.nearest(lon, lat, n, chosen, within=within, rare=rare)
        assert list(zip(distance_m.tolist(), ids_of(index, positions), strict=True)) == expected[:n]


@given(
    st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=30),
    st.sampled_from(
        [(180.0, 0.0), (-179.9999, 10.0), (0.0, 90.0), (121.5, 31.2), (0.0, 0.0), (90.0, -89.99)]
    ),
    st.integers(1, 5),
)
def test_nearest_around_the_whole_world(
    points: list[tuple[float, float]], at: tuple[float, float], n: int
) -> None:
    lon, lat = np.array(points).T
    index = PointIndex.build(np.arange(lon.size), lon, lat, {})
    _, distance_m = index.nearest(*at, n)
    assert distance_m.tolist() == np.sort(haversine_m(*at, lon, lat))[:n].tolist()


def test_nearest_across_the_side_of_a_large_tile() -> None:
    # 0 degrees separates tiles of every zoom: the neighbour's key is far away, the neighbour is not.
    index = PointIndex.build([1, 2], [-0.0001, 0.01], [0.0001, 0.0001], {})
    positions, distance_m = index.nearest(0.0001, -0.0001, 1)
    assert ids_of(index, positions) == [1]
    assert distance_m[0] < 40


@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_nearest_in_a_dense_quarter(seed: int, n: int) -> None:
    # Some hundred metres apart: the corner of a searched box is farther than what lies past its side.
    random = np.random.default_rng(seed)
    lon, lat = 121.5 + random.normal(0, 0.003, 30), 31.2 + random.normal(0, 0.003, 30)
    index = PointIndex.build(np.arange(30), lon, lat, {})
    _, distance_m = index.nearest(121.5, 31.2, n)
    assert distance_m.tolist() == np.sort(haversine_m(121.5, 31.2, lon, lat))[:n].tolist()


def test_nearest_across_the_date_line() -> None:
    index = PointIndex.build([1, 2], [179.999, -179.9999], [0.0, 0.0], {})
    for at, expected in ((179.9999, 2), (180.0, 2), (-180.0, 2), (179.9991, 1)):
        assert ids_of(index, index.nearest(at, 0.0, 1)[0]) == [expected]


def test_equal_distances_come_by_id() -> None:
    for west, east in ((3, 7), (7, 3)):
        index = PointIndex.build([9, west, east], [10.0, -0.25, 0.25], [0.0, 0.0, 0.0], {})
        positions, distance_m = index.nearest(0.0, 0.0, 2)
        assert ids_of(index, positions) == [3, 7]
        assert distance_m[0] == distance_m[1]


@given(rows(), rows(most=20), st.sets(st.integers(0, 500), max_size=40))
def test_replaced_is_a_rebuild(old: Rows, new: Rows, removed: set[int]) -> None:
    index = old.index().replaced(new.ids, new.lon, new.lat, new.columns, list(removed))
    stays = ~np.isin(old.ids, [*new.ids.tolist(), *removed])
    rebuilt = Rows(
        np.concatenate([old.ids[stays], new.ids]),
        np.concatenate([old.lon[stays], new.lon]),
        np.concatenate([old.lat[stays], new.lat]),
        {name: np.concatenate([old.columns[name][stays], column]) for name, column in new.columns.items()},
    ).index()
    assert len(index) == len(rebuilt)
    for answer in (content(index), content(rebuilt)):
        assert answer == content(rebuilt)


def content(index: PointIndex) -> list[tuple[float, ...]]:
    at = index.select()
    columns = [index.values_at(name, at) for name in ("tier", "street", "owner", "tags", "rent")]
    table = np.column_stack([index.ids_at(at), index.lon_at(at), index.lat_at(at), *columns])
    return sorted(tuple(row) for row in np.nan_to_num(table, nan=-1.0).tolist())


def test_replaced_leaves_the_old_index_alone() -> None:
    old = PointIndex.build([1, 2], [121.0, 121.1], [31.0, 31.1], {"tier": np.array([0, 1], np.uint8)})
    new = old.replaced([2, 3], [120.0, 122.0], [31.0, 31.1], {"tier": np.array([4, 3], np.int64)}, [1])
    assert (sorted(ids_of(old, old.select())), sorted(ids_of(new, new.select()))) == ([1, 2], [2, 3])
    assert new.base is old.base
    assert new.table.columns["tier"].dtype == np.uint8
    with pytest.raises(ValueError, match="read-only"):
        new.fresh.lon[0] = 0.0


@given(rows(least=1), filters, st.data())
def test_another_eye_sees_other_values_and_nothing_hidden(
    given_rows: Rows, chosen: Filters, data: st.DataObject
) -> None:
    secret = data.draw(st.integers(0, 4))
    columns = dict(given_rows.columns)
    shown = Rows(
        given_rows.ids,
        given_rows.lon,
        given_rows.lat,
        {**columns, "street": np.zeros_like(columns["street"])},
    )
    for index in given_rows.both():
        table = index.table
        masked = {**table.columns, "street": np.zeros_like(table.columns["street"])}
        seen = index.seen_as(masked, table.columns["tier"] == secret, ["rent"])
        visible = set(given_rows.ids[columns["tier"] != secret].tolist())
        assert set(ids_of(seen, seen.select(None, chosen))) == brute(shown, chosen, None, visible)
        facet = seen.facets({}, ["tier"])["tier"]
        assert facet.sum() == len(visible)
        back = seen.replaced([7], [121.0], [31.0], {name: c[:1] for name, c in columns.items()})
        assert 7 in ids_of(back, back.select())


TWO = {
    "tier": np.array([0, 1], np.uint8),
    "rent": np.array([1, np.nan], np.float32),
    "tags": np.array([1, 2], np.uint8),
}


def two() -> PointIndex:
    return PointIndex.build([1, 2], [121.0, 121.1], [31.0, 31.1], TWO, bitmasks={"tags"})


def test_a_number_that_is_not_known_fails_every_bound_but_not_none() -> None:
    index = two()
    assert ids_of(index, index.select(None, {"rent": Between(0.0, None)})) == [1]
    assert ids_of(index, index.select(None, {"rent": Between(None, 9.0)})) == [1]
    assert ids_of(index, index.select(None, {"rent": Between(1.0, 1.0)})) == [1]
    assert sorted(ids_of(index, index.select(None, {"rent": Between()}))) == [1, 2]


@pytest.mark.parametrize(
    ("sides", "key"),
    [
        ((121.0, 31.0, 121.0, 32.0), "bbox_inverted"),
        ((122.0, 31.0, 121.0, 32.0), "bbox_inverted"),
        ((121.0, 32.0, 122.0, 31.0), "bbox_inverted"),
        ((121.0, np.nan, 122.0, 31.0), "bbox_not_finite"),
        ((-np.inf, 30.0, 122.0, 31.0), "bbox_not_finite"),
    ],
)
def test_boxes_that_hold_nothing_are_refused(sides: tuple[float, float, float, float], key: str) -> None:
    with pytest.raises(GeoError) as error:
        BBox(*sides)
    assert error.value.key == key


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"colour": OneOf(frozenset({1}))}, "no column 'colour'; the index has tier, tags, rent"),
        ({"tier": HasBit(1)}, "use OneOf or Between"),
        ({"rent": OneOf(frozenset({1}))}, "use Between"),
        ({"tags": OneOf(frozenset({1}))}, "use HasBit"),
    ],
)
def test_filters_that_do_not_fit_are_refused(chosen: Filters, sentence: str) -> None:
    index = two()
    box = BBox(0, 0, 1, 1)
    for ask in (
        lambda: index.choose(chosen),
        lambda: index.select(box, chosen),
        lambda: index.facets(chosen, ["tier"]),
        lambda: index.nearest(121, 31, 1, chosen),
    ):
        with pytest.raises(GeoError, match=sentence):
            ask()


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(GeoError, match="name one of tier, tags"):
        two().facets({}, ["rent"])


def test_a_mask_of_another_length_is_refused() -> None:
    with pytest.raises(GeoError, match="within has"):
        two().select(within=np.ones(3, np.bool_))


@pytest.mark.parametrize("n", [0, -1])
def test_nearest_needs_a_number(n: int) -> None:
    with pytest.raises(GeoError, match="at least one"):
        two().nearest(121, 31, n)


def test_nearest_needs_a_point_on_earth() -> None:
    with pytest.raises(GeoError, match="no longitude and latitude"):
        two().nearest(31.2, 121.5, 1)


@pytest.mark.parametrize(
    ("ids", "lon", "columns", "key"),
    [
        ([1, 1], [121.0, 121.1], {}, "ids_repeat"),
        ([1, 2], [121.0], {}, "lengths_differ"),
        ([1, 2], [121.0, np.nan], {}, "point_invalid"),
        ([1, 2], [121.0, 181.0], {}, "point_invalid"),
        ([1, 2], [121.0, 121.1], {"tier": np.zeros(3, np.uint8)}, "lengths_differ"),
        ([1, 2], [121.0, 121.1], {"tier": np.zeros(2, np.int64)}, "column_dtype"),
    ],
)
def test_rows_that_cannot_be_indexed(
    ids: list[int], lon: list[float], columns: dict[str, np.ndarray], key: str
) -> None:
    with pytest.raises(GeoError) as error:
        PointIndex.build(ids, lon, [31.0, 31.1], columns)
    assert error.value.key == key


def test_replaced_needs_the_same_columns() -> None:
    with pytest.raises(GeoError, match="give exactly"):
        two().replaced([3], [121.0], [31.0], {"tier": np.zeros(1, np.uint8)})
