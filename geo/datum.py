"""Datums used on maps of China, and the way from each to WGS-84 and back.

Stored geometry is WGS-84. Files and tile services arrive in others:

- `wgs84`: GPS.
- `cgcs2000`: the national frame (国家大地坐标系); centimetres from WGS-84 and taken as equal.
- `gcj02`: the frame required of published maps (国测局坐标, 火星坐标); some 300 to 700 m away.
- `bd09`: Baidu's frame, GCJ-02 shifted once more.

The GCJ-02 polynomial was never published; the constants here are the ones in general use since 2013
(Krassovsky 1940 ellipsoid). It applies inside a box around China and leaves everything else alone; BD-09
follows the same box here. At the edges of that box (open sea, foreign land) the mapping is not one to one.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Bools, Floats
from geo.errors import GeoError

AXIS_M: Final = 6378245.0  # Krassovsky 1940
ECCENTRICITY2: Final = 0.00669342162296594323
CHINA_LON: Final = (72.004, 137.8347)
CHINA_LAT: Final = (0.8293, 55.8271)
BD_WAVE: Final = np.pi * 3000.0 / 180.0
BD_SHIFT: Final = (0.0065, 0.006)  # degrees east, north
GCJ_ROUNDS: Final = 7  # four are enough in Shanghai; near 105 E, where the polynomial has a cusp, seven are
BD_ROUNDS: Final = 7  # Baidu's waves are steeper: 50 times

Offset: TypeAlias = Callable[[Floats, Floats], tuple[Floats, Floats]]


class Datum(StrEnum):
    """A geodetic datum (坐标系) a file or tile source may be in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"
    CGCS2000 = "cgcs2000"


def parse_datum(text: str) -> Datum:
    """The datum of that name, whatever its case and punctuation (`GCJ-02`, `wgs 84`).

    Raises GeoError, naming the four choices, for anything else.
    """
    plain = "".join(letter for letter in text.lower() if letter.isalnum())
    try:
        return Datum(plain)
    except ValueError:
        raise GeoError("datum_unknown", value=text, choices=", ".join(Datum)) from None


def valid_lonlat(lon: ArrayLike, lat: ArrayLike) -> Bools:
    """bool[n]: finite, -180 <= lon <= 180 and -90 <= lat <= 90, in degrees of any datum."""
    east, north = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    return np.asarray((np.abs(east) <= 180.0) & (np.abs(north) <= 90.0), np.bool_)


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Floats, Floats]:
    """float64[n] lon, lat in degrees of `datum` -> float64[n] lon, lat in WGS-84 degrees.

    Fixed-point iteration; there and back is closer than 1e-6 m. NaN stays NaN.
    """
    east, north = _pair(lon, lat)
    if datum is Datum.BD09:
        east, north = _inverse(east, north, _bd_offset, BD_ROUNDS)
    if datum in (Datum.GCJ02, Datum.BD09):
        east, north = _inverse(east, north, _gcj_offset, GCJ_ROUNDS)
    return east, north


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Floats, Floats]:
    """float64[n] lon, lat in WGS-84 degrees -> float64[n] lon, lat in degrees of `datum`."""
    east, north = _pair(lon, lat)
    if datum in (Datum.GCJ02, Datum.BD09):
        east, north = _forward(east, north, _gcj_offset)
    if datum is Datum.BD09:
        east, north = _forward(east, north, _bd_offset)
    return east, north


def _pair(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    east, north = np.broadcast_arrays(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
    return east.copy(), north.copy()


def _in_china(lon: Floats, lat: Floats) -> Bools:
    inside = (lon >= CHINA_LON[0]) & (lon <= CHINA_LON[1]) & (lat >= CHINA_LAT[0]) & (lat <= CHINA_LAT[1])
    return np.asarray(inside, np.bool_)


def _stand_in(shifted: Bools, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """A point in China in the place of those that do not move: far away the formulas overflow."""
    return np.where(shifted, lon, 105.0), np.where(shifted, lat, 35.0)


def _forward(lon: Floats, lat: Floats, offset: Offset) -> tuple[Floats, Floats]:
    shifted = _in_china(lon, lat)
    east, north = offset(*_stand_in(shifted, lon, lat))
    return np.where(shifted, lon + east, lon), np.where(shifted, lat + north, lat)


def _inverse(lon: Floats, lat: Floats, offset: Offset, rounds: int) -> tuple[Floats, Floats]:
    shifted = _in_china(lon, lat)
    target_lon, target_lat = _stand_in(shifted, lon, lat)
    source_lon, source_lat = target_lon, target_lat
    for _ in range(rounds):
        east, north = offset(source_lon, source_lat)
        source_lon, source_lat = target_lon - east, target_lat - north
    return np.where(shifted, source_lon, lon), np.where(shifted, source_lat, lat)


def _gcj_offset(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Degrees that GCJ-02 lies east and north of WGS-84 at a WGS-84 point."""
    x, y = lon - 105.0, lat - 35.0
    short = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    root, product = np.sqrt(np.abs(x)), x * y
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * product + 0.2 * root
    north_m += (short + _waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0))) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * product + 0.1 * root
    east_m += (short + _waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0))) * 2.0 / 3.0
    phi = np.radians(lat)
    w2 = 1.0 - ECCENTRICITY2 * np.sin(phi) ** 2
    meridian_m = AXIS_M * (1.0 - ECCENTRICITY2) / (w2 * np.sqrt(w2))
    parallel_m = AXIS_M / np.sqrt(w2) * np.cos(phi)
    return np.degrees(east_m / parallel_m), np.degrees(north_m / meridian_m)


def _waves(value: Floats, *terms: tuple[float, float]) -> Floats:
    """Sum of amplitude * sin(pi * value / period)."""
    total = np.zeros_like(value)
    for amplitude, period in terms:
        total += amplitude * np.sin(np.pi * value / period)
    return total


def _bd_offset(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Degrees that BD-09 lies east and north of GCJ-02 at a GCJ-02 point."""
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * BD_WAVE)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * BD_WAVE)
    return radius * np.cos(angle) + BD_SHIFT[0] - lon, radius * np.sin(angle) + BD_SHIFT[1] - lat
