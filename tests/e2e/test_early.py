"""The map of an address that was open before is asked for early, and never drawn where another one is looked at."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.conftest import sign_in
from tests.small_city import SmallCity

pytestmark = pytest.mark.e2e
Served = tuple[str, SmallCity]
PICTURE = "() => performance.getEntriesByName('yiping-picture').length > 0"
DRAWN = "() => window.yiping.maps['ops-map'].debug().features"


def opened(page: Page, address: str) -> list[str]:
    """Open a page and return what was asked of the map until it was drawn."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/api/map?" in request.url:
            asked.append(request.url)

    page.on("request", note)
    page.goto(address)
    page.wait_for_function(PICTURE)
    expect(page.locator(".layer-row .n").first).not_to_have_text("0")
    page.remove_listener("request", note)
    return asked


def test_a_page_that_is_opened_again_asks_once_and_early(page: Page, served: Served) -> None:
    sign_in(page, served[0], "supervisor")
    first = opened(page, f"{served[0]}/ops")
    marks = page.evaluate(DRAWN)
    assert marks
    again = opened(page, f"{served[0]}/ops")
    assert again[0] == first[0]
    assert again.count(first[0]) == 1
    assert page.evaluate(DRAWN) == marks
    began = page.evaluate(
        "() => performance.getEntriesByType('resource').filter((r) => /api.map|_dash-layout/.test(r.name))"
        ".map((r) => r.name.includes('layout'))"
    )
    assert began[0] is False  # before Dash itself asked for anything
    address = page.url  # by now it says where the map is
    page.reload()
    page.wait_for_function(PICTURE)
    assert page.url == address
    assert len(page.evaluate("() => Object.keys(JSON.parse(localStorage.getItem('yiping-map /ops')))")) == 2
    assert opened(page, address)[0] == first[0]


def test_another_view_is_asked_for_itself(page: Page, served: Served) -> None:
    sign_in(page, served[0], "supervisor")
    first = opened(page, f"{served[0]}/ops")
    page.set_viewport_size({"width": 1000, "height": 700})
    again = opened(page, f"{served[0]}/ops")
    assert again[0] == first[0]  # what was open before
    assert again[1] != first[0]  # what is looked at
    filtered = opened(page, f"{served[0]}/ops?tier=red")
    assert all("tier=red" in url for url in filtered)


def test_a_browser_that_keeps_nothing_shows_the_map_all_the_same(page: Page, served: Served) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('none'); } })"
    )
    sign_in(page, served[0], "supervisor")
    for _ in range(2):
        assert len(opened(page, f"{served[0]}/ops")) >= 1
    assert page.evaluate(DRAWN)
