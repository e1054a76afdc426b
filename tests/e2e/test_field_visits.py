"""The inspector's tablet in a real browser: the place, its panel, the address and the map always agree."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

import callbacks
from app.context import Services
from app.server import build_server
from app.settings import Settings
from data.city import City
from data.cluster import Server
from data.db import make_engine
from layers.core.citytime import CITY_TIME
from tests.e2e.conftest import keep, sign_in
from tests.small_city import FORMULA, HOSTILE, PHONE, build

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def database(server: Server, template: str) -> Iterator[Engine]:
    """A small city in which two shops are one firm's, and so linked."""
    name = f"e2e_{uuid.uuid4().hex[:12]}"
    server.create_database(name, template)
    engine = make_engine(server.url(name))
    city = build(engine, datetime.now(UTC))
    with engine.begin() as connection:
        connection.execute(text("UPDATE place SET enterprise_id = 1 WHERE id = :id"), {"id": city.red_shop})
    yield engine
    engine.dispose()
    server.drop_database(name)


@pytest.fixture(scope="module")
def served(server: Server, database: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an application over that database, which runs in a thread of the test."""
    url = server.url(str(database.url.database))
    services = Services(City(url, lambda: datetime.now(UTC)), Settings(home=tmp_path_factory.mktemp("home")))
    application, screens = build_server(services)
    callbacks.register(screens, services)
    web = uvicorn.Server(uvicorn.Config(application, port=0, log_level="warning"))
    thread = threading.Thread(target=web.run)
    thread.start()
    while not web.started and thread.is_alive():
        thread.join(0.05)
    host, port = web.servers[0].sockets[0].getsockname()
    yield f"http://{host}:{port}"
    web.should_exit = True
    thread.join()


@pytest.fixture
def tablet(page: Page, served: str, database: Engine) -> Page:
    """The list of the tablet, seen by an inspector; nothing has been visited today."""
    with database.begin() as connection:
        connection.execute(text("DELETE FROM inspection WHERE source = 'field'"))
    page.set_viewport_size({"width": 1180, "height": 820})
    sign_in(page, served, "inspector")
    page.goto(f"{served}/field")
    expect(page.locator("#field-list .visit").first).to_be_visible()
    return page


def _open(page: Page, name: str) -> None:
    page.locator("#field-list .visit", has_text=name).click()
    expect(page.locator("#field-card h2")).to_contain_text(name)


def _place(database: Engine, name: str) -> int:
    with database.connect() as connection:
        found = connection.scalar(text("SELECT id FROM place WHERE name = :name"), {"name": name})
    assert found is not None
    return int(found)


def _visited(database: Engine) -> list[tuple[int, str]]:
    with database.connect() as connection:
        rows = connection.execute(
            text("SELECT place_id, note FROM inspection WHERE source = 'field' ORDER BY id")
        )
        return [(row.place_id, row.note) for row in rows]


def test_saving_never_changes_the_place(tablet: Page, database: Engine) -> None:
    place, linked = _place(database, HOSTILE), _place(database, FORMULA)
    _open(tablet, HOSTILE)
    expect(tablet.locator("#field-card .link", has_text=FORMULA)).to_be_visible()
    for note in ("first", "second"):
        tablet.get_by_text("不合格", exact=True).click()
        tablet.fill("#field-note", note)
        tablet.fill("#field-code", "JC01")
        tablet.click("#field-save")
        if note == "second":  # twice on a day is confirmed
            expect(tablet.locator("#field-message")).to_contain_text("今天")
            tablet.click("#field-save")
        expect(tablet.locator("#field-note")).to_have_value("")  # the form of a new visit
        expect(tablet.locator(".saved")).to_be_visible()
        expect(tablet.locator("#field-card h2")).to_contain_text(HOSTILE)
        expect(tablet).to_have_url(re.compile(rf"place={place}\b"))
    assert _visited(database) == [(place, "first"), (place, "second")]
    tablet.locator("#field-card .link").first.click()  # a link that is clicked still leads on
    expect(tablet.locator("#field-card h2")).to_contain_text(FORMULA)
    expect(tablet).to_have_url(re.compile(rf"place={linked}\b"))


def test_what_cannot_be_is_refused_beside_the_button(tablet: Page, database: Engine) -> None:
    _open(tablet, HOSTILE)
    message = tablet.locator("#field-message")
    tablet.click("#field-jump")
    expect(tablet.locator("#field-save")).to_be_in_viewport()
    tablet.click("#field-save")
    expect(message).to_contain_text("请先选择检查结果")
    expect(message).to_be_in_viewport()
    expect(tablet.locator("#field-save")).to_be_in_viewport(ratio=1)
    tablet.locator("#field-result").get_by_text("合格", exact=True).click()
    for given, said in (("-3", "严重问题“-3”"), ("many", "严重问题“many”"), ("2", "不能记为合格")):
        tablet.fill("#field-critical", given)
        tablet.click("#field-save")
        expect(message).to_contain_text(said)
    keep(tablet, "field-refused")
    tablet.get_by_text("限期整改", exact=True).click()
    today = datetime.now(UTC).astimezone(CITY_TIME).date()
    for days in (-1, 400):
        tablet.fill("#field-due", str(today + timedelta(days=days)))
        tablet.click("#field-save")
        expect(message).to_contain_text(f"复查日期 {today + timedelta(days=days)}")
    tablet.fill("#field-due", str(today))
    tablet.click("#field-save")
    expect(message).to_contain_text("请先申领检查码")
    assert _visited(database) == []


def test_the_list_is_searched_and_comes_back_as_it_was_left(tablet: Page) -> None:
    rows = tablet.locator("#field-list .visit")
    before = rows.count()
    expect(tablet.locator("#field-list h2")).to_contain_text(f"{before} 处")
    tablet.fill("#field-words", HOSTILE)
    expect(rows).to_have_count(1)
    _open(tablet, HOSTILE)
    tablet.click("#field-back")
    expect(tablet.locator("#field-list .visit.last")).to_contain_text(HOSTILE)
    expect(tablet.locator("#field-words")).to_have_value(HOSTILE)


def test_an_upright_tablet_folds_its_map_away(tablet: Page) -> None:
    tablet.set_viewport_size({"width": 820, "height": 1180})
    _open(tablet, HOSTILE)
    expect(tablet.locator("#field-map")).to_be_in_viewport()
    tablet.get_by_text("收起地图").click()
    expect(tablet.locator("#field-map")).to_be_hidden()
    keep(tablet, "field-upright")


def test_a_telephone_is_shown_in_clear_and_that_is_noted(tablet: Page, database: Engine) -> None:
    _open(tablet, HOSTILE)
    telephone = tablet.locator("#field-card dd", has_text="138****5678")
    telephone.get_by_role("button").click()
    expect(tablet.locator("#field-card dd", has_text=PHONE)).to_be_visible()
    with database.connect() as connection:
        noted = connection.execute(
            text("SELECT actor, details ->> 'field' FROM audit_event WHERE action = 'reveal'")
        ).all()
    assert noted == [("inspector", "phone")]
