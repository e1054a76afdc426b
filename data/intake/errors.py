"""What intake refuses as a whole: the file, its datum, its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from layers.core.errors import YipingError
from layers.core.text import Text


class IntakeError(YipingError):
    """A file that cannot be taken in; the sentence names the file, the reason and the way out."""


class DoubtfulDatumError(IntakeError):
    """A file whose own districts speak against the datum that was stated."""


class MissingDatumError(IntakeError):
    """A file whose datum (坐标系) nobody stated."""


class UnmappedError(IntakeError):
    """A file in which no column was recognised as a field that every place needs.

    `missing` names these fields, `known` says of which others the column (field -> position) was recognised.
    """

    def __init__(self, words: Text, missing: Sequence[str], known: Mapping[str, int]) -> None:
        super().__init__(words)
        self.missing = tuple(missing)
        self.known = dict(known)
