"""The database is away, or something fails that nobody thought of: what callers are told and what the log has."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError, TimeoutError
from starlette.websockets import WebSocketDisconnect

from app.context import Services
from app.server import build_server
from app.settings import Settings
from data.city import City
from data.cluster import Server
from data.db import is_away, make_engine
from tests.small_city import NOW, PASSWORD, build

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
MEDIA = "application/problem+json"


def _client(url: str, home: Path) -> TestClient:
    services = Services(City(url, lambda: NOW), Settings(home=home))
    return TestClient(build_server(services)[0], base_url="http://testserver", follow_redirects=False)


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of an application whose database is a port that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # held and not listened on: whoever connects is refused
        url = f"postgresql://somebody@127.0.0.1:{held.getsockname()[1]}/nowhere"
        with _client(url, tmp_path_factory.mktemp("home")) as client:
            yield client


@pytest.mark.parametrize(("language", "words"), [("en", "try again in a moment"), ("zh", "请稍后再试")])
@pytest.mark.parametrize("cookie", ["", "yiping_session=some"])
def test_without_a_database_the_api_says_so(
    away: TestClient, caplog: pytest.LogCaptureFixture, language: str, words: str, cookie: str
) -> None:
    headers = {"Accept-Language": language, "Cookie": cookie} | BROWSER
    with caplog.at_level(logging.ERROR, logger="uvicorn.error"):
        answer = away.get("/api/places/1", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (503, MEDIA)
    assert answer.json()["type"] == "urn:yiping:database_away"
    assert words in answer.json()["detail"]
    assert "127.0.0.1" not in answer.text
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["x-content-type-options"] == "nosniff"
    (record,) = [record for record in caplog.records if record.name == "uvicorn.error"]
    assert "127.0.0.1" in record.getMessage()


def test_without_a_database_readyz_keeps_its_address_to_the_log(
    away: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="data.city"):
        answer = away.get("/readyz", headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    assert answer.json()["detail"] == "The database does not answer: the log says why."
    (record,) = [record for record in caplog.records if record.name == "data.city"]
    assert "127.0.0.1" in record.getMessage()


def test_without_a_database_a_page_is_a_page(away: TestClient) -> None:
    answer = away.get("/ops", headers=BROWSER | {"Cookie": "yiping_session=some"})
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "数据库暂时没有应答" in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert away.get("/", headers=BROWSER).status_code == 200


def test_without_a_database_a_socket_is_asked_to_come_later(away: TestClient) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        away.websocket_connect("/api/live", headers={"Cookie": "yiping_session=some"}),
    ):
        pass
    assert closed.value.code == 1013


def test_a_database_that_goes_away_and_comes_back(server: Server, template: str, tmp_path: Path) -> None:
    server.create_database("comes_and_goes", template)
    url = server.url("comes_and_goes")
    engine = make_engine(url)
    build(engine)
    engine.dispose()
    with _client(url, tmp_path) as client:
        client.post("/api/login", json={"username": "supervisor", "password": PASSWORD})
        assert client.get("/api/me").json()["role"] == "supervisor"
        server.drop_database("comes_and_goes")
        assert client.get("/api/search?q=x").status_code == 503
        server.create_database("comes_and_goes", template)
        roles = (client.get("/api/me").json()["role"] for _ in range(10_000))  # it is remembered for a second
        assert "public" in roles
    server.drop_database("comes_and_goes")


def test_what_nobody_thought_of_stays_inside_and_is_in_the_log(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE place RENAME TO elsewhere"))
    engine.dispose()
    with (
        _client(database_url, tmp_path) as client,
        caplog.at_level(logging.ERROR, logger="uvicorn.error"),
    ):
        answer = client.get("/api/places/1", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, MEDIA)
    assert answer.json()["detail"].startswith("Something failed here")
    assert not {"place", "SELECT", "psycopg2", "Traceback"} & set(answer.text.replace('"', " ").split())
    (record,) = [record for record in caplog.records if record.name == "uvicorn.error"]
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ProgrammingError)


def test_a_pool_that_is_used_up_counts_as_away_and_a_wrong_question_does_not(database_url: str) -> None:
    engine = create_engine(
        database_url.replace("postgresql://", "postgresql+psycopg2://"),
        pool_size=1,
        max_overflow=0,
        pool_timeout=0.01,
    )
    with engine.connect() as connection:
        with pytest.raises(TimeoutError) as full:
            engine.connect()
        with pytest.raises(ProgrammingError) as wrong:
            connection.execute(text("SELECT nothing FROM nowhere"))
    engine.dispose()
    assert is_away(full.value)
    assert not is_away(wrong.value)


def test_an_address_or_method_nobody_answers_is_a_problem_document(away: TestClient) -> None:
    for answer, status in ((away.post("/healthz"), 405), (away.get("/api/nothing"), 404)):
        assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA)
    assert "GET" in away.post("/healthz").headers["allow"]


@pytest.mark.parametrize(("env", "told"), [("production", True), ("development", False)])
def test_browsers_are_told_to_stay_with_https_in_production(tmp_path: Path, env: str, told: bool) -> None:
    settings = Settings.model_validate({"home": tmp_path, "env": env, "secret": "x" * 32})
    server, _ = build_server(Services(City("postgresql://nobody@127.0.0.1:1/x", lambda: NOW), settings))
    answer = TestClient(server).get("/healthz")
    assert ("max-age" in answer.headers.get("strict-transport-security", "")) == told
