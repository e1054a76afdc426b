"""Cells and single places of a viewport: nothing lost, stable grid, rings apart, heaps listed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import morton
from geo.cells import RING, CellAnswer
from geo.errors import GeoError
from geo.index import BBox, Filters, OneOf, PointIndex
from geo.picture import MOST_CELLS, Sheet, picture

SHANGHAI = BBox(121.0, 30.8, 122.0, 31.6)


def city(seed: int, n: int, spread: float = 0.1) -> PointIndex:
    random = np.random.default_rng(seed)
    lon, lat = 121.5 + random.normal(0, spread, n), 31.2 + random.normal(0, spread, n)
    twice = random.random(n) < 0.2
    lon[twice], lat[twice] = lon[0] if n else 0, lat[0] if n else 0
    columns = {
        "tier": random.integers(0, 5, n).astype(np.uint8),
        "layer": random.integers(0, 3, n).astype(np.uint8),
    }
    return PointIndex.build(random.permutation(n) + 1000, lon, lat, columns)


def cells(
    index: PointIndex,
    bbox: BBox,
    zoom: float,
    filters: Filters | None = None,
    *,
    within: np.ndarray | None = None,
    **options: int,
) -> CellAnswer:
    return picture([Sheet(index, index.choose(filters or {}, within), "tier")], bbox, zoom, **options)


def level_of(answer: CellAnswer, wanted: int) -> int:
    """The level of the cells; the one wanted or, for a large view, a coarser one."""
    if not answer.n.size:
        return wanted
    level = int(np.log2(360 / (answer.bbox[0, 2] - answer.bbox[0, 0])) + 0.5)
    assert level <= wanted
    return level


cities = st.builds(city, st.integers(0, 1000), st.integers(0, 400), st.sampled_from([0.3, 0.02, 0.0001]))
zooms = st.one_of(st.integers(4, 20).map(float), st.floats(4, 20))
limits = st.sampled_from([0, 5, 200])


@given(cities, zooms, limits, st.sampled_from([32, 64, 128]))
def test_every_place_is_counted_exactly_once(
    index: PointIndex, zoom: float, singles: int, cell_px: int
) -> None:
    chosen = {"tier": OneOf(frozenset({0, 2, 3}))}
    answer = cells(index, SHANGHAI, zoom, chosen, singles=singles, cell_px=cell_px)
    positions = index.select(SHANGHAI, chosen)
    (alone,) = answer.singles
    assert answer.total == positions.size == answer.n.sum() + alone.size
    assert (answer.n > 1).all()
    assert (answer.mix.sum(axis=1) == answer.n).all()
    assert answer.groups.tolist() == answer.n.reshape(-1, 1).tolist()
    single_tiers, tiers = (np.bincount(index.values_at("tier", at), minlength=5) for at in (alone, positions))
    counted = np.pad(answer.mix.sum(axis=0), (0, 5 - answer.mix.shape[1]))
    assert (counted + single_tiers).tolist() == tiers.tolist()


@given(cities, zooms, st.sampled_from([32, 64, 128]))
def test_cells_are_tiles_and_count_what_lies_in_them(index: PointIndex, zoom: float, cell_px: int) -> None:
    answer = cells(index, SHANGHAI, zoom, singles=0, cell_px=cell_px)
    level = level_of(answer, int(zoom) + {32: 3, 64: 2, 128: 1}[cell_px])
    inside = index.select(SHANGHAI)
    tiles = np.stack(morton.tile_xy(index.lon_at(inside), index.lat_at(inside), level), axis=1)
    named, counts = np.unique(tiles, axis=0, return_counts=True)
    crowds = named[counts > 1]
    x, y = morton.tile_xy(answer.lon, answer.lat, level)
    found = dict(zip(zip(x.tolist(), y.tolist(), strict=True), answer.n.tolist(), strict=True))
    assert found == {(int(x), int(y)): int(n) for (x, y), n in zip(named, counts, strict=True) if n > 1}
    if answer.n.size:
        assert answer.singles[0].size == (counts == 1).sum()
    expected = np.array(sorted(morton.tile_bounds(*crowds.T, level).tolist())).reshape(-1, 4)
    np.testing.assert_allclose(np.array(sorted(answer.bbox.tolist())).reshape(-1, 4), expected)


@given(cities, zooms)
def test_rings_stay_in_their_cells(index: PointIndex, zoom: float) -> None:
    answer = cells(index, SHANGHAI, zoom, singles=0)
    level = level_of(answer, int(zoom) + 2)
    for lon, lat in zip(answer.lon, answer.lat, strict=True):
        for axis in morton.unit_xy(lon, lat):
            part = float(axis) * 2**level % 1
            assert RING - 1e-6 <= part <= 1 - RING + 1e-6


def test_a_ring_is_at_the_mean_where_that_fits() -> None:
    level = 14
    west, south, east, north = morton.tile_bounds(13700, 6690, level)
    lon = west + (east - west) * np.array([0.45, 0.5, 0.55])
    lat = south + (north - south) * np.array([0.5, 0.55, 0.45])
    index = PointIndex.build([1, 2, 3], lon, lat, {"tier": np.zeros(3, np.uint8)})
    answer = cells(index, BBox(west, south, east, north), level - 2, singles=0)
    assert answer.n.tolist() == [3]
    assert answer.lon[0] == pytest.approx(lon.mean(), abs=1e-9)
    assert answer.lat[0] == pytest.approx(lat.mean(), abs=1e-9)


def test_cells_inside_the_view_do_not_change_while_panning() -> None:
    index = city(3, 5000)
    first = cells(index, BBox(121.3, 31.0, 121.7, 31.4), 11)
    moved = cells(index, BBox(121.31, 31.013, 121.71, 31.413), 11)

    def inner(answer: CellAnswer) -> set[tuple[float, ...]]:
        rows = np.column_stack([answer.bbox, answer.n, answer.lon, answer.lat, answer.mix])
        box = answer.bbox
        whole = (box[:, 0] > 121.31) & (box[:, 1] > 31.013) & (box[:, 2] < 121.7) & (box[:, 3] < 31.4)
        return {tuple(row) for row in rows[whole].tolist()}

    assert len(inner(first)) > 20
    assert inner(first) == inner(moved)


@given(cities, st.floats(8, 22))
def test_few_places_come_one_by_one_and_never_on_top_of_each_other(index: PointIndex, zoom: float) -> None:
    answer = cells(index, SHANGHAI, zoom, singles=400)
    x, y = morton.unit_xy(index.lon_at(answer.singles[0]), index.lat_at(answer.singles[0]))
    apart = np.hypot(x[:, None] - x, y[:, None] - y) * 256 * 2**zoom
    np.fill_diagonal(apart, np.inf)
    assert (apart >= 6).all()
    assert all(ids.size == min(n, 200) for ids, n in zip(answer.ids, answer.n.tolist(), strict=True))
    listed = np.concatenate([np.zeros(0, np.int64), *answer.ids])
    assert np.unique(listed).size == listed.size
    for ids, extent in zip(answer.ids, answer.bbox, strict=True):
        heap = index.positions_of(ids)
        west, south, east, north = extent
        assert ((index.lon_at(heap) >= west) & (index.lon_at(heap) <= east)).all()
        assert ((index.lat_at(heap) >= south) & (index.lat_at(heap) <= north)).all()
        (left, top), (right, bottom) = morton.unit_xy(west, north), morton.unit_xy(east, south)
        assert max(right - left, bottom - top) * 256 * 2**zoom <= 12


def test_a_street_of_close_places_does_not_become_one_heap() -> None:
    step = 5 * 360 / (256 * 2**16)  # 5 px at zoom 16
    lon = 121.5 + step * np.arange(100)
    index = PointIndex.build(np.arange(100), lon, np.full(100, 31.2), {"tier": np.zeros(100, np.uint8)})
    answer = cells(index, SHANGHAI, 16)
    assert answer.n.max() <= 3
    assert answer.total == 100


def test_many_tenants_of_one_address_stay_one_cell_with_the_lowest_ids() -> None:
    ids = np.random.default_rng(1).permutation(300)
    index = PointIndex.build(ids, [121.5] * 300, [31.2] * 300, {"tier": np.zeros(300, np.uint8)})
    for singles in (200, 1000):
        answer = cells(index, SHANGHAI, 18, singles=singles)
        assert (answer.total, answer.n.tolist(), answer.singles[0].size) == (300, [300], 0)
        assert answer.ids[0].tolist() == list(range(200))


def test_an_ordinary_cell_lists_no_ids() -> None:
    answer = cells(city(5, 2000), SHANGHAI, 10)
    wide = [ids.size == 0 for ids, n in zip(answer.ids, answer.n, strict=True) if n > 20]
    assert wide
    assert all(wide)


def test_a_broken_zoom_uses_the_cells_of_the_whole_zoom_below() -> None:
    index = city(2, 3000)
    whole, broken = (cells(index, SHANGHAI, zoom) for zoom in (11, 11.9))
    assert whole.bbox.tolist() == broken.bbox.tolist()


def test_within_narrows_the_cells() -> None:
    index = city(4, 1000)
    chosen = np.sort(index.base.ids)[:300]
    within = index.mask_of(index.positions_of(chosen))
    assert cells(index, BBox(-180, -90, 180, 90), 8, within=within).total == 300


def test_an_empty_view_is_an_empty_answer() -> None:
    for index in (city(1, 0), city(1, 100)):
        answer = cells(index, BBox(0, 0, 1, 1), 9, singles=0)
        assert (answer.total, answer.n.size, answer.singles[0].size, answer.ids) == (0, 0, 0, ())
        assert answer.bbox.shape == (0, 4)
        assert answer.mix.shape == (0, index.widths["tier"])


@pytest.mark.parametrize(
    ("zoom", "cell_px", "singles", "key"),
    [
        (-1, 64, 200, "zoom_range"),
        (24.5, 64, 200, "zoom_range"),
        (float("nan"), 64, 200, "zoom_range"),
        (9, 60, 200, "cell_px"),
        (9, 512, 200, "cell_px"),
        (9, 64, -1, "singles_range"),
        (9, 64, 100_000, "singles_range"),
    ],
)
def test_what_cannot_be_drawn_is_refused(zoom: float, cell_px: int, singles: int, key: str) -> None:
    with pytest.raises(GeoError) as error:
        cells(city(1, 10), SHANGHAI, zoom, cell_px=cell_px, singles=singles)
    assert error.value.key == key


def test_key_ranges_ascend_and_do_not_touch() -> None:
    first, last = BBox(121.31, 31.013, 121.71, 31.413).key_ranges()
    assert (last >= first).all()
    assert all(int(after) > int(before) + 1 for before, after in zip(last[:-1], first[1:], strict=True))
    assert 0 < first.size < 100


def cell_counts(answer: CellAnswer) -> dict[tuple[float, ...], list[int]]:
    return dict(zip(map(tuple, answer.bbox.tolist()), answer.mix.tolist(), strict=True))


@given(cities, zooms, st.integers(0, 5))
def test_many_places_are_counted_as_few_are(index: PointIndex, zoom: float, changes: int) -> None:
    columns = {"tier": np.full(changes, 4, np.uint8), "layer": np.zeros(changes, np.uint8)}
    moved = index.base.ids[:changes] if len(index) >= changes else np.arange(changes)
    index = index.replaced(moved, np.full(changes, 121.4), np.full(changes, 31.1), columns)
    filters = {"tier": OneOf(frozenset({0, 2, 4}))}
    few, many = (cells(index, SHANGHAI, zoom, filters, singles=0, looked_at=n) for n in (10_000, 0))
    assert cell_counts(few) == cell_counts(many)
    assert few.singles[0].tolist() == many.singles[0].tolist()
    np.testing.assert_allclose(np.sort(few.lon), np.sort(many.lon), atol=1e-9)  # nothing here is sampled


def test_layers_add_up_in_one_picture() -> None:
    parts = [city(seed, 800) for seed in (1, 2)]
    sheets = [Sheet(index, index.choose(), "tier") for index in parts]
    for looked_at in (0, 10_000):
        answer = picture(sheets, SHANGHAI, 10, singles=0, looked_at=looked_at)
        assert answer.total == sum(index.select(SHANGHAI).size for index in parts)
        assert (answer.groups.sum(axis=1) == answer.n).all()
        for number, index in enumerate(parts):
            counted = answer.groups[:, number].sum() + answer.singles[number].size
            assert counted == index.select(SHANGHAI).size


@pytest.mark.parametrize("zoom", [9, 12, 15, 20, 24])
def test_no_view_asks_for_more_than_a_few_hundred_cells(zoom: int) -> None:
    index = city(9, 60_000)
    for bbox in (BBox(-180, -90, 180, 90), SHANGHAI, BBox(-540, -90, 540, 90)):
        answer = cells(index, bbox, zoom)
        assert answer.total == index.select(bbox).size
        assert answer.n.size + answer.singles[0].size <= MOST_CELLS


def test_a_large_cell_is_centred_among_its_places() -> None:
    random = np.random.default_rng(3)
    lon, lat = 121.5 + random.normal(0, 0.001, 9000), 31.2 + random.normal(0, 0.001, 9000)
    index = PointIndex.build(np.arange(9000), lon, lat, {"tier": np.zeros(9000, np.uint8)})
    answer = cells(index, SHANGHAI, 6)
    assert answer.n.tolist() == [9000]
    assert abs(answer.lon[0] - lon.mean()) < 0.0005


@given(
    st.integers(0, 1000),
    st.integers(1, 400),
    zooms,
    st.dictionaries(
        st.sampled_from(["tier", "layer"]), st.builds(OneOf, st.frozensets(st.integers(0, 4), max_size=3))
    ),
    st.integers(0, 5),
)
def test_what_is_counted_in_advance_is_what_is_counted(
    seed: int, n: int, zoom: float, filters: Filters, changes: int
) -> None:
    plain = city(seed, n)
    at = np.arange(n)
    columns = {name: plain.values_at(name, at) for name in ("tier", "layer")}
    counted = PointIndex.build(plain.base.ids, plain.base.lon, plain.base.lat, columns, cube=["tier"])
    moved = {name: np.full(changes, 2, np.uint8) for name in columns}
    where = np.full(changes, 121.41), np.full(changes, 31.17)
    answers = [
        cells(
            index.replaced(1000 + np.arange(changes), *where, moved),
            SHANGHAI,
            zoom,
            filters,
            singles=0,
            looked_at=0,
        )
        for index in (plain, counted)
    ]
    assert cell_counts(answers[0]) == cell_counts(answers[1])
    assert answers[0].singles[0].tolist() == answers[1].singles[0].tolist()


def test_a_city_seen_by_another_is_counted_anew() -> None:
    plain = city(1, 500)
    columns = {name: plain.values_at(name, np.arange(500)) for name in ("tier", "layer")}
    index = PointIndex.build(plain.base.ids, plain.base.lon, plain.base.lat, columns, cube=["tier", "layer"])
    blind = index.seen_as(
        {"tier": np.zeros_like(index.table.columns["tier"])}, index.table.columns["layer"] == 1, []
    )
    answer = cells(blind, BBox(0, 0, 180, 89), 3, looked_at=0, singles=0)
    assert answer.total == (columns["layer"] != 1).sum()
    assert answer.mix.sum() == answer.mix[:, 0].sum()
