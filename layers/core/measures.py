"""Numbers that follow from columns of a layer: formulas by name, over whole columns at once.

A layer names a formula and keeps the columns that it takes in its index; the answer is NaN where it is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from layers.core.rent import COSTED, Columns, desks, totals


@dataclass(frozen=True, slots=True)
class Formula:
    """What a measure is computed from, and how: columns and the days of a month -> float64[n]."""

    inputs: tuple[str, ...]
    of: Callable[[Columns, float], NDArray[np.float64]]


FORMULAS: Final[Mapping[str, Formula]] = {
    "desks": Formula(COSTED, lambda columns, _days: desks(columns)),
    "month_total": Formula(COSTED, totals),
}
