"""The deadline of publication: 20 working days after a visit, since 2022-03-15, as the rule tables have it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.rules import packaged_rules
from layers.core.publication import CHECK, covered, days_over, is_published, publish_by, published_kinds
from layers.core.registry import find_layers
from layers.core.rules import Rule, RuleError, RuleTable, make_table
from layers.core.vetting import vet
from layers.core.workdays import is_working_day

LAYERS = find_layers()
SHOPS = LAYERS["shops"]
RULES = packaged_rules(SHOPS)


@pytest.mark.parametrize(
    ("visited", "by"),
    [
        (date(2022, 3, 14), None),  # no rule we know of
        (date(2022, 3, 15), date(2022, 4, 13)),  # 清明 off, 2 April worked instead
        (date(2026, 9, 28), date(2026, 10, 30)),  # 国庆 is off, the Saturday 10 October worked instead
        (date(2026, 10, 23), date(2026, 11, 20)),  # four plain weeks
        (date(2026, 10, 24), date(2026, 11, 20)),  # a Saturday: the count begins on Monday as well
    ],
)
def test_twenty_working_days(visited: date, by: date | None) -> None:
    assert publish_by(RULES, "310104003", visited) == by
    assert publish_by(RULES, "", visited) == by  # of the nation: also where the city is unknown


@given(st.dates(date(2022, 3, 15), date(2030, 1, 1)))
def test_a_deadline_has_twenty_working_days_behind_the_visit(visited: date) -> None:
    by = publish_by(RULES, "31", visited)
    assert by is not None
    between = (visited + timedelta(days=n) for n in range(1, (by - visited).days + 1))
    assert sum(map(is_working_day, between)) == 20
    assert is_working_day(by)


@given(st.dates(date(2022, 6, 1), date(2030, 1, 1)))
def test_the_last_overdue_day_parts_those_in_time_from_those_over(today: date) -> None:
    (rule,) = covered(RULES, today)
    assert days_over(publish_by(RULES, "31", rule.late), today) > 0
    assert days_over(publish_by(RULES, "31", rule.late + timedelta(days=1)), today) == 0


def test_nothing_is_overdue_before_there_was_a_rule() -> None:
    (rule,) = covered(RULES, date(2022, 3, 20))
    assert rule.late < rule.first == date(2022, 3, 15)
    assert days_over(None, date(2022, 3, 20)) == 0


def test_every_layer_whose_results_are_published_says_by_when() -> None:
    for layer in LAYERS:
        has_rule = any(rule.check == CHECK for rule in packaged_rules(layer).rules)
        assert has_rule == bool(published_kinds(layer)), layer.id


@pytest.mark.parametrize("params", [{}, {"working_days": 0}, {"working_days": 2.5}, {"working_days": 251}])
def test_a_deadline_that_nobody_can_count_stops_the_start(params: dict[str, object]) -> None:
    with pytest.raises(RuleError, match="working_days"):
        vet(_with(params), SHOPS)


def test_a_city_may_ask_for_less_time() -> None:
    rules = (*RULES.rules, replace(_rule(), city="3101", params={"working_days": 7}))
    table = make_table("shops", "1", rules, "shops")
    assert publish_by(table, "310104003", date(2026, 10, 23)) == date(2026, 11, 3)
    assert publish_by(table, "3201", date(2026, 10, 23)) == date(2026, 11, 20)


def _rule() -> Rule:
    return next(rule for rule in RULES.rules if rule.check == CHECK)


def _with(params: dict[str, object]) -> RuleTable:
    return make_table("shops", "1", (replace(_rule(), params=params),), "shops")


def test_what_is_published_is_a_result_of_a_public_kind() -> None:
    assert is_published(SHOPS, "random", "passed")
    assert not is_published(SHOPS, "random", "no_entry")
    assert not is_published(SHOPS, "unannounced", "passed")
    assert not is_published(LAYERS["buildings"], "papers", "failed")
