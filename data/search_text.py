"""The text a place is found by: its words in lower case and the first letters of their pinyin."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, lazy_pinyin


@lru_cache(maxsize=65536)
def initials(words: str) -> str:
    """Return the pinyin initials of Chinese text: `老街面馆` gives `ljmg`; other characters stay."""
    return "".join(lazy_pinyin(words, style=Style.FIRST_LETTER)).lower().replace(" ", "")


def search_text(name: str, address: str, *others: str) -> str:
    """Return what a query is matched against by substring."""
    parts = [name, address, *others, initials(name)]
    return " ".join(part.strip().lower() for part in parts if part and part.strip())
