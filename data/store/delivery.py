"""The SQL of a delivery: rows of a file are staged, matched to what is known, and written where they say
something new.

All functions work in the caller's transaction on temporary tables that end with it. A place is matched by
layer, source and external id. Its `row_hash` remembers what was delivered last: per kind of file (a bit mask
of the records it carries: 1 permits, 2 inspections) one byte with that kind and 16 bytes of hash. The first
pair belongs to the *owner*, the kind of file that made the place: only such a file overwrites name, address,
category and position. Another kind (the licences of places known from inspections) fills what is empty and
brings fields and records of its own. Kinds of which one contains the other count as the same, so a register
may gain or lose its permit columns.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from data.copy import copy_columns, copy_rows
from data.store.places import CARRIERS
from data.tables import layer_tables
from layers.core.spec import FieldType, Layer

DELIVERED_FLAGS: Final = (
    "outside_known_areas",
    "district_differs",
    "position_from_record",
    "value_unreadable",
    "category_unknown",
    "uscc_doubtful",
    "permit_number_doubtful",
    "permit_district_differs",
    "permit_unreadable",
    "inspection_unreadable",
)
NO_MOVE: Final = "2e-6"  # degrees, a fifth of a metre: what a change of datum and back may leave
POSITION_FLAGS: Final = DELIVERED_FLAGS[:2]

_GIVEN: Final = ("address", "category", "phone", "contact", "outline")
_STAGE: Final = """
CREATE TEMP TABLE incoming (row_number int NOT NULL, of_source text NOT NULL, external_id text NOT NULL,
  hashed boolean NOT NULL, name text NOT NULL, address text NOT NULL DEFAULT '', category text NOT NULL DEFAULT '',
  phone text NOT NULL DEFAULT '', contact text NOT NULL DEFAULT '', uscc text, uscc_doubtful boolean NOT NULL
  DEFAULT false, enterprise text NOT NULL DEFAULT '', building text NOT NULL DEFAULT '', lon float8, lat float8,
  outline geometry(MULTIPOLYGON, 4326), area_code text NOT NULL, place_flags text[] NOT NULL, flags text[] NOT NULL,
  extra jsonb NOT NULL, search_text text NOT NULL, digest bytea NOT NULL) ON COMMIT DROP
"""
# The last row of a place says what it is, the last row with a position where; numbers are given in the file's order.
_ARRIVING: Final = """
CREATE TEMP TABLE arriving ON COMMIT DROP AS
WITH last AS (SELECT of_source, external_id, max(row_number) AS row_number,
  max(row_number) FILTER (WHERE lon IS NOT NULL) AS spot FROM incoming GROUP BY of_source, external_id),
met AS (SELECT last.row_number, last.spot, p.id AS old_id, p.geom, p.area_code, p.flags, p.row_hash
  FROM last LEFT JOIN place p ON p.layer = :layer AND p.source = last.of_source AND p.external_id = last.external_id
  ORDER BY last.row_number),
old AS MATERIALIZED (SELECT *, coalesce(old_id, nextval((SELECT pg_get_serial_sequence('place', 'id')))) AS
  place_id FROM met),
paired AS (
  SELECT w.row_number, w.of_source, w.external_id, w.name, w.address, w.category, w.phone, w.contact, w.uscc,
    w.uscc_doubtful, w.enterprise, w.building, w.outline, w.extra, w.search_text{fields},
    coalesce(s.lon, ST_X(old.geom)) AS lon, coalesce(s.lat, ST_Y(old.geom)) AS lat,
    CASE WHEN s.lon IS NULL THEN old.area_code ELSE s.area_code END AS area_code,
    w.flags || CASE WHEN s.row_number = w.row_number THEN s.place_flags ELSE '{{position_from_record}}'::text[]
      || coalesce(s.place_flags, ARRAY(SELECT f FROM unnest(old.flags) f WHERE f = ANY(:position_flags))) END AS
      flags,
    old.place_id, old.row_hash AS old_hash, old.old_id IS NULL AS fresh,
    '\\x{kind:02x}'::bytea || substring(sha256(w.digest || convert_to(concat_ws('|', s.lon, s.lat, s.area_code,
      array_to_string(s.place_flags, ',')), 'UTF8')) FOR 16) AS pair,
    coalesce(length(old.row_hash), 0) < 17 OR get_byte(old.row_hash, 0) & {kind} IN (get_byte(old.row_hash, 0),
    {kind}) AS owned
  FROM old JOIN incoming w USING (row_number) LEFT JOIN incoming s ON s.row_number = old.spot)
