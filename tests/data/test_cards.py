"""The card of a place: the chain from shop to building to tenancy is walked, and every role reads its own part."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from data.cluster import Server
from data.db import make_engine
from data.store.cards import card
from data.store.links import MOST_OF_A_TENANT
from data.tables import metadata
from layers.core.access import PUBLIC_VIEWER, FieldClass, Role, Scope, Viewer
from layers.core.citytime import day_of
from layers.core.errors import UnknownPlaceError
from layers.core.records import RECORD_FIELDS, readable
from tests.small_city import HERE, MERCHANT_USCC, NOW, THERE, SmallCity, add_units, build

SUPERVISOR = Viewer(Role.SUPERVISOR, name="s")
INSPECTOR = Viewer(Role.INSPECTOR, Scope.parse(["310104"]), "i")
MERCHANT = Viewer(Role.MERCHANT, Scope.parse([MERCHANT_USCC]), "m")
MANAGER = Viewer(Role.PROPERTY_MANAGER, Scope.parse(["B1"]), "p")
AGENCY = Viewer(Role.AGENCY, Scope.parse([MERCHANT_USCC]), "a")
ADMIN = Viewer(Role.ADMIN, name="r")
OFFICER, NOTE, COMPLAINANT = "王警官", "后厨地面积水", "赵举报"

TODAY = day_of(NOW)


@pytest.fixture(scope="module")
def engine(server: Server, template: str) -> Iterator[Engine]:
    """Return an engine on a database that the tests of this module share."""
    name = f"module_{uuid.uuid4().hex[:12]}"
    server.create_database(name, template)
    engine = make_engine(server.url(name))
    yield engine
    engine.dispose()
    server.drop_database(name)


@pytest.fixture(scope="module")
def city(engine: Engine) -> SmallCity:
    """Return a small city in which the merchant's shop stands in the tower, visited, complained of, and let to."""
    city = build(engine)
    with engine.begin() as connection:
        _run(connection, "UPDATE place SET building_id = 1 WHERE id = :shop", shop=city.merchant_shop)
        _visit(connection, city.merchant_shop, "routine")
        _visit(connection, city.ids["breakfast", HERE], "routine")
        _run(connection, "UPDATE place SET enterprise_id = 1 WHERE id = :id", id=city.ids["breakfast", HERE])
        _complaint(connection, city.merchant_shop)
        _let(connection, "801", "在用公司", "in_use", firm=1)
        _let(connection, "901", "走空公司", "suspected")
        _let(connection, "902", "到期公司", "lease_ended")
    return city


def _run(connection: Connection, sql: str, **values: Any) -> None:
    connection.execute(text(sql), values)


def _visit(connection: Connection, place: int, kind: str) -> None:
    _run(
        connection,
        "INSERT INTO inspection (place_id, source, external_id, kind, at, result, minor, note, inspector) "
        "VALUES (:place, 'test', :key, :kind, :at, 'passed', 2, :note, :officer)",
        place=place,
        key=f"{kind}-{place}",
        kind=kind,
        at=NOW,
        note=NOTE,
        officer=OFFICER,
    )


def _complaint(connection: Connection, place: int) -> None:
    _run(
        connection,
        'INSERT INTO "case" (place_id, source, external_id, kind, title, stage, reporter, opened_at) '
        "VALUES (:place, 'test', 'case', 'complaint', '油烟扰民', 'handling', :who, :at)",
        place=place,
        who=COMPLAINANT,
        at=NOW,
    )


def _let(connection: Connection, unit: str, tenant: str, state: str, firm: int | None = None) -> None:
    add_units(connection, unit)
    _run(
        connection,
        "INSERT INTO tenancy (building_id, source, external_id, unit, tenant, enterprise_id, state, period, "
        "registered) VALUES (1, 'test', :unit, :unit, :tenant, :firm, :state, '[2024-01-01,2027-01-01)', true)",
        unit=unit,
        tenant=tenant,
        firm=firm,
        state=state,
    )


def _card(engine: Engine, place: int, viewer: Viewer) -> dict[str, Any]:
    with engine.connect() as connection:
        return dict(card(connection, place, viewer, TODAY)["properties"])


def _links(found: dict[str, Any], relation: str) -> list[int]:
    return [link["id"] for link in found["links"] if link["relation"] == relation]


