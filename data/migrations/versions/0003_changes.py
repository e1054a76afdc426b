"""Every write to what the maps show announces itself, whoever writes.

A change names its transaction: numbers of changes may become visible out of order, transactions can be compared
with the oldest one still running when a reader looked.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LAYERS = ("shops", "breakfast", "nights", "buildings", "offices")

ANNOUNCE = """
ALTER TABLE change ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX ix_change_xid ON change (xid);
CREATE FUNCTION announce_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  told record;
BEGIN
  FOR told IN EXECUTE format(
    'SELECT layer, CASE WHEN count(*) > 5000 THEN ''{}'' ELSE array_agg(DISTINCT id) END AS ids '
    'FROM (SELECT %s AS layer, %I AS id FROM touched) t GROUP BY layer', TG_ARGV[0], TG_ARGV[1])
  LOOP
    INSERT INTO change (layer, place_ids) VALUES (told.layer, told.ids);
  END LOOP;
  PERFORM pg_notify('yiping_change', '');
  RETURN NULL;
END $$;
"""


def upgrade() -> None:
    op.drop_index("ix_place_search", table_name="place")  # words are searched in the point index
    op.execute(ANNOUNCE)
    tables = [("place", "layer", "id"), ("place_status", "layer", "place_id")]
    tables += [(f"layer_{layer}", f"'{layer}'", "place_id") for layer in LAYERS]
    for table, layer, key in tables:
        argument = layer.replace("'", "''")
        for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            op.execute(
                f"CREATE TRIGGER announce_{event.lower()} AFTER {event} ON {table} "
                f"REFERENCING {rows} TABLE AS touched FOR EACH STATEMENT "
                f"EXECUTE FUNCTION announce_change('{argument}', '{key}')"
            )


def downgrade() -> None:
    op.execute("DROP FUNCTION announce_change() CASCADE")
    op.execute("ALTER TABLE change DROP COLUMN xid")
    op.execute("CREATE INDEX ix_place_search ON place USING gin (search_text gin_trgm_ops)")
