"""Names for the array types that the functions of this room take and return."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Keys: TypeAlias = NDArray[np.uint64]
Column: TypeAlias = NDArray[Any]


def frozen(values: Column) -> Column:
    """The same array, from now on read only."""
    values.setflags(write=False)
    return values
