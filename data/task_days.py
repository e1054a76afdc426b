"""By which day tasks are to be done: those of an inspection list and those of a draw alike."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from layers.core.citytime import add_days, midnight
from layers.core.errors import YipingError
from layers.core.text import Text

MOST_DAYS_AHEAD = 365


def check_day(by: date, today: date) -> None:
    """Raise `YipingError` for a day that is over or too far ahead."""
    last = add_days(today, MOST_DAYS_AHEAD)
    if not today <= by <= last:
        raise YipingError(
            Text(
                f"完成日期 {by} 不对：请选 {today} 到 {last} 之间的一天。",
                f"A task cannot be due on {by}: choose a day from {today} to {last}.",
            )
        )


def end_of(by: date) -> datetime:
    """Return the last second of a day in the city, UTC."""
    return midnight(add_days(by, 1)) - timedelta(seconds=1)
