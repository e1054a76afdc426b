"""What is asked of a database server as a whole: its databases, their extensions, and whether it answers."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
from psycopg2 import errors, sql

from data.cluster_install import ClusterError
from data.revision import head
from layers.core.text import Text

PORT = 5432
USER = "yiping"
DATABASE = "yiping"
EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")
_DRIVER = re.compile(r"^postgres(ql)?(\+\w+)?://")


@dataclass(frozen=True)
class Server:
    """A server that is reached through the socket in `socket_dir` by whoever may enter that folder."""

    socket_dir: Path

    def url(self, dbname: str = DATABASE) -> str:
        """Return the `postgresql://` URL of a database, for libpq and SQLAlchemy alike."""
        return f"postgresql:///{quote(dbname)}?host={quote(str(self.socket_dir))}&port={PORT}&user={USER}"

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database, as a copy of `template` when given."""
        with _session(self.url("postgres")) as connection:
            _create(connection, name, template)

    def drop_database(self, name: str) -> None:
        """Remove a database and end the sessions on it; one that is not there is no error."""
        with _session(self.url("postgres")) as connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def ensure_database(self, name: str = DATABASE) -> None:
        """Create a database with its extensions where it is missing."""
        with _session(self.url("postgres")) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if cursor.fetchone() is None:
                _create(connection, name, None)
        ensure_postgis(self.url(name))

    def wait_until_it_answers(self, seconds: float) -> None:
        """Return when the server takes connections; raise `ClusterError` if it does not in that time."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                with _session(self.url("postgres")):
                    return
            except psycopg2.OperationalError as error:
                if time.monotonic() > deadline:
                    raise ClusterError(
                        Text(
                            f"私有数据库没有应答（{_first_line(error)}）。",
                            f"The private database does not answer ({_first_line(error)}).",
                        )
                    ) from None
                time.sleep(0.1)


def ensure_postgis(url: str) -> None:
    """Check that the database at `url` answers and has PostGIS and the other extensions; add what is missing.

    Raises `ClusterError` with one sentence: what is wrong with the database and who can put it right.
    """
    try:
        with _session(url) as connection:
            for extension in EXTENSIONS:
                _ensure_extension(connection, extension)
    except psycopg2.Error as error:
        raise ClusterError(
            Text(
                f"DATABASE_URL 所指的数据库没有应答（{_first_line(error)}）：请核对地址、用户和密码，"
                "或将 DATABASE_URL 留空以使用私有数据库。",
                f"The database of DATABASE_URL does not answer ({_first_line(error)}): check its address, user "
                "and password, or leave DATABASE_URL empty to use a private database.",
            )
        ) from None


@dataclass(frozen=True)
class Preparation:
    """What is in a database already: the newest migration of the code, any places, and how much of a demo city.

    `demo_size` is that of a finished demo city, `half_demo` says that the making of one was interrupted.
    """

    migrated: bool = False
    has_places: bool = False
    demo_size: str = ""
    half_demo: bool = False


_IS_OURS = "SELECT to_regclass('alembic_version') IS NOT NULL AND to_regclass('setting') IS NOT NULL"
_PREPARATION = """
    SELECT (SELECT version_num FROM alembic_version), EXISTS (SELECT FROM place), coalesce(size, ''),
           size IS NULL AND EXISTS (SELECT FROM place WHERE source = 'demo')
    FROM (SELECT (SELECT value ->> 'size' FROM setting WHERE key = 'demo') AS size) AS demo
"""


def preparation(url: str) -> Preparation:
    """Look at a database without loading any mapping library, so that a second start is quick."""
    try:
        with _session(url) as connection, connection.cursor() as cursor:
            cursor.execute(_IS_OURS)
            if not cursor.fetchone()[0]:
                return Preparation()
            cursor.execute(_PREPARATION)
            version, has_places, demo_size, half_demo = cursor.fetchone()
    except psycopg2.Error as error:
        why = _first_line(error)
        raise ClusterError(
            Text(f"数据库无法读取（{why}）。", f"The database cannot be read ({why}).")
        ) from None
    return Preparation(version == head(), has_places, demo_size, half_demo)


def _ensure_extension(connection: Any, name: str) -> None:
    statement = sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name))
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except errors.InsufficientPrivilege:
        raise ClusterError(
            Text(
                f"数据库缺少扩展 {name}，其用户又无权添加："
                f"请由管理员在该数据库中执行一次 `CREATE EXTENSION {name};`。",
                f"The database lacks the extension {name} and its user may not add it: "
                f"let an administrator run CREATE EXTENSION {name}; in that database once.",
            )
        ) from None
    except psycopg2.Error as error:
        raise ClusterError(
            Text(
                f"数据库服务器没有可用的 {name}（{_first_line(error)}）：请在该服务器安装 PostGIS 和 contrib 扩展，"
                "或将 DATABASE_URL 留空以使用私有数据库。",
                f"The database server has no usable {name} ({_first_line(error)}): install PostGIS "
                "and the contrib extensions there, or leave DATABASE_URL empty to use a private database.",
            )
        ) from None


@contextlib.contextmanager
def _session(url: str) -> Iterator[Any]:
    """Open a connection in autocommit mode for a while."""
    connection = psycopg2.connect(_DRIVER.sub("postgresql://", url), connect_timeout=10)
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def _create(connection: Any, name: str, template: str | None) -> None:
    """Create a database; one with tables is copied by its files, which is several times quicker than by its pages."""
    by_files = template is not None and connection.server_version >= 150_000  # before, there was no other way
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}{}").format(
        sql.Identifier(name),
        sql.Identifier(template or "template1"),
        sql.SQL(" STRATEGY file_copy" if by_files else ""),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
