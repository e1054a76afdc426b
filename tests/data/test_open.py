"""Which places are open at a moment: by a window of minutes, by weekday, after a change, and where nothing is known."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Engine, text

from data.db import reading
from data.index import LayerIndex, load_index
from data.store.changes import Changed
from data.tables import registry
from layers.core.citytime import CITY_TIME
from layers.core.errors import BadQueryError
from layers.core.query import Query
from tests.small_city import SmallCity, build

OUTLETS = registry["breakfast"]
TUESDAY, SATURDAY = (
    datetime(2026, 11, 24, 7, 0, tzinfo=CITY_TIME),
    datetime(2026, 11, 28, 7, 0, tzinfo=CITY_TIME),
)


@pytest.fixture
def city(engine: Engine) -> SmallCity:
    """A small city in a fresh database."""
    return build(engine)


def outlets(engine: Engine) -> LayerIndex:
    with reading(engine) as connection:
        return load_index(connection, OUTLETS)


def keep(engine: Engine, place_id: int, **hours: object) -> None:
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM layer_breakfast WHERE place_id = :id"), {"id": place_id})
        names = ", ".join(hours)
        values = ", ".join(f":{name}" for name in hours)
        connection.execute(
            text(f"INSERT INTO layer_breakfast (place_id, {names}) VALUES (:id, {values})"),
            {"id": place_id, **hours},
        )


def open_ids(index: LayerIndex, at: datetime) -> set[int]:
    points, filters = index.points, index.filters(Query(layers=("breakfast",), open_at=at))
    found = set(points.ids_at(points.select(None, filters)).tolist())
    positions, _ = points.nearest(121.45, 31.18, 100, filters)
    assert set(points.ids_at(positions).tolist()) == found
    return found


def test_only_what_is_open_then_is_found(engine: Engine, city: SmallCity) -> None:
    early, by_day, *_ = sorted(place for (layer, _), place in city.ids.items() if layer == "breakfast")
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM layer_breakfast"))
    assert open_ids(outlets(engine), TUESDAY) == set()  # nothing is known of any
    keep(engine, early, open_from_min=360, open_to_min=421, closed_on=["sat"])
    keep(engine, by_day, open_from_min=0, open_to_min=1440, hours_by_day="sat,sun 07:00-10:00")
    index = outlets(engine)
    assert open_ids(index, TUESDAY) == {early}
    assert open_ids(index, TUESDAY.replace(minute=1)) == set()
    assert open_ids(index, SATURDAY) == {by_day}
    assert open_ids(index, SATURDAY.replace(hour=6, minute=59)) == set()


def test_a_change_of_hours_is_known_without_a_new_index(engine: Engine, city: SmallCity) -> None:
    outlet = next(place for (layer, _), place in city.ids.items() if layer == "breakfast")
    index = outlets(engine)
    keep(engine, outlet, open_from_min=400, open_to_min=440)
    with reading(engine) as connection:
        later = index.changed(connection, Changed(index.version + 1, False, {outlet}))
    assert outlet in open_ids(later, TUESDAY)
    assert outlet not in open_ids(later, TUESDAY.replace(hour=8))


def test_a_layer_without_hours_says_so(engine: Engine, city: SmallCity) -> None:
    with reading(engine) as connection:
        shops = load_index(connection, registry["shops"])
    with pytest.raises(BadQueryError) as caught:
        shops.filters(Query(layers=("shops",), open_at=TUESDAY))
    assert caught.value.parameter == "open_at"
