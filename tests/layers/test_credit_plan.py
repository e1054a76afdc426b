"""The repair calculator: it says what who judges and who takes applications say, and names what it cannot read."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from layers.core.credit import Need, is_published, missing, rule_on
from layers.core.credit_plan import FIELDS, Plan, plan
from layers.core.errors import BadQueryError
from layers.core.facts import Severity
from tests.layers.examples import SHANGHAI, TABLES, day

TODAY = date(2026, 11, 23)
ASKED = {"severity": "general", "decided_on": "2026-05-10", "published_on": "2026-05-12"}
DAYS = st.dates(date(2017, 1, 1), TODAY)


def planned(**changed: str) -> Plan:
    return plan(ASKED | changed, TABLES["shops"], TODAY)


@pytest.mark.parametrize(
    ("applied", "named"),
    [
        ("2021-06-01", "发改办财金〔2019〕527号"),
        ("2026-03-31", "国家发展改革委令第58号"),
        ("2026-04-01", "国家发展改革委令第36号"),
        ("2026-05-15", "国家发展改革委令第36号"),
        ("", "国家发展改革委令第36号"),
    ],
)
def test_the_rule_is_that_of_the_day_of_application(applied: str, named: str) -> None:
    assert planned(applied_on=applied).rule.params["named"] == named


@pytest.mark.parametrize(
    ("severity", "applied", "earliest", "ends"),
    [
        ("minor", "2026-06-01", "2026-05-12", "2026-08-11"),
        ("general", "2026-06-01", "2026-08-11", "2027-05-11"),
        ("serious", "2026-06-01", "2027-05-11", "2029-05-11"),
        ("serious", "2026-03-31", "2026-11-11", "2029-05-11"),
        ("specific", "2026-06-01", None, "2029-05-11"),
    ],
)
def test_each_severity_has_its_days(severity: str, applied: str, earliest: str | None, ends: str) -> None:
    told = planned(severity=severity, applied_on=applied)
    assert (told.earliest_on, told.ends_on) == (earliest and day(earliest), day(ends))
    assert set(told.needs) == set(Need)


@pytest.mark.parametrize(
    ("applied", "yes"), [("2026-08-10", False), ("2026-08-11", True), ("2027-05-11", False)]
)
def test_the_day_before_the_first_and_after_the_last_there_is_a_reason(applied: str, yes: bool) -> None:
    assert (planned(applied_on=applied).not_yet is None) == yes


def test_a_minor_record_that_is_not_shown_needs_no_repair() -> None:
    told = planned(severity="minor", published_on="")
    assert (told.earliest_on, told.last_on, told.ends_on) == (None, None, None)
    assert told.not_yet is not None
    assert "nothing to repair" in told.not_yet.en


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("severity", "grave", "minor, general, serious or specific"),
        ("decided_on", "", "Enter the day of the decision"),
        ("decided_on", "2026-02-30", "Enter the day of the decision"),
        ("decided_on", "2026-11-24", "and today (2026-11-23)"),
        ("published_on", "", "Enter the day of publication"),
        ("published_on", "2026-05-09", "before that of the decision"),
        ("applied_on", "soon", "Enter the day of the application"),
        ("applied_on", "2019-06-30", "no rule on repair before 2019-07-01"),
        ("applied_on", "2100-01-01", "between 1990-01-01 and 2099-12-31"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name_in_one_sentence(name: str, value: str, words: str) -> None:
    with pytest.raises(BadQueryError) as refused:
        planned(**{name: value})
    assert refused.value.parameter == name
    assert words in refused.value.text.en
    assert refused.value.text.zh.count("。") == 1


@given(st.sampled_from(Severity), DAYS, st.integers(0, 60), st.dates(date(2019, 7, 1), date(2031, 1, 1)))
def test_it_never_says_anything_else_than_who_judges_and_who_takes_applications(
    severity: Severity, decided: date, later: int, applied: date
) -> None:
    published = date.fromordinal(decided.toordinal() + later)
    assume(published <= TODAY)
    told = planned(
        severity=severity, decided_on=str(decided), published_on=str(published), applied_on=str(applied)
    )
    by = rule_on(TABLES["shops"], applied, SHANGHAI)
    assert by is not None
    assert told.rule is by
    assert told.not_yet == missing(told.record, by, applied, Need)
    if told.not_yet is None:
        assert told.earliest_on is not None
        assert is_published(told.record, by, applied)
        assert told.earliest_on <= applied


@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=12)))
def test_whatever_is_asked_is_answered_or_refused_by_name(changed: dict[str, str]) -> None:
    try:
        planned(**changed)
    except BadQueryError as refused:
        named = refused.parameter
    else:
        return
    assert named in changed
