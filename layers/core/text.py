"""A sentence or label in every language of the product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Chinese and English; both are required, so neither can be forgotten."""

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        """Return the words in one language."""
        return self.en if language == "en" else self.zh

    def as_json(self) -> dict[str, str]:
        """Return a mapping that survives a trip through JSON."""
        return {"zh": self.zh, "en": self.en}


def text_of(value: object, language: Language) -> str:
    """Read a `Text`, its JSON form or a plain value as words in one language."""
    if isinstance(value, Text):
        return value.in_(language)
    if isinstance(value, Mapping) and "zh" in value and "en" in value:
        return str(value[language])
    return "" if value is None else str(value)
