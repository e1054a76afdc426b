"""The whole product on one machine: database, migrations, demo city, two web processes and a worker.

`up` is what the start command runs. It checks what can go wrong before it starts anything, keeps what it
started alive, and ends all of it, and nothing else, on Ctrl-C, TERM or when the terminal goes away.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from app.child import Child, adopt_orphans
from app.settings import REPOSITORY, Settings
from app.speech import fault, spoken
from data.cluster import Cluster, HomeLock, Server, ensure_postgis
from data.cluster_server import DATABASE, preparation
from layers.core.errors import YipingError
from layers.core.text import Text

WEB_PROCESSES = 2
NEEDED_BYTES = 1_000_000_000
READY_S = 300.0
"""How long the first page may take; a city of millions of places takes a minute to index."""

_TICK_S = 0.1
_CRASH = re.compile(r"^Process SpawnProcess-|Application startup failed", re.MULTILINE)
_LONGEST_PAUSE_S = 60.0
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PAGES = {"/": "首页 start", "/ops": "大屏 big screen", "/field": "平板 tablet", "/offices": "选址 offices"}


class StartError(YipingError):
    """The product cannot start or go on; the message says why and what to do."""


class Supervisor:
    """Starts the parts in order, watches them, and ends them together."""

    def __init__(self, settings: Settings) -> None:
        """Prepare to run with these settings; nothing starts yet."""
        self._settings = settings
        self._home = settings.home.absolute()
        self._children: list[Child] = []
        self._cluster: Cluster | None = None

    def run(self) -> int:
        """Start everything, watch it until it is told to stop, and return the exit status."""
        began = time.monotonic()
        with contextlib.ExitStack() as stack:
            lock = HomeLock(self._home / "run.lock", of=self._home)
            lock.acquire()
            stack.callback(lock.release)
            _ = self._settings.secret_key  # made once, before several processes look for it
            check_port(self._settings.host, self._settings.port)
            check_space(self._home)
            stack.callback(self._stop)
            url = self._database()
            self._prepare(url)
            web, worker = self._parts(url)
            web.start()
            self._wait_until_ready(web)
            worker.start()  # the first page does not need it, and starts sooner alone
            self._announce(time.monotonic() - began)
            return self._watch(web, worker)

    def _database(self) -> str:
        """Return the URL of the given database once it is fit for us, or of the private one, started."""
        if given := self._settings.database_url:
            ensure_postgis(given)
            return given
        self._cluster = Cluster(self._home, log=self._log("postgres"))
        self._cluster.start()
        if note := self._cluster.note:
            say(spoken(note))
        Server(self._cluster.socket_dir).ensure_database(DATABASE)
        return self._cluster.url()

    def _prepare(self, url: str) -> None:
        """Bring the database to the present shape and fill an empty one with the demo city.

        A demo city that was interrupted is made anew; one whose accounts file is missing gets new passwords.
        """
        known = preparation(url)
        if not known.migrated:
            self._step("migrate", url)
        if self._settings.demo == "none":
            return
        if known.half_demo or not known.has_places:
            self._step("demo", url, "--size", self._settings.demo)
        elif known.demo_size and not self._settings.accounts_file.exists():
            self._step("demo", url, "--size", known.demo_size)

    def _step(self, command: str, url: str, *arguments: str) -> None:
        """Run one command of ours to its end, with its output on ours."""
        child = self._child(
            command, [sys.executable, "-m", "app.cli", command, *arguments], url, to_log=False
        )
        child.start()
        if (status := child.wait()) != 0:
            raise StartError(
                Text(
                    f"`yiping {command}` 以状态 {status} 结束；原因见上面的输出。",
                    f"`yiping {command}` ended with status {status}; what it printed above says why.",
                )
            )
        child.stop()
        self._children.remove(child)

    def _parts(self, url: str) -> tuple[Child, Child]:
        """Return the web server and the worker, ready to start."""
        address = ["--host", self._settings.host, "--port", str(self._settings.port)]
        manner = ["--workers", str(WEB_PROCESSES), "--no-access-log", "--timeout-graceful-shutdown", "3"]
        manner += ["--timeout-worker-healthcheck", "30"]  # indexing a large city keeps a process busy
        web = self._child("web", [sys.executable, "-m", "uvicorn", "asgi:app", *address, *manner], url)
        worker = self._child("worker", [sys.executable, "-m", "app.cli", "worker"], url)
        return web, worker

    def _child(self, name: str, command: list[str], url: str, *, to_log: bool = True) -> Child:
        environment = {"DATABASE_URL": url, "YIPING_HOME": str(self._home), "PYTHONUNBUFFERED": "1"}
        log = self._log(name) if to_log else None
        child = Child(name, command, folder=REPOSITORY, environment=environment, log=log)
        self._children.append(child)
        return child

    def _wait_until_ready(self, web: Child) -> None:
        """Return when /readyz says so; raise `StartError` when the web ends before, or takes too long."""
        deadline = time.monotonic() + READY_S
        while (reason := readiness(self._settings.host, self._settings.port)) is not None:
            self._check_essentials(web)
            if len(_CRASH.findall(web.said())) >= WEB_PROCESSES:
                raise StartError(
                    Text(
                        f"网页服务无法启动（{web.last_words()}）：请查看 {web.log}。",
                        f"The web server cannot start ({web.last_words()}): see {web.log}.",
                    )
                )
            if time.monotonic() > deadline:
                raise StartError(
                    Text(
                        f"网页服务在 {READY_S:.0f} 秒后仍未就绪（{reason}）：请查看 {web.log}。",
                        f"The web server is not ready after {READY_S:.0f} s ({reason}): see {web.log}.",
                    )
                )
            time.sleep(_TICK_S)

    def _watch(self, web: Child, worker: Child) -> int:
        """Keep the worker alive; raise `StartError` when the web server or the database ends."""
        pause, born = 1.0, time.monotonic()
        while True:
            time.sleep(_TICK_S)
            self._check_essentials(web)
            if worker.running:
                continue
            if time.monotonic() - born > _LONGEST_PAUSE_S:
                pause = 1.0
            say(spoken(_worker_ended(worker, pause)))
            worker.stop()
            self._rest(pause, web)
            worker.start()
            pause, born = min(2 * pause, _LONGEST_PAUSE_S), time.monotonic()

    def _rest(self, seconds: float, web: Child) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(_TICK_S)
            self._check_essentials(web)

    def _check_essentials(self, web: Child) -> None:
        if not web.running:
            raise StartError(
                Text(
                    f"网页服务以状态 {web.exit_status} 结束（{web.last_words()}）；请查看 {web.log}。",
                    f"The web server ended with status {web.exit_status} ({web.last_words()}); see {web.log}.",
                )
            )
        if self._cluster is not None and not self._cluster.running:
            raise StartError(
                Text(
                    f"数据库自行停止；请查看 {self._cluster.log}，然后重新启动。",
                    f"The database ended by itself; see {self._cluster.log}, then start again.",
                )
            )

    def _stop(self) -> None:
        """End every part; no signal interrupts this."""
        for number in _STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        for child in self._children:
            child.ask_to_stop()
        for child in self._children:
            child.stop()
        if self._cluster is not None:
            self._cluster.stop()

    def _announce(self, seconds: float) -> None:
        base = f"http://{_reachable(self._settings.host)}:{self._settings.port}"
        say(spoken(Text(f"一屏已就绪（{seconds:.1f} 秒）：", f"Yiping 一屏 is ready ({seconds:.1f} s):")))
        for path, title in _PAGES.items():
            say(f"  {base + path:<36} {title}")
        if self._settings.accounts_file.exists():
            say(f"Demo accounts 演示账号: {self._settings.accounts_file.absolute()}")
        say(f"Logs 日志: {self._home / 'logs'}")
        say("Ctrl-C stops everything 停止.")

    def _log(self, name: str) -> Path:
        return self._home / "logs" / f"{name}.log"


def _worker_ended(worker: Child, pause: float) -> Text:
    return Text(
        f"后台进程已结束（{worker.exit_status}），{pause:.0f} 秒后重新启动：{worker.log}",
        f"The worker ended ({worker.exit_status}) and starts again in {pause:.0f} s: {worker.log}",
    )


def check_port(host: str, port: int) -> None:
    """Raise `StartError` when nobody could listen on this address."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        other = f"YIPING_PORT={port + 1 if port < 65535 else 8050} bin/run"
        raise StartError(
            Text(
                f"{host} 的端口 {port} 不可用（{error.strerror}）：请停止占用它的程序，"
                f"或换一个端口，例如 {other}。",
                f"Port {port} on {host} cannot be used ({error.strerror}): stop what uses it, or choose another, "
                f"for example {other}.",
            )
        ) from None