def test_the_chain_is_walked_from_a_shop_to_its_permits_and_back(engine: Engine, city: SmallCity) -> None:
    shop = _card(engine, city.merchant_shop, INSPECTOR)
    assert shop["building"] == "Tower"
    assert [row["unit"] for row in shop["tenancies"]] == ["801"]  # its own lease, not its neighbours'
    (tower,) = _links(shop, "building")
    building = _card(engine, tower, INSPECTOR)
    assert _links(building, "inside") == [city.merchant_shop]
    tenancy = next(row for row in building["tenancies"] if row["unit"] == "801")
    assert city.merchant_shop in [place["id"] for place in tenancy["places"]]
    assert tenancy["enterprise"] == "Firm"
    assert _card(engine, tenancy["places"][0]["id"], INSPECTOR)["permits"] is not None
    assert _links(shop, "enterprise") == [city.ids["breakfast", HERE]]
    assert _links(_card(engine, city.ids["breakfast", HERE], INSPECTOR), "seat") == [tower]


def test_zombie_addresses_come_first_and_are_named(engine: Engine, city: SmallCity) -> None:
    rows = _card(engine, city.ids["buildings", HERE], MANAGER)["tenancies"]
    assert [(row["unit"], row["zombie"]) for row in rows] == [("901", True), ("902", False), ("801", False)]
    assert {row["tenant"] for row in rows} == {"走空公司", "到期公司", "在用公司"}


def test_links_are_counted_by_layer_and_tier_and_led_by_the_worst(engine: Engine, city: SmallCity) -> None:
    with engine.begin() as connection:
        _run(connection, "UPDATE place SET building_id = 1 WHERE id = :red", red=city.red_shop)
        found = card(connection, city.ids["buildings", HERE], SUPERVISOR, TODAY)["properties"]
        connection.rollback()
    assert _links(found, "inside") == [city.red_shop, city.merchant_shop]
    tier = found["links"][-1]["tier"]
    assert found["link_counts"]["inside"] == {"shops": {"red": 1, tier: 1}}


def test_a_tenant_with_many_places_says_how_many(engine: Engine, city: SmallCity) -> None:
    with engine.begin() as connection:
        ids = [city.red_shop, city.ids["shops", HERE], city.ids["offices", HERE]]
        _run(connection, "UPDATE place SET enterprise_id = 1 WHERE id = ANY(:ids)", ids=ids)
        found = card(connection, city.ids["buildings", HERE], SUPERVISOR, TODAY)["properties"]
        connection.rollback()
    tenancy = next(row for row in found["tenancies"] if row["unit"] == "801")
    assert len(tenancy["places"]) == MOST_OF_A_TENANT
    assert tenancy["places"][0]["id"] == city.red_shop
    assert tenancy["places_total"] == 5


def test_a_link_leads_nowhere_the_viewer_may_not_go(engine: Engine, city: SmallCity) -> None:
    with engine.begin() as connection:
        _run(connection, "UPDATE place SET enterprise_id = 1 WHERE id = :id", id=city.ids["shops", THERE])
        seen = {
            viewer.role: card(connection, city.ids["breakfast", HERE], viewer, TODAY)["properties"]
            for viewer in (INSPECTOR, SUPERVISOR, PUBLIC_VIEWER)
        }
        connection.rollback()
    there = city.ids["shops", THERE]
    assert there in _links(seen[Role.SUPERVISOR], "enterprise")
    assert there not in _links(seen[Role.INSPECTOR], "enterprise")
    assert seen[Role.INSPECTOR]["link_counts"]["enterprise"].keys() == {"shops"}
    assert sum(seen[Role.INSPECTOR]["link_counts"]["enterprise"]["shops"].values()) == 1
    assert seen[Role.PUBLIC]["links"] == []
    assert seen[Role.PUBLIC]["link_counts"] == {}