SELECT *, CASE WHEN fresh THEN 'inserted'
    WHEN position(pair IN coalesce(old_hash, ''::bytea)) > 0 THEN 'unchanged' ELSE 'updated' END AS action,
  CASE WHEN coalesce(length(old_hash), 0) < 17 THEN pair
    WHEN owned THEN pair || substring(old_hash FROM 18) ELSE substring(old_hash FOR 17) || pair END AS new_hash
FROM paired
"""
# A delivery is one session, and its joins are as large as its file.
_WIDE: Final = "SET LOCAL work_mem = '64MB'"
_KNOW_ROWS: Final = "ANALYZE incoming (row_number, of_source, external_id)"
_KNOW_PLACES: Final = "ANALYZE arriving (row_number, external_id, place_id, uscc, building, action)"
# What an export of ours says of a place is no news where it is so; flags and words that were kept stay as they are.
_NOTHING_NEW: Final = """
UPDATE arriving a SET action = 'unchanged'
FROM place p LEFT JOIN layer_{layer} l ON l.place_id = p.id LEFT JOIN enterprise e ON e.id = p.enterprise_id
WHERE p.id = a.place_id AND a.action = 'updated' AND a.owned AND (a.name, a.address, a.category) = (p.name, p.address,
  p.category) AND greatest(abs(a.lon - ST_X(p.geom)), abs(a.lat - ST_Y(p.geom))) < {tolerance}
  AND coalesce(a.uscc, e.uscc, '') = coalesce(e.uscc, '') AND (a.uscc IS NULL OR a.enterprise IN ('', e.name))
  AND a.flags <@ p.flags AND a.extra - CAST(:stated AS text[]) <@ p.extra{fields}
"""
# What a file states of two values may contradict what is known of them; then the file is not followed.
_CONTRADICTED: Final = """
UPDATE arriving a SET f_{low} = NULL, f_{high} = NULL,
  flags = array_append(array_remove(a.flags, 'value_unreadable'), 'value_unreadable')
FROM layer_{layer} l WHERE l.place_id = a.place_id AND {then_low} >= {then_high}
"""
_UNPLACED: Final = """
DELETE FROM incoming i WHERE i.lon IS NULL AND NOT EXISTS (SELECT FROM incoming o WHERE o.of_source = i.of_source
  AND o.external_id = i.external_id AND o.lon IS NOT NULL)
  AND NOT EXISTS (SELECT FROM place p WHERE p.layer = :layer AND p.source = i.of_source AND p.external_id =
  i.external_id)
RETURNING row_number
"""
_OCCURRENCES: Final = """
UPDATE incoming i SET external_id = i.external_id || '-' || o.n
FROM (SELECT row_number, row_number() OVER (PARTITION BY external_id ORDER BY row_number) AS n
      FROM incoming WHERE hashed) o
WHERE o.row_number = i.row_number AND o.n > 1
"""
_INSERT: Final = """
INSERT INTO place (id, layer, source, external_id, name, address, area_code, category, phone, contact, geom,
  outline, enterprise_id, flags, extra, search_text, row_hash, source_file_id, row_number, created_at, updated_at)
SELECT a.place_id, :layer, a.of_source, a.external_id, a.name, a.address, a.area_code, a.category, a.phone, a.contact,
  ST_SetSRID(ST_MakePoint(a.lon, a.lat), 4326), a.outline, e.id, a.flags, a.extra, a.search_text, a.new_hash, :file,
  a.row_number, :at, :at
