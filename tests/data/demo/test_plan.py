"""The drawn district: a whole made of streets, blocks, buildings and sub-districts that fit together."""

from __future__ import annotations

import numpy as np
import shapely

from data.demo.district import District
from data.demo.land import SUBDISTRICTS
from data.demo.malls import MALLS, MARKETS


def test_there_are_235_streets_with_names_of_their_own(district: District) -> None:
    names = [street.name for street in district.plan.book.streets]
    assert len(names) == len(set(names)) == 235
    assert all(street.line.length > 250 for street in district.plan.book.streets)


def test_streets_are_no_graph_paper(district: District) -> None:
    """The bearing of streets, folded to a quarter turn, spreads over the district."""
    ends = np.array([[s.line.coords[0], s.line.coords[-1]] for s in district.plan.book.streets])
    way = ends[:, 1] - ends[:, 0]
    folded = np.degrees(np.arctan2(way[:, 1], way[:, 0])) % 90
    filled = np.histogram(folded, bins=18, range=(0, 90))[0]
    assert np.count_nonzero(filled >= 4) >= 8


def test_sub_districts_tile_the_district(district: District) -> None:
    shapes = list(district.plan.subdistricts.values())
    assert len(shapes) == len(SUBDISTRICTS) == 13
    whole = shapely.union_all(shapes)
    assert abs(sum(s.area for s in shapes) - whole.area) < 10
    assert shapely.symmetric_difference(whole, district.plan.outline).area < 10
    for code, shape in district.plan.subdistricts.items():
        seed = district.plan.frame.metres(np.array([SUBDISTRICTS[code][1:]]))[0]
        assert shape.distance(shapely.Point(seed)) < 400, SUBDISTRICTS[code][0]


def test_footprints_are_valid_and_stand_in_the_district_beside_the_water(district: District) -> None:
    plan = district.plan
    shapes = np.array([footprint.shape for footprint in plan.footprints], dtype=object)
    assert 6_000 <= len(shapes) <= 10_000
    assert shapely.is_valid(shapes).all()
    assert (shapely.area(shapes) > 100).all()
    assert not shapely.intersects(shapes, plan.river).any()
    assert shapely.contains(plan.outline, shapes).all()


def test_footprints_of_a_block_do_not_overlap(district: District) -> None:
    shapes = np.array([footprint.shape for footprint in district.plan.footprints], dtype=object)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    touching = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    assert (touching < 1).all()


def test_malls_stand_on_land_of_their_own(district: District) -> None:
    malls = district.plan.malls
    assert len(malls) == MALLS + MARKETS == 44
    assert len({mall.name for mall in malls}) == 44
    assert all(mall.shape.is_valid and mall.shape.area > 800 for mall in malls)


def test_metro_stations_have_names_of_their_own_and_distance_between_them(district: District) -> None:
    stations = district.plan.transit.stations
    assert len({station.name for station in stations}) == len(stations) >= 20
    assert {station.line for station in stations} == {name for name, _ in district.plan.transit.lines}
