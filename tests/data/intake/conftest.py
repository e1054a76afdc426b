"""What the tests of intake share: tables written as files, and a delivery with one word."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from data.intake.deliver import import_file
from data.intake.outcome import Delivery
from data.tables import registry
from geo.datum import Datum

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
SHOP = ("编号", "名称", "地址", "区", "业态", "lon", "lat")
INSIDE = ("121.4365", "31.1886")  # Xuhui


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write rows as a CSV file and return its path."""

    def _write(
        rows: Sequence[Sequence[object]],
        name: str = "shops.csv",
        *,
        encoding: str = "utf-8",
        header: Sequence[str] = SHOP,
    ) -> Path:
        path = tmp_path / name
        with path.open("w", encoding=encoding, newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
        return path

    return _write


@pytest.fixture
def deliver(engine: Engine) -> Callable[..., Delivery]:
    """Import a file of WGS-84 shops unless told otherwise."""

    def _deliver(
        path: Path, layer: str = "shops", datum: Datum | None = Datum.WGS84, **options: Any
    ) -> Delivery:
        return import_file(engine, registry[layer], path, datum, **({"actor": "clerk", "at": NOON} | options))

    return _deliver


@pytest.fixture
def query(engine: Engine) -> Iterator[Callable[..., list[Any]]]:
    """Run a query on the delivered database."""
    with engine.connect() as connection:

        def _query(connection: Any, sql: str, **params: Any) -> list[Any]:
            rows = connection.execute(text(sql), params).all()
            connection.rollback()
            return list(rows)

        yield partial(_query, connection)


def shop(number: int, **changes: str) -> list[str]:
    """A row of `SHOP`."""
    cells = {
        "编号": f"S{number}",
        "名称": f"小店{number}",
        "地址": f"天钥桥路{number}号",
        "区": "徐汇区",
        "业态": "餐饮服务;中餐厅;火锅店",
        "lon": INSIDE[0],
        "lat": INSIDE[1],
    }
    return list((cells | changes).values())


@pytest.fixture
def make_shop() -> Callable[..., list[str]]:
    """Make a row of a shop in Xuhui."""
    return shop
