"""The process: one FastAPI application with the API, the live line and the Dash screens behind one gate."""

from __future__ import annotations

import gc
import html
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from brotli_asgi import BrotliMiddleware
from dash import Dash
from fastapi import FastAPI, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import faults, problems
from app.api.docs import build_docs
from app.api.long import ABOUT, LongQuestions
from app.api.routes import build_router
from app.context import Services
from app.faults import Faults
from app.i18n import both, browser_catalogue, current_language, t
from app.live import Live
from app.pages import case, casebook, deliveries, frame, place
from app.palette import palette_css
from app.security import Gate, Seal, current_path, current_viewer

DARK_PAGES = ("/ops",)
MAP_PAGES = ("/ops", "/field", "/offices")
# What every map asks for first, on its way while the scripts are still read.
_EARLY_SCRIPT = (Path(__file__).parent / "early.js").read_text("utf-8")
_EARLY_HASH = f"sha256-{b64encode(sha256(_EARLY_SCRIPT.encode()).digest()).decode()}"
_EARLY = f"<script>{_EARLY_SCRIPT}</script>" + "".join(
    f'<link rel="preload" as="fetch" crossorigin="anonymous" href="{path}">'
    for path in ("/api/basemap/overview", "/api/layers")
)
_INDEX = """<!DOCTYPE html>
<html lang="{lang}" data-theme="{theme}">
<head>{metas}<title>{title}</title><link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<style>{palette}</style>{early}{css}
<script type="application/json" id="yiping-boot">{boot}</script></head>
<body>{entry}<footer>{config}{scripts}{renderer}</footer></body></html>"""


class Screens(Dash):
    """Dash whose index carries the language, the theme, the palette and the words for scripts.

    Its callbacks run in threads: on the event loop, each would hold up the map and the live line of every page.
    """

    approval = ""

    def callback(self, *args: Any, **kwargs: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a callback as Dash does, to be run beside the event loop."""
        register = super().callback(*args, **kwargs)

        def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(function)
            async def aside(*values: Any) -> Any:
                return await run_in_threadpool(function, *values)

            register(aside)
            return function

        return decorate

    def interpolate_index(self, **parts: Any) -> str:
        """Return the page around the application."""
        language, path = current_language.get(), current_path.get()
        boot = {"words": browser_catalogue(language), "settings": {"map_approval": self.approval}}
        return _INDEX.format(
            lang="en" if language == "en" else "zh-CN",
            theme="dark" if path.rstrip("/") in DARK_PAGES else "light",
            metas='<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
            title=html.escape(t("app.title", language)),
            palette=palette_css(),
            early=_EARLY if path.rstrip("/") in MAP_PAGES else "",
            css=parts["css"],
            boot=json.dumps(boot, ensure_ascii=False).replace("<", "\\u003c"),
            entry=parts["app_entry"],
            config=parts["config"],
            scripts=parts["scripts"],
            renderer=parts["renderer"],
        )


Known: TypeAlias = tuple[Callable[[str], int | None], Callable[[int], bool]]


class Missing:
    """ASGI middleware: the page for an address that leads nowhere, or not this caller, has the status it speaks of."""

    def __init__(self, app: ASGIApp, *, known: Sequence[Known]) -> None:
        """`known`: of pages with a number, which number an address names, and whether the caller may know of it."""
        self._app = app
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket."""
        nowhere = scope["type"] == "http" and await self._leads_nowhere(scope["path"])

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                kind = Headers(raw=message["headers"]).get("content-type", "")
                if kind.startswith("text/html"):
                    message["status"] = 404
            await send(message)

        await self._app(scope, receive, marked if nowhere else send)

    async def _leads_nowhere(self, path: str) -> bool:
        for number_of, knows in self._known:
            if (number := number_of(path)) is not None:
                return not await run_in_threadpool(knows, number)
        return (path.rstrip("/") or "/") not in frame.PATHS and not path.startswith("/api/")


def _add_rest(server: FastAPI) -> None:
    """Answer what browsers ask for unasked, and what nobody answers under /api."""

    @server.get("/favicon.ico", include_in_schema=False)
    def icon() -> Response:
        return FileResponse(frame.ASSETS / "icon.svg", media_type="image/svg+xml")

    @server.api_route(
        "/api/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False
    )
    def nothing(rest: str) -> Response:
        return problems.problem(404, "not_found", both("frame.no_answer", path=f"/api/{rest}"))


def build_server(services: Services) -> tuple[FastAPI, Screens]:
    """Return the web application and its screens; callbacks are registered by the caller."""
    live = Live(services.city)
    in_production = services.settings.env == "production"

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        services.city.start()
        await run_in_threadpool(services.city.load)  # who takes requests can answer them
        # Dash finds assets and callbacks on its first own request; a page of ours may be asked for before that.
        screens._setup_server()
        gc.freeze()  # what lives as long as the process is not looked through again: that took 150 ms now and then
        yield
        live.close()
        services.city.stop()

    server = FastAPI(
        title="Yiping",
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=life,
    )
    problems.install(server)
    server.include_router(build_router(services.city, secure_cookie=in_production))
    server.include_router(build_docs())
    live.attach(server)
    _add_rest(server)
    screens = Screens(
        "yiping",
        server=server,
        backend="fastapi",
        assets_folder=str(frame.ASSETS),
        suppress_callback_exceptions=True,
        update_title="",
        on_error=faults.tell,
        enable_mcp=False,
        title="",
    )
    screens.approval = services.settings.map_approval
    screens.layout = frame.layout()
    # From the innermost to the outermost: a fault of the gate is answered too, and every answer is sealed.
    server.add_middleware(LongQuestions)
    pages = services.city.pages
    cases = services.city.cases
    sent = services.city.deliveries
    known = (
        (place.place_of, lambda place_id: pages.knows(place_id, current_viewer.get())),
        (case.case_of, lambda case_id: cases.knows(case_id, current_viewer.get())),
        (deliveries.number_of, lambda number: sent.knows(number, current_viewer.get())),
        (casebook.number_of, services.city.casebook.knows),
    )
    server.add_middleware(Missing, known=known)
    server.add_middleware(Gate, sessions=services.city.sessions)
    server.add_middleware(Faults)
    server.add_middleware(Seal, policy=lambda: _policy(screens), https_only=in_production)
    server.add_middleware(BrotliMiddleware, quality=4, minimum_size=800)
    return server, screens


def _policy(screens: Screens) -> str:
    hashes = [_EARLY_HASH, *screens.csp_hashes()]
    scripts = " ".join(f"'{value}'" if not value.startswith("'") else value for value in hashes)
    return (
        f"default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'self'; "
        "form-action 'self'; object-src 'none'"
    )
