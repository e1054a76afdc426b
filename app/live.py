"""The live line: one WebSocket per page that says which layers changed."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from app.security import current_viewer
from data.city import City


class Live:
    """The open pages of this process; told from another thread, writing on the event loop."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._queues: set[asyncio.Queue[dict[str, Any]]] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        city.subscribe(self._heard)

    def attach(self, app: FastAPI) -> None:
        """Add the route `/api/live`."""

        @app.websocket("/api/live")
        async def live(socket: WebSocket) -> None:
            await self._serve(socket)

    def close(self) -> None:
        """Let every open socket end, so that the process can."""
        for task in list(self._tasks):
            task.cancel()

    def _heard(self, versions: dict[str, int]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._spread, versions)

    def _spread(self, layers: dict[str, int]) -> None:
        for queue in self._queues:
            queue.put_nowait(layers)

    async def _serve(self, socket: WebSocket) -> None:
        self._loop = asyncio.get_running_loop()
        visible = {layer.id for layer in self._city.layers_for(current_viewer.get())}
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        await socket.accept()
        self._queues.add(queue)
        writer = asyncio.create_task(_write(socket, queue, visible))
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  (a coroutine always runs in a task)
        self._tasks.add(task)
        try:
            while True:  # the page sends nothing; this ends when it goes away
                await socket.receive_text()
        except WebSocketDisconnect:
            pass
        finally:
            self._queues.discard(queue)
            self._tasks.discard(task)
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer


async def _write(socket: WebSocket, queue: asyncio.Queue[dict[str, Any]], visible: set[str]) -> None:
    while True:
        layers = {layer: version for layer, version in (await queue.get()).items() if layer in visible}
        if layers:
            await socket.send_json({"layers": layers})
