"""Check codes (检查码): looked up at every visit, so that one code is not used for two."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_inspection_check_code ON inspection (check_code) WHERE check_code <> ''")


def downgrade() -> None:
    op.execute("DROP INDEX ix_inspection_check_code")
