"""Which places are somebody's own, and which somebody may know of at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from data.city import City
from layers.core.access import PUBLIC_VIEWER, Role, Scope, Viewer
from layers.core.tiers import TIERS
from tests.small_city import HERE, MERCHANT_USCC, NOW, SmallCity, build

MERCHANT = Viewer(Role.MERCHANT, Scope.parse([MERCHANT_USCC]), "merchant")
MANAGER = Viewer(Role.PROPERTY_MANAGER, Scope.parse(["B1"]), "manager")
INSPECTOR = Viewer(Role.INSPECTOR, Scope.parse(["310104"]), "inspector")
SUPERVISOR = Viewer(Role.SUPERVISOR, name="supervisor")


@pytest.fixture
def small(engine: Engine) -> SmallCity:
    """The small city, in which the red shop too is the merchant's and lies in the manager's building."""
    built = build(engine)
    with engine.begin() as connection:
        sql = "UPDATE place SET enterprise_id = 1, building_id = 1 WHERE id = :id"
        connection.execute(text(sql), {"id": built.red_shop})
    return built


@pytest.fixture
def city(database_url: str, small: SmallCity) -> Iterator[City]:
    city = City(database_url, lambda: NOW)
    yield city
    city.stop()


def test_own_places_come_worst_first_with_why(city: City, small: SmallCity) -> None:
    rows, total = city.pages.own(MERCHANT, 10)
    assert [row["id"] for row in rows] == [small.red_shop, small.merchant_shop]
    assert [TIERS[row["tier"]] for row in rows] == ["red", "blue"]
    assert rows[0]["reason"]["code"] == "permit.expired"
    assert (total, rows[0]["under_review"]) == (2, False)


def test_of_very_many_the_worst_are_listed_and_all_are_counted(city: City, small: SmallCity) -> None:
    rows, total = city.pages.own(MANAGER, 1)
    assert [row["id"] for row in rows] == [small.red_shop]
    assert total == 2
    assert {row["id"] for row in city.pages.own(MANAGER, 10)[0]} == {
        small.red_shop,
        small.ids["buildings", HERE],
    }


@pytest.mark.parametrize("viewer", [PUBLIC_VIEWER, INSPECTOR, SUPERVISOR], ids=lambda viewer: viewer.role)
def test_who_answers_for_areas_or_nothing_has_no_own_places(city: City, viewer: Viewer) -> None:
    assert city.pages.own(viewer, 10) == ([], 0)


def test_a_place_is_known_as_its_card_is(city: City, small: SmallCity) -> None:
    shop, office = small.ids["shops", HERE], small.ids["offices", HERE]
    known = {
        viewer.role: [place for place in (shop, office, 999_999) if city.pages.knows(place, viewer)]
        for viewer in (PUBLIC_VIEWER, MERCHANT, INSPECTOR)
    }
    assert known == {"public": [office], "merchant": [office], "inspector": [shop, office]}
