"""Values in words: fields with their choices and units, days and moments by the language of the page."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from babel.dates import format_date

from app.context import Page
from layers.core.citytime import CITY_TIME
from layers.core.spec import Field, FieldType


def value_words(page: Page, field: Field, value: Any) -> str:
    """Return a field's value with its choice's words and its unit; a date by the language."""
    if isinstance(value, bool):
        return page.t("yes" if value else "no")
    if field.type is FieldType.DATE:
        return day(value, page)
    titles = {choice.value: page.say(choice.title) for choice in field.choices}
    if isinstance(value, list | tuple):
        return (", " if page.language == "en" else "、").join(titles.get(item, str(item)) for item in value)
    words = titles.get(str(value), f"{value:g}" if isinstance(value, float) else str(value))
    unit = page.say(field.unit) if field.unit else ""
    return f"{words} {unit}".strip()


def day(value: Any, page: Page) -> str:
    """Return a date or moment as the day in the city, in the page's language."""
    if value is None:
        return ""
    locale = "en" if page.language == "en" else "zh_CN"
    if isinstance(value, datetime):
        return str(format_date(value.astimezone(CITY_TIME).date(), "medium", locale=locale))
    return str(
        format_date(
            value if isinstance(value, date) else date.fromisoformat(str(value)[:10]), "medium", locale=locale
        )
    )


def when(value: datetime, page: Page) -> str:
    """Return a moment as day and time in the city; one that falls on midnight is a day known without its time."""
    local = value.astimezone(CITY_TIME)
    return day(value, page) if local.time() == time.min else f"{day(value, page)} {local:%H:%M}"
