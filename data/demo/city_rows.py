"""Rows of the demo city in columns: each function takes a batch of points and writes one layer's places and facts.

Facts are simpler than in the district - a licence, a food permit, the last visit - but the same rules judge them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from data.areas import reference_districts
from data.copy import copy_rows
from data.demo.frame import FloatArray
from data.demo.names import Rng, mobiles, people
from data.demo.records import SOURCE, points_wkb, reserve
from data.demo.site import Moment
from data.search_text import area_words, search_text

Column = Sequence[Any] | str | int | bool | None


@dataclass(slots=True)
class Batch:
    """Points of one layer: lon/lat (n, 2), addresses, district codes, and the running number before the first."""

    connection: Connection
    moment: Moment
    layer: str
    before: int
    degrees: FloatArray
    addresses: list[str]
    districts: list[str]
    rng: Rng

    def __len__(self) -> int:
        return len(self.addresses)

    def ids(self, table: str, count: int | None = None) -> NDArray[np.int64]:
        """Take ids of a table, one per point or `count`."""
        wanted = len(self) if count is None else count
        return reserve(self.connection, table, wanted) + np.arange(1, wanted + 1)

    def dates(self, days_ahead: FloatArray | NDArray[np.int64]) -> list[str]:
        """Return days counted from today as ISO text, past ones negative."""
        today = np.datetime64(self.moment.day, "D")
        return [str(day) for day in today + np.asarray(days_ahead).astype(np.int64)]


def write(connection: Connection, table: str, count: int, **columns: Column) -> None:
    """Append `count` rows given by column; a plain value stands for all rows."""
    if count:
        whole = [
            repeat(column, count) if column is None or isinstance(column, str | int | bool) else column
            for column in columns.values()
        ]
        copy_rows(connection, table, list(columns), zip(*whole, strict=True))


def add_places(
    batch: Batch, names: Sequence[str], categories: Sequence[str], **columns: Column
) -> NDArray[np.int64]:
    """Write the places of a batch; returns their ids."""
    count = len(batch)
    ids = batch.ids("place")
    districts = {code: name for code, (name, _) in reference_districts().items()}
    texts = [
        search_text(name, address, called=area_words(code, districts))
        for name, address, code in zip(names, batch.addresses, batch.districts, strict=True)
    ]
    write(
        batch.connection,
        "place",
        count,
        id=ids.tolist(),
        layer=batch.layer,
        source=SOURCE,
        external_id=external(batch.layer[0].upper(), batch.before, count),
        name=names,
        address=batch.addresses,
        area_code=batch.districts,
        category=categories,
        phone=mobiles(batch.rng, count),
        contact=people(batch.rng, count),
        geom=points_wkb(batch.degrees),
        search_text=texts,
        **columns,
    )
    return ids


def external(prefix: str, before: int, count: int) -> list[str]:
    """Return external ids with running numbers."""
    return [f"{prefix}{number:07d}" for number in range(before + 1, before + count + 1)]


def add_permits(
    batch: Batch,
    kind: str,
    places: NDArray[np.int64],
    numbers: Sequence[str],
    states: Sequence[str],
    days_left: FloatArray | None,
    term_days: int,
    **columns: Column,
) -> NDArray[np.int64]:
    """Write a permit per place, `days_left` before its end (None: without end); returns the permits' ids."""
    count = len(places)
    ids = batch.ids("permit", count)
    if days_left is None:
        since, until = batch.dates(-batch.rng.integers(60, 3400, count)), None
    else:
        since, until = batch.dates(days_left - term_days), batch.dates(days_left)
    write(
        batch.connection,
        "permit",
        count,
        id=ids.tolist(),
        place_id=places.tolist(),
        source=SOURCE,
        external_id=[f"P{number}" for number in ids.tolist()],
        kind=kind,
        number=numbers,
        state=states,
        valid_from=since,
        valid_to=until,
        **columns,
    )
    return ids


def add_visits(
    batch: Batch, places: NDArray[np.int64], days_ago: FloatArray, results: Sequence[str], **columns: Column
) -> None:
    """Write a routine visit per place."""
    count = len(places)
    ids = batch.ids("inspection", count)
    hours = batch.rng.integers(9, 17, count)
    days = batch.dates(-np.maximum(days_ago, 1))
    write(
        batch.connection,
        "inspection",
        count,
        id=ids.tolist(),
        place_id=places.tolist(),
        source=SOURCE,
        external_id=[f"V{number}" for number in ids.tolist()],
        kind="routine",
        at=[f"{day} {hour:02d}:20:00+08" for day, hour in zip(days, hours.tolist(), strict=True)],
        result=results,
        inspector=people(batch.rng, count),
        **columns,
    )


def add_cases(batch: Batch, places: NDArray[np.int64], overdue: Sequence[bool]) -> None:
    """Write an open complaint per place."""
    count = len(places)
    ids = batch.ids("case", count)
    opened = batch.dates(-batch.rng.integers(15, 40, count))
    late = np.array(overdue, dtype=bool)
    due = batch.dates(np.where(late, -batch.rng.integers(1, 9, count), batch.rng.integers(2, 20, count)))
    write(
        batch.connection,
        "case",
        count,
        id=ids.tolist(),
        place_id=places.tolist(),
        source=SOURCE,
        external_id=[f"C{number}" for number in ids.tolist()],
        kind="complaint",
        title="市民投诉待处理",
        stage="handling",
        opened_at=opened,
        due_at=due,
    )


def where(stories: Sequence[str], *wanted: str) -> NDArray[np.bool_]:
    """Tell which stories are among some."""
    return np.array([story in wanted for story in stories], dtype=bool)


def only(values: Iterable[Any], mask: NDArray[np.bool_]) -> list[Any]:
    """Return the values, None where a mask does not hold."""
    return [value if holds else None for value, holds in zip(values, mask.tolist(), strict=True)]


def take(values: Iterable[Any], mask: NDArray[np.bool_]) -> list[Any]:
    """Return the values at which a mask holds."""
    return [value for value, holds in zip(values, mask.tolist(), strict=True) if holds]
