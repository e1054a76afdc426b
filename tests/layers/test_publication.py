"""The deadline of publication: 20 working days after a visit, since 2022-03-15."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.publication import days_over, first_owed, is_published, last_overdue, publish_by
from layers.core.registry import find_layers
from layers.core.workdays import is_working_day

SHOPS = find_layers()["shops"]


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
    assert publish_by(visited) == by


@given(st.dates(date(2022, 3, 15), date(2030, 1, 1)))
def test_a_deadline_has_twenty_working_days_behind_the_visit(visited: date) -> None:
    by = publish_by(visited)
    assert by is not None
    between = (visited + timedelta(days=n) for n in range(1, (by - visited).days + 1))
    assert sum(map(is_working_day, between)) == 20
    assert is_working_day(by)


@given(st.dates(date(2022, 6, 1), date(2030, 1, 1)))
def test_the_last_overdue_day_parts_those_in_time_from_those_over(today: date) -> None:
    last = last_overdue(today)
    assert days_over(publish_by(last), today) > 0
    assert days_over(publish_by(last + timedelta(days=1)), today) == 0


def test_nothing_is_overdue_before_there_was_a_rule() -> None:
    assert last_overdue(date(2022, 3, 20)) < first_owed() == date(2022, 3, 15)
    assert days_over(None, date(2022, 3, 20)) == 0


def test_what_is_published_is_a_result_of_a_public_kind() -> None:
    assert is_published(SHOPS, "random", "passed")
    assert not is_published(SHOPS, "random", "no_entry")
    assert not is_published(SHOPS, "unannounced", "passed")
    assert not is_published(find_layers()["buildings"], "papers", "failed")
