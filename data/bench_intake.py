"""Deliveries to measure: a file of shops as a register might send it, and the same rows by a plain COPY."""

from __future__ import annotations

import csv
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, text

from data.areas import area_names, load_areas
from data.db import make_engine
from data.demo.names import Rng, brands, pick, street_bases, trade_names
from data.demo.words import FIRM_SECOND
from data.intake.batch import Batch
from data.intake.deliver import CHUNK, import_file, uncollected
from data.intake.mapping import Plan, make_plan
from data.intake.positions import Locator
from data.intake.readers import open_table
from data.intake.sheet import Sheet
from data.tables import registry
from geo.datum import Datum
from geo.districts import PolygonSet
from layers.core.rent import MONTHS

HEADER: Final = ("编号", "名称", "地址", "区", "业态", "电话", "面积", "员工数", "供应早餐", "lon", "lat")
AT: Final = datetime(2026, 3, 2, 4, tzinfo=UTC)
_AT_ONCE: Final = 50_000
_TRADES: Final = ("restaurant", "snack", "cafe", "drinks", "bakery", "convenience", "pharmacy", "hairdresser")
_KEPT: Final = {"place": "layer = 'shops'", "layer_shops": "true"}
_FAULTY: Final = {"面积": 97, "lon": 211, "名称": 503}  # every so many rows; these are flagged, or not kept


@dataclass(frozen=True, slots=True)
class Taken:
    """One delivery: how long it took, what became of its rows, and what this process and its backend needed for it.

    Seconds of the processor are the same on a machine that does other work beside, where `seconds` are not.
    """

    seconds: float
    process_s: float
    backend_s: float
    read: int
    inserted: int
    unchanged: int
    rejected: int
    process_mb: float
    backend_mb: float


def write_shops(engine: Engine, path: Path, count: int) -> None:
    """Write a file of `count` shops in their districts; some lack a name, a coordinate or a readable area."""
    with engine.connect() as connection:
        areas, names = load_areas(connection, 6), area_names(connection)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for start in range(0, count, _AT_ONCE):
            writer.writerows(_shops(areas, names, start, min(_AT_ONCE, count - start)))


def _shops(areas: PolygonSet, names: dict[str, str], start: int, count: int) -> Iterator[tuple[Any, ...]]:
    rng = np.random.default_rng(start)
    lon, lat, codes = _spots(rng, areas, count)
    trades = pick(rng, _TRADES, count)
    signs = zip(brands(rng, count), pick(rng, FIRM_SECOND, count), trade_names(rng, trades), strict=True)
    called = ["".join(parts) for parts in signs]
    streets, rooms = pick(rng, street_bases(rng), count), rng.integers(1, 999, (count, 2)).tolist()
    areas_m2, staff = rng.integers(80, 4000, count).tolist(), rng.integers(1, 60, count).tolist()
    for n, (name, street, (house, room)) in enumerate(zip(called, streets, rooms, strict=True)):
        number = start + n + 1
        yield (
            f"S{number:08}",
            "" if number % _FAULTY["名称"] == 0 else name,
            f"{street}路{house}号{room}室",
            names[codes[n]],
            trades[n],
            f"021-5{number:07}",
            "不小" if number % _FAULTY["面积"] == 0 else f"{areas_m2[n] / 10}㎡",
            staff[n],
            "是" if number % 3 == 0 else "否",
            "" if number % _FAULTY["lon"] == 0 else f"{lon[n]:.6f}",
            f"{lat[n]:.6f}",
        )


def _spots(
    rng: Rng, areas: PolygonSet, count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    """Return points within the districts, denser towards the centre, and the code of the district of each."""
    lon, lat = rng.normal(121.46, 0.12, 2 * count), rng.normal(31.2, 0.09, 2 * count)
    codes = areas.locate(lon, lat)
    inside = np.flatnonzero(codes != "")[:count]
    return lon[inside], lat[inside], codes[inside].tolist()


def take_in(url: str, path: Path) -> Taken:
    """Deliver a file without judging its places, in a process that does nothing else."""
    engine = make_engine(url, pool_size=1)
    began, worked = time.perf_counter(), time.process_time()
    delivery = import_file(engine, registry["shops"], path, Datum.WGS84, actor="bench", at=AT, judge=False)
    seconds, process_s = time.perf_counter() - began, time.process_time() - worked
    with engine.connect() as connection:
        backend = _backend(connection)
    taken = Taken(
        seconds,
        process_s,
        _worked_s(backend),
        delivery.read,
        delivery.inserted,
        delivery.unchanged,
        len(delivery.rejected),
        _peak_mb("self"),
        _peak_mb(backend),
    )
    engine.dispose()
    return taken


def _backend(connection: Connection) -> str:
    return str(connection.scalar(text("SELECT pg_backend_pid()")))


def _worked_s(process: str) -> float:
    """Return the seconds of the processor that a process of this machine has had; 0 for one elsewhere."""
    stat = Path(f"/proc/{process}/stat")
    user, system = stat.read_text().rpartition(")")[2].split()[11:13] if stat.exists() else ("0", "0")
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _peak_mb(process: str) -> float:
    """Return the most memory a process of this machine has held, pages it shares included; 0 for one elsewhere."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def stages(engine: Engine, path: Path) -> dict[str, float]:
    """Return the seconds that reading, locating and converting a file take by themselves, with no writing."""
    with engine.connect() as connection:
        locator = Locator(
            Datum.WGS84, load_areas(connection, 6), load_areas(connection, 9), area_names(connection)
        )
    layer = registry["shops"]
    plan = make_plan(layer, HEADER, {}, path.name)
    with uncollected():
        return _staged(path, Batch(layer, plan, locator, MONTHS["30"], "bench"), plan)


def _staged(path: Path, batch: Batch, plan: Plan) -> dict[str, float]:
    took = {"read": 0.0, "locate": 0.0, "convert": 0.0}
    began = time.perf_counter()
    rows = open_table(path).rows
    while chunk := list(islice(rows, CHUNK)):
        read = time.perf_counter()
        sheet = Sheet(plan, chunk)
        positions = batch.locate(sheet)
        located = time.perf_counter()
        batch.take(sheet, positions)
        done = time.perf_counter()
        took = {
            "read": took["read"] + read - began,
            "locate": took["locate"] + located - read,
            "convert": took["convert"] + done - located,
        }
        began = done
    return took


@dataclass(frozen=True, slots=True)
class Copied:
    """A plain COPY: how long it took, and the seconds of the processor that the database needed for it."""

    seconds: float
    backend_s: float


def plain_copy(connection: Connection) -> Copied:
    """COPY the delivered rows once more, ready as they are, into tables with the same indexes; nothing remains."""
    copies = [_copy_again(connection, table, which) for table, which in _KEPT.items()]
    connection.rollback()
    return Copied(sum(copy.seconds for copy in copies), sum(copy.backend_s for copy in copies))


def _copy_again(connection: Connection, table: str, which: str) -> Copied:
    backend, cursor = _backend(connection), connection.connection.cursor()
    with tempfile.TemporaryFile() as rows:
        cursor.copy_expert(f"COPY (SELECT * FROM {table} WHERE {which}) TO STDOUT", rows)
        rows.seek(0)
        cursor.execute(f"CREATE TABLE copied_{table} (LIKE {table} INCLUDING ALL)")
        began, worked = time.perf_counter(), _worked_s(backend)
        cursor.copy_expert(f"COPY copied_{table} FROM STDIN", rows)
        return Copied(time.perf_counter() - began, _worked_s(backend) - worked)
