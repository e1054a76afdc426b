"""The case book in a browser: on a desk and on a phone, by filters and by the address of one case."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from data.casebook import packaged_cases
from tests.e2e.conftest import keep
from tests.small_city import SmallCity

pytestmark = pytest.mark.e2e
Served = tuple[str, SmallCity]


def test_the_cases_are_found_from_the_start_narrowed_and_opened(page: Page, served: Served) -> None:
    page.goto(served[0])
    page.get_by_role("link", name="案例").click()
    expect(page.locator("article.book-case")).to_have_count(20)
    page.get_by_text("按区筛选").click()
    page.get_by_role("link", name="长宁区").click()
    expect(page.locator("article.book-case")).to_have_count(2)
    expect(page.locator("article.book-case q", has_text="已成功受理246件")).to_be_visible()
    page.get_by_role("link", name="建筑工地夜间施工").click()
    expect(page).to_have_url(re.compile(r"/casebook/8$"))
    expect(page.locator("article.book-case")).to_have_count(1)
    page.go_back()
    expect(page.locator("article.book-case")).to_have_count(2)
    page.goto(f"{served[0]}/casebook?area=nowhere")
    page.locator(".empty").get_by_role("link").click()
    expect(page.locator("article.book-case")).to_have_count(20)
    keep(page, "cases")


def test_a_phone_shows_a_case_by_its_address_without_scrolling_sideways(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for case in packaged_cases():
        page.goto(f"{served[0]}/casebook/{case.number}")
        expect(page.locator("article.book-case q")).to_have_count(len(case.facts))
        expect(page.locator("article.book-case q").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 390, case.number


def test_in_english_the_quotations_stay_chinese_and_say_so(page: Page, served: Served) -> None:
    page.goto(f"{served[0]}/casebook/8")
    page.get_by_role("button", name="EN").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    row = page.get_by_role("row", name="Accepted")
    expect(row).to_contain_text("246 cases")
    expect(row.locator("q")).to_have_text("已成功受理246件")
    expect(row.locator("q")).to_have_attribute("lang", "zh")
