"""Credit records: which rule, which days, what is missing, and that a verdict follows the records and time alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.checks.credit import check_credit
from layers.core.citytime import add_days
from layers.core.credit import (
    STEPS,
    Need,
    add_months,
    earliest_repair,
    faults,
    is_published,
    last_day,
    missing,
    next_step,
    rule_on,
)
from layers.core.facts import CreditRecord, Facts, Repair, RepairStage, Severity
from layers.core.findings import Findings
from layers.core.rules import Rule
from layers.core.tiers import Tier
from layers.core.verdict import Reason, Verdict
from tests.layers.examples import REGISTRY, SHANGHAI, TABLES, at, day, food, judged, licence, shop, visit
from tests.layers.test_judge import CREDIT, MANY, MOMENTS, facts

WITH_CREDIT = ("shops", "breakfast")
IN_ORDER = shop(permits=(licence(), food(valid_to="2030-12-31")), inspections=(visit("2026-11-01 10:00"),))
BOTH = frozenset(Need)


def rule(when: str, layer: str = "shops") -> Rule:
    found = rule_on(TABLES[layer], day(when), SHANGHAI)
    assert found is not None
    return found


def record(severity: Severity = Severity.GENERAL, decided: str = "2026-05-10", **more: Any) -> CreditRecord:
    given_: dict[str, Any] = {"number": "沪市监罚〔2026〕1号", "decided_on": day(decided), "id": 7}
    return CreditRecord(severity=severity, **({"published_on": day(decided)} | given_ | more))


def reasons(place: Facts, when: str) -> list[Reason]:
    return [r for r in judged(place, when).reasons if r.code.startswith("credit.")]


def with_(*records: CreditRecord) -> Facts:
    return IN_ORDER._replace(credit=records)


# --- Which rule ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("applied", "named"),
    [
        ("2021-06-01", "发改办财金〔2019〕527号"),
        ("2023-04-30", "发改办财金〔2019〕527号"),
        ("2023-05-01", "国家发展改革委令第58号"),
        ("2026-03-31", "国家发展改革委令第58号"),
        ("2026-04-01", "国家发展改革委令第36号"),
        ("2026-05-15", "国家发展改革委令第36号"),
    ],
)
@pytest.mark.parametrize("layer", WITH_CREDIT)
def test_a_repair_goes_by_the_rule_of_the_day_of_its_application(
    layer: str, applied: str, named: str
) -> None:
    assert rule(applied, layer).params["named"] == named


def test_before_the_first_rule_there_is_no_repair() -> None:
    assert rule_on(TABLES["shops"], day("2019-06-30"), SHANGHAI) is None


def test_layers_with_a_firm_have_the_same_rules() -> None:
    per_layer = [[one for one in TABLES[layer].rules if one.check == "credit"] for layer in WITH_CREDIT]
    assert per_layer[0] == per_layer[1]
    assert len(per_layer[0]) == 3
    others = set(TABLES) - set(WITH_CREDIT)
    assert not [one for layer in others for one in TABLES[layer].rules if one.check == "credit"]


# --- Days ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-11-30", 3, "2027-02-28"),
        ("2023-11-30", 3, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 36, "2027-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-05-31", 6, "2026-11-30"),
        ("2026-05-10", 0, "2026-05-10"),
        ("9999-12-31", 1, "9999-12-31"),
    ],
)
def test_months_are_those_of_the_calendar(start: str, months: int, end: str) -> None:
    assert add_months(day(start), months) == day(end)


@given(st.dates(date(1900, 1, 1), date(2900, 1, 1)), st.integers(0, 60))
def test_months_never_run_over_into_the_next(start: date, months: int) -> None:
    end = add_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and add_days(end, 1).day == 1)
    assert end <= add_months(start, months + 1)


@pytest.mark.parametrize(
    ("when", "severity", "earliest", "last"),
    [
        ("2021-06-01", Severity.MINOR, "2026-08-11", "2027-05-10"),
        ("2021-06-01", Severity.GENERAL, "2026-08-11", "2027-05-10"),
        ("2021-06-01", Severity.SERIOUS, "2026-11-11", "2029-05-10"),
        ("2026-05-15", Severity.MINOR, "2026-05-10", "2026-08-10"),
        ("2026-05-15", Severity.GENERAL, "2026-08-11", "2027-05-10"),
        ("2026-05-15", Severity.SERIOUS, "2027-05-11", "2029-05-10"),
    ],
)
def test_each_rule_has_its_own_days(when: str, severity: Severity, earliest: str, last: str) -> None:
    one = record(severity)
    assert (earliest_repair(one, rule(when)), last_day(one, rule(when))) == (day(earliest), day(last))


def test_the_rule_says_from_which_day_months_are_counted() -> None:
    late = record(published_on=day("2026-06-01"))
    by_decision = rule("2026-05-15")
    by_publication = replace(by_decision, params={**by_decision.params, "counted_from": "published_on"})
    assert last_day(late, by_decision) == day("2027-05-10")
    assert last_day(late, by_publication) == day("2027-06-01")


def test_nothing_is_repaired_before_it_is_published() -> None:
    late = record(Severity.MINOR, published_on=day("2026-06-01"))
    assert earliest_repair(late, rule("2026-06-10")) == day("2026-06-01")


# --- What cannot be repaired --------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["2021-06-01", "2024-06-01", "2026-05-15"])
def test_a_specific_record_stays_to_its_longest_term_under_every_rule(when: str) -> None:
    one, by = record(Severity.SPECIFIC, "2019-11-05"), rule(when)
    assert (earliest_repair(one, by), last_day(one, by)) == (None, day("2022-11-05"))


@pytest.mark.parametrize("today", ["2026-05-10", "2026-11-10", "2029-05-10"])
def test_why_a_specific_record_cannot_be_repaired_is_one_sentence_with_the_way_out(today: str) -> None:
    told = missing(record(Severity.SPECIFIC), rule("2026-06-01"), day(today), BOTH)
    assert told is not None
    assert told.zh == (
        "依据国家发展改革委令第36号，这条特定严重失信记录须公示至 2029-05-10，期间不得修复："
        "如认为程度认定有误，请向决定机关申请更正。"
    )
    assert "2029-05-10" in told.en
    assert "ask the authority to correct it" in told.en


def test_after_its_term_a_specific_record_is_gone_as_any_other() -> None:
    told = missing(record(Severity.SPECIFIC), rule("2026-06-01"), day("2029-05-11"), BOTH)
    assert told is not None
    assert "nothing to repair" in told.en


def test_the_reason_of_a_specific_record_stays_to_the_last_minute_of_its_term() -> None:
    place = with_(record(Severity.SPECIFIC))
    (reason,) = reasons(place, "2029-05-10 23:59")
    assert (reason.code, reason.tier, reason.params["date"]) == ("credit.specific", Tier.ORANGE, "2029-05-10")
    assert reasons(place, "2029-05-11 00:00") == []


def test_a_rule_without_specific_records_takes_them_as_serious_and_repairs_none() -> None:
    known = rule("2026-06-01")
    months = {name: span for name, span in known.params["months"].items() if name != "specific"}
    tiers = {name: tier for name, tier in known.tiers.items() if name != "specific"}
    older = replace(known, params={**known.params, "months": months}, tiers=tiers)
    assert list(faults(older.params)) == []
    one = record(Severity.SPECIFIC)
    assert (earliest_repair(one, older), last_day(one, older)) == (None, day("2029-05-10"))
    found = Findings()
    check_credit(found, REGISTRY["shops"], with_(one), older, at("2026-11-23 12:00"))
    assert [(reason.code, reason.tier) for reason in found.reasons] == [("credit.specific", Tier.ORANGE)]


def test_case_18_a_record_graded_too_high_is_repaired_once_it_is_a_general_one() -> None:
    graded, asked = record(Severity.SPECIFIC, "2019-11-05"), day("2021-09-01")
    assert missing(graded, rule("2021-09-01"), asked, BOTH) is not None
    general = graded._replace(severity=Severity.GENERAL, decided_on=day("2020-11-05"))
    assert missing(general, rule("2021-09-01"), asked, BOTH) is None


# --- What is missing ----------------------------------------------------------------------------------------------


def test_a_repair_is_refused_until_the_day_that_it_names() -> None:
    one, by = record(), rule("2026-06-01")
    early = missing(one, by, day("2026-08-10"), BOTH)
    assert early is not None
    for words in (early.zh, early.en):
        assert "2026-08-11" in words
        assert "国家发展改革委令第36号" in words
    assert missing(one, by, day("2026-08-11"), BOTH) is None


@pytest.mark.parametrize("lacking", Need)
def test_what_is_not_declared_is_named(lacking: Need) -> None:
    one, by = record(), rule("2026-06-01")
    told = missing(one, by, day("2026-09-01"), BOTH - {lacking})
    assert told is not None
    assert ("承诺" in told.zh) == (lacking is Need.PLEDGED)
    assert ("complied" in told.en) == (lacking is Need.FULFILLED)


@pytest.mark.parametrize("when", ["2026-05-09", "2027-05-11"])
def test_what_is_not_published_needs_no_repair(when: str) -> None:
    told = missing(record(), rule("2026-06-01"), day(when), BOTH)
    assert told is not None
    assert "nothing to repair" in told.en


def test_steps_follow_each_other_to_an_end() -> None:
    assert [next_step(stage) for stage in STEPS] == [*STEPS[1:], None]
    assert next_step(RepairStage.REFUSED) is None


# --- The verdict --------------------------------------------------------------------------------------------------


def test_a_record_is_a_reason_while_it_is_published() -> None:
    place = with_(record())
    for when, there in (
        ("2026-05-09 23:59", False),
        ("2026-05-10 00:00", True),
        ("2027-05-10 23:59", True),
        ("2027-05-11 00:00", False),
    ):
        assert bool(reasons(place, when)) == there, when
    (reason,) = reasons(place, "2026-11-23 12:00")
    assert (reason.code, reason.tier, reason.fact) == ("credit.general", Tier.YELLOW, "credit:7")
    assert reason.params == {"number": "沪市监罚〔2026〕1号", "since": "2026-05-10", "date": "2027-05-10"}
    assert (reason.rule_id, reason.verified) == ("credit", False)


def test_the_verdict_names_the_minute_at_which_a_record_begins_and_ends() -> None:
    alone = with_(record())._replace(permits=(), inspections=(), category="")
    assert judged(alone, "2026-05-09 12:00").next_change == at("2026-05-10 00:00")
    assert judged(alone, "2026-11-23 12:00").next_change == at("2027-05-11 00:00")
    assert judged(alone, "2027-05-11 00:00").next_change is None


def test_what_is_not_shown_is_no_reason() -> None:
    assert reasons(with_(record(Severity.MINOR, published_on=None)), "2026-05-20 12:00") == []


def test_a_serious_record_weighs_more() -> None:
    verdict = judged(with_(record(Severity.SERIOUS)), "2026-11-23 12:00")
    assert verdict.tier is Tier.ORANGE


def test_records_of_before_follow_the_rule_in_force_today() -> None:
    minor = with_(record(Severity.MINOR, "2025-12-01"))
    assert reasons(minor, "2026-03-31 23:59")
    assert judged(minor, "2026-03-31 23:59").next_change == at("2026-04-01 00:00")
    assert reasons(minor, "2026-04-01 00:00") == []


def under(stage: RepairStage, ended: str | None = None) -> Repair:
    return Repair(applied_on=day("2026-09-01"), stage=stage, ended_on=day(ended) if ended else None)


def test_a_repair_under_way_is_a_mark_and_no_better_tier() -> None:
    for stage in STEPS[:-1]:
        place = with_(record(repairs=(under(stage),)))
        assert [r.repairing for r in reasons(place, "2026-08-31 12:00")] == [False]
        (reason,) = reasons(place, "2026-09-01 00:00")
        assert (reason.repairing, reason.tier) == (True, Tier.YELLOW)


def test_a_granted_repair_ends_the_reason_and_a_refused_one_the_mark() -> None:
    granted = with_(record(repairs=(under(RepairStage.GRANTED, "2026-09-08"),)))
    assert reasons(granted, "2026-09-07 23:59")[0].repairing
    assert judged(granted, "2026-09-07 23:59").next_change == at("2026-09-08 00:00")
    assert reasons(granted, "2026-09-08 00:00") == []
    refused = with_(record(repairs=(under(RepairStage.REFUSED, "2026-09-08"),)))
    (reason,) = reasons(refused, "2026-09-08 00:00")
    assert (reason.repairing, reason.tier) == (False, Tier.YELLOW)


@MANY
@given(facts(), CREDIT, MOMENTS)
def test_a_record_more_never_makes_a_better_tier(place: Facts, more: CreditRecord, moment: datetime) -> None:
    before = judged(place, moment)
    after = judged(place._replace(credit=(*place.credit, more)), moment)
    assert after.tier.code >= before.tier.code
    assert _others(after) == _others(before)


@MANY
@given(facts(), st.lists(CREDIT, min_size=1, max_size=3), MOMENTS)
def test_applying_changes_nothing_but_the_mark(
    place: Facts, records: list[CreditRecord], moment: datetime
) -> None:
    open_ = Repair(applied_on=moment.date() - timedelta(days=2))
    asked = tuple(one._replace(repairs=(*one.repairs, open_)) for one in records)
    before = judged(place._replace(credit=tuple(records)), moment)
    after = judged(place._replace(credit=asked), moment)
    assert _bare(after) == _bare(before)
    assert after.tier is before.tier


@given(CREDIT, st.dates(date(2019, 7, 1), date(2027, 12, 31)))
def test_a_published_record_can_be_repaired_or_ends_by_itself(one: CreditRecord, when: date) -> None:
    by = rule_on(TABLES["shops"], when)
    assert by is not None
    if not is_published(one, by, when):
        return
    last = last_day(one, by)
    assert one.published_on is not None
    assert one.published_on <= when <= last
    assert not is_published(one, by, add_days(last, 1)) or last == date.max
    midday = datetime(when.year, when.month, when.day, 4, tzinfo=UTC)
    found = Findings()
    check_credit(found, REGISTRY["shops"], IN_ORDER._replace(credit=(one,)), by, midday)
    assert len(found.reasons) == 1
    assert all(turn > midday for turn in found.changes)


def _others(verdict: Verdict) -> list[Reason]:
    return [reason for reason in verdict.reasons if not reason.code.startswith("credit.")]


def _bare(verdict: Verdict) -> list[Reason]:
    return [reason._replace(repairing=False) for reason in verdict.reasons]


# --- The table ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"months": {"minor": [0, 3], "general": [3, 12]}}, "least and the most"),
        ({"months": {"minor": [4, 3], "general": [3, 12], "serious": [12, 36]}}, "least and the most"),
        ({"months": {"minor": 3, "general": [3, 12], "serious": [12, 36]}}, "least and the most"),
        (
            {"months": {"minor": [0, 3], "general": [3, 12], "serious": [12, 36], "specific": [12, 36]}},
            "the same least and most",
        ),
        ({"months": {"minor": [0, 3], "general": [3, 12], "specific": [36, 36]}}, "least and the most"),
        ({"counted_from": "today"}, "counted_from is one of"),
        ({"needs": ["a_bribe"]}, "a_bribe"),
        ({"named": None}, "lacks the parameter 'named'"),
    ],
)
def test_a_slip_in_the_table_is_found_at_the_start(changed: dict[str, Any], told: str) -> None:
    params = dict(rule("2026-05-15").params) | changed
    params = {name: value for name, value in params.items() if value is not None}
    assert list(faults(rule("2026-05-15").params)) == []
    assert told in "".join(en for _, en in faults(params))
