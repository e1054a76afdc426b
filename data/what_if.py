"""What other rules would make of the places of a layer: which tiers would change, counted before anybody decides."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Any

from sqlalchemy import Connection, text

from data.store.facts import load_facts
from layers.core.judge import judge
from layers.core.rules import RuleTable
from layers.core.spec import Layer
from layers.core.tiers import Tier

MOST_JUDGED = 20_000  # some five seconds; beyond it a sample of as many is judged, and the answer says so
MOST_NAMED = 8
_BATCH = 5000
_COUNT = "SELECT count(*) FROM place WHERE layer = :layer AND area_code LIKE :city || '%'"
# By a number that has nothing to do with the order in which places came, and is the same every time.
_SAMPLE = (
    "SELECT id FROM place WHERE layer = :layer AND area_code LIKE :city || '%' "
    "ORDER BY hashint8extended(id, 0) LIMIT :most"
)
_NAMES = "SELECT id, name FROM place WHERE id = ANY(:ids)"


@dataclass(frozen=True, slots=True)
class Effect:
    """Of `judged` places out of `places`, `moves` counts those whose tier changes, and `named` are some of them.

    `places` are those in the city of the rule as of `at`; where fewer were judged, `estimate` tells of all.
    """

    at: datetime
    places: int
    judged: int
    moves: dict[tuple[Tier, Tier], int]
    named: list[dict[str, Any]]

    @property
    def changed(self) -> int:
        """How many of the judged places change."""
        return sum(self.moves.values())

    @property
    def estimate(self) -> tuple[int, int]:
        """How many of all places change, and by how much that may be wrong (19 times in 20)."""
        share = self.changed / self.judged if self.judged else 0.0
        left_out = (self.places - self.judged) / max(self.places - 1, 1)
        wrong = 1.96 * sqrt(share * (1 - share) / max(self.judged, 1) * left_out)
        return round(share * self.places), round(wrong * self.places)


def effect_of(
    connection: Connection, layer: Layer, old: RuleTable, new: RuleTable, city: str, at: datetime
) -> Effect:
    """Judge the places of a city, or a sample of them, by two tables as of an aware moment; nothing is written."""
    asked = {"layer": layer.id, "city": city}
    places = int(connection.scalar(text(_COUNT), asked) or 0)
    ids = list(connection.scalars(text(_SAMPLE), asked | {"most": MOST_JUDGED}))
    moved: dict[int, tuple[Tier, Tier]] = {}
    for start in range(0, len(ids), _BATCH):
        for place_id, facts in load_facts(connection, layer, ids[start : start + _BATCH], at).items():
            tiers = judge(layer, facts, old, at).tier, judge(layer, facts, new, at).tier
            if tiers[0] is not tiers[1]:
                moved[place_id] = tiers
    return Effect(at, places, len(ids), dict(Counter(moved.values())), _named(connection, moved))


def _named(connection: Connection, moved: dict[int, tuple[Tier, Tier]]) -> list[dict[str, Any]]:
    """Return some of the places that change, those that get worst first."""
    worst = sorted(moved, key=lambda place: (-moved[place][1].code, place))[:MOST_NAMED]
    names = {row.id: row.name for row in connection.execute(text(_NAMES), {"ids": worst})}
    return [
        {"id": place, "name": names[place], "old": moved[place][0], "new": moved[place][1]} for place in worst
    ]
