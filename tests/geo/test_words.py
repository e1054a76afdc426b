"""Substring search over many texts against Python's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import words
from geo.words import NameColumn, WordColumn, encoded, spelled

# A small alphabet makes parts repeat; a sign outside the basic plane takes two units.
TEXTS = st.lists(st.text("ab老街\0 𠮷", max_size=6), max_size=12)


def column(texts: list[str], rows: list[int]) -> WordColumn:
    return WordColumn.build(np.frombuffer(encoded(texts), np.uint16).copy(), np.array(rows, np.int64))


@given(TEXTS, st.text("ab老街𠮷", max_size=3), st.randoms())
def test_it_finds_what_python_finds(texts: list[str], words: str, random: st.Random) -> None:  # type: ignore[name-defined]
    rows = list(range(len(texts)))
    random.shuffle(rows)
    found = column(texts, rows).holding(words)
    expected = [False] * len(texts)
    for row, text in zip(rows, texts, strict=True):
        expected[row] = bool(words) and words in text
    assert found.tolist() == expected


def test_many_texts_are_looked_through_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "MANY", 1)
    monkeypatch.setattr(words, "THREADS", 3)
    texts = [f"{number}老街" if number % 7 == 0 else f"老{number}街" for number in range(100)]
    found = column(texts, list(range(100))).holding("老街")
    assert found.tolist() == [number % 7 == 0 for number in range(100)]


def test_nothing_is_found_across_two_texts() -> None:
    assert not column(["老", "街"], [0, 1]).holding("老街").any()
    assert not column(["a\0b"], [0]).holding("a\0b").any()


@given(TEXTS, st.randoms())
def test_names_are_read_by_row(names: list[str], random: st.Random) -> None:  # type: ignore[name-defined]
    rows = list(range(len(names)))
    random.shuffle(rows)
    column = NameColumn.build(np.frombuffer(spelled(names), np.uint8).copy(), np.array(rows, np.int64))
    asked = [random.randrange(len(names)) for _ in names]
    expected = [names[rows.index(row)].replace("\0", " ") for row in asked]
    assert column.at(np.array(asked, np.int64)) == expected
