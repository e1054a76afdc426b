"""What is the matter with a place: stories dealt out so that tiers occur in believable shares and cluster in space.

A story is a name that the makers of records understand; a place without one is in order. Shares are per ten thousand
places of the layer; where few places can have a story, those get it. Some streets are worse than others.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from data.demo.frame import FloatArray
from data.demo.names import Rng
from data.demo.records import weighted

SHOP_STORIES: Mapping[str, float] = {
    # red
    "missing": 13, "expired": 24, "revoked": 5, "failed": 18, "long_overdue": 8,
    # orange
    "expiring_7": 34, "follow_up_overdue": 46, "overdue": 62, "sad_face": 30, "suspended": 6, "applied": 12,
    "case_overdue": 16,
    # yellow
    "expiring_30": 150, "due_soon": 430, "complaint": 190, "minor": 90, "conditional": 60, "no_entry": 24,
    "closed": 14, "serious": 24, "deemed": 16,
    # grey
    "unknown": 290,
}  # fmt: skip
BREAKFAST_STORIES: Mapping[str, float] = {
    "missing": 60, "expired": 60, "failed": 60, "expiring_7": 60, "follow_up_overdue": 90, "overdue": 150,
    "sad_face": 60, "expiring_30": 180, "due_soon": 420, "complaint": 200, "minor": 100, "unconfirmed": 350,
    "unknown": 300,
}  # fmt: skip
ANYWHERE = frozenset({"unknown", "complaint", "case_overdue", "closed", "no_entry", "unconfirmed"})
GRADED = frozenset({"sad_face"})
VISITED = frozenset(
    {"failed", "long_overdue", "overdue", "follow_up_overdue", "due_soon", "minor", "conditional", "serious"}
)


def deal(
    stories: Mapping[str, float],
    licensed: np.ndarray,
    visited: np.ndarray,
    graded: np.ndarray,
    risk: FloatArray,
    rng: Rng,
    at_least: int = 1,
) -> list[str]:
    """Return a story ("" for none) per place.

    `licensed`: has a permit with a term or a check; `visited`: is on the plan of visits; `graded`: posts a face;
    `risk`: how likely trouble is here, 1 for usual. With `at_least` 0 shares are kept on average only, for chunks.
    """
    count = len(risk)
    dealt = np.full(count, "", dtype=object)
    free = np.ones(count, bool)
    for story, share in stories.items():
        fit = licensed
        if story in ANYWHERE:
            fit = np.ones(count, bool)
        elif story in GRADED:
            fit = graded
        elif story in VISITED:
            fit = visited
        weights = np.where(fit & free, 1.0 if story == "unknown" else risk, 0.0)
        wanted = max(at_least, int(count * share / 10_000 + (rng.random() if at_least == 0 else 0.5)))
        chosen = weighted(rng, weights, wanted)
        dealt[chosen] = story
        free[chosen] = False
    return list(dealt)


def bad_neighbourhood(
    points: FloatArray, spots: FloatArray, reach_m: float = 260.0, worst: float = 14.0
) -> FloatArray:
    """Return how much likelier trouble is at (n, 2) points for being near (k, 2) bad spots, 1 far away; metres."""
    squared = ((points[:, None, :] - spots[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(1.0 + worst * np.exp(-squared / (2 * reach_m**2)).max(axis=1))
