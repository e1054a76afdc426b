"""Draws (双随机), what came out of them, and recusals (回避), as SQLAlchemy tables."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.spine import EMPTY_JSON, NOW, STAMP, key, metadata

LEAST_WHY, MOST_WHY = 4, 200  # characters of why an officer is recused

# A draw with all that it was made from: `layers.core.draw` gives the same result again. The database refuses to change
# it; `request` is the form it was asked with, so that sending it twice makes one draw.
draw = Table(
    "draw",
    metadata,
    key(),
    Column("request", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("layer", Text, nullable=False),
    Column("filters", JSONB, nullable=False, server_default=EMPTY_JSON),
    Column("seed", Text, nullable=False),
    Column("seed_given", Boolean, nullable=False),  # public words, not one of ours
    Column("tickets", JSONB, nullable=False),  # weights by credit class
    Column("pools", JSONB, nullable=False),
    Column("n", Integer, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("drawn_at", STAMP, nullable=False),
    Column("drawn_by", Text, nullable=False),
    CheckConstraint("least(request, title, seed, drawn_by) <> ''", name="named"),
    CheckConstraint("n >= 1", name="n"),
)

draw_result = Table(
    "draw_result",
    metadata,
    Column("draw_id", ForeignKey("draw.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),  # 1 was drawn first
    Column("place_id", ForeignKey("place.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("officer", Text, nullable=False),  # names of accounts, as those of a visit's inspectors
    Column("second_officer", Text, nullable=False),
    Column("case_id", ForeignKey("case.id", ondelete="SET NULL"), index=True),  # the task made of it
    UniqueConstraint("draw_id", "place_id"),
    CheckConstraint("position >= 1", name="position"),
    CheckConstraint(
        "officer <> second_officer AND least(officer, second_officer) <> ''", name="two_officers"
    ),
)

recusal = Table(
    "recusal",
    metadata,
    key(),
    Column("officer", Text, nullable=False),
    Column("enterprise_id", ForeignKey("enterprise.id", ondelete="CASCADE")),
    Column("place_id", ForeignKey("place.id", ondelete="CASCADE"), index=True),
    Column("why", Text, nullable=False),
    Column("declared_at", STAMP, nullable=False, server_default=NOW),
    Column("declared_by", Text, nullable=False),
    Column("ended_at", STAMP),
    Column("ended_by", Text, nullable=False, server_default=""),
    CheckConstraint("num_nonnulls(enterprise_id, place_id) = 1", name="about_one"),
    CheckConstraint(f"length(why) BETWEEN {LEAST_WHY} AND {MOST_WHY}", name="why"),
    CheckConstraint("(ended_at IS NULL) = (ended_by = '') AND ended_at >= declared_at", name="ended"),
    Index(
        "uq_recusal_enterprise_id",
        "enterprise_id",
        "officer",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index(
        "uq_recusal_place_id", "place_id", "officer", unique=True, postgresql_where=text("ended_at IS NULL")
    ),
)
