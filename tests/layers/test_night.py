"""Nights, bans and the rhythm of work and rest."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.night import (
    Rhythm,
    ban_windows,
    coming_night,
    day_ban,
    last_night,
    next_edge,
    night_ban,
    night_of,
    night_of_day,
    refused_nights,
)
from tests.layers.examples import SHANGHAI, TABLES, at, day

MOMENTS = st.integers(0, 200 * 24 * 60).map(
    lambda minutes: at("2021-01-01 00:00") + timedelta(minutes=minutes)
)


def windows(when: str) -> tuple:  # type: ignore[type-arg]
    rule = TABLES["nights"].rule("night_work", day(when), SHANGHAI)
    assert rule is not None
    return ban_windows(rule.params)


@pytest.mark.parametrize(
    ("moment", "night"),
    [
        ("2021-05-31 21:59", None),
        ("2021-05-31 22:00", "2021-05-31"),
        ("2021-06-01 00:00", "2021-05-31"),
        ("2021-06-01 05:59", "2021-05-31"),
        ("2021-06-01 06:00", None),
    ],
)
def test_a_night_belongs_to_the_day_it_begins(moment: str, night: str | None) -> None:
    found = night_of(at(moment))
    assert (found.day.isoformat() if found else None) == night


def test_by_day_the_coming_night_is_this_evening_and_the_last_one_yesterday() -> None:
    noon = at("2021-06-10 12:00")
    assert coming_night(noon).day == day("2021-06-10")
    assert last_night(noon).day == day("2021-06-09")
    small_hours = at("2021-06-10 01:00")
    assert coming_night(small_hours).day == day("2021-06-09")
    assert last_night(small_hours).day == day("2021-06-08")


@given(MOMENTS)
def test_every_moment_lies_in_its_night_or_before_the_coming_one(moment: object) -> None:
    night = night_of(moment)  # type: ignore[arg-type]
    coming = coming_night(moment)  # type: ignore[arg-type]
    assert (moment in coming) == (night is not None)
    assert coming.ends_at > moment  # type: ignore[operator]
    assert coming.ends_at - coming.starts_at == timedelta(hours=8)
    assert next_edge(moment) > moment  # type: ignore[arg-type, operator]


@pytest.mark.parametrize(
    ("moment", "by_night", "by_day"),
    [
        ("2021-05-31 21:59", False, False),
        ("2021-05-31 22:00", True, False),
        ("2021-06-08 12:00", False, True),
        ("2021-06-08 23:00", True, False),
        ("2021-06-21 05:59", True, False),
        ("2021-06-21 06:00", False, True),
        ("2021-06-21 22:00", False, False),
        ("2021-06-22 12:00", False, False),
    ],
)
def test_the_exam_window_of_2021(moment: str, by_night: bool, by_day: bool) -> None:
    known = windows("2021-06-01")
    assert bool(night_ban(known, at(moment))) == by_night
    assert bool(day_ban(known, at(moment))) == by_day


@pytest.mark.parametrize("year", [2020, 2021, 2023, 2024, 2025])
def test_every_known_exam_window_begins_at_ten_and_ends_at_six(year: int) -> None:
    window = next(w for w in windows(f"{year}-06-25") if w.name.startswith(str(year)))
    first, last = night_of(window.starts_at), night_of(window.ends_at - timedelta(seconds=1))
    assert first is not None
    assert first.starts_at == window.starts_at
    assert last is not None
    assert last.ends_at == window.ends_at
    assert all(d.year == year for d in window.days)


def test_three_nights_on_one_off_over_all_permits_of_a_site() -> None:
    start = date(2021, 8, 1)
    run = [start + timedelta(days=n) for n in range(5)]
    assert refused_nights(run, Rhythm()) == {run[3]}
    first, second = run[0::2], run[1::2]  # two contractors take turns on one site
    assert refused_nights([*first, *second], Rhythm()) == {run[3]}


def test_a_night_of_rest_starts_a_new_run() -> None:
    start = date(2021, 8, 1)
    run = [start + timedelta(days=n) for n in (0, 1, 2, 4, 5, 6)]
    assert refused_nights(run, Rhythm()) == frozenset()


def test_other_cities_other_rhythms() -> None:
    start = date(2021, 8, 2)  # a Monday
    week = [start + timedelta(days=n) for n in range(7)]
    assert refused_nights(week, Rhythm(max_run=None)) == frozenset()
    assert refused_nights(week, Rhythm(max_run=None, weekend_ok=False)) == set(week[5:])
    assert refused_nights(week, Rhythm(max_run=None, max_per_month=3)) == set(week[3:])
    assert refused_nights(week, Rhythm(max_run=2, rest=2)) == {week[2], week[3], week[6]}


@given(st.frozensets(st.dates(date(2021, 1, 1), date(2021, 3, 1))), st.integers(1, 5), st.integers(1, 3))
def test_allowed_nights_never_exceed_the_run(nights: frozenset[date], max_run: int, rest: int) -> None:
    allowed = sorted(nights - refused_nights(nights, Rhythm(max_run, rest)))
    for index in range(len(allowed) - max_run):
        stretch = allowed[index : index + max_run + 1]
        gaps = [(b - a).days for a, b in pairwise(stretch)]
        assert max(gaps) > rest


def test_a_night_interval_is_half_open() -> None:
    night = night_of_day(date(2021, 12, 31))
    assert night.starts_at in night
    assert night.ends_at not in night
    assert not night.overlaps(night.ends_at, night.ends_at + timedelta(hours=1))
