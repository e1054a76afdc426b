"""Credit records of firms and the applications for their repair, as SQLAlchemy tables; see `layers.core.credit`."""

from __future__ import annotations

from itertools import pairwise

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from data.spine import key, made, metadata, one_of
from layers.core.facts import Severity

# The stages that a repair passes, in their order: each has its day.
PASSED = ("applied_on", "district_on", "city_on", "nation_on", "granted_on")
_NO = text("false")


def _in_order() -> list[CheckConstraint]:
    """Return that no stage is passed without the one before, or before it."""
    pairs = pairwise(PASSED)
    return [
        CheckConstraint(f"{later} IS NULL OR {later} >= {earlier} AND {earlier} IS NOT NULL", name=later)
        for earlier, later in pairs
    ]


credit_record = Table(
    "credit_record",
    metadata,
    key(),
    Column("enterprise_id", ForeignKey("enterprise.id", ondelete="CASCADE"), nullable=False),
    Column("source", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("number", Text, nullable=False),  # 决定书文号
    Column("severity", Text, nullable=False),
    Column("act", Text, nullable=False),  # what was done
    Column("decision", Text, nullable=False, server_default=""),  # what was decided
    Column("authority", Text, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("published_on", Date),  # NULL: not shown 不予公示
    Column("corrected_on", Date),  # 更正; history has what was said before
    Column("withdrawn_on", Date),  # 撤销登记: entered wrongly, and as good as never entered
    Column("correction", Text, nullable=False, server_default=""),  # why, the last time
    Column("corrected_by", Text, nullable=False, server_default=""),
    *made(),
    UniqueConstraint("source", "external_id"),
    # What was withdrawn may be entered again, as it should have been.
    Index(
        "uq_credit_record_enterprise_id_authority_number",
        "enterprise_id",
        "authority",
        "number",
        unique=True,
        postgresql_where=text("withdrawn_on IS NULL"),
    ),
    Index("ix_credit_record_enterprise_id", "enterprise_id"),
    CheckConstraint("least(number, act, authority) <> ''", name="told"),
    CheckConstraint(one_of("severity", *Severity), name="severity"),
    CheckConstraint("published_on >= decided_on", name="published_after_decided"),
    CheckConstraint("(coalesce(corrected_on, withdrawn_on) IS NULL) = (correction = '')", name="correction"),
    CheckConstraint("(correction = '') = (corrected_by = '')", name="corrected_by"),
)

credit_repair = Table(
    "credit_repair",
    metadata,
    key(),
    Column("record_id", ForeignKey("credit_record.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("applicant", Text, nullable=False),
    Column("fulfilled", Boolean, nullable=False, server_default=_NO),  # 已履行
    Column("pledged", Boolean, nullable=False, server_default=_NO),  # 信用承诺
    Column("applied_on", Date, nullable=False),
    Column("district_on", Date),  # 初审
    Column("city_on", Date),  # 复审
    Column("nation_on", Date),  # 终审
    Column("granted_on", Date),  # 终止公示
    Column("refused_on", Date),
    Column("refusal", Text, nullable=False, server_default=""),
    Column(
        "decided_by", Text, nullable=False, server_default=""
    ),  # of the last stage; history has the others
    *made(),
    *_in_order(),
    CheckConstraint("granted_on IS NULL OR refused_on IS NULL", name="one_end"),
    CheckConstraint("(refused_on IS NULL) = (refusal = '')", name="refusal"),
    CheckConstraint("refused_on >= applied_on", name="refused_on"),
    CheckConstraint("coalesce(district_on, refused_on) IS NULL OR decided_by <> ''", name="decided_by"),
    # One at a time, and none after a granted one.
    Index("uq_credit_repair_open", "record_id", unique=True, postgresql_where=text("refused_on IS NULL")),
)
