"""Deliveries (数据交付) as the web sees them: a file is sent, looked at, tried out, and taken in when somebody says so.

The worker does the work (`data.delivery_work`); here it is asked for, and told of.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from data.db import acting, asking
from data.delivery_files import REPORT, Incoming, folder_of, plain_name
from data.queue import DELIVERY
from data.store import deliveries
from data.store.audit import record
from data.tables import registry
from geo.datum import Datum
from layers.core.access import Action, Viewer
from layers.core.errors import BadQueryError, ConflictError, ForbiddenError, UnknownDeliveryError
from layers.core.text import Text

Ask = Callable[..., None]


class Deliveries:
    """Questions and commands about deliveries; every one takes the viewer."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime], folder: Path | None, ask: Ask) -> None:
        """`folder` keeps the files; `ask` has the worker take a delivery up."""
        self._engine = engine
        self._clock = clock
        self._folder = folder
        self._ask = ask

    def begin(self, layer_id: str, name: str, viewer: Viewer) -> Incoming:
        """Return where the pieces of a file go. Raises `ForbiddenError`, `BadQueryError`."""
        _check(viewer)
        if layer_id not in {layer.id for layer in registry}:
            raise BadQueryError("layer", _NO_LAYER)
        return Incoming(self._incoming(), plain_name(name))

    def add(self, layer_id: str, file: Incoming, viewer: Viewer) -> int:
        """Keep a file that is complete, and have it checked; returns the number of the delivery."""
        _check(viewer)
        file.close()
        if not file.size:
            raise BadQueryError("file", _EMPTY)
        new = {"layer": layer_id, "file_name": file.name, "size": file.size, "sent_by": viewer.name}
        with acting(self._engine, viewer.name) as connection:
            number = deliveries.add(connection, {**new, "sent_at": self._clock()})
            file.folder.replace(folder_of(self._incoming(), number))
            record(connection, viewer.name, "delivery", f"delivery {number}", {**new, "step": "sent"})
        self._wake(number)
        return number

    def heads(self, viewer: Viewer) -> list[dict[str, Any]]:
        """Return the newest deliveries."""
        _check(viewer)
        with asking(self._engine) as connection:
            return deliveries.heads(connection)

    def read(self, delivery_id: int, viewer: Viewer) -> dict[str, Any]:
        """Return a delivery. Raises `UnknownDeliveryError`, also for who may not see any."""
        if not viewer.may(Action.DELIVER):
            raise UnknownDeliveryError
        with asking(self._engine) as connection:
            return deliveries.read(connection, delivery_id)

    def knows(self, delivery_id: int, viewer: Viewer) -> bool:
        """Tell whether a viewer may see a delivery of this number."""
        try:
            return bool(self.read(delivery_id, viewer))
        except UnknownDeliveryError:
            return False

    def check(
        self, delivery_id: int, datum: str, mapping: Mapping[str, str], accept_doubts: bool, viewer: Viewer
    ) -> None:
        """Have a delivery checked again. Raises `BadQueryError`, `ConflictError` while it is being worked on."""
        self.read(delivery_id, viewer)
        if datum not in {"", *Datum}:
            raise BadQueryError("datum", _NO_DATUM)
        given = {"datum": datum, "mapping": mapping, "accept_doubts": accept_doubts}
        said = {**given, "mapping": dict(mapping)}
        self._do(
            delivery_id,
            viewer,
            "check",
            said,
            lambda c: deliveries.ask_check(c, delivery_id, given | {"asked_by": viewer.name}),
        )
        self._wake(delivery_id)

    def load(self, delivery_id: int, viewer: Viewer) -> None:
        """Have a delivery taken in as it was checked. Raises `ConflictError` where it was not."""
        self._do(
            delivery_id, viewer, "import", {}, lambda c: deliveries.ask_import(c, delivery_id, viewer.name)
        )
        self._wake(delivery_id)

    def stop(self, delivery_id: int, viewer: Viewer) -> None:
        """Have the work on a delivery stopped. Raises `ConflictError` where there is none."""
        self._do(delivery_id, viewer, "stop", {}, lambda c: deliveries.ask_stop(c, delivery_id))

    def drop(self, delivery_id: int, viewer: Viewer) -> None:
        """Give a delivery up and delete its file. Raises `ConflictError` once it is taken in, or worked on."""
        self._do(delivery_id, viewer, "drop", {}, lambda c: deliveries.drop(c, delivery_id))
        shutil.rmtree(folder_of(self._incoming(), delivery_id), ignore_errors=True)

    def report(self, delivery_id: int, viewer: Viewer) -> bytes:
        """Return the rejected rows of the last check or of the import, as CSV. Raises `UnknownDeliveryError`."""
        self.read(delivery_id, viewer)
        try:
            return (folder_of(self._incoming(), delivery_id) / REPORT).read_bytes()
        except FileNotFoundError:
            raise UnknownDeliveryError from None

    def _do(
        self,
        delivery_id: int,
        viewer: Viewer,
        step: str,
        said: Mapping[str, Any],
        act: Callable[[Connection], bool],
    ) -> None:
        self.read(delivery_id, viewer)
        with acting(self._engine, viewer.name) as connection:
            if not act(connection):
                raise ConflictError(_ELSEWHERE)
            record(connection, viewer.name, "delivery", f"delivery {delivery_id}", {**said, "step": step})

    def _wake(self, delivery_id: int) -> None:
        self._ask(DELIVERY, f"{DELIVERY}-{delivery_id}", delivery_id=delivery_id)

    def _incoming(self) -> Path:
        if self._folder is None:
            raise ConflictError(_NO_FOLDER)
        return self._folder


def _check(viewer: Viewer) -> None:
    if not viewer.may(Action.DELIVER):
        raise ForbiddenError(_NOT_YOURS)


_EMPTY = Text("文件是空的：请核对后重新选择。", "The file is empty: look at it, and choose again.")
_NO_LAYER = Text("没有这个图层：请从列表中选择。", "There is no such layer: choose one of the list.")
_NO_DATUM = Text(
    "没有这种坐标系：可选 wgs84、cgcs2000、gcj02、bd09。",
    "There is no such datum: choose wgs84, cgcs2000, gcj02 or bd09.",
)
_ELSEWHERE = Text(
    "这次交付此刻不能这样处理：可能正在处理中，或已由他人处理；请看页面上的最新状态。",
    "This cannot be done with the delivery now: it is being worked on, or somebody else was first; look at its state.",
)
_NOT_YOURS = Text(
    "您的账号不能入库数据：请用值班长账号登录。",
    "Your account cannot take in data: sign in as a supervisor.",
)
_NO_FOLDER = Text(
    "服务器没有存放文件的文件夹：请管理员设置 YIPING_HOME。",
    "The server has no folder to keep files in: have your administrator set YIPING_HOME.",
)
