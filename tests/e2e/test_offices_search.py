"""The search for offices in a real browser: filters combine, what cannot be meant is said, nothing is a dead end."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import keep
from tests.small_city import SmallCity

pytestmark = pytest.mark.e2e
Served = tuple[str, SmallCity]
ASKED = re.compile("/_dash-update-component")


def _range(page: Page, field: str, end: str) -> str:
    return f'#offices-facets input[id*=\'"field":"{field}"\'][id*=\'"end":"{end}"\']'


def _enter(page: Page, field: str, end: str, value: str) -> None:
    entry = page.locator(_range(page, field, end))
    entry.fill(value)
    entry.press("Tab")


def test_a_second_range_value_and_more_filters_combine(page: Page, served: Served) -> None:
    failed: list[str] = []
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 500 else None)
    page.goto(f"{served[0]}/offices?area_m2=1..500&rent_cny_m2_day=0.5..")
    expect(page.locator(_range(page, "area_m2", "low"))).to_have_value("1")
    expect(page.locator(_range(page, "rent_cny_m2_day", "low"))).to_have_value("0.5")
    _enter(page, "area_m2", "high", "600")
    _enter(page, "rent_cny_m2_day", "high", "90")
    expect(page).to_have_url(re.compile(r"area_m2=1\.\.600"))
    expect(page).to_have_url(re.compile(r"rent_cny_m2_day=0\.5\.\.90"))
    assert not failed


def test_a_range_that_is_upside_down_is_said_and_cleared(page: Page, served: Served) -> None:
    page.goto(f"{served[0]}/offices")
    expect(page.locator(".result")).to_have_count(2)
    _enter(page, "area_m2", "low", "500")
    expect(page.locator("#offices-results")).to_contain_text("没有符合条件")
    _enter(page, "area_m2", "high", "100")
    expect(page.locator("#offices-results")).to_contain_text("最低值 500 大于最高值 100")
    keep(page, "offices-upside-down")
    page.locator("#offices-results .clear").click()
    expect(page.locator(".result")).to_have_count(2)
    expect(page).not_to_have_url(re.compile("area_m2"))
    expect(page.locator("#offices-facets .clear")).to_be_hidden()
    expect(page.locator(_range(page, "area_m2", "low"))).to_have_value("")


def test_what_is_typed_while_an_answer_is_on_its_way_stays(page: Page, served: Served) -> None:
    page.goto(f"{served[0]}/offices")
    expect(page.locator(".result")).to_have_count(2)
    held: list[Route] = []
    page.route(ASKED, lambda route: held.append(route))  # noqa: PLW0108  (a handler must be a function)
    with page.expect_request(ASKED):
        _enter(page, "area_m2", "low", "1")
    page.locator(_range(page, "area_m2", "high")).fill("600")  # and not yet left
    page.unroute(ASKED)  # lets go what was held
    assert held
    expect(page).to_have_url(re.compile(r"area_m2=1\.\."))
    expect(page.locator("#offices-facets .clear")).to_be_visible()  # the answer is drawn
    expect(page.locator(_range(page, "area_m2", "high"))).to_have_value("600")
    page.locator(_range(page, "area_m2", "high")).press("Tab")
    expect(page).to_have_url(re.compile(r"area_m2=1\.\.600"))


@pytest.mark.parametrize("said", ["rent_cny_m2_day=abc", "rent_cny_m2_day=1.2.3..4", "rent_cny_m2_day=9..2"])
def test_what_an_address_says_wrongly_is_left_out_and_named(page: Page, served: Served, said: str) -> None:
    page.goto(f"{served[0]}/offices?{said}")
    expect(page.locator(".result")).to_have_count(2)
    expect(page.locator("#offices-note")).to_contain_text("租金")
    expect(page).not_to_have_url(re.compile("rent"))


def test_a_moment_that_only_another_page_can_show_is_left_out(page: Page, served: Served) -> None:
    page.goto(f"{served[0]}/offices?as_of=2099-01-01T12:00%2B08:00")
    expect(page.locator(".result")).to_have_count(2)
    expect(page).not_to_have_url(re.compile("as_of"))


def test_the_search_answers_while_typing_and_a_public_card_tells_no_rules(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{served[0]}/offices")
    expect(page.locator(".result")).to_have_count(2)
    page.locator("#offices-words").fill("310104003")
    expect(page.locator(".result")).to_have_count(1)
    expect(page.locator(".result")).not_to_contain_text("许可")
    page.locator(".result").click()
    expect(page.locator("#offices-card h2")).to_contain_text("offices-310104003")
    for words in ("规则", "处置", "核实后"):
        expect(page.locator("#offices-card")).not_to_contain_text(words)
    page.locator("#offices-card .close").click()
    page.locator(".facets summary").first.click()
    row = page.locator(".checks label").first.bounding_box()
    assert row is not None
    assert row["height"] >= 44
