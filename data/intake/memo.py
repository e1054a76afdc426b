"""A function of cells that is computed once for each distinct cell: files repeat themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

Said = TypeVar("Said")
Meant = TypeVar("Meant")

MOST: Final = 20_000  # answers kept; a column in which every cell is another one must not fill the memory


class Memo(dict[Said, Meant]):
    """Remembers what a function said of each cell; begins anew when it has come to know too many."""

    def __init__(self, function: Callable[[Said], Meant]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, cell: Said) -> Meant:
        meant = self[cell] = self._function(cell)
        return meant

    def of(self, cells: Iterable[Said]) -> list[Meant]:
        """Return what every cell means, in order."""
        if len(self) > MOST:
            self.clear()
        return list(map(self.__getitem__, cells))
