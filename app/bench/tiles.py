"""The rival over HTTP: tipg, a server of vector tiles, over the same table in an environment of its own."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from subprocess import CalledProcessError, run

import httpx

from app.bench.product import PORT, Product, wait_for
from app.bench.questions import view
from app.bench.table import Row, measured
from app.child import Child
from data.bench import Ask, with_host
from layers.core.errors import YipingError

VERSION = "1.6.1"
MOST_FEATURES = 10_000  # where tipg stops, without a word
ZOOMS = (10, 12, 14)
RUNS = 3
_PORT = PORT + 2
_AT_ONCE = 6  # as a browser does


@dataclass(frozen=True, slots=True)
class Tiles:
    """The measurements of one size; `url` is its database."""

    count: int
    product: Product
    url: str
    tools: Path

    def tiles(self) -> list[Row]:
        """One screen without filters: our one answer, and the vector tiles that cover it."""
        with _tipg(self.url, self.tools, self.product.home) as client:
            return [self._row(zoom, client) for zoom in ZOOMS]

    def _row(self, zoom: int, rival: httpx.Client) -> Row:
        asks = [replace(view(zoom, seed), tiers=(), statuses=()) for seed in range(RUNS)]
        ours, most = [], 0
        for ask in asks * 5:
            began = time.perf_counter()
            most = max(most, len(self.product.client.get(ask.url("map")).content))
            ours.append((time.perf_counter() - began) * 1000)
        theirs = [_cover(rival, ask) for ask in asks]
        note = f"{theirs[0][1]} tiles, {max(size for _took, _n, size in theirs) / 1e6:,.1f} MB"
        row = measured(f"one screen against tiles, zoom {zoom}", self.count, ours)
        rival_ms = median(took for took, _n, _size in theirs)
        return replace(row, most_bytes=most, rival_ms=rival_ms, note=f"tipg {VERSION}: {note}")


def _cover(client: httpx.Client, ask: Ask) -> tuple[float, int, int]:
    """Fetch the tiles of a view: milliseconds, tiles, bytes."""
    west, south, east, north = ask.bbox or (0.0, 0.0, 0.0, 0.0)
    (left, top), (right, bottom) = _tile(west, north, ask.zoom), _tile(east, south, ask.zoom)
    paths = [
        f"/collections/public.bench_place/tiles/WebMercatorQuad/{ask.zoom}/{x}/{y}"
        for x in range(left, right + 1)
        for y in range(top, bottom + 1)
    ]
    began = time.perf_counter()
    with ThreadPoolExecutor(_AT_ONCE) as hands:
        sizes = list(hands.map(lambda path: len(client.get(path).raise_for_status().content), paths))
    return (time.perf_counter() - began) * 1000, len(paths), sum(sizes)


def _tile(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    across = (lon + 180) / 360
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int(across * 2**zoom), int(down * 2**zoom)


@contextmanager
def _tipg(url: str, tools: Path, home: Path) -> Iterator[httpx.Client]:
    python = _installed(tools)
    command = [str(python), "-m", "uvicorn", "tipg.main:app", "--port", str(_PORT), "--workers", "2"]
    environment = {
        "DATABASE_URL": with_host(url),
        "TIPG_MAX_FEATURES_PER_TILE": str(MOST_FEATURES),
        "PYTHONPATH": "",
    }
    server = Child("tipg", command, folder=home, environment=environment, log=home / "tipg.log")
    server.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{_PORT}", timeout=300) as client:
            wait_for(client, "/healthz", server)
            yield client
    finally:
        server.stop()


def _installed(tools: Path) -> Path:
    """The Python of an environment with tipg, made once; raises `YipingError`."""
    place = tools / f"tipg-{VERSION}"
    python = place / "bin" / "python"
    if not (place / "complete").exists():
        try:
            run([sys.executable, "-m", "venv", "--clear", str(place)], check=True, capture_output=True)
            command = [str(python), "-m", "pip", "install", "-q", f"tipg=={VERSION}", "uvicorn"]
            run(command, check=True, capture_output=True)
        except CalledProcessError as error:
            raise YipingError(
                f"tipg could not be installed for `tiles` (exit status {error.returncode})."
            ) from error
        (place / "complete").touch()
    return python
