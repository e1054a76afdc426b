"""The address of the database: given, or that of the private cluster in the home folder."""

from __future__ import annotations

from app.settings import Settings
from data.cluster import Cluster


def database_url(settings: Settings) -> str:
    """Return `DATABASE_URL`, or the URL of the private cluster (which something else must have started)."""
    if settings.database_url:
        return settings.database_url
    return Cluster(settings.home, log=settings.home / "logs" / "postgres.log").url()
