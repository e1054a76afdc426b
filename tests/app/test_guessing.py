"""Guessing a password is slowed down; a module of its own, because it locks the door for a while."""

from __future__ import annotations

from tests.app.conftest import SignIn
from tests.small_city import PASSWORD


def test_guessing_is_slowed_down(sign_in: SignIn) -> None:
    client = sign_in("public")
    wrong = {"username": "supervisor", "password": "wrong"}
    answers = [client.post("/api/login", json=wrong).status_code for _ in range(9)]
    assert answers == [401] * 8 + [429]
    assert client.post("/api/login", json={"username": "supervisor", "password": PASSWORD}).status_code == 429
