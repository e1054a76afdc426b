"""Words of the screens in Chinese and English, from one catalogue."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from contextvars import ContextVar
from functools import cache
from importlib.resources import files

from layers.core.text import LANGUAGES, Language, Text
from layers.core.tiers import STATUSES, TIERS

current_language: ContextVar[Language] = ContextVar("current_language", default="zh")

BROWSER_KEYS = ("map.", "page.")


@cache
def catalogue() -> dict[str, Text]:
    """Return every key with its words."""
    document = tomllib.loads((files("app.i18n") / "catalogue.toml").read_text("utf-8"))
    return {key: Text(**words) for key, words in document.items()}


def t(key: str, language: Language, **values: object) -> str:
    """Return the words of a key with `{name}` replaced; raises KeyError for a key nobody wrote."""
    return catalogue()[key].in_(language).format(**values)


def both(key: str, **values: object) -> Text:
    """Return the words of a key in both languages, for a message whose reader is not known here."""
    return Text(t(key, "zh", **values), t(key, "en", **values))


def preferred_language(accepted: str) -> Language:
    """Return the language of ours that an Accept-Language header likes best; Chinese when it names neither.

    >>> preferred_language("de-DE, en;q=0.8, zh-CN;q=0.5")
    'en'
    """
    best: tuple[float, Language] = (0.0, "zh")
    for wish in accepted.split(","):
        name, _, quality = wish.partition(";q=")
        language = next((known for known in LANGUAGES if name.strip().lower().startswith(known)), None)
        with suppress(ValueError):
            if language is not None and (weight := float(quality or 1)) > best[0]:
                best = (weight, language)
    return best[1]


def browser_catalogue(language: Language) -> dict[str, str]:
    """Return the words that scripts need, tiers and statuses included."""
    words = {key: text.in_(language) for key, text in catalogue().items() if key.startswith(BROWSER_KEYS)}
    words |= {f"tier.{tier}": tier.label.in_(language) for tier in TIERS}
    return words | {f"status.{status}": status.label.in_(language) for status in STATUSES}
