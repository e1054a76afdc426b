"""Bulk writing by COPY."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table

CHUNK_BYTES = 8_000_000
_NULL = "\x1e"  # no text holds it, see `data.intake.values.clean`
_QUOTE = "\x1f"  # hardly ever in a text; JSON is full of the usual one, and each would be doubled


def copy_rows(
    connection: Connection, table: Table | str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Append rows to a table by COPY inside the connection's transaction; returns how many.

    None becomes NULL, a list a PostgreSQL array, a dict JSON, bytes a bytea; geometry goes as EWKT or hex WKB text.
    """
    name = table if isinstance(table, str) else table.name
    listed = ", ".join(f'"{column}"' for column in columns)
    command = f"""COPY "{name}" ({listed}) FROM STDIN WITH (FORMAT csv, NULL '\\N', QUOTE '{_QUOTE}')"""
    cursor = connection.connection.cursor()
    count = 0
    buffer = io.StringIO()
    writer = csv.writer(buffer, quotechar=_QUOTE)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        count += 1
        if buffer.tell() > CHUNK_BYTES:
            _flush(cursor, command, buffer)
    _flush(cursor, command, buffer)
    return count


def copy_columns(connection: Connection, table: str, columns: Mapping[str, Sequence[str | None]]) -> None:
    """Append rows to a table by COPY, given as columns of texts as `copied` writes them; None becomes NULL.

    No text may hold a tab or a line break. The columns are of one length.
    """
    listed = ", ".join(f'"{column}"' for column in columns)
    cells = [_without_none(column) for column in columns.values()]
    lines = "\n".join(map("\t".join, zip(*cells, strict=True))).replace("\\", "\\\\")
    command = f"COPY \"{table}\" ({listed}) FROM STDIN WITH (NULL '{_NULL}')"
    connection.connection.cursor().copy_expert(command, io.StringIO(lines), size=CHUNK_BYTES)


def _without_none(cells: Sequence[str | None]) -> Sequence[str]:
    return [_NULL if cell is None else cell for cell in cells]


def copied(value: Any) -> str:
    """Return a value other than None as COPY reads it."""
    return str(_cell(value))


def _flush(cursor: Any, command: str, buffer: io.StringIO) -> None:
    buffer.seek(0)
    cursor.copy_expert(command, buffer)
    buffer.seek(0)
    buffer.truncate()


def _cell(value: Any) -> Any:
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple | set | frozenset):
        return "{" + ",".join(_array_item(item) for item in value) + "}"
    return value


def _array_item(item: Any) -> str:
    if isinstance(item, int):
        return str(item)
    escaped = str(item).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
