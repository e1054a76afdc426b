"""Words of the screens in Chinese and English, from one catalogue."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from layers.core.text import Language, Text
from layers.core.tiers import STATUSES, TIERS

BROWSER_KEYS = ("map.", "page.")


@cache
def catalogue() -> dict[str, Text]:
    """Return every key with its words."""
    document = tomllib.loads((files("app.i18n") / "catalogue.toml").read_text("utf-8"))
    return {key: Text(**words) for key, words in document.items()}


def t(key: str, language: Language, **values: object) -> str:
    """Return the words of a key with `{name}` replaced; raises KeyError for a key nobody wrote."""
    return catalogue()[key].in_(language).format(**values)


def browser_catalogue(language: Language) -> dict[str, str]:
    """Return the words that scripts need, tiers and statuses included."""
    words = {key: text.in_(language) for key, text in catalogue().items() if key.startswith(BROWSER_KEYS)}
    words |= {f"tier.{tier}": tier.label.in_(language) for tier in TIERS}
    return words | {f"status.{status}": status.label.in_(language) for status in STATUSES}
