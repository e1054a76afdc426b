"""Who a session belongs to, remembered for a moment: a map asks many times a second.

Another process learns that a session has ended within `FRESH_S`; this one at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from layers.core.access import Viewer

FRESH_S: Final = 1.0
MOST: Final = 10_000  # sessions; when there are more, all are asked for again


class Sessions:
    """Viewers by token, as `look_up` has found them; safe to use from several threads."""

    def __init__(self, look_up: Callable[[str], Viewer], ticks: Callable[[], float] = time.monotonic) -> None:
        """`ticks` are seconds that only go forward."""
        self._look_up = look_up
        self._ticks = ticks
        self._known: dict[str, tuple[Viewer, float]] = {}

    def at_hand(self, token: str) -> Viewer | None:
        """Return the viewer if it is known without asking."""
        viewer, until = self._known.get(token, (None, 0.0))
        return viewer if self._ticks() < until else None

    def viewer(self, token: str) -> Viewer:
        """Return the viewer, asking if need be."""
        known = self.at_hand(token)
        if known is not None:
            return known
        asked_at = self._ticks()
        viewer = self._look_up(token)
        if viewer.user_id is not None:  # nobody fills the memory with tokens that are none
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[token] = (viewer, asked_at + FRESH_S)
        return viewer

    def forget(self, token: str) -> None:
        """Ask anew for this session."""
        self._known.pop(token, None)
