"""A record as somebody enters it: what is read of a form, and what is refused by name in one sentence."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.credit_entry import MOST, Entry, read_entry
from layers.core.errors import BadQueryError
from layers.core.facts import Severity

TODAY = date(2026, 11, 23)
RIGHT = {
    "severity": "general",
    "number": "沪市监徐处〔2026〕042号",
    "authority": "徐汇区市场监督管理局",
    "act": "经营超过保质期的食品",
    "decision": "罚款 5000 元",
    "decided_on": "2026-05-10",
    "published_on": "2026-05-12",
}


def test_a_right_form_is_read() -> None:
    assert read_entry(RIGHT | {"number": " 沪市监徐处〔2026〕042号\0 "}, TODAY) == Entry(
        severity=Severity.GENERAL,
        number=RIGHT["number"],
        authority=RIGHT["authority"],
        act=RIGHT["act"],
        decision=RIGHT["decision"],
        decided_on=date(2026, 5, 10),
        published_on=date(2026, 5, 12),
    )


def test_what_is_minor_need_not_be_shown() -> None:
    assert read_entry(RIGHT | {"severity": "minor", "published_on": ""}, TODAY).published_on is None
    assert read_entry(RIGHT | {"decision": None}, TODAY).decision == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("severity", None),
        ("severity", "grave"),
        ("number", ""),
        ("number", "1" * (MOST["number"] + 1)),
        ("authority", " \0"),
        ("act", None),
        ("decision", "字" * (MOST["decision"] + 1)),
        ("decided_on", ""),
        ("decided_on", "2026-02-30"),
        ("decided_on", "2026-11-24"),
        ("decided_on", "1899-01-01"),
        ("published_on", None),
        ("published_on", "2026-05-09"),
        ("published_on", "2026-11-24"),
        ("published_on", "tomorrow"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name_in_one_sentence(name: str, value: str | None) -> None:
    with pytest.raises(BadQueryError) as refused:
        read_entry(RIGHT | {name: value}, TODAY)
    assert refused.value.parameter == name
    assert refused.value.text.zh.count("。") == 1
    assert refused.value.text.en.count(". ") == 0


@given(st.dictionaries(st.sampled_from(sorted(RIGHT)), st.none() | st.text(max_size=12)))
def test_whatever_is_sent_is_read_or_refused_by_name(changed: dict[str, str | None]) -> None:
    try:
        entry = read_entry(RIGHT | changed, TODAY)
    except BadQueryError as refused:
        refused_field = refused.parameter
    else:
        assert entry.decided_on <= TODAY
        assert entry.published_on is None or entry.decided_on <= entry.published_on <= TODAY
        return
    assert refused_field in changed


def test_today_is_a_day_as_any_other() -> None:
    days = {"decided_on": TODAY.isoformat(), "published_on": TODAY.isoformat()}
    assert read_entry(RIGHT | days, TODAY).published_on == TODAY
    with pytest.raises(BadQueryError):
        read_entry(RIGHT | days, TODAY - timedelta(days=1))
