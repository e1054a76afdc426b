"""Taking the demo city out again: rows whose source is `demo`, and what only they used."""

from __future__ import annotations

from sqlalchemy import Connection, text

from data.tables import HISTORY_TABLES

_REMOVALS: tuple[str, ...] = (
    "DELETE FROM history h USING place p WHERE p.source = 'demo' AND h.table_name = 'place_status' AND h.row_id = p.id",
    "CREATE TEMP TABLE demo_enterprise ON COMMIT DROP AS "
    "SELECT enterprise_id AS id FROM place WHERE source = 'demo' AND enterprise_id IS NOT NULL "
    "UNION SELECT enterprise_id FROM tenancy WHERE source = 'demo' AND enterprise_id IS NOT NULL",
    "DELETE FROM place WHERE source = 'demo'",
    "DELETE FROM tenancy WHERE source = 'demo'",
    "DELETE FROM building b WHERE source = 'demo' AND NOT EXISTS (SELECT FROM place p WHERE p.building_id = b.id) "
    "AND NOT EXISTS (SELECT FROM tenancy t WHERE t.building_id = b.id)",
    "DELETE FROM enterprise e USING demo_enterprise d WHERE e.id = d.id "
    "AND NOT EXISTS (SELECT FROM place p WHERE p.enterprise_id = e.id) "
    "AND NOT EXISTS (SELECT FROM tenancy t WHERE t.enterprise_id = e.id)",
    "DELETE FROM area WHERE source = 'demo'",
    "DELETE FROM basemap_feature",
    "DELETE FROM setting WHERE key IN ('demo', 'city')",
)


def remove_demo(connection: Connection) -> None:
    """Delete the demo city in the caller's transaction; nobody's history is kept of what never was."""
    if connection.scalar(text("SELECT NOT EXISTS (SELECT FROM place WHERE source = 'demo')")):
        statements = _REMOVALS[-3:]
    else:
        statements = _REMOVALS
    _history(connection, "DISABLE")
    for statement in statements:
        connection.execute(text(statement))
    _history(connection, "ENABLE")


def _history(connection: Connection, switch: str) -> None:
    for table in HISTORY_TABLES:
        connection.execute(text(f'ALTER TABLE "{table}" {switch} TRIGGER keep_history'))
