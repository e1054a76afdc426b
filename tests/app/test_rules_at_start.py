"""A rule table that cannot be used stops every start with one sentence: the file, the rule and the days."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import REPOSITORY


@pytest.mark.parametrize(
    "command", [("-m", "uvicorn", "asgi:app"), ("-m", "app.cli", "worker"), ("-m", "app.cli", "recompute")]
)
def test_a_gap_stops_the_start(tmp_path: Path, database_url: str, command: tuple[str, ...]) -> None:
    shutil.copytree(REPOSITORY / "layers", tmp_path / "layers", ignore=shutil.ignore_patterns("__pycache__"))
    table = tmp_path / "layers/rules/nights.toml"
    table.write_text(
        table.read_text("utf-8").replace("valid_to = 2026-08-14", "valid_to = 2026-08-01"), "utf-8"
    )
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "YIPING_HOME": str(tmp_path / "home"),
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(REPOSITORY)]),
        "COLUMNS": "400",
        "LANG": "C.UTF-8",
    }
    done = subprocess.run(
        [sys.executable, *command],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.strip().splitlines()[-1] == (
        "Rule table layers/rules/nights.toml: no version of night_work is in force from 2026-08-02 to 2026-08-14; "
        "add one or join the dates."
    )
