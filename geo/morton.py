"""Web Mercator tiles and Morton keys: one integer per place that sorts places by neighbourhood.

The unit square has (0, 0) in the north-west and (1, 1) in the south-east, as tile numbers grow. Each axis is
cut into 2**32 steps (about 1 cm at the equator); the bits of both are interleaved, x in the even bits, y in
the odd ones. The first 2z bits of a key are then the tile of zoom z, so the places of a tile are one run of
the sorted keys. Latitudes past +-85.0511 degrees count as that edge. Degrees are WGS-84 throughout.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.arrays import Floats, Ints, Keys
from geo.errors import GeoError

MAX_LATITUDE: Final = 85.0511287798066
TILE_PX: Final = 256
DEEPEST: Final = 32  # bits per axis

# How bits are spread to every second place, and gathered again: shift and mask, from coarse to fine.
_SPREAD: Final = (
    (np.uint64(16), np.uint64(0x0000FFFF0000FFFF)),
    (np.uint64(8), np.uint64(0x00FF00FF00FF00FF)),
    (np.uint64(4), np.uint64(0x0F0F0F0F0F0F0F0F)),
    (np.uint64(2), np.uint64(0x3333333333333333)),
    (np.uint64(1), np.uint64(0x5555555555555555)),
)
_LOW: Final = np.uint64(0x00000000FFFFFFFF)
_GATHER: Final = (
    (np.uint64(1), np.uint64(0x3333333333333333)),
    (np.uint64(2), np.uint64(0x0F0F0F0F0F0F0F0F)),
    (np.uint64(4), np.uint64(0x00FF00FF00FF00FF)),
    (np.uint64(8), np.uint64(0x0000FFFF0000FFFF)),
    (np.uint64(16), _LOW),
)
_EVEN: Final = np.uint64(0x5555555555555555)
_ONE: Final = np.uint64(1)


def unit_xy(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """float64[n] degrees -> float64[n] x, y in the unit square (not clamped in x)."""
    x = (np.asarray(lon, np.float64) + 180.0) / 360.0
    phi = np.radians(np.clip(np.asarray(lat, np.float64), -MAX_LATITUDE, MAX_LATITUDE))
    y = 0.5 - np.arcsinh(np.tan(phi)) / (2.0 * np.pi)
    return np.asarray(x, np.float64), np.asarray(y, np.float64)


def unit_lonlat(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """float64[n] x, y of the unit square -> float64[n] lon, lat in degrees."""
    lon = np.asarray(x, np.float64) * 360.0 - 180.0
    lat = np.degrees(np.arctan(np.sinh((0.5 - np.asarray(y, np.float64)) * 2.0 * np.pi)))
    return np.asarray(lon, np.float64), np.asarray(lat, np.float64)


def tile_xy(lon: ArrayLike, lat: ArrayLike, zoom: int) -> tuple[Ints, Ints]:
    """float64[n] degrees -> int64[n] column and row of the tile at `zoom` (0..32) that holds each point."""
    level = _level(zoom)
    x, y = unit_xy(lon, lat)
    return _steps(x, level).astype(np.int64), _steps(y, level).astype(np.int64)


def tile_bounds(x: ArrayLike, y: ArrayLike, zoom: int) -> Floats:
    """int64[n] column and row at `zoom` -> float64[n, 4] west, south, east, north in degrees."""
    size = 2.0 ** -_level(zoom)
    column, row = np.asarray(x, np.float64), np.asarray(y, np.float64)
    west, north = unit_lonlat(column * size, row * size)
    east, south = unit_lonlat((column + 1.0) * size, (row + 1.0) * size)
    return np.stack([west, south, east, north], axis=-1)


def encode(x: ArrayLike, y: ArrayLike) -> Keys:
    """uint[n] x, y below 2**32 -> uint64[n] Morton keys."""
    return _spread(np.asarray(x, np.uint64)) | (_spread(np.asarray(y, np.uint64)) << _ONE)


def decode(key: ArrayLike) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """uint64[n] Morton keys -> uint32[n] x, y. Also decodes a cell key to the tile's column and row."""
    keys = np.asarray(key, np.uint64)
    return _gather(keys).astype(np.uint32), _gather(keys >> _ONE).astype(np.uint32)


def point_key(lon: ArrayLike, lat: ArrayLike) -> Keys:
    """float64[n] degrees -> uint64[n] Morton keys at full depth."""
    x, y = unit_xy(lon, lat)
    return encode(_steps(x, DEEPEST), _steps(y, DEEPEST))


def cell_key(key: ArrayLike, zoom: int) -> Keys:
    """uint64[n] full-depth keys -> uint64[n] keys of the tiles at `zoom` (0..32) they lie in."""
    return np.asarray(key, np.uint64) >> np.uint64(2 * (DEEPEST - _level(zoom)))


def _level(zoom: int) -> int:
    if not 0 <= zoom <= DEEPEST:
        raise GeoError("level_range", value=zoom)
    return zoom


def _steps(axis: Floats, level: int) -> Keys:
    count = float(2**level)
    return np.clip(np.floor(axis * count), 0.0, count - 1.0).astype(np.uint64)


def _spread(value: Keys) -> Keys:
    value = value & _LOW
    for shift, mask in _SPREAD:
        value = (value | (value << shift)) & mask
    return value


def _gather(key: Keys) -> Keys:
    value = key & _EVEN
    for shift, mask in _GATHER:
        value = (value | (value >> shift)) & mask
    return value
