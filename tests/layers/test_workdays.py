"""Working days: holidays, make-up days, and counts over the edge of what is known."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.workdays import FIRST_YEAR, LAST_YEAR, add_working_days, is_published, is_working_day
from tests.layers.examples import day

NEAR = st.dates(date(1995, 1, 1), date(2055, 1, 1))


@pytest.mark.parametrize(
    ("when", "worked"),
    [
        ("2021-10-01", False),  # National Day
        ("2021-10-09", True),  # a Saturday worked instead
        ("2021-10-10", False),
        ("2020-01-31", False),  # the holiday that was made longer in 2020
        ("2020-02-03", True),
        ("2026-02-14", True),
        ("2026-02-23", False),
        ("2026-10-10", True),
        ("2026-11-25", True),
    ],
)
def test_days_of_the_published_plans(when: str, worked: bool) -> None:
    assert is_working_day(day(when)) is worked


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2021-09-30", 1, "2021-10-08"),
        ("2021-09-30", 3, "2021-10-11"),  # Friday 8th, Saturday 9th (worked), Monday 11th
        ("2021-10-08", -1, "2021-09-30"),
        ("2021-10-03", 1, "2021-10-08"),
        ("2021-10-03", -1, "2021-09-30"),
        ("2026-02-13", 5, "2026-02-27"),
        ("2026-11-25", 0, "2026-11-25"),
        ("2026-11-25", 7, "2026-12-04"),
    ],
)
def test_counts_by_hand(start: str, n: int, end: str) -> None:
    assert add_working_days(day(start), n) == day(end)


@given(NEAR, st.integers(1, 60))
def test_a_count_passes_exactly_so_many_working_days(start: date, n: int) -> None:
    end = add_working_days(start, n)
    between = [start + timedelta(days=number) for number in range(1, (end - start).days + 1)]
    assert is_working_day(end)
    assert sum(map(is_working_day, between)) == n
    begin = add_working_days(start, -n)
    before = [begin + timedelta(days=number) for number in range((start - begin).days)]
    assert is_working_day(begin)
    assert sum(map(is_working_day, before)) == n


@given(st.dates(), st.integers(-100, 100), st.integers(0, 50))
def test_more_working_days_never_end_earlier(start: date, n: int, more: int) -> None:
    assert add_working_days(start, n) <= add_working_days(start, n + more)


def test_years_without_a_plan_count_weekdays_and_say_so() -> None:
    assert not is_published(date(LAST_YEAR + 1, 1, 1))
    assert not is_published(date(FIRST_YEAR - 1, 12, 31))
    assert is_working_day(date(LAST_YEAR + 1, 10, 1)) is (date(LAST_YEAR + 1, 10, 1).weekday() < 5)
