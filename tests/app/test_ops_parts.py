"""What the big screen is made of: its list, its address, its events, and what no page answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dash import html
from dash.exceptions import PreventUpdate

from app.context import Page, Services
from app.pages.ops import acting_on, ticker
from app.security import current_viewer
from app.settings import Settings
from callbacks.address import query_from, state_from, unknown_in
from callbacks.frame import page_for
from data.city import City
from layers.core.access import PUBLIC_VIEWER, Role, Scope, Viewer
from tests.app.conftest import SignIn
from tests.small_city import NOW, SmallCity

SUPERVISOR = Viewer(user_id=1, name="s", role=Role.SUPERVISOR, scope=Scope())
INSPECTOR = Viewer(user_id=2, name="i", role=Role.INSPECTOR, scope=Scope.parse(["310104"]))


@pytest.fixture(scope="module")
def page(city_url: str, small_city: SmallCity) -> Page:
    """Return the page context of a supervisor over the small city."""
    return Page(City(city_url, lambda: NOW), Settings(), SUPERVISOR, "zh")


def _listed(page: Page, search: str) -> list[int]:
    state = state_from(search, page.city.registry.on("ops"), page)
    return [row["id"] for row in page.city.to_do(query_from(acting_on(state), page), 20)]


def test_the_list_follows_tier_status_and_layers(page: Page, small_city: SmallCity) -> None:
    assert _listed(page, "?tier=red") == [small_city.red_shop]
    assert _listed(page, "?tier=red&status=expired") == [small_city.red_shop]
    assert _listed(page, "?tier=red&status=valid") == []
    assert _listed(page, "?tier=red&layers=offices") == []


def test_the_list_has_as_many_places_as_the_figures_say(page: Page) -> None:
    search = "?tier=red,blue,none"
    counts = page.city.counts(query_from(state_from(search, page.city.registry.on("ops"), page), page))
    total = sum(counts[layer]["tier"].get(tier, 0) for layer in counts for tier in ("red", "blue", "none"))
    assert total > 1
    assert len(_listed(page, search)) == total


def test_the_worst_come_first_however_short_the_list(page: Page, small_city: SmallCity) -> None:
    state = state_from("", page.city.registry.on("ops"), page)
    rows = page.city.to_do(query_from(acting_on(state), page), 1)
    assert [row["id"] for row in rows] == [small_city.red_shop]
    assert rows[0]["reason"]


def test_all_layers_off_is_a_state_of_its_own(page: Page) -> None:
    layers = page.city.registry.on("ops")
    assert state_from("?layers=none", layers, page)["layers"] == []
    assert len(state_from("?layers=cats", layers, page)["layers"]) == len(layers)


def test_states_are_asked_only_by_who_reads_them_everywhere(page: Page) -> None:
    layers = page.city.registry.on("ops")
    state = next(state.value for layer in layers for state in layer.states)
    assert state_from(f"?state={state}", layers, page)["state"] == [state]
    assert state_from(f"?state={state}", layers, replace(page, viewer=INSPECTOR))["state"] == []


@pytest.mark.parametrize(
    ("search", "unknown"),
    [
        ("?tier=red&at=31.2,121.4,12.5&place=3", []),
        ("?layers=none", []),
        ("?tier=purple,red&status=zz", ["tier=purple", "status=zz"]),
        ("?as_of=2026-03-01T22:00%2B08:00", []),
        ("?as_of=yesterday", ["as_of=yesterday"]),
        ("?as_of=2026-03-01T22:00", ["as_of=2026-03-01T22:00"]),
        ("?as_of=2099-01-01T00:00%2B08:00", ["as_of=2099-01-01T00:00+08:00"]),
        ("?at=foo&place=abc", ["at=foo", "place=abc"]),
    ],
)
def test_what_an_address_says_wrongly_is_named(page: Page, search: str, unknown: list[str]) -> None:
    assert unknown_in(search, page.city.registry.on("ops"), page) == unknown


def test_a_moment_too_far_ahead_is_left_out_and_not_asked_for(page: Page) -> None:
    layers = page.city.registry.on("ops")
    state = state_from("?as_of=2099-01-01T00:00%2B08:00", layers, page)
    assert state["as_of"] == ""
    assert page.city.counts(query_from(state, page))


def test_every_event_is_a_button_of_its_place(page: Page, small_city: SmallCity) -> None:
    event = {"at": NOW, "kind": "case", "what": "alert", "id": small_city.red_shop, "name": "x"}
    buttons = ticker(page, [event, event])
    assert all(isinstance(button, html.Button) for button in buttons)
    assert [getattr(button, "data-place") for button in buttons] == [small_city.red_shop] * 2


def test_a_callback_of_a_lost_session_changes_nothing(page: Page) -> None:
    services = Services(page.city, page.settings)
    token = current_viewer.set(PUBLIC_VIEWER)
    try:
        with pytest.raises(PreventUpdate):
            page_for(services, "/ops")
        current_viewer.set(SUPERVISOR)
        assert page_for(services, "/ops").viewer is SUPERVISOR
    finally:
        current_viewer.reset(token)


@pytest.mark.parametrize("path", ["/api/nothing", "/api/layers/offices/places/abc"])
def test_what_the_api_has_not_is_a_problem(sign_in: SignIn, path: str) -> None:
    answer = sign_in("public").get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert path in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status"), [("/docs", 404), ("/no/such", 404), ("/", 200), ("/offices/", 200), ("/login", 200)]
)
def test_a_page_that_is_not_there_says_so_in_its_status(sign_in: SignIn, path: str, status: int) -> None:
    answer = sign_in("public").get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


def test_the_icon_that_browsers_ask_for_is_a_picture(sign_in: SignIn) -> None:
    assert sign_in("public").get("/favicon.ico").headers["content-type"].startswith("image/svg+xml")
