"""A merchant objects on a phone, the supervisor decides on the big screen, and the merchant reads the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from data.cluster import Server
from tests.e2e.conftest import fill_in, keep, phone, serving, sign_in
from tests.small_city import HERE, HOSTILE, SmallCity

pytestmark = pytest.mark.e2e
Served = tuple[str, SmallCity]
WORDS = "许可证已于上月延续到2031年，系统里还是旧的日期。"
WHY = "情况属实，请更正许可证的有效期。"


def red_shop_is_the_merchants(engine: Engine, city: SmallCity) -> None:
    """Let the shop whose food permit has run out be the merchant's."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE place SET enterprise_id = 1 WHERE id = :id"), {"id": city.red_shop})


@pytest.fixture(scope="module")
def served(server: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An application of these tests alone; the shop whose food permit has run out is the merchant's."""
    home = tmp_path_factory.mktemp("home")
    with serving(server, template, home, red_shop_is_the_merchants) as there:
        yield there


def test_an_objection_goes_to_the_supervisor_and_back(page: Page, browser: Browser, served: Served) -> None:
    base, city = served
    with phone(browser) as merchant:
        fill_in(merchant, base, "merchant")
        mine = merchant.locator(".own-place", has_text=HOSTILE)
        expect(mine).to_contain_text("已于")
        keep(merchant, "own-places")
        mine.click()
        expect(merchant).to_have_url(f"{base}/places/{city.red_shop}")
        expect(merchant).to_have_title(f"{HOSTILE} · 一屏")
        _object(merchant)
        _decide(page, base, city)
        answer = merchant.locator("#place-card li", has_text=WORDS)
        expect(answer).to_contain_text("异议成立")  # by itself, without a reload
        expect(answer).to_contain_text(WHY)
        expect(merchant.locator(".reason", has_text="过期")).to_contain_text("待更正")
        expect(merchant.locator("#place-card")).not_to_contain_text("复核中")
        expect(merchant.locator(".contest-button")).to_have_count(0)
        keep(merchant, "contest-answered")


def _object(merchant: Page) -> None:
    """Object to the expired permit, at first in too few words."""
    merchant.locator(".reason", has_text="过期").get_by_role("button", name="提出异议").click()
    expect(merchant.locator("#contest-words")).to_be_focused()
    merchant.fill("#contest-words", "太短了")
    merchant.click("#contest-send")
    expect(merchant.locator("#contest-message")).to_contain_text("现在 3 个字")
    merchant.fill("#contest-words", WORDS)
    keep(merchant, "contest-sheet")
    merchant.click("#contest-send")
    expect(merchant.locator("#sheet")).to_contain_text("异议已提交")
    expect(merchant.locator("#place-card header")).to_contain_text("复核中")
    merchant.click("#contest-close")
    expect(merchant.locator("#sheet")).to_be_hidden()
    expect(merchant.locator(".reason", has_text="过期")).to_contain_text("复核中")
    keep(merchant, "contest-open")


def _decide(page: Page, base: str, city: SmallCity) -> None:
    """Uphold the objection on the big screen; an explanation is needed, and news leaves the half of one alone."""
    sign_in(page, base, "supervisor")
    page.goto(f"{base}/ops?layers=shops&place={city.red_shop}")
    card = page.locator("#ops-card")
    expect(card.locator("header")).to_contain_text("复核中")
    expect(card.locator(".words")).to_contain_text(WORDS)
    keep(page, "contest-ops")
    card.get_by_role("button", name="成立", exact=True).click()
    page.click("#contest-send")
    expect(page.locator("#contest-message")).to_contain_text("请说明理由")
    page.fill("#contest-words", WHY)
    with page.expect_response(lambda answer: '"ops-card"' in (answer.request.post_data or "")):
        page.evaluate("window.yiping.map.page.tell('live', { version: {}, at: 'now' })")
    expect(page.locator("#contest-words")).to_have_value(WHY)
    keep(page, "contest-ops-sheet")
    page.click("#contest-send")
    expect(page.locator("#sheet")).to_contain_text("已认定成立")
    expect(card.locator("li", has_text=WORDS)).to_contain_text("异议成立")
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_be_hidden()
    expect(card).to_be_visible()


def test_a_public_place_has_a_page_for_everybody(browser: Browser, served: Served) -> None:
    base, city = served
    with phone(browser) as anybody:
        anybody.goto(f"{base}/places/{city.ids['offices', HERE]}")
        expect(anybody.locator("#place-card h2")).to_contain_text(f"offices-{HERE}")
        expect(anybody.locator(".contest-button")).to_have_count(0)
        anybody.click("#language")
        expect(anybody.locator(".back")).to_have_text("← Start")
        anybody.click(".back")
        expect(anybody).to_have_url(re.compile(f"{base}/?$"))


def test_a_hidden_place_is_a_page_that_is_not_there(browser: Browser, served: Served) -> None:
    base, city = served
    with phone(browser) as anybody:
        for place_id in (city.red_shop, 999_999):
            answer = anybody.goto(f"{base}/places/{place_id}")
            assert answer is not None
            assert answer.status == 404
            expect(anybody.locator("h2")).to_have_text("没有这个页面")
