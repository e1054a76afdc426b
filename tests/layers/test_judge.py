"""Whatever the facts: a verdict comes out, worst first, has words, and holds until the moment it names."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers.core.checks import CODES
from layers.core.facts import (
    Case,
    CreditRecord,
    Facts,
    Inspection,
    InspectionResult,
    Night,
    Permit,
    PermitState,
    Reading,
    Repair,
    RepairStage,
    Severity,
    Tenancy,
    TenancyState,
)
from layers.core.reasons import REASONS, describe
from layers.core.spec import Field, FieldType, Layer
from layers.core.text import LANGUAGES, Text
from layers.core.tiers import Tier
from layers.core.verdict import Verdict
from tests.layers.examples import REGISTRY, judged

DAYS = st.one_of(st.dates(date(2019, 1, 1), date(2027, 12, 31)), st.sampled_from([date.min, date.max]))
MOMENTS = st.datetimes(datetime(2019, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
FACT_MOMENTS = st.one_of(
    MOMENTS, st.sampled_from([datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
)
LEVELS = st.none() | st.floats(0, 160)


def _terms(draw: st.DrawFn) -> tuple[date | None, date | None]:
    first, last = draw(st.none() | DAYS), draw(st.none() | DAYS)
    return (last, first) if first and last and last < first else (first, last)


def _nights(draw: st.DrawFn) -> tuple[Night, ...]:
    starts = draw(st.lists(MOMENTS, max_size=6))
    return tuple(Night(starts_at=s, ends_at=s + timedelta(hours=draw(st.integers(1, 9)))) for s in starts)


@st.composite
def permits(draw: st.DrawFn, layer: Layer) -> Permit:
    first, last = _terms(draw)
    return Permit(
        kind=draw(st.sampled_from([*(spec.kind for spec in layer.permits), "unknown"])),
        number="n",
        state=draw(st.sampled_from(PermitState)),
        valid_from=first,
        valid_to=last,
        renewal_applied_on=draw(st.none() | DAYS),
        basis=draw(st.sampled_from(["", "permit", "filing", "emergency"])),
        notice_posted=draw(st.none() | st.booleans()),
        nights=_nights(draw) if layer.id == "nights" else (),
        id=draw(st.none() | st.integers(1, 9)),
    )


def _value(field: Field) -> st.SearchStrategy[Any]:
    choices = [choice.value for choice in field.choices]
    low = int(field.minimum or 0)
    return {
        FieldType.TEXT: st.text(max_size=8),
        FieldType.INTEGER: st.integers(low, low + 400),
        FieldType.NUMBER: st.floats(low, low + 400),
        FieldType.BOOLEAN: st.booleans(),
        FieldType.DATE: DAYS,
        FieldType.CHOICE: st.sampled_from(choices or [""]),
        FieldType.CLOCK: st.integers(0, 1440),
        FieldType.HOURS: st.just("mon-fri 06:00-09:30"),
        FieldType.CHOICES: st.lists(st.sampled_from(choices or [""])).map(tuple),
    }[field.type]


def _visits(layer: Layer) -> st.SearchStrategy[Inspection]:
    return st.builds(
        Inspection,
        kind=st.sampled_from([*(spec.kind for spec in layer.inspections), "unknown"]),
        at=FACT_MOMENTS,
        result=st.sampled_from(InspectionResult),
        grade=st.sampled_from(["", "A", "B", "C", "?"]),
        critical=st.integers(0, 3),
        serious=st.integers(0, 3),
        minor=st.integers(0, 9),
        follow_up_due=st.none() | DAYS,
    )


TENANCIES = st.builds(
    Tenancy,
    unit=st.just("1"),
    tenant=st.just("t"),
    state=st.sampled_from(TenancyState),
    valid_from=st.none() | DAYS,
    valid_to=st.none() | DAYS,
    registered=st.booleans(),
)
CASES = st.builds(
    Case,
    kind=st.sampled_from(["complaint", "alert", "task", "unknown"]),
    title=st.text(max_size=4),
    stage=st.just("received"),
    opened_at=FACT_MOMENTS,
    due_at=st.none() | FACT_MOMENTS,
    closed_at=st.none() | FACT_MOMENTS,
)
CREDIT = st.builds(
    CreditRecord,
    severity=st.sampled_from(Severity),
    number=st.just("n"),
    decided_on=DAYS,
    published_on=st.none() | DAYS,
    repairs=st.lists(
        st.builds(Repair, applied_on=DAYS, stage=st.sampled_from(RepairStage), ended_on=st.none() | DAYS),
        max_size=2,
    ).map(tuple),
)
READINGS = st.builds(Reading, at=FACT_MOMENTS, working=st.booleans(), leq_db=LEVELS, lmax_db=LEVELS)


def _facts_of(layer: Layer) -> st.SearchStrategy[Facts]:
    """Return facts of a layer; put together once, for building a strategy takes longer than drawing from it."""
    values = {field.name: st.none() | _value(field) for field in layer.fields}
    return st.builds(
        Facts,
        layer=st.just(layer.id),
        place_id=st.just(1),
        category=st.sampled_from([*(choice.value for choice in layer.categories), "", "unknown"]),
        city=st.sampled_from(["", "310104003", "310115", "110101"]),
        attributes=st.fixed_dictionaries({}, optional=values),
        permits=_some(permits(layer), 4),
        inspections=_some(_visits(layer), 4),
        tenancies=_some(TENANCIES, 4),
        cases=_some(CASES, 3),
        readings=_some(READINGS, 3),
        credit=_some(CREDIT, 3),
    )


def _some(one: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(one, max_size=most).map(tuple)


FACTS = st.one_of(*map(_facts_of, REGISTRY))


def facts() -> st.SearchStrategy[Facts]:
    """Return facts of any layer."""
    return FACTS


MANY = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


@MANY
@given(facts(), MOMENTS)
def test_every_place_gets_a_verdict_that_can_be_said(place: Facts, moment: datetime) -> None:
    verdict = judged(place, moment)
    tiers = [reason.tier for reason in verdict.reasons]
    assert verdict.tier is (tiers[0] if tiers else Tier.NONE)
    assert [tier.code for tier in tiers] == sorted((tier.code for tier in tiers), reverse=True)
    assert verdict.next_change is None or verdict.next_change > moment
    assert verdict.rule_version
    for reason in verdict.reasons:
        assert reason.code in CODES
        assert reason.source
        for language in LANGUAGES:
            words = describe(reason.code, reason.params, language)
            assert words
            assert placeholders(reason.code) <= set(reason.params), reason.code


@MANY
@given(facts(), MOMENTS)
def test_a_verdict_holds_until_the_moment_it_names(place: Facts, moment: datetime) -> None:
    verdict = judged(place, moment)
    if verdict.next_change is None:
        later = [moment + timedelta(days=days) for days in (1, 40, 400)]
    else:
        last = verdict.next_change - timedelta(microseconds=1)
        later = [moment + (last - moment) / 2, last]
    for other in (
        known for known in later if known.year < 9999
    ):  # the calendar's last day stands for "never"
        assert seen(judged(place, other)) == seen(verdict)


def seen(verdict: Verdict) -> tuple[object, ...]:
    return verdict.status, verdict.tier, verdict.state


@MANY
@given(facts(), MOMENTS)
def test_blue_always_has_a_reason(place: Facts, moment: datetime) -> None:
    verdict = judged(place, moment)
    assert (verdict.tier is Tier.NONE) == all(reason.tier is Tier.NONE for reason in verdict.reasons)


def placeholders(code: str) -> set[str]:
    words = REASONS[code]
    found = [
        {name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (words.zh, words.en)
    ]
    assert found[0] == found[1], f"{code} names other parameters in Chinese than in English"
    return found[0]


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_reason_has_words_with_the_same_parameters_in_both_languages(code: str) -> None:
    placeholders(code)
    assert REASONS[code].zh
    assert REASONS[code].en


def test_no_words_are_left_over() -> None:
    assert set(REASONS) == CODES


def test_words_take_text_its_json_and_plain_values() -> None:
    kind = Text("营业执照", "Business licence")
    assert (
        describe("permit.expiring", {"kind": kind, "date": "2024-12-31"}, "zh")
        == "营业执照将于 2024-12-31 到期"
    )
    assert describe("permit.missing", {"kind": kind.as_json()}, "en") == "Business licence: none held"
    assert describe("cases.open", {"n": 2}, "en") == "2 cases open (oldest —)"
    assert describe("future.code", {}, "zh") == "future.code"
    assert describe("field.value", {"field": "{value}", "value": "<b>"}, "en") == "{value}: <b>"
