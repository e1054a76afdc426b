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
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from data.copy import copy_rows
from data.store.places import CARRIERS
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

PLACE_COLUMNS: Final = (
    "row_number", "of_source", "external_id", "hashed", "name", "address", "category", "phone", "contact",
    "uscc", "uscc_doubtful", "enterprise", "building", "lon", "lat", "outline", "area_code", "place_flags",
    "flags", "extra", "search_text", "digest",
)  # fmt: skip
_STAGE: Final = """
CREATE TEMP TABLE incoming ON COMMIT DROP AS
SELECT 0 AS row_number, '' AS of_source, '' AS external_id, false AS hashed, '' AS name, '' AS address,
  '' AS category, '' AS phone,
  '' AS contact, '' AS uscc, false AS uscc_doubtful, '' AS enterprise, '' AS building, 0::float8 AS lon,
  0::float8 AS lat, NULL::geometry(MULTIPOLYGON, 4326) AS outline,
  '' AS area_code, '{{}}'::text[] AS place_flags, '{{}}'::text[] AS flags, '{{}}'::jsonb AS extra, '' AS
  search_text,
  ''::bytea AS digest{fields}
FROM layer_{layer} l WHERE false
"""
_ARRIVING: Final = """
CREATE TEMP TABLE arriving ON COMMIT DROP AS
WITH winner AS (SELECT DISTINCT ON (of_source, external_id) * FROM incoming
  ORDER BY of_source, external_id, row_number DESC),
spot AS (SELECT DISTINCT ON (of_source, external_id) of_source, external_id, row_number, lon, lat, area_code,
  place_flags FROM incoming WHERE lon IS NOT NULL ORDER BY of_source, external_id, row_number DESC)
SELECT w.row_number, w.of_source, w.external_id, w.name, w.address, w.category, w.phone, w.contact, w.uscc,
  w.uscc_doubtful,
  w.enterprise, w.building, w.outline, w.extra, w.search_text{fields},
  coalesce(s.lon, ST_X(old.geom)) AS lon, coalesce(s.lat, ST_Y(old.geom)) AS lat,
  CASE WHEN s.lon IS NULL THEN old.area_code ELSE s.area_code END AS area_code,
  w.flags || CASE WHEN s.row_number = w.row_number THEN s.place_flags ELSE '{{position_from_record}}'::text[]
    || coalesce(s.place_flags, ARRAY(SELECT f FROM unnest(old.flags) f WHERE f = ANY(:position_flags))) END AS
    flags,
  old.id AS place_id, old.row_hash AS old_hash,
  '\\x{kind:02x}'::bytea || substring(sha256(w.digest || convert_to(concat_ws('|', s.lon, s.lat, s.area_code,
    array_to_string(s.place_flags, ',')), 'UTF8')) FOR 16) AS pair,
  coalesce(length(old.row_hash), 0) < 17 OR get_byte(old.row_hash, 0) & {kind} IN (get_byte(old.row_hash, 0),
  {kind})
    AS owned
FROM winner w LEFT JOIN spot s USING (of_source, external_id)
LEFT JOIN place old ON old.layer = :layer AND old.source = w.of_source AND old.external_id = w.external_id
"""
_CLASSIFY: Final = """
ALTER TABLE arriving ADD PRIMARY KEY (of_source, external_id), ADD COLUMN action text, ADD COLUMN new_hash bytea;
UPDATE arriving SET
  action = CASE WHEN place_id IS NULL THEN 'inserted'
    WHEN position(pair IN coalesce(old_hash, ''::bytea)) > 0 THEN 'unchanged' ELSE 'updated' END,
  new_hash = CASE WHEN coalesce(length(old_hash), 0) < 17 THEN pair
    WHEN owned THEN pair || substring(old_hash FROM 18) ELSE substring(old_hash FOR 17) || pair END;
ANALYZE arriving
"""
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
DELETE FROM incoming i WHERE NOT EXISTS (SELECT FROM incoming o WHERE o.of_source = i.of_source
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
INSERT INTO place (layer, source, external_id, name, address, area_code, category, phone, contact, geom,
  outline, enterprise_id, flags, extra, search_text, row_hash, source_file_id, row_number, created_at, updated_at)
SELECT :layer, a.of_source, a.external_id, a.name, a.address, a.area_code, a.category, a.phone, a.contact,
  ST_SetSRID(ST_MakePoint(a.lon, a.lat), 4326), a.outline, e.id, a.flags, a.extra, a.search_text, a.new_hash, :file,
  a.row_number, :at, :at
FROM arriving a LEFT JOIN enterprise e ON e.uscc = a.uscc WHERE a.action = 'inserted' ORDER BY a.row_number
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
    fields = "".join(f", l.{field.name} AS f_{field.name}" for field in layer.fields)
    connection.execute(text(_STAGE.format(fields=fields, layer=layer.id)))


def add_rows(connection: Connection, layer: Layer, rows: Iterable[Sequence[Any]]) -> None:
    """Copy rows of `PLACE_COLUMNS` and the layer's fields; `lon` is None where a row states no position."""
    copy_rows(connection, "incoming", (*PLACE_COLUMNS, *(f"f_{field.name}" for field in layer.fields)), rows)


def one_at_a_time(connection: Connection, parcel: Parcel) -> None:
    """Wait until no other delivery of the same layer and source is under way."""
    key = f"delivery {parcel.layer.id} {parcel.source}"
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def unplaced_rows(connection: Connection, parcel: Parcel) -> list[int]:
    """Number equal rows without id apart, and take out the rows whose place has no position from anywhere."""
    connection.execute(text(_OCCURRENCES))
    connection.execute(text("CREATE INDEX ON incoming (external_id, row_number)"))
    connection.execute(text("ANALYZE incoming"))
    return sorted(connection.scalars(text(_UNPLACED), _who(parcel)))


def match(connection: Connection, parcel: Parcel) -> dict[str, int]:
    """Match what was staged to the places known; returns how many are inserted, updated and unchanged."""
    fields = "".join(f", w.f_{field.name}" for field in parcel.layer.fields)
    made = _ARRIVING.format(fields=fields, kind=parcel.kind)
    connection.execute(text(made), _who(parcel) | {"position_flags": list(POSITION_FLAGS)})
    _drop_contradictions(connection, parcel)
    connection.execute(text(_CLASSIFY))
    if parcel.own:
        _find_nothing_new(connection, parcel)
    counted = connection.execute(text("SELECT action, count(*) FROM arriving GROUP BY action"))
    return {action: int(count) for action, count in counted}


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


def write_places(connection: Connection, parcel: Parcel, file_id: int, at: datetime) -> list[int]:
    """Write new and changed places with their enterprise, building and layer fields; returns their ids."""
    _write_enterprises(connection)
    given = "".join(
        f", {c} = a.{c}" for c in ("address", "category", "phone", "contact", "outline") if c in parcel.stated
    )
    who = _who(parcel) | {"file": file_id, "at": at}
    connection.execute(text(_INSERT), who)
    connection.execute(
        text(_OWN.format(given=given)),
        {"file": file_id, "at": at, "known": list(DELIVERED_FLAGS), "own": parcel.own},
    )
    connection.execute(text(_SHARE), {"at": at, "of_position": [*POSITION_FLAGS, "position_from_record"]})
    connection.execute(
        text(
            "UPDATE arriving a SET place_id = p.id FROM place p WHERE a.place_id IS NULL AND p.layer "
            "= :layer "
            "AND p.source = a.of_source AND p.external_id = a.external_id"
        ),
        {"layer": parcel.layer.id},
    )
    _write_fields(connection, parcel)
    _write_buildings(connection, parcel)
    return list(
        connection.scalars(
            text("SELECT place_id FROM arriving WHERE action <> 'unchanged' ORDER BY place_id")
        )
    )


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


def _write_fields(connection: Connection, parcel: Parcel) -> None:
    """Write the layer's own columns: an owner states them anew, another kind of file what it knows."""
    names = [field.name for field in parcel.layer.fields]
    stated = [name for name in names if name in parcel.stated]
    columns, values = "".join(f", {n}" for n in names), "".join(f", a.f_{n}" for n in names)
    table = f"layer_{parcel.layer.id}"
    for owned, setting in ((True, "excluded.{n}"), (False, "coalesce(excluded.{n}, known.{n})")):
        changes = ", ".join(f"{n} = {setting.format(n=n)}" for n in stated)
        connection.execute(
            text(
                f"INSERT INTO {table} AS known (place_id{columns}) SELECT a.place_id{values} FROM arriving a "
                "WHERE a.action <> 'unchanged' AND a.owned = :owned "
                f"ON CONFLICT (place_id) DO {'UPDATE SET ' + changes if changes else 'NOTHING'}"
            ),
            {"owned": owned},
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
