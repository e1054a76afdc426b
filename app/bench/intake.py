"""Deliveries of files: rows per second of the whole and of its stages, beside a plain COPY of the same rows."""

from __future__ import annotations

import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from app.bench.table import Row
from data.bench import empty
from data.bench_intake import Copied, Taken, plain_copy, stages, take_in, write_shops
from data.db import Engine, make_engine


def intake(url: str, count: int) -> list[Row]:
    """Deliver a file of so many shops twice into a database of its own, without judging the places."""
    with empty(url, f"yiping_bench_intake_{count}") as own, tempfile.TemporaryDirectory() as folder:
        engine, path = make_engine(own, pool_size=1), Path(folder) / "shops.csv"
        try:
            write_shops(engine, path, count)
            first = _apart(own, path)
            with engine.connect() as connection:
                copy = plain_copy(connection)
            again = _apart(own, path)
            return [*_stages(engine, path, count, first), *_whole(count, copy, first, again)]
        finally:
            engine.dispose()


def _apart(url: str, path: Path) -> Taken:
    """Deliver in a process of its own, whose memory is that of a delivery and nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(take_in, url, path).result()


def _stages(engine: Engine, path: Path, count: int, first: Taken) -> list[Row]:
    took = stages(engine, path)
    took["write"] = first.seconds - sum(took.values())
    return [_row(f"intake: {stage}", count, seconds) for stage, seconds in took.items()]


def _whole(count: int, copy: Copied, first: Taken, again: Taken) -> list[Row]:
    return [
        _row(
            "intake: plain COPY",
            count,
            copy.seconds,
            note=f"{_speed(count, copy.seconds)}; {_cpu(0, copy.backend_s)}",
        ),
        _delivery("intake: first delivery", first, copy),
        _delivery("intake: the same again", again, copy),
    ]


def _delivery(question: str, taken: Taken, copy: Copied) -> Row:
    rows = f"{taken.inserted:,} new, {taken.unchanged:,} unchanged, {taken.rejected:,} rejected"
    memory = f"at most {taken.process_mb:,.0f} MB, its backend {taken.backend_mb:,.0f} MB"
    times = f"{taken.seconds / copy.seconds:.1f} times a plain COPY"
    parts = (
        f"{_speed(taken.read, taken.seconds)}, {times}",
        _cpu(taken.process_s, taken.backend_s),
        rows,
        memory,
    )
    return _row(question, taken.read, taken.seconds, copy.seconds * 1000, "; ".join(parts))


def _cpu(process_s: float, backend_s: float) -> str:
    return f"processor {process_s:.1f} s, of the database {backend_s:.1f} s"


def _row(question: str, count: int, seconds: float, copy_ms: float | None = None, note: str = "") -> Row:
    took = seconds * 1000
    return Row(question, count, took, took, rival_ms=copy_ms, note=note or _speed(count, seconds))


def _speed(count: int, seconds: float) -> str:
    return f"{count / seconds:,.0f} rows/s"
