"""A real server on a free port over a small city, and a real browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import Engine

from data.cluster import Server
from data.db import make_engine
from tests.small_city import PASSWORD, SmallCity, build

REPOSITORY = Path(__file__).resolve().parents[2]
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARTEFACTS = REPOSITORY / "tests" / "artefacts"
expect.set_options(timeout=20_000)
_sessions: dict[tuple[str, str], list[Any]] = {}  # cookies by application and role


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return the system's Chromium, the shell without windows if it is there."""
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        pytest.fail("There is no Chromium: install it (Debian: apt install chromium fonts-noto-cjk).")
    with sync_playwright() as playwright:
        flags = [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
        ]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served(
    server: Server, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, SmallCity]]:
    """Return the address of a running application and the ids of the city behind it; for tests that only read."""
    with serving(server, template, tmp_path_factory.mktemp("home")) as there:
        yield there


def _nothing(_engine: Engine, _city: SmallCity) -> None:
    """Leave a city as it is."""


@contextmanager
def serving(
    server: Server, template: str, home: Path, prepare: Callable[[Engine, SmallCity], None] = _nothing
) -> Iterator[tuple[str, SmallCity]]:
    """Build a small city as of now and run the application over it, in a process and a database of its own.

    `prepare` changes the city before anybody sees it.
    """
    name = f"e2e_{uuid.uuid4().hex[:12]}"
    server.create_database(name, template)
    engine = make_engine(server.url(name))
    city = build(engine, datetime.now(UTC))
    prepare(engine, city)
    engine.dispose()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {"DATABASE_URL": server.url(name), "YIPING_HOME": str(home)}
    command = [sys.executable, "-m", "uvicorn", "asgi:app", "--port", str(port), "--log-level", "warning"]
    with (home / "web.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env=os.environ | environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait(f"http://127.0.0.1:{port}/readyz", process, home / "web.log")
            yield f"http://127.0.0.1:{port}", city
        finally:
            process.terminate()
            process.wait(20)
            server.drop_database(name)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    opener = urllib.request.build_opener()
    while process.poll() is None:
        try:
            with opener.open(url, timeout=5):
                return
        except OSError:
            continue
    pytest.fail(f"The server ended: {log.read_text()}")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return a page of the big screen's size that fails the test on any error of its scripts."""
    context = browser.new_context(
        viewport={"width": 1920, "height": 1080}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors, errors


@contextmanager
def phone(browser: Browser) -> Iterator[Page]:
    """Open a page of a telephone's size, of somebody who is not signed in."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True)
    yield context.new_page()
    context.close()


def sign_in(page: Page, base: str, role: str) -> None:
    """Sign in to an application, for the first time through the form and then with the session that this gave."""
    page.context.add_cookies(_sessions.get((base, role), []))
    if page.request.get(f"{base}/api/me").json()["role"] != role:
        fill_in(page, base, role)
        _sessions[base, role] = page.context.cookies()


def fill_in(page: Page, base: str, role: str) -> None:
    """Sign in through the form, as a person does."""
    page.goto(f"{base}/login")
    page.fill("#login-name", role)
    page.fill("#login-password", PASSWORD)
    page.click("#login-submit")
    expect(page.locator(".door")).to_have_count(3)


def keep(page: Page, name: str) -> None:
    """Keep a screenshot as an artefact."""
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=str(ARTEFACTS / f"{name}.png"))
