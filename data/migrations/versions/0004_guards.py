"""Who inserted a row, a history of every table of record, and constraints for what cannot be.

*Inserts.* Each row says itself when and by whom it was inserted: `created_at`, `created_by`, filled by column
defaults from the same setting that the history triggers read. A row of history per insert was the other way; it
would hold nothing that the row does not hold - the row as it stands, or the `before` of its first change, is what
was inserted - and would double the writing of an import. So: who and when of an insert are in the row (or, once it
is deleted, in the `before` of its deletion); who, when, before and after of a change are in `history`. Rows that are
older than these columns have NULL there, for nobody wrote down who they were from. `source_file` has had
`imported_at` and `imported_by` from the start; its counts are written in the transaction that noted the file, and
such a row has not changed for anybody, so only later changes go into its history. The hash of a password is never
copied: a history of accounts says `"password_hash": "changed"` where it was.

*The layer of a row.* The tables of the layers and `place_status` refer to `place (id, layer)`. The layer of a row is a
constant default held by a check rather than a generated column: adding it rewrites no table, and the key takes the
place of the simple one, so the only new cost is one more index on `place`.

*The building of a place* has been declared as a foreign key from the start, but the first migration never made it.

*No foreign key on `place.area_code`.* The code is the nation's. A place keeps it when the outlines of a city's
sub-districts were never loaded, are replaced, or go with the demo city; '' is a place outside all known areas.

*Rows that are there already.* What the product itself could have written is mended, and the history keeps what was:
credit codes with foreign characters are marked as doubtful; grades in words become letters and unknown ones '';
hours of serving that end before they begin are unknown, as is a building that is gone; a verdict or layer row filed under another layer than its
place is removed (the worker judges such a place anew). Anything else that a new constraint refuses stops the
migration with a list of the rows and what to do.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from layers.core.errors import YipingError

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LAYERS = ("shops", "breakfast", "nights", "buildings", "offices")
OF_PLACE = (*(f"layer_{layer}" for layer in LAYERS), "place_status")

NEW_HISTORY = ("permit_night", "reading", "area")
MADE = ("area", "building", "permit", "permit_night", "inspection", "tenancy", "case", "reading", *OF_PLACE)
MADE_BY = ("enterprise", "place", "app_user", *MADE)
ACTOR = "coalesce(nullif(current_setting('yiping.actor', true), ''), session_user)"

RECORD_HISTORY = """
CREATE OR REPLACE FUNCTION record_history() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was jsonb := to_jsonb(OLD);
  is_now jsonb := CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(NEW) END;
  secret text := TG_ARGV[0];
BEGIN
  IF was = is_now THEN RETURN NULL; END IF;
  IF secret IS NOT NULL THEN
    is_now := CASE WHEN was -> secret = is_now -> secret THEN is_now - secret
      ELSE jsonb_set(is_now, ARRAY[secret], '"changed"') END;
    was := was - secret;
  END IF;
  INSERT INTO history (table_name, row_id, actor, before, after)
  VALUES (TG_TABLE_NAME, coalesce(was ->> 'id', was ->> 'place_id', was ->> 'code')::bigint,
          coalesce(nullif(current_setting('yiping.actor', true), ''), session_user), was, is_now);
  RETURN NULL;
END $$;
"""
RECORD_HISTORY_BEFORE = """
CREATE OR REPLACE FUNCTION record_history() RETURNS trigger LANGUAGE plpgsql AS $$
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
WATCH = (
    *(
        f"CREATE TRIGGER keep_history AFTER UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION record_history()"
        for table in NEW_HISTORY
    ),
    "CREATE TRIGGER keep_history AFTER UPDATE OR DELETE ON app_user FOR EACH ROW "
    "EXECUTE FUNCTION record_history('password_hash')",
    "CREATE TRIGGER keep_history AFTER UPDATE OR DELETE ON source_file FOR EACH ROW "
    "WHEN (OLD.xmin <> pg_current_xact_id()::xid) EXECUTE FUNCTION record_history()",
)

MENDED = (
    "UPDATE enterprise SET uscc_doubtful = true "
    "WHERE NOT uscc_doubtful AND uscc !~ '^[0123456789ABCDEFGHJKLMNPQRTUWXY]{18}$'",
    "UPDATE place p SET building_id = NULL WHERE building_id IS NOT NULL "
    "AND NOT EXISTS (SELECT FROM building b WHERE b.id = p.building_id)",
    "UPDATE inspection SET grade = CASE WHEN upper(trim(grade)) IN ('A', 'B', 'C') THEN upper(trim(grade)) "
    "WHEN trim(grade) IN ('笑脸', '良好') THEN 'A' WHEN trim(grade) IN ('平脸', '一般') THEN 'B' "
    "WHEN trim(grade) IN ('哭脸', '较差') THEN 'C' ELSE '' END WHERE grade NOT IN ('', 'A', 'B', 'C')",
    "UPDATE layer_breakfast SET open_from_min = NULL, open_to_min = NULL WHERE open_from_min >= open_to_min",
    "DELETE FROM place_status s USING place p WHERE p.id = s.place_id AND p.layer <> s.layer",
    *(
        f"DELETE FROM layer_{layer} l USING place p WHERE p.id = l.place_id AND p.layer <> '{layer}'"
        for layer in LAYERS
    ),
)

