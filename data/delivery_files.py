"""Files of deliveries: where they lie, how they come in, and by which names."""

from __future__ import annotations

import re
import shutil
import unicodedata
import uuid
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from layers.core.errors import BadQueryError
from layers.core.text import Text

REPORT: Final = "rejected.csv"  # beside the file, what was not taken in of it
MOST_BYTES: Final = 2_000_000_000
_MOST_NAME: Final = 120
_SENDING: Final = "sending-"  # before it has a number
_DAY_S: Final = 86_400
_UNSAFE: Final = re.compile(r"[/\\:*?\"<>|]")

_TOO_LARGE = Text(
    "文件超过 2 GB：请按区或按年分成几个文件分别发送。",
    "The file is larger than 2 GB: split it, by district or year, and send the parts.",
)
_NO_NAME = Text("文件没有名称：请改名后重新选择。", "The file has no name: give it one, and choose again.")


def sweep(incoming: Path, now: datetime) -> int:
    """Remove what broke off on its way more than a day ago, with the process that received it; returns how many."""
    left = [
        folder
        for folder in incoming.glob(f"{_SENDING}*")
        if now.timestamp() - folder.stat().st_mtime > _DAY_S
    ]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def folder_of(incoming: Path, delivery_id: int) -> Path:
    """Return where the file of a delivery lies, and what is written about it."""
    return incoming / str(delivery_id)


def plain_name(name: str) -> str:
    """Return a file name without a path and without what a file system minds. Raises `BadQueryError`."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(c for c in _UNSAFE.sub("_", last) if unicodedata.category(c)[0] != "C").strip(" .")
    if not seen:
        raise BadQueryError("name", _NO_NAME)
    stem, dot, ending = seen.rpartition(".")
    return (
        seen
        if len(seen) <= _MOST_NAME
        else f"{stem[: _MOST_NAME - len(ending) - 1]}{dot}{ending}"[:_MOST_NAME]
    )


class Incoming:
    """A file on its way: written piece by piece beside the others, and nothing until it is complete."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.size = 0
        self.folder = folder / f"{_SENDING}{uuid.uuid4().hex}"
        self.folder.mkdir(parents=True, mode=0o700)
        self._file: BinaryIO = (self.folder / name).open("xb")

    def write(self, piece: bytes) -> None:
        """Append a piece; raises `BadQueryError` for more than `MOST_BYTES`."""
        self.size += len(piece)
        if self.size > MOST_BYTES:
            raise BadQueryError("file", _TOO_LARGE)
        self._file.write(piece)

    def close(self) -> None:
        """Put everything on the disk."""
        self._file.close()

    def drop(self) -> None:
        """Leave nothing behind."""
        self._file.close()
        shutil.rmtree(self.folder, ignore_errors=True)
