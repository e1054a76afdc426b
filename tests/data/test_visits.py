"""What a visit may say: its counts and dates fit its result, and two on a day are wanted."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, text

from data.city import City
from data.db import acting
from data.store.inspections import Visit, VisitedTodayError, record_visit
from layers.core.access import Role, Scope, Viewer
from layers.core.citytime import day_of, midnight
from layers.core.errors import YipingError
from layers.core.facts import InspectionResult
from tests.small_city import NOW, SmallCity, build

INSPECTOR = Viewer(Role.INSPECTOR, Scope.parse(["310104"]), "inspector")
TODAY = day_of(NOW)
MEND = InspectionResult.CONDITIONAL


@pytest.fixture
def city(engine: Engine) -> SmallCity:
    return build(engine)


def _record(engine: Engine, visit: Visit) -> int:
    with acting(engine, "inspector") as connection:
        return record_visit(connection, INSPECTOR, visit, NOW).inspection_id


@pytest.mark.parametrize(
    ("said", "zh", "en"),
    [
        (
            {"result": MEND, "serious": 1, "follow_up_due": TODAY - timedelta(days=1)},
            "2026-11-22",
            "2026-11-22",
        ),
        (
            {"result": MEND, "serious": 1, "follow_up_due": TODAY + timedelta(days=366)},
            "2027-11-24",
            "2027-11-24",
        ),
        ({"result": MEND, "serious": 1}, "复查日期", "follow-up"),
        ({"result": MEND, "follow_up_due": TODAY}, "至少要有一项问题", "at least one fault"),
        ({"critical": 1}, "不能记为合格", "has not passed"),
        ({"minor": -1}, "一般问题“-1”", "-1 minor faults"),
        ({"serious": 100}, "较重问题“100”", "100 serious faults"),
        ({"at": NOW + timedelta(minutes=1)}, "不能在将来", "in the future"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    engine: Engine, city: SmallCity, said: dict[str, object], zh: str, en: str
) -> None:
    visit = replace(Visit(place_id=city.merchant_shop, at=NOW, result=InspectionResult.PASSED), **said)  # type: ignore[arg-type]
    with pytest.raises(YipingError) as refused:
        _record(engine, visit)
    assert zh in refused.value.text.zh
    assert en in refused.value.text.en
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM inspection WHERE source = 'field'")) == 0


@pytest.mark.parametrize("days", [0, 365])
def test_faults_may_be_mended_from_today_to_a_year(engine: Engine, city: SmallCity, days: int) -> None:
    due = TODAY + timedelta(days=days)
    visit = Visit(
        place_id=city.merchant_shop, at=NOW, result=MEND, minor=1, follow_up_due=due, check_code="JC1"
    )
    assert _record(engine, visit)


def test_a_second_visit_on_a_day_is_asked_for(engine: Engine, city: SmallCity) -> None:
    early = NOW - timedelta(minutes=88)  # 10:32 in the city
    first = Visit(
        place_id=city.merchant_shop, at=early, result=InspectionResult.PASSED, key="a", check_code="JC1"
    )
    second = replace(first, at=NOW, key="b")
    known = _record(engine, first)
    with pytest.raises(VisitedTodayError, match="10:32"):
        _record(engine, second)
    assert _record(engine, first) == known  # sent again, it is the same visit and no second one
    assert _record(engine, replace(second, again=True)) != known
    before = replace(first, at=NOW - timedelta(days=1), key="c", check_code="JC2")
    assert _record(engine, before)


def test_a_visit_names_who_came_along_and_by_which_code(engine: Engine, city: SmallCity) -> None:
    visit = Visit(
        place_id=city.red_shop,
        at=NOW,
        result=InspectionResult.PASSED,
        second_inspector="李某",
        check_code="JC01",
    )
    written = _record(engine, visit)
    with engine.connect() as connection:
        sql = "SELECT inspector, second_inspector, check_code, level FROM inspection WHERE id = :id"
        row = connection.execute(text(sql), {"id": written}).one()
    assert tuple(row) == ("inspector", "李某", "JC01", "district")


@pytest.mark.parametrize(("day", "refused"), [("2024-12-31", False), ("2025-01-01", True)])
def test_since_2025_nobody_is_visited_without_a_code(
    engine: Engine, city: SmallCity, day: str, refused: bool
) -> None:
    at = midnight(date.fromisoformat(day)) + timedelta(hours=10)
    visit = Visit(place_id=city.red_shop, at=at, result=InspectionResult.NO_ENTRY)
    with pytest.raises(YipingError, match="Apply for a check code") if refused else nullcontext():
        assert _record(engine, visit)
    assert _record(engine, replace(visit, check_code="JC01", again=True))


def test_a_code_is_of_one_visit_of_one_place(engine: Engine, city: SmallCity) -> None:
    visit = Visit(place_id=city.red_shop, at=NOW, result=InspectionResult.PASSED, check_code="JC01")
    assert _record(engine, visit)
    joint = replace(visit, result=InspectionResult.CLOSED, again=True)  # another authority came along
    assert _record(engine, joint)
    for other in (
        replace(visit, place_id=city.rtl_shop),
        replace(visit, at=NOW - timedelta(days=1), again=True),
    ):
        with pytest.raises(YipingError, match="JC01 was used for another visit on 2026-11-23"):
            _record(engine, other)


def test_nobody_is_the_second_of_two_himself(engine: Engine, city: SmallCity) -> None:
    visit = Visit(
        place_id=city.red_shop, at=NOW, result=InspectionResult.PASSED, second_inspector="inspector"
    )
    with pytest.raises(YipingError, match="cannot be yourself"):
        _record(engine, visit)


def test_pages_of_the_same_process_hear_of_a_visit(database_url: str, city: SmallCity) -> None:
    there = City(database_url, lambda: NOW)  # which listens to nobody else
    there.load()
    heard: list[dict[str, int]] = []
    there.subscribe(heard.append)
    visit = Visit(
        place_id=city.merchant_shop, at=NOW, result=InspectionResult.FAILED, critical=1, check_code="JC1"
    )
    there.record_visit(visit, INSPECTOR)
    there.stop()
    assert [set(news) for news in heard] == [{"shops"}]
