"""Cases of the city's administration and what they state, as SQLAlchemy tables; see `layers.core.casebook`.

The rows are those of `casebook.toml`, which keeps their history: nothing but `data.casebook` writes them.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.spine import EMPTY_TEXTS, made, metadata, one_of
from layers.core.casebook import Bound, Presence

WORDS = JSONB(none_as_null=True)  # of both languages, as `layers.core.text.Text.as_json` gives them

city_case = Table(
    "city_case",
    metadata,
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("area", Text, nullable=False),  # 6 digits of a district, or `lingang`, which is none
    Column("area_name", WORDS, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("title", WORDS, nullable=False),
    Column("place", WORDS, nullable=False),
    Column("presence", Text, nullable=False),
    Column("page", Text, nullable=False, server_default=""),
    Column("layers", ARRAY(Text), nullable=False, server_default=EMPTY_TEXTS),
    *made(),
    CheckConstraint(one_of("presence", *Presence), name="presence"),
)

case_fact = Table(
    "case_fact",
    metadata,
    Column("case_number", ForeignKey("city_case.number", ondelete="CASCADE"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("position", SmallInteger, nullable=False),
    Column("label", WORDS, nullable=False),
    Column("value", Float),
    Column("up_to", Float),
    Column("before", Float),
    Column("words", WORDS),
    Column("unit", WORDS),
    Column("bound", Text),
    Column("computed", Boolean, nullable=False, server_default=text("false")),
    Column("note", WORDS),
    Column("quotation", Text, nullable=False),
    *made(),
    CheckConstraint("(value IS NULL) <> (words IS NULL)", name="value_or_words"),
    CheckConstraint("value IS NOT NULL OR coalesce(up_to, before) IS NULL", name="compared"),
    CheckConstraint(one_of("bound", *Bound), name="bound"),
    CheckConstraint("quotation <> ''", name="quoted"),
)
