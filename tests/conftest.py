"""Fixtures for every room: a real PostGIS, a fresh database per test, and the real files of the city.

One private cluster serves a whole test run. The process that was asked to run the tests starts it before the
workers of pytest-xdist exist, tells them its address through the environment, and removes it at the end. The
migrations run once, into a template database; each test gets a copy of it, which takes about 30 ms.

A worker takes whole files (`--dist loadfile`), so that what the tests of a file share is made once.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import Engine

from data.cluster import Cluster, ClusterError, Server
from data.db import make_engine
from data.migrate import upgrade

REPOSITORY = Path(__file__).resolve().parent.parent
TEMPLATE = "yiping_template"
_ROOT = "YIPING_TEST_ROOT"
_SOCKET = "YIPING_TEST_SOCKET"
_REASON = "YIPING_TEST_NO_DATABASE"
LEAST_FREE = 4 * 1024**3  # twice what a run was seen to hold at once
_PURE_ROOMS = ("geo", "layers")
_started: list[Cluster] = []

hypothesis.settings.register_profile("ours", deadline=None)  # the first call of a loop compiles it
hypothesis.settings.load_profile("ours")


def _needs_a_database(config: pytest.Config) -> bool:
    """Say whether the wanted tests may use a database; those of the pure rooms start at once without one."""
    pure = [str(REPOSITORY / "tests" / room) for room in _PURE_ROOMS]
    wanted = [str(Path(argument.split("::")[0]).resolve()) for argument in config.args]
    return not all(path.startswith(tuple(pure)) for path in wanted)


def _forget_settings() -> None:
    """Take the settings of whoever runs the tests out of the environment, so that every run is alike."""
    for name in [name for name in os.environ if name.startswith("YIPING_")]:
        if not name.startswith(("YIPING_TEST_", "YIPING_REAL_DATA")):
            del os.environ[name]
    os.environ.pop("DATABASE_URL", None)


def _in_memory() -> str | None:
    """Return a folder in memory with room for the cluster, None where there is none.

    A thousand databases are copied and dropped in a run; on a disk, the workers wait for it.
    """
    memory = Path("/dev/shm")
    if not memory.is_dir() or shutil.disk_usage(memory).free < LEAST_FREE:
        return None
    owned = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return str(memory) if owned >= 3 * LEAST_FREE else None


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the cluster of this test run, in the one process that is not a worker."""
    _forget_settings()
    if hasattr(session.config, "workerinput") or not _needs_a_database(session.config):
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that a time limit ends as tidily as Ctrl-C
    root = Path(tempfile.mkdtemp(prefix="yiping-test-", dir=_in_memory()))
    root.chmod(0o755)  # the server may run as another user
    os.environ[_ROOT] = str(root)
    cluster = Cluster(root / "home", durable=False, log=root / "postgres.log")
    try:
        cluster.start()
    except ClusterError as error:
        os.environ[_REASON] = str(error)
    else:
        os.environ[_SOCKET] = str(cluster.socket_dir)
    _started.append(cluster)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the cluster of this test run and leave nothing behind."""
    for cluster in _started:
        cluster.stop()
        for folder in (cluster.base, cluster.socket_dir, Path(os.environ[_ROOT])):
            shutil.rmtree(folder, ignore_errors=True)
    _started.clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, or one worker would be left with them while the other has nothing to do."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def server() -> Server:
    """The database server of this test run."""
    if _SOCKET not in os.environ:
        pytest.fail(os.environ.get(_REASON, "A test of a pure room wants a database."))
    return Server(Path(os.environ[_SOCKET]))


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """The name of a migrated, otherwise empty database; made once, whichever worker comes first."""
    root = Path(os.environ[_ROOT])
    made = root / "template.made"
    with (root / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            server.drop_database(TEMPLATE)
            server.create_database(TEMPLATE)
            upgrade(server.url(TEMPLATE))
            made.touch()
    return TEMPLATE


@pytest.fixture
def database_url(server: Server, template: str) -> Iterator[str]:
    """The URL of a fresh, migrated database that is removed after the test."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    server.create_database(name, template)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a fresh, migrated database."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real files, which are not part of the repository; skips the test without them."""
    folder = Path(os.environ.get("YIPING_REAL_DATA") or REPOSITORY.parent / "shared" / "data").resolve()
    if not folder.is_dir():
        pytest.skip(f"no real files in {folder}: set YIPING_REAL_DATA to their folder")
    return folder
