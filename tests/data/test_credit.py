"""Credit records over a real database: who may, what each step leaves behind, and that all places of a firm follow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from data.city import City
from data.db import acting
from data.status import judge_due, judge_places
from data.store.audit import broken_link
from data.store.credit import (
    KnownRecordError,
    NoRepairError,
    RepairEndedError,
    UnderRepairError,
    UnknownRecordError,
)
from layers.core.access import Role, Scope, Viewer
from layers.core.citytime import CITY_TIME, midnight
from layers.core.credit import STEPS, Need, add_months
from layers.core.errors import BadQueryError, ForbiddenError, UnknownPlaceError
from layers.core.facts import RepairStage
from tests.data.test_contests import _at_once
from tests.layers.test_credit_entry import RIGHT
from tests.small_city import MERCHANT_USCC, NOW, THERE, SmallCity, build

FIRM = Scope.parse([MERCHANT_USCC])
MERCHANT = Viewer(Role.MERCHANT, FIRM, "merchant")
COLLEAGUE = Viewer(Role.MERCHANT, FIRM, "colleague")
STRANGER = Viewer(Role.MERCHANT, Scope.parse(["914403001922038216"]), "stranger")
SUPERVISOR = Viewer(Role.SUPERVISOR, name="supervisor")
INSPECTOR = Viewer(Role.INSPECTOR, Scope.parse(["310104"]), "inspector")
ADMIN = Viewer(Role.ADMIN, name="admin")
AGENCY = Viewer(Role.AGENCY, FIRM, "agency")
BOTH = frozenset(Need)
WHY = "整改报告缺少检测结论，请补充后再申请"


@dataclass
class Clock:
    """A clock that a test sets."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def small(engine: Engine) -> SmallCity:
    """The small city, in which the merchant's firm has a second shop and a breakfast outlet."""
    built = build(engine)
    more = [built.ids["shops", THERE], built.ids["breakfast", THERE]]
    with acting(engine, "clerk") as connection:
        connection.execute(text("UPDATE place SET enterprise_id = 1 WHERE id = ANY(:ids)"), {"ids": more})
        judge_places(connection, more, NOW)
    return built


@pytest.fixture
def city(database_url: str, small: SmallCity, clock: Clock) -> Iterator[City]:
    city = City(database_url, clock)
    yield city
    city.stop()


def _card(city: City, place_id: int, viewer: Viewer = SUPERVISOR) -> dict[str, Any]:
    return dict(city.card(place_id, viewer)["properties"])


def _reasons(city: City, place_id: int) -> list[dict[str, Any]]:
    return [r for r in _card(city, place_id)["reasons"] if r["code"].startswith("credit.")]


def _entered(city: City, small: SmallCity, **changed: str) -> int:
    """Enter a record and return its number."""
    city.credit.enter(small.merchant_shop, RIGHT | changed, SUPERVISOR)
    return int(_card(city, small.merchant_shop)["credit"][0]["id"])


def _applied(city: City, small: SmallCity, viewer: Viewer = MERCHANT) -> int:
    """Enter a record, ask for its repair and return the number of that."""
    record = _entered(city, small)
    city.credit.apply(small.merchant_shop, record, BOTH, viewer)
    return int(_repair(city, small)["id"])


def _repair(city: City, small: SmallCity, viewer: Viewer = SUPERVISOR) -> dict[str, Any]:
    return dict(_card(city, small.merchant_shop, viewer)["credit"][0]["repairs"][0])


def _granted(city: City, small: SmallCity) -> int:
    repair = _applied(city, small)
    for stage in STEPS[1:]:
        city.credit.move_on(small.merchant_shop, repair, stage, SUPERVISOR)
    return repair


