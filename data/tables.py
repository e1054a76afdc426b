"""The spine: what every layer shares, as SQLAlchemy tables. Geometry is EPSG:4326 (WGS-84), times are UTC.

Each layer adds one table of its own (`layer_tables`), derived from the fields it declares.
"""

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
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, TSTZRANGE, ExcludeConstraint
from sqlalchemy.types import TypeEngine

from layers.core.registry import find_layers
from layers.core.spec import Field, FieldType, Layer
from layers.core.tiers import STATUSES, TIERS

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

NOW = func.now()
STAMP = DateTime(timezone=True)
EMPTY_TEXTS = text("'{}'::text[]")
EMPTY_JSON = text("'{}'::jsonb")


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(), primary_key=True)


def _external() -> list[Column[str]]:
    return [Column("source", Text, nullable=False), Column("external_id", Text, nullable=False)]


area = Table(
    "area",
    metadata,
    Column("code", Text, primary_key=True),  # 6 digits district, 9 digits sub-district 街镇
    Column("name", Text, nullable=False),
    Column("parent", ForeignKey("area.code")),
    Column("source", Text, nullable=False),
    Column("geom", Geometry("MULTIPOLYGON", 4326), nullable=False),
    CheckConstraint(r"code ~ '^\d{6}(\d{3})?$'", name="code"),
)

