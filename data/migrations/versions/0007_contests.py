"""Objections: a case of kind `contest` names the reason of a verdict that it is about, and how it ended.

One place has at most one open objection to a reason. Taken back, the migration deletes the objections, which the shape
before has no place for; the history keeps them.
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ABOUT = ("reason_code", "reason_rule", "reason_fact")
WORDS = ("contest_kind", "words", "outcome", "outcome_words", "decided_by")
COLUMNS = (
    *(f"{name} text NOT NULL DEFAULT ''" for name in ABOUT),
    "reason_on date",
    "reason_params jsonb NOT NULL DEFAULT '{}'::jsonb",
    *(f"{name} text NOT NULL DEFAULT ''" for name in WORDS),
)
CHECKS = {
    "contest_kind": "contest_kind IN ('','fact','mended','rule','other')",
    "outcome": "outcome IN ('','upheld','rejected','withdrawn')",
    "contest": (
        "CASE WHEN kind = 'contest' THEN "
        "least(reason_code, reason_rule, reason_fact, contest_kind, reporter) <> '' "
        "AND length(words) BETWEEN 10 AND 500 AND (closed_at IS NULL) = (outcome = '') "
        "ELSE reason_code || reason_rule || reason_fact || contest_kind || words || outcome || outcome_words || "
        "decided_by = '' END"
    ),
    "decided": "outcome NOT IN ('upheld','rejected') OR outcome_words <> '' AND decided_by <> ''",
}
KINDS = "complaint", "alert", "task"


def upgrade() -> None:
    op.execute(f'ALTER TABLE "case" {", ".join(f"ADD COLUMN {column}" for column in COLUMNS)}')
    _replace_kinds(*KINDS, "contest")
    for name, rule in CHECKS.items():
        op.execute(f'ALTER TABLE "case" ADD CONSTRAINT ck_case_{name} CHECK ({rule})')
    op.execute(
        f'CREATE UNIQUE INDEX uq_case_open_contest ON "case" (place_id, {", ".join(ABOUT)}) '
        "WHERE kind = 'contest' AND closed_at IS NULL"
    )


def _replace_kinds(*kinds: str) -> None:
    listed = ",".join(f"'{kind}'" for kind in kinds)
    op.execute('ALTER TABLE "case" DROP CONSTRAINT ck_case_kind')
    op.execute(f'ALTER TABLE "case" ADD CONSTRAINT ck_case_kind CHECK (kind IN ({listed}))')


def downgrade() -> None:
    op.execute("DELETE FROM \"case\" WHERE kind = 'contest'")
    names = [column.split()[0] for column in COLUMNS]
    op.execute(f'ALTER TABLE "case" {", ".join(f"DROP COLUMN {name}" for name in names)}')
    _replace_kinds(*KINDS)
