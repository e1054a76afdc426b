"""A lock that says which process uses a home folder; the system gives it back however that process ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from data.cluster_install import ClusterError
from layers.core.text import Text


class HomeLock:
    """An exclusive lock on a file, with the number of the process that holds it written inside."""

    def __init__(self, path: Path, *, of: Path) -> None:
        """Describe the lock file `path` of the home folder `of`; nothing is touched yet."""
        self.path = path
        self._home = of
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock; raise `ClusterError` when another process has it or the file is out of reach."""
        descriptor = self._open()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            holder = self._written()
            raise ClusterError(
                Text(
                    f"一屏已在 {self._home} 上运行（进程 {holder or '不详'}）："
                    "请使用它或停止它；要再运行一个，请把 YIPING_HOME 设为另一个文件夹。",
                    f"Yiping is already running on {self._home} (process {holder or 'unknown'}): "
                    "use it or stop it, or set YIPING_HOME to another folder for a second one.",
                )
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def holder(self) -> int | None:
        """Return the number of the process that holds the lock (0 when unknown), or None when nobody does."""
        if not self.path.exists():
            return None
        descriptor = self._open()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return self._written()
        finally:
            os.close(descriptor)
        return None

    def _open(self) -> int:
        try:
            self.path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise ClusterError(
                Text(
                    f"{self.path} 无法写入（{error.strerror}）：请以 {self._home} 的所有者启动一屏，"
                    "或把 YIPING_HOME 设为自己的文件夹。",
                    f"{self.path} cannot be written ({error.strerror}): start Yiping as the owner of "
                    f"{self._home}, or set YIPING_HOME to a folder of your own.",
                )
            ) from None

    def _written(self) -> int:
        text = self.path.read_text().strip()
        return int(text) if text.isdigit() else 0
