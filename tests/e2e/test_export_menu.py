"""Files are taken out where a list of what is filtered is shown, by who may, and they are what is filtered."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import phone, sign_in
from tests.small_city import HOSTILE, SmallCity

pytestmark = pytest.mark.long
Served = tuple[str, SmallCity]


def test_a_search_is_taken_out_as_it_stands(page: Page, served: Served) -> None:
    base, _ = served
    sign_in(page, base, "agency")
    page.goto(f"{base}/offices")
    expect(page.locator(".export-box caption")).to_have_text("创业空间：2 条")
    page.click(".export-menu > summary")
    with page.expect_download() as download:
        page.get_by_label("下载 CSV，坐标系 GCJ-02", exact=True).click()
    assert download.value.suggested_filename.startswith("创业空间-")
    lines = list(csv.DictReader(download.value.path().read_text("utf-8-sig").splitlines()))
    assert [line["坐标系"] for line in lines] == ["gcj02", "gcj02"]


def test_the_menu_of_the_big_screen_follows_the_filter_and_stays_open(page: Page, served: Served) -> None:
    base, _ = served
    sign_in(page, base, "supervisor")
    page.goto(f"{base}/ops?layers=shops")
    page.click(".export-menu > summary")
    page.click('[data-filter="tier"][data-value="red"]')
    link = page.get_by_label("下载 CSV，坐标系 WGS-84", exact=True)
    expect(link).to_have_attribute("href", "/api/layers/shops/export.csv?tier=red&header=label&datum=wgs84")
    with page.expect_download() as download:
        link.click()
    lines = list(csv.DictReader(download.value.path().read_text("utf-8-sig").splitlines()))
    assert [line["名称"] for line in lines] == [HOSTILE]
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="minutes")
    page.goto(f"{base}/ops?as_of={quote(yesterday)}")
    expect(page.locator(".export-box")).to_have_text("导出的是现在的数据：请先回到“现在”。")


def test_the_public_is_offered_nothing(browser: Browser, served: Served) -> None:
    with phone(browser) as page:
        page.goto(f"{served[0]}/offices")
        expect(page.locator(".result").first).to_be_visible()
        expect(page.locator(".export-menu")).to_have_count(0)
