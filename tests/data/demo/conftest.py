"""A database with the whole demo district, built once per test run; copies of it are cheap."""

from __future__ import annotations

import fcntl
import os
import pickle
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

import data.demo.city
from data.cluster import Server
from data.db import make_engine
from data.demo.build import build_demo
from data.demo.city_plan import CityPlan, build_city_plan
from data.demo.district import District, make_district
from layers.core.citytime import CITY_TIME

AT = datetime(2026, 11, 23, 22, 41, tzinfo=CITY_TIME)
TEMPLATE = "yiping_demo_template"


@pytest.fixture(scope="session")
def demo_template(server: Server, template: str) -> str:
    """The name of a database with the demo district as of `AT`; made once, whichever worker comes first."""
    root = Path(os.environ["YIPING_TEST_ROOT"])
    made = root / "demo.made"
    with (root / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            server.drop_database(TEMPLATE)
            server.create_database(TEMPLATE, template)
            engine = make_engine(server.url(TEMPLATE))
            build_demo(engine, "district", at=AT, home=root / "demo-home")
            engine.dispose()
            made.touch()
    return TEMPLATE


@pytest.fixture(scope="session")
def demo_engine(server: Server, demo_template: str) -> Iterator[Engine]:
    """An engine on a copy of the demo district that tests only read."""
    name = f"demo_{uuid.uuid4().hex[:12]}"
    server.create_database(name, demo_template)
    engine = make_engine(server.url(name))
    yield engine
    engine.dispose()
    server.drop_database(name)


@pytest.fixture
def demo(demo_engine: Engine) -> Iterator[Connection]:
    """A connection to the demo district whose transaction is thrown away."""
    with demo_engine.connect() as connection:
        yield connection


@pytest.fixture
def demo_database(server: Server, demo_template: str) -> Iterator[str]:
    """The URL of a private copy of the demo district, removed after the test."""
    name = f"demo_{uuid.uuid4().hex[:12]}"
    server.create_database(name, demo_template)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture(scope="session")
def district() -> District:
    """The demo district made a second time, without a database; by one worker, for both."""
    root = Path(os.environ["YIPING_TEST_ROOT"])
    made = root / "district.pickle"
    with (root / "district.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            made.write_bytes(pickle.dumps(make_district(AT)))
    with made.open("rb") as file:
        again: District = pickle.load(file)
    return again


@pytest.fixture(scope="session")
def city_plan() -> CityPlan:
    """The plan of the whole city."""
    return build_city_plan()


@pytest.fixture
def quick_city(city_plan: CityPlan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let builds of a city of N places share one plan, which is the same every time."""
    monkeypatch.setattr(data.demo.city, "build_city_plan", lambda: city_plan)
