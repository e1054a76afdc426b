"""The rows of a layer's point index, read from PostGIS in batches into arrays."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection

from geo.words import encoded, spelled
from layers.core.hours import weekly
from layers.core.spec import NUMBERS, Field, FieldType, Layer
from layers.core.tiers import STATUSES, TIERS

_BATCH = 20_000
_FIXED = ("tier", "status")
_WORDS = ("category", "area", "state")
OPEN = "open"  # the column of opening hours, in the one form
_WORD = {True: "true", False: "false", None: ""}


@dataclass(frozen=True, slots=True)
class IndexRows:
    """Places as read: arrays of one value each.

    units: their search texts (see `geo.words.encoded`); letters: their names (see `geo.words.spelled`).
    """

    ids: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    columns: Mapping[str, np.ndarray]
    words: Mapping[str, tuple[str, ...]]
    units: np.ndarray
    letters: np.ndarray
    bitmasks: frozenset[str]


def indexed_fields(layer: Layer) -> list[Field]:
    """Return the fields of a layer that its index has a column for."""
    names = [*(item.field for item in layer.filters), *layer.indexed]
    return [field for field in map(layer.field_named, names) if field]


def read_rows(
    connection: Connection,
    layer: Layer,
    ids: Sequence[int] | None = None,
    words: Mapping[str, tuple[str, ...]] | None = None,
) -> IndexRows:
    """Read the places of a layer (or the named ones); codes continue those that `words` already stand for."""
    named = "" if ids is None else " AND p.id = ANY(%(ids)s)"
    sql = (
        f"SELECT {_columns(layer)} FROM place p LEFT JOIN place_status s ON s.place_id = p.id "
        f"LEFT JOIN layer_{layer.id} l ON l.place_id = p.id WHERE p.layer = %(layer)s{named}"
    )
    reader = _Reader(layer, words or {})
    for batch in _batches(connection, sql, {"layer": layer.id, "ids": list(ids or ())}):
        reader.take(batch)
    return reader.rows()


def read_rows_at(
    connection: Connection, layer: Layer, at: datetime, words: Mapping[str, tuple[str, ...]]
) -> tuple[IndexRows, list[int]]:
    """Read the places of a layer that are not today as they were at a moment, as they were; and the ids of all these.

    Today's rows are turned back by the earliest thing that history says of them after the moment.
    """
    sql = _TURNED_BACK.format(layer=layer.id, columns=_columns(layer))
    values = {"layer": layer.id, "own": f"layer_{layer.id}", "at": at}
    reader, touched = _Reader(layer, words), []
    for batch in _batches(connection, sql, values):
        touched += [row[0] for row in batch]
        if there := [row[2:] for row in batch if row[1]]:
            reader.take(there)
    return reader.rows(), touched


_TURNED_BACK = """
WITH earliest AS (
  SELECT row_id AS id,
    (array_agg(before ORDER BY at, id) FILTER (WHERE table_name = 'place'))[1] AS place,
    (array_agg(before ORDER BY at, id) FILTER (WHERE table_name = 'place_status'))[1] AS status,
    (array_agg(before ORDER BY at, id) FILTER (WHERE table_name = %(own)s))[1] AS own
  FROM history WHERE table_name IN ('place', 'place_status', %(own)s) AND at > %(at)s GROUP BY row_id
), touched AS (
  SELECT * FROM earliest UNION ALL
  SELECT p.id, NULL, NULL, NULL FROM place p WHERE p.layer = %(layer)s AND p.created_at > %(at)s
    AND NOT EXISTS (SELECT FROM earliest e WHERE e.id = p.id)
), past AS (
  SELECT t.id,
    jsonb_populate_record(p, t.place) AS p,
    jsonb_populate_record(s, t.status) AS s,
    jsonb_populate_record(l, t.own) AS l
  FROM touched t
  LEFT JOIN place p ON p.id = t.id
  LEFT JOIN place_status s ON s.place_id = t.id
  LEFT JOIN layer_{layer} l ON l.place_id = t.id
  WHERE coalesce(p.layer, t.place ->> 'layer') = %(layer)s
)
SELECT id, (p).created_at <= %(at)s, {columns} FROM past
"""


def _columns(layer: Layer) -> str:
    """The columns that `_Reader` takes, of a place `p`, its status `s` and its layer's own row `l`."""
    names = [field.name for field in indexed_fields(layer)] + list(
        layer.opening.fields if layer.opening else ()
    )
    fields = "".join(f", (l).{name}" for name in names)
    return (
        "(p).id, ST_X((p).geom), ST_Y((p).geom), (p).search_text, (p).name, "
        "coalesce((s).tier, 0), coalesce((s).status, 0), "
        f"(p).category, (p).area_code, coalesce((s).state, ''){fields}"
    )


