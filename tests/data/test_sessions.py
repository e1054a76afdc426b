"""A session is remembered for a second and no longer, and forgotten where it was ended."""

from __future__ import annotations

from data.sessions import FRESH_S, Sessions
from layers.core.access import PUBLIC_VIEWER, Role, Viewer

SOMEBODY = Viewer(Role.INSPECTOR, name="somebody", user_id=1)


class Desk:
    """A clock and a register of sessions that counts how often it is asked."""

    def __init__(self) -> None:
        self.now, self.asked = 0.0, 0
        self.open = {"token": SOMEBODY}
        self.sessions = Sessions(self.look_up, lambda: self.now)

    def look_up(self, token: str) -> Viewer:
        self.asked += 1
        return self.open.get(token, PUBLIC_VIEWER)


def test_it_asks_once_a_second() -> None:
    desk = Desk()
    for moment in (0.0, 0.3, FRESH_S - 0.01):
        desk.now = moment
        assert desk.sessions.viewer("token") == SOMEBODY
    assert desk.asked == 1
    desk.now = FRESH_S
    assert desk.sessions.at_hand("token") is None
    assert desk.sessions.viewer("token") == SOMEBODY
    assert desk.asked == 2


def test_an_ended_session_is_nobody_at_once_here_and_soon_elsewhere() -> None:
    here, desk = Desk(), Desk()
    for one in (here, desk):
        assert one.sessions.viewer("token") == SOMEBODY
        one.open.clear()
    here.sessions.forget("token")
    assert here.sessions.viewer("token") == PUBLIC_VIEWER
    desk.now = FRESH_S
    assert desk.sessions.viewer("token") == PUBLIC_VIEWER


def test_a_token_that_is_none_is_not_remembered() -> None:
    desk = Desk()
    for number in range(3):
        assert desk.sessions.viewer(f"guess {number}") == PUBLIC_VIEWER
    assert desk.asked == 3
    assert desk.sessions.at_hand("guess 0") is None
