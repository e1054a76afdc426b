"""What happens on a click: one module per page, each with `register(app, services)`."""

from __future__ import annotations

from dash import Dash

from app.context import Services
from callbacks import (
    admin,
    cases,
    compare,
    contests,
    credit,
    credit_plan,
    deliveries,
    draws,
    due,
    field,
    frame,
    offices,
    ops,
    place,
    publications,
)

PAGES = (
    frame,
    ops,
    field,
    due,
    draws,
    offices,
    compare,
    place,
    contests,
    cases,
    credit,
    credit_plan,
    publications,
    deliveries,
    admin,
)


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of every page on one application."""
    for module in PAGES:
        module.register(app, services)
