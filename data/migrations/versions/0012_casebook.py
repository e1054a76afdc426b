"""The case book (案例): cases of the city's administration and what they state.

Only the tables: `data.casebook` fills them from its file whenever a database is brought up to date, so that a
correction of the file reaches databases that are past this step.
"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ACTOR = "coalesce(nullif(current_setting('yiping.actor', true), ''), session_user)"
TABLES = (
    f"""
CREATE TABLE city_case (number smallint NOT NULL, area text NOT NULL, area_name jsonb NOT NULL,
  year smallint NOT NULL, title jsonb NOT NULL, place jsonb NOT NULL, presence text NOT NULL,
  page text NOT NULL DEFAULT '', layers text[] NOT NULL DEFAULT '{{}}'::text[],
  created_at timestamptz DEFAULT now(), created_by text DEFAULT {ACTOR},
  CONSTRAINT pk_city_case PRIMARY KEY (number),
  CONSTRAINT ck_city_case_presence CHECK (presence IN ('here','part','planned')))
""",
    f"""
CREATE TABLE case_fact (case_number smallint NOT NULL, key text NOT NULL, position smallint NOT NULL,
  label jsonb NOT NULL, value double precision, up_to double precision, before double precision, words jsonb,
  unit jsonb, bound text, computed boolean NOT NULL DEFAULT false, note jsonb, quotation text NOT NULL,
  created_at timestamptz DEFAULT now(), created_by text DEFAULT {ACTOR},
  CONSTRAINT pk_case_fact PRIMARY KEY (case_number, key),
  CONSTRAINT fk_case_fact_case_number FOREIGN KEY (case_number) REFERENCES city_case (number) ON DELETE CASCADE,
  CONSTRAINT ck_case_fact_value_or_words CHECK ((value IS NULL) <> (words IS NULL)),
  CONSTRAINT ck_case_fact_compared CHECK (value IS NOT NULL OR coalesce(up_to, before) IS NULL),
  CONSTRAINT ck_case_fact_bound CHECK (bound IN ('over','nearly','about','under','at_most','at_least')),
  CONSTRAINT ck_case_fact_quoted CHECK (quotation <> ''))
""",
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    for table in ("case_fact", "city_case"):
        op.drop_table(table)
