"""The point index alone, in this process: no HTTP, no JSON."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.bench.questions import ZOOMS, chosen, point, view
from app.bench.table import Row, measured
from data.bench import Ask
from data.db import make_engine
from data.index import LayerIndex
from data.keeper import Keeper
from data.tables import registry
from geo.index import BBox
from geo.picture import Sheet, picture
from layers.core.query import Query
from layers.core.tiers import PermitStatus, Tier

RUNS = 200


@dataclass(frozen=True, slots=True)
class Engine:
    """The measurements of one size on the files that the product's workers map."""

    count: int
    url: str
    home: Path

    def engine(self) -> list[Row]:
        """Pictures, facets and the nearest, each under filters that were never asked before."""
        connections = make_engine(self.url, pool_size=1)
        keeper = Keeper(self.url, connections, registry, self.home / "index")
        shops, offices = keeper.index("shops"), keeper.index("offices")
        try:
            return [
                self._row("engine: picture", lambda seed: _picture(shops, seed)),
                self._row("engine: facets of offices", lambda seed: _facets(offices, seed)),
                self._row("engine: nearest ten, common", lambda seed: _nearest(shops, seed, ("blue",), ())),
                self._row(
                    "engine: nearest ten, rare", lambda seed: _nearest(shops, seed, ("red",), ("revoked",))
                ),
            ]
        finally:
            connections.dispose()

    def _row(self, name: str, question: Callable[[int], object]) -> Row:
        took = []
        question(RUNS)
        for seed in range(RUNS):
            began = time.perf_counter()
            question(seed)
            took.append((time.perf_counter() - began) * 1000)
        return measured(name, self.count, took)


def _query(ask: Ask) -> Query:
    tiers, statuses = map(Tier, ask.tiers), map(PermitStatus, ask.statuses)
    return Query(layers=(ask.layer,), tiers=frozenset(tiers), statuses=frozenset(statuses))


def _picture(index: LayerIndex, seed: int) -> object:
    ask = view(ZOOMS[seed % len(ZOOMS)], seed)
    choice = index.points.choose(index.filters(_query(ask)))
    return picture([Sheet(index.points, choice, "tier")], BBox(*ask.bbox or ()), ask.zoom)


def _facets(index: LayerIndex, seed: int) -> object:
    names = [name for name in index.points.kinds if name in index.words]
    return index.points.facets(index.filters(_query(chosen(seed))), names)


def _nearest(index: LayerIndex, seed: int, tiers: tuple[str, ...], statuses: tuple[str, ...]) -> object:
    ask = Ask(tiers=tiers, statuses=statuses)
    return index.points.nearest(*point(seed), 10, index.filters(_query(ask)))
