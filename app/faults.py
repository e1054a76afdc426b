"""What went wrong and nobody caught: an answer that a person can act on, and a line in the log."""

from __future__ import annotations

import html
import logging
from typing import NoReturn

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.i18n import both, current_language, t
from app.problems import problem
from data.db import is_away

_log = logging.getLogger("uvicorn.error")  # where the web server's own errors go
RETRY_S = "10"
TRY_AGAIN_LATER, INTERNAL_ERROR = 1013, 1011  # codes with which a socket is closed
_PAGE = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<style>body {{ font: 1.25rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1rem }}</style>
</head><body><main><h1>{title}</h1><p>{words}</p><p><a href="">{again}</a></p></main></body></html>"""


def tell(error: Exception) -> NoReturn:
    """Write an exception that no callback caught to the log with its traceback, and let it pass on."""
    _log.error("A callback failed", exc_info=error)
    raise error


class Faults:
    """ASGI middleware: an exception that nobody caught is logged and answered; what it says stays inside."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            if begun or scope["type"] == "lifespan":
                raise  # too late for an answer: the server logs it and cuts the connection
            _note(scope, error)
            if scope["type"] == "websocket":
                code = TRY_AGAIN_LATER if is_away(error) else INTERNAL_ERROR
                await send({"type": "websocket.close", "code": code})
            else:
                await _answer(scope, is_away(error))(scope, receive, send)


def _note(scope: Scope, error: Exception) -> None:
    if is_away(error):
        _log.error("%s: the database does not answer: %s", scope["path"], str(error).partition("\n")[0])
    else:
        _log.error("%s failed", scope["path"], exc_info=error)


def _answer(scope: Scope, away: bool) -> Response:
    status, kind = (503, "database_away") if away else (500, "internal_error")
    wants_page = "text/html" in Headers(scope=scope).get("accept", "") and not scope["path"].startswith(
        "/api/"
    )
    answer = _page(status, kind) if wants_page else problem(status, kind, both(f"fault.{kind}"))
    if away:
        answer.headers["Retry-After"] = RETRY_S
    return answer


def _page(status: int, kind: str) -> Response:
    language = current_language.get()
    keys = {"title": "fault.title", "words": f"fault.{kind}", "again": "fault.again"}
    words = {name: html.escape(t(key, language)) for name, key in keys.items()}
    return HTMLResponse(_PAGE.format(lang="en" if language == "en" else "zh-CN", **words), status)
