"""The books of the house itself, as SQLAlchemy tables: what was changed, who did what, who signs in, settings."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import UserDefinedType

from data.spine import EMPTY_JSON, EMPTY_TEXTS, NOW, STAMP, by, key, metadata, of_place, one_of
from layers.core.tiers import TIERS

DUE_REASONS = ("long_overdue", "overdue", "due_soon", "never")  # why a place is on a list, the worst first


class _TransactionId(UserDefinedType[str]):
    """The full number of a transaction."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the name of the type."""
        return "xid8"


# Written by triggers on every update and delete; an inserted row is its own first version. `row_id` is the id of the
# row, or of its place, or the number of an area; what is secret (the hash of a password) is left out.
history = Table(
    "history",
    metadata,
    key(),
    Column("table_name", Text, nullable=False),
    Column("row_id", BigInteger, nullable=False),
    Column("at", STAMP, nullable=False, server_default=NOW),
    Column("actor", Text, nullable=False),
    Column("before", JSONB, nullable=False),
    Column("after", JSONB),
    Index("ix_history_table_name_row_id", "table_name", "row_id", "at"),
)

# Append-only and hash-chained by triggers: a row that is altered or removed breaks the chain.
audit_event = Table(
    "audit_event",
    metadata,
    key(),
    Column("at", STAMP, nullable=False, server_default=NOW),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", JSONB, nullable=False, server_default=EMPTY_JSON),
    Column("previous", LargeBinary),
    Column("hash", LargeBinary),
)

change = Table(
    "change",
    metadata,
    Column("version", BigInteger, Identity(), primary_key=True),
    Column("layer", Text, nullable=False),
    Column("place_ids", ARRAY(BigInteger), nullable=False),  # empty: the whole layer
    Column("at", STAMP, nullable=False, server_default=NOW),
    Column("xid", _TransactionId, nullable=False, server_default=text("pg_current_xact_id()"), index=True),
)

app_user = Table(
    "app_user",
    metadata,
    key(),
    Column("name", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("scope", ARRAY(Text), nullable=False, server_default=EMPTY_TEXTS),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", STAMP, nullable=False, server_default=NOW),
    by(),
    CheckConstraint(
        "role IN ('merchant','property_manager','agency','inspector','supervisor','admin')", name="role"
    ),
)

user_session = Table(
    "user_session",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user_id", ForeignKey("app_user.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", STAMP, nullable=False, server_default=NOW),
    Column("expires_at", STAMP, nullable=False),
)

login_attempt = Table(
    "login_attempt",
    metadata,
    key(),
    Column("key", Text, nullable=False),  # the account or the address that tried
    Column("at", STAMP, nullable=False, server_default=NOW),
    Index("ix_login_attempt_key_at", "key", "at"),
)

basemap_feature = Table(
    "basemap_feature",
    metadata,
    key(),
    Column("kind", Text, nullable=False),
    Column("rank", SmallInteger, nullable=False, server_default="1"),
    Column("name", Text, nullable=False, server_default=""),
    Column("min_zoom", SmallInteger, nullable=False, server_default="0"),
    Column("geom", Geometry("GEOMETRY", 4326), nullable=False),
    CheckConstraint(
        "kind IN ('water','green','block','building','road','metro','station','rail','boundary')", name="kind"
    ),
)

# A list of what is due (待检查清单), kept as it was made; on a day when facts changed there is another edition.
inspection_list = Table(
    "inspection_list",
    metadata,
    key(),
    Column("day", Date, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("horizon_days", Integer, nullable=False),
    Column("rule_version", Text, nullable=False),  # of the verdicts it was made from
    Column("created_at", STAMP, nullable=False, server_default=NOW),
    by(),
    UniqueConstraint("day", "edition"),
    CheckConstraint("edition >= 1", name="edition"),
    CheckConstraint("horizon_days >= 0", name="horizon_days"),
)

inspection_list_item = Table(
    "inspection_list_item",
    metadata,
    Column("list_id", ForeignKey("inspection_list.id", ondelete="CASCADE"), primary_key=True),
    Column("place_id", BigInteger, primary_key=True, index=True),
    Column("layer", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("due_on", Date),  # none for a place that was never visited
    Column("last_visit", Date),
    Column("area_code", Text, nullable=False),
    Column("tier", SmallInteger, nullable=False),
    Column("case_id", ForeignKey("case.id", ondelete="SET NULL"), index=True),  # the task made from it
    of_place(),
    CheckConstraint(one_of("why", *DUE_REASONS), name="why"),
    CheckConstraint("(why = 'never') = (due_on IS NULL)", name="dated"),
    CheckConstraint(f"tier BETWEEN 0 AND {len(TIERS) - 1}", name="tier"),
    Index(
        "ix_inspection_list_item_order",
        "list_id",
        "area_code",
        text("coalesce(due_on, 'infinity'::date)"),
        "place_id",
    ),
)

# A rule as an authority wants it from a day on, in the language of the tables; kept also when it is withdrawn.
rule_change = Table(
    "rule_change",
    metadata,
    key(),
    Column("layer", Text, nullable=False),
    Column("rule_id", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("entry", Text, nullable=False),  # see `layers.core.amend.entry_text`
    Column("why", Text, nullable=False),
    Column("created_at", STAMP, nullable=False, server_default=NOW),
    by(),
    Column("withdrawn_at", STAMP),
    Column("withdrawn_by", Text, nullable=False, server_default=""),
    CheckConstraint("why <> ''", name="why"),
    CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by = '')", name="withdrawn"),
    Index("ix_rule_change_layer", "layer", "id"),
)

setting = Table(
    "setting",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", JSONB, nullable=False),
)
