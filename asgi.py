"""The web application as a server starts it: `uvicorn asgi:app`."""

from __future__ import annotations

from datetime import UTC, datetime

import callbacks
from app.context import Services
from app.database import database_url
from app.server import build_server
from app.settings import Settings
from data.city import City

settings = Settings()
services = Services(
    City(database_url(settings), lambda: datetime.now(UTC), settings.home / "index"), settings
)
app, screens = build_server(services)
callbacks.register(screens, services)