FROM arriving a LEFT JOIN enterprise e ON e.uscc = a.uscc WHERE a.action = 'inserted'
"""
_OWN: Final = """
UPDATE place p SET name = a.name, area_code = a.area_code,
  geom = ST_SetSRID(ST_MakePoint(a.lon, a.lat), 4326){given},
  enterprise_id = coalesce(e.id, p.enterprise_id), search_text = a.search_text,
  flags = ARRAY(SELECT f FROM unnest(p.flags) f WHERE NOT f = ANY(:known)) || a.flags,
  extra = CASE WHEN :own OR length(a.new_hash) > 17 THEN p.extra || a.extra ELSE a.extra END,
  row_hash = a.new_hash, source_file_id = :file, row_number = a.row_number, updated_at = :at
FROM arriving a LEFT JOIN enterprise e ON e.uscc = a.uscc
WHERE p.id = a.place_id AND a.action = 'updated' AND a.owned
"""
_SHARE: Final = """
UPDATE place p SET address = coalesce(nullif(p.address, ''), a.address),
  category = coalesce(nullif(p.category, ''), a.category), phone = coalesce(nullif(p.phone, ''), a.phone),
  contact = coalesce(nullif(p.contact, ''), a.contact), enterprise_id = coalesce(p.enterprise_id, e.id),
  outline = coalesce(p.outline, a.outline),
  flags = ARRAY(SELECT f FROM unnest(p.flags || a.flags) WITH ORDINALITY u(f, n)
    WHERE n <= cardinality(p.flags) OR NOT (f = ANY(p.flags) OR f = ANY(:of_position))),
  extra = a.extra || p.extra, row_hash = a.new_hash, updated_at = :at
FROM arriving a LEFT JOIN enterprise e ON e.uscc = a.uscc
WHERE p.id = a.place_id AND a.action = 'updated' AND NOT a.owned
"""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a delivery is: its layer, the source of its ids, the kind of file, and the fields it states.

    `own`: the file is an export of ours, whose rows say themselves of which source they are.
    """

    layer: Layer
    source: str
    kind: int
    stated: frozenset[str]
    own: bool = False


def stage(connection: Connection, layer: Layer) -> None:
    """Make the table rows are copied into."""
    connection.execute(text(_STAGE))
    columns = layer_tables[layer.id].c
    added = (
        f"ADD COLUMN f_{f.name} {columns[f.name].type.compile(connection.dialect)}" for f in layer.fields
    )
    connection.execute(text(f"ALTER TABLE incoming {', '.join(added)}"))


def add_rows(connection: Connection, columns: Mapping[str, Sequence[str | None]]) -> None:
    """Copy rows, given by columns; `lon` is None where a row states no position."""
    copy_columns(connection, "incoming", columns)


def one_at_a_time(connection: Connection, parcel: Parcel) -> None:
    """Wait until no other delivery of the same layer and source is under way."""
    key = f"delivery {parcel.layer.id} {parcel.source}"
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def unplaced_rows(connection: Connection, parcel: Parcel) -> list[int]:
    """Number equal rows without id apart, and take out the rows whose place has no position from anywhere."""
    connection.execute(text(_WIDE))
    connection.execute(text(_OCCURRENCES))
    connection.execute(text(_KNOW_ROWS))
    return sorted(connection.scalars(text(_UNPLACED), _who(parcel)))


def match(connection: Connection, parcel: Parcel) -> dict[str, int]:
    """Match what was staged to the places known; returns how many are inserted, updated and unchanged."""
    fields = "".join(f", w.f_{field.name}" for field in parcel.layer.fields)
    made = _ARRIVING.format(fields=fields, kind=parcel.kind)
    connection.execute(text(made), _who(parcel) | {"position_flags": list(POSITION_FLAGS)})
    connection.execute(text(_KNOW_PLACES))
    _drop_contradictions(connection, parcel)
    if parcel.own:
        _find_nothing_new(connection, parcel)
    counted = connection.execute(text("SELECT action, count(*) FROM arriving GROUP BY action"))
    return {action: int(count) for action, count in counted}


def absent(connection: Connection, parcel: Parcel) -> int:
    """Count the places of the file's source that the file, once matched, does not speak of."""
    sql = (
        "SELECT count(*) FROM place p WHERE p.layer = :layer AND p.source = :source "
        "AND NOT EXISTS (SELECT FROM arriving a WHERE a.place_id = p.id)"
    )
    return int(connection.scalar(text(sql), _who(parcel)) or 0)


