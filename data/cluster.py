"""The private database: a PostgreSQL with PostGIS that belongs to one Yiping home folder and to nothing else.

It listens on a Unix socket only, in a folder that no other user may enter, and is a child of the process that
starts it. As root it runs as the user `postgres` (PostgreSQL refuses root); as anybody else it runs as that
user. Its folder is named by major version, so that an upgrade of the operating system never opens files of
another version.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from data.cluster_install import ClusterError, Installation, install, locate, locate_or_install
from data.cluster_server import DATABASE, PORT, USER, Server, ensure_postgis
from data.home_lock import HomeLock
from layers.core.text import Text

__all__ = [
    "Cluster",
    "ClusterError",
    "HomeLock",
    "Server",
    "available",
    "ensure_postgis",
    "install",
    "locate",
]

RETRY_S = 30.0
"""How long a start waits for what a killed predecessor left behind; measured 1.5-7 s."""
_STILL_GOING_DOWN = ("postmaster.pid", "is still in use", "Is another postmaster")
_READY_S = 300.0  # crash recovery after a power cut in the middle of a very large import
_SOCKET_PATH_BYTES = 103  # the system's limit for a socket address: 107 on Linux, 103 on macOS
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._/+-]+")  # commas and quotes in a socket path are read as syntax


def bound_to_parent(command: list[str], signal_name: str) -> list[str]:
    """Return `command` so that it receives a signal when its parent dies without a word (Linux only).

    `signal_name` is without SIG, such as `TERM`. The parent is the *thread* that starts the command.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", signal_name, "--", *command] if setpriv else command


