"""Deliveries as rows: what was sent, what is asked of the worker about it, and what it has found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, text

from data.delivery_tables import AT_REST, WAITING, Stage
from layers.core.errors import UnknownDeliveryError

SHOWN: Final = 50
_COLUMNS: Final = (
    "id, layer, file_name, size, stage, datum, mapping, accept_doubts, found, account, fault, read, expected, "
    "stopped, sent_at, sent_by, asked_by"
)


def add(connection: Connection, new: Mapping[str, Any]) -> int:
    """Write a delivery (`layer`, `file_name`, `size`, `sent_at`, `sent_by`) that waits to be checked."""
    sql = (
        "INSERT INTO delivery (layer, file_name, size, stage, sent_at, sent_by) "
        f"VALUES (:layer, :file_name, :size, '{Stage.TO_CHECK}', :sent_at, :sent_by) RETURNING id"
    )
    return int(connection.execute(text(sql), dict(new)).scalar_one())


def heads(connection: Connection) -> list[dict[str, Any]]:
    """Return the newest deliveries, the newest first."""
    sql = f"SELECT {_COLUMNS} FROM delivery ORDER BY id DESC LIMIT {SHOWN}"
    return [dict(row) for row in connection.execute(text(sql)).mappings()]


def read(connection: Connection, delivery_id: int) -> dict[str, Any]:
    """Return a delivery; raises `UnknownDeliveryError`."""
    sql = f"SELECT {_COLUMNS} FROM delivery WHERE id = :id"
    row = connection.execute(text(sql), {"id": delivery_id}).mappings().one_or_none()
    if row is None:
        raise UnknownDeliveryError
    return dict(row)


def ask_check(connection: Connection, delivery_id: int, given: Mapping[str, Any]) -> bool:
    """Have a delivery at rest checked (anew) as `datum`, `mapping`, `accept_doubts` say, for `asked_by`.

    False where it is not at rest.
    """
    sql = (
        f"UPDATE delivery SET stage = '{Stage.TO_CHECK}', datum = :datum, mapping = CAST(:mapping AS jsonb), "
        "accept_doubts = :accept_doubts, asked_by = :asked_by, stopped = false, read = 0, expected = NULL "
        "WHERE id = :id AND stage = ANY(:at_rest) RETURNING id"
    )
    values = {**given, "mapping": json.dumps(dict(given["mapping"]), ensure_ascii=False)}
    found = connection.scalar(text(sql), {**values, "id": delivery_id, "at_rest": sorted(AT_REST)})
    return found is not None


def ask_import(connection: Connection, delivery_id: int, asked_by: str) -> bool:
    """Have a delivery taken in as it was checked; False where it was not, or has no datum."""
    sql = (
        f"UPDATE delivery SET stage = '{Stage.TO_IMPORT}', asked_by = :by, stopped = false, read = 0, expected = NULL "
        f"WHERE id = :id AND stage = '{Stage.CHECKED}' AND datum <> '' AND account IS NOT NULL RETURNING id"
    )
    return connection.scalar(text(sql), {"id": delivery_id, "by": asked_by}) is not None


def ask_stop(connection: Connection, delivery_id: int) -> bool:
    """Have the work on a delivery stopped; False where there is none."""
    under_way = [*WAITING, *WAITING.values()]
    sql = "UPDATE delivery SET stopped = true WHERE id = :id AND stage = ANY(:under_way) RETURNING id"
    return connection.scalar(text(sql), {"id": delivery_id, "under_way": under_way}) is not None


def drop(connection: Connection, delivery_id: int) -> bool:
    """Give a delivery at rest up; False where it is not at rest."""
    sql = (
        f"UPDATE delivery SET stage = '{Stage.DROPPED}', found = NULL "
        "WHERE id = :id AND stage = ANY(:at_rest) RETURNING id"
    )
    return connection.scalar(text(sql), {"id": delivery_id, "at_rest": sorted(AT_REST)}) is not None


def take_up(connection: Connection, delivery_id: int) -> Stage | None:
    """Begin what a delivery waits for, also where a worker that died had begun it; None where nothing is to be done."""
    begun = " ".join(f"WHEN '{waits}' THEN '{works}'" for waits, works in WAITING.items())
    sql = (
        f"UPDATE delivery SET stage = CASE stage {begun} ELSE stage END, read = 0 "
        "WHERE id = :id AND stage = ANY(:work) RETURNING stage"
    )
    stage = connection.scalar(text(sql), {"id": delivery_id, "work": [*WAITING, *WAITING.values()]})
    return None if stage is None else Stage(stage)


def like(connection: Connection, layer: str, columns: Sequence[str]) -> dict[str, Any] | None:
    """Return the newest delivery of a layer with the same columns that was taken in, None where there is none."""
    sql = (
        "SELECT id, file_name, datum, mapping, account ->> 'source' AS source FROM delivery "
        "WHERE layer = :layer "
        f"AND stage = '{Stage.IMPORTED}' AND found -> 'columns' = CAST(:columns AS jsonb) ORDER BY id DESC LIMIT 1"
    )
    values = {"layer": layer, "columns": json.dumps(list(columns), ensure_ascii=False)}
    row = connection.execute(text(sql), values).mappings().one_or_none()
    return None if row is None else dict(row)


def unfinished(connection: Connection) -> Sequence[int]:
    """Return the deliveries that wait for a worker, or had one."""
    sql = "SELECT id FROM delivery WHERE stage = ANY(:work) ORDER BY id"
    return connection.scalars(text(sql), {"work": [*WAITING, *WAITING.values()]}).all()


def go_on(connection: Connection, delivery_id: int, done: int, expected: int | None) -> bool:
    """Note how many rows are read; False where somebody wants the work stopped."""
    sql = "UPDATE delivery SET read = :read, expected = :expected WHERE id = :id RETURNING stopped"
    return not connection.scalar(text(sql), {"id": delivery_id, "read": done, "expected": expected})


def rest(connection: Connection, delivery_id: int, stage: Stage, told: Mapping[str, Any]) -> None:
    """Write what work on a delivery has come to: `found`, `account`, `fault` (None: none), `datum` and `mapping`."""
    sql = (
        "UPDATE delivery SET stage = :stage, datum = :datum, mapping = CAST(:mapping AS jsonb), "
        "fault = CAST(:fault AS jsonb), "
        "found = CAST(:found AS jsonb), account = CAST(:account AS jsonb) WHERE id = :id"
    )
    values: dict[str, Any] = {
        name: None if told.get(name) is None else json.dumps(told[name], ensure_ascii=False)
        for name in ("found", "account", "fault", "mapping")
    }
    connection.execute(text(sql), {**values, "id": delivery_id, "stage": stage, "datum": told["datum"]})
