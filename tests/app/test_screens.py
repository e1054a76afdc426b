"""Dash's callbacks and the event loop they must not hold up."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
from dash import Input, Output, html
from fastapi import FastAPI

from app.security import current_viewer
from app.server import Screens
from layers.core.access import Viewer

ASKED = {
    "output": "said.children",
    "outputs": {"id": "said", "property": "children"},
    "inputs": [{"id": "button", "property": "n_clicks", "value": 1}],
    "changedPropIds": ["button.n_clicks"],
}


def _screens(server: FastAPI) -> Screens:
    screens = Screens("test", server=server, backend="fastapi", enable_mcp=False)
    screens.layout = html.Div([html.Button(id="button"), html.P(id="said")])
    return screens


def test_a_slow_callback_holds_nobody_up_and_knows_who_asks() -> None:
    server = FastAPI()
    server.get("/healthz")(lambda: {"status": "ok"})
    screens = _screens(server)
    began, may_end = threading.Event(), threading.Event()

    @screens.callback(Output("said", "children"), Input("button", "n_clicks"))
    def slow(_clicks: int) -> str:
        began.set()
        assert may_end.wait(30)
        return current_viewer.get().name

    screens._setup_server()

    async def ask() -> tuple[httpx.Response, httpx.Response]:
        current_viewer.set(Viewer(name="somebody"))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(server), base_url="http://test", timeout=30
        ) as client:
            callback = asyncio.create_task(client.post("/_dash-update-component", json=ASKED))
            await asyncio.to_thread(began.wait, 30)
            other = await client.get("/healthz")
            assert not callback.done()
            may_end.set()
            return other, await callback

    with ThreadPoolExecutor(
        1
    ) as apart:  # in a thread of its own: a browser may have left its loop running in ours
        other, answer = apart.submit(asyncio.run, ask()).result(60)
    assert other.status_code == 200
    assert answer.json()["response"]["said"]["children"] == "somebody"
