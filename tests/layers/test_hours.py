"""Opening hours: what people write is read into one form, and the form asked for a moment."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.hours import (
    NORMAL_FORM,
    HoursError,
    Window,
    format_hours,
    is_open,
    parse_hours,
    runs_of,
    weekly,
)
from tests.layers.examples import at

WINDOWS = st.builds(
    lambda days, times: Window(tuple(sorted(days)), min(times), max(times)),
    st.sets(st.integers(0, 6), min_size=1),
    st.sets(st.integers(0, 1440), min_size=2, max_size=2),
)


@pytest.mark.parametrize(
    ("words", "form"),
    [
        ("06:00-09:30", "mon-sun 06:00-09:30"),
        ("每天06：00～09：30", "mon-sun 06:00-09:30"),
        ("周一至周五 6:00–9:30，周六、周日 07:00-10:00", "mon-fri 06:00-09:30; sat,sun 07:00-10:00"),
        ("工作日 6:00-9:00, 16:00-18:00", "mon-fri 06:00-09:00; mon-fri 16:00-18:00"),
        ("周末 7:00到10:00", "sat,sun 07:00-10:00"),
        ("周六至周一 7:00-9:00", "mon,sat,sun 07:00-09:00"),
        ("星期一、三、五 5:30-24:00", "mon,wed,fri 05:30-24:00"),
        ("Mon-Fri 06:00-09:30; Sat,Sun 07:00-10:00", "mon-fri 06:00-09:30; sat,sun 07:00-10:00"),
    ],
)
def test_what_people_write_is_read(words: str, form: str) -> None:
    assert format_hours(parse_hours(words)) == form


@pytest.mark.parametrize(
    "words",
    [
        "",
        "早上",
        "9:00-6:00",
        "6:00-6:00",
        "周一 6:00",
        "6:00-25:00",
        "6:00-9:75",
        "周八 6:00-9:00",
        "6:00-9:00左右",
    ],
)
def test_what_says_no_hours_is_refused(words: str) -> None:
    with pytest.raises(HoursError):
        parse_hours(words)


@given(st.sets(WINDOWS, min_size=1, max_size=4))
def test_the_form_says_what_the_windows_say(windows: set[Window]) -> None:
    form = format_hours(windows)
    assert re.match(NORMAL_FORM, form)
    assert parse_hours(form) == tuple(sorted(windows))


@given(st.sets(st.integers(0, 6), min_size=1))
def test_runs_hold_exactly_the_days(days: set[int]) -> None:
    runs = runs_of(tuple(sorted(days)))
    assert {day for first, last in runs for day in range(first, last + 1)} == days
    assert all(left[1] + 1 < right[0] for left, right in pairwise(runs))


@pytest.mark.parametrize(
    ("moment", "open_then"),
    [
        ("2026-11-25 05:59", False),
        ("2026-11-25 06:00", True),
        ("2026-11-25 09:29", True),
        ("2026-11-25 09:30", False),
        ("2026-11-28 06:30", False),  # a Saturday
        ("2026-11-28 07:00", True),
    ],
)
def test_it_is_open_from_the_first_minute_until_before_the_last(moment: str, open_then: bool) -> None:
    assert is_open(parse_hours("mon-fri 06:00-09:30; sat,sun 07:00-10:00"), at(moment)) is open_then


@pytest.mark.parametrize(
    ("known", "form"),
    [
        ((360, 570), "mon-sun 06:00-09:30"),
        ((360, 570, ["sat", "sun"]), "mon-fri 06:00-09:30"),
        ((360, 570, ["sat"], "sat 07:00-10:00"), "sat 07:00-10:00"),
        ((None, 570), ""),
        ((360, None, None, None), ""),
        ((360, 570, ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), ""),
    ],
)
def test_what_is_known_of_hours_becomes_one_form(known: tuple[Any, ...], form: str) -> None:
    assert weekly(*known) == form
