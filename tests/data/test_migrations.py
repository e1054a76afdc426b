"""A filled database of the version before moves to the present one and back, and loses nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

import data.migrate
import data.revision
from data.cluster import Server
from data.cluster_server import ensure_postgis
from data.db import make_engine
from data.migrate import upgrade
from layers.core.errors import YipingError
from tests.small_city import SmallCity, build

BEFORE = "0003"
_COLUMNS = (
    "SELECT relname, string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute "
    "JOIN pg_class c ON c.oid = attrelid WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
    "AND attnum > 0 AND NOT attisdropped AND relname NOT LIKE 'procrastinate%' "
    "AND relname NOT IN ('spatial_ref_sys', 'alembic_version') GROUP BY 1"
)


def _move(engine: Engine, revision: str) -> None:
    """Take a database to a revision in either direction."""
    config = Config()
    config.set_main_option("script_location", str(Path(data.migrate.__file__).with_name("migrations")))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        present = data.revision.current(connection) or ""
        (command.upgrade if revision > present else command.downgrade)(config, revision)


@pytest.fixture
def old(server: Server) -> Iterator[Engine]:
    """An empty database that `city` fills and takes back to the version before."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    server.create_database(name)
    ensure_postgis(server.url(name))
    engine = make_engine(server.url(name))
    _move(engine, "head")
    yield engine
    engine.dispose()
    server.drop_database(name)


@pytest.fixture
def city(old: Engine) -> SmallCity:
    """The small city in a database of the version before, with a row of every layer."""
    built = build(old)  # by today's code, which cannot write into yesterday's tables
    _move(old, BEFORE)
    layers = sorted({layer for layer, _ in built.ids})
    _run(
        old,
        *(
            f"INSERT INTO layer_{layer} (place_id) SELECT id FROM place WHERE layer = '{layer}'"
            for layer in layers
        ),
        "INSERT INTO tenancy (building_id, source, external_id, unit, floor, tenant, state, period) "
        "VALUES (1, 't', 'lease', '801', 8, 'T', 'in_use', '[2026-01-01,2027-01-01)')",
        "INSERT INTO reading (place_id, at, working) VALUES (1, now(), true)",
        "UPDATE place SET name = name || '!' WHERE id = 1",
    )
    return built


