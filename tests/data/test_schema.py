"""What the database refuses by itself, and that the tables in the code are the tables the migrations make."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from data.cluster import Server
from data.db import make_engine
from data.tables import HISTORY_TABLES, layer_tables, metadata, registry
from layers.core.spec import FieldType
from tests.small_city import SmallCity, add_units, build

_OURS = "n.nspname = 'public' AND c.relname NOT LIKE 'procrastinate%' AND c.relname <> 'alembic_version'"
_SHAPE = {
    "columns": (
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, "
        "pg_get_expr(d.adbin, d.adrelid) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum "
        f"WHERE {_OURS} AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
    ),
    "constraints": (
        "SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k "
        f"JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_OURS}"
    ),
    "indexes": (
        "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i "
        f"JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_OURS}"
    ),
}
_ITEM = "ck_inspection_list_item"
_OF_LAYER = "fk_inspection_list_item_place_id_layer"
_CHOICES = [
    (layer.id, field.name) for layer in registry for field in layer.fields if field.type is FieldType.CHOICES
]


def _contest(**changed: str) -> str:
    """Return a statement that inserts a right objection, or one that differs in some columns."""
    values = {"place_id": "min(id)", "source": "'contest'", "external_id": "'one'", "kind": "'contest'"}
    values |= {"title": "''", "stage": "'received'", "reporter": "'merchant'", "opened_at": "now()"}
    values |= {"reason_code": "'a'", "reason_rule": "'b'", "reason_fact": "'c'", "contest_kind": "'fact'"}
    values |= {"words": "'ten characters'"} | changed
    return f'INSERT INTO "case" ({", ".join(values)}) SELECT {", ".join(values.values())} FROM place'


def _repair(**changed: str) -> str:
    """Return a statement that inserts a right application for a repair, or one that differs in some columns."""
    values = {"record_id": "id", "applicant": "'m'", "applied_on": "'2026-05-01'::date"} | changed
    return f"INSERT INTO credit_repair ({', '.join(values)}) SELECT {', '.join(values.values())} FROM credit_record"


_DISTRICT = {"district_on": "'2026-05-02'::date", "decided_by": "'s'"}
_REFUSED = {"refused_on": "'2026-05-02'::date", "refusal": "'no'", "decided_by": "'s'"}


@pytest.fixture
def city(engine: Engine) -> SmallCity:
    """A small city in a fresh database, with a tenancy, a case and a credit record."""
    built = build(engine)
    with engine.begin() as connection:
        add_units(connection, "101", "201")
        for statement in (
            "INSERT INTO tenancy (building_id, source, external_id, unit, tenant, state, period) "
            "VALUES (1, 'test', 't1', '101', 'T', 'in_use', '[2026-01-01,2027-01-01)')",
            'INSERT INTO "case" (place_id, source, external_id, kind, title, stage, opened_at, due_at) '
            "SELECT min(id), 'test', 'c1', 'complaint', 'T', 'filed', now(), now() FROM place",
            "INSERT INTO inspection_list (day, edition, horizon_days, rule_version) VALUES ('2026-01-01', 1, 30, '')",
            "INSERT INTO title_paper (building_id, kind) VALUES (1, 'title')",
            "INSERT INTO credit_record (enterprise_id, source, external_id, number, severity, act, authority, "
            "decided_on) VALUES (1, 'test', 'r1', 'N1', 'general', 'A', 'B', '2026-01-10')",
            "INSERT INTO permit_document (permit_id, kind) SELECT min(id), 'site_plan' FROM permit",
            "INSERT INTO source_file (layer, source, file_name, sha256, datum, read, inserted, updated, unchanged, "
            "rejected, imported_by) VALUES ('shops', 's', 'f', 'x', 'wgs84', 0, 0, 0, 0, 0, 'clerk')",
            *(
                f"INSERT INTO layer_{layer.id} (place_id) SELECT id FROM place WHERE layer = '{layer.id}'"
                for layer in registry
            ),
        ):
            connection.execute(text(statement))
    return built


@pytest.fixture
def declared(server: Server) -> Iterator[Engine]:
    """A database made of `metadata` instead of by migrations."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    server.create_database(name)
    engine = make_engine(server.url(name))
    with engine.begin() as connection:
        for extension in ("postgis", "btree_gist", "pg_trgm"):
            connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
        metadata.create_all(connection)
    yield engine
    engine.dispose()
    server.drop_database(name)


