"""Measurements of the map engine against PostGIS alone, over real HTTP, on data of its own.

Times depend on the machine; ratios are of medians within one run.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import httpx
from rich.table import Table
from websockets.sync.client import connect

from app.child import Child
from app.settings import REPOSITORY
from data.bench import ACCOUNT, Ask, all_as_geojson, scratch, sql_facets, sql_map, sql_nearest, touch
from data.db import Connection, make_engine
from layers.core.errors import YipingError
from layers.core.tiers import STATUSES, TIERS

NAMES = ("map", "crowd", "text", "facets", "nearest", "live", "build", "naive")
SIZES = (15_000, 100_000, 1_000_000, 3_300_000)
RUNS = 60
SQL_RUNS = 5
SCREENS = 8
MOST_NAIVE = 1_000_000  # more would not fit into a browser anyway
_PORT = 8099
_READY_S = 600.0
_WIDTH_PX, _HEIGHT_PX = 3072, 1728  # a screen of 1920 x 1080 and what is loaded around it
_WORDS = ("面馆", "老街", "青", "松路", "书店1", "药房99", "瑞祥", "梅路500号")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: milliseconds, bytes of the largest answer, and how many times slower SQL was."""

    question: str
    count: int
    p50_ms: float
    p95_ms: float
    most_bytes: int = 0
    sql_ms: float | None = None
    note: str = ""

    @property
    def ratio(self) -> str:
        """How many times longer PostGIS alone took (medians of this run), or nothing."""
        return f"{self.sql_ms / self.p50_ms:,.0f} ×" if self.sql_ms is not None else ""

    def cells(self) -> list[str]:
        """The line in words."""
        sql = f"{self.sql_ms:,.1f}" if self.sql_ms is not None else ""
        size = f"{self.most_bytes:,}" if self.most_bytes else ""
        return [
            self.question,
            f"{self.count:,}",
            f"{self.p50_ms:,.1f}",
            f"{self.p95_ms:,.1f}",
            size,
            sql,
            self.ratio,
            self.note,
        ]


HEADINGS = ("question", "places", "p50 ms", "p95 ms", "bytes", "SQL p50 ms", "ratio", "note")


def run(url: str, names: Sequence[str], sizes: Sequence[int], told: Callable[[str], None]) -> list[Row]:
    """Measure; `url` is a server on which databases may be made. Raises `YipingError` for an unknown name."""
    if unknown := set(names) - set(NAMES):
        raise YipingError(f"There is no measurement {sorted(unknown)[0]!r}; there are {', '.join(NAMES)}.")
    rows: list[Row] = []
    for count in sizes:
        told(f"{count:,} places: making the data")
        with scratch(url, count) as own, tempfile.TemporaryDirectory() as home:
            engine = make_engine(own, pool_size=2)
            with _server(own, Path(home)) as started, engine.connect() as connection:
                bench = Bench(count, started.client, connection)
                for name in names or NAMES:
                    told(f"{count:,} places: {name}")
                    rows += started.rows(count) if name == "build" else getattr(bench, name)()
            engine.dispose()
    return rows


