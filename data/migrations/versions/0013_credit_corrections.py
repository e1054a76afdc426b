"""Credit records that nobody can repair (特定严重).

The application says so with the day and the rule; the database holds it against everything else.
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0011"
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


def upgrade() -> None:
    _grade(f"{SEVERITIES},'specific'")
    op.execute(BARRED)
    op.execute(
        "CREATE TRIGGER refuse_barred BEFORE INSERT OR UPDATE OF record_id ON credit_repair "
        "FOR EACH ROW EXECUTE FUNCTION refuse_barred_repair()"
    )


def downgrade() -> None:
    """Take the fourth severity out: its records become serious ones; what they were stays in the history."""
    op.execute("DROP TRIGGER refuse_barred ON credit_repair")
    op.execute("DROP FUNCTION refuse_barred_repair()")
    op.execute("UPDATE credit_record SET severity = 'serious' WHERE severity = 'specific'")
    _grade(SEVERITIES)


def _grade(severities: str) -> None:
    op.execute("ALTER TABLE credit_record DROP CONSTRAINT ck_credit_record_severity")
    op.execute(
        f"ALTER TABLE credit_record ADD CONSTRAINT ck_credit_record_severity CHECK (severity IN ({severities}))"
    )
