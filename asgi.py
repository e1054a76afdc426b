"""The web application as a server starts it: `uvicorn asgi:app`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import callbacks
from app.context import Services
from app.database import database_url
from app.server import build_server
from app.settings import Settings
from app.speech import fault, spoken
from data.city import City
from data.queue import INCOMING
from data.rules import check_rules


def _services() -> Services:
    """Return the services of the settings; a wrong setting ends the process with one sentence."""
    try:
        settings = Settings()
        secret = settings.secret_key
        check_rules()
    except Exception as error:
        if (words := fault(error)) is None:
            raise
        sys.exit(spoken(words))
    city = City(
        database_url(settings),
        lambda: datetime.now(UTC),
        settings.home / "index",
        secret,
        settings.rent_month_days,
        settings.home / INCOMING,
    )
    return Services(city, settings)


services = _services()
app, screens = build_server(services)
callbacks.register(screens, services)
