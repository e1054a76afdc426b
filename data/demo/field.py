"""The direction in which streets run at every point: quarters with an angle of their own, melting into each other.

A field holds one angle per cell, between -45 and 45 degrees; streets of family 0 follow it (about east-west), those
of family 1 cross it at a right angle (about north-south). Streets traced along such a field bend gently where quarters
meet, as in a city that has grown, and never form graph paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.demo.frame import FloatArray


@dataclass(frozen=True, slots=True)
class Raster:
    """A grid of square cells over a rectangle of metres; row 0 is the south."""

    west: float
    south: float
    cell: float
    columns: int
    rows: int

    @classmethod
    def over(cls, bounds: tuple[float, float, float, float], cell: float) -> Raster:
        """Return the raster that covers (west, south, east, north)."""
        west, south, east, north = bounds
        return cls(west, south, cell, int((east - west) / cell) + 1, int((north - south) / cell) + 1)

    def centres(self) -> tuple[FloatArray, FloatArray]:
        """Return x and y of all cell centres, shape (rows, columns) each."""
        x = self.west + (np.arange(self.columns) + 0.5) * self.cell
        y = self.south + (np.arange(self.rows) + 0.5) * self.cell
        grid_x, grid_y = np.meshgrid(x, y)
        return grid_x, grid_y

    def cell_of(self, x: float, y: float) -> tuple[int, int] | None:
        """Return (row, column) of a point, None outside."""
        column, row = int((x - self.west) // self.cell), int((y - self.south) // self.cell)
        return (row, column) if 0 <= column < self.columns and 0 <= row < self.rows else None


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter's centre, the angle of its streets in degrees counterclockwise from east, and its reach in metres."""

    x: float
    y: float
    angle: float
    reach: float


def direction_field(raster: Raster, quarters: list[Quarter]) -> NDArray[np.float64]:
    """Return the angle in radians per cell, shape (rows, columns): the quarters' angles weighted by nearness."""
    x, y = raster.centres()
    total = np.zeros_like(x)
    weight = np.zeros_like(x)
    for quarter in quarters:
        squared = (x - quarter.x) ** 2 + (y - quarter.y) ** 2
        share = np.exp(-squared / (2 * quarter.reach**2)) + 1e-3 / (1 + squared / quarter.reach**2)
        total += share * np.radians(quarter.angle)
        weight += share
    return np.asarray(total / weight)
