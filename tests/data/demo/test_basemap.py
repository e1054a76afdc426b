"""The offline basemap: what the browser draws with no tile server and no network."""

from __future__ import annotations

import math
import socket

import pytest
from sqlalchemy import Connection, Engine

from data.store.basemap import overview, tile

KINDS = {"water", "green", "block", "building", "road", "metro", "rail", "boundary"}
CENTRE = (121.437, 31.19)


def _tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    n = 2**z
    return int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)


@pytest.mark.parametrize("z", [8, 10, 12, 14, 16, 18])
def test_a_tile_has_the_shape_the_map_draws(demo: Connection, z: int) -> None:
    made = tile(demo, z, *_tile_of(*CENTRE, z))
    assert made["extent"] == 4096
    assert made["features"]
    for feature in made["features"]:
        assert set(feature) == {"k", "r", "g", "p"}
        assert feature["k"] in KINDS
        assert feature["r"] in {1, 2, 3}
        assert feature["g"] == ("poly" if feature["k"] in {"water", "green", "block", "building"} else "line")
        for part in feature["p"]:
            assert len(part) % 2 == 0
            assert len(part) >= (6 if feature["g"] == "poly" else 4)
            assert all(-64 <= value <= 4160 for value in part)


def test_what_lies_below_comes_first(demo: Connection) -> None:
    order = [(f["k"], -f["r"]) for f in tile(demo, 14, *_tile_of(*CENTRE, 14))["features"]]
    kinds = [kind for kind, _ in order]
    assert kinds.index("block") < kinds.index("building") < kinds.index("road") < kinds.index("metro")
    roads = [rank for kind, rank in order if kind == "road"]
    assert roads == sorted(roads)


def test_small_things_appear_only_when_near(demo: Connection) -> None:
    assert {f["k"] for f in tile(demo, 10, *_tile_of(*CENTRE, 10))["features"]}.isdisjoint(
        {"block", "building"}
    )
    near = [f["k"] for f in tile(demo, 16, *_tile_of(*CENTRE, 16))["features"]]
    assert near.count("building") > 20


@pytest.mark.parametrize("address", [(3, 8, 0), (-1, 0, 0), (25, 0, 0), (14, 0, 0)])
def test_a_tile_elsewhere_is_empty(demo: Connection, address: tuple[int, int, int]) -> None:
    assert tile(demo, *address) == {"extent": 4096, "features": []}


def test_the_overview_names_the_city(demo: Connection) -> None:
    made = overview(demo)
    west, _, _, north = made["bounds"]
    assert (west, north) == pytest.approx((121.386863, 31.222069))
    assert made["outline"]["type"] in {"Polygon", "MultiPolygon"}
    assert made["attribution"] == {"zh": "演示底图", "en": "Demo map"}
    kinds: dict[str, int] = {}
    for label in made["labels"]:
        assert set(label) == {"text", "kind", "lon", "lat", "min_zoom", "angle"}
        assert -90 <= label["angle"] <= 90
        assert label["text"]
        kinds[label["kind"]] = kinds.get(label["kind"], 0) + 1
    assert set(kinds) == {"district", "town", "road", "water", "metro", "park", "mall"}
    assert kinds["district"] == len(made["districts"]["geometries"]) == 16
    assert kinds["town"] == 13
    assert kinds["mall"] == 44
    assert kinds["road"] >= 235


def test_it_needs_no_network(demo: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a basemap tile asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert tile(demo, 14, *_tile_of(*CENTRE, 14))["features"]
    assert overview(demo)["labels"]


def test_without_a_city_everything_is_empty(engine: Engine) -> None:
    with engine.connect() as connection:
        assert overview(connection) == {
            "bounds": None,
            "outline": None,
            "districts": None,
            "labels": [],
            "attribution": {"zh": "演示底图", "en": "Demo map"},
        }
        assert tile(connection, 12, *_tile_of(*CENTRE, 12)) == {"extent": 4096, "features": []}
