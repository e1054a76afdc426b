"""Bringing a database to the present shape, and the reference data every city needs."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from data.areas import load_reference_areas
from data.casebook import packaged_cases, seed_cases
from data.cluster_server import ensure_postgis
from data.db import make_engine, set_actor
from data.revision import current, head

_LOCK = 7_215_501  # one migration at a time, whoever starts it
_ACTOR = "migrate"


def upgrade(url: str) -> None:
    """Create the extensions and run all migrations; harmless when there is nothing to do.

    Raises `ClusterError` where the database does not answer or has no PostGIS.
    """
    ensure_postgis(url)
    engine = make_engine(url, pool_size=1)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            set_actor(connection, _ACTOR)
            if current(connection) != head():
                command.upgrade(_config(connection), "head")
            load_reference_areas(connection)
            seed_cases(connection, packaged_cases(), _ACTOR)
    finally:
        engine.dispose()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    return config
