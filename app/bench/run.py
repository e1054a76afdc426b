"""Measurements of the map engine and of intake against their rivals, on data of their own.

Times depend on the machine; ratios are of medians within one run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.bench.browser import Browser
from app.bench.engine import Engine
from app.bench.intake import intake
from app.bench.product import serving
from app.bench.served import Served
from app.bench.table import Row, growth
from app.bench.tiles import Tiles
from data.bench import scratch
from data.db import make_engine
from layers.core.errors import YipingError

SIZES = (15_000, 100_000, 1_000_000, 3_300_000)
ROWS = (20_000,)
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
INTAKE = "intake"
Measurement = Callable[[], list[Row]]


def run(
    url: str,
    tools: Path,
    names: Sequence[str],
    sizes: Sequence[int],
    told: Callable[[str], None],
    deliveries: Sequence[int] = ROWS,
) -> list[Row]:
    """Measure; `url` is a server on which databases may be made, `tools` a folder that keeps rivals.

    `sizes` are those of a city for the map engine, `deliveries` the rows of a file for intake. Raises `YipingError`
    for an unknown name.
    """
    chosen = names or (*NAMES, INTAKE)
    if unknown := set(chosen) - {*NAMES, INTAKE}:
        raise YipingError(
            f"There is no measurement {sorted(unknown)[0]!r}; there are {', '.join((*NAMES, INTAKE))}."
        )
    rows: list[Row] = []
    if of_the_map := [name for name in chosen if name != INTAKE]:
        for count in sizes:
            rows += _of_the_map(url, tools, of_the_map, count, told)
    for count in deliveries if INTAKE in chosen else ():
        told(f"{count:,} rows: {INTAKE}")
        rows += intake(url, count)
    return rows + growth(rows)


def _of_the_map(
    url: str, tools: Path, names: Sequence[str], count: int, told: Callable[[str], None]
) -> list[Row]:
    rows: list[Row] = []
    told(f"{count:,} places: making the data")
    with _measurements(url, tools, count) as known:
        for name in names:
            told(f"{count:,} places: {name}")
            rows += known[name]()
    return rows


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
