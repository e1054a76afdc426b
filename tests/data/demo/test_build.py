"""Building, building again, and building another size."""

from __future__ import annotations

import json
import stat
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from data.db import make_engine
from data.demo.build import DemoSizeError, build_demo, check_size, take_demo_out
from data.demo.city import counts_of
from data.store.users import add_user, check_password, open_session, viewer_of
from data.tables import metadata
from layers.core.access import PUBLIC_VIEWER
from layers.core.citytime import CITY_TIME

pytestmark = pytest.mark.long
AT = datetime(2026, 11, 23, 22, 41, tzinfo=CITY_TIME)
ROLES = {"supervisor", "inspector", "merchant", "property_manager", "agency", "admin"}


def _rows(engine: Engine, sql: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


@pytest.mark.parametrize(
    ("given", "size"), [("district", "district"), (" City", "city"), ("100,000", "100000")]
)
def test_a_size_has_one_spelling(given: str, size: str) -> None:
    assert check_size(given) == size


@pytest.mark.parametrize("given", ["", "0", "-5", "village", "3300001", "1e5", "٣"])
def test_a_bad_size_is_refused_before_anything_is_touched(engine: Engine, tmp_path: Path, given: str) -> None:
    with pytest.raises(DemoSizeError, match="district, city"):
        build_demo(engine, given, at=AT, home=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("quick_city")
def test_a_number_of_places_is_built_exactly_and_twice_the_same(engine: Engine, tmp_path: Path) -> None:
    sql = (
        "SELECT id, layer, name, address, area_code, category, phone, ST_AsEWKT(geom) FROM place ORDER BY id"
    )
    report = build_demo(engine, "1500", at=AT, home=tmp_path)
    first = _rows(engine, sql)
    assert report.built
    assert len(first) == report.rows["place"] == 1500
    with engine.begin() as connection:
        connection.execute(
            text("TRUNCATE place, enterprise, building, permit, setting RESTART IDENTITY CASCADE")
        )
    build_demo(engine, "1500", at=AT, home=tmp_path)
    assert _rows(engine, sql) == first


@pytest.mark.usefixtures("quick_city")
def test_the_same_size_again_is_but_a_look(engine: Engine, tmp_path: Path) -> None:
    build_demo(engine, "300", at=AT, home=tmp_path)
    before = (tmp_path / "demo-accounts.json").read_text()
    assert not build_demo(engine, "300", at=AT, home=tmp_path).built
    assert (tmp_path / "demo-accounts.json").read_text() == before


@pytest.mark.usefixtures("quick_city")
def test_another_size_replaces_the_demo_and_nothing_else(engine: Engine, tmp_path: Path) -> None:
    build_demo(engine, "400", at=AT, home=tmp_path)
    with engine.begin() as connection:
        firm = connection.scalar(text("INSERT INTO enterprise (name) VALUES ('real firm') RETURNING id"))
        connection.execute(
            text("INSERT INTO place (layer, source, external_id, name, geom, enterprise_id) "
                 "VALUES ('shops', 'file', '1', 'real shop', 'SRID=4326;POINT(121.4 31.2)', :firm)"),
            {"firm": firm},
        )  # fmt: skip
    build_demo(engine, "250", at=AT, home=tmp_path)
    assert _rows(engine, "SELECT source, count(*) FROM place GROUP BY 1 ORDER BY 1") == [
        ("demo", 250),
        ("file", 1),
    ]
    shops = counts_of(250)["shops"]
    assert _rows(engine, "SELECT count(*) FROM enterprise") == [(shops + 8 + 1,)]
    assert _rows(engine, "SELECT count(*) FROM history WHERE table_name IN ('place', 'permit')") == [(0,)]
    assert _rows(engine, "SELECT value ->> 'size' FROM setting WHERE key = 'demo'") == [("250",)]


@pytest.mark.usefixtures("quick_city")
def test_a_city_lies_in_its_districts_with_every_tier(engine: Engine, tmp_path: Path) -> None:
    build_demo(engine, "4000", at=AT, home=tmp_path)
    outside = (
        "SELECT count(*) FROM place p JOIN area a ON a.code = p.area_code "
        "WHERE NOT ST_DWithin(a.geom, p.geom, 0.012)"
    )
    assert _rows(engine, outside) == [(0,)]
    assert _rows(engine, "SELECT count(DISTINCT area_code) FROM place") == [(16,)]
    assert len(_rows(engine, "SELECT DISTINCT tier FROM place_status WHERE layer = 'shops'")) == 5
    unjudged = (
        "SELECT count(*) FROM place p WHERE NOT EXISTS (SELECT FROM place_status s WHERE s.place_id = p.id)"
    )
    assert _rows(engine, unjudged) == [(0,)]


@pytest.mark.usefixtures("quick_city")
@pytest.mark.parametrize("size", ["1", "40"])
def test_tiny_cities_work_too(engine: Engine, tmp_path: Path, size: str) -> None:
    build_demo(engine, size, at=AT, home=tmp_path)
    assert _rows(engine, "SELECT count(*) FROM place") == [(int(size),)]


def test_accounts_open_the_door_and_are_private(demo_database: str, tmp_path: Path) -> None:
    engine = make_engine(demo_database)
    report = build_demo(
        engine, "district", at=AT, home=tmp_path
    )  # the file is not in this home: new passwords
    assert not report.built
    file = tmp_path / "demo-accounts.json"
    assert report.accounts == file
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    accounts = json.loads(file.read_text())
    assert set(accounts) == ROLES
    with engine.connect() as connection:
        for account in accounts.values():
            assert check_password(connection, account["username"], account["password"]) is not None
    with engine.connect() as connection:
        accounts_there = connection.execute(text("SELECT role, scope FROM app_user"))
        scopes = {row.role: row.scope for row in accounts_there}
    assert scopes["inspector"] == ["310104"]
    assert scopes["supervisor"] == scopes["admin"] == []
    of_firm = "SELECT count(*) FROM place p JOIN enterprise e ON e.id = p.enterprise_id WHERE e.uscc = '{}'"
    assert _count(engine, of_firm.format(scopes["merchant"][0])) >= 1
    assert _count(engine, of_firm.format(scopes["agency"][0]) + " AND p.layer = 'offices'") > 100
    assert (
        _count(
            engine, f"SELECT count(*) FROM tenancy WHERE building_id = {scopes['property_manager'][0][1:]}"
        )
        > 10
    )
    engine.dispose()


KEPT_ROWS = {
    "area",
    "city_case",
    "case_fact",
    "audit_event",
    "change",
}  # the districts and cases of every city, and the two records of what was done


def _full_tables(engine: Engine) -> set[str]:
    tables = [table.name for table in metadata.sorted_tables if table.name not in KEPT_ROWS]
    return {name for name in tables if _count(engine, f'SELECT count(*) FROM "{name}"')}


def test_nothing_of_the_demo_is_left(demo_database: str, tmp_path: Path) -> None:
    """Not even of what happened to its rows meanwhile, or to those that are gone already."""
    engine = make_engine(demo_database)
    build_demo(engine, "district", at=AT, home=tmp_path)
    with engine.begin() as connection:
        for statement in (
            "UPDATE enterprise SET name = name || '!'",
            "UPDATE building SET name = name || '!'",
            "UPDATE tenancy SET tenant = tenant || '!'",
            "UPDATE \"case\" SET title = title || '!'",
            "UPDATE permit SET number = number || '!'",
            "UPDATE area SET name = name || '!' WHERE source = 'demo'",
            "UPDATE reading SET working = NOT working",
            "DELETE FROM permit_night WHERE id % 2 = 0",
            "DELETE FROM permit WHERE id % 5 = 0",
            "UPDATE layer_shops SET area_m2 = 11",
            "DELETE FROM inspection",
            "DELETE FROM place WHERE layer = 'breakfast'",
            "DELETE FROM tenancy WHERE id % 2 = 0",
            "UPDATE credit_record SET act = act || '!'",
            "UPDATE credit_repair SET applicant = applicant || '!'",
            "DELETE FROM credit_repair WHERE id % 2 = 0",
            "DELETE FROM credit_record WHERE id % 3 = 0",
            "INSERT INTO credit_record (enterprise_id, source, external_id, number, severity, act, authority, "
            "decided_on) SELECT min(id), 'card', '1', 'N', 'general', 'A', 'B', '2026-01-01' FROM enterprise",
            "UPDATE credit_record SET act = 'C' WHERE source = 'card'",
        ):
            connection.execute(text(statement))
    take_demo_out(engine, tmp_path, "keeper")
    assert _full_tables(engine) == set()
    assert _rows(engine, "SELECT DISTINCT source FROM area WHERE source = 'demo'") == []
    assert list(tmp_path.iterdir()) == []
    take_demo_out(engine, tmp_path, "keeper")  # harmless when it is gone
    engine.dispose()


@pytest.mark.usefixtures("quick_city")
def test_removal_touches_nothing_else(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO basemap_feature (kind, name, geom) VALUES ('road', 'ours', 'SRID=4326;POINT(121.4 31.2)')",
            "INSERT INTO enterprise (name) VALUES ('real firm')",
            "INSERT INTO building (name, source, external_id) VALUES ('real house', 'file', 'b')",
            "INSERT INTO setting (key, value) VALUES ('ours', '1')",
            "INSERT INTO place (layer, source, external_id, name, geom, enterprise_id, building_id) SELECT 'shops', "
            "'file', '1', 'real shop', 'SRID=4326;POINT(121.4 31.2)', e.id, b.id FROM enterprise e, building b",
            "INSERT INTO permit (place_id, source, external_id, kind, state) "
            "SELECT id, 'file', 'p', 'business_licence', 'granted' FROM place",
            "UPDATE place SET name = 'real shop 2'",
            "UPDATE permit SET number = '7'",
        ):
            connection.execute(text(statement))
        add_user(connection, "keeper", "a long password", "admin", [])
    tables = (
        "basemap_feature",
        "enterprise",
        "building",
        "setting",
        "place",
        "permit",
        "app_user",
        "history",
    )
    states = [_rows(engine, f"SELECT * FROM {table} ORDER BY 1") for table in tables]
    build_demo(engine, "300", at=AT, home=tmp_path)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO basemap_feature (kind, geom) VALUES ('road', 'SRID=4326;POINT(121 31)')")
        )
    take_demo_out(engine, tmp_path, "keeper")
    with engine.begin() as connection:
        later = connection.scalar(text("DELETE FROM basemap_feature WHERE name = '' RETURNING 'kept'"))
    assert later == "kept"
    assert [_rows(engine, f"SELECT * FROM {table} ORDER BY 1") for table in tables] == states


@pytest.mark.usefixtures("quick_city")
def test_an_account_of_somebody_else_is_left_alone(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        add_user(connection, "admin", "the real password", "supervisor", ["310104"])
        mine = connection.execute(text("SELECT * FROM app_user")).all()
    report = build_demo(engine, "40", at=AT, home=tmp_path)
    assert report.kept == ("admin",)
    assert any("admin" in line.en and "admin" in line.zh for line in report.sentences())
    assert set(json.loads((tmp_path / "demo-accounts.json").read_text())) == ROLES - {"admin"}
    assert _rows(engine, "SELECT * FROM app_user WHERE name = 'admin'") == mine
    take_demo_out(engine, tmp_path, "keeper")
    assert _rows(engine, "SELECT * FROM app_user") == mine


@pytest.mark.usefixtures("quick_city")
def test_a_demo_account_that_somebody_took_over_is_theirs(engine: Engine, tmp_path: Path) -> None:
    build_demo(engine, "40", at=AT, home=tmp_path)
    with engine.begin() as connection:
        add_user(connection, "supervisor", "the real password", "supervisor", [])
    (tmp_path / "demo-accounts.json").unlink()
    assert build_demo(engine, "40", at=AT, home=tmp_path).kept == ("supervisor",)
    assert build_demo(engine, "50", at=AT, home=tmp_path).kept == ("supervisor",)
    with engine.connect() as connection:
        assert check_password(connection, "supervisor", "the real password") is not None


@pytest.mark.usefixtures("quick_city")
def test_new_passwords_end_the_sessions_of_the_old_ones(engine: Engine, tmp_path: Path) -> None:
    build_demo(engine, "40", at=AT, home=tmp_path)
    with engine.begin() as connection:
        user = connection.scalar(text("SELECT id FROM app_user WHERE name = 'inspector'"))
        token = open_session(connection, int(user or 0), AT, "key")
        assert viewer_of(connection, token, AT, "key").name == "inspector"
    (tmp_path / "demo-accounts.json").unlink()
    build_demo(engine, "40", at=AT, home=tmp_path)
    with engine.connect() as connection:
        assert viewer_of(connection, token, AT, "key") == PUBLIC_VIEWER
        assert connection.scalar(text("SELECT scope FROM app_user WHERE name = 'inspector'")) == ["310104"]


@pytest.mark.usefixtures("quick_city")
def test_what_is_done_to_the_demo_is_on_the_record(engine: Engine, tmp_path: Path) -> None:
    build_demo(engine, "40", at=AT, home=tmp_path, actor="keeper")
    (tmp_path / "demo-accounts.json").unlink()
    build_demo(engine, "40", at=AT, home=tmp_path, actor="keeper")
    take_demo_out(engine, tmp_path, "keeper")
    events = _rows(engine, "SELECT actor, action FROM audit_event ORDER BY id")
    assert events == [
        ("keeper", action) for action in ("demo_build", "demo_accounts", "demo_accounts", "demo_remove")
    ]


@pytest.mark.usefixtures("quick_city")
def test_a_build_that_fails_at_its_end_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "demo-accounts.new").mkdir()  # the file of the accounts cannot be made: the last step
    with pytest.raises(OSError, match=r"demo-accounts\.new"):
        build_demo(engine, "40", at=AT, home=tmp_path)
    assert _full_tables(engine) == set()
    assert _count(engine, "SELECT count(*) FROM audit_event") == 0
    assert [path.name for path in tmp_path.iterdir()] == ["demo-accounts.new"]


def _count(engine: Engine, sql: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(sql)) or 0)