def _batches(connection: Connection, sql: str, values: Mapping[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield rows through a cursor on the server, so that memory stays bounded."""
    raw: Any = connection.connection.driver_connection
    with raw.cursor(name="index_rows") as cursor:
        cursor.itersize = _BATCH
        cursor.execute(sql, values)
        while batch := cursor.fetchmany(_BATCH):
            yield batch


def _number(value: float | date | None) -> float:
    """A number as a column has it, a day as its number in the calendar; NaN where it is not known."""
    if value is None:
        return float("nan")
    return value.toordinal() if isinstance(value, date) else value


class _Reader:
    """Collects batches; a word gets the next free code when it is first met."""

    def __init__(self, layer: Layer, words: Mapping[str, tuple[str, ...]]) -> None:
        self._fields, self._opens = indexed_fields(layer), layer.opening is not None
        self._ids, self._lon, self._lat = array("q"), array("d"), array("d")
        self._units, self._letters = bytearray(), bytearray()
        self._codes: dict[str, dict[Any, int]] = {}
        self._columns: dict[str, array[Any]] = {}
        self._flags: dict[str, dict[str, int]] = {}
        for name in _FIXED:
            self._columns[name] = array("B")
        for name in _WORDS:
            self._start_words(name, words)
        if self._opens:
            self._start_words(OPEN, words)
        for field in self._fields:
            if field.type is FieldType.CHOICES:
                self._flags[field.name] = {choice.value: 1 << bit for bit, choice in enumerate(field.choices)}
                self._columns[field.name] = array("I")
            elif field.type in NUMBERS or field.type is FieldType.DATE:
                self._columns[field.name] = array("f")
            else:
                self._start_words(field.name, words)

    def _start_words(self, name: str, words: Mapping[str, tuple[str, ...]]) -> None:
        codes: defaultdict[Any, int] = defaultdict()
        codes.default_factory = codes.__len__
        codes.update({word: code for code, word in enumerate(words.get(name, ()))})
        self._codes[name], self._columns[name] = codes, array("H")

    def take(self, batch: list[tuple[Any, ...]]) -> None:
        ids, lon, lat, texts, names, tier, status, *others = zip(*batch, strict=True)
        self._ids.extend(ids)
        self._lon.extend(lon)
        self._lat.extend(lat)
        self._units += encoded(texts)
        self._letters += spelled(names)
        self._columns["tier"].extend(tier)
        self._columns["status"].extend(status)
        for name, values in zip(_WORDS, others, strict=False):
            self._extend_words(name, values)
        own = others[len(_WORDS) :]
        for field, values in zip(self._fields, own, strict=False):
            self._extend_field(field.name, values)
        if self._opens:
            self._extend_words(OPEN, map(weekly, *own[len(self._fields) :]))

    def _extend_words(self, name: str, values: Iterable[Any]) -> None:
        codes = self._codes[name]
        self._columns[name].extend([codes[value] for value in values])

    def _extend_field(self, name: str, values: Iterable[Any]) -> None:
        if name in self._flags:
            bits = self._flags[name]
            self._columns[name].extend([sum(bits.get(item, 0) for item in value or ()) for value in values])
        elif name in self._codes:
            self._extend_words(name, [_WORD.get(value, value) for value in values])
        else:
            self._columns[name].extend([_number(value) for value in values])

    def rows(self) -> IndexRows:
        words: dict[str, tuple[str, ...]] = {"tier": TIERS, "status": STATUSES}
        words |= {name: tuple(codes) for name, codes in self._codes.items()}
        words |= {name: tuple(bits) for name, bits in self._flags.items()}
        types = {"B": np.uint8, "H": np.uint16, "I": np.uint32, "f": np.float32}
        return IndexRows(
            np.frombuffer(self._ids, np.int64) if self._ids else np.zeros(0, np.int64),
            np.array(self._lon, np.float64),
            np.array(self._lat, np.float64),
            {name: np.array(values, types[values.typecode]) for name, values in self._columns.items()},
            words,
            np.frombuffer(bytes(self._units), np.uint16),
            np.frombuffer(bytes(self._letters), np.uint8),
            frozenset(self._flags),
        )
