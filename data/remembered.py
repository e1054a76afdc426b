"""A value that is dear to make and seldom changes, made anew once it is old."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """What `make` returns, for `kept_s` seconds; safe to use from several threads."""

    def __init__(
        self, make: Callable[[], T], kept_s: float, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        """`ticks` are seconds that only go forward."""
        self._make, self._kept_s, self._ticks = make, kept_s, ticks
        self._known: tuple[T, float] | None = None

    def __call__(self) -> T:
        """Return the value, made anew if it is older than that; what `make` raises is raised and not kept."""
        known, now = self._known, self._ticks()
        if known is None or now >= known[1]:
            known = self._known = (self._make(), now + self._kept_s)
        return known[0]
