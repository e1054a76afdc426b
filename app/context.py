"""What a page needs to be drawn: the city, who looks, in which language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.i18n import current_language, t
from app.security import current_viewer
from app.settings import Settings
from data.city import City
from layers.core.access import Viewer
from layers.core.text import Language, text_of


@dataclass(frozen=True, slots=True)
class Services:
    """What lives as long as the process."""

    city: City
    settings: Settings


@dataclass(frozen=True, slots=True)
class Page:
    """What lives as long as one request."""

    city: City
    settings: Settings
    viewer: Viewer
    language: Language

    def t(self, key: str, **values: object) -> str:
        """Return words of the catalogue in the page's language."""
        return t(key, self.language, **values)

    def say(self, value: Any) -> str:
        """Return a `Text`, its JSON form or a plain value in the page's language."""
        return text_of(value, self.language)


def page_of(services: Services) -> Page:
    """Return the page context of the request being answered."""
    return Page(services.city, services.settings, current_viewer.get(), current_language.get())
