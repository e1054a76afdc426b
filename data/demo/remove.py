"""Taking the demo city out again: its rows and their history, its basemap and its accounts; never others.

Rows of the demo bear the source `demo`; its basemap, the moment its enterprises were made at, and its accounts are
noted in the settings.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

from data.demo.accounts import remove_accounts
from data.tables import HISTORY_TABLES, layer_tables

_OF_PLACE: Final = ("place", "place_status", *(table.name for table in layer_tables.values()))
_ON_PLACE: Final = ("permit", "inspection", "case")
_SAID: Final = "coalesce(h.after, h.before)"

# What happened to a row that is gone already is history of the demo too: it is known by what it says.
_ROWS: Final[tuple[str, ...]] = (
    "CREATE TEMP TABLE demo_place ON COMMIT DROP AS SELECT id FROM place WHERE source = 'demo' "
    f"UNION SELECT h.row_id FROM history h WHERE h.table_name = 'place' AND {_SAID} ->> 'source' = 'demo'",
    "CREATE TEMP TABLE demo_enterprise ON COMMIT DROP AS "
    "SELECT enterprise_id AS id FROM place WHERE source = 'demo' AND enterprise_id IS NOT NULL "
    "UNION SELECT enterprise_id FROM tenancy WHERE source = 'demo' AND enterprise_id IS NOT NULL "
    "UNION SELECT e.id FROM enterprise e, setting s "
    "WHERE s.key = 'demo' AND e.created_at = (s.value ->> 'made_at')::timestamptz",
    "ANALYZE demo_place",
    "DELETE FROM history h USING demo_place d WHERE h.table_name = ANY(:of_place) AND h.row_id = d.id",
    "DELETE FROM history h USING demo_place d WHERE h.table_name = ANY(:on_place) "
    f"AND ({_SAID} ->> 'place_id')::bigint = d.id",
    f"DELETE FROM history h WHERE h.table_name = 'tenancy' AND {_SAID} ->> 'source' = 'demo'",
    "DELETE FROM place WHERE source = 'demo'",
    "DELETE FROM tenancy WHERE source = 'demo'",
    "WITH gone AS (DELETE FROM building b WHERE source = 'demo' "
    "AND NOT EXISTS (SELECT FROM place p WHERE p.building_id = b.id) "
    "AND NOT EXISTS (SELECT FROM tenancy t WHERE t.building_id = b.id) RETURNING b.id) "
    "DELETE FROM history h USING gone WHERE h.table_name = 'building' AND h.row_id = gone.id",
    "WITH gone AS (DELETE FROM enterprise e USING demo_enterprise d WHERE e.id = d.id "
    "AND NOT EXISTS (SELECT FROM place p WHERE p.enterprise_id = e.id) "
    "AND NOT EXISTS (SELECT FROM tenancy t WHERE t.enterprise_id = e.id) RETURNING e.id) "
    "DELETE FROM history h USING gone WHERE h.table_name = 'enterprise' AND h.row_id = gone.id",
)
_REST: Final[tuple[str, ...]] = (
    "DELETE FROM area WHERE source = 'demo'",
    "DELETE FROM basemap_feature b USING setting s WHERE s.key = 'demo' "
    "AND b.id BETWEEN (s.value #>> '{basemap,0}')::bigint AND (s.value #>> '{basemap,1}')::bigint",
    "DELETE FROM setting WHERE key IN ('demo', 'city') AND EXISTS (SELECT FROM setting WHERE key = 'demo')",
)


def remove_demo(connection: Connection) -> None:
    """Delete the demo city in the caller's transaction; nobody's history is kept of what never was."""
    if connection.scalar(text("SELECT EXISTS (SELECT FROM place WHERE source = 'demo')")):
        _history(connection, "DISABLE")
        for statement in _ROWS:
            _run(connection, statement)
        _history(connection, "ENABLE")
    for statement in _REST:
        _run(connection, statement)
    remove_accounts(connection)


def _run(connection: Connection, statement: str) -> None:
    lists = {"of_place": list(_OF_PLACE), "on_place": list(_ON_PLACE)}
    connection.execute(
        text(statement), {name: value for name, value in lists.items() if f":{name}" in statement}
    )


def _history(connection: Connection, switch: str) -> None:
    for table in HISTORY_TABLES:
        connection.execute(text(f'ALTER TABLE "{table}" {switch} TRIGGER keep_history'))
