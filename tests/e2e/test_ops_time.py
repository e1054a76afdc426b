"""The slider through time: yesterday, the coming nights, and back to now."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import keep, sign_in
from tests.small_city import SmallCity

pytestmark = pytest.mark.e2e
Served = tuple[str, SmallCity]


def test_the_slider_shows_another_moment_and_leads_back(page: Page, served: Served) -> None:
    sign_in(page, served[0], "supervisor")
    page.goto(f"{served[0]}/ops")
    expect(page.locator(".layer-row .n").first).not_to_have_text("0")
    slider = page.locator(".timeline [role=slider]")
    slider.focus()
    page.keyboard.press("ArrowLeft")  # a day ago nothing was there: the city was built for this test
    expect(page).to_have_url(re.compile(r"as_of=20"))
    expect(page.locator(".moment.elsewhen")).to_be_visible()
    expect(page.locator(".layer-row .n").first).to_have_text("0")
    expect(slider).to_be_focused()

    page.reload()
    expect(slider).to_have_attribute("aria-valuenow", "-1")
    expect(page.locator(".layer-row .n").first).to_have_text("0")

    page.locator(".chips .chip").first.click()
    expect(page.locator(".moment")).to_have_text("现在")
    expect(slider).to_have_attribute("aria-valuenow", "0")
    expect(page).not_to_have_url(re.compile("as_of"))
    expect(page.locator(".layer-row .n").first).not_to_have_text("0")

    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".moment.elsewhen")).to_contain_text("23:30")
    expect(page.locator(".layer-row .n").first).not_to_have_text("0")
    keep(page, "ops-tonight")


def test_an_address_may_name_the_moment(page: Page, served: Served) -> None:
    sign_in(page, served[0], "supervisor")
    page.goto(f"{served[0]}/ops?as_of=2020-01-01T12:00%2B08:00")
    expect(page.locator(".moment.elsewhen")).to_have_text("01-01 12:00")
    expect(page.locator(".layer-row .n").first).to_have_text("0")
    page.goto(f"{served[0]}/ops?as_of=whenever")
    expect(page.locator(".left-out")).to_contain_text("as_of=whenever")
    expect(page.locator(".moment")).to_have_text("现在")


def test_another_moment_is_never_taken_for_now(page: Page, served: Served) -> None:
    base, city = served
    sign_in(page, base, "supervisor")
    before, ahead = (
        quote((datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="minutes")) for days in (-3, 1)
    )
    page.goto(f"{base}/ops?place={city.red_shop}&as_of={before}")
    expect(page.locator("#ops-card .empty")).to_contain_text("时还没有这个点位")
    page.goto(f"{base}/ops?place={city.red_shop}&as_of={ahead}")
    expect(page.locator("#ops-card .elsewhen-note")).to_contain_text("按现有资料推算")
    expect(page.locator("#ops-card .reason").first).to_be_visible()
    expect(page.locator("#ops-work .task").first).to_be_visible()
    expect(page.locator(".elsewhen-words")).to_be_visible()
    expect(page.locator("#live-words")).to_be_hidden()
    page.locator("[data-filter=as_of]").click()
    expect(page.locator("#ops-card .elsewhen-note")).to_have_count(0)
    expect(page.locator(".elsewhen-words")).to_be_hidden()
    expect(page.locator("#live-words")).to_be_visible()


def test_the_mark_of_the_open_place_is_of_the_moment_too(page: Page, served: Served) -> None:
    base, city = served
    sign_in(page, base, "supervisor")
    asked: list[str] = []
    page.on(
        "request",
        lambda request: asked.append(request.url) if f"/api/places/{city.red_shop}" in request.url else None,
    )
    ahead = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="minutes")
    page.goto(f"{base}/ops?place={city.red_shop}&as_of={quote(ahead)}")
    expect(page.locator("#ops-card .elsewhen-note")).to_be_visible()
    page.wait_for_function("() => window.yiping.maps['ops-map'].debug().selected")
    assert all("as_of=" in url for url in asked)
    asked.clear()
    page.locator("[data-filter=as_of]").click()
    expect(page.locator("#ops-card .elsewhen-note")).to_have_count(0)
    page.wait_for_function("() => window.yiping.maps['ops-map'].debug().pending === 0")
    assert asked
    assert not any("as_of=" in url for url in asked)
