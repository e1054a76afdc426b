"""The browser's own date field, which speaks the language of its user and has a calendar of its own."""

from __future__ import annotations

from typing import Any

from dash import dcc
from dash.development.base_component import Component


def date_field(
    id: Any, value: str = "", *, least: str | None = None, most: str | None = None, settles_s: float = 0
) -> Component:
    """Return an entry for a day as `YYYY-MM-DD`, between two days where these are given.

    What is typed counts once nobody has typed for `settles_s` seconds.
    """
    # Dash names fewer kinds of entries than browsers have; it hands any on.
    native: Any = "date"
    bounds = {name: day for name, day in (("min", least), ("max", most)) if day}
    return dcc.Input(
        id=id, value=value, type=native, autoComplete="off", debounce=settles_s or False, **bounds
    )
