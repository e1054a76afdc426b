"""Metro and railway of the demo city: lines, and stations where a line crosses an arterial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, STRtree

from data.demo.frame import FloatArray, Frame
from data.demo.ground import METRO, RAILWAY, through
from data.demo.streets import EXPRESSWAY, STREET, Street

_APART_M = 850.0
_WALK_DETOUR, _WALK_M_PER_MIN = 1.25, 75.0


@dataclass(frozen=True, slots=True)
class Station:
    """A metro station: its name, its line, where it lies (metres)."""

    name: str
    line: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Transit:
    """Metro lines by name, stations, the railway; metres."""

    lines: tuple[tuple[str, LineString], ...]
    stations: tuple[Station, ...]
    railway: LineString

    def nearest(self, points: FloatArray) -> list[tuple[Station, float]]:
        """Return per point the nearest station and the straight distance in metres."""
        at = np.array([(station.x, station.y) for station in self.stations])
        distance = np.hypot(points[:, None, 0] - at[None, :, 0], points[:, None, 1] - at[None, :, 1])
        best = np.argmin(distance, axis=1)
        return [(self.stations[b], float(distance[i, b])) for i, b in enumerate(best)]


def walk(straight_m: float) -> tuple[int, int]:
    """Return walking metres and minutes for a straight distance: streets add a quarter, 75 m a minute (ours)."""
    metres = straight_m * _WALK_DETOUR
    return round(metres), max(1, round(metres / _WALK_M_PER_MIN))


def build_transit(frame: Frame, streets: Sequence[Street]) -> Transit:
    """Return the metro and the railway; stations are named after the street they lie at."""
    lines = tuple((name, through(frame, points)) for name, points in METRO)
    named = [street for street in streets if street.name and street.rank != EXPRESSWAY]
    tree = STRtree([street.line for street in named])
    stations: list[Station] = []
    used: set[str] = set()
    for name, line in lines:
        stations += _stations(name, line, named, tree, used, stations)
    return Transit(lines, tuple(stations), through(frame, RAILWAY))


def _stations(
    line_name: str,
    line: LineString,
    named: Sequence[Street],
    tree: STRtree,
    used: set[str],
    others: Sequence[Station],
) -> list[Station]:
    crossings = []
    for index in tree.query(line, predicate="intersects"):
        for point in shapely.get_coordinates(line.intersection(named[index].line)):
            crossings.append((line.project(shapely.Point(point)), named[index].rank == STREET, index, point))
    found: list[Station] = []
    last = -_APART_M
    for along, _, index, point in sorted(crossings, key=lambda crossing: crossing[:3]):
        name = f"{named[index].name}站"
        far = all(np.hypot(station.x - point[0], station.y - point[1]) > 400 for station in others)
        if along - last >= _APART_M and name not in used and far:
            found.append(Station(name, line_name, float(point[0]), float(point[1])))
            used.add(name)
            last = along
    return found
