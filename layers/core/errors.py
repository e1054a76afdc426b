"""Errors of the domain; only the web room turns them into status codes."""

from __future__ import annotations


class YipingError(ValueError):
    """A fault a person can act on: the message names the thing, the reason and the way out."""


class UnknownLayerError(YipingError):
    """A layer that does not exist, or that the caller may not know of."""


class UnknownPlaceError(YipingError):
    """A place that does not exist, or that the caller may not know of."""


class BadQueryError(YipingError):
    """A query parameter with a value that cannot be meant.

    `parameter` is the name the caller used, so that an answer can point at it.
    """

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter


class ForbiddenError(YipingError):
    """The caller is known but may not do this."""
