"""The start command: what it refuses to begin, what it starts, and that it leaves nothing behind."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import supervise
from app.child import Child, adopt_orphans
from app.supervise import StartError, check_port, check_space, interruptible, readiness
from data.home_lock import HomeLock

REPOSITORY = Path(__file__).resolve().parents[2]

FAMILY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import signal, time; {deaf}time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="yiping-test-home-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(path: Path, seconds: float = 10) -> str:
    """Return the text of a file as soon as it ends with a line."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if path.exists() and (text := path.read_text()).endswith("\n"):
            return text
        time.sleep(0.02)
    raise AssertionError(f"{path} stayed empty")


@pytest.mark.parametrize("deaf", ["", "signal.signal(signal.SIGTERM, signal.SIG_IGN); "])
def test_a_child_ends_with_its_grandchildren_even_deaf_ones(tmp_path: Path, deaf: str) -> None:
    log = tmp_path / "family.log"
    child = Child("family", [sys.executable, "-c", FAMILY.format(deaf=deaf)], folder=tmp_path, log=log)
    adopt_orphans()
    child.start()
    grandchild = int(wait_for(log))
    assert alive(grandchild)
    child.stop()
    assert not child.running
    assert not alive(grandchild)


def test_a_grandchild_that_outlives_its_parent_is_ended(tmp_path: Path) -> None:
    log = tmp_path / "family.log"
    short_lived = FAMILY.format(deaf="").replace("time.sleep(600)\n", "")
    child = Child("family", [sys.executable, "-c", short_lived], folder=tmp_path, log=log)
    adopt_orphans()
    child.start()
    assert child.wait() == 0
    grandchild = int(wait_for(log))
    assert alive(grandchild)
    child.stop()
    assert not alive(grandchild)


def test_a_child_says_its_last_words_and_status(tmp_path: Path) -> None:
    code = "import sys; print('first', file=sys.stderr); sys.exit('the reason')"
    child = Child("brief", [sys.executable, "-c", code], folder=tmp_path, log=tmp_path / "logs" / "brief.log")
    assert child.exit_status is None
    child.start()
    assert child.wait() == 1
    assert child.exit_status == 1
    assert child.last_words() == "first / the reason"


def test_a_taken_port_is_refused_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"Port {port} .*YIPING_PORT={port + 1}"):
            check_port("127.0.0.1", port)


def test_a_host_that_is_not_ours_is_refused() -> None:
    with pytest.raises(StartError, match=r"203\.0\.113\.1 cannot be used"):
        check_port("203.0.113.1", 8050)


def test_a_full_disk_is_refused_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_space(tmp_path)
    monkeypatch.setattr(supervise, "NEEDED_BYTES", 10**18)
    with pytest.raises(StartError, match=r"MB are free .* YIPING_HOME"):
        check_space(tmp_path)


def test_readiness_gives_the_reason_in_words(free_port: int) -> None:
    answers = iter([(503, b"no index yet"), (200, b"ready")])

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = next(answers)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    assert "refused" in str(readiness("127.0.0.1", free_port))
    with http.server.HTTPServer(("127.0.0.1", free_port), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert readiness("0.0.0.0", free_port) == "no index yet"
        assert readiness("127.0.0.1", free_port) is None
        server.shutdown()


def start(home: Path, **environment: str) -> subprocess.Popen[str]:
    """Run the start command the way bin/run does."""
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.Popen(
        [sys.executable, "-m", "app.supervise"],
        cwd=REPOSITORY,
        env=kept | {"YIPING_HOME": str(home), "YIPING_DEMO": "none"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_wrong_setting_is_one_sentence(home: Path) -> None:
    with start(home, YIPING_PORT="many") as process:
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.count("\n") == 1
    assert errors.startswith("The setting YIPING_PORT is wrong")


def test_a_second_start_on_the_same_home_is_refused(home: Path, free_port: int) -> None:
    lock = HomeLock(home / "run.lock", of=home)
    lock.acquire()
    with start(home, YIPING_PORT=str(free_port)) as process:
        _, errors = process.communicate(timeout=30)
    lock.release()
    assert process.returncode == 1
    assert errors.count("\n") == 1
    assert f"already running on {home} (process {os.getpid()})" in errors


def test_a_database_that_does_not_answer_is_one_sentence(home: Path, free_port: int) -> None:
    url = "postgresql://somebody:secret@127.0.0.1:1/nowhere"
    with start(home, YIPING_PORT=str(free_port), DATABASE_URL=url) as process:
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.count("\n") == 1
    assert "DATABASE_URL does not answer" in errors
    assert "secret" not in errors


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_wish_to_stop_is_heard_even_where_the_shell_ignores_it(wish: signal.Signals) -> None:
    before = signal.signal(wish, signal.SIG_IGN)
    try:
        with pytest.raises(KeyboardInterrupt), interruptible():
            signal.raise_signal(wish)
        assert signal.getsignal(wish) is signal.SIG_IGN
    finally:
        signal.signal(wish, before)


def test_everything_starts_answers_and_ends_without_a_trace(home: Path, free_port: int) -> None:
    with start(home, YIPING_PORT=str(free_port)) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "stops everything" in line:
                break
        family = descendants(process.pid)
        names = {Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ") for pid in family}
        answer = readiness("127.0.0.1", free_port)
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=30)
    assert answer is None, errors
    for part in ("postgres", "uvicorn", "worker"):
        assert any(part in name for name in names), json.dumps(sorted(names))
    assert process.returncode == 0
    assert "stopped" in out
    assert [pid for pid in family if alive(pid)] == []


def test_the_end_of_the_web_server_ends_all_and_says_so(home: Path, free_port: int) -> None:
    with start(home, YIPING_PORT=str(free_port)) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "stops everything" in line:
                break
        family = descendants(process.pid)
        [web] = [pid for pid in family if b"uvicorn" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        os.kill(web, signal.SIGKILL)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "The web server ended with status -9" in errors
    assert str(home / "logs" / "web.log") in errors
    assert [pid for pid in family if alive(pid)] == []


def descendants(pid: int) -> list[int]:
    """Return every process below another, nearest first."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found += [child, *descendants(child)]
    return found
