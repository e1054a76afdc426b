"""Taking the demo city out again: its rows and their history, its basemap and its accounts; never others.

Rows of the demo bear the source `demo`; its basemap, the moment its enterprises were made at, and its accounts are
noted in the settings.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

from data.demo.accounts import remove_accounts
from data.tables import HISTORY_TABLES, metadata

_SAID: Final = "coalesce(h.after, h.before)"


def _with(column: str, *, own_id: bool) -> list[str]:
    """Return the tables with a history whose rows name `column`, and have an id of their own or not."""
    columns = {name: metadata.tables[name].c for name in HISTORY_TABLES}
    return [name for name, known in columns.items() if column in known and ("id" in known) is own_id]


_LISTS: Final[dict[str, list[str]]] = {
    "of_place": ["place", *_with("place_id", own_id=False)],
    "on_place": _with("place_id", own_id=True),
    "on_permit": _with("permit_id", own_id=True),
}

# What happened to a row that is gone already is history of the demo too: it is known by what it says.
_REMOVALS: Final[tuple[str, ...]] = (
    "CREATE TEMP TABLE demo_place ON COMMIT DROP AS SELECT id FROM place WHERE source = 'demo' "
    f"UNION SELECT h.row_id FROM history h WHERE h.table_name = 'place' AND {_SAID} ->> 'source' = 'demo'",
    "CREATE TEMP TABLE demo_permit ON COMMIT DROP AS SELECT p.id FROM permit p JOIN demo_place d ON d.id = p.place_id "
    "UNION SELECT h.row_id FROM history h JOIN demo_place d "
    f"ON h.table_name = 'permit' AND ({_SAID} ->> 'place_id')::bigint = d.id",
    "CREATE TEMP TABLE demo_enterprise ON COMMIT DROP AS "
    "SELECT enterprise_id AS id FROM place WHERE source = 'demo' AND enterprise_id IS NOT NULL "
    "UNION SELECT enterprise_id FROM tenancy WHERE source = 'demo' AND enterprise_id IS NOT NULL "
    "UNION SELECT e.id FROM enterprise e, setting s "
    "WHERE s.key = 'demo' AND e.created_at = (s.value ->> 'made_at')::timestamptz",
    "ANALYZE demo_place, demo_permit, demo_enterprise",
    "DELETE FROM history h USING demo_place d WHERE h.table_name = ANY(:of_place) AND h.row_id = d.id",
    "DELETE FROM history h USING demo_place d WHERE h.table_name = ANY(:on_place) "
    f"AND ({_SAID} ->> 'place_id')::bigint = d.id",
    "DELETE FROM history h USING demo_permit d WHERE h.table_name = ANY(:on_permit) "
    f"AND ({_SAID} ->> 'permit_id')::bigint = d.id",
    f"DELETE FROM history h WHERE h.table_name IN ('tenancy', 'area') AND {_SAID} ->> 'source' = 'demo'",
    "CREATE TEMP TABLE demo_list ON COMMIT DROP AS SELECT DISTINCT i.list_id AS id FROM inspection_list_item i "
    "JOIN demo_place d ON d.id = i.place_id",
    "CREATE TEMP TABLE demo_draw ON COMMIT DROP AS SELECT DISTINCT r.draw_id AS id FROM draw_result r "
    "JOIN demo_place d ON d.id = r.place_id",
    "DELETE FROM place WHERE source = 'demo'",
    "DELETE FROM inspection_list l USING demo_list d "
    "WHERE l.id = d.id AND NOT EXISTS (SELECT FROM inspection_list_item i WHERE i.list_id = l.id)",
    "DELETE FROM draw w USING demo_draw d "
    "WHERE w.id = d.id AND NOT EXISTS (SELECT FROM draw_result r WHERE r.draw_id = w.id)",
    "DELETE FROM tenancy WHERE source = 'demo'",
    "WITH gone AS (DELETE FROM building b WHERE source = 'demo' "
    "AND NOT EXISTS (SELECT FROM place p WHERE p.building_id = b.id) "
    "AND NOT EXISTS (SELECT FROM tenancy t WHERE t.building_id = b.id) RETURNING b.id) "
    "DELETE FROM history h USING gone WHERE h.table_name = 'building' AND h.row_id = gone.id",
    # What somebody entered about a firm of the demo goes with the firm.
    "CREATE TEMP TABLE demo_credit ON COMMIT DROP AS SELECT c.id FROM credit_record c "
    "LEFT JOIN demo_enterprise d ON d.id = c.enterprise_id WHERE c.source = 'demo' OR d.id IS NOT NULL "
    "AND NOT EXISTS (SELECT FROM place p WHERE p.enterprise_id = d.id) "
    "AND NOT EXISTS (SELECT FROM tenancy t WHERE t.enterprise_id = d.id) "
    f"UNION SELECT h.row_id FROM history h WHERE h.table_name = 'credit_record' AND {_SAID} ->> 'source' = 'demo'",
    "DELETE FROM history h USING demo_credit d WHERE h.table_name = 'credit_record' AND h.row_id = d.id "
    f"OR h.table_name = 'credit_repair' AND ({_SAID} ->> 'record_id')::bigint = d.id",
    "DELETE FROM credit_record c USING demo_credit d WHERE c.id = d.id",
    "WITH gone AS (DELETE FROM enterprise e USING demo_enterprise d WHERE e.id = d.id "
    "AND NOT EXISTS (SELECT FROM place p WHERE p.enterprise_id = e.id) "
    "AND NOT EXISTS (SELECT FROM tenancy t WHERE t.enterprise_id = e.id) RETURNING e.id) "
    "DELETE FROM history h USING gone WHERE h.table_name = 'enterprise' AND h.row_id = gone.id",
    "DELETE FROM area WHERE source = 'demo'",
    "DELETE FROM basemap_feature b USING setting s WHERE s.key = 'demo' "
    "AND b.id BETWEEN (s.value #>> '{basemap,0}')::bigint AND (s.value #>> '{basemap,1}')::bigint",
)


def remove_demo(connection: Connection) -> None:
    """Delete the demo city in the caller's transaction; nobody's history is kept of what never was."""
    if not connection.scalar(
        text(
            "SELECT EXISTS (SELECT FROM setting WHERE key = 'demo') OR EXISTS (SELECT FROM place WHERE source = 'demo')"
        )
    ):
        return
    _history(connection, "DISABLE")
    for statement in _REMOVALS:
        lists = {name: value for name, value in _LISTS.items() if f":{name}" in statement}
        connection.execute(text(statement), lists)
    remove_accounts(connection)
    connection.execute(text("DELETE FROM setting WHERE key IN ('demo', 'city')"))
    _history(connection, "ENABLE")


def _history(connection: Connection, switch: str) -> None:
    triggers = text(
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname LIKE 'keep_history%'"
    )
    for table, trigger in connection.execute(triggers).all():
        connection.execute(text(f"ALTER TABLE {table} {switch} TRIGGER {trigger}"))
