"""Questions over HTTP, beside the same questions asked of PostGIS alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from statistics import median

from websockets.sync.client import connect

from app.bench.client import unpacked
from app.bench.product import Product
from app.bench.questions import WORDS, ZOOMS, chosen, point, view
from app.bench.table import Row, measured
from data.bench import Ask, sql_facets, sql_map, sql_nearest, touch
from data.db import Connection

RUNS = 60
SQL_RUNS = 7
SCREENS = 8
_COARSE = 12  # above this zoom PostGIS has few points to count


@dataclass(frozen=True, slots=True)
class Served:
    """The measurements of one size."""

    count: int
    product: Product
    connection: Connection

    def map(self) -> list[Row]:
        """A screen at every zoom under filters that were never asked before."""
        rows = []
        for zoom in ZOOMS:
            asks = [view(zoom, seed) for seed in range(RUNS)]
            rows.append(self._row(f"map, zoom {zoom}", "map", asks, sql_map if zoom <= _COARSE else None))
        return rows

    def crowd(self) -> list[Row]:
        """Several screens at once, each asking as fast as it is answered."""

        def ask_on(screen: int) -> list[float]:
            took = []
            with self.product.reader() as reader:
                for seed in range(RUNS):
                    began = time.perf_counter()
                    reader.get(view(9 + seed % 9, seed + screen * RUNS).url("map"))
                    took.append((time.perf_counter() - began) * 1000)
            return took

        with ThreadPoolExecutor(SCREENS) as screens:
            took = [ms for part in screens.map(ask_on, range(SCREENS)) for ms in part]
        row = measured(f"map, {SCREENS} screens at once", self.count, took)
        return [replace(row, note=f"p99 {sorted(took)[int(len(took) * 0.99)]:.1f} ms")]

    def text(self) -> list[Row]:
        """A screen of the whole city for words, the first time and again."""
        asks = [replace(view(10, seed), q=words) for seed, words in enumerate(WORDS)]
        first = self._row("map with words, first", "map", asks, sql_map)
        return [first, self._row("map with words, again", "map", asks, None)]

    def facets(self) -> list[Row]:
        """All facets of the listings under a filter."""
        asks = [replace(chosen(seed), layer="offices", statuses=()) for seed in range(RUNS)]
        return [self._row("facets of offices", "facets", asks, sql_facets)]

    def nearest(self) -> list[Row]:
        """The nearest ten, of a common and of a rare combination."""
        asks = [replace(chosen(seed), at=point(seed)) for seed in range(RUNS)]
        common = [replace(ask, tiers=("blue",), statuses=(), categories=()) for ask in asks]
        rare = [replace(ask, tiers=("red",), statuses=("revoked",)) for ask in asks]
        return [
            self._row("nearest ten, common", "nearest", common, sql_nearest),
            self._row("nearest ten, rare", "nearest", rare, sql_nearest),
        ]

    def live(self) -> list[Row]:
        """From a commit elsewhere to the news on an open page."""
        address = self.product.base.replace("http", "ws") + "/api/live"
        took = []
        with connect(address, additional_headers={"Cookie": self.product.cookies}) as page:
            for number in range(RUNS):
                touch(self.connection, number)
                began = time.perf_counter()
                self.connection.commit()
                page.recv(timeout=30)
                took.append((time.perf_counter() - began) * 1000)
        return [measured("commit to open page", self.count, took)]

    def _row(
        self, name: str, question: str, asks: Sequence[Ask], rival: Callable[[Connection, Ask], int] | None
    ) -> Row:
        took, most = [], 0
        with self.product.reader() as reader:
            reader.get(asks[0].url(question))
            for ask in asks:
                began = time.perf_counter()
                answer = reader.get(ask.url(question))
                took.append((time.perf_counter() - began) * 1000)
                most = max(most, len(unpacked(*answer)))
        row = measured(name, self.count, took)
        return replace(row, most_bytes=most, rival_ms=self._rival(asks, rival) if rival else None)

    def _rival(self, asks: Sequence[Ask], rival: Callable[[Connection, Ask], int]) -> float:
        took = []
        rival(self.connection, asks[0])
        for ask in asks[:SQL_RUNS]:
            began = time.perf_counter()
            rival(self.connection, ask)
            took.append((time.perf_counter() - began) * 1000)
        return median(took)
