"""Status, history and the record, on real PostGIS."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from data.db import acting
from data.recompute import recompute
from data.revision import is_current
from data.status import follow_rules, judge_due, judge_places, reason_json
from data.store import audit, inspections
from data.store.changes import latest
from data.store.users import viewer_of
from layers.core.access import Role, Scope, Viewer
from layers.core.errors import ForbiddenError, UnknownPlaceError, YipingError
from layers.core.facts import InspectionResult
from layers.core.text import Text
from layers.core.tiers import Tier
from layers.core.verdict import Reason
from tests.small_city import HERE, NOW, THERE, SmallCity, add_units, build

INSPECTOR = Viewer(Role.INSPECTOR, Scope.parse(["310104"]), "inspector", 1)


@pytest.fixture
def city(engine: Engine) -> SmallCity:
    """Return a small city in a fresh database."""
    return build(engine)


def _tier(engine: Engine, place_id: int) -> int:
    with engine.connect() as connection:
        return int(
            connection.scalar(text("SELECT tier FROM place_status WHERE place_id = :id"), {"id": place_id})
            or 0
        )


def test_the_migrated_database_is_current_and_real(engine: Engine) -> None:
    assert is_current(engine)
    with engine.connect() as connection:
        assert "POSTGIS=" in str(connection.scalar(text("SELECT postgis_full_version()")))
        assert connection.scalar(text("SELECT count(*) FROM area WHERE length(code) = 6")) == 16


def test_a_reason_is_kept_whole() -> None:
    params = {"words": Text("火锅店", "Hotpot"), "days": 12, "name": "x"}
    reason = Reason(
        code="c",
        tier=Tier.RED,
        params=params,
        fact="permit:1",
        on=NOW.date(),
        rule_id="r",
        source=Text("源", "s"),
    )
    marks = {"contested", "repairing", "upheld_on"}
    whole = {name: value for name, value in reason._asdict().items() if name not in marks}
    whole |= {
        "params": {**params, "words": asdict(Text("火锅店", "Hotpot"))},
        "source": asdict(Text("源", "s")),
    }
    assert reason_json(reason) == whole | {"on": "2026-11-23"}
    assert reason_json(reason._replace(on=None)) == whole | {"on": None}
    marked = reason._replace(contested=True, upheld_on=NOW.date())  # which few reasons are
    assert reason_json(marked) == reason_json(reason) | {"contested": True, "upheld_on": "2026-11-23"}
    assert reason_json(reason._replace(repairing=True)) == reason_json(reason) | {"repairing": True}


def test_judging_again_changes_and_announces_nothing(engine: Engine, city: SmallCity) -> None:
    with engine.connect() as connection:
        before = latest(connection)
    assert recompute(engine, NOW, processes=1).changed == 0
    with engine.connect() as connection:
        assert latest(connection) == before


def test_a_failed_visit_makes_a_shop_red_and_keeps_what_was(engine: Engine, city: SmallCity) -> None:
    before = _tier(engine, city.merchant_shop)
    visit = inspections.Visit(
        place_id=city.merchant_shop,
        at=NOW,
        result=InspectionResult.FAILED,
        critical=1,
        key="k",
        check_code="JC1",
    )
    with acting(engine, "inspector") as connection:
        first = inspections.record_visit(connection, INSPECTOR, visit, NOW)
        again = inspections.record_visit(connection, INSPECTOR, visit, NOW)
        assert again == inspections.Written(first.inspection_id, new=False)
        judge_places(connection, [city.merchant_shop], NOW)
    assert _tier(engine, city.merchant_shop) == Tier.RED.code != before
    with engine.connect() as connection:
        kept = connection.execute(
            text(
                "SELECT actor, before ->> 'tier' FROM history WHERE table_name = 'place_status' AND row_id = :id"
            ),
            {"id": city.merchant_shop},
        ).all()
    assert kept == [("inspector", str(before))]


def test_what_a_layer_alone_knows_has_a_history_too(engine: Engine, city: SmallCity) -> None:
    with acting(engine, "clerk") as connection:
        connection.execute(
            text("INSERT INTO layer_shops (place_id, area_m2) VALUES (:id, 40)"), {"id": city.merchant_shop}
        )
        connection.execute(text("UPDATE layer_shops SET area_m2 = 55"))
        kept = connection.execute(
            text(
                "SELECT row_id, actor, before ->> 'area_m2', after ->> 'area_m2' FROM history "
                "WHERE table_name = 'layer_shops'"
            )
        ).all()
    assert kept == [(city.merchant_shop, "clerk", "40", "55")]


@pytest.mark.parametrize(
    ("viewer", "area", "error"),
    [
        (Viewer(), HERE, ForbiddenError),
        (Viewer(Role.MERCHANT, Scope.parse(["310104"])), HERE, ForbiddenError),
        (INSPECTOR, THERE, UnknownPlaceError),
    ],
)
def test_a_visit_is_refused_outside_ones_duty(
    engine: Engine, city: SmallCity, viewer: Viewer, area: str, error: type[YipingError]
) -> None:
    visit = inspections.Visit(place_id=city.ids["shops", area], at=NOW, result=InspectionResult.PASSED)
    with engine.begin() as connection, pytest.raises(error):
        inspections.record_visit(connection, viewer, visit, NOW)


def test_a_status_turns_when_its_minute_comes(engine: Engine, city: SmallCity) -> None:
    with engine.connect() as connection:
        turn = connection.scalar(
            text("SELECT next_change FROM place_status WHERE place_id = :id"), {"id": city.merchant_shop}
        )
    assert turn > NOW
    assert (
        judge_due(engine, turn - timedelta(seconds=1)) == 0
        or _tier(engine, city.merchant_shop) == Tier.BLUE.code
    )
    assert judge_due(engine, turn) >= 1
    with engine.connect() as connection:
        later = connection.scalar(
            text("SELECT next_change FROM place_status WHERE place_id = :id"), {"id": city.merchant_shop}
        )
    assert later is None or later > turn


def test_new_rules_are_followed_without_being_told(engine: Engine, city: SmallCity) -> None:
    follow_rules(engine, NOW)
    assert follow_rules(engine, NOW) == 0
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE place_status SET rule_version = 'older', tier = 0 WHERE place_id = :id"),
            {"id": city.merchant_shop},
        )
    assert follow_rules(engine, NOW) == 1
    assert _tier(engine, city.merchant_shop) == Tier.BLUE.code


def test_the_record_cannot_be_altered(engine: Engine) -> None:
    with engine.begin() as connection:
        audit.record(connection, "a", "x", "y", {"n": 1})
        audit.record(connection, "b", "x", "y")
        assert audit.broken_link(connection) is None
    for statement in (
        "UPDATE audit_event SET actor = 'c'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
    ):
        with pytest.raises(DatabaseError, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE place SET geom = ST_SetSRID(ST_MakePoint(200, 10), 4326)",
        "UPDATE place SET name = ''",
        "UPDATE place SET area_code = '12'",
        "UPDATE permit SET valid_to = '1999-01-01'",
        "UPDATE permit SET state = 'lost'",
        "UPDATE inspection SET minor = -1",
        "UPDATE place_status SET tier = 9",
        "INSERT INTO place (layer, source, external_id, name, geom) "
        "SELECT layer, source, external_id, name, geom FROM place",
    ],
)
def test_the_database_itself_refuses_what_cannot_be(engine: Engine, city: SmallCity, statement: str) -> None:
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(statement))


def test_shared_addresses_may_overlap_but_exclusive_leases_not(engine: Engine, city: SmallCity) -> None:
    with engine.begin() as connection:
        add_units(connection, "101")
        connection.execute(
            text(
                "INSERT INTO tenancy (building_id, source, external_id, unit, tenant, state, period) "
                "SELECT 1, 'test', n::text, '101', 'T', 'in_use', '[2026-01-01,2027-01-01)' "
                "FROM generate_series(1, 3) n"
            )
        )


def test_a_forged_token_is_nobody(engine: Engine) -> None:
    with engine.connect() as connection:
        assert viewer_of(connection, "made-up", NOW, "key") == Viewer()
