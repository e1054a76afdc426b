"""Values in words: fields with their choices and units, days and moments by the language of the page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from dash import html
from dash.development.base_component import Component

from app.context import Page
from layers.core.choices import WEEKDAYS
from layers.core.citytime import CITY_TIME
from layers.core.hours import clock, parse_hours, runs_of
from layers.core.spec import Field, FieldType

LOCALES = {
    "zh": Locale.parse("zh_CN"),
    "en": Locale.parse("en"),
}  # Babel takes a millisecond to find one by its name


def isolated(words: str) -> Component:
    """Return words that come from data so that their direction stays theirs: a mark in a name reorders nothing else."""
    return html.Bdi(words)


def around(page: Page, key: str, name: str) -> list[Component | str]:
    """Return the words of a key with a `{name}` that comes from data, isolated."""
    before, _, after = page.t(key, name="\0").partition("\0")
    return [before, isolated(name), after]


def joined(*parts: Component | str | None) -> list[Component | str]:
    """Return what there is of some parts, with a dot between one and the next."""
    there = [part for part in parts if part]
    return [piece for part in there for piece in (" · ", part)][1:]


def value_words(page: Page, field: Field, value: Any) -> str:
    """Return a field's value with its choice's words and its unit; a date by the language."""
    if field.type is FieldType.HOURS:
        return hours_words(page, str(value))
    if isinstance(value, bool):
        return page.t("yes" if value else "no")
    if field.type is FieldType.DATE:
        return day(value, page)
    if field.type is FieldType.CLOCK:
        return clock(value)
    if field.type in {FieldType.INTEGER, FieldType.NUMBER}:
        return _number_words(page, field, value)
    titles = {choice.value: page.say(choice.title) for choice in field.choices}
    if isinstance(value, list | tuple):
        return enumerated(page, (titles.get(item, str(item)) for item in value))
    return titles.get(str(value), str(value))


def _number_words(page: Page, field: Field, value: float) -> str:
    """Return a number with its unit; a share in per cent, and a number that counts nothing (a year) as it stands."""
    if field.unit:
        return f"{value:,.10g} {page.say(field.unit)}"
    return f"{value * 100:.3g}%" if field.maximum == 1 else f"{value:.10g}"


def hours_words(page: Page, hours: str) -> str:
    """Return opening hours by weekday in words, such as `Monday to Friday 06:00–09:30; Saturday 07:00–10:00`."""
    names = [page.say(choice.title) for choice in WEEKDAYS]
    told = []
    for window in parse_hours(hours):
        runs = [
            names[first] if first == last else page.t("hours.run", first=names[first], last=names[last])
            for first, last in runs_of(window.days)
        ]
        told.append(f"{enumerated(page, runs)} {clock(window.opens)}–{clock(window.closes)}")
    return page.t("hours.then").join(told)


def enumerated(page: Page, words: Iterable[str]) -> str:
    """Return words one after the other, with the comma of the language."""
    return (", " if page.language == "en" else "、").join(words)


def day(value: Any, page: Page) -> str:
    """Return a date or moment as the day in the city, in the page's language."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return str(format_date(value.astimezone(CITY_TIME).date(), "medium", locale=LOCALES[page.language]))
    return str(
        format_date(
            value if isinstance(value, date) else date.fromisoformat(str(value)[:10]),
            "medium",
            locale=LOCALES[page.language],
        )
    )


def when(value: datetime, page: Page) -> str:
    """Return a moment as day and time in the city; one that falls on midnight is a day known without its time."""
    local = value.astimezone(CITY_TIME)
    return day(value, page) if local.time() == time.min else f"{day(value, page)} {local:%H:%M}"


def moment(value: datetime, page: Page, pattern: str = "MM-dd HH:mm") -> str:
    """Return a moment in the city's time."""
    return str(format_datetime(value.astimezone(CITY_TIME), pattern, locale=LOCALES[page.language]))
