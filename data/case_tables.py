"""Cases on places and what was done about them, as SQLAlchemy tables: complaints, alerts, tasks and objections."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.spine import EMPTY_JSON, STAMP, external, key, made, metadata, one_of
from layers.core.casework import Stage
from layers.core.contests import CONTEST, LEAST_WORDS, MOST_WORDS, ContestKind, Outcome

KINDS = ("complaint", "alert", "task", CONTEST)
ABOUT = ("reason_code", "reason_rule", "reason_fact")
CONTEST_WORDS = ("contest_kind", "words", "outcome", "outcome_words", "decided_by")
MOST_BYTES = 4 * 1024 * 1024  # of a photo
_ABOUT = ", ".join(ABOUT)

case = Table(
    "case",
    metadata,
    key(),
    Column("place_id", ForeignKey("place.id", ondelete="CASCADE"), nullable=False, index=True),
    *external(),
    Column("kind", Text, nullable=False),
    Column(
        "nature", Text, nullable=False, server_default=""
    ),  # of a complaint: 投诉 or 举报, never both in one
    Column("title", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("reporter", Text, nullable=False, server_default=""),
    Column("opened_at", STAMP, nullable=False),
    Column("accepted_on", Date),
    Column("due_at", STAMP),
    Column("closed_at", STAMP),
    Column("handler", Text, nullable=False, server_default=""),  # the account it was dispatched to
    Column("filing_on", Date),  # when it was decided whether to file it
    Column("informed_on", Date),  # when who reported it was told so
    Column("closed_by", Text, nullable=False, server_default=""),
    # The reason that a task was made from or an objection (异议) is about, as the verdict gave it; then, of an
    # objection, what is said against it and how it ended.
    *(Column(name, Text, nullable=False, server_default="") for name in ABOUT),
    Column("reason_on", Date),
    Column("reason_params", JSONB, nullable=False, server_default=EMPTY_JSON),
    *(Column(name, Text, nullable=False, server_default="") for name in CONTEST_WORDS),
    *made(),
    UniqueConstraint("source", "external_id"),
    CheckConstraint(one_of("kind", *KINDS), name="kind"),
    CheckConstraint(one_of("contest_kind", "", *ContestKind), name="contest_kind"),
    CheckConstraint(one_of("outcome", "", *Outcome), name="outcome"),
    CheckConstraint(
        f"CASE WHEN kind = 'contest' THEN least({_ABOUT}, contest_kind, reporter) <> '' "
        f"AND length(words) BETWEEN {LEAST_WORDS} AND {MOST_WORDS} AND (closed_at IS NULL) = (outcome = '') "
        f"WHEN kind = 'task' THEN {' || '.join(CONTEST_WORDS)} = '' "
        f"ELSE {' || '.join((*ABOUT, *CONTEST_WORDS))} = '' END",
        name="contest",
    ),
    CheckConstraint(
        "outcome NOT IN ('upheld','rejected') OR outcome_words <> '' AND decided_by <> ''", name="decided"
    ),
    Index(
        "uq_case_open_contest",
        "place_id",
        *ABOUT,
        unique=True,
        postgresql_where=text("kind = 'contest' AND closed_at IS NULL"),
    ),
    CheckConstraint("nature = '' OR kind = 'complaint' AND nature IN ('claim','report')", name="nature"),
    CheckConstraint(one_of("stage", *Stage), name="stage"),
    CheckConstraint("closed_by = '' OR closed_by <> handler", name="closed_by_another"),
    CheckConstraint(
        "informed_on IS NULL OR informed_on >= filing_on AND filing_on IS NOT NULL", name="informed_on"
    ),
    Index(
        "uq_case_open_task",
        "place_id",
        *ABOUT,
        unique=True,
        postgresql_where=text("kind = 'task' AND closed_at IS NULL AND reason_code <> ''"),
    ),
    Index("ix_case_open", "stage", "due_at", postgresql_where=text("closed_at IS NULL")),
    CheckConstraint("closed_at IS NULL OR closed_at >= opened_at", name="closed_after_opened"),
    CheckConstraint("due_at >= opened_at", name="due_after_opened"),
)

# What proves that something was done; the database refuses to change it.
case_photo = Table(
    "case_photo",
    metadata,
    key(),
    Column("case_id", ForeignKey("case.id", ondelete="CASCADE"), nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("taken_at", STAMP, nullable=False),
    Column("taken_by", Text, nullable=False),
    UniqueConstraint("case_id", "sha256"),
    CheckConstraint(f"least(width, height) > 0 AND length(content) <= {MOST_BYTES}", name="size"),
)

# A step somebody took, see `layers.core.casework`; `request` is the form it was sent with, so that twice is once.
case_step = Table(
    "case_step",
    metadata,
    key(),
    Column("case_id", ForeignKey("case.id", ondelete="CASCADE"), nullable=False),
    Column("request", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("stage", Text, nullable=False),  # after it
    Column("at", STAMP, nullable=False),
    Column("taken_by", Text, nullable=False),
    Column("words", Text, nullable=False, server_default=""),
    Column("handler", Text, nullable=False, server_default=""),
    Column("due_at", STAMP),
    Column("spot", Geometry("POINT", srid=4326, spatial_index=False)),  # where whoever took it stood
    Column("accuracy_m", Float),
    Column("photo_id", ForeignKey("case_photo.id")),
    UniqueConstraint("case_id", "request"),
    CheckConstraint("least(request, step, taken_by) <> ''", name="named"),
    CheckConstraint("step <> 'finish' OR spot IS NOT NULL AND photo_id IS NOT NULL", name="proof"),
)
