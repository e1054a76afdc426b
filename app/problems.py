"""Errors as RFC 9457 problem documents: the one place where domain errors meet status codes."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.i18n import both, current_language
from data.store.contests import UnknownContestError
from data.store.credit import UnknownRecordError
from data.store.users import TooManyAttemptsError, WrongPasswordError
from geo.errors import GeoError
from layers.core.errors import (
    BadQueryError,
    ConflictError,
    ForbiddenError,
    UnknownCaseError,
    UnknownDeliveryError,
    UnknownDrawError,
    UnknownLayerError,
    UnknownListError,
    UnknownPlaceError,
    YipingError,
)
from layers.core.text import Text

STATUS: dict[type[Exception], int] = {
    UnknownLayerError: 404,
    UnknownPlaceError: 404,
    UnknownListError: 404,
    UnknownDrawError: 404,
    UnknownCaseError: 404,
    UnknownDeliveryError: 404,
    BadQueryError: 422,
    GeoError: 422,
    ForbiddenError: 403,
    UnknownContestError: 404,
    UnknownRecordError: 404,
    ConflictError: 409,
    TooManyAttemptsError: 429,
    WrongPasswordError: 401,
    YipingError: 400,
}

MEDIA = "application/problem+json"
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "What went wrong, for programs: urn:yiping:bad_query."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence in the caller's language, with the way out."},
        "parameter": {"type": "string", "description": "The parameter at fault, with status 422."},
    },
}
# What every route may answer instead, as its description says.
ANSWERS: dict[int | str, dict[str, Any]] = {
    key: {"description": words, "content": {MEDIA: {"schema": _SCHEMA}}}
    for key, words in (
        (422, "A parameter is unknown, missing or cannot be meant; `parameter` names it."),
        ("default", "Any other error, as RFC 9457 has it."),
    )
}


def problem(status: int, kind: str, detail: Text, **more: object) -> JSONResponse:
    """Return a problem document in the caller's language."""
    said = detail.in_(current_language.get())
    body = {"type": f"urn:yiping:{kind}", "title": kind.replace("_", " "), "status": status, "detail": said}
    return JSONResponse(body | more, status_code=status, media_type=MEDIA)


def install(app: FastAPI) -> None:
    """Let the application answer domain errors with problem documents."""
    for kind, status in STATUS.items():
        app.add_exception_handler(kind, _handler(status))
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _unanswered)


def _handler(status: int):  # type: ignore[no-untyped-def]
    async def handle(_request: Request, error: Exception) -> JSONResponse:
        more = {"parameter": error.parameter} if isinstance(error, BadQueryError) else {}
        name = type(error).__name__.removesuffix("Error")
        kind = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
        return problem(status, kind, _said(error), **more)

    return handle


def _said(error: Exception) -> Text:
    assert isinstance(error, YipingError | GeoError)  # noqa: S101  (registered for these types alone)
    return error.text if isinstance(error, YipingError) else Text(error.zh, str(error))


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  (registered for this type alone)
    name = str(error.errors()[0]["loc"][-1])
    said = Text(
        f"{name} 缺少或不对：请按 /api/docs 更正。",
        f"{name} is missing or cannot be meant: correct it as /api/docs says.",
    )
    return problem(422, "bad_query", said, parameter=name)


async def _unanswered(request: Request, error: Exception) -> JSONResponse:
    """Answer what the router itself refuses: an address or a method that nothing listens to."""
    assert isinstance(error, HTTPException)  # noqa: S101  (registered for this type alone)
    if error.status_code == 405:
        answer = problem(405, "method_not_allowed", both("fault.method_not_allowed", method=request.method))
    else:
        answer = problem(error.status_code, "not_found", both("frame.no_answer", path=request.scope["path"]))
    answer.headers.update(error.headers or {})
    return answer
