"""The measurements: they run on data of their own, say what they measured, and leave nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from app.bench.run import run
from app.bench.table import HEADINGS, Row, growth, markdown_of
from data.cluster import Server
from data.db import make_engine
from layers.core.errors import YipingError


def test_a_small_city_is_measured_and_removed(server: Server, tmp_path: Path) -> None:
    told: list[str] = []
    rows = run(server.url("postgres"), tmp_path, ["map", "engine", "memory"], [500], told.append)
    assert {row.question for row in rows} >= {
        "map, zoom 9",
        "map, zoom 17",
        "engine: facets of offices",
        "memory",
    }
    assert all(row.p50_ms and row.p95_ms and row.p50_ms <= row.p95_ms for row in rows if row.p50_ms)
    assert all(row.ratio for row in rows if row.question == "map, zoom 9")
    assert told[0] == "500 places: making the data"
    engine = make_engine(server.url("postgres"), pool_size=1)
    with engine.connect() as connection:
        assert not connection.scalar(
            text("SELECT count(*) FROM pg_database WHERE datname LIKE 'yiping_bench%'")
        )
    engine.dispose()


def test_an_unknown_measurement_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(YipingError, match="no measurement 'maps'"):
        run("postgresql:///nowhere", tmp_path, ["maps"], [500], print)


def test_growth_compares_the_medians_of_the_sizes() -> None:
    rows = [
        Row(f"map, zoom {zoom}", count, ms, ms) for count, ms in ((10, 2.0), (1000, 3.0)) for zoom in (9, 10)
    ]
    assert growth(rows) == [
        Row("map, growth", 1000, note="1.5 × the time for 100 × the places (medians over the zooms)")
    ]
    assert growth(rows[:2]) == []


def test_a_document_has_a_column_per_heading() -> None:
    head, line, *rows = markdown_of([Row("map, zoom 9", 500, 2.0, 3.0, 1200, 400.0)]).splitlines()[2:]
    assert {text.count("|") for text in (head, line, *rows)} == {len(HEADINGS) + 1}
    assert "| 200 × |" in rows[0]


def test_a_delivery_is_measured_beside_a_plain_copy(server: Server, tmp_path: Path) -> None:
    rows = run(server.url("postgres"), tmp_path, ["intake"], [], lambda _: None, deliveries=[2_000])
    named = {row.question.removeprefix("intake: "): row for row in rows}
    assert list(named) == [
        "read",
        "locate",
        "convert",
        "write",
        "plain COPY",
        "first delivery",
        "the same again",
    ]
    assert all(row.p50_ms and row.p50_ms > 0 for row in rows)
    first, again = named["first delivery"], named["the same again"]
    assert first.rival_ms == again.rival_ms == named["plain COPY"].p50_ms
    # 3 rows lack a name and 9 a longitude.
    assert "1,988 new, 0 unchanged, 12 rejected" in first.note
    assert "0 new, 1,988 unchanged, 12 rejected" in again.note
    assert "backend 0 MB" not in first.note + again.note
    parts = sum(named[stage].p50_ms or 0 for stage in ("read", "locate", "convert", "write"))
    assert parts == pytest.approx(first.p50_ms)
