"""Find, or install, the PostgreSQL with PostGIS that the private cluster runs on.

Only a real PostgreSQL with PostGIS does all the work of this product, and no Python package ships one, so it
comes from the operating system. Debian and Ubuntu keep each major version in its own folder; other systems
are found through `pg_config` on the PATH.
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from layers.core.errors import YipingError
from layers.core.text import Text

SEARCH_PATH: tuple[str, ...] = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # packages of postgresql.org for RPM systems
    "/opt/homebrew/opt/postgresql@*/bin",  # macOS, Apple silicon
    "/usr/local/opt/postgresql@*/bin",  # macOS, Intel
)
"""Folder patterns (shell globs) that may hold the programs of one PostgreSQL version."""

WAYS_OUT = Text(
    "请安装 PostGIS（Debian、Ubuntu：apt install postgresql-postgis；macOS：brew install postgis）后重新启动，"
    "或设置 DATABASE_URL=postgresql://用户:密码@主机/库 使用已有的服务器",
    "install PostGIS (Debian and Ubuntu: apt install postgresql-postgis; macOS: brew install postgis) and "
    "start again, or set DATABASE_URL=postgresql://user:password@host/database to use a server you have",
)
_NO_MAIN_CLUSTER_FILE = Path("/etc/postgresql-common/createcluster.d/yiping.conf")
_NO_MAIN_CLUSTER = "# Yiping runs a private cluster only.\ncreate_main_cluster = false\n"
_MISSING = Text("没有找到带 PostGIS 的 PostgreSQL，", "No PostgreSQL with PostGIS was found, and ")


class ClusterError(YipingError):
    """The database cannot be installed, started or reached; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True, order=True)
class Installation:
    """The programs of one PostgreSQL version that has PostGIS."""

    major: int
    bindir: Path
    sharedir: Path

    def program(self, name: str) -> str:
        """Return the full path of one of its programs, such as `initdb`."""
        return str(self.bindir / name)


def locate(search: Sequence[str] | None = None) -> Installation | None:
    """Return the newest PostgreSQL of this machine that has PostGIS, or None.

    `search` are folder globs; the default is `SEARCH_PATH` and whatever `pg_config` on the PATH names.
    """
    candidates = list(_bindirs(SEARCH_PATH if search is None else search))
    if search is None and (on_path := shutil.which("pg_config")):
        candidates.append(Path(_output([on_path, "--bindir"])))
    return max((found for bindir in candidates if (found := _inspect(bindir))), default=None)


def install() -> Installation:
    """Install PostgreSQL with PostGIS through apt; without apt raise `ClusterError` with the ways out.

    No system-wide database cluster is created by this, and none that exists is touched.
    """
    if not shutil.which("apt-get"):
        raise _stuck(f"{_MISSING.zh}也没有可用来安装它的 apt", f"{_MISSING.en}there is no apt to install it")
    if os.geteuid() != 0 and not shutil.which("sudo"):
        raise _stuck(f"{_MISSING.zh}安装需要 root 或 sudo", f"{_MISSING.en}installing it needs root or sudo")
    print("Installing PostgreSQL with PostGIS (once, about 20 seconds) ...", file=sys.stderr, flush=True)
    _as_root(["mkdir", "-p", str(_NO_MAIN_CLUSTER_FILE.parent)])
    _as_root(["tee", str(_NO_MAIN_CLUSTER_FILE)], text=_NO_MAIN_CLUSTER)
    try:
        _apt_install()
    except ClusterError:  # the lists of packages may be missing or old: fetch them and try once more
        _as_root(["apt-get", "update", "-q"])
        _apt_install()
    if (found := locate()) is None:
        raise _stuck(
            "已用 apt 安装 PostgreSQL，但没有找到其 PostGIS 文件",
            "PostgreSQL was installed by apt, but its PostGIS files were not found",
        )
    return found


def locate_or_install() -> Installation:
    """Return the PostgreSQL with PostGIS of this machine, installing it first where it is missing."""
    return locate() or install()


def _apt_install() -> None:
    listed = _output(["apt-cache", "search", "--names-only", "^postgresql-[0-9]+-postgis-3$"])
    majors = [int(major) for major in re.findall(r"^postgresql-(\d+)-postgis-3\b", listed, re.MULTILINE)]
    if not majors:
        raise _stuck("apt 中没有 PostgreSQL 的 PostGIS 软件包", "apt knows no PostGIS package for PostgreSQL")
    package = f"postgresql-{max(majors)}-postgis-3"
    options = ["-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]
    _as_root(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", *options, package])


def _as_root(command: list[str], text: str = "") -> None:
    """Run a command as root (through sudo when needed); raise `ClusterError` with its last words."""
    full = command if os.geteuid() == 0 else ["sudo", *command]
    done = subprocess.run(
        full, input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode != 0:
        step, last = " ".join(full), " / ".join(done.stdout.strip().splitlines()[-2:])
        raise _stuck(
            f"安装 PostGIS 时 `{step}` 失败（{last}）", f"Installing PostGIS failed at `{step}` ({last})"
        )


def _stuck(zh: str, en: str) -> ClusterError:
    """Return the fault of an installation that cannot go on: the reason and the ways out."""
    return ClusterError(Text(f"{zh}：{WAYS_OUT.zh}。", f"{en}: {WAYS_OUT.en}."))


def _bindirs(patterns: Sequence[str]) -> Iterable[Path]:
    return (Path(found) for pattern in patterns for found in glob.glob(pattern))


def _inspect(bindir: Path) -> Installation | None:
    """Return the installation with its programs in `bindir`; None where it is incomplete or lacks PostGIS."""
    needed = [bindir / name for name in ("postgres", "initdb", "pg_config")]
    if not all(os.access(program, os.X_OK) for program in needed):
        return None
    version = re.search(r"(\d+)", _output([str(bindir / "pg_config"), "--version"]))
    sharedir = Path(_output([str(bindir / "pg_config"), "--sharedir"]))
    if version is None or not (sharedir / "extension" / "postgis.control").is_file():
        return None
    return Installation(major=int(version.group(1)), bindir=bindir, sharedir=sharedir)


def _output(command: list[str]) -> str:
    """Return what a command prints, or nothing where it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def main() -> int:
    """Make sure that PostgreSQL with PostGIS is there; used by the test run before any test starts."""
    try:
        locate_or_install()
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
