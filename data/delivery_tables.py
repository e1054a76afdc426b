"""Deliveries as SQLAlchemy tables: a file that somebody has sent, and how far it has come; see `data.deliveries`."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.spine import EMPTY_JSON, STAMP, key, metadata, one_of
from geo.datum import Datum


class Stage(StrEnum):
    """How far a delivery has come. What waits is taken up by the worker, and what is under way is not for others."""

    TO_CHECK = "to_check"
    CHECKING = "checking"
    CHECKED = "checked"
    TO_IMPORT = "to_import"
    IMPORTING = "importing"
    IMPORTED = "imported"
    FAILED = "failed"  # nothing was written; checked again, perhaps with other columns or another datum, it may pass
    DROPPED = "dropped"  # given up: the file is gone


WAITING: Final = {Stage.TO_CHECK: Stage.CHECKING, Stage.TO_IMPORT: Stage.IMPORTING}
AT_REST: Final = frozenset({Stage.CHECKED, Stage.FAILED})

delivery = Table(
    "delivery",
    metadata,
    key(),
    Column("layer", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("stage", Text, nullable=False),
    Column("datum", Text, nullable=False, server_default=""),
    Column(
        "mapping", JSONB, nullable=False, server_default=EMPTY_JSON
    ),  # field -> column, "" to leave it out
    Column("accept_doubts", Boolean, nullable=False, server_default=text("false")),
    Column("found", JSONB(none_as_null=True)),  # what the last check saw
    Column(
        "account", JSONB(none_as_null=True)
    ),  # what became of the rows: of the last check, then of the import
    Column("fault", JSONB(none_as_null=True)),  # why it failed, in both languages
    Column("read", Integer, nullable=False, server_default=text("0")),
    Column("expected", Integer),
    Column("stopped", Boolean, nullable=False, server_default=text("false")),  # somebody wants it to stop
    Column("sent_at", STAMP, nullable=False),
    Column("sent_by", Text, nullable=False),
    Column("asked_by", Text, nullable=False, server_default=""),  # who had it checked again or taken in
    CheckConstraint(one_of("stage", *Stage), name="stage"),
    CheckConstraint(one_of("datum", "", *Datum), name="datum"),
    CheckConstraint("size > 0 AND file_name <> '' AND sent_by <> ''", name="sent"),
)
