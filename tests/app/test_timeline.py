"""Steps of the slider through time and their moments."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.components.timeline import DAYS, NIGHTS, moment_of, step_of
from layers.core.citytime import CITY_TIME

NOWS = st.datetimes(datetime(2021, 1, 1), datetime(2030, 1, 1)).map(lambda now: now.replace(tzinfo=CITY_TIME))


@given(NOWS, st.integers(-DAYS, NIGHTS))
def test_a_step_and_its_moment_are_one(now: datetime, step: int) -> None:
    as_of = moment_of(step, now)
    assert step_of(as_of, now) == step
    if step == 0:
        assert as_of == ""
    else:
        assert (datetime.fromisoformat(as_of) > now) == (step > 0)


@pytest.mark.parametrize(("hour", "minute", "day"), [(23, 29, 23), (23, 30, 24), (23, 59, 24)])
def test_the_first_step_ahead_is_a_night_that_is_not_over(hour: int, minute: int, day: int) -> None:
    now = datetime(2026, 11, 23, hour, minute, tzinfo=CITY_TIME)
    assert moment_of(1, now) == f"2026-11-{day}T23:30:00+08:00"


def test_moments_that_are_no_steps_have_a_nearest() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=CITY_TIME)
    assert step_of((now - timedelta(days=400)).isoformat(), now) == -DAYS
    assert step_of((now - timedelta(minutes=1)).isoformat(), now) == -1
    assert step_of((now + timedelta(days=30)).isoformat(), now) == NIGHTS