@dataclass(frozen=True, slots=True)
class Bench:
    """The measurements of one size."""

    count: int
    client: httpx.Client
    connection: Connection

    def map(self) -> list[Row]:
        """A screen at every zoom under filters that were never asked before."""
        rows = []
        for zoom in range(9, 18):
            asks = [_view(zoom, seed) for seed in range(RUNS)]
            rows.append(self._row(f"map, zoom {zoom}", "map", asks, sql_map if zoom <= 12 else None))
        return rows

    def crowd(self) -> list[Row]:
        """Eight screens at once, each asking as fast as it is answered."""

        def ask_on(screen: int) -> list[float]:
            took = []
            with httpx.Client(
                base_url=self.client.base_url, cookies=self.client.cookies, timeout=60
            ) as client:
                for seed in range(RUNS):
                    began = time.perf_counter()
                    client.get(_view(9 + seed % 9, seed + screen * RUNS).url("map")).raise_for_status()
                    took.append((time.perf_counter() - began) * 1000)
            return took

        with ThreadPoolExecutor(SCREENS) as screens:
            took = [ms for part in screens.map(ask_on, range(SCREENS)) for ms in part]
        row = _measured(f"map, {SCREENS} screens at once", self.count, took)
        return [replace(row, note=f"p99 {sorted(took)[int(len(took) * 0.99)]:.1f} ms")]

    def naive(self) -> list[Row]:
        """What a page without an engine does: all places as one GeoJSON."""
        if self.count > MOST_NAIVE:
            return []
        began = time.perf_counter()
        size = all_as_geojson(self.connection)
        took = [(time.perf_counter() - began) * 1000]
        row = _measured("all places as one GeoJSON", self.count, took)
        return [replace(row, most_bytes=size, note="in the server alone, before it is sent and drawn")]

    def text(self) -> list[Row]:
        """A screen of the whole city for words, the first time and again."""
        asks = [replace(_view(10, seed), q=words) for seed, words in enumerate(_WORDS)]
        first = self._row("map with words, first", "map", asks, sql_map)
        return [first, self._row("map with words, again", "map", asks, None)]

    def facets(self) -> list[Row]:
        """All facets of the listings under a filter."""
        asks = [replace(_chosen(seed), layer="offices", statuses=()) for seed in range(RUNS)]
        return [self._row("facets of offices", "facets", asks, sql_facets)]

    def nearest(self) -> list[Row]:
        """The nearest ten, of a common and of a rare combination."""
        asks = [replace(_chosen(seed), at=_point(seed)) for seed in range(RUNS)]
        common = [replace(ask, tiers=("blue",), statuses=(), categories=()) for ask in asks]
        rare = [replace(ask, tiers=("red",), statuses=("revoked",)) for ask in asks]
        return [
            self._row("nearest ten, common", "nearest", common, sql_nearest),
            self._row("nearest ten, rare", "nearest", rare, sql_nearest),
        ]

    def live(self) -> list[Row]:
        """From a commit elsewhere to the news on an open page."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        address = str(self.client.base_url).replace("http", "ws") + "/api/live"
        took = []
        with connect(address, additional_headers={"Cookie": cookie}) as page:
            for number in range(RUNS):
                touch(self.connection, number)
                began = time.perf_counter()
                self.connection.commit()
                page.recv(timeout=30)
                took.append((time.perf_counter() - began) * 1000)
        return [_measured("commit to open page", self.count, took)]

    def _row(
        self, name: str, question: str, asks: Sequence[Ask], rival: Callable[[Connection, Ask], int] | None
    ) -> Row:
        took, most = [], 0
        self._ask(asks[0], question)
        for ask in asks:
            began = time.perf_counter()
            size = self._ask(ask, question)
            took.append((time.perf_counter() - began) * 1000)
            most = max(most, size)
        row = _measured(name, self.count, took)
        return replace(row, most_bytes=most, sql_ms=self._rival(asks, rival) if rival else None)

    def _ask(self, ask: Ask, question: str) -> int:
        answer = self.client.get(ask.url(question))
        answer.raise_for_status()
        return len(answer.content)

    def _rival(self, asks: Sequence[Ask], rival: Callable[[Connection, Ask], int]) -> float:
        took = []
        rival(self.connection, asks[0])
        for ask in asks[:SQL_RUNS]:
            began = time.perf_counter()
            rival(self.connection, ask)
            took.append((time.perf_counter() - began) * 1000)
        return median(took)


@dataclass(frozen=True, slots=True)
class Started:
    """The product, serving: a signed-in client, how long the first start took, and its processes."""

    client: httpx.Client
    first_s: float
    process: int

    def rows(self, count: int) -> list[Row]:
        """How long the first start took with all indexes to build, and the memory of each worker."""
        private = [_private_mb(pid) for pid in _workers(self.process)]
        note = f"start with nothing built; private memory per worker {', '.join(f'{mb:.0f} MB' for mb in private)}"
        return [Row("build", count, self.first_s * 1000, self.first_s * 1000, note=note)]


@contextmanager
def _server(url: str, home: Path) -> Iterator[Started]:
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "asgi:app",
        "--port",
        str(_PORT),
        "--workers",
        "2",
        "--no-access-log",
    ]
    environment = {"DATABASE_URL": url, "YIPING_HOME": str(home), "YIPING_DEMO": "none"}
    server = Child("web", command, folder=REPOSITORY, environment=environment, log=home / "web.log")
    began = time.perf_counter()
    server.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{_PORT}", timeout=60) as client:
            while not _is_ready(client):
                if not server.running or time.perf_counter() - began > _READY_S:
                    raise YipingError(f"The server did not start ({server.last_words()}).")
                time.sleep(0.1)
            first_s = time.perf_counter() - began
            for _ in range(8):  # both workers have mapped the indexes
                client.get("/readyz")
            name, password = ACCOUNT
            client.post("/api/login", json={"username": name, "password": password}).raise_for_status()
            yield Started(client, first_s, server.pid)
    finally:
        server.stop()


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def _workers(parent: int) -> list[int]:
    """Process numbers of the workers of a server that have an index."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in children if _private_mb(int(pid)) > 60]


def _private_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _chosen(seed: int) -> Ask:
    chance = random.Random(seed)
    tiers = tuple(chance.sample(TIERS, 2))
    statuses = tuple(chance.sample(STATUSES, 3)) if chance.random() < 0.5 else ()
    return Ask(tiers=tiers, statuses=statuses)


def _point(seed: int) -> tuple[float, float]:
    chance = random.Random(seed + 1000)
    return 121.47 + chance.gauss(0, 0.05), 31.2 + chance.gauss(0, 0.04)


def _view(zoom: int, seed: int) -> Ask:
    lon, lat = _point(seed)
    degree = 360 / 256 / 2**zoom
    across, up = degree * _WIDTH_PX / 2, degree * _HEIGHT_PX / 2 * 0.855
    box = (lon - across, max(lat - up, -89), lon + across, min(lat + up, 89))
    return replace(_chosen(seed), bbox=box, zoom=zoom)


def _measured(name: str, count: int, took: Sequence[float]) -> Row:
    ordered = sorted(took)
    return Row(name, count, median(ordered), ordered[int(len(ordered) * 0.95)])


def table_of(rows: Sequence[Row]) -> Table:
    """The rows for a terminal."""
    table = Table(*HEADINGS)
    for row in rows:
        table.add_row(*row.cells())
    return table


def markdown_of(rows: Sequence[Row]) -> str:
    """The rows for a document, with the machine described."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        "unknown",
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    lines = [f"{os.cpu_count()} cores ({model}), {memory:.0f} GB of memory.", ""]
    lines += ["| " + " | ".join(HEADINGS) + " |", "|" + " --- |" * len(HEADINGS)]
    lines += ["| " + " | ".join(row.cells()) + " |" for row in rows]
    return "\n".join(lines) + "\n"
