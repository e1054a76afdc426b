"""What is filtered, whole and of one moment: the rows from which a file of any form is written.

An export is read in one transaction that sees one state of the database, and the index is brought to exactly that
state before it says which places are meant: the rows are those of the map, each once, however long the reading takes
and whatever is written meanwhile. What of a row goes out is decided row by row, as for a list or a card.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, text

from data.areas import area_names
from data.db import acting, reading
from data.export_columns import Column, columns_of
from data.index import LayerIndex, load_index
from data.measured import narrowed
from data.spreadsheet import refuse_too_many
from data.store import audit, cards, overview, places
from data.store.changes import since
from geo.arrays import Ints
from geo.datum import Datum, from_wgs84
from geo.index import BBox
from layers.core.access import Viewer
from layers.core.errors import ForbiddenError
from layers.core.query import Query, Range
from layers.core.spec import Layer
from layers.core.text import Text

Row = Mapping[str, Any]

BATCH = 2_000  # rows in memory at a time: some 20 kB each, with their reasons
DIGITS = 7  # of degrees: a centimetre
PATIENCE = "10min"  # with a client that stops reading, who keeps the database from tidying up
_NARROWING = ("bbox", "tiers", "statuses", "categories", "streets", "states", "q", "within", "open_at")


@dataclass(frozen=True, slots=True)
class Export:
    """A file to be: of what, for whom, as of when, and its rows in batches, which are read while they are asked for.

    Rows are column -> value; codes are codes, days ISO text, `lon` and `lat` degrees of the datum. `batches` holds a
    transaction from its first row to its last: read it to its end, or close it.
    """

    layer: Layer
    viewer: Viewer
    datum: Datum
    at: datetime
    filters: Mapping[str, Any]
    demo: bool
    columns: tuple[Column, ...]
    total: int
    batches: Generator[list[Row], None, None]


class Exports:
    """Files of layers; each is checked and goes on the record before its first row is read."""

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime],
        layer_for: Callable[[str, Viewer], Layer],
        index: Callable[[str], LayerIndex],
        month_days: float,
    ) -> None:
        """`layer_for` raises for a layer that must stay unknown; `index` gives what is known of one by now.

        `month_days`: how many days a month of rent counts.
        """
        self._month_days = month_days
        self._engine = engine
        self._clock = clock
        self._layer_for = layer_for
        self._index = index

    def open(self, query: Query, form: str, datum: Datum, most: int | None = None) -> Export:
        """Return every place of a query as the viewer may read it.

        `most` is how many rows the form can hold. Raises `UnknownLayerError`, `ForbiddenError`, `BadQueryError`, and
        `YipingError` for too many rows.
        """
        viewer, layer = query.viewer, self._layer_for(query.layers[0], query.viewer)
        _check_exports(layer, viewer)
        known = self._index(layer.id)  # before the transaction, which may then know more but never less
        with ExitStack() as stack:
            connection = stack.enter_context(reading(self._engine))
            ids = _found(connection, known, query, self._month_days)
            refuse_too_many(ids.size, most)
            names, demo = area_names(connection), bool(overview.setting(connection, "demo"))
            filters = _filters(query)
            self._note(
                layer, viewer, {"format": form, "rows": int(ids.size), "datum": datum, "filters": filters}
            )
            batches = _batches(stack.pop_all(), connection, _Reader(layer, viewer, datum, names), ids)
        columns = columns_of(layer, viewer.grant.reads)
        return Export(layer, viewer, datum, self._clock(), filters, demo, columns, int(ids.size), batches)

    def _note(self, layer: Layer, viewer: Viewer, details: Mapping[str, Any]) -> None:
        actor = viewer.name or viewer.role
        with acting(self._engine, actor) as connection:
            audit.record(connection, actor, "export", f"layer:{layer.id}", details)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns rows of places into rows of a file, for a viewer."""

    layer: Layer
    viewer: Viewer
    datum: Datum
    names: Mapping[str, str]

    def rows(self, raw: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Return rows with exactly what the viewer may read of each."""
        lon, lat = from_wgs84([row["lon"] for row in raw], [row["lat"] for row in raw], self.datum)
        spots = zip(np.round(lon, DIGITS).tolist(), np.round(lat, DIGITS).tolist(), strict=True)
        return [
            self._told(row) | {"lon": east, "lat": north, "datum": self.datum.value}
            for row, (east, north) in zip(raw, spots, strict=True)
        ]

    def _told(self, row: Mapping[str, Any]) -> dict[str, Any]:
        reads = self.viewer.reads(in_scope=places.in_scope(self.viewer, row))
        told: dict[str, Any] = cards.plain(row, reads) | self._areas(row["area_code"])
        told |= places.feature(self.layer, row, self.viewer)["properties"]
        if self.layer.tier_visible_to not in reads:
            return told | {"tier": None}
        return told | {"tier_reason": next(iter(row["reasons"] or []), None)}

    def _areas(self, code: str) -> dict[str, str | None]:
        street = self.names.get(code) if len(code) > 6 else None  # six digits are a district
        return {"district": self.names.get(code[:6]), "street": street}


def _batches(
    stack: ExitStack, connection: Connection, reader: _Reader, ids: Ints
) -> Generator[list[Row], None, None]:
    with stack:
        for start in range(0, ids.size, BATCH):
            raw = places.rows_of(connection, reader.layer, ids[start : start + BATCH].tolist())
            yield reader.rows(raw)


def _found(connection: Connection, known: LayerIndex, query: Query, month_days: float) -> Ints:
    """Return the ids of the places of a query, in order, as the transaction of a connection sees the city."""
    connection.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = '{PATIENCE}'"))
    scope = query.viewer.scope
    own = places.ids_in_scope(connection, known.layer, scope.usccs, scope.buildings)
    index = _as_seen(connection, known).seen_by(query.viewer, tuple(own))
    within = narrowed(index, query, month_days, lambda: nullcontext(connection))
    at = index.points.select(BBox(*query.bbox) if query.bbox else None, index.filters(query), within)
    return np.sort(index.points.ids_at(at))


def _as_seen(connection: Connection, index: LayerIndex) -> LayerIndex:
    """Return an index with what the transaction sees and the index does not know yet."""
    news = since(connection, index.seen).get(index.layer.id)
    if news is None:
        return index
    return load_index(connection, index.layer) if news.whole else index.changed(connection, news)


def _check_exports(layer: Layer, viewer: Viewer) -> None:
    if not viewer.may_export(open_data=layer.open_data):
        raise ForbiddenError(
            Text("您的角色不能导出：请联系值班长。", "Your role does not export: ask your supervisor.")
        )


def _filters(query: Query) -> dict[str, Any]:
    """Return what narrows a query, ready for the record; what is not narrowed is left out."""
    given = {name: getattr(query, name) for name in _NARROWING} | dict(query.where)
    return {name: _plain(value) for name, value in given.items() if value}


def _plain(value: Any) -> Any:
    if isinstance(value, Range):
        return [value.low, value.high]
    if isinstance(value, datetime):
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset) else value
