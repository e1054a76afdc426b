"""Rules changed from a day on: what was stays, what comes is as it was said, and nothing unreadable gets in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.amend import Amendment, amended, entry_text, parse_entry, version_on
from layers.core.entries import EntryError, differences, entries_of, with_entries
from layers.core.rules import Rule, RuleError, parse_table
from layers.core.text import Text
from layers.core.vetting import vet
from tests.layers.examples import REGISTRY, SHANGHAI, TABLES, day

RULES = [rule for table in TABLES.values() for rule in table.rules]
OURS = pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.id}-{rule.city}-{rule.valid_from}")
DAYS = st.dates(date(2021, 1, 1), date(2028, 12, 31))
TABLE = parse_table(
    """
layer = "shops"
version = "7"
[[rule]]
id = "a"
check = "cases"
source = "s"
verified = true
valid_to = 2024-12-31
params = { answer_days = 10 }
[[rule]]
id = "a"
check = "cases"
source = "s"
verified = true
valid_from = 2025-01-01
params = { answer_days = 20 }
""",
    "example",
)


def change(since: date, days: int, number: int = 1) -> Amendment:
    rule = Rule(id="a", check="cases", source=Text("s", "s"), verified=True, valid_from=since)
    return Amendment(number, replace(rule, params={"answer_days": days}))


def days_on(day: date, *changes: Amendment) -> int:
    found = amended(TABLE, changes, "example").rule("a", day, SHANGHAI)
    assert found is not None
    return int(found.params["answer_days"])


@OURS
def test_a_rule_is_read_back_as_it_was_written(rule: Rule) -> None:
    assert parse_entry(entry_text(rule), "example") == rule


@OURS
def test_a_form_sent_back_untouched_changes_nothing(rule: Rule) -> None:
    said = {entry.path: entry.said for entry in entries_of(rule.params)}
    assert with_entries(rule.params, said) == rule.params
    assert differences(rule.params, with_entries(rule.params, said)) == []


@given(DAYS, DAYS)
def test_a_change_holds_from_its_day_until_the_next_version(since: date, asked: date) -> None:
    before = days_on(asked)
    same_version = (since < date(2025, 1, 1)) == (asked < date(2025, 1, 1))
    assert days_on(asked, change(since, 33)) == (33 if asked >= since and same_version else before)


def test_the_day_before_and_the_day_itself() -> None:
    since = day("2026-03-01")
    assert days_on(since - timedelta(days=1), change(since, 33)) == 20
    assert days_on(since, change(since, 33)) == 33


def test_later_numbers_win_on_the_same_day_and_go_into_the_version() -> None:
    since = day("2026-03-01")
    assert days_on(since, change(since, 33, 4), change(since, 44, 5)) == 44
    assert amended(TABLE, [change(since, 33, 4), change(since, 44, 5)], "x").version == "7+5"
    assert amended(TABLE, [], "x") is TABLE


def test_a_change_of_a_rule_that_is_not_there_is_refused_by_its_number() -> None:
    stray = Amendment(9, replace(change(day("2026-03-01"), 3).rule, id="b"))
    with pytest.raises(RuleError, match="change 9 is of b, which has no version on 2026-03-01"):
        amended(TABLE, [stray], "example")


def grid() -> Rule:
    found = version_on(TABLES["shops"].rules, "inspection_due", "31", day("2026-11-01"))
    assert found is not None
    return found


@pytest.mark.parametrize("said", ["", "x", "-1", "1,5", "1e3", "0.5.1", "१", "9999999999"])
def test_what_is_no_number_is_refused_with_its_place(said: str) -> None:
    path = ("matrix", "low", "good")
    with pytest.raises(EntryError) as refusal:
        with_entries(grid().params, {path: said})
    assert refusal.value.path == path
    assert "0.5" in refusal.value.text.zh


def test_a_number_list_and_a_truth_value_are_read_in_their_own_kind() -> None:
    params = {"expiring": [90, 30], "weekend_ok": True, "kinds": ["a"], "windows": []}
    said = {("expiring",): "60，7", ("weekend_ok",): "", ("kinds",): "b、c"}
    read = with_entries(params, said)
    assert read == {"expiring": [60, 7], "weekend_ok": False, "kinds": ["b", "c"], "windows": []}


def test_a_ban_is_added_as_the_tables_write_it() -> None:
    rule = version_on(TABLES["nights"].rules, "night_work", "31", day("2026-11-01"))
    assert rule is not None
    written = '[[windows]]\nname = "2027"\nfrom = 2027-05-31 22:00:00\nto = 2027-06-14 06:00:00\ndays = [2027-06-07]'
    params = with_entries(rule.params, {("windows",): written})
    assert params["windows"][0]["days"] == [date(2027, 6, 7)]
    with pytest.raises(EntryError, match="not as the tables write it"):
        with_entries(rule.params, {("windows",): "name = 2027-13-01"})


@pytest.mark.parametrize(
    ("layer", "rule_id", "since", "params", "message"),
    [
        (
            "shops",
            "inspection_due",
            "2026-01-01",
            {"risk_default": "middle"},
            "'middle' of risk_default is no row",
        ),
        (
            "shops",
            "inspection_due",
            "2026-01-01",
            {"credit_of": {"A": "best"}},
            "'best' of credit_of is no column",
        ),
        ("nights", "night_work_fine", "2026-09-01", {"fine_cny": [5, 1]}, "two numbers, the lower first"),
        ("nights", "night_work", "2026-09-01", {"windows": [{"name": "x"}]}, "each of windows has"),
        ("nights", "night_work", "2026-09-01", {"windows": ["x"]}, "each of windows has"),
    ],
)
def test_values_that_no_check_could_use_are_refused(
    layer: str, rule_id: str, since: str, params: dict[str, object], message: str
) -> None:
    table = TABLES[layer]
    old = version_on(table.rules, rule_id, "31", day(since))
    assert old is not None
    rule = replace(old, valid_from=day(since), params={**old.params, **params})
    with pytest.raises(RuleError, match=message):
        vet(amended(table, [Amendment(1, rule)], layer), REGISTRY[layer])
