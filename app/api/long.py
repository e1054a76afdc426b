"""Questions too long for an address: the same parameters in the body of a POST, as a form writes them."""

from __future__ import annotations

import re
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.i18n import both
from app.problems import problem

MOST_BYTES: Final = 2_000_000
FORM: Final = "application/x-www-form-urlencoded"
ABOUT: Final = (
    "A question whose parameters are too long for an address (a polygon of thousands of corners) may be sent by POST "
    "to the same path, its parameters in the body as a form writes them: map, facets, nearest, places and exports."
)
_QUESTION = re.compile(r"/api/(map|layers/[^/]+/(map|facets|nearest|places|export\.[a-z]+))/?\Z")


class LongQuestions:
    """ASGI middleware: a POST of a question is answered as the GET it stands for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket."""
        if scope["type"] == "http" and scope["method"] == "POST" and _QUESTION.match(scope["path"]):
            if not Headers(scope=scope).get("content-type", "").startswith(FORM):
                return await problem(415, "not_a_form", both("api.not_a_form", form=FORM))(
                    scope, receive, send
                )
            body = await _body(receive)
            if body is None:
                return await problem(413, "too_long", both("api.too_long"))(scope, receive, send)
            scope = {**scope, "method": "GET", "query_string": body}
        return await self._app(scope, receive, send)


async def _body(receive: Receive) -> bytes | None:
    """Return the whole body, None when it is too long or breaks off."""
    parts: list[bytes] = []
    while True:
        message: Message = await receive()
        parts.append(message.get("body", b""))
        if message["type"] == "http.disconnect" or sum(map(len, parts)) > MOST_BYTES:
            return None
        if not message.get("more_body"):
            return b"".join(parts)
