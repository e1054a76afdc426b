"""Credit records that nobody can repair (特定严重), and the correction (更正) and withdrawal (撤销登记) of records.

The application says why a repair or a correction cannot be, with the day and the rule; the database holds it against
everything else.
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SEVERITIES = "'minor','general','serious'"
# FOR SHARE: nobody grades a record otherwise while its repair is being asked for.
BARRED = """
CREATE FUNCTION refuse_barred_repair() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM credit_record WHERE id = NEW.record_id AND severity = 'specific' FOR SHARE;
  IF FOUND THEN
    RAISE EXCEPTION 'A specific serious record is not repaired: it ends with its publication.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_credit_repair_barred';
  END IF;
  RETURN NEW;
END $$
"""
# What a repair was asked or granted for stays as it was.
REPAIRED = """
CREATE FUNCTION keep_repaired_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.severity, OLD.decided_on, OLD.published_on, OLD.withdrawn_on)
    IS DISTINCT FROM (NEW.severity, NEW.decided_on, NEW.published_on, NEW.withdrawn_on)
    AND EXISTS (SELECT FROM credit_repair WHERE record_id = OLD.id AND refused_on IS NULL)
  THEN
    RAISE EXCEPTION 'A record stays as it is while its repair is under way and once it is granted.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_credit_record_repaired';
  END IF;
  RETURN NEW;
END $$
"""
UNIQUE = "uq_credit_record_enterprise_id_authority_number"
COLUMNS = """
ALTER TABLE credit_record ADD COLUMN corrected_on date, ADD COLUMN withdrawn_on date,
  ADD COLUMN correction text NOT NULL DEFAULT '', ADD COLUMN corrected_by text NOT NULL DEFAULT '',
  ADD CONSTRAINT ck_credit_record_correction
    CHECK ((coalesce(corrected_on, withdrawn_on) IS NULL) = (correction = '')),
  ADD CONSTRAINT ck_credit_record_corrected_by CHECK ((correction = '') = (corrected_by = ''))
"""


def upgrade() -> None:
    _grade(f"{SEVERITIES},'specific'")
    op.execute(BARRED)
    op.execute(
        "CREATE TRIGGER refuse_barred BEFORE INSERT OR UPDATE OF record_id ON credit_repair "
        "FOR EACH ROW EXECUTE FUNCTION refuse_barred_repair()"
    )
    op.execute(COLUMNS)
    op.execute(f"ALTER TABLE credit_record DROP CONSTRAINT {UNIQUE}")
    op.execute(
        f"CREATE UNIQUE INDEX {UNIQUE} ON credit_record (enterprise_id, authority, number) "
        "WHERE withdrawn_on IS NULL"
    )
    op.execute("CREATE INDEX ix_credit_record_enterprise_id ON credit_record (enterprise_id)")
    op.execute(REPAIRED)
    op.execute(
        "CREATE TRIGGER keep_repaired BEFORE UPDATE ON credit_record "
        "FOR EACH ROW EXECUTE FUNCTION keep_repaired_record()"
    )


def downgrade() -> None:
    """Take withdrawn records and the fourth severity out, whose records become serious: history keeps what they were."""
    op.execute("DROP TRIGGER keep_repaired ON credit_record")
    op.execute("DROP FUNCTION keep_repaired_record()")
    op.execute("DROP TRIGGER refuse_barred ON credit_repair")
    op.execute("DROP FUNCTION refuse_barred_repair()")
    op.execute("DELETE FROM credit_record WHERE withdrawn_on IS NOT NULL")
    op.execute("DROP INDEX ix_credit_record_enterprise_id")
    op.execute(f"DROP INDEX {UNIQUE}")
    op.execute(f"ALTER TABLE credit_record ADD CONSTRAINT {UNIQUE} UNIQUE (enterprise_id, authority, number)")
    op.execute(
        "ALTER TABLE credit_record DROP COLUMN corrected_on, DROP COLUMN withdrawn_on, DROP COLUMN correction, "
        "DROP COLUMN corrected_by"
    )
    op.execute("UPDATE credit_record SET severity = 'serious' WHERE severity = 'specific'")
    _grade(SEVERITIES)


def _grade(severities: str) -> None:
    op.execute("ALTER TABLE credit_record DROP CONSTRAINT ck_credit_record_severity")
    op.execute(
        f"ALTER TABLE credit_record ADD CONSTRAINT ck_credit_record_severity CHECK (severity IN ({severities}))"
    )
