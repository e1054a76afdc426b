"""The product, started for a measurement on a port of its own."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.bench.client import Reader
from app.bench.table import Row
from app.child import Child
from app.settings import REPOSITORY
from data.bench import ACCOUNT
from layers.core.errors import YipingError

PORT = 8099
_READY_S = 600.0


@dataclass(frozen=True, slots=True)
class Product:
    """Two workers that serve: a signed-in client, their folder, how long the first start took, their parent."""

    client: httpx.Client
    home: Path
    first_s: float
    process: int

    @property
    def base(self) -> str:
        """The address it serves at."""
        return f"http://127.0.0.1:{PORT}"

    @property
    def cookies(self) -> str:
        """The session, as a header says it."""
        return "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())

    def reader(self) -> Reader:
        """A new connection with the session."""
        return Reader(PORT, self.cookies)

    def build(self, count: int) -> list[Row]:
        """How long the first start took with all indexes to build."""
        took = self.first_s * 1000
        return [Row("start, nothing built", count, took, took)]

    def memory(self, count: int) -> list[Row]:
        """What each worker holds for itself, and what they share."""
        own = ", ".join(f"{_anonymous_mb(pid):.0f} MB" for pid in self._workers())
        shared = sum(path.stat().st_size for path in (self.home / "index").rglob("*.npy")) / 2**20
        return [Row("memory", count, note=f"private per worker {own}; {shared:.0f} MB mapped by all")]

    def _workers(self) -> list[int]:
        """Process numbers of the workers that have an index."""
        children = Path(f"/proc/{self.process}/task/{self.process}/children").read_text().split()
        return [int(pid) for pid in children if _anonymous_mb(int(pid)) > 60]


@contextmanager
def serving(url: str, home: Path) -> Iterator[Product]:
    """Start two workers over a database; they end afterwards."""
    command = [sys.executable, "-m", "uvicorn", "asgi:app", "--port", str(PORT), "--workers", "2"]
    environment = {"DATABASE_URL": url, "YIPING_HOME": str(home), "YIPING_DEMO": "none"}
    server = Child(
        "web", [*command, "--no-access-log"], folder=REPOSITORY, environment=environment, log=home / "web.log"
    )
    began = time.perf_counter()
    server.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{PORT}", timeout=60) as client:
            wait_for(client, "/readyz", server)
            first_s = time.perf_counter() - began
            for _ in range(8):  # both workers have mapped the indexes
                client.get("/readyz")
            name, password = ACCOUNT
            client.post("/api/login", json={"username": name, "password": password}).raise_for_status()
            yield Product(client, home, first_s, server.pid)
    finally:
        server.stop()


def wait_for(client: httpx.Client, path: str, server: Child) -> None:
    """Wait until a server answers a path with 200; raises `YipingError` when it ends or takes too long."""
    began = time.perf_counter()
    while not _answers(client, path):
        if not server.running or time.perf_counter() - began > _READY_S:
            raise YipingError(f"The server did not start ({server.last_words()}).")
        time.sleep(0.1)


def _answers(client: httpx.Client, path: str) -> bool:
    try:
        return client.get(path).status_code == 200
    except httpx.TransportError:
        return False


def _anonymous_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    return 0.0