# Table, name, the constraint, and what to do with rows that it refuses.
CHECKS: tuple[tuple[str, str, str, str], ...] = (
    (
        "place", "layer", "layer IN ('shops','breakfast','nights','buildings','offices')",
        "no layer of this name exists: correct it or delete the places",
    ),
    (
        "enterprise", "uscc_shape", "uscc_doubtful OR uscc ~ '^[0123456789ABCDEFGHJKLMNPQRTUWXY]{18}$'",
        "mark the codes as doubtful",
    ),
    (
        "source_file", "counts", "least(read, inserted, updated, unchanged, rejected) >= 0",
        "counts are not negative: correct them",
    ),
    (
        "permit", "basis", "basis IN ('','permit','filing','emergency')",
        "set basis to permit, filing, emergency or '' (unknown)",
    ),
    ("inspection", "grade", "grade IN ('','A','B','C')", "set grade to A, B, C or '' (none)"),
    (
        "tenancy", "lasts", "NOT isempty(period)",
        "a lease lasts at least a day: correct period or delete the lease",
    ),
    (
        "case", "due_after_opened", "due_at >= opened_at",
        "a case is due after it was opened: correct due_at or set it to NULL",
    ),
    (
        "layer_breakfast", "open_to_min_above", "open_to_min > open_from_min",
        "serving ends after it begins: correct the hours or set both to NULL",
    ),
    *(
        (f"layer_{layer}", name, f"{name} <@ ARRAY[{','.join(repr(value) for value in values)}]", "take out unknown values")
        for layer, name, values in (
            ("breakfast", "closed_on", ("mon", "tue", "wed", "thu", "fri", "sat", "sun")),
            (
                "breakfast", "varieties",
                ("bun", "dough_stick", "rice_roll", "soy_milk", "congee", "noodles", "pan_fried", "pancake", "bread",
                 "sandwich", "coffee", "egg"),
            ),
            ("breakfast", "payment", ("mobile", "cash", "card", "transit", "ecny")),
            (
                "nights", "equipment",
                ("pump", "mixer", "vibrator", "excavator", "drill", "crane", "breaker", "lorry", "paver", "generator"),
            ),
            (
                "offices", "industries",
                ("software", "ai", "biomedicine", "design", "finance", "trade", "education", "culture",
                 "manufacturing", "green"),
            ),
        )
    ),
)  # fmt: skip


def upgrade() -> None:
    for statement in (RECORD_HISTORY, *WATCH, *MENDED):
        op.execute(statement)
    _refuse_the_rest()
    _say_who_inserts()
    for table, name, rule, _ in CHECKS:
        op.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT ck_{table}_{name} CHECK ({rule})')
    _hold_to_the_layer()
    op.create_foreign_key("fk_place_building_id", "place", "building", ["building_id"], ["id"])


def _refuse_the_rest() -> None:
    found = [line for check in CHECKS if (line := _violations(*check))]
    if found:
        raise YipingError(
            "The database was left as it is, for it has rows that its new version refuses. Mend them and migrate "
            "again:\n" + "\n".join(found)
        )


def _violations(table: str, name: str, rule: str, advice: str) -> str:
    key = "place_id" if table.startswith("layer_") else "id"
    query = f'SELECT count(*), (array_agg({key} ORDER BY {key}))[1:20] FROM "{table}" WHERE NOT ({rule})'
    count, ids = op.get_bind().execute(text(query)).one()
    if not count:
        return ""
    listed = ", ".join(map(str, ids)) + (", ..." if count > len(ids) else "")
    return f'- {count} in "{table}" ({key} {listed}) against {name}: {rule}; {advice}.'


def _say_who_inserts() -> None:
    """Add the columns without a default first: what is older stays unknown, and no table is rewritten."""
    for table in MADE:
        op.execute(f'ALTER TABLE "{table}" ADD COLUMN created_at timestamptz')
        op.execute(f'ALTER TABLE "{table}" ALTER COLUMN created_at SET DEFAULT now()')
    for table in MADE_BY:
        op.execute(f'ALTER TABLE "{table}" ADD COLUMN created_by text')
        op.execute(f'ALTER TABLE "{table}" ALTER COLUMN created_by SET DEFAULT {ACTOR}')


def _hold_to_the_layer() -> None:
    op.execute("ALTER TABLE place ADD CONSTRAINT uq_place_id_layer UNIQUE (id, layer)")
    for layer in LAYERS:
        op.execute(f"ALTER TABLE layer_{layer} ADD COLUMN layer text NOT NULL DEFAULT '{layer}'")
        op.execute(
            f"ALTER TABLE layer_{layer} ADD CONSTRAINT ck_layer_{layer}_layer CHECK (layer = '{layer}')"
        )
    for table in OF_PLACE:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT fk_{table}_place_id")
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT fk_{table}_place_id_layer FOREIGN KEY (place_id, layer) "
            "REFERENCES place (id, layer) ON DELETE CASCADE"
        )


def downgrade() -> None:
    """Take everything out again; no row goes, the history that was written stays."""
    op.drop_constraint("fk_place_building_id", "place")
    for table in OF_PLACE:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT fk_{table}_place_id_layer")
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT fk_{table}_place_id FOREIGN KEY (place_id) "
            "REFERENCES place (id) ON DELETE CASCADE"
        )
    for layer in LAYERS:
        op.execute(f"ALTER TABLE layer_{layer} DROP COLUMN layer")
    op.execute("ALTER TABLE place DROP CONSTRAINT uq_place_id_layer")
    for table, name, _, _ in CHECKS:
        op.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT ck_{table}_{name}')
    for table in MADE_BY:
        op.execute(f'ALTER TABLE "{table}" DROP COLUMN created_by')
    for table in MADE:
        op.execute(f'ALTER TABLE "{table}" DROP COLUMN created_at')
    for table in (*NEW_HISTORY, "app_user", "source_file"):
        op.execute(f"DROP TRIGGER keep_history ON {table}")
    op.execute(RECORD_HISTORY_BEFORE)