enterprise = Table(
    "enterprise",
    metadata,
    _id(),
    Column("uscc", Text, unique=True),  # 统一社会信用代码
    Column("name", Text, nullable=False),
    Column("uscc_doubtful", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", STAMP, nullable=False, server_default=NOW),
    CheckConstraint("uscc IS NULL OR length(uscc) = 18", name="uscc_length"),
)

source_file = Table(
    "source_file",
    metadata,
    _id(),
    Column("layer", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("datum", Text, nullable=False),
    Column("read", Integer, nullable=False),
    Column("inserted", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("imported_at", STAMP, nullable=False, server_default=NOW),
    Column("imported_by", Text, nullable=False),
)

rejected_row = Table(
    "rejected_row",
    metadata,
    _id(),
    Column("source_file_id", ForeignKey("source_file.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("row_number", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("raw", JSONB, nullable=False),
)

place = Table(
    "place",
    metadata,
    _id(),
    Column("layer", Text, nullable=False),
    *_external(),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    Column("area_code", Text, nullable=False, server_default=""),  # sub-district, else district, else empty
    Column("category", Text, nullable=False, server_default=""),
    Column("phone", Text, nullable=False, server_default=""),
    Column("contact", Text, nullable=False, server_default=""),
    Column("geom", Geometry("POINT", 4326), nullable=False),
    Column("enterprise_id", ForeignKey("enterprise.id"), index=True),
    Column("building_id", ForeignKey("building.id", use_alter=True), index=True),
    Column("flags", ARRAY(Text), nullable=False, server_default=EMPTY_TEXTS),
    Column("extra", JSONB, nullable=False, server_default=EMPTY_JSON),
    Column("search_text", Text, nullable=False, server_default=""),
    Column("row_hash", LargeBinary),
    Column("source_file_id", ForeignKey("source_file.id")),
    Column("row_number", Integer),
    Column("created_at", STAMP, nullable=False, server_default=NOW),
    Column("updated_at", STAMP, nullable=False, server_default=NOW),
    UniqueConstraint("layer", "source", "external_id"),
    CheckConstraint("ST_X(geom) BETWEEN -180 AND 180 AND ST_Y(geom) BETWEEN -90 AND 90", name="on_earth"),
    CheckConstraint("name <> ''", name="named"),
    CheckConstraint(r"area_code ~ '^(\d{6}(\d{3})?)?$'", name="area_code"),
    Index("ix_place_layer_area_code", "layer", "area_code"),
)

building = Table(
    "building",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    Column("floors", Integer),
    Column("footprint", Geometry("POLYGON", 4326)),
    *_external(),
    UniqueConstraint("source", "external_id"),
    CheckConstraint("floors IS NULL OR floors BETWEEN 1 AND 200", name="floors"),
)

permit = Table(
    "permit",
    metadata,
    _id(),
    Column("place_id", ForeignKey("place.id", ondelete="CASCADE"), nullable=False, index=True),
    *_external(),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("renewal_applied_on", Date),
    Column("basis", Text, nullable=False, server_default=""),
    Column("notice_posted", Boolean),
    UniqueConstraint("source", "external_id"),
    CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="term"),
    CheckConstraint(
        "state IN ('applied','granted','changing','renewing','suspended','revoked','cancelled','replaced')",
        name="state",
    ),
)

permit_night = Table(
    "permit_night",
    metadata,
    _id(),
    Column("permit_id", ForeignKey("permit.id", ondelete="CASCADE"), nullable=False),
    Column("period", TSTZRANGE, nullable=False),
    ExcludeConstraint(("permit_id", "="), ("period", "&&"), name="ex_permit_night_period"),
    CheckConstraint(
        "NOT isempty(period) AND upper(period) - lower(period) <= interval '24 hours'", name="one_night"
    ),
)

inspection = Table(
    "inspection",
    metadata,
    _id(),
    Column("place_id", ForeignKey("place.id", ondelete="CASCADE"), nullable=False, index=True),
    *_external(),
    Column("kind", Text, nullable=False),
    Column("at", STAMP, nullable=False),
    Column("result", Text, nullable=False),
    Column("grade", Text, nullable=False, server_default=""),
    Column("critical", SmallInteger, nullable=False, server_default="0"),
    Column("serious", SmallInteger, nullable=False, server_default="0"),
    Column("minor", SmallInteger, nullable=False, server_default="0"),
    Column("follow_up_due", Date),
    Column("note", Text, nullable=False, server_default=""),
    Column("inspector", Text, nullable=False, server_default=""),
    UniqueConstraint("source", "external_id"),
    CheckConstraint("result IN ('passed','conditional','failed','no_entry','closed')", name="result"),
    CheckConstraint("critical >= 0 AND serious >= 0 AND minor >= 0", name="faults"),
)

tenancy = Table(
    "tenancy",
    metadata,
    _id(),
    Column("building_id", ForeignKey("building.id", ondelete="CASCADE"), nullable=False, index=True),
    *_external(),
    Column("unit", Text, nullable=False),
    Column("floor", Integer),
    Column("tenant", Text, nullable=False),
    Column("enterprise_id", ForeignKey("enterprise.id"), index=True),
    Column("state", Text, nullable=False),
    Column("period", DATERANGE, nullable=False),
    Column("registered", Boolean, nullable=False, server_default=text("false")),
    # Several firms may be registered at one address (一址多照); an exclusive lease of a unit may not overlap another.
    Column("exclusive", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("source", "external_id"),
    ExcludeConstraint(
        ("building_id", "="),
        ("unit", "="),
        ("period", "&&"),
        where=text("exclusive"),
        name="ex_tenancy_lease",
    ),
    CheckConstraint(
        "state IN ('in_use','lease_ended','suspected','notified','verified_gone','abnormal_list','released')",
        name="state",
    ),
)

case = Table(
    "case",
    metadata,
    _id(),
    Column("place_id", ForeignKey("place.id", ondelete="CASCADE"), nullable=False, index=True),
    *_external(),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("reporter", Text, nullable=False, server_default=""),
    Column("opened_at", STAMP, nullable=False),
    Column("due_at", STAMP),
    Column("closed_at", STAMP),
    UniqueConstraint("source", "external_id"),
    CheckConstraint("kind IN ('complaint','alert','task')", name="kind"),
    CheckConstraint(
        "stage IN ('received','filed','dispatched','handling','supervised','checked','closed','returned','void')",
        name="stage",
    ),
    CheckConstraint("closed_at IS NULL OR closed_at >= opened_at", name="closed_after_opened"),
)

reading = Table(
    "reading",
    metadata,
    _id(),
    Column("place_id", ForeignKey("place.id", ondelete="CASCADE"), nullable=False),
    Column("at", STAMP, nullable=False),
    Column("working", Boolean, nullable=False),
    Column("leq_db", Float),
    Column("lmax_db", Float),
    UniqueConstraint("place_id", "at"),
    CheckConstraint("leq_db BETWEEN 0 AND 160 AND lmax_db BETWEEN 0 AND 160", name="audible"),
)

place_status = Table(
    "place_status",
    metadata,
    Column("place_id", ForeignKey("place.id", ondelete="CASCADE"), primary_key=True),
    Column("layer", Text, nullable=False),
    Column("tier", SmallInteger, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("state", Text, nullable=False, server_default=""),
    Column("reasons", JSONB, nullable=False),
    Column("rule_version", Text, nullable=False),
    Column("judged_at", STAMP, nullable=False),
    Column("next_change", STAMP, index=True),
    CheckConstraint(f"tier BETWEEN 0 AND {len(TIERS) - 1}", name="tier"),
    CheckConstraint(f"status BETWEEN 0 AND {len(STATUSES) - 1}", name="status"),
    Index("ix_place_status_layer_tier", "layer", "tier"),
)

# Written by triggers on every update and delete of what a judgement rests on; an insert is its own first version.
history = Table(
    "history",
    metadata,
    _id(),
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
    _id(),
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
)

app_user = Table(
    "app_user",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("scope", ARRAY(Text), nullable=False, server_default=EMPTY_TEXTS),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", STAMP, nullable=False, server_default=NOW),
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
    _id(),
    Column("key", Text, nullable=False),  # the account or the address that tried
    Column("at", STAMP, nullable=False, server_default=NOW),
    Index("ix_login_attempt_key_at", "key", "at"),
)

basemap_feature = Table(
    "basemap_feature",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    Column("rank", SmallInteger, nullable=False, server_default="1"),
    Column("name", Text, nullable=False, server_default=""),
    Column("min_zoom", SmallInteger, nullable=False, server_default="0"),
    Column("geom", Geometry("GEOMETRY", 4326), nullable=False),
    CheckConstraint(
        "kind IN ('water','green','block','building','road','metro','station','rail','boundary')", name="kind"
    ),
)

setting = Table(
    "setting",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", JSONB, nullable=False),
)

_TYPES: dict[FieldType, TypeEngine[Any]] = {
    FieldType.TEXT: Text(),
    FieldType.INTEGER: Integer(),
    FieldType.NUMBER: Float(),
    FieldType.BOOLEAN: Boolean(),
    FieldType.DATE: Date(),
    FieldType.CHOICE: Text(),
    FieldType.CHOICES: ARRAY(Text),
}


def _checks(field: Field) -> list[CheckConstraint]:
    bounds = [f"{field.name} >= {field.minimum:g}"] if field.minimum is not None else []
    bounds += [f"{field.name} <= {field.maximum:g}"] if field.maximum is not None else []
    if field.type is FieldType.CHOICE:
        values = ",".join(f"'{choice.value}'" for choice in field.choices)
        bounds.append(f"{field.name} IN ({values})")
    return [CheckConstraint(" AND ".join(bounds), name=field.name)] if bounds else []


def _layer_table(layer: Layer) -> Table:
    columns = [Column(field.name, _TYPES[field.type]) for field in layer.fields]
    checks = [check for field in layer.fields for check in _checks(field)]
    key: Column[int] = Column("place_id", ForeignKey("place.id", ondelete="CASCADE"), primary_key=True)
    return Table(f"layer_{layer.id}", metadata, key, *columns, *checks)


registry = find_layers()
layer_tables: dict[str, Table] = {layer.id: _layer_table(layer) for layer in registry}
HISTORY_TABLES = (
    "place",
    "building",
    "enterprise",
    "permit",
    "inspection",
    "tenancy",
    "case",
    "place_status",
    *(table.name for table in layer_tables.values()),
)
