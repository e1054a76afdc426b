"""Visits: when the next is due, how the last one ended, what the face says."""

from __future__ import annotations

import pytest

from layers.core.facts import Facts, Inspection, InspectionResult
from layers.core.tiers import Tier
from layers.core.verdict import Verdict
from tests.layers.examples import SHANGHAI, at, codes, day, food, judged, licence, shop, visit


def visited(*visits: Inspection, **more: object) -> Facts:
    more.setdefault("attributes", {"food_risk": "B", "credit_risk": "B"})
    permits = (licence(), food(valid_to="2039-12-31"))
    return shop(permits=permits, inspections=visits, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("when", "code", "tier"),
    [
        ("2024-01-30 23:59", "inspection.in_time", "blue"),
        ("2024-01-31 00:00", "inspection.due_soon", "yellow"),  # 30 days before 2024-03-01
        ("2024-03-01 23:59", "inspection.due_soon", "yellow"),
        ("2024-03-02 00:00", "inspection.overdue", "orange"),
        ("2024-08-28 23:59", "inspection.overdue", "orange"),  # 180 days later
        ("2024-08-29 00:00", "inspection.long_overdue", "red"),
    ],
)
def test_the_list_of_what_is_due_over_year_end_and_leap_day(when: str, code: str, tier: str) -> None:
    facts = visited(visit("2023-03-02 10:00"))  # 365 days later: 2024-03-01, a day after 29 February
    assert codes(judged(facts, when))[code] == tier


@pytest.mark.parametrize(
    ("risk", "credit", "due"),
    [
        ("A", "A", "2025-01-01"),  # one in two years
        ("A", "D", "2024-01-02"),  # one a year
        ("B", "B", "2024-01-02"),
        ("B", "C", "2023-07-03"),  # two a year: 182 days
        ("C", "A", "2023-07-03"),
        ("D", "A", "2023-05-04"),  # grade D: at least three
        ("D", "D", "2023-04-03"),  # four a year: 91 days
    ],
)
def test_nine_squares_give_the_next_visit(risk: str, credit: str, due: str) -> None:
    facts = visited(visit("2023-01-02 10:00"), attributes={"food_risk": risk, "credit_risk": credit})
    verdict = judged(facts, "2023-01-03 10:00")
    reason = next(r for r in verdict.reasons if r.code.startswith("inspection.") and "last" in r.params)
    assert reason.params["date"] == due
    assert not reason.verified


def test_never_inspected_is_said_but_a_shop_without_food_waits_for_nobody() -> None:
    assert codes(judged(visited(), "2023-01-03 10:00"))["inspection.never"] == "yellow"
    assert "inspection.never" not in codes(judged(visited(category="retail"), "2023-01-03 10:00"))


def test_a_closed_door_is_no_visit() -> None:
    facts = visited(visit("2022-02-01 10:00"), visit("2023-01-02 10:00", InspectionResult.NO_ENTRY))
    found = codes(judged(facts, "2023-01-03 10:00"))
    assert found["inspection.no_entry"] == "yellow"
    assert found["inspection.due_soon"] == "yellow"


def test_self_checks_are_no_visits() -> None:
    facts = visited(visit("2023-01-02 10:00", kind="self_check"))
    assert "inspection.never" in codes(judged(facts, "2023-01-03 10:00"))


def result(verdict: Verdict) -> tuple[str, str]:
    reason = next(r for r in verdict.reasons if r.rule_id == "inspection_result")
    return reason.code, str(reason.tier)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (visit("2023-01-02 10:00"), ("inspection.passed", "blue")),
        (visit("2023-01-02 10:00", minor=6), ("inspection.passed", "blue")),
        (visit("2023-01-02 10:00", minor=7), ("inspection.minor", "yellow")),
        (visit("2023-01-02 10:00", serious=1), ("inspection.serious", "yellow")),
        (visit("2023-01-02 10:00", critical=1), ("inspection.critical", "orange")),
        (visit("2023-01-02 10:00", InspectionResult.CONDITIONAL), ("inspection.conditional", "yellow")),
        (visit("2023-01-02 10:00", InspectionResult.FAILED, minor=1), ("inspection.failed", "red")),
        (visit("2023-01-02 10:00", InspectionResult.CLOSED), ("inspection.closed", "yellow")),
    ],
)
def test_how_the_last_visit_ended(last: Inspection, expected: tuple[str, str]) -> None:
    assert result(judged(visited(last), "2023-01-03 10:00")) == expected


