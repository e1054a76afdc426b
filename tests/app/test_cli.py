"""The command: bad input gets one clear sentence and exit status 1, and nothing is written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.small_city import build

REPOSITORY = Path(__file__).resolve().parents[2]
GOOD = "name,address,lon,lat\n面馆,徐汇区天钥桥路58号,121.44,31.19\n"


def _run(url: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DATABASE_URL": url, "YIPING_HOME": str(home), "COLUMNS": "200"}
    command = [sys.executable, "-m", "app.cli", *arguments]
    return subprocess.run(
        command,
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(
    ("content", "arguments", "words"),
    [
        (GOOD, ("import", "shops", "FILE"), "wgs84"),
        (GOOD, ("import", "shops", "FILE", "--datum", "nad27"), "wgs84"),
        (GOOD, ("import", "castles", "FILE", "--datum", "wgs84"), "shops"),
        ("", ("import", "shops", "FILE", "--datum", "wgs84"), "file.csv"),
        ('a,b\n"broken\n', ("import", "shops", "FILE", "--datum", "wgs84"), "file.csv"),
        (GOOD, ("import", "shops", "MISSING", "--datum", "wgs84"), "missing.csv"),
        (GOOD, ("explain", "999"), "no place 999"),
        (GOOD, ("recompute", "--as-of", "yesterday"), "yesterday"),
        (GOOD, ("demo", "--size", "enormous"), "enormous"),
    ],
)
def test_bad_input_is_one_sentence(
    engine: Engine, database_url: str, tmp_path: Path, content: str, arguments: tuple[str, ...], words: str
) -> None:
    build(engine)
    (tmp_path / "file.csv").write_text(content, "utf-8")
    files = {"FILE": str(tmp_path / "file.csv"), "MISSING": str(tmp_path / "missing.csv")}
    done = _run(database_url, tmp_path, *(files.get(argument, argument) for argument in arguments))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert words in done.stderr
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM source_file")) == 0


def test_an_import_counts_its_rows_and_a_second_one_changes_nothing(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "file.csv"
    file.write_text(GOOD, "utf-8")
    for expected in ("inserted 1,", "unchanged 1,"):
        done = _run(database_url, tmp_path, "import", "shops", str(file), "--datum", "wgs84")
        assert done.returncode == 0, done.stderr
        assert expected in done.stdout.replace("\n", " "), done.stdout


def test_a_database_that_does_not_answer_is_named(tmp_path: Path) -> None:
    done = _run("postgresql://nobody@127.0.0.1:9/none", tmp_path, "explain", "1")
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
