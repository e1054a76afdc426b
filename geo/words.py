"""The words of many places in one array: searched by substring without an index in between, or read by row."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np

from geo import kernels
from geo.arrays import Bools, Column, Ints, frozen

THREADS = os.cpu_count() or 1  # look side by side, for the loop releases the interpreter
MANY = 100_000  # texts; fewer are looked through faster than other threads are woken
_BETWEEN = "\0"  # stands between two texts, so that nothing is found across them


@dataclass(frozen=True, eq=False)
class WordColumn:
    """n texts as UTF-16 units: text r is `units[starts[r] : starts[r + 1] - 1]`, and belongs to row `rows[r]`.

    units uint16[m]; starts int64[n + 1], ascending; rows int64[n]: positions in an index, in any order.
    """

    units: Column
    starts: Ints
    rows: Ints

    @classmethod
    def build(cls, units: Column, rows: Ints) -> WordColumn:
        """From texts as `encoded` gives them, and the row of each."""
        return cls(frozen(units), _starts(units), frozen(rows))

    def holding(self, words: str) -> Bools:
        """bool[n]: the rows whose text holds the words, as they are; none for empty words."""
        mask = np.zeros(self.rows.size, np.bool_)
        pattern = np.frombuffer(words.encode("utf-16-le", "surrogatepass"), np.uint16)
        if pattern.size and not (pattern == 0).any() and self.rows.size:
            found = np.zeros(self.rows.size, np.bool_)
            self._look(pattern, found)
            mask[self.rows[found]] = True
        return mask

    def _look(self, pattern: Column, found: Bools) -> None:
        count = self.rows.size
        edges = np.linspace(0, count, (THREADS if count >= MANY else 1) + 1).astype(np.int64).tolist()

        def look(first: int, stop: int) -> None:
            kernels.find_text(self.units, pattern, self.starts, found, first, stop)

        if len(edges) == 2:
            look(0, count)
        else:
            list(_hands().map(look, edges[:-1], edges[1:]))


def _starts(units: Column) -> Ints:
    """int64[n + 1]: where each of n texts begins that end with a zero, and where the last one ends."""
    return frozen(np.concatenate([[0], np.flatnonzero(units == 0) + 1]).astype(np.int64))


@cache
def _hands() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="words")


@dataclass(frozen=True, eq=False)
class NameColumn:
    """n names as UTF-8: name k is `letters[starts[k] : starts[k + 1] - 1]`, and row r has name `of_row[r]`.

    letters uint8[m]; starts int64[n + 1], ascending; of_row int64[n].
    """

    letters: Column
    starts: Ints
    of_row: Ints

    @classmethod
    def build(cls, letters: Column, rows: Ints) -> NameColumn:
        """From names each followed by a byte of zero, and the row of each."""
        return cls(
            frozen(letters), _starts(letters), frozen(np.argsort(rows, kind="stable").astype(np.int64))
        )

    def at(self, rows: Ints) -> list[str]:
        """The names of some rows."""
        names = self.of_row[rows]
        bounds = zip(self.starts[names].tolist(), self.starts[names + 1].tolist(), strict=True)
        return [self.letters[start : stop - 1].tobytes().decode() for start, stop in bounds]


def spelled(names: Iterable[str]) -> bytes:
    """Names as UTF-8, each followed by a byte of zero; what cannot be text becomes a question mark."""
    return "".join(name.replace(_BETWEEN, " ") + _BETWEEN for name in names).encode("utf-8", "replace")


def encoded(texts: Iterable[str]) -> bytes:
    """Texts as bytes of UTF-16 units, each followed by a unit of zero."""
    return "".join(text.replace(_BETWEEN, " ") + _BETWEEN for text in texts).encode(
        "utf-16-le", "surrogatepass"
    )