class Cluster:
    """One private database cluster; a context manager that starts it and stops it."""

    def __init__(
        self, home: Path, *, durable: bool = True, log: Path, installation: Installation | None = None
    ) -> None:
        """Describe the cluster of the folder `home`; nothing is touched before `start`.

        `durable` False trades safety against power cuts for speed (tests); `log` takes what the server says.
        """
        self.home = home.absolute()
        self.log = log
        self.durable = durable
        self._given_installation = installation
        self._lock = HomeLock(self.home / "database.lock", of=self.home)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @cached_property
    def installation(self) -> Installation:
        """The programs it runs on; installed through apt when the machine has none."""
        return self._given_installation or locate_or_install()

    @cached_property
    def run_as(self) -> str | None:
        """The system user the server runs as, or None for the present one."""
        if os.geteuid() != 0:
            return None
        try:
            return pwd.getpwnam("postgres").pw_name
        except KeyError:
            raise ClusterError(
                Text(
                    "PostgreSQL 不能以 root 运行，而本机没有用户 `postgres`："
                    "请以普通用户启动一屏，或创建该用户（useradd --system postgres）。",
                    "PostgreSQL refuses to run as root and this machine has no user `postgres`: "
                    "start Yiping as an ordinary user, or create that user (useradd --system postgres).",
                )
            ) from None

    @cached_property
    def base(self) -> Path:
        """The folder of the data directories: the home, or one in /var/lib if `postgres` cannot enter it."""
        if self.run_as is None or _can_enter(self.home, self.run_as):
            return self.home
        return Path("/var/lib") / f"yiping-{self._name}"

    @property
    def data_dir(self) -> Path:
        """The data directory of this major version."""
        return self.base / f"pg{self.installation.major}"

    @cached_property
    def socket_dir(self) -> Path:
        """The folder of the socket: in the base, or in a temporary place when that path is too long."""
        wanted = self.base / "socket"
        fits = len(os.fsencode(wanted / f".s.PGSQL.{PORT}")) <= _SOCKET_PATH_BYTES
        if fits and _PLAIN_PATH.fullmatch(str(wanted)):
            return wanted
        return Path(tempfile.gettempdir()) / f"yiping-{os.geteuid()}-{self._name}"

    @property
    def note(self) -> Text | None:
        """One sentence on where the data is when it is not in the home, otherwise None."""
        if self.base == self.home:
            return None
        return Text(
            f"数据库存放在 {self.base}：用户 {self.run_as} 无权进入 {self.home}。",
            f"The database is kept in {self.base}: the user {self.run_as} may not enter {self.home}.",
        )

    @property
    def _name(self) -> str:
        return hashlib.sha256(os.fsencode(self.home.resolve())).hexdigest()[:10]

    @property
    def server(self) -> Server:
        """The address of the server, also when another process runs it."""
        return Server(self.socket_dir)

    def url(self, dbname: str = DATABASE) -> str:
        """Return the `postgresql://` URL of one of its databases."""
        return self.server.url(dbname)

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database, as a copy of `template` when given."""
        self.server.create_database(name, template)

    def drop_database(self, name: str) -> None:
        """Remove a database and end the sessions on it; one that is not there is no error."""
        self.server.drop_database(name)

    def holder(self) -> int | None:
        """Return the process that runs this cluster now, or None."""
        return self._lock.holder()

    @property
    def running(self) -> bool:
        """Whether the server was started here and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server, creating the cluster if there is none; raise `ClusterError` with the reason."""
        self._lock.acquire()
        try:
            _ = self.installation  # the packages bring the system user that `base` and the rest depend on
            self._make_folder(self.base)
            self._make_private_folder(self.socket_dir)
            if not (self.data_dir / "PG_VERSION").exists():
                self._initialise()
            self._clear_leftovers()
            self._launch()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server (open transactions roll back) and wait until it is gone; harmless if stopped."""
        if (process := self._process) is not None:
            for wish in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, the end
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(wish)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=60)
                    break
            self._process = None
            with contextlib.suppress(OSError):
                self.socket_dir.rmdir()
        self._lock.release()

    def _make_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        except OSError as error:
            raise ClusterError(
                Text(
                    f"无法创建文件夹 {folder}（{error.strerror}）：请把 YIPING_HOME 设为自己的文件夹。",
                    f"The folder {folder} cannot be made ({error.strerror}): "
                    "set YIPING_HOME to a folder of your own.",
                )
            ) from None

    def _make_private_folder(self, folder: Path) -> None:
        """Make a folder that only the server's user may enter; refuse one that somebody else owns."""
        user = pwd.getpwnam(self.run_as) if self.run_as else None
        uid = user.pw_uid if user else os.geteuid()
        folder.mkdir(mode=0o700, exist_ok=True)
        if user and folder.stat().st_uid == os.geteuid() and not folder.is_symlink():
            os.chown(folder, user.pw_uid, user.pw_gid)
        if folder.is_symlink() or folder.stat().st_uid != uid:
            raise ClusterError(
                Text(
                    f"文件夹 {folder} 属于另一用户：请以其所有者启动一屏，"
                    "或把 YIPING_HOME 设为自己的文件夹。",
                    f"The folder {folder} belongs to another user: start Yiping as its owner, "
                    "or set YIPING_HOME to a folder of your own.",
                )
            )
        folder.chmod(0o700)

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        return subprocess.run(command, check=False, **pipes, **self._identity())

    def _identity(self) -> dict[str, Any]:
        """The arguments of subprocess that make a child the server's user in a clean environment."""
        keep = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "TZ": "UTC"}
        options: dict[str, Any] = {"cwd": "/", "env": keep, "stdin": subprocess.DEVNULL, "umask": 0o077}
        if self.run_as:
            entry = pwd.getpwnam(self.run_as)
            options |= {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        return options

    def _initialise(self) -> None:
        """Create the data directory beside its place and move it there when it is whole."""
        half = self.data_dir.with_suffix(".new")
        shutil.rmtree(half, ignore_errors=True)
        self._make_private_folder(half)
        locale = "C.UTF-8" if os.uname().sysname == "Linux" else "C"
        command = [self.installation.program("initdb"), "-D", str(half), "-U", USER, "--encoding=UTF8"]
        command += [f"--locale={locale}", "--lc-messages=C", "--auth-local=trust", "--auth-host=reject"]
        done = self._run(command if self.durable else [*command, "--no-sync"])
        if done.returncode != 0:
            shutil.rmtree(half, ignore_errors=True)
            last = " / ".join(done.stdout.strip().splitlines()[-2:])
            raise ClusterError(
                Text(
                    f"无法在 {self.data_dir} 创建数据库：{last}",
                    f"The database in {self.data_dir} could not be created: {last}",
                )
            )
        half.rename(self.data_dir)

    def _clear_leftovers(self) -> None:
        """Stop a server that outlived its killed starter; drop a process file that now names a stranger."""
        pid = _first_number(self.data_dir / "postmaster.pid")
        if pid is None or not Path("/proc/self/cwd").exists():
            return
        if _works_in(pid, self.data_dir):
            os.kill(pid, signal.SIGINT)
        elif Path(f"/proc/{pid}").exists() and not _anybody_works_in(self.data_dir):
            (self.data_dir / "postmaster.pid").unlink()

    def _launch(self) -> None:
        """Start the server; while a predecessor is still going down, try again."""
        deadline = time.monotonic() + RETRY_S
        while True:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            with self.log.open("ab") as log:
                begin = log.tell()
                command = bound_to_parent(self._command(), "INT")
                self._process = subprocess.Popen(
                    command, stdout=log, stderr=log, process_group=0, **self._identity()
                )
            if self._wait_until_ready(self._process):
                return
            said = self.log.read_bytes()[begin:].decode(errors="replace").strip()
            going_down = any(sign in said for sign in _STILL_GOING_DOWN)
            if not going_down or time.monotonic() > deadline:
                last = " / ".join(said.splitlines()[-3:])
                raise ClusterError(
                    Text(
                        f"{self.data_dir} 中的数据库没有启动：{last}（日志：{self.log}）",
                        f"The database in {self.data_dir} did not start: {last} (log: {self.log})",
                    )
                )
            time.sleep(0.25)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Return True when the server says it is ready, False when it has ended."""
        deadline = time.monotonic() + _READY_S
        status = self.data_dir / "postmaster.pid"
        while time.monotonic() < deadline and process.poll() is None:
            lines = status.read_text().splitlines() if status.exists() else []
            if len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
                return True
            time.sleep(0.02)
        return False

    def _command(self) -> list[str]:
        settings = _settings(durable=self.durable) | {"unix_socket_directories": str(self.socket_dir)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self.installation.program("postgres"), "-D", str(self.data_dir), "-p", str(PORT), *options]


@contextlib.contextmanager
def available(home: Path, database_url: str = "", *, log: Path) -> Iterator[str]:
    """Yield the URL of a database that answers: the given, the running private, or one started meanwhile."""
    if database_url:
        ensure_postgis(database_url)
        yield database_url
        return
    cluster = Cluster(home, log=log)
    if cluster.holder() is not None:
        cluster.server.wait_until_it_answers(RETRY_S)
        yield cluster.url()
        return
    with cluster:
        cluster.server.ensure_database(DATABASE)
        yield cluster.url()


def _settings(*, durable: bool) -> dict[str, str]:
    """Server settings for a machine that also runs the web processes: modest memory, few connections."""
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    common = {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": "60",
        "shared_buffers": f"{max(32, min(1024, memory_mb // 8))}MB",
        "effective_cache_size": f"{max(128, min(4096, memory_mb // 4))}MB",
        "maintenance_work_mem": f"{max(32, min(256, memory_mb // 16))}MB",
        "work_mem": "16MB",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        "jit": "off",  # compiling costs more than the short queries of a map
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    careless = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
    return common if durable else common | careless


def _can_enter(folder: Path, user: str) -> bool:
    """Say whether a system user can reach a folder; asked of the system itself, so that ACLs count."""
    entry = pwd.getpwnam(user)
    identity: dict[str, Any] = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    test = shutil.which("test", path=os.defpath) or "test"
    return subprocess.run([test, "-x", str(folder)], cwd="/", check=False, **identity).returncode == 0


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _works_in(pid: int, folder: Path) -> bool:
    """Say whether a process works in `folder`, as every process of a PostgreSQL server does in its data."""
    try:
        return os.path.samefile(f"/proc/{pid}/cwd", folder)
    except OSError:
        return False


def _anybody_works_in(folder: Path) -> bool:
    processes = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return any(_works_in(pid, folder) for pid in processes)
