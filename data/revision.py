"""Which shape a database has, and which one the code wants.

Apart from migrating, which one process does, and without a mapping library, so that a second start is quick.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_VERSIONS = Path(__file__).with_name("migrations") / "versions"


def current(connection: Connection) -> str | None:
    """Return the revision a database has, None before the first."""
    if connection.exec_driver_sql("SELECT to_regclass('alembic_version')").scalar() is None:
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


@cache
def head() -> str:
    """Return the revision the code wants: the number that the last file of the migrations begins with."""
    return max(path.name.split("_")[0] for path in _VERSIONS.glob("[0-9]*_*.py"))


def is_current(engine: Engine) -> bool:
    """Tell whether a database has the shape the code wants."""
    with engine.connect() as connection:
        return current(connection) == head()