@pytest.mark.parametrize("aspect", _SHAPE)
def test_the_declared_tables_are_those_that_the_migrations_make(
    engine: Engine, declared: Engine, aspect: str
) -> None:
    shapes = []
    for each in (engine, declared):
        with each.connect() as connection:
            rows = connection.execute(text(_SHAPE[aspect])).all()
            shapes.append({tuple(row) for row in rows if row[0] != "spatial_ref_sys"})
    migrated, made = shapes
    assert migrated - made == set()
    assert made - migrated == set()


def test_exactly_the_declared_tables_have_a_history(engine: Engine) -> None:
    with engine.connect() as connection:
        watched = connection.scalars(
            text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'keep_history'")
        ).all()
    assert {name.strip('"') for name in watched} == set(HISTORY_TABLES)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE place SET layer = 'bakeries'", "ck_place_layer"),
        ("UPDATE place SET layer = 'shops' WHERE layer = 'breakfast'", "fk_layer_breakfast_place_id_layer"),
        ("UPDATE place_status SET layer = 'nights' WHERE layer = 'shops'", "fk_place_status_place_id_layer"),
        (
            "INSERT INTO layer_offices (place_id) SELECT id FROM place WHERE layer = 'nights'",
            "fk_layer_offices_place_id_layer",
        ),
        ("UPDATE place SET building_id = 77", "fk_place_building_id"),
        ("UPDATE layer_offices SET layer = 'nights'", "ck_layer_offices_layer"),
        ("UPDATE enterprise SET uscc = '9131000013226O250X'", "ck_enterprise_uscc_shape"),
        ("UPDATE enterprise SET uscc = '91310000132260250x'", "ck_enterprise_uscc_shape"),
        ("UPDATE enterprise SET uscc = '9131', uscc_doubtful = true", "ck_enterprise_uscc_length"),
        ("UPDATE source_file SET read = -1", "ck_source_file_counts"),
        ("UPDATE source_file SET rejected = -1", "ck_source_file_counts"),
        ("UPDATE permit SET basis = 'kindness'", "ck_permit_basis"),
        ("UPDATE permit SET state = 'lost'", "ck_permit_state"),
        (
            "UPDATE permit SET applied_on = '2026-01-02', decided_on = '2026-01-01'",
            "ck_permit_decided_after_applied",
        ),
        ("UPDATE permit_document SET sealed_by = '{neighbour}'", "ck_permit_document_sealed_by"),
        (
            "UPDATE permit_document SET spared = true, received_on = '2026-01-01'",
            "ck_permit_document_spared_or_received",
        ),
        (
            "INSERT INTO permit_document (permit_id, kind) SELECT permit_id, kind FROM permit_document",
            "uq_permit_document_permit_id_kind",
        ),
        ("UPDATE inspection SET grade = '良好'", "ck_inspection_grade"),
        ("UPDATE inspection SET level = 'village'", "ck_inspection_level"),
        ("UPDATE \"case\" SET kind = 'task', nature = 'claim'", "ck_case_nature"),
        ("UPDATE \"case\" SET kind = 'rumour'", "ck_case_kind"),
        ("UPDATE \"case\" SET kind = 'contest'", "ck_case_contest"),
        ("UPDATE \"case\" SET words = 'of nobody'", "ck_case_contest"),
        (_contest(words="'too few'"), "ck_case_contest"),
        (_contest(closed_at="now()"), "ck_case_contest"),
        (_contest(outcome="'upheld'"), "ck_case_contest"),
        (_contest(contest_kind="'grudge'"), "ck_case_contest_kind"),
        (_contest(closed_at="now()", outcome="'lost'"), "ck_case_outcome"),
        (_contest(closed_at="now()", outcome="'upheld'"), "ck_case_decided"),
        ("; ".join((_contest(), _contest(external_id="'again'"))), "uq_case_open_contest"),
        ("UPDATE credit_record SET severity = 'grave'", "ck_credit_record_severity"),
        (f"UPDATE credit_record SET severity = 'specific'; {_repair()}", "ck_credit_repair_barred"),
        (f"{_repair()}; UPDATE credit_record SET severity = 'minor'", "ck_credit_record_repaired"),
        ("UPDATE credit_record SET correction = 'why', corrected_by = 's'", "ck_credit_record_correction"),
        (
            "UPDATE credit_record SET withdrawn_on = '2026-05-01'",
            "ck_credit_record_correction",
        ),
        (
            "UPDATE credit_record SET corrected_on = '2026-05-01', correction = 'why'",
            "ck_credit_record_corrected_by",
        ),
        ("UPDATE credit_record SET number = ''", "ck_credit_record_told"),
        ("UPDATE credit_record SET published_on = '2026-01-09'", "ck_credit_record_published_after_decided"),
        (
            "INSERT INTO credit_record (enterprise_id, source, external_id, number, severity, act, authority, "
            "decided_on) SELECT 1, 'test', 'r2', number, 'minor', 'C', authority, '2026-01-11' FROM credit_record",
            "uq_credit_record_enterprise_id_authority_number",
        ),
        (_repair(district_on="'2026-04-30'::date", decided_by="'s'"), "ck_credit_repair_district_on"),
        (_repair(city_on="'2026-05-03'::date", decided_by="'s'"), "ck_credit_repair_city_on"),
        (_repair(granted_on="'2026-05-03'::date", decided_by="'s'"), "ck_credit_repair_granted_on"),
        (_repair(**_DISTRICT | {"decided_by": "''"}), "ck_credit_repair_decided_by"),
        (_repair(**_REFUSED | {"refusal": "''"}), "ck_credit_repair_refusal"),
        (_repair(**_REFUSED | {"refused_on": "'2026-04-30'::date"}), "ck_credit_repair_refused_on"),
        ("; ".join((_repair(), _repair(**_DISTRICT))), "uq_credit_repair_open"),
        ("UPDATE enterprise SET dormancy = '[2026-01-01,2029-01-02)'", "ck_enterprise_dormancy"),
        ("UPDATE enterprise SET dormancy = '[2026-01-01,)'", "ck_enterprise_dormancy"),
        ("UPDATE tenancy SET unit = '999'", "fk_tenancy_building_id_unit"),
        ("UPDATE tenancy SET sublet_of = id", "ck_tenancy_sublet_of"),
        ("UPDATE building_unit SET premises = 'tent'", "ck_building_unit_premises"),
        ("UPDATE building_unit SET barred = 'haunted'", "ck_building_unit_barred"),
        ("UPDATE title_paper SET kind = 'rumour'", "ck_title_paper_kind"),
        ("UPDATE layer_breakfast SET hours_by_day = 'mornings'", "ck_layer_breakfast_hours_by_day"),
        ("UPDATE layer_shops SET static_score = 101", "ck_layer_shops_static_score"),
        ("INSERT INTO inspection_list_item SELECT 1, 1, 'nights', 'never', NULL, NULL, '', 0", _OF_LAYER),
        (
            "INSERT INTO inspection_list_item SELECT 1, 1, 'shops', 'mood', '2026-01-01', NULL, '', 0",
            f"{_ITEM}_why",
        ),
        (
            "INSERT INTO inspection_list_item SELECT 1, 1, 'shops', 'overdue', NULL, NULL, '', 0",
            f"{_ITEM}_dated",
        ),
        (
            "INSERT INTO inspection_list (day, edition, horizon_days, rule_version) VALUES ('2026-01-01', 1, 30, '')",
            "uq_inspection_list_day_edition",
        ),
        ("UPDATE tenancy SET period = '[2026-01-01,2026-01-01)'", "ck_tenancy_lasts"),
        ("UPDATE city_case SET presence = 'soon'", "ck_city_case_presence"),
        ("UPDATE case_fact SET quotation = ''", "ck_case_fact_quoted"),
        ("UPDATE case_fact SET bound = 'some' WHERE value > 0", "ck_case_fact_bound"),
        ("UPDATE case_fact SET words = '{}' WHERE value > 0", "ck_case_fact_value_or_words"),
        ("UPDATE case_fact SET up_to = 1 WHERE value IS NULL", "ck_case_fact_compared"),
        ("UPDATE case_fact SET case_number = 21 WHERE key = 'accepted'", "fk_case_fact_case_number"),
        ("UPDATE \"case\" SET due_at = opened_at - interval '1 second'", "ck_case_due_after_opened"),
        (
            "UPDATE layer_breakfast SET open_from_min = 600, open_to_min = 600",
            "ck_layer_breakfast_open_to_min_above",
        ),
        (
            "INSERT INTO tenancy (building_id, source, external_id, unit, tenant, state, period, exclusive) "
            "SELECT 1, 'test', 'x' || n, '201', 'T', 'in_use', '[2026-01-01,2027-01-01)', true "
            "FROM generate_series(1, 2) n",
            "ex_tenancy_lease",
        ),
        *(
            (f"UPDATE layer_{layer} SET {name} = ARRAY['made up']", f"ck_layer_{layer}_{name}")
            for layer, name in _CHOICES
        ),
    ],
)
def test_the_database_refuses(engine: Engine, city: SmallCity, statement: str, constraint: str) -> None:
    with pytest.raises(IntegrityError) as refused, engine.begin() as connection:
        connection.execute(text(statement))
    assert refused.value.orig.diag.constraint_name == constraint  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE enterprise SET uscc = '91310000132260250Y'",  # only the check is wrong
        "UPDATE enterprise SET uscc = '9131000013226O250X', uscc_doubtful = true",
        "UPDATE enterprise SET uscc = NULL",
        "UPDATE enterprise SET dormancy = '[2026-01-01,2029-01-01)'",
        "UPDATE layer_breakfast SET hours_by_day = 'mon-fri 06:00-09:30; sat,sun 07:00-10:00'",
        "INSERT INTO tenancy (building_id, source, external_id, unit, tenant, state, period, exclusive, sublet_of) "
        "SELECT 1, 'test', 'lease ' || n, '201', 'T', 'in_use', '[2026-01-01,2027-01-01)', true, "
        "CASE n WHEN 2 THEN (SELECT min(id) FROM tenancy) END FROM generate_series(1, 2) n",
        'UPDATE "case" SET due_at = opened_at',
        "; ".join((_repair(**_REFUSED), _repair(), _repair(**_REFUSED))),
        "UPDATE layer_breakfast SET open_from_min = 600, open_to_min = NULL",
        "UPDATE layer_breakfast SET open_from_min = 300, open_to_min = 600, closed_on = '{}'",
        "UPDATE inspection SET grade = 'A'",
        "UPDATE place SET area_code = '310999'",
    ],
)
def test_what_is_only_odd_is_kept(engine: Engine, city: SmallCity, statement: str) -> None:
    with engine.begin() as connection:
        assert connection.execute(text(statement)).rowcount > 0


@pytest.mark.parametrize(("layer", "name"), _CHOICES)
def test_every_declared_choice_can_be_stored(engine: Engine, city: SmallCity, layer: str, name: str) -> None:
    field = registry[layer].field_named(name)
    assert field is not None
    values = [choice.value for choice in field.choices]
    with engine.begin() as connection:
        stored = connection.execute(layer_tables[layer].update().values({name: values}))
        assert stored.rowcount > 0
