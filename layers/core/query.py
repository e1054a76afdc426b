"""One question about places: the same value for map, facets, lists, export and search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from layers.core.access import PUBLIC_VIEWER, Viewer
from layers.core.spec import Value
from layers.core.tiers import PermitStatus, Tier

BBox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `low` to `high`, both included; None is open."""

    low: float | None = None
    high: float | None = None


Selection = frozenset[str] | Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which places of which layers, as whom.

    bbox: west, south, east, north in degrees WGS-84, half open towards east and north.
    within: an area code (6 or 9 digits) or GeoJSON text of a polygon.
    where: layer field -> accepted values, or a range.
    as_of: the moment whose facts and rules count, the present when None; open_at: when a place must be open.
    """

    layers: tuple[str, ...]
    viewer: Viewer = PUBLIC_VIEWER
    bbox: BBox | None = None
    zoom: int = 12
    tiers: frozenset[Tier] = frozenset()
    statuses: frozenset[PermitStatus] = frozenset()
    categories: frozenset[str] = frozenset()
    streets: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    where: Mapping[str, Selection] = field(default_factory=dict)
    q: str = ""
    within: str = ""
    as_of: datetime | None = None
    open_at: datetime | None = None
    sort: str = "tier"
    limit: int = 50
    after: str = ""


__all__ = ["BBox", "Query", "Range", "Selection", "Value"]