def test_results_of_the_visits_a_layer_makes_public_are_public_and_nothing_else_of_them(
    engine: Engine, city: SmallCity
) -> None:
    with engine.begin() as connection:
        _visit(
            connection, city.ids["breakfast", HERE], "unannounced"
        )  # of no kind that the layer makes public
        before = card(connection, city.ids["breakfast", HERE], PUBLIC_VIEWER, TODAY)["properties"]
        _run(connection, "UPDATE inspection SET published_on = '2026-11-23'")
        found = card(connection, city.ids["breakfast", HERE], PUBLIC_VIEWER, TODAY)["properties"]
        whole = card(connection, city.ids["breakfast", HERE], SUPERVISOR, TODAY)["properties"]
        connection.rollback()
    assert before["inspections"] == []
    (visit,) = found["inspections"]
    assert visit.keys() == {"id", "kind", "at", "result", "grade", "level", "published_on"}
    assert (visit["kind"], visit["result"]) == ("routine", "passed")
    assert {row["kind"] for row in whole["inspections"]} == {"routine", "unannounced"}
    assert not {"cases", "tenancies", "enterprise", "uscc", "phone", "source", "judged_at"} & found.keys()
    assert "inspections" not in _card(engine, city.ids["nights", HERE], PUBLIC_VIEWER)


@pytest.mark.parametrize(
    ("viewer", "classes"),
    [
        (INSPECTOR, "public official personal"),
        (SUPERVISOR, "public official personal"),
        (ADMIN, "public official"),
        (MERCHANT, "public official"),
        (AGENCY, "public official"),
    ],
    ids=lambda value: value.role if isinstance(value, Viewer) else "",
)
def test_every_role_is_given_the_classes_of_the_table(
    engine: Engine, city: SmallCity, viewer: Viewer, classes: str
) -> None:
    found = _card(engine, city.merchant_shop, viewer)
    for record, rows in (("inspection", found["inspections"]), ("case", found["cases"])):
        expected = {name for name, of in RECORD_FIELDS[record].items() if of in classes.split()}
        assert rows
        assert all(row.keys() == expected for row in rows), record


def test_who_complained_stays_unknown_to_whom_it_is_about(engine: Engine, city: SmallCity) -> None:
    assert MERCHANT.reads(in_scope=True) == frozenset(FieldClass)  # of the own place everything, yet
    for viewer in (MERCHANT, AGENCY, ADMIN):
        assert "reporter" not in _card(engine, city.merchant_shop, viewer)["cases"][0]
    handled = _card(engine, city.merchant_shop, SUPERVISOR)["cases"][0]
    assert handled["reporter"] == COMPLAINANT[:1] + "*"


def test_outside_the_scope_there_is_nothing_official(engine: Engine, city: SmallCity) -> None:
    found = _card(engine, city.ids["breakfast", THERE], INSPECTOR)
    assert not {"cases", "tenancies", "uscc", "source"} & found.keys()
    with engine.connect() as connection, pytest.raises(UnknownPlaceError, match="or not in your area"):
        card(connection, city.ids["buildings", THERE], INSPECTOR, TODAY)


@pytest.mark.parametrize("record", ["permit", "inspection", "case", "tenancy", "title_paper", "place"])
def test_every_column_a_record_shows_has_a_class(record: str) -> None:
    own = {
        "place_id",
        "building_id",
        "enterprise_id",
        "source",
        "external_id",
        "period",
        "renewal_applied_on",
        "created_at",
        "created_by",
    }
    classed = RECORD_FIELDS[record].keys()
    if record == "case":  # an objection is a case with fields of its own
        classed |= RECORD_FIELDS["contest"].keys()
    if record != "place":
        assert set(metadata.tables[record].columns.keys()) - own <= classed
    assert readable(record, {"id": 1, "secret": "x"}, frozenset(FieldClass)).keys() <= {"id"}


def test_a_breach_says_what_it_may_cost_by_the_law_of_its_night(engine: Engine, city: SmallCity) -> None:
    site = city.ids["nights", HERE]
    reasons = [
        {"code": "night.breach", "tier": "red", "on": "2026-07-20"},
        {"code": "night.quiet", "tier": "blue"},
    ]
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE place_status SET reasons = CAST(:reasons AS jsonb) WHERE place_id = :id"),
            {"reasons": json.dumps(reasons), "id": site},
        )
    breach, quiet = _card(engine, site, SUPERVISOR)["reasons"]
    assert "噪声污染防治法" in breach["penalty"]["source"]["zh"]
    assert (breach["penalty"]["lowest_cny"], breach["penalty"]["highest_cny"]) == (10000, 100000)
    assert "penalty" not in quiet
