"""Who, when, before and after of every insert, update and delete can be found out, table by table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from data.copy import copy_rows
from data.db import acting
from data.store.users import add_user
from data.tables import HISTORY_TABLES, registry
from layers.core.spec import FieldType

_POINT = "ST_SetSRID(ST_MakePoint(121.4, 31.2), 4326)"
_PLACE = (
    f"INSERT INTO place (layer, source, external_id, name, geom) VALUES ('{{0}}', 't', 'p', 'A', {_POINT})"
)
_BUILDING = "INSERT INTO building (name, source, external_id) VALUES ('A', 't', 'b')"
_UNIT = "INSERT INTO building_unit (building_id, unit) SELECT id, '101' FROM building"
_PERMIT = (
    "INSERT INTO permit (place_id, source, external_id, kind, state) "
    "SELECT id, 't', 'm', 'food_business', 'granted' FROM place"
)
_FIRM = "INSERT INTO enterprise (name) VALUES ('A')"
_CREDIT = (
    "INSERT INTO credit_record (enterprise_id, source, external_id, number, severity, act, authority, decided_on) "
    "SELECT id, 't', 'c', 'N1', 'general', 'A', 'B', '2026-01-01' FROM enterprise"
)
# What must be there, how a row comes, and a change of it: column, old and new value as JSON has them.
_STORIES: dict[str, tuple[list[str], str, str, Any, Any]] = {
    "place": ([], _PLACE.format("shops"), "name", "A", "B"),
    "building": ([], _BUILDING, "name", "A", "B"),
    "enterprise": ([], "INSERT INTO enterprise (name) VALUES ('A')", "name", "A", "B"),
    "permit": ([_PLACE.format("shops")], _PERMIT, "number", "", "N1"),
    "permit_night": (
        [_PLACE.format("shops"), _PERMIT],
        "INSERT INTO permit_night (permit_id, period) "
        "SELECT id, '[2026-01-01 22:00+00,2026-01-02 06:00+00)' FROM permit",
        "period",
        '["2026-01-01 22:00:00+00","2026-01-02 06:00:00+00")',
        '["2026-01-01 22:00:00+00","2026-01-02 05:00:00+00")',
    ),
    "inspection": (
        [_PLACE.format("shops")],
        "INSERT INTO inspection (place_id, source, external_id, kind, at, result) "
        "SELECT id, 't', 'v', 'routine', now(), 'passed' FROM place",
        "result",
        "passed",
        "failed",
    ),
    "tenancy": (
        [_BUILDING, _UNIT],
        "INSERT INTO tenancy (building_id, source, external_id, unit, tenant, state, period) "
        "SELECT id, 't', 'l', '101', 'A', 'in_use', '[2026-01-01,2027-01-01)' FROM building",
        "tenant",
        "A",
        "B",
    ),
    "building_unit": ([_BUILDING], _UNIT, "premises", "", "leased"),
    "title_paper": (
        [_BUILDING],
        "INSERT INTO title_paper (building_id, kind) SELECT id, 'title' FROM building",
        "number",
        "",
        "B",
    ),
    "permit_document": (
        [_PLACE.format("shops"), _PERMIT],
        "INSERT INTO permit_document (permit_id, kind) SELECT id, 'site_plan' FROM permit",
        "reference",
        "",
        "B",
    ),
    "case": (
        [_PLACE.format("shops")],
        'INSERT INTO "case" (place_id, source, external_id, kind, title, stage, opened_at) '
        "SELECT id, 't', 'c', 'complaint', 'A', 'filed', now() FROM place",
        "stage",
        "filed",
        "closed",
    ),
    "credit_record": ([_FIRM], _CREDIT, "act", "A", "B"),
    "credit_repair": (
        [_FIRM, _CREDIT],
        "INSERT INTO credit_repair (record_id, applicant, applied_on) SELECT id, 'm', '2026-05-01' FROM credit_record",
        "applicant",
        "m",
        "n",
    ),
    "reading": (
        [_PLACE.format("nights")],
        "INSERT INTO reading (place_id, at, working, leq_db) SELECT id, now(), true, 50 FROM place",
        "leq_db",
        50,
        61,
    ),
    "place_status": (
        [_PLACE.format("shops")],
        "INSERT INTO place_status (place_id, layer, tier, status, reasons, rule_version, judged_at) "
        "SELECT id, 'shops', 1, 0, '[]', 'v', now() FROM place",
        "tier",
        1,
        4,
    ),
    "source_file": (
        [],
        "INSERT INTO source_file (layer, source, file_name, sha256, datum, read, inserted, updated, unchanged, "
        "rejected, imported_by) VALUES ('shops', 's', 'A', 'x', 'wgs84', 0, 0, 0, 0, 0, 'ann')",
        "file_name",
        "A",
        "B",
    ),
    "app_user": (
        [],
        "INSERT INTO app_user (name, password_hash, role) VALUES ('a', 'hash one', 'admin')",
        "role",
        "admin",
        "inspector",
    ),
    "area": (
        [],
        "INSERT INTO area (code, name, source, geom) VALUES ('999999', 'A', 't', "
        "ST_Multi(ST_MakeEnvelope(1, 1, 2, 2, 4326)))",
        "name",
        "A",
        "B",
    ),
    **{
        f"layer_{layer.id}": (
            [_PLACE.format(layer.id)],
            f"INSERT INTO layer_{layer.id} (place_id) SELECT id FROM place",
            field.name,
            None,
            field.choices[0].value if field.choices else "B",
        )
        for layer in registry
        for field in [next(f for f in layer.fields if f.type in {FieldType.TEXT, FieldType.CHOICE})]
    },
}
_OWN = {"area": "code = '999999'"}
_INSERTED = {"source_file": ("imported_at", "imported_by")}


def _do(engine: Engine, actor: str, *statements: str, **values: Any) -> datetime:
    """Run statements as somebody; return the moment of the transaction."""
    with acting(engine, actor) as connection:
        for statement in statements:
            connection.execute(text(statement), values)
        moment = connection.scalar(text("SELECT now()"))
    assert isinstance(moment, datetime)
    return moment


def test_there_is_a_story_of_every_table() -> None:
    assert set(_STORIES) == set(HISTORY_TABLES)


@pytest.mark.parametrize("table", HISTORY_TABLES)
def test_insert_update_and_delete_can_be_told(engine: Engine, table: str) -> None:
    there, insert, column, old, new = _STORIES[table]
    where = _OWN.get(table, "true")
    _do(engine, "host", *there)
    inserted = _do(engine, "ann", insert)
    when, who = _INSERTED.get(table, ("created_at", "created_by"))
    with engine.connect() as connection:
        row = connection.scalar(text(f'SELECT to_jsonb(t) FROM "{table}" t WHERE {where}'))
        moment = connection.scalar(text(f'SELECT {when} FROM "{table}" WHERE {where}'))
        assert connection.scalar(text("SELECT count(*) FROM history")) == 0
    assert (moment, row[who], row[column]) == (inserted, "ann", old)
    updated = _do(engine, "bob", f'UPDATE "{table}" SET {column} = :new WHERE {where}', new=new)
    deleted = _do(engine, "cy", f'DELETE FROM "{table}" WHERE {where}')
    row.pop("password_hash", None)
    assert _told(engine, table) == [
        (updated, "bob", row, row | {column: new}),
        (deleted, "cy", row | {column: new}, None),
    ]


def _told(engine: Engine, table: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT at, actor, before, after FROM history WHERE table_name = :table ORDER BY id"),
            {"table": table},
        )
        return [tuple(row) for row in found]


def test_what_goes_with_its_place_is_told_too(engine: Engine) -> None:
    _do(engine, "host", *_STORIES["permit_night"][0], _STORIES["permit_night"][1])
    _do(engine, "cy", "DELETE FROM place")
    for table in ("place", "permit", "permit_night"):
        assert [(actor, after) for _, actor, _, after in _told(engine, table)] == [("cy", None)]


def test_a_password_is_never_copied_but_its_change_is_told(engine: Engine) -> None:
    with acting(engine, "ann") as connection:
        add_user(connection, "joe", "a first password", "inspector", [])
    with acting(engine, "bob") as connection:
        add_user(connection, "joe", "a second password", "inspector", [])
    [(_, actor, before, after)] = _told(engine, "app_user")
    assert (actor, after.pop("password_hash")) == ("bob", "changed")
    assert before == after
    assert "password_hash" not in before
    _do(engine, "cy", "UPDATE app_user SET active = false")
    assert "password_hash" not in _told(engine, "app_user")[-1][3]


def test_rows_copied_in_bulk_know_who_copied_them(engine: Engine) -> None:
    with acting(engine, "ann") as connection:
        copy_rows(connection, "enterprise", ("name",), [["A"], ["B"]])
        assert _makers(connection) == {"ann"}


def test_without_an_actor_the_account_of_the_database_is_noted(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO enterprise (name) VALUES ('A')"))
        assert _makers(connection) == {connection.scalar(text("SELECT session_user"))}


def _makers(connection: Connection) -> set[str]:
    return set(connection.scalars(text("SELECT created_by FROM enterprise")))
