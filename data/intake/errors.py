"""What intake refuses as a whole: the file, its datum, its columns."""

from __future__ import annotations

from layers.core.errors import YipingError


class IntakeError(YipingError):
    """A file that cannot be taken in; the sentence names the file, the reason and the way out."""


class DoubtfulDatumError(IntakeError):
    """A file whose own districts speak against the datum that was stated."""


class MissingDatumError(IntakeError):
    """A file whose datum (坐标系) nobody stated."""
