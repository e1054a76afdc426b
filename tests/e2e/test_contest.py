"""A merchant objects on a phone, or asks for a repair; the supervisor answers on the big screen; the phone shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from data.cluster import Server
from layers.core.citytime import day_of
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


def test_a_record_is_entered_repaired_and_gone(page: Page, browser: Browser, served: Served) -> None:
    base, city = served
    sign_in(page, base, "supervisor")
    page.goto(f"{base}/ops?layers=shops&place={city.merchant_shop}")
    card = page.locator("#ops-card")
    expect(card.locator("header")).to_contain_text("正常")
    _enter(page, days_ago=150)
    expect(card.locator(".chip.credit")).to_have_text("一般失信公示中")
    expect(card.locator(".reason", has_text="一般失信记录")).to_contain_text("至")
    keep(page, "credit-ops")
    with phone(browser) as merchant:
        fill_in(merchant, base, "merchant")
        merchant.goto(f"{base}/places/{city.merchant_shop}")
        _apply(merchant)
        expect(card.locator("header")).to_contain_text("修复中")  # by itself, without a reload
        for button in ("区初审通过", "市复审通过", "国家终审通过", "终止公示"):
            card.get_by_role("button", name=button, exact=True).click()
            page.click("#credit-send")
            expect(page.locator("#sheet")).to_contain_text("已")
            page.click("#contest-close")
        expect(card.locator(".chip.credit")).to_have_count(0)
        expect(card.locator("header")).to_contain_text("正常")
        expect(merchant.locator(".chip.credit")).to_have_count(0)
        expect(merchant.locator("#place-card header")).to_contain_text("正常")
        expect(merchant.locator(".repair")).to_contain_text("已终止公示")
        keep(merchant, "credit-repaired")


def _enter(page: Page, days_ago: int) -> None:
    """Enter a record through the form, at first without its number."""
    decided = (day_of(datetime.now(UTC)) - timedelta(days=days_ago)).isoformat()
    page.get_by_role("button", name="登记信用记录").click()
    expect(page.locator("#credit-act")).to_be_focused()
    page.fill("#credit-act", "经营超过保质期的食品")
    page.fill("#credit-authority", "徐汇区市场监督管理局")
    page.fill("#credit-decided-on", decided)
    page.fill("#credit-published-on", decided)
    page.click("#credit-save")
    expect(page.locator("#credit-message")).to_contain_text("请填写文号")
    page.fill("#credit-number", f"沪市监徐处〔2026〕{days_ago:04d}号")
    keep(page, "credit-entry")
    page.click("#credit-save")
    expect(page.locator("#sheet")).to_contain_text("信用记录已登记")
    page.click("#contest-close")


def _apply(merchant: Page) -> None:
    """Ask for the repair, at first without saying that all is done."""
    merchant.get_by_role("button", name="申请信用修复").click()
    merchant.click("#credit-send")
    expect(merchant.locator("#credit-message")).to_contain_text("申请还缺")
    for box in merchant.locator("#credit-declared input").all():
        box.check()
    keep(merchant, "credit-sheet")
    merchant.click("#credit-send")
    expect(merchant.locator("#sheet")).to_contain_text("修复申请已提交")
    merchant.click("#contest-close")
    expect(merchant.locator("#place-card header")).to_contain_text("修复中")
    expect(merchant.locator(".credit-button")).to_have_count(0)
    keep(merchant, "credit-applied")


def test_a_repair_is_refused_before_its_day(page: Page, browser: Browser, served: Served) -> None:
    base, city = served
    sign_in(page, base, "supervisor")
    page.goto(f"{base}/places/{city.red_shop}")
    _enter(page, days_ago=20)
    with phone(browser) as merchant:
        fill_in(merchant, base, "merchant")
        merchant.goto(f"{base}/places/{city.red_shop}")
        merchant.get_by_role("button", name="申请信用修复").click()
        first = merchant.locator("#credit-message")
        expect(first).to_contain_text("国家发展改革委令第36号")
        expect(first).to_contain_text("起可以申请修复：请届时再申请。")
        expect(merchant.locator("#credit-send")).to_have_count(0)
        keep(merchant, "credit-too-early")


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
