"""An index in files that all processes of a machine map, so that its memory is paid once.

A snapshot is a folder of arrays, complete or absent: it is written under another name and renamed. One process
builds at a time; the others wait and map what it made.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, text

from data.db import make_engine, reading
from data.index import LayerIndex, load_index
from data.index_rows import indexed_fields
from data.store.changes import knows
from data.tables import registry
from data.texts import Texts
from geo.codes import CodeTable
from geo.cube import Cube
from geo.index import PointIndex
from geo.rows import Rows
from geo.words import NameColumn, WordColumn
from layers.core.spec import Layer

FORMAT = 4
LARGE = 300_000  # places; so many are read by a process of its own, whose memory goes when it ends
_IDENTITY = (
    "SELECT system_identifier::text || '-' || (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "FROM pg_control_system()"
)


def newest(folder: Path, connection: Connection, layer: Layer) -> LayerIndex | None:
    """Map the newest snapshot of a layer of this database; None where there is none that can be used."""
    home = folder / _identity(connection) / layer.id
    for path in sorted(home.glob("[0-9]*"), reverse=True):
        try:
            index = _load(path, layer)
        except (OSError, ValueError, KeyError):
            continue  # of another version of the program, or damaged: a new one takes its place
        if index.version and knows(connection, index.seen, index.version):
            return index  # and every later change is still noted
    return None


def renewed(folder: Path, engine: Engine, layer: Layer, version: int) -> LayerIndex:
    """Return a snapshot that knows the change of a number, made by this process or by one that was faster."""
    with reading(engine) as connection:
        home = folder / _identity(connection) / layer.id
    with _alone(home):
        with reading(engine) as connection:
            known = newest(folder, connection, layer)
            if known is not None and knows(connection, known.seen, version):
                return known
            count = int(
                connection.scalar(
                    text("SELECT count(*) FROM place WHERE layer = :layer"), {"layer": layer.id}
                )
                or 0
            )
        if count > LARGE:
            _build_apart(home, engine, layer)
        else:
            build(home, engine, layer)
        return _load(max(home.glob("[0-9]*")), layer)


def build(home: Path, engine: Engine, layer: Layer) -> None:
    """Read a layer and write its snapshot; older ones go, processes that map them keep what they have."""
    with reading(engine) as connection:
        index = load_index(connection, layer)
    path = _save(home, index)
    for old in home.glob("*"):
        if old != path and old.is_dir():
            shutil.rmtree(old, ignore_errors=True)


def _save(home: Path, index: LayerIndex) -> Path:
    half = home / f"half-{uuid.uuid4().hex}"
    half.mkdir(parents=True)
    arrays = {f"rows.{name}": values for name, values in index.points.base.arrays().items()}
    arrays |= {f"table.{name}": values for name, values in index.points.table.columns.items()}
    if index.points.cube is not None:
        arrays |= {f"cube.{name}": values for name, values in index.points.cube.arrays().items()}
    texts, names = index.texts.words, index.texts.names
    arrays |= {f"text.{name}": getattr(texts, name) for name in ("units", "starts", "rows")}
    arrays |= {f"name.{name}": getattr(names, name) for name in ("letters", "starts", "of_row")}
    for name, values in arrays.items():
        np.save(half / f"{name}.npy", values)
    meta = {
        "format": _format(index.layer),
        "words": index.words,
        "bitmasks": sorted(index.points.table.bitmasks),
        "size": index.points.table.size,
        "version": index.version,
        "seen": index.seen,
        "arrays": sorted(arrays),
    }
    (half / "meta.json").write_text(json.dumps(meta, ensure_ascii=False), "utf-8")
    path = home / f"{time.time_ns():020}-{uuid.uuid4().hex}"
    half.rename(path)
    return path


def _load(path: Path, layer: Layer) -> LayerIndex:
    meta: dict[str, Any] = json.loads((path / "meta.json").read_text("utf-8"))
    if meta["format"] != _format(layer):
        raise ValueError(meta["format"])
    arrays = {name: _mapped(path / f"{name}.npy") for name in meta["arrays"]}
    words = {name: tuple(values) for name, values in meta["words"].items()}
    table = CodeTable(_part(arrays, "table."), meta["size"], frozenset(meta["bitmasks"]))
    cube = Cube.from_arrays(_part(arrays, "cube."))
    points = PointIndex.over(Rows.from_arrays(_part(arrays, "rows.")), table, cube)
    texts = Texts(WordColumn(**_part(arrays, "text.")), NameColumn(**_part(arrays, "name.")))
    return LayerIndex(layer, points, words, texts, meta["version"], meta["seen"])


def _part(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): values for name, values in arrays.items() if name.startswith(prefix)}


def _mapped(path: Path) -> np.ndarray:
    """The array of a file, mapped; as a plain array, which numpy slices faster than a memmap."""
    mapped = np.load(path, mmap_mode="r")
    return np.asarray(mapped)


def _format(layer: Layer) -> str:
    fields = ",".join(f"{field.name}:{field.type}" for field in indexed_fields(layer))
    return f"{FORMAT} {layer.id} {fields} {layer.opening}"


def _identity(connection: Connection) -> str:
    """A name for this very database: numbers of transactions mean nothing in another one."""
    return str(connection.scalar(text(_IDENTITY)))


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build_apart(home: Path, engine: Engine, layer: Layer) -> None:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    environment = {**os.environ, "DATABASE_URL": url}
    command = [sys.executable, "-m", "data.snapshot", str(home), layer.id]
    subprocess.run(command, env=environment, check=True)


if __name__ == "__main__":
    build(Path(sys.argv[1]), make_engine(os.environ["DATABASE_URL"], pool_size=1), registry[sys.argv[2]])
