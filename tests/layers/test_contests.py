"""Objections mark the reason they are about, and are no way to a better tier."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.contests import (
    CONTEST,
    MOST_WORDS,
    Outcome,
    answer_due,
    decision_words,
    is_contestable,
    objection_words,
)
from layers.core.errors import BadQueryError
from layers.core.facts import Case, Facts
from layers.core.tiers import Tier
from layers.core.verdict import Reason, ReasonKey, Verdict
from tests.layers.examples import at, day, food, heard, judged, licence, shop, site, visit
from tests.layers.test_judge import FACT_MOMENTS, MANY, MOMENTS, facts

EXPIRED = shop(permits=(licence(), food(id=12)), inspections=(visit("2024-12-01 10:00"),))
WHEN = "2025-01-10 09:00"


def reason_of(verdict: Verdict, code: str) -> Reason:
    return next(reason for reason in verdict.reasons if reason.code == code)


def objection(about: Reason, opened: str = "2025-01-05 09:00", **more: object) -> Case:
    given_ = {"kind": CONTEST, "title": "t", "stage": "received", "opened_at": at(opened)}
    return Case(**(given_ | {"about": about.key, "about_on": about.on} | more))  # type: ignore[arg-type]


def with_(place: Facts, *cases: Case) -> Facts:
    return place._replace(cases=(*place.cases, *cases))


def bare(verdict: Verdict) -> Verdict:
    """Return a verdict without the marks of objections and without when it may turn."""
    reasons = tuple(reason._replace(contested=False, upheld_on=None) for reason in verdict.reasons)
    return verdict._replace(reasons=reasons, next_change=None)


@MANY
@given(facts(), MOMENTS, st.data())
def test_objecting_changes_nothing_but_the_mark(place: Facts, moment: datetime, data: st.DataObject) -> None:
    before = judged(place, moment)
    keys = [reason.key for reason in before.reasons] or [ReasonKey("a", "b", "c")]
    objections = st.builds(
        Case,
        kind=st.just(CONTEST),
        title=st.just(""),
        stage=st.just("received"),
        opened_at=FACT_MOMENTS,
        due_at=st.none() | FACT_MOMENTS,
        closed_at=st.none() | FACT_MOMENTS,
        about=st.sampled_from(keys),
        outcome=st.sampled_from(["", *Outcome]),
    )
    after = judged(with_(place, *data.draw(st.lists(objections, min_size=1, max_size=3))), moment)
    assert bare(after) == bare(before)


def test_an_open_objection_marks_its_reason_alone() -> None:
    about = reason_of(judged(EXPIRED, WHEN), "permit.expired")
    verdict = judged(with_(EXPIRED, objection(about)), WHEN)
    assert {reason.code for reason in verdict.reasons if reason.contested} == {"permit.expired"}
    assert verdict.tier is judged(EXPIRED, WHEN).tier is Tier.RED


def test_a_mark_begins_and_ends_with_the_objection() -> None:
    about = reason_of(judged(EXPIRED, WHEN), "permit.expired")
    closed = objection(about, closed_at=at("2025-01-09 09:00"), outcome=Outcome.REJECTED)
    for when, marked in (
        ("2025-01-05 08:59", False),
        ("2025-01-05 09:00", True),
        ("2025-01-09 09:00", False),
    ):
        reason = reason_of(judged(with_(EXPIRED, closed), when), "permit.expired")
        assert (reason.contested, reason.upheld_on) == (marked, None), when


def test_an_upheld_objection_stays_until_the_facts_are_corrected() -> None:
    about = reason_of(judged(EXPIRED, WHEN), "permit.expired")
    upheld = objection(about, closed_at=at("2025-01-09 09:00"), outcome=Outcome.UPHELD)
    for when, since in (("2025-01-09 08:59", None), (WHEN, day("2025-01-09"))):
        assert reason_of(judged(with_(EXPIRED, upheld), when), "permit.expired").upheld_on == since
    corrected = EXPIRED._replace(permits=(licence(), food(valid_to="2025-06-30", id=12)))
    assert "permit.expired" not in {r.code for r in judged(with_(corrected, upheld), WHEN).reasons}
    # The same permit runs out in the end: that is another fact, to which nobody has objected.
    later = reason_of(judged(with_(corrected, upheld), "2025-07-10 09:00"), "permit.expired")
    assert later.key == about.key
    assert later.upheld_on is None


def test_an_objection_to_a_breach_does_not_make_it_look_handled() -> None:
    working = site(readings=(heard("2025-01-09 23:30"),))
    breach = judged(working, WHEN)
    contested = judged(with_(working, objection(breach.reasons[0], "2025-01-10 08:00")), WHEN)
    assert contested.state == breach.state


def test_an_objection_that_nobody_answers_is_no_overdue_case() -> None:
    about = reason_of(judged(EXPIRED, WHEN), "permit.expired")
    late = with_(EXPIRED, objection(about, due_at=at("2025-01-06 09:00")))
    assert not [reason for reason in judged(late, WHEN).reasons if reason.code.startswith("cases")]


def test_only_what_is_out_of_order_can_be_contested() -> None:
    assert [tier for tier in Tier if is_contestable(tier)] == [Tier.YELLOW, Tier.ORANGE, Tier.RED]


def test_an_answer_is_due_in_fifteen_working_days() -> None:
    assert answer_due(at("2026-11-23 09:00")) == at(
        "2026-12-15 00:00"
    )  # after the 15th working day, the 14th
    assert answer_due(at("2021-09-29 09:00")) == at("2021-10-27 00:00")  # over the National Day holidays


@pytest.mark.parametrize("given_", ["", " " * 40, "太短了", "字" * (MOST_WORDS + 1), "一二三四五六七八九\0"])
def test_words_too_few_or_too_many_are_refused_by_name(given_: str) -> None:
    with pytest.raises(BadQueryError) as refused:
        objection_words(given_)
    assert refused.value.parameter == "words"


@pytest.mark.parametrize("given_", ["十个字的一句异议说明", "字" * MOST_WORDS])
def test_words_are_kept_without_what_cannot_be_seen(given_: str) -> None:
    assert objection_words(f" {given_}\0\ud800\n") == given_


def test_a_decision_needs_an_explanation() -> None:
    for given_ in ("", " \n\0", "字" * (MOST_WORDS + 1)):
        with pytest.raises(BadQueryError):
            decision_words(given_)
    assert decision_words(" 对 ") == "对"
