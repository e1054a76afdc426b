"""Signing in and out: what is on the record, what slows down a guesser, and what lets an owner in again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text

from data.city import City
from data.store.audit import broken_link
from data.store.users import ATTEMPTS, TooManyAttemptsError, WrongPasswordError, add_user
from layers.core.access import PUBLIC_VIEWER, Role
from layers.core.errors import YipingError
from tests.small_city import NOW, PASSWORD, add_quick_user

WRONG = "wrong words"


@pytest.fixture
def city(engine: Engine, database_url: str) -> Iterator[City]:
    """Give a city in which one inspector may sign in."""
    with engine.begin() as connection:
        add_quick_user(connection, "inspector", ["310104"])
    city = City(database_url, lambda: NOW, secret="key")
    yield city
    city.stop()


def _events(engine: Engine) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        assert broken_link(connection) is None
        rows = connection.execute(text("SELECT actor, action, subject, details FROM audit_event ORDER BY id"))
        return [tuple(row) for row in rows]


def _guess(city: City, name: str, address: str, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(WrongPasswordError):
            city.login(name, WRONG, address)


def test_coming_and_going_is_on_the_record(city: City, engine: Engine) -> None:
    token = city.login("inspector", PASSWORD, "10.0.0.1")
    assert city.sessions.viewer(token).role is Role.INSPECTOR
    city.logout(token)
    assert city.sessions.viewer(token) == PUBLIC_VIEWER
    city.logout(token)
    city.logout("")
    assert _events(engine) == [
        ("inspector", "login", "user:1", {"from": "10.0.0.1"}),
        ("inspector", "logout", "user:1", {}),
    ]


@pytest.mark.parametrize("name", ["inspector", "nobody"])
def test_a_failed_sign_in_is_on_the_record_without_its_password(
    city: City, engine: Engine, name: str
) -> None:
    _guess(city, name, "10.0.0.1")
    assert _events(engine) == [
        ("public", "login_failed", "session", {"name": name, "from": "10.0.0.1"}),
    ]


def test_a_very_long_name_is_kept_short(city: City, engine: Engine) -> None:
    _guess(city, "x" * 5000, "10.0.0.1")
    assert _events(engine)[0][3]["name"] == "x" * 100


def test_a_sign_in_lifts_the_brake_of_its_account(city: City) -> None:
    _guess(city, "inspector", "10.0.0.1", ATTEMPTS - 1)
    city.login("inspector", PASSWORD, "10.0.0.2")
    _guess(city, "inspector", "10.0.0.3", ATTEMPTS - 1)
    city.login("inspector", PASSWORD, "10.0.0.2")


def test_a_sign_in_lifts_no_brake_of_its_address(city: City) -> None:
    """Or whoever has an account of their own could go on guessing others'."""
    _guess(city, "somebody", "10.0.0.1", ATTEMPTS - 1)
    city.login("inspector", PASSWORD, "10.0.0.1")
    _guess(city, "somebody else", "10.0.0.1")
    with pytest.raises(TooManyAttemptsError):
        city.login("inspector", PASSWORD, "10.0.0.1")


def test_another_password_ends_the_sessions(city: City, engine: Engine) -> None:
    token = city.login("inspector", PASSWORD, "10.0.0.1")
    with engine.begin() as connection:
        add_user(connection, "inspector", "another long password", "inspector", [])
    assert city.sessions.viewer(token) == PUBLIC_VIEWER


def test_a_refused_account_ends_no_session(city: City, engine: Engine) -> None:
    token = city.login("inspector", PASSWORD, "10.0.0.1")
    with engine.begin() as connection, pytest.raises(YipingError):
        add_user(connection, "inspector", "short", "inspector", [])
    assert city.sessions.viewer(token).role is Role.INSPECTOR


def test_processes_share_sessions_by_their_secret(city: City, database_url: str) -> None:
    token = city.login("inspector", PASSWORD, "10.0.0.1")
    twin = City(database_url, lambda: NOW, secret="key")
    stranger = City(database_url, lambda: NOW)
    assert twin.sessions.viewer(token).role is Role.INSPECTOR
    assert stranger.sessions.viewer(token) == PUBLIC_VIEWER
    twin.stop()
    stranger.stop()
