"""The spine: what every layer shares, as SQLAlchemy tables. Geometry is EPSG:4326 (WGS-84), times are UTC.

Each layer adds one table of its own, see `data.tables`. Rows say themselves when and by whom they were inserted
(`created_at`, `created_by`); the table `history` of `data.books` keeps what was changed and deleted afterwards.
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
    ForeignKeyConstraint,
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

from layers.core.facts import PermitState
from layers.core.identifiers import USCC_ALPHABET
from layers.core.premises import BARS, PREMISES, TITLE_PAPERS
from layers.core.registry import find_layers
from layers.core.tiers import STATUSES, TIERS

registry = find_layers()

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
ACTOR = text(
    "coalesce(nullif(current_setting('yiping.actor', true), ''), session_user)"
)  # see `data.db.acting`
LEVELS = ("national", "city", "district", "street")
_LAYERS = ",".join(f"'{layer.id}'" for layer in registry)


def one_of(column: str, *values: str) -> str:
    """Return the rule that a column holds one of some values."""
    listed = ",".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


def key() -> Column[int]:
    """Return a running number as primary key."""
    return Column("id", BigInteger, Identity(), primary_key=True)


def external() -> list[Column[str]]:
    """Return the columns that say whose row it is and how it is called there."""
    return [Column("source", Text, nullable=False), Column("external_id", Text, nullable=False)]


def by() -> Column[str]:
    """Return the column that says by whom a row was inserted."""
    return Column("created_by", Text, server_default=ACTOR)


def made() -> list[Column[Any]]:
    """Return the columns that say when and by whom a row was inserted; NULL in rows older than these columns."""
    return [Column("created_at", STAMP, server_default=NOW), by()]


def of_place() -> ForeignKeyConstraint:
    """Return the key of a table whose rows belong to a place of their own layer."""
    return ForeignKeyConstraint(["place_id", "layer"], ["place.id", "place.layer"], ondelete="CASCADE")


area = Table(
    "area",
    metadata,
    Column("code", Text, primary_key=True),  # 6 digits district, 9 digits sub-district 街镇
    Column("name", Text, nullable=False),
    Column("parent", ForeignKey("area.code")),
    Column("source", Text, nullable=False),
    Column("geom", Geometry("MULTIPOLYGON", 4326), nullable=False),
    *made(),
    CheckConstraint(r"code ~ '^\d{6}(\d{3})?$'", name="code"),
)

enterprise = Table(
    "enterprise",
    metadata,
    key(),
    Column("uscc", Text, unique=True),  # 统一社会信用代码
    Column("name", Text, nullable=False),
    Column("uscc_doubtful", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", STAMP, nullable=False, server_default=NOW),
    by(),
    Column("dormancy", DATERANGE),  # 歇业; papers of law go to `service_address` then (法律文书送达地址)
    Column("service_address", Text, nullable=False, server_default=""),
    CheckConstraint("uscc IS NULL OR length(uscc) = 18", name="uscc_length"),
    # 市场主体登记管理条例 Art. 30: three years at most.
    CheckConstraint(
        "NOT (isempty(dormancy) OR lower_inf(dormancy) OR upper_inf(dormancy)) "
        "AND upper(dormancy) <= lower(dormancy) + interval '3 years'",
        name="dormancy",
    ),
    # A wrong check digit, even a foreign character, is a warning: such a code is kept if it is marked as doubtful.
    CheckConstraint(f"uscc_doubtful OR uscc ~ '^[{USCC_ALPHABET}]{{18}}$'", name="uscc_shape"),
)

source_file = Table(
    "source_file",
    metadata,
    key(),
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
    CheckConstraint("least(read, inserted, updated, unchanged, rejected) >= 0", name="counts"),
)

rejected_row = Table(
    "rejected_row",
    metadata,
    key(),
    Column("source_file_id", ForeignKey("source_file.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("row_number", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("raw", JSONB, nullable=False),
)

place = Table(
    "place",
    metadata,
    key(),
    Column("layer", Text, nullable=False),
    *external(),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    # Sub-district, else district, else empty. No foreign key: the code is the nation's, and stays true when the
    # outlines of a city's sub-districts are not loaded, are replaced, or go with the demo city.
    Column("area_code", Text, nullable=False, server_default=""),
    Column("category", Text, nullable=False, server_default=""),
    Column("phone", Text, nullable=False, server_default=""),
    Column("contact", Text, nullable=False, server_default=""),
    Column("geom", Geometry("POINT", 4326), nullable=False),
    Column("outline", Geometry("MULTIPOLYGON", 4326, spatial_index=False)),
    Column("enterprise_id", ForeignKey("enterprise.id"), index=True),
    Column("building_id", ForeignKey("building.id", use_alter=True), index=True),
    Column("flags", ARRAY(Text), nullable=False, server_default=EMPTY_TEXTS),
    Column("extra", JSONB, nullable=False, server_default=EMPTY_JSON),
    Column("search_text", Text, nullable=False, server_default=""),
    Column("row_hash", LargeBinary),
    Column("source_file_id", ForeignKey("source_file.id")),
    Column("row_number", Integer),
    Column("created_at", STAMP, nullable=False, server_default=NOW),
    by(),
    Column("updated_at", STAMP, nullable=False, server_default=NOW),
    UniqueConstraint("layer", "source", "external_id"),
    UniqueConstraint("id", "layer"),  # what rows that belong to one layer refer to
    CheckConstraint(f"layer IN ({_LAYERS})", name="layer"),
    CheckConstraint("ST_X(geom) BETWEEN -180 AND 180 AND ST_Y(geom) BETWEEN -90 AND 90", name="on_earth"),
    CheckConstraint("name <> ''", name="named"),
    CheckConstraint(r"area_code ~ '^(\d{6}(\d{3})?)?$'", name="area_code"),
    Index("ix_place_layer_area_code", "layer", "area_code"),
)

building = Table(
    "building",
    metadata,
    key(),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    Column("floors", Integer),
    Column("footprint", Geometry("POLYGON", 4326)),
    *external(),
    *made(),
    UniqueConstraint("source", "external_id"),
    CheckConstraint("floors IS NULL OR floors BETWEEN 1 AND 200", name="floors"),
)

building_unit = Table(
    "building_unit",
    metadata,
    key(),
    Column("building_id", ForeignKey("building.id", ondelete="CASCADE"), nullable=False),
    Column("unit", Text, nullable=False),
    Column("floor", Integer),
    Column("area_m2", Float),
    Column("premises", Text, nullable=False, server_default=""),
    Column("barred", Text, nullable=False, server_default=""),
    *made(),
    UniqueConstraint("building_id", "unit"),
    CheckConstraint("unit <> ''", name="named"),
    CheckConstraint("floor BETWEEN -9 AND 200", name="floor"),
    CheckConstraint("area_m2 > 0", name="area_m2"),
    CheckConstraint(one_of("premises", "", *PREMISES), name="premises"),
    CheckConstraint(one_of("barred", "", *BARS), name="barred"),
)

title_paper = Table(  # 权属材料, of a unit or ('') of the whole building
    "title_paper",
    metadata,
    key(),
    Column("building_id", ForeignKey("building.id", ondelete="CASCADE"), nullable=False),
    Column("unit", Text, nullable=False, server_default=""),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False, server_default=""),
    Column("checked_on", Date),
    Column("reference", Text, nullable=False, server_default=""),  # where it lies on file
    *made(),
    UniqueConstraint("building_id", "unit", "kind", "number"),
    CheckConstraint(one_of("kind", *TITLE_PAPERS), name="kind"),
)

permit = Table(
    "permit",
    metadata,
    key(),
    Column("place_id", ForeignKey("place.id", ondelete="CASCADE"), nullable=False, index=True),
    *external(),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("renewal_applied_on", Date),
    Column("applied_on", Date),
    Column("decided_on", Date),
    Column("issued_on", Date),
    Column("issuer", Text, nullable=False, server_default=""),
    Column("quantity", Text, nullable=False, server_default=""),  # of the works, as applied for 工程量
    Column("basis", Text, nullable=False, server_default=""),
    Column("notice_posted", Boolean),
    *made(),
    UniqueConstraint("source", "external_id"),
    CheckConstraint("basis IN ('','permit','filing','emergency')", name="basis"),
    CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="term"),
    CheckConstraint("decided_on >= applied_on", name="decided_after_applied"),
    CheckConstraint(one_of("state", *PermitState), name="state"),
)

permit_document = Table(
    "permit_document",
    metadata,
    key(),
    Column("permit_id", ForeignKey("permit.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),  # see `layers.core.spec.Document`
    Column("received_on", Date),
    Column("spared", Boolean, nullable=False, server_default=text("false")),  # 免提交: an authority holds it
    Column("sealed_by", ARRAY(Text), nullable=False, server_default=EMPTY_TEXTS),
    Column("reference", Text, nullable=False, server_default=""),  # where it lies on file
    *made(),
    UniqueConstraint("permit_id", "kind"),
    CheckConstraint("sealed_by <@ ARRAY['developer','contractor','supervisor']", name="sealed_by"),
    CheckConstraint("NOT (spared AND received_on IS NOT NULL)", name="spared_or_received"),
)

permit_night = Table(
    "permit_night",
    metadata,
    key(),
    Column("permit_id", ForeignKey("permit.id", ondelete="CASCADE"), nullable=False),
    Column("period", TSTZRANGE, nullable=False),
    *made(),
    ExcludeConstraint(("permit_id", "="), ("period", "&&"), name="ex_permit_night_period"),
    CheckConstraint(
        "NOT isempty(period) AND upper(period) - lower(period) <= interval '24 hours'", name="one_night"
    ),
)

inspection = Table(
    "inspection",
    metadata,
    key(),
    Column("place_id", ForeignKey("place.id", ondelete="CASCADE"), nullable=False, index=True),
    *external(),
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
    Column("second_inspector", Text, nullable=False, server_default=""),  # 总局令49 Art. 23: two at least
    Column("check_code", Text, nullable=False, server_default=""),  # 检查码
    Column("level", Text, nullable=False, server_default=""),  # of the authority that visited
    Column("published_on", Date),
    *made(),
    UniqueConstraint("source", "external_id"),
    Index("ix_inspection_unpublished", "at", postgresql_where=text("published_on IS NULL")),
    CheckConstraint(one_of("level", "", *LEVELS), name="level"),
    CheckConstraint("grade IN ('','A','B','C')", name="grade"),
    CheckConstraint("result IN ('passed','conditional','failed','no_entry','closed')", name="result"),
    CheckConstraint("critical >= 0 AND serious >= 0 AND minor >= 0", name="faults"),
    Index("ix_inspection_check_code", "check_code", postgresql_where=text("check_code <> ''")),
)

tenancy = Table(
    "tenancy",
    metadata,
    key(),
    Column("building_id", ForeignKey("building.id", ondelete="CASCADE"), nullable=False, index=True),
    *external(),
    Column("unit", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("landlord", Text, nullable=False, server_default=""),
    Column("sublet_of", ForeignKey("tenancy.id", ondelete="SET NULL"), index=True),  # the lease above 转租
    Column("enterprise_id", ForeignKey("enterprise.id"), index=True),
    Column("state", Text, nullable=False),
    Column("period", DATERANGE, nullable=False),
    Column("registered", Boolean, nullable=False, server_default=text("false")),
    # Several firms may be registered at one address (一址多照); an exclusive lease of a unit may not overlap another.
    Column("exclusive", Boolean, nullable=False, server_default=text("false")),
    *made(),
    UniqueConstraint("source", "external_id"),
    ForeignKeyConstraint(["building_id", "unit"], ["building_unit.building_id", "building_unit.unit"]),
    CheckConstraint("sublet_of <> id", name="sublet_of"),
    CheckConstraint("NOT isempty(period)", name="lasts"),
    # A lease and the sublease below it hold the same unit at once.
    ExcludeConstraint(
        ("building_id", "="),
        ("unit", "="),
        ("period", "&&"),
        where=text("exclusive AND sublet_of IS NULL"),
        name="ex_tenancy_lease",
    ),
    CheckConstraint(
        "state IN ('in_use','lease_ended','suspected','notified','verified_gone','abnormal_list','released')",
        name="state",
    ),
)

reading = Table(
    "reading",
    metadata,
    key(),
    Column("place_id", ForeignKey("place.id", ondelete="CASCADE"), nullable=False),
    Column("at", STAMP, nullable=False),
    Column("working", Boolean, nullable=False),
    Column("leq_db", Float),
    Column("lmax_db", Float),
    *made(),
    UniqueConstraint("place_id", "at"),
    CheckConstraint("leq_db BETWEEN 0 AND 160 AND lmax_db BETWEEN 0 AND 160", name="audible"),
)

place_status = Table(
    "place_status",
    metadata,
    Column("place_id", BigInteger, primary_key=True, autoincrement=False),
    Column("layer", Text, nullable=False),
    Column("tier", SmallInteger, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("state", Text, nullable=False, server_default=""),
    Column("reasons", JSONB, nullable=False),
    Column("rule_version", Text, nullable=False),
    Column("judged_at", STAMP, nullable=False),
    Column("next_change", STAMP, index=True),
    *made(),
    of_place(),
    CheckConstraint(f"tier BETWEEN 0 AND {len(TIERS) - 1}", name="tier"),
    CheckConstraint(f"status BETWEEN 0 AND {len(STATUSES) - 1}", name="status"),
    Index("ix_place_status_layer_tier", "layer", "tier"),
)
