"""The case book (案例): the package's own file, the tables filled from it, and the questions about them.

The file is the truth and the tables are its copy, made whenever a database is brought up to date or a web process
starts, and not in a migration, which would keep the first version for ever: a corrected quotation reaches every
database that way.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, Engine

from data.db import acting, reading
from data.revision import is_current
from data.store import audit, casebook
from layers.core.casebook import CityCase, parse_casebook


@cache
def packaged_cases() -> tuple[CityCase, ...]:
    """Return the cases that come with the package; raises `CaseBookError` where their file contradicts itself."""
    return parse_casebook((files("data") / "casebook.toml").read_text("utf-8"))


def seed_cases(connection: Connection, cases: tuple[CityCase, ...], actor: str) -> None:
    """Make the tables say what the cases say, in the caller's transaction; harmless where they do already.

    The first filling belongs to making a database, as its districts do; a correction of what was there goes on the
    record with what it said before.
    """
    casebook.lock(connection)
    filled = casebook.is_filled(connection)
    corrected = casebook.write(connection, cases)
    if filled and corrected:
        audit.record(connection, actor, "correct_cases", "casebook", corrected)


class CaseBook:
    """Questions about the cases; they are public, so none of them takes a viewer."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine of the city."""
        self._engine = engine

    def follow(self) -> None:
        """Make the tables say what the file of this version says; left to the migration where the tables are older.

        A start skips the migration of a database that has the present shape, and the file may still be a newer one.
        """
        if is_current(self._engine):
            with acting(self._engine, "serve") as connection:
                seed_cases(connection, packaged_cases(), "serve")

    def knows(self, number: int) -> bool:
        """Tell whether there is a case of a number."""
        return any(case.number == number for case in packaged_cases())

    def cases(self) -> list[dict[str, Any]]:
        """Return every case by its number, with its facts in the order of the book."""
        with reading(self._engine) as connection:
            return casebook.listed(connection)