def _recorded(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        assert broken_link(connection) is None
        sql = "SELECT actor, action FROM audit_event WHERE action ~ '^(credit|repair)_' ORDER BY id"
        return [(row.actor, row.action) for row in connection.execute(text(sql))]


def _news(engine: Engine, layer: str = "shops") -> int:
    with engine.connect() as connection:
        newest = text("SELECT max(version) FROM change WHERE layer = :layer")
        return int(connection.scalar(newest, {"layer": layer}) or 0)


def test_a_record_is_a_reason_at_every_place_of_the_firm(
    city: City, small: SmallCity, engine: Engine
) -> None:
    told = {layer: _news(engine, layer) for layer in ("shops", "breakfast", "nights")}
    assert _card(city, small.merchant_shop)["tier"] == "blue"
    _entered(city, small)
    for place_id in (small.merchant_shop, small.ids["shops", THERE], small.ids["breakfast", THERE]):
        (reason,) = _reasons(city, place_id)
        assert (reason["code"], reason["tier"], reason["params"]["date"]) == (
            "credit.general", "yellow", "2027-05-10",
        )  # fmt: skip
        assert _card(city, place_id)["tier"] == "yellow"
    assert _reasons(city, small.red_shop) == []
    assert _news(engine, "shops") > told["shops"]
    assert _news(engine, "breakfast") > told["breakfast"]
    assert _news(engine, "nights") == told["nights"]
    assert _recorded(engine) == [("supervisor", "credit_record")]


def test_the_public_reads_a_penalty_while_it_is_published(city: City, small: SmallCity, clock: Clock) -> None:
    _entered(city, small)
    outlet = small.ids["breakfast", THERE]
    (row,) = _card(city, outlet, Viewer())["credit"]
    assert (row["act"], row["number"], row["published"]) == (RIGHT["act"], RIGHT["number"], True)
    assert not {"repairs", "earliest_on", "not_yet", "rule"} & row.keys()
    assert _card(city, small.ids["breakfast", "310104003"], Viewer()).get("credit") is None
    clock.now = midnight(add_months(NOW.date(), 6))
    assert _card(city, outlet, Viewer())["credit"] == []
    (row,) = _card(city, outlet)["credit"]
    assert row["published"] is False


def test_a_record_ends_by_itself_on_the_minute(
    city: City, small: SmallCity, engine: Engine, clock: Clock
) -> None:
    _entered(city, small, severity="minor", decided_on="2026-09-10", published_on="2026-09-12")
    end = datetime(2026, 12, 11, tzinfo=CITY_TIME)
    assert _card(city, small.merchant_shop)["next_change"] == end
    clock.now = end - timedelta(seconds=1)
    judge_due(engine, clock.now)
    assert _reasons(city, small.merchant_shop)
    clock.now = end
    judge_due(engine, clock.now)
    assert _reasons(city, small.merchant_shop) == []


def test_asking_marks_the_reason_and_leaves_the_tier(city: City, small: SmallCity, engine: Engine) -> None:
    _applied(city, small)
    (reason,) = _reasons(city, small.merchant_shop)
    assert (reason["repairing"], reason["tier"]) == (True, "yellow")
    assert _reasons(city, small.ids["shops", THERE])[0]["repairing"]
    repair = _repair(city, small, MERCHANT)
    assert (repair["stage"], repair["own"], repair["rule"]) == ("applied", True, "国家发展改革委令第36号")
    assert "applicant" not in _repair(city, small, AGENCY)
    assert _recorded(engine) == [("supervisor", "credit_record"), ("merchant", "repair_apply")]


def test_it_is_refused_before_its_day_with_day_and_rule(
    city: City, small: SmallCity, engine: Engine, clock: Clock
) -> None:
    record = _entered(city, small, decided_on="2026-08-24", published_on="2026-08-25")
    (row,) = _card(city, small.merchant_shop, MERCHANT)["credit"]
    assert "2026-11-25" in row["not_yet"]["en"]
    clock.now = datetime(2026, 11, 24, 23, 59, tzinfo=CITY_TIME)
    with pytest.raises(NoRepairError, match="can be applied for from 2026-11-25"):
        city.credit.apply(small.merchant_shop, record, BOTH, MERCHANT)
    assert _recorded(engine) == [("supervisor", "credit_record")]
    clock.now = datetime(2026, 11, 25, tzinfo=CITY_TIME)
    city.credit.apply(small.merchant_shop, record, BOTH, MERCHANT)
    assert _repair(city, small)["applied_on"].isoformat() == "2026-11-25"


def test_what_cannot_be_repaired_is_refused_with_why_and_stays_to_its_term(
    city: City, small: SmallCity, engine: Engine, clock: Clock
) -> None:
    record = _entered(city, small, severity="specific")
    (row,) = _card(city, small.merchant_shop, MERCHANT)["credit"]
    assert (row["earliest_on"], row["last_on"].isoformat()) == (None, "2029-05-10")
    assert "cannot be repaired" in row["not_yet"]["en"]
    clock.now = midnight(row["last_on"])
    with pytest.raises(NoRepairError, match="stays published until 2029-05-10 and cannot be repaired"):
        city.credit.apply(small.merchant_shop, record, BOTH, MERCHANT)
    judge_due(engine, clock.now)
    assert [r["code"] for r in _reasons(city, small.merchant_shop)] == ["credit.specific"]
    clock.now += timedelta(days=1)
    judge_due(engine, clock.now)
    assert _reasons(city, small.merchant_shop) == []
    assert _recorded(engine) == [("supervisor", "credit_record")]


@pytest.mark.parametrize("declared", [frozenset(), {Need.FULFILLED}, {Need.PLEDGED}])
def test_it_is_refused_without_its_declarations(
    city: City, small: SmallCity, declared: frozenset[Need]
) -> None:
    record = _entered(city, small)
    with pytest.raises(NoRepairError, match="see to it"):
        city.credit.apply(small.merchant_shop, record, declared, MERCHANT)


@pytest.mark.parametrize(
    ("applied", "rule"),
    [
        (datetime(2021, 9, 1, 12, tzinfo=CITY_TIME), "发改办财金〔2019〕527号"),
        (datetime(2026, 3, 31, 12, tzinfo=CITY_TIME), "国家发展改革委令第58号"),
        (datetime(2026, 4, 1, 12, tzinfo=CITY_TIME), "国家发展改革委令第36号"),
    ],
)
def test_a_repair_keeps_the_rule_of_the_day_it_was_asked_for(
    city: City, small: SmallCity, clock: Clock, applied: datetime, rule: str
) -> None:
    clock.now = applied
    decided = str(add_months(applied.date(), -4))
    record = _entered(city, small, decided_on=decided, published_on=decided)
    city.credit.apply(small.merchant_shop, record, BOTH, MERCHANT)
    clock.now = max(NOW, applied)
    assert _repair(city, small)["rule"] == rule


def test_stages_are_passed_in_order_and_the_last_clears_the_firm(
    city: City, small: SmallCity, engine: Engine
) -> None:
    _granted(city, small)
    for place_id in (small.merchant_shop, small.ids["breakfast", THERE]):
        assert _reasons(city, place_id) == []
    assert _card(city, small.merchant_shop)["tier"] == "blue"
    assert _card(city, small.ids["breakfast", THERE], Viewer())["credit"] == []
    repair = _repair(city, small, MERCHANT)
    assert (repair["stage"], repair["decided_by"]) == ("granted", "supervisor")
    assert {repair[f"{stage}_on"] for stage in STEPS} == {NOW.date()}
    assert _recorded(engine)[2:] == [("supervisor", "repair_step")] * 4


def test_no_stage_is_jumped_and_none_is_passed_twice(city: City, small: SmallCity, engine: Engine) -> None:
    repair = _applied(city, small)
    for stage in (RepairStage.APPLIED, RepairStage.CITY, RepairStage.GRANTED, RepairStage.REFUSED):
        with pytest.raises(RepairEndedError, match="cannot be taken"):
            city.credit.move_on(small.merchant_shop, repair, stage, SUPERVISOR)
    for _ in range(2):  # the same button, pressed twice
        city.credit.move_on(small.merchant_shop, repair, RepairStage.DISTRICT, SUPERVISOR)
    assert _repair(city, small)["stage"] == "district"
    assert _recorded(engine)[2:] == [("supervisor", "repair_step")]


def test_a_refusal_is_kept_with_its_words_and_one_may_ask_again(
    city: City, small: SmallCity, engine: Engine
) -> None:
    repair = _applied(city, small)
    with pytest.raises(BadQueryError):
        city.credit.refuse(small.merchant_shop, repair, " ", SUPERVISOR)
    city.credit.refuse(small.merchant_shop, repair, f" {WHY} ", SUPERVISOR)
    told = _repair(city, small, MERCHANT)
    assert (told["stage"], told["refusal"], told["decided_by"]) == ("refused", WHY, "supervisor")
    assert "repairing" not in _reasons(city, small.merchant_shop)[0]
    for again in (
        lambda: city.credit.refuse(small.merchant_shop, repair, WHY, SUPERVISOR),
        lambda: city.credit.move_on(small.merchant_shop, repair, RepairStage.DISTRICT, SUPERVISOR),
    ):
        with pytest.raises(RepairEndedError):
            again()
    city.credit.apply(
        small.merchant_shop, int(_card(city, small.merchant_shop)["credit"][0]["id"]), BOTH, MERCHANT
    )
    assert _repair(city, small)["stage"] == "applied"


def test_a_granted_repair_is_the_last(city: City, small: SmallCity) -> None:
    _granted(city, small)
    (row,) = _card(city, small.merchant_shop)["credit"]
    with pytest.raises(NoRepairError, match="nothing to repair"):
        city.credit.apply(small.merchant_shop, row["id"], BOTH, MERCHANT)


def test_the_same_again_changes_nothing(city: City, small: SmallCity, engine: Engine) -> None:
    for _ in range(2):
        record = _entered(city, small)
        city.credit.apply(small.merchant_shop, record, BOTH, MERCHANT)
    assert len(_card(city, small.merchant_shop)["credit"][0]["repairs"]) == 1
    assert _recorded(engine) == [("supervisor", "credit_record"), ("merchant", "repair_apply")]
    with pytest.raises(KnownRecordError, match="check the number"):
        _entered(city, small, severity="serious")
    with pytest.raises(UnderRepairError):
        city.credit.apply(small.merchant_shop, record, BOTH, COLLEAGUE)


def test_of_two_who_ask_at_once_one_does(city: City, small: SmallCity, engine: Engine) -> None:
    record = _entered(city, small)
    outcomes = _at_once(
        lambda: city.credit.apply(small.merchant_shop, record, BOTH, MERCHANT) or "asked",
        lambda: city.credit.apply(small.merchant_shop, record, BOTH, COLLEAGUE) or "asked",
    )
    assert {type(outcome) for outcome in outcomes} == {str, UnderRepairError}
    assert len(_recorded(engine)) == 2


def test_of_two_who_answer_at_once_one_does(city: City, small: SmallCity) -> None:
    repair = _applied(city, small)
    outcomes = _at_once(
        lambda: city.credit.refuse(small.merchant_shop, repair, WHY, SUPERVISOR) or "done",
        lambda: city.credit.refuse(small.merchant_shop, repair, WHY + "！", SUPERVISOR) or "done",
    )
    assert {type(outcome) for outcome in outcomes} == {str, RepairEndedError}


def test_what_cannot_be_meant_leaves_nothing(city: City, small: SmallCity, engine: Engine) -> None:
    for name, value in (("severity", ""), ("number", ""), ("published_on", "2026-05-01")):
        with pytest.raises(BadQueryError) as refused:
            city.credit.enter(small.merchant_shop, RIGHT | {name: value}, SUPERVISOR)
        assert refused.value.parameter == name
    with pytest.raises(BadQueryError, match="No firm is known here"):
        city.credit.enter(small.red_shop, RIGHT, SUPERVISOR)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM credit_record")) == 0
    assert _recorded(engine) == []


def test_the_record_never_carries_the_words(city: City, small: SmallCity, engine: Engine) -> None:
    city.credit.refuse(small.merchant_shop, _applied(city, small), WHY, SUPERVISOR)
    with engine.connect() as connection:
        told = json.dumps(list(connection.scalars(text("SELECT details::text FROM audit_event"))))
    for words in (WHY, RIGHT["act"], RIGHT["decision"], RIGHT["number"]):
        assert words not in json.loads(told).__repr__()


Step = Callable[[City, SmallCity, Viewer], None]
STEPS_OF: dict[str, tuple[Viewer, Step]] = {
    "enter": (SUPERVISOR, lambda city, small, viewer: city.credit.enter(small.merchant_shop, RIGHT, viewer)),
    "apply": (MERCHANT, lambda city, small, viewer: city.credit.apply(small.merchant_shop, 1, BOTH, viewer)),
    "move_on": (
        SUPERVISOR,
        lambda city, small, viewer: city.credit.move_on(small.merchant_shop, 1, RepairStage.DISTRICT, viewer),
    ),
    "refuse": (
        SUPERVISOR,
        lambda city, small, viewer: city.credit.refuse(small.merchant_shop, 1, WHY, viewer),
    ),
}


@pytest.mark.parametrize("name", STEPS_OF)
def test_only_one_role_takes_each_step(city: City, small: SmallCity, engine: Engine, name: str) -> None:
    may, step = STEPS_OF[name]
    _applied(city, small)
    before = _recorded(engine)
    for viewer in (SUPERVISOR, MERCHANT, INSPECTOR, ADMIN, AGENCY, Viewer()):
        if viewer.role is not may.role:
            with pytest.raises(ForbiddenError):
                step(city, small, viewer)
    assert _recorded(engine) == before


def test_what_is_out_of_scope_or_elsewhere_is_unknown(city: City, small: SmallCity) -> None:
    repair = _applied(city, small)
    record = int(_card(city, small.merchant_shop)["credit"][0]["id"])
    for place_id, viewer in (
        (small.merchant_shop, STRANGER),
        (small.red_shop, MERCHANT),
        (999_999, MERCHANT),
    ):
        with pytest.raises(UnknownPlaceError):
            city.credit.apply(place_id, record, BOTH, viewer)
    for unknown in (999_999, record + 1):
        with pytest.raises(UnknownRecordError):
            city.credit.apply(small.merchant_shop, unknown, BOTH, MERCHANT)
    with pytest.raises(UnknownRecordError):  # a place of another firm
        city.credit.move_on(small.red_shop, repair, RepairStage.DISTRICT, SUPERVISOR)
    with pytest.raises(UnknownRecordError):
        city.credit.refuse(small.merchant_shop, 999_999, WHY, SUPERVISOR)


def test_records_go_with_their_firm(city: City, small: SmallCity, engine: Engine) -> None:
    _applied(city, small)
    with acting(engine, "clerk") as connection:
        connection.execute(text("UPDATE place SET enterprise_id = NULL"))
        connection.execute(text("DELETE FROM enterprise"))
        assert connection.scalar(text("SELECT count(*) FROM credit_repair")) == 0
        kept = "SELECT count(*) FROM history WHERE table_name IN ('credit_record', 'credit_repair')"
        assert connection.scalar(text(kept)) == 2
