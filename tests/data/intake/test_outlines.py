"""Outlines in cells: areas of any datum become one form in WGS-84, and nothing else does."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from data.intake.dates import UnreadableError
from data.intake.outlines import MOST_CORNERS, read_outline
from geo.datum import Datum, from_wgs84

HERE = (121.4365, 31.1886)
SQUARE = shapely.box(HERE[0] - 0.0005, HERE[1] - 0.0005, HERE[0] + 0.0005, HERE[1] + 0.0005)


def _read(cell: str, datum: Datum = Datum.WGS84) -> shapely.MultiPolygon:
    return shapely.from_wkb(read_outline(cell, datum, *HERE))  # type: ignore[return-value]


@pytest.mark.parametrize(
    "cell",
    [
        SQUARE.wkt,
        f"SRID=4326;{SQUARE.wkt}",
        shapely.MultiPolygon([SQUARE]).wkt,
        shapely.to_geojson(SQUARE),
        json.dumps({"type": "Feature", "geometry": json.loads(shapely.to_geojson(SQUARE))}),
    ],
)
def test_wkt_and_geojson_are_read(cell: str) -> None:
    outline = _read(cell)
    assert outline.equals(SQUARE)
    assert (outline.geom_type, shapely.get_srid(outline)) == ("MultiPolygon", 4326)


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_another_datum_is_moved_to_its_place(datum: Datum) -> None:
    moved = shapely.transform(SQUARE, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], datum)))
    outline = _read(moved.wkt, datum)
    assert outline.hausdorff_distance(SQUARE) < 1e-7


def test_a_ring_that_crosses_itself_is_mended() -> None:
    bow = shapely.Polygon(np.array([(0, 0), (1, 1), (1, 0), (0, 1)]) * 0.0005 + HERE)
    outline = _read(bow.wkt)
    assert outline.is_valid
    assert len(outline.geoms) == 2


@pytest.mark.parametrize(
    "cell",
    [
        "工地东侧",
        "POINT (121.4365 31.1886)",
        "POLYGON EMPTY",
        "{",
        '{"type": "Polygon"}',
        "[1, 2]",
        shapely.box(200, 10, 201, 11).wkt,
        shapely.transform(SQUARE, lambda xy: xy + 0.1).wkt,
        shapely.Point(HERE).buffer(0.0005, quad_segs=MOST_CORNERS).wkt,
    ],
    ids=["words", "point", "empty", "broken", "bare", "list", "off earth", "elsewhere", "too many corners"],
)
def test_what_is_no_outline_of_the_place_is_refused(cell: str) -> None:
    with pytest.raises(UnreadableError):
        _read(cell)
