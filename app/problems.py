"""Errors as RFC 9457 problem documents: the one place where domain errors meet status codes."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from app.i18n import current_language
from data.store.users import TooManyAttemptsError, WrongPasswordError
from geo.errors import GeoError
from layers.core.errors import (
    BadQueryError,
    ForbiddenError,
    UnknownLayerError,
    UnknownPlaceError,
    YipingError,
)

STATUS: dict[type[Exception], int] = {
    UnknownLayerError: 404,
    UnknownPlaceError: 404,
    BadQueryError: 422,
    GeoError: 422,
    ForbiddenError: 403,
    TooManyAttemptsError: 429,
    WrongPasswordError: 401,
    YipingError: 400,
}


def problem(status: int, kind: str, detail: str, **more: object) -> JSONResponse:
    """Return a problem document."""
    body = {"type": f"urn:yiping:{kind}", "title": kind.replace("_", " "), "status": status, "detail": detail}
    return JSONResponse(body | more, status_code=status, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Let the application answer domain errors with problem documents."""
    for kind, status in STATUS.items():
        app.add_exception_handler(kind, _handler(status))
    app.add_exception_handler(RequestValidationError, _invalid)


def _handler(status: int):  # type: ignore[no-untyped-def]
    async def handle(_request: Request, error: Exception) -> JSONResponse:
        more = {"parameter": error.parameter} if isinstance(error, BadQueryError) else {}
        name = type(error).__name__.removesuffix("Error")
        kind = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
        said = error.text.in_(current_language.get()) if isinstance(error, YipingError) else str(error)
        return problem(status, kind, said, **more)

    return handle


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  (registered for this type alone)
    first = error.errors()[0]
    parameter = str(first["loc"][-1])
    return problem(422, "bad_query", f"{parameter}: {first['msg']}.", parameter=parameter)