def test_a_follow_up_is_due_until_the_end_of_its_day() -> None:
    last = visit("2023-01-02 10:00", InspectionResult.CONDITIONAL, follow_up_due=day("2023-01-15"), serious=2)
    first = judged(visited(last), "2023-01-03 10:00")
    assert result(first) == ("inspection.follow_up_due", "yellow")
    assert first.next_change == at("2023-01-16 00:00")
    assert result(judged(visited(last), "2023-01-15 23:59")) == ("inspection.follow_up_due", "yellow")
    assert result(judged(visited(last), "2023-01-16 00:00")) == ("inspection.follow_up_overdue", "orange")


def test_a_failure_stays_red_until_a_pass_comes() -> None:
    failed = visit("2023-01-02 10:00", InspectionResult.FAILED)
    door = visit("2023-01-05 10:00", InspectionResult.NO_ENTRY)
    passed = visit("2023-01-09 10:00", kind="follow_up")
    facts = visited(passed, door, failed)  # in any order
    assert judged(facts, "2023-01-08 10:00").tier is Tier.RED
    assert judged(facts, "2023-01-08 10:00").next_change == at("2023-01-09 10:00")
    assert judged(facts, "2023-01-10 10:00").tier is Tier.BLUE


def test_a_shop_that_is_gone_needs_no_permit_and_no_visit() -> None:
    gone = shop(
        permits=(food(valid_to="2020-12-31"),),
        inspections=(visit("2021-01-02 10:00", InspectionResult.CLOSED),),
    )
    verdict = judged(gone, "2023-01-03 10:00")
    assert codes(verdict) == {"inspection.closed": "yellow"}


@pytest.mark.parametrize(
    ("city", "words", "tier"),
    [
        (SHANGHAI, {"A": "良好（笑脸）", "B": "一般（平脸）", "C": "较差（哭脸）"}, "orange"),
        ("", {"A": "优秀", "B": "良好", "C": "一般"}, "yellow"),
    ],
)
def test_the_same_faces_two_cities_two_labels(city: str, words: dict[str, str], tier: str) -> None:
    for grade, word in words.items():
        verdict = judged(
            visited(visit("2023-01-02 10:00"), city=city, attributes={"face_grade": grade}),
            "2023-01-03 10:00",
        )
        reason = next(r for r in verdict.reasons if r.code == "grade.face")
        assert reason.params["grade"].zh == word  # type: ignore[union-attr]
        assert str(reason.tier) == (tier if grade == "C" else "blue")


def test_without_a_yearly_grade_the_last_visit_gives_the_face() -> None:
    facts = visited(visit("2023-01-02 10:00", grade="C"), attributes={})
    assert codes(judged(facts, "2023-01-03 10:00"))["grade.face"] == "orange"


@pytest.mark.parametrize(("when", "tier"), [("2013-06-01 12:00", Tier.BLUE), ("2026-11-23 12:00", Tier.RED)])
def test_an_old_registry_is_judged_by_the_day_asked_for(when: str, tier: Tier) -> None:
    facts = Facts(
        layer="shops",
        place_id=1,
        category="restaurant",
        permits=(food("2011-02-16", "2013-02-15"), food("2013-02-16", "2015-02-15")),
        inspections=(
            visit("2012-03-01 10:00"),
            visit("2013-02-01 10:00", minor=3),
            visit("2014-02-01 10:00"),
        ),
    )
    assert judged(facts, when).tier is tier