def _find_nothing_new(connection: Connection, parcel: Parcel) -> None:
    stated = [field for field in parcel.layer.fields if field.name in parcel.stated]
    # A spreadsheet keeps 15 digits of a number, as a cast to numeric does.
    kinds = {field.name: "::numeric" if field.type is FieldType.NUMBER else "" for field in stated}
    same = (f" AND a.f_{name}{kind} IS NOT DISTINCT FROM l.{name}{kind}" for name, kind in kinds.items())
    fields = "".join(same)
    sql = _NOTHING_NEW.format(layer=parcel.layer.id, tolerance=NO_MOVE, fields=fields)
    connection.execute(text(sql), {"stated": sorted(parcel.stated)})


def _drop_contradictions(connection: Connection, parcel: Parcel) -> None:
    for field in parcel.layer.fields:
        if field.above and {field.name, field.above} & parcel.stated:
            then = {"then_low": _then(parcel, field.above), "then_high": _then(parcel, field.name)}
            statement = _CONTRADICTED.format(layer=parcel.layer.id, low=field.above, high=field.name, **then)
            connection.execute(text(statement))


def _then(parcel: Parcel, name: str) -> str:
    """Return the value that `_write_fields` will leave in a field."""
    if name not in parcel.stated:
        return f"l.{name}"
    return f"CASE WHEN a.owned THEN a.f_{name} ELSE coalesce(a.f_{name}, l.{name}) END"


def flag_counts(connection: Connection) -> Counter[str]:
    """Return how many of the delivered places carry each flag."""
    rows = connection.execute(text("SELECT f, count(*) FROM arriving, unnest(flags) f GROUP BY f"))
    return Counter({flag: int(count) for flag, count in rows})


def write_places(
    connection: Connection, parcel: Parcel, counts: Mapping[str, int], file_id: int, at: datetime
) -> list[int]:
    """Write new and changed places with their enterprise, building and layer fields; returns their ids.

    `counts` are those of `match`: where nothing is new or changed, nothing is looked for.
    """
    if counts.get("inserted") or counts.get("updated"):
        _write_changes(connection, parcel, file_id, at, updated=bool(counts.get("updated")))
    if parcel.layer.id == CARRIERS or "building" in parcel.stated:
        _write_buildings(connection, parcel)
    return list(
        connection.scalars(
            text("SELECT place_id FROM arriving WHERE action <> 'unchanged' ORDER BY place_id")
        )
    )


def _write_changes(
    connection: Connection, parcel: Parcel, file_id: int, at: datetime, *, updated: bool
) -> None:
    if "uscc" in parcel.stated:
        _write_enterprises(connection)
    connection.execute(text(_INSERT), _who(parcel) | {"file": file_id, "at": at})
    if updated:
        given = "".join(f", {c} = a.{c}" for c in _GIVEN if c in parcel.stated)
        connection.execute(
            text(_OWN.format(given=given)),
            {"file": file_id, "at": at, "known": list(DELIVERED_FLAGS), "own": parcel.own},
        )
        connection.execute(text(_SHARE), {"at": at, "of_position": [*POSITION_FLAGS, "position_from_record"]})
    _write_fields(connection, parcel, updated=updated)


def _who(parcel: Parcel) -> dict[str, Any]:
    return {"layer": parcel.layer.id, "source": parcel.source}


def _write_enterprises(connection: Connection) -> None:
    """Make the enterprises named by credit code; a name the file states replaces the one known."""
    connection.execute(
        text(
            "INSERT INTO enterprise (uscc, name, uscc_doubtful) "
            "SELECT DISTINCT ON (uscc) uscc, coalesce(nullif(enterprise, ''), name), uscc_doubtful "
            "FROM arriving "
            "WHERE uscc IS NOT NULL AND action <> 'unchanged' ORDER BY uscc, enterprise = '', "
            "row_number DESC "
            "ON CONFLICT (uscc) DO NOTHING"
        )
    )
    connection.execute(
        text(
            "UPDATE enterprise e SET name = a.enterprise FROM (SELECT DISTINCT ON (uscc) uscc, "
            "enterprise FROM arriving "
            "WHERE uscc IS NOT NULL AND enterprise <> '' AND action <> 'unchanged' ORDER BY uscc, "
            "row_number DESC) a "
            "WHERE e.uscc = a.uscc AND e.name <> a.enterprise"
        )
    )


