"""A running application over a small city, and people who sign in; one of each per module."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

import callbacks
from app.context import Services
from app.server import Screens, build_server
from app.settings import Settings
from data.city import City
from data.cluster import Server
from data.db import make_engine
from data.delivery_tables import Stage
from data.queue import INCOMING
from data.store import deliveries
from tests.small_city import NOW, PASSWORD, SmallCity, add_draw, add_list, build

SignIn = Callable[[str], TestClient]


@pytest.fixture(scope="module")
def city_url(server: Server, template: str) -> Iterator[str]:
    """Return the URL of a database that the tests of a module share."""
    name = f"module_{uuid.uuid4().hex[:12]}"
    server.create_database(name, template)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture(scope="module")
def city_engine(city_url: str) -> Iterator[Engine]:
    """Return an engine on it."""
    engine = make_engine(city_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def small_city(city_engine: Engine) -> SmallCity:
    """Return the ids of a small city in it."""
    return build(city_engine)


@pytest.fixture(scope="module")
def due_list(city_engine: Engine, small_city: SmallCity) -> int:
    """Return the number of an inspection list of the small city."""
    return add_list(city_engine, small_city)


@pytest.fixture(scope="module")
def draw_id(city_engine: Engine, small_city: SmallCity) -> int:
    """Return the number of a draw of the four shops of the inspector's district."""
    return add_draw(city_engine)


@pytest.fixture(scope="module")
def delivery_id(city_engine: Engine, small_city: SmallCity) -> int:
    """Return the number of a delivery that failed, of which nothing else is kept."""
    new = {"layer": "shops", "file_name": "shops.csv", "size": 9, "sent_by": "supervisor", "sent_at": NOW}
    with city_engine.begin() as connection:
        number = deliveries.add(connection, new)
        fault = {"zh": "文件打不开", "en": "It cannot be opened"}
        deliveries.rest(connection, number, Stage.FAILED, {"datum": "", "mapping": {}, "fault": fault})
    return number


@pytest.fixture(scope="module")
def application(
    small_city: SmallCity, city_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[FastAPI, Screens]]:
    """Return the real application, running over it, and its screens."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    services = Services(City(city_url, lambda: NOW, incoming=settings.home / INCOMING), settings)
    server, screens = build_server(services)
    callbacks.register(screens, services)
    with TestClient(server, base_url="http://testserver"):
        yield server, screens


@pytest.fixture(scope="module")
def sign_in(application: tuple[FastAPI, Screens]) -> SignIn:
    """Return a function that gives a client of the application, signed in as a role (`public`: not)."""
    server, _ = application

    def as_role(role: str) -> TestClient:
        client = TestClient(server, base_url="http://testserver", follow_redirects=False)
        if role != "public":
            answer = client.post("/api/login", json={"username": role, "password": PASSWORD})
            assert answer.status_code == 204, answer.text
        return client

    return as_role
