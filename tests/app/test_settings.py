"""Settings: the secret, where it comes from and what it protects; what production refuses and leaves out."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.settings import REPOSITORY, Settings
from data.store.users import add_user, close_session, open_session, viewer_of
from layers.core.access import PUBLIC_VIEWER, Role
from layers.core.errors import YipingError
from tests.small_city import NOW, PASSWORD


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = Settings(home=home).secret_key
    assert len(first) >= 48
    assert Settings(home=home).secret_key == first
    assert stat.S_IMODE((home / "secret").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["secret"]


def test_processes_that_begin_together_agree_on_one_secret(tmp_path: Path) -> None:
    code = f"from app.settings import Settings; print(Settings(home={str(tmp_path)!r}).secret_key)"

    def ask(_: int) -> str:
        return subprocess.run(
            [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
        ).stdout

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(4)))) == 1


def test_a_given_secret_is_used_as_it_is_and_nothing_is_kept(tmp_path: Path) -> None:
    assert Settings(home=tmp_path, secret=" of our own\n", env="production").secret_key == "of our own"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("secret", ["", "  "])
def test_production_has_no_secret_of_its_own(tmp_path: Path, secret: str) -> None:
    with pytest.raises(YipingError, match=r"YIPING_SECRET is empty.*openssl rand -hex 32"):
        _ = Settings(home=tmp_path, env="production", secret=secret).secret_key
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "app.cli", "serve"),
        ("-m", "app.cli", "up"),
        ("-m", "app.supervise"),
        ("-m", "uvicorn", "asgi:app"),
    ],
)
def test_nothing_that_serves_starts_in_production_without_a_secret(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    tmp_path.chmod(0o755)
    done = subprocess.run(
        [sys.executable, *command],
        cwd=REPOSITORY,
        env=os.environ | {"YIPING_ENV": "production", "YIPING_HOME": str(tmp_path), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("YIPING_SECRET is empty")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("env", "demo"), [("development", "district"), ("production", "none")])
def test_production_builds_no_demo_city_unasked(monkeypatch: pytest.MonkeyPatch, env: str, demo: str) -> None:
    monkeypatch.setenv("YIPING_ENV", env)
    assert Settings().demo == demo
    monkeypatch.setenv("YIPING_DEMO", "city")
    assert Settings().demo == "city"


def test_a_session_is_worth_nothing_without_the_secret(engine: Engine) -> None:
    with engine.begin() as connection:
        user = add_user(connection, "keeper", PASSWORD, "inspector", ["310104"])
        token = open_session(connection, user, NOW, "key")
        assert viewer_of(connection, token, NOW, "key").role is Role.INSPECTOR
        assert viewer_of(connection, token, NOW, "another key") == PUBLIC_VIEWER
        assert close_session(connection, token, "another key") is None
        assert close_session(connection, token, "key") == user
        assert viewer_of(connection, token, NOW, "key") == PUBLIC_VIEWER