def _write_fields(connection: Connection, parcel: Parcel, *, updated: bool) -> None:
    """Write the layer's own columns: an owner states them anew, another kind of file what it knows."""
    names = [field.name for field in parcel.layer.fields if field.name in parcel.stated]
    columns, values = "".join(f", {n}" for n in names), "".join(f", a.f_{n}" for n in names)
    table = f"layer_{parcel.layer.id}"
    write = f"INSERT INTO {table} AS known (place_id{columns}) SELECT a.place_id{values} FROM arriving a"
    connection.execute(text(f"{write} WHERE a.action = 'inserted'"))
    for owned, setting in ((True, "excluded.{n}"), (False, "coalesce(excluded.{n}, known.{n})")):
        changes = ", ".join(f"{n} = {setting.format(n=n)}" for n in names)
        then = f"ON CONFLICT (place_id) DO {'UPDATE SET ' + changes if changes else 'NOTHING'}"
        if updated:
            connection.execute(
                text(f"{write} WHERE a.action = 'updated' AND a.owned = :owned {then}"), {"owned": owned}
            )


def _write_buildings(connection: Connection, parcel: Parcel) -> None:
    """Make a building of every carrier; in other layers find the one building of the name given."""
    if parcel.layer.id == CARRIERS:
        connection.execute(
            text(
                "INSERT INTO building AS b (name, address, floors, source, external_id) SELECT "
                "p.name, p.address, "
                "l.floors, p.source, p.external_id FROM arriving a JOIN place p ON p.id = a.place_id "
                f"JOIN layer_{CARRIERS} l ON l.place_id = p.id WHERE a.action <> 'unchanged' "
                "ON CONFLICT (source, external_id) DO UPDATE SET name = excluded.name, address = "
                "excluded.address, "
                "floors = coalesce(excluded.floors, b.floors)"
            )
        )
        found = (
            "SELECT a.place_id, b.id FROM arriving a JOIN building b "
            "ON b.source = a.of_source AND b.external_id = a.external_id"
        )
    else:
        found = (
            "SELECT a.place_id, min(b.id) FROM arriving a JOIN building b ON b.name = a.building "
            "WHERE a.building <> '' AND a.action <> 'unchanged' GROUP BY a.place_id HAVING count(*) = 1"
        )
    connection.execute(
        text(
            f"UPDATE place p SET building_id = f.building_id FROM ({found}) f (place_id, building_id) "
            "WHERE p.id = f.place_id AND p.building_id IS DISTINCT FROM f.building_id"
        )
    )


def open_file(connection: Connection, parcel: Parcel, about: dict[str, Any]) -> int:
    """Note the file a delivery came from (`file_name`, `sha256`, `datum`, `imported_at`, `imported_by`)."""
    sql = (
        "INSERT INTO source_file (layer, source, file_name, sha256, datum, read, inserted, updated, "
        "unchanged, rejected, "
        "imported_at, imported_by) VALUES (:layer, :source, :file_name, :sha256, :datum, 0, 0, 0, 0, "
        "0, :imported_at, "
        ":imported_by) RETURNING id"
    )
    return int(connection.execute(text(sql), _who(parcel) | about).scalar_one())


def close_file(
    connection: Connection,
    file_id: int,
    counts: dict[str, int],
    rejected: Collection[tuple[int, str, dict[str, str]]],
) -> None:
    """Write the counts of a delivery and its rejected rows (number, reason, cells)."""
    sql = (
        "UPDATE source_file SET read = :read, inserted = :inserted, updated = :updated, unchanged = "
        ":unchanged, "
        "rejected = :rejected WHERE id = :id"
    )
    connection.execute(text(sql), counts | {"rejected": len(rejected), "id": file_id})
    rows = (
        (file_id, number, reason, json.dumps(raw, ensure_ascii=False)) for number, reason, raw in rejected
    )
    copy_rows(connection, "rejected_row", ("source_file_id", "row_number", "reason", "raw"), rows)
