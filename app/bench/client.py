"""A client that only reads: what it costs itself stays small beside what the product takes."""

from __future__ import annotations

import gzip
from http.client import HTTPConnection
from types import TracebackType
from typing import Self
from urllib.parse import quote

import brotli

from layers.core.errors import YipingError

_PLAIN = "/?&=,.:-%"


class Reader:
    """One connection that stays open, as a browser's does, with the cookies of a session."""

    def __init__(self, port: int, cookies: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Cookie": cookies, "Accept-Encoding": "gzip, br"}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._connection.close()

    def get(self, path: str) -> tuple[bytes, str]:
        """Return an answer as it came and how it is packed; raises `YipingError` for any but 200."""
        self._connection.request("GET", quote(path, safe=_PLAIN), headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise YipingError(f"{path} answered {answer.status}.")
        return body, answer.getheader("content-encoding", "")


def unpacked(body: bytes, packing: str) -> bytes:
    """Return an answer as the page reads it."""
    if packing == "br":
        return bytes(brotli.decompress(body))
    return gzip.decompress(body) if packing == "gzip" else body
