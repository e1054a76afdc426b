"""Measurements of the map engine against its rivals, on data of its own.

Times depend on the machine; ratios are of medians within one run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.bench.browser import Browser
from app.bench.engine import Engine
from app.bench.product import serving
from app.bench.served import Served
from app.bench.table import Row, growth
from app.bench.tiles import Tiles
from data.bench import scratch
from data.db import make_engine
from layers.core.errors import YipingError

SIZES = (15_000, 100_000, 1_000_000, 3_300_000)
NAMES = (
    "map",
    "crowd",
    "text",
    "facets",
    "nearest",
    "engine",
    "live",
    "build",
    "memory",
    "screen",
    "tiles",
)
Measurement = Callable[[], list[Row]]


def run(
    url: str, tools: Path, names: Sequence[str], sizes: Sequence[int], told: Callable[[str], None]
) -> list[Row]:
    """Measure; `url` is a server on which databases may be made, `tools` a folder that keeps rivals.

    Raises `YipingError` for an unknown name.
    """
    if unknown := set(names) - set(NAMES):
        raise YipingError(f"There is no measurement {sorted(unknown)[0]!r}; there are {', '.join(NAMES)}.")
    rows: list[Row] = []
    for count in sizes:
        told(f"{count:,} places: making the data")
        with _measurements(url, tools, count) as known:
            for name in names or NAMES:
                told(f"{count:,} places: {name}")
                rows += known[name]()
    return rows + growth(rows)


@contextmanager
def _measurements(url: str, tools: Path, count: int) -> Iterator[Mapping[str, Measurement]]:
    """The measurements of one size by name, over a database that goes afterwards."""
    with scratch(url, count) as own, tempfile.TemporaryDirectory() as folder:
        connections = make_engine(own, pool_size=2)
        with serving(own, Path(folder)) as product, connections.connect() as connection:
            served = Served(count, product, connection)
            yield {
                "map": served.map,
                "crowd": served.crowd,
                "text": served.text,
                "facets": served.facets,
                "nearest": served.nearest,
                "engine": Engine(count, own, product.home).engine,
                "live": served.live,
                "build": lambda: product.build(count),
                "memory": lambda: product.memory(count),
                "screen": Browser(count, product, own).screen,
                "tiles": Tiles(count, product, own, tools).tiles,
            }
        connections.dispose()