def check_space(folder: Path) -> None:
    """Raise `StartError` when the disk of `folder` has less than 1 GB free."""
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise StartError(
            Text(
                f"{folder} 所在的磁盘只剩 {free / 1e6:.0f} MB，而数据库需要 1 GB："
                "请腾出空间，或把 YIPING_HOME 设为其他磁盘上的文件夹。",
                f"Only {free / 1e6:.0f} MB are free on the disk of {folder}, and the database needs 1 GB: "
                "make room, or set YIPING_HOME to a folder on another disk.",
            )
        )


def readiness(host: str, port: int) -> str | None:
    """Ask /readyz and return None when all is there, otherwise the reason in words."""
    connection = http.client.HTTPConnection(_reachable(host), port, timeout=10)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return None if answer.status == 200 else answer.read(500).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return str(error)
    finally:
        connection.close()


def _reachable(host: str) -> str:
    """Return an address of this machine for a host that may mean "every address"."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (not bound here)


def say(sentence: str) -> None:
    """Print one line at once."""
    print(sentence, flush=True)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Make every wish to stop arrive as KeyboardInterrupt, whatever our parent had done with signals."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def up(settings: Settings | None = None) -> int:
    """Run the whole product until it is told to stop; return 0 when stopped, 1 when it could not go on."""
    adopt_orphans()
    with interruptible():
        try:
            return Supervisor(settings or Settings()).run()
        except KeyboardInterrupt:
            say("Yiping is stopped 已停止.")
            return 0
        except Exception as error:
            if (words := fault(error)) is None:
                raise
            print(spoken(words), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(up())
