"""What happens on a click: one module per page, each with `register(app, services)`."""

from __future__ import annotations

from dash import Dash

from app.context import Services
from callbacks import contests, credit, due, field, frame, offices, ops, place


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of every page on one application."""
    for module in (frame, ops, field, due, offices, place, contests, credit):
        module.register(app, services)
