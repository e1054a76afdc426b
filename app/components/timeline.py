"""The slider through time: ninety days back, now, the coming nights; a step is a day or a night."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from dash import dcc, html
from dash.development.base_component import Component

from app.components.values import moment
from app.context import Page
from layers.core.citytime import CITY_TIME

DAYS, NIGHTS = 90, 7
NIGHT = time(23, 30)  # when a night is looked at


def moment_of(step: int, now: datetime) -> str:
    """Return the moment of a step as ISO text: a day ago at this hour, a coming night; "" for now.

    >>> moment_of(1, datetime(2026, 11, 23, 12, tzinfo=CITY_TIME))
    '2026-11-23T23:30:00+08:00'
    """
    here = now.astimezone(CITY_TIME)
    if step < 0:
        return (here + timedelta(days=step)).replace(minute=0, second=0, microsecond=0).isoformat()
    return (_first_night(here) + timedelta(days=step - 1)).isoformat() if step else ""


def step_of(as_of: str, now: datetime) -> int:
    """Return the step of a moment, the nearest for one that is no step."""
    if not as_of:
        return 0
    at = datetime.fromisoformat(as_of).astimezone(CITY_TIME)
    if at <= now:
        return -min(max((now - at) // timedelta(days=1), 1), DAYS)
    nights_on = (at.date() - _first_night(now.astimezone(CITY_TIME)).date()).days
    return min(max(nights_on + 1, 1), NIGHTS)


def _first_night(here: datetime) -> datetime:
    """Return when the first night ahead is looked at: past that moment, the next night's."""
    tonight = datetime.combine(here.date(), NIGHT, CITY_TIME)
    return tonight if tonight > here else tonight + timedelta(days=1)


def timeline(page: Page, as_of: str, slider_id: str, said_id: str) -> list[Component]:
    """Return the slider where a query stands, and the place where its moment is said."""
    slider = dcc.Slider(
        -DAYS,
        NIGHTS,
        1,
        id=slider_id,
        value=step_of(as_of, page.city.clock()),
        marks={0: ""},
        included=False,
        updatemode="mouseup",
        allow_direct_input=False,
        className="slider",
    )
    label = {"aria-label": page.t("ops.moment")}
    return [
        html.Span(page.t("ops.days_ago", n=DAYS), className="quiet small"),
        html.Div(slider, role="group", className="track", **label),
        html.Span(page.t("ops.nights_ahead", n=NIGHTS), className="quiet small"),
        html.Output(id=said_id),
    ]


def said(page: Page, as_of: str) -> Component:
    """Return the moment of a query in words."""
    words = moment(datetime.fromisoformat(as_of), page) if as_of else page.t("ops.now")
    return html.Span(words, className="moment" + (" elsewhen" if as_of else ""))
