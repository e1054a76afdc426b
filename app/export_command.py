"""`yiping export`: a file that is there whole, or as it was before."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from starlette.datastructures import QueryParams

from app.api.exports import manner_of
from app.api.params import FILES, parse_query
from app.export_files import lines_of
from app.sheets import most_rows
from data.city import City
from layers.core.access import Role, Viewer
from layers.core.errors import YipingError
from layers.core.text import Language, Text


def write_export(
    city: City, layer_id: str, file: Path, asked: Iterable[tuple[str, str]], user: str, language: Language
) -> int:
    """Write what is filtered of a layer; returns how many rows. `asked` are parameters as the API takes them.

    Who holds the database holds the whole city; the record names the user of the system.
    """
    viewer = Viewer(Role.SUPERVISOR, name=user)
    layer, params = city.registry[layer_id], _once(asked)
    manner = manner_of(file.suffix.removeprefix(".").lower(), params)
    query = parse_query(params, [layer], viewer, also=FILES)
    with _replacing(file) as out:
        found = city.exports.open(query, manner.form, manner.datum, most_rows(manner.form))
        out.writelines(lines_of(found, manner, language))
    return found.total


def _once(asked: Iterable[tuple[str, str]]) -> QueryParams:
    """Return parameters of which none is given twice: of two filters of one name the API would know the last alone."""
    params = QueryParams(list(asked))
    names = [name for name, _ in params.multi_items()]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise YipingError(
            Text(
                f"{twice} 给出了两次：请写成一个，值用逗号连接。",
                f"{twice} is given twice: write it once, its values joined by commas.",
            )
        )
    return params


@contextmanager
def _replacing(file: Path) -> Iterator[BinaryIO]:
    """Open a file beside another, whose place it takes when it is complete; of one that is not nothing stays."""
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".part")
    except OSError as error:
        raise _unwritable(file, error) from error
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except OSError as error:
        raise _unwritable(file, error) from error
    finally:
        Path(name).unlink(missing_ok=True)


def _unwritable(file: Path, error: OSError) -> YipingError:
    reason = error.strerror or str(error)
    return YipingError(
        Text(
            f"{file}：无法写入此处（{reason}）；请另指定文件。",
            f"{file}: it cannot be written there ({reason}); name another file.",
        )
    )
