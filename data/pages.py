"""Places as pages of their own: may the caller know of one, and which are the caller's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from data.db import asking
from data.store import cards, overview, places
from layers.core.access import FieldClass, Viewer
from layers.core.errors import UnknownPlaceError


class PlacePages:
    """Questions of the start page and of the pages of single places."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def knows(self, place_id: int, viewer: Viewer) -> bool:
        """Tell whether a viewer may know of a place at all."""
        try:
            with asking(self._engine) as connection:
                cards.visible(connection, place_id, viewer)
        except UnknownPlaceError:
            return False
        return True

    def own(self, viewer: Viewer, limit: int) -> tuple[list[dict[str, Any]], int]:
        """Return the worst of the places of a viewer's firms and buildings with their first reason, and their number.

        Who answers for areas instead has no own places; those have the big screen and the tablet.
        """
        mine = viewer.scope.usccs or viewer.scope.buildings
        if not mine or viewer.whole_city or FieldClass.OFFICIAL not in viewer.grant.reads:
            return [], 0
        condition, params = places.scope_sql(viewer)
        with asking(self._engine) as connection:
            return (
                overview.worst(connection, condition, params, limit),
                overview.count(connection, condition, params),
            )
