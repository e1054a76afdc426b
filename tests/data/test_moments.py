"""The map of another moment: as it was shown, or as the rules will have it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from data.city import City
from data.db import reading
from data.index import LayerIndex, load_index
from data.moments import FARTHEST, index_at
from data.status import judge_due
from data.tables import registry
from layers.core.access import Role, Viewer
from layers.core.errors import BadQueryError
from layers.core.query import Query
from tests.small_city import HERE, NOW, SmallCity, build, moment, write

SHOPS = registry["shops"]


@pytest.fixture
def city(engine: Engine) -> SmallCity:
    """A small city in a fresh database."""
    return build(engine)


def shops(engine: Engine) -> LayerIndex:
    with reading(engine) as connection:
        return load_index(connection, SHOPS)


def content(index: LayerIndex) -> list[tuple[object, ...]]:
    points, at = index.points, index.points.select()
    words = [
        [index.words[name][code] for code in points.values_at(name, at).tolist()]
        for name in ("tier", "status", "category", "area", "state", "food_risk")
    ]
    where = (points.ids_at(at).tolist(), points.lon_at(at).tolist(), points.lat_at(at).tolist())
    return sorted(zip(*where, *words, strict=True))


def test_every_past_moment_is_shown_as_it_was(engine: Engine, city: SmallCity) -> None:
    steps = [
        "UPDATE place_status SET tier = 4, state = 'x' WHERE place_id = :id",
        "UPDATE place SET geom = ST_SetSRID(ST_MakePoint(121.123456789, 31.3), 4326), category = 'moved' "
        "WHERE id = :id",
        "UPDATE place_status SET tier = 2 WHERE place_id = :id",
        "UPDATE layer_shops SET food_risk = 'C' WHERE place_id = :id",
        "INSERT INTO place (layer, source, external_id, name, area_code, geom) "
        f"VALUES ('shops', 't', 'new', 'New', '{HERE}', ST_SetSRID(ST_MakePoint(121.4, 31.2), 4326))",
        "DELETE FROM place WHERE id = :id",
    ]
    write(engine, "INSERT INTO layer_shops (place_id, food_risk) VALUES (:id, 'A')", id=city.red_shop)
    seen = [(moment(engine), content(shops(engine)))]
    for step in steps:
        write(engine, step, id=city.red_shop)
        seen.append((moment(engine), content(shops(engine))))
    now = shops(engine)
    for at, expected in seen:
        assert content(index_at(engine, now, at, is_ahead=False)) == expected
    assert len({str(expected) for _, expected in seen}) == len(seen)


def test_before_there_was_a_city_there_is_nothing(engine: Engine, city: SmallCity) -> None:
    with engine.connect() as connection:
        first = connection.scalar(text("SELECT min(created_at) FROM place"))
    assert isinstance(first, datetime)
    assert content(index_at(engine, shops(engine), first - timedelta(seconds=1), is_ahead=False)) == []


def test_what_lies_ahead_is_what_the_clock_will_make_of_it(engine: Engine, city: SmallCity) -> None:
    with engine.connect() as connection:
        turns = connection.scalars(
            text("SELECT next_change FROM place_status WHERE layer = 'shops' AND next_change IS NOT NULL")
        ).all()
    at = max(turn for turn in turns if turn < NOW + timedelta(days=400))
    ahead = content(index_at(engine, shops(engine), at, is_ahead=True))
    assert ahead != content(shops(engine))
    while judge_due(engine, at):
        pass
    assert ahead == content(shops(engine))


def test_a_moment_too_far_ahead_is_refused(database_url: str, city: SmallCity) -> None:
    asked = Query(
        layers=("shops",), viewer=Viewer(Role.SUPERVISOR), as_of=NOW + FARTHEST + timedelta(seconds=1)
    )
    with pytest.raises(BadQueryError, match="at most 31 days ahead"):
        City(database_url, lambda: NOW).facets(asked)
