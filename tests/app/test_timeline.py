"""Steps of the slider through time and their moments."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.components.timeline import DAYS, NIGHTS, moment_of, step_of
from layers.core.citytime import CITY_TIME

NOWS = st.datetimes(datetime(2021, 1, 1), datetime(2030, 1, 1)).map(lambda now: now.replace(tzinfo=CITY_TIME))


@given(NOWS, st.integers(-DAYS, NIGHTS))
def test_a_step_and_its_moment_are_one(now: datetime, step: int) -> None:
    as_of = moment_of(step, now)
    if step == 0:
        assert as_of == ""
    else:
        at = datetime.fromisoformat(as_of)
        # Past 23:30 the night that began is no longer ahead.
        assert (at < now) == (step < 0) or (step == 1 and now.hour == 23)
    if not (step == 1 and as_of and datetime.fromisoformat(as_of) <= now):
        assert step_of(as_of, now) == step


def test_moments_that_are_no_steps_have_a_nearest() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=CITY_TIME)
    assert step_of((now - timedelta(days=400)).isoformat(), now) == -DAYS
    assert step_of((now - timedelta(minutes=1)).isoformat(), now) == -1
    assert step_of((now + timedelta(days=30)).isoformat(), now) == NIGHTS
