"""The page `/api/docs`: Swagger UI over `/api/openapi.json`, every file from our own address."""

from __future__ import annotations

import html
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse

from app.i18n import current_language, t

# The package is wanted for its files only: it is found, not imported.
_DIST = Path(next(iter(getattr(find_spec("flask_swagger_ui"), "submodule_search_locations", ())))) / "dist"
_FILES = {
    "swagger-ui.css": _DIST / "swagger-ui.css",
    "swagger-ui-bundle.js": _DIST / "swagger-ui-bundle.js",
    "start.js": Path(str(files("app.api") / "start.js")),
}
_PAGE = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/api/docs/swagger-ui.css"></head>
<body><main id="swagger-ui"></main><noscript>{noscript}</noscript>
<script src="/api/docs/swagger-ui-bundle.js"></script><script src="/api/docs/start.js"></script></body></html>"""


def build_docs() -> APIRouter:
    """Return the routes of the page and of its files."""
    router = APIRouter(include_in_schema=False)

    @router.get("/api/docs")
    def docs() -> HTMLResponse:
        language = current_language.get()
        lang = "en" if language == "en" else "zh-CN"
        title, noscript = (html.escape(t(key, language)) for key in ("docs.title", "docs.noscript"))
        return HTMLResponse(_PAGE.format(lang=lang, title=title, noscript=noscript))

    @router.get("/api/docs/{name}")
    def file(name: Literal["swagger-ui.css", "swagger-ui-bundle.js", "start.js"]) -> FileResponse:
        return FileResponse(_FILES[name], headers={"Cache-Control": "public, max-age=86400"})

    return router
