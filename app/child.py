"""Programs that the start command runs, each in a process group of its own, so that all of it can end."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from data.cluster import bound_to_parent

_PR_SET_CHILD_SUBREAPER = 36
_LOG_BYTES = 20_000_000
_ERROR = re.compile(r"[\w.]*(Error|Exception|Exit)\b")  # the line that ends a Python traceback


def adopt_orphans() -> None:
    """Become the parent of what children leave behind, so that it can be reaped here (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Child:
    """A program with its descendants; its output goes to a log file, or to our own output without one."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        """Describe a program, run in `folder` with additions to our environment; nothing starts yet."""
        self.name = name
        self.log = log
        self._command = list(command)
        self._folder = folder
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._asked_to_stop = False
        self._log_begin = 0

    @property
    def running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._process is not None and self.exit_status is None

    @property
    def pid(self) -> int:
        """Its process number, 0 before it starts."""
        return self._process.pid if self._process else 0

    @property
    def exit_status(self) -> int | None:
        """Its exit status (negative: the signal that ended it), or None while it runs or before it starts."""
        return _exit_status(self._process, os.WNOHANG) if self._process else None

    def start(self) -> None:
        """Start the program; it receives TERM should we die without a word."""
        self._asked_to_stop = False
        with self._open_log() as log:
            self._process = subprocess.Popen(
                bound_to_parent(self._command, "TERM"),
                cwd=self._folder,
                env=os.environ | self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
            )

    def wait(self) -> int:
        """Wait until it ends by itself and return its exit status."""
        return (_exit_status(self._process, 0) or 0) if self._process else 0

    def ask_to_stop(self) -> None:
        """Send TERM once to the program, which tells its own descendants; return at once."""
        if self._process and self.running and not self._asked_to_stop:
            os.kill(self._process.pid, signal.SIGTERM)
            self._asked_to_stop = True

    def stop(self, patience_s: float = 10.0) -> None:
        """End the program and every descendant of its group, gently first, and reap them all."""
        if self._process is None:
            return
        self.ask_to_stop()
        deadline = time.monotonic() + patience_s
        while self.running and time.monotonic() < deadline:
            time.sleep(0.02)
        for wish in (signal.SIGTERM, signal.SIGKILL):
            if _group_is_gone(self._process.pid, wish, 2.0):
                break
        self._process.poll()
        self._process = None

    def said(self) -> str:
        """Return what it wrote to its log since it was last started."""
        if self.log is None or not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(self._log_begin)
            return log.read().decode(errors="replace")

    def last_words(self, lines: int = 2) -> str:
        """Return the last error it wrote since it was last started, or else its last lines, on one line."""
        said = self.said().strip().splitlines()
        errors = [line for line in said if _ERROR.match(line)]
        return errors[-1] if errors else " / ".join(said[-lines:])

    def _open_log(self) -> contextlib.AbstractContextManager[IO[bytes] | None]:
        if self.log is None:
            return contextlib.nullcontext()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.replace(self.log.with_suffix(".1.log"))
        log = self.log.open("ab")
        self._log_begin = log.tell()
        return log


def _exit_status(process: subprocess.Popen[bytes], options: int) -> int | None:
    """Return the exit status (negative: a signal) and leave the ended process unreaped.

    As long as it is not reaped, the system gives its number to no other process or group, so that a signal to its
    group cannot reach a stranger. Systems without `waitid` reap at once.
    """
    if not hasattr(os, "waitid"):
        return process.wait() if options == 0 else process.poll()
    result = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | options)
    if result is None:
        return None
    return result.si_status if result.si_code == os.CLD_EXITED else -result.si_status


def _group_is_gone(group: int, wish: signal.Signals, patience_s: float) -> bool:
    """Signal what is left of a process group, reap it, and say whether all of it ended in time."""
    deadline = time.monotonic() + patience_s
    try:
        os.killpg(group, wish)
        while time.monotonic() < deadline:
            _reap(group)
            os.killpg(group, 0)
            time.sleep(0.02)
    except ProcessLookupError:
        return True
    return False


def _reap(group: int) -> None:
    """Take the exit status of every ended member of a process group that is our child."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-group, os.WNOHANG) != (0, 0):
            pass
