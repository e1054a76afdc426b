"""Connections: one engine per process, transactions that know who acts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

from layers.core.errors import YipingError
from layers.core.text import Text

__all__ = [
    "Connection",
    "DatabaseError",
    "Engine",
    "acting",
    "asking",
    "is_away",
    "make_engine",
    "open_engine",
    "reading",
    "set_actor",
]


class DatabaseError(YipingError):
    """The database cannot be used; the message says why and what to do."""


def make_engine(url: str, *, pool_size: int = 5) -> Engine:
    """Open an engine on a `postgresql://` URL through psycopg2, checking connections before use."""
    return create_engine(
        url.replace("postgresql://", "postgresql+psycopg2://", 1),
        pool_size=pool_size,
        max_overflow=10,
        pool_pre_ping=True,
        connect_args={"application_name": "yiping", "options": "-c timezone=UTC"},
    )


def open_engine(url: str) -> Engine:
    """Open an engine and make sure the database answers and is migrated; raises `DatabaseError` where not."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            there = connection.scalar(text("SELECT to_regclass('place_status')"))
    except OperationalError as error:
        first = str(error.orig).strip().partition("\n")[0]
        raise DatabaseError(
            Text(
                f"数据库没有应答（{first}）：请用 bin/run 启动它，或更正 DATABASE_URL。",
                f"The database does not answer ({first}): start it with bin/run, or correct DATABASE_URL.",
            )
        ) from None
    if there is None:
        raise DatabaseError(
            Text(
                "数据库是空的：请先执行 `yiping migrate`。",
                "The database is empty: run `yiping migrate` first.",
            )
        )
    return engine


def is_away(error: BaseException) -> bool:
    """Tell whether an error means that the database does not answer now, not that a question was wrong."""
    if isinstance(error, OperationalError | InterfaceError | TimeoutError):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated


@contextmanager
def asking(engine: Engine) -> Iterator[Connection]:
    """Open a connection for questions of one statement each, without the round trips of a transaction."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that sees one and the same state of the database until its end."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        yield connection


@contextmanager
def acting(engine: Engine, actor: str) -> Iterator[Connection]:
    """Open a transaction in which the history triggers know the actor; commits at the end or rolls back."""
    with engine.begin() as connection:
        set_actor(connection, actor)
        yield connection


def set_actor(connection: Connection, actor: str) -> None:
    """Tell the history triggers who acts until this transaction ends."""
    connection.execute(text("SELECT set_config('yiping.actor', :actor, true)"), {"actor": actor})
