"""The three views in a real browser, used as their people use them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from data.cluster import Server
from tests.e2e.conftest import fill_in, keep, serving, sign_in
from tests.small_city import HOSTILE, SmallCity

pytestmark = pytest.mark.e2e
Served = tuple[str, SmallCity]


@pytest.fixture(scope="module")
def served(server: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An application of these tests alone, because one of them records a visit."""
    with serving(server, template, tmp_path_factory.mktemp("home")) as there:
        yield there


def _settled(page: Page, map_id: str) -> dict[str, Any]:
    """Return what the map shows once nothing is under way."""
    page.wait_for_selector(f"#{map_id}")
    for _ in range(200):
        shown = page.evaluate(f"window.yiping?.maps?.['{map_id}']?.debug() ?? null")
        if shown and not shown["pending"] and shown["features"]:
            return dict(shown)
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
    raise AssertionError("The map shows nothing.")


def test_a_red_point_is_clicked_and_says_why(page: Page, served: Served) -> None:
    base, city = served
    sign_in(page, base, "supervisor")
    page.goto(f"{base}/ops?layers=shops&tier=red&at=31.18000,121.45000,17")
    shown = _settled(page, "ops-map")
    point = next(f for f in shown["features"] if f["kind"] == "place" and f["id"] == city.red_shop)
    assert point["tier"] == "red"
    page.mouse.click(point["x"], point["y"])
    card = page.locator("#ops-card")
    expect(card.locator("h2")).to_contain_text(HOSTILE)  # a hostile name is text
    expect(card).to_contain_text("食品经营许可证")
    expect(card).to_contain_text("过期")
    expect(card.locator(".reason").first).to_contain_text("规则")
    expect(page).to_have_url(re.compile(f"place={city.red_shop}"))
    keep(page, "ops-card")


def test_filters_survive_a_reload(page: Page, served: Served) -> None:
    base, _ = served
    sign_in(page, base, "supervisor")
    page.goto(f"{base}/ops")
    _settled(page, "ops-map")
    keep(page, "ops")
    page.locator(".kpi").first.click()
    expect(page).to_have_url(re.compile("tier=red"))
    expect(page.locator(".kpi").first).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.locator(".kpi").first).to_have_attribute("aria-pressed", "true")
    assert _settled(page, "ops-map")["total"] == 1


def test_the_big_screen_wants_a_sign_in_and_refuses_a_wrong_password(page: Page, served: Served) -> None:
    base, _ = served
    page.goto(f"{base}/ops")
    expect(page).to_have_url(re.compile("/login"))
    page.fill("#login-name", "supervisor")
    page.fill("#login-password", "wrong")
    page.click("#login-submit")
    expect(page.locator("#login-message")).to_contain_text("不对")


def test_a_recorded_visit_changes_the_tier(page: Page, served: Served) -> None:
    base, city = served
    page.set_viewport_size({"width": 1180, "height": 820})
    sign_in(page, base, "inspector")
    page.goto(f"{base}/field?place={city.merchant_shop}")
    expect(page.locator("#field-card .shape").first).to_have_class(re.compile("blue"))
    keep(page, "field")
    page.get_by_text("不合格", exact=True).click()
    page.fill("#field-critical", "1")
    page.fill("#field-code", "JC01")
    page.click("#field-save")
    expect(page.locator(".saved")).to_contain_text("立即处置")
    expect(page.locator("#field-card .shape").first).to_have_class(re.compile("red"))
    keep(page, "field-saved")


def test_offices_are_searched_without_a_sign_in_and_on_a_phone(page: Page, served: Served) -> None:
    base, _ = served
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{base}/offices")
    expect(page.locator(".result")).to_have_count(2)
    keep(page, "offices-phone")
    page.fill("#offices-words", "310104003")
    page.press("#offices-words", "Enter")
    expect(page.locator(".result")).to_have_count(1)
    page.locator(".result").click()
    expect(page.locator("#offices-card h2")).to_contain_text("offices-310104003")
    expect(page).to_have_url(re.compile("place="))
    page.set_viewport_size({"width": 1440, "height": 900})
    keep(page, "offices")


def test_the_language_switches_completely(page: Page, served: Served) -> None:
    base, _ = served
    page.goto(f"{base}/")
    expect(page.locator(".door")).to_have_count(3)
    keep(page, "home")
    page.get_by_role("button", name="EN").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".door h2").first).to_have_text("Operations")
    words = page.locator("body").inner_text().replace("中文", "")
    assert not re.search(r"[\u4e00-\u9fff]", words), words


def test_no_page_asks_another_host(page: Page, served: Served) -> None:
    base, _ = served
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    fill_in(page, base, "supervisor")
    for path in ("/ops", "/field", "/offices"):
        page.goto(base + path)
        _settled(page, path.strip("/") + "-map")
    assert not [
        url for url in asked if not url.startswith((base, base.replace("http", "ws"), "data:", "blob:"))
    ]


def test_the_big_screen_says_that_it_is_live(page: Page, served: Served) -> None:
    base, _ = served
    sign_in(page, base, "supervisor")
    page.goto(f"{base}/ops")
    expect(page.locator("#live-words")).to_have_text("实时")
