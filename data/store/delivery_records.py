"""The SQL of a delivery's permits and inspections; they hang on the places that `data.store.delivery`
matched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, text

from data.copy import copy_rows
from data.store.delivery import Parcel

PERMIT_COLUMNS: Final = (
    "row_number", "kind", "number", "state", "valid_from", "valid_to", "renewal_applied_on",
    "applied_on", "decided_on", "issued_on", "issuer", "quantity", "basis", "notice_posted",
)  # fmt: skip
NIGHT_COLUMNS: Final = ("row_number", "starts_at", "ends_at")
INSPECTION_COLUMNS: Final = (
    "row_number", "own_id", "kind", "at", "result", "grade", "critical", "serious", "minor", "follow_up_due",
    "inspector", "second_inspector", "check_code", "level", "published_on",
)  # fmt: skip

_STAGE: Final = """
CREATE TEMP TABLE incoming_permit (row_number int, kind text, number text, state text, valid_from date,
  valid_to date,
  renewal_applied_on date, applied_on date, decided_on date, issued_on date, issuer text, quantity text, basis text,
  notice_posted boolean) ON COMMIT DROP;
CREATE TEMP TABLE incoming_night (row_number int, starts_at timestamptz, ends_at timestamptz) ON COMMIT DROP;
CREATE TEMP TABLE incoming_inspection (row_number int, own_id text, kind text, at timestamptz, result text,
  grade text,
  critical smallint, serious smallint, minor smallint, follow_up_due date, inspector text, second_inspector text,
  check_code text, level text, published_on date) ON COMMIT DROP
"""
# A term of a permit is one permit: the same one is met again at every inspection within it.
_PERMIT_KEYS: Final = """
CREATE TEMP TABLE keyed_permit ON COMMIT DROP AS
SELECT r.*, concat_ws(':', r.kind, i.external_id, r.number, r.valid_from) AS key, a.place_id
FROM incoming_permit r JOIN incoming i USING (row_number) JOIN arriving a USING (external_id)
"""
_INSPECTION_KEYS: Final = """
CREATE TEMP TABLE keyed_inspection ON COMMIT DROP AS
SELECT r.*, coalesce(nullif(r.own_id, ''), concat_ws(':', r.kind, i.external_id, extract(epoch FROM
  r.at)::bigint)) AS key,
  a.place_id
FROM incoming_inspection r JOIN incoming i USING (row_number) JOIN arriving a USING (external_id)
"""
_NIGHTS: Final = """
WITH wanted AS (SELECT DISTINCT p.id AS permit_id, tstzrange(n.starts_at, n.ends_at) AS period
  FROM incoming_night n JOIN keyed_permit k USING (row_number) JOIN permit p ON p.source = :source AND
  p.external_id = k.key),
gone AS (DELETE FROM permit_night x WHERE x.permit_id IN (SELECT permit_id FROM wanted)
  AND NOT EXISTS (SELECT FROM wanted w WHERE w.permit_id = x.permit_id AND w.period = x.period) RETURNING
  permit_id)
SELECT DISTINCT p.place_id FROM gone JOIN permit p ON p.id = gone.permit_id
"""
_NEW_NIGHTS: Final = """
WITH new AS (INSERT INTO permit_night (permit_id, period)
  SELECT DISTINCT p.id, tstzrange(n.starts_at, n.ends_at) FROM incoming_night n JOIN keyed_permit k USING
  (row_number)
  JOIN permit p ON p.source = :source AND p.external_id = k.key ORDER BY 1, 2
  ON CONFLICT DO NOTHING RETURNING permit_id)
SELECT DISTINCT p.place_id FROM new JOIN permit p ON p.id = new.permit_id
"""


def stage_records(connection: Connection) -> None:
    """Make the tables records are copied into."""
    connection.execute(text(_STAGE))


def add_permits(
    connection: Connection, rows: Iterable[Sequence[Any]], nights: Iterable[Sequence[Any]]
) -> None:
    """Copy permits of `PERMIT_COLUMNS` and their nights of `NIGHT_COLUMNS`."""
    copy_rows(connection, "incoming_permit", PERMIT_COLUMNS, rows)
    copy_rows(connection, "incoming_night", NIGHT_COLUMNS, nights)


def add_inspections(connection: Connection, rows: Iterable[Sequence[Any]]) -> None:
    """Copy inspections of `INSPECTION_COLUMNS`."""
    copy_rows(connection, "incoming_inspection", INSPECTION_COLUMNS, rows)


def write_permits(
    connection: Connection, parcel: Parcel, stated: frozenset[str]
) -> tuple[dict[str, int], set[int]]:
    """Write permits that are new or say something else; returns the counts and the ids of the places
    concerned.

    `stated` are the columns the file has; the others are left as they are.
    """
    connection.execute(text(_PERMIT_KEYS))
    columns = [c for c in PERMIT_COLUMNS[1:] if c in stated or c in {"kind", "number"}]
    counts, touched = _upsert(connection, "permit", PERMIT_COLUMNS[1:], columns, parcel.source)
    who = {"source": parcel.source}
    touched |= set(connection.scalars(text(_NIGHTS), who))
    touched |= set(connection.scalars(text(_NEW_NIGHTS), who))
    return counts, touched


def write_inspections(
    connection: Connection, parcel: Parcel, stated: frozenset[str]
) -> tuple[dict[str, int], set[int]]:
    """Write inspections that are new or say something else, as `write_permits` does."""
    connection.execute(text(_INSPECTION_KEYS))
    all_columns = tuple(c for c in INSPECTION_COLUMNS if c not in {"row_number", "own_id"})
    columns = [c for c in all_columns if c in stated or c == "kind"]
    return _upsert(connection, "inspection", all_columns, columns, parcel.source)


def _upsert(
    connection: Connection, table: str, columns: Sequence[str], changing: Sequence[str], source: str
) -> tuple[dict[str, int], set[int]]:
    """Upsert the last row of every key; `changing` columns (and the place) decide whether a record is
    different.
    """
    listed = ", ".join(columns)
    compared = ["place_id", *changing]
    rows = connection.execute(
        text(
            f"INSERT INTO {table} AS known (source, external_id, place_id, {listed}) "
            f"SELECT DISTINCT ON (key) :source, key, place_id, {listed} FROM keyed_{table} ORDER BY "
            "key, row_number DESC "
            "ON CONFLICT (source, external_id) DO UPDATE SET "
            f"{', '.join(f'{c} = excluded.{c}' for c in compared)} "
            f"WHERE ({', '.join(f'known.{c}' for c in compared)}) IS DISTINCT FROM "
            f"({', '.join(f'excluded.{c}' for c in compared)}) RETURNING place_id, xmax = 0 AS new"
        ),
        {"source": source},
    ).all()
    total = int(connection.scalar(text(f"SELECT count(DISTINCT key) FROM keyed_{table}")) or 0)
    inserted = sum(row.new for row in rows)
    counts = {"inserted": inserted, "updated": len(rows) - inserted, "unchanged": total - len(rows)}
    return counts, {int(row.place_id) for row in rows}