def _run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def _ask(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def _content(engine: Engine, columns: dict[str, str]) -> dict[str, list[Any]]:
    """Every row of every table, by the columns named for it."""
    return {
        name: _ask(engine, f'SELECT to_jsonb(t)::text FROM (SELECT {listed} FROM "{name}") t ORDER BY 1')
        for name, listed in columns.items()
    }


def test_a_filled_database_goes_there_and_back(old: Engine, city: SmallCity) -> None:
    columns = dict(_ask(old, _COLUMNS))
    columns["tenancy"] = columns["tenancy"].replace(", floor", "")  # a floor belongs to the unit now
    filled = _content(old, columns)
    assert all(
        filled[name] for name in ("place", "permit", "inspection", "layer_shops", "history", "app_user")
    )
    _move(old, "head")
    assert _content(old, columns) == filled
    assert _ask(old, "SELECT DISTINCT created_at, created_by FROM permit") == [(None, None)]
    assert _ask(old, "SELECT count(*) FROM place WHERE created_at IS NULL") == [(0,)]
    assert _ask(old, "SELECT DISTINCT layer FROM layer_nights") == [("nights",)]
    assert _ask(old, "SELECT building_id, unit, floor FROM building_unit") == [(1, "801", 8)]
    _move(old, BEFORE)
    assert _content(old, columns) == filled
    assert _ask(old, "SELECT unit, floor FROM tenancy") == [("801", 8)]
    _move(old, "head")
    assert _content(old, columns) == filled


def test_the_version_before_is_whole_again(old: Engine, city: SmallCity) -> None:
    shape = (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace UNION ALL "
        "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
        "UNION ALL SELECT table_name, column_name, coalesce(column_default, '') FROM information_schema.columns "
        "WHERE table_schema = 'public' "
        "UNION ALL SELECT '', proname, prosrc FROM pg_proc WHERE proname LIKE 'record_%' ORDER BY 1, 2, 3"
    )
    before = _ask(old, shape)
    _move(old, "head")
    assert _ask(old, shape) != before
    _move(old, BEFORE)
    assert _ask(old, shape) == before


def test_what_the_product_itself_could_have_written_is_mended(old: Engine, city: SmallCity) -> None:
    shop = city.ids["shops", "310104003"]
    _run(
        old,
        "UPDATE enterprise SET uscc = '9131000013226O250X'",
        f"UPDATE inspection SET grade = ' 一般 ' WHERE place_id = {city.red_shop}",
        f"UPDATE inspection SET grade = 'Z' WHERE place_id = {city.merchant_shop}",
        "UPDATE layer_breakfast SET open_from_min = 600, open_to_min = 300",
        f"UPDATE place SET building_id = 77 WHERE id = {shop}",
        f"UPDATE place_status SET layer = 'nights' WHERE place_id = {shop}",
        f"INSERT INTO layer_offices (place_id) VALUES ({shop})",
    )
    upgrade(str(old.url.set(drivername="postgresql").render_as_string(hide_password=False)))
    assert _ask(old, "SELECT uscc_doubtful FROM enterprise") == [(True,)]
    grades = dict(_ask(old, "SELECT place_id, grade FROM inspection"))
    assert (grades[city.red_shop], grades[city.merchant_shop]) == ("B", "")
    assert _ask(old, "SELECT DISTINCT open_from_min, open_to_min FROM layer_breakfast") == [(None, None)]
    assert _ask(old, f"SELECT building_id FROM place WHERE id = {shop}") == [(None,)]
    for table in ("place_status", "layer_offices"):
        assert _ask(old, f"SELECT count(*) FROM {table} WHERE place_id = {shop}") == [(0,)]
    kept = _ask(old, "SELECT table_name FROM history WHERE actor = 'migrate' ORDER BY 1")
    assert sorted({name for (name,) in kept}) == [
        "enterprise", "inspection", "layer_breakfast", "layer_offices", "place", "place_status",
    ]  # fmt: skip


def test_what_nobody_can_mend_is_named_and_nothing_is_done(old: Engine, city: SmallCity) -> None:
    _run(
        old,
        "UPDATE permit SET basis = 'kindness'",
        "INSERT INTO tenancy (id, building_id, source, external_id, unit, tenant, state, period) "
        "OVERRIDING SYSTEM VALUE VALUES (41, 1, 't', 'l', '1', 'T', 'in_use', 'empty')",
        "UPDATE layer_offices SET industries = '{magic}'",
    )
    with pytest.raises(YipingError) as refused:
        _move(old, "head")
    words = str(refused.value)
    assert 'in "permit" (id 1, 2, 3' in words
    assert '1 in "tenancy" (id 41) against lasts: NOT isempty(period); a lease lasts at least a day' in words
    assert 'in "layer_offices" (place_id' in words
    with old.connect() as connection:
        assert data.revision.current(connection) == BEFORE


def test_objections_go_with_their_migration_and_stay_in_the_history(old: Engine, city: SmallCity) -> None:
    _move(old, "head")
    _run(
        old,
        'INSERT INTO "case" (place_id, source, external_id, kind, title, stage, reporter, opened_at, reason_code, '
        "reason_rule, reason_fact, contest_kind, words) VALUES (1, 'contest', '1', 'contest', '', 'received', 'm', "
        "now(), 'permit.expired', 'food', 'permit:1', 'fact', 'ten characters')",
    )
    _move(old, BEFORE)
    assert _ask(old, 'SELECT DISTINCT kind FROM "case"') == [("complaint",)]
    kept = (
        "SELECT before ->> 'words' FROM history WHERE table_name = 'case' AND before ->> 'kind' = 'contest'"
    )
    assert _ask(old, kept) == [("ten characters",)]


def test_a_database_from_before_the_cases_gets_them_and_the_step_can_be_undone(
    old: Engine, city: SmallCity
) -> None:
    url = str(old.url.set(drivername="postgresql").render_as_string(hide_password=False))
    _move(old, "0011")
    assert _ask(old, "SELECT to_regclass('city_case')::text, to_regclass('case_fact')::text") == [
        (None, None)
    ]
    upgrade(url)
    assert _ask(old, "SELECT count(*), count(DISTINCT created_by) FROM city_case") == [(20, 1)]
    _move(old, "0011")
    upgrade(url)
    assert _ask(old, "SELECT count(DISTINCT case_number), min(created_by) FROM case_fact") == [
        (20, "migrate")
    ]


def test_corrected_records_go_back_to_what_the_old_tables_can_say(old: Engine, city: SmallCity) -> None:
    _move(old, "0014")
    _run(
        old,
        "INSERT INTO credit_record (enterprise_id, source, external_id, number, severity, act, authority, decided_on, "
        "withdrawn_on, correction, corrected_by) VALUES "
        "(1, 'c', '1', 'N', 'specific', 'A', 'B', '2026-01-10', NULL, '', ''), "
        "(1, 'c', '2', 'N', 'general', 'A', 'B', '2026-01-10', '2026-02-01', 'by mistake', 's')",
    )
    _move(old, "0011")
    assert _ask(old, "SELECT external_id, severity FROM credit_record") == [("1", "serious")]
    kept = "SELECT DISTINCT before ->> 'severity' FROM history WHERE table_name = 'credit_record' ORDER BY 1"
    assert _ask(old, kept) == [("general",), ("specific",)]


def test_the_code_wants_the_last_migration() -> None:
    migrations = Path(data.migrate.__file__).with_name("migrations")
    assert data.revision.head() == ScriptDirectory(str(migrations)).get_current_head()
