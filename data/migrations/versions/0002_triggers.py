"""History of what a judgement rests on, the sealed audit record, and the task queue's own tables."""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HISTORY_TABLES = (
    "place",
    "building",
    "enterprise",
    "permit",
    "inspection",
    "tenancy",
    "case",
    "place_status",
)

LAYER_TABLES = ("layer_shops", "layer_breakfast", "layer_nights", "layer_buildings", "layer_offices")

HISTORY = """
CREATE FUNCTION record_history() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE key text := CASE WHEN to_jsonb(OLD) ? 'id' THEN 'id' ELSE 'place_id' END;
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(OLD) = to_jsonb(NEW) THEN RETURN NULL; END IF;
  INSERT INTO history (table_name, row_id, actor, before, after)
  VALUES (TG_TABLE_NAME, (to_jsonb(OLD) ->> key)::bigint,
          coalesce(nullif(current_setting('yiping.actor', true), ''), session_user),
          to_jsonb(OLD), CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(NEW) END);
  RETURN NULL;
END $$;
"""

AUDIT = """
CREATE FUNCTION audit_seal(previous bytea, at timestamptz, actor text, action text, subject text, details jsonb)
RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT sha256(coalesce(previous, ''::bytea) || convert_to(
    extract(epoch FROM at)::text || chr(31) || actor || chr(31) || action || chr(31) || subject || chr(31)
    || details::text, 'UTF8'))
$$;
CREATE FUNCTION seal_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7215502);  -- one link at a time, or two events would follow the same one
  NEW.id := nextval(pg_get_serial_sequence('audit_event', 'id'));
  NEW.at := clock_timestamp();
  SELECT hash INTO NEW.previous FROM audit_event ORDER BY id DESC LIMIT 1;
  NEW.hash := audit_seal(NEW.previous, NEW.at, NEW.actor, NEW.action, NEW.subject, NEW.details);
  RETURN NEW;
END $$;
CREATE TRIGGER seal BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION seal_audit_event();
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit record is append-only'; END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    op.execute(HISTORY)
    for table in (*HISTORY_TABLES, *LAYER_TABLES):
        op.execute(
            f'CREATE TRIGGER keep_history AFTER UPDATE OR DELETE ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION record_history()"
        )
    op.execute(AUDIT)
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))


def downgrade() -> None:
    raise RuntimeError("The first schema has nothing before it: drop the database instead.")
