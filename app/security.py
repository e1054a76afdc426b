"""The gate every request passes: who asks, from where, and what the browser may do with the answer."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.i18n import current_language, preferred_language
from app.problems import problem
from data.sessions import Sessions
from layers.core.access import PUBLIC_VIEWER, Action, Viewer
from layers.core.text import Text

SESSION_COOKIE = "yiping_session"
LANGUAGE_COOKIE = "yiping_lang"
GUARDED: dict[str, Action] = {
    "/ops": Action.OPEN_OPS,
    "/field": Action.OPEN_FIELD,
    "/due": Action.OPEN_DUE,
    "/admin": Action.CHANGE_RULES,
    "/draws": Action.OPEN_DRAWS,
    "/cases": Action.OPEN_CASES,
    "/deliveries": Action.DELIVER,
}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
STATIC = ("/assets/", "/_dash-component-suites/", "/healthz")

current_viewer: ContextVar[Viewer] = ContextVar("current_viewer", default=PUBLIC_VIEWER)
current_path: ContextVar[str] = ContextVar("current_path", default="/")

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}
_CROSS_SITE = Text(
    "这个请求来自别的网站：请打开一屏再试。",
    "This request comes from another site: open Yiping itself and try again.",
)


def guard_of(path: str) -> Action | None:
    """Return what one must be allowed to for the page of an address, and for those below it."""
    return GUARDED.get("/" + path.split("/")[1])


class Gate:
    """ASGI middleware: session and language into context, cross-site writes and closed pages refused."""

    def __init__(self, app: ASGIApp, *, sessions: Sessions) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        cookies = cookie_parser(headers.get("cookie", ""))
        chosen = cookies.get(LANGUAGE_COOKIE) or headers.get("accept-language", "")
        current_language.set(preferred_language(chosen))
        current_path.set(scope["path"])
        viewer = PUBLIC_VIEWER
        if not scope["path"].startswith(STATIC) and (token := cookies.get(SESSION_COOKIE)):
            known = self._sessions.at_hand(token)
            viewer = known if known is not None else await run_in_threadpool(self._sessions.viewer, token)
        current_viewer.set(viewer)
        await (self._refusal(scope, headers, viewer) or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers, viewer: Viewer) -> Response | None:
        unsafe = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        if unsafe and crosses_sites(headers):
            return problem(403, "cross_site", _CROSS_SITE)
        needed = guard_of(scope["path"])
        if needed and scope["type"] == "http" and not viewer.may(needed):
            target = scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
            return RedirectResponse(f"/login?next={quote(target)}", status_code=303)
        return None


class Seal:
    """ASGI middleware: what a browser may do with an answer, refusals and faults included."""

    def __init__(self, app: ASGIApp, *, policy: Callable[[], str], https_only: bool) -> None:
        self._app = app
        self._policy = policy
        self._headers = HEADERS | (HTTPS_ONLY if https_only else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket."""

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.setdefault("Content-Security-Policy", self._policy())
                if not scope["path"].startswith(STATIC):
                    headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self._app(scope, receive, sealed)


def crosses_sites(headers: Headers) -> bool:
    """Tell whether a browser says that a request was made by another site; other clients say nothing."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")
