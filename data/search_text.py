"""The text a place is found by: its words in lower case, and their pinyin whole and by first letters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from pypinyin import lazy_pinyin

from layers.core.access import FieldClass
from layers.core.spec import FieldType, Layer

_RUNS = re.compile(r"[\u3400-\u9fff]+|[^\u3400-\u9fff]+")
_DISTRICT_DIGITS = 6


def search_text(name: str, address: str, *others: str, called: Sequence[str] = ()) -> str:
    """Return what the words of a query are looked for in, each by substring.

    Name and `called` (what the surroundings are called: sub-district, district, station) are found by their pinyin
    too, whole or by initials; the address by its initials; `others` as they are.
    """
    names = [name, *called]
    spoken = [*(pinyin(words) for words in names), initials(name), initials(address), *map(initials, called)]
    kept: list[str] = []
    for part in (name, address, *called, *others, *spoken):
        words = part.strip().lower()
        if words and not any(words in longer for longer in kept):
            kept.append(words)
    return " ".join(kept)


def initials(words: str) -> str:
    """Return the pinyin initials of Chinese text: `老街面馆` gives `ljmg`; other characters stay."""
    return "".join(letters for letters, _ in map(_spoken, _RUNS.findall(words))).lower().replace(" ", "")


def pinyin(words: str) -> str:
    """Return the pinyin of Chinese text without tones: `老街面馆` gives `laojiemianguan`; other characters stay."""
    return "".join(whole for _, whole in map(_spoken, _RUNS.findall(words))).lower().replace(" ", "")


def area_words(code: str, names: Mapping[str, str]) -> list[str]:
    """Return what the sub-district and the district of an area code are called, as far as `names` knows."""
    codes = dict.fromkeys((code, code[:_DISTRICT_DIGITS]))
    return [names[known] for known in codes if known in names]


def searched_fields(layer: Layer) -> tuple[str, ...]:
    """Return the layer's own fields whose words a place is found by: the public ones that are text."""
    return tuple(
        field.name
        for field in layer.fields
        if field.type is FieldType.TEXT and field.visible_to is FieldClass.PUBLIC
    )


@lru_cache(maxsize=65536)
def _spoken(run: str) -> tuple[str, str]:
    """Return initials and whole pinyin of a run of characters that are all Chinese, or all not."""
    syllables = lazy_pinyin(run)
    if len(syllables) != len(run):
        return run, run
    return "".join(syllable[:1] for syllable in syllables), "".join(syllables)
