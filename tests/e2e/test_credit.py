"""Credit records in a browser: the repair calculator for anybody, and a record that was graded wrongly corrected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from data.cluster import Server
from layers.core.citytime import day_of
from tests.e2e.conftest import fill_in, keep, phone, serving, sign_in
from tests.small_city import SmallCity

pytestmark = pytest.mark.e2e
Served = tuple[str, SmallCity]
WHY = "未被处以责令停产停业，应属一般失信行为"


@pytest.fixture(scope="module")
def served(server: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An application of these tests alone: they write."""
    with serving(server, template, tmp_path_factory.mktemp("home")) as there:
        yield there


def _ago(days: int) -> str:
    return (day_of(datetime.now(UTC)) - timedelta(days=days)).isoformat()


def test_anybody_finds_out_from_when_a_record_can_be_repaired(browser: Browser, served: Served) -> None:
    with phone(browser) as anybody:
        anybody.goto(f"{served[0]}/rules")
        anybody.get_by_role("link", name="信用修复计算器").click()
        expect(anybody.locator("#plan-result")).to_have_text("请填写决定日期和公示日期。")
        anybody.fill("#plan-decided-on", "2026-05-10")
        expect(anybody.locator("#plan-result .error")).to_contain_text("请填写公示日期")
        anybody.fill("#plan-published-on", "2026-05-09")
        expect(anybody.locator("#plan-result .error")).to_contain_text("早于决定日期")
        keep(anybody, "credit-plan-wrong")
        anybody.fill("#plan-published-on", "2026-05-12")
        anybody.fill("#plan-applied-on", "2026-08-10")
        answer = anybody.locator(".plan-answer")
        expect(answer).to_contain_text("自 2026-08-11 起可以申请修复")
        anybody.fill("#plan-applied-on", "2026-08-11")
        expect(answer).to_have_text("2026年8月11日 可以申请信用修复。")
        expect(anybody.locator("#plan-result dl")).to_contain_text("2027年5月11日")
        expect(anybody.locator("#plan-result h2").first).to_have_text("适用国家发展改革委令第36号")
        keep(anybody, "credit-plan")
        anybody.get_by_text("特定严重失信", exact=True).click()
        expect(answer).to_contain_text("期间不得修复")
        expect(anybody).to_have_url(
            re.compile(r"severity=specific&decided_on=2026-05-10&published_on=2026-05-12")
        )
        assert anybody.evaluate("document.documentElement.scrollWidth") == 390
        anybody.reload()
        expect(answer).to_contain_text("期间不得修复")
        expect(anybody.locator("#plan-decided-on")).to_have_value("2026-05-10")
        expect(anybody.locator("#plan-applied-on")).to_have_value("2026-08-11")


def test_what_the_address_cannot_mean_is_one_sentence(page: Page, served: Served) -> None:
    page.goto(f"{served[0]}/credit?severity=grave&decided_on=yesterday")
    expect(page.locator("#plan-result")).to_have_text("请选择失信程度：轻微、一般、严重或特定严重。")
    page.get_by_text("一般失信", exact=True).click()
    expect(page.locator("#plan-result")).to_contain_text("请填写")


def test_a_record_graded_too_high_is_corrected_and_asked_about(
    page: Page, browser: Browser, served: Served
) -> None:
    base, city = served
    sign_in(page, base, "supervisor")
    page.goto(f"{base}/places/{city.merchant_shop}")
    _enter(page)
    with phone(browser) as merchant:
        fill_in(merchant, base, "merchant")
        merchant.goto(f"{base}/places/{city.merchant_shop}")
        expect(merchant.locator(".chip.credit")).to_have_text("特定严重失信公示中")
        merchant.get_by_role("button", name="申请信用修复").click()
        expect(merchant.locator("#credit-message")).to_contain_text("请向决定机关申请更正")
        expect(merchant.locator("#credit-send")).to_have_count(0)
        keep(merchant, "credit-barred")
        merchant.click("#contest-close")
        _correct(page)
        expect(merchant.locator(".chip.credit")).to_have_text("一般失信公示中")  # by itself, without a reload
        card = merchant.locator("#place-card")
        expect(card).to_contain_text("更正")
        expect(card.locator(".words")).to_have_text(WHY)
        keep(merchant, "credit-corrected")
        card.get_by_role("link", name="信用修复计算器").click()
        expect(merchant.locator(".plan-answer")).to_contain_text("可以申请信用修复")
    _withdraw(page)


def _enter(page: Page) -> None:
    page.get_by_role("button", name="登记信用记录").click()
    page.get_by_text("特定严重失信", exact=True).click()
    page.fill("#credit-act", "食堂食品安全违法行为")
    page.fill("#credit-authority", "徐汇区市场监督管理局")
    page.fill("#credit-number", "沪市监徐处〔2026〕0018号")
    page.fill("#credit-decided-on", _ago(150))
    page.fill("#credit-published-on", _ago(148))
    page.click("#credit-save")
    expect(page.locator("#sheet")).to_contain_text("信用记录已登记")
    page.click("#contest-close")


def _correct(page: Page) -> None:
    """Correct the severity, at first without anything changed and without a reason."""
    page.get_by_role("button", name="更正记录").click()
    expect(page.locator("#credit-act")).to_have_value("食堂食品安全违法行为")
    expect(page.locator("#credit-decided-on")).to_have_value(_ago(150))
    page.click("#credit-save")
    expect(page.locator("#credit-message")).to_contain_text("请说明理由")
    page.fill("#credit-words", WHY)
    page.click("#credit-save")
    expect(page.locator("#credit-message")).to_contain_text("没有改动任何内容")
    page.get_by_text("一般失信", exact=True).click()
    keep(page, "credit-correction")
    page.click("#credit-save")
    expect(page.locator("#sheet")).to_contain_text("信用记录已更正")
    page.click("#contest-close")


def _withdraw(page: Page) -> None:
    page.get_by_role("button", name="撤销登记").click()
    page.click("#credit-send")
    expect(page.locator("#credit-message")).to_contain_text("请说明理由")
    page.fill("#credit-words", "登记对象有误")
    keep(page, "credit-withdrawal")
    page.click("#credit-send")
    expect(page.locator("#sheet")).to_contain_text("已撤销登记")
    page.click("#contest-close")
    expect(page.locator(".chip.credit")).to_have_count(0)
    expect(page.locator("#place-card")).to_contain_text("撤销登记")
    expect(page.get_by_role("button", name="更正记录")).to_have_count(0)
