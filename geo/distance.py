"""Distances on the sphere."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats

EARTH_RADIUS_M: Final = 6371008.8  # mean radius, IUGG


def haversine_m(lon: ArrayLike, lat: ArrayLike, other_lon: ArrayLike, other_lat: ArrayLike) -> Floats:
    """Great-circle distance in metres between WGS-84 points in degrees; float64, broadcast.

    On a sphere of the mean radius: within 0.6 % of the ellipsoid, exact enough to the metre inside a city.
    """
    phi, other_phi = np.radians(np.asarray(lat, np.float64)), np.radians(np.asarray(other_lat, np.float64))
    delta_lon = np.radians(np.asarray(other_lon, np.float64) - np.asarray(lon, np.float64))
    chord = np.sin((other_phi - phi) / 2.0) ** 2
    chord = chord + np.cos(phi) * np.cos(other_phi) * np.sin(delta_lon / 2.0) ** 2
    return np.asarray(2.0 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(chord, 1.0))), np.float64)


def reach_degrees(lat: float, radius_m: float) -> tuple[float, float] | None:
    """Half width and half height in degrees of the smallest box around a circle of `radius_m` at `lat`.

    None where the circle holds a pole, so that no box of longitudes bounds it.
    """
    angle = radius_m / EARTH_RADIUS_M
    phi = float(np.radians(lat))
    if abs(phi) + angle >= np.pi / 2.0:
        return None
    half_width = np.arcsin(min(1.0, np.sin(angle) / np.cos(phi)))
    return float(np.degrees(half_width)), float(np.degrees(angle))
