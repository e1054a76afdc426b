"""From five people and 20,000 a month to an office, in a real browser: order, reasons, ways out, list and map."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

from data.cluster import Server
from data.db import acting
from data.status import judge_places
from layers.core.citytime import day_of
from tests.e2e.conftest import keep, phone, serving
from tests.small_city import SmallCity, add_office

pytestmark = pytest.mark.e2e
KNOWN = {
    "property_fee_cny_m2_month": 20,
    "energy_cny_m2_month": 5,
    "registrable": True,
    "usable_share": 0.7,
    "payment_terms": "2+3",
}
OFFICES: dict[str, dict[str, Any]] = {
    "近地铁小间": KNOWN | {"area_m2": 60, "seats": 6, "rent_cny_m2_day": 6, "metro_m": 150},
    "便宜大间": KNOWN | {"area_m2": 80, "seats": 9, "rent_cny_m2_day": 3, "metro_m": 1_300},
    "旧房源": KNOWN | {"area_m2": 50, "seats": 7, "rent_cny_m2_day": 2, "metro_m": 100},
    "不可注册": KNOWN
    | {"area_m2": 70, "seats": 8, "rent_cny_m2_day": 4, "metro_m": 400, "registrable": False},
}
AGES = {"近地铁小间": 10, "便宜大间": 20, "旧房源": 200, "不可注册": 5}


def _to_let(engine: Engine, _city: SmallCity) -> None:
    now = datetime.now(UTC)
    with acting(engine, "test") as connection:
        connection.exec_driver_sql("DELETE FROM place WHERE layer = 'offices'")
        ids = [
            add_office(connection, name, listed_on=day_of(now) - timedelta(days=AGES[name]), **its)
            for name, its in OFFICES.items()
        ]
        judge_places(connection, ids, now)


@pytest.fixture(scope="module")
def founded(server: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of an application with some offices to let."""
    with serving(server, template, tmp_path_factory.mktemp("home"), _to_let) as (base, _city):
        yield base


def _bound(page: Page, name: str) -> Any:
    return page.locator(f'.bound input[id*=\'"field":"{name}"\']')


def _order(page: Page, words: str) -> None:
    page.locator("#wish-sort").click()
    page.get_by_role("option", name=words, exact=True).click()


def _first(page: Page) -> Any:
    return page.locator(".result").first


def test_people_and_a_budget_lead_to_an_office(page: Page, founded: str) -> None:
    page.goto(f"{founded}/offices")
    expect(page.locator(".result")).to_have_count(4)
    _bound(page, "people").fill("6")
    _bound(page, "people").press("Tab")
    _bound(page, "budget").fill("9500")
    _bound(page, "budget").press("Tab")
    expect(page.locator(".result")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"people=6.*budget=9500"))
    expect(_first(page)).to_contain_text("便宜大间")
    expect(_first(page)).to_contain_text("9,200 元/月")
    page.reload()
    expect(_bound(page, "people")).to_have_value("6")
    expect(page.locator(".result")).to_have_count(2)


def test_a_stale_offer_fades_and_says_so_and_is_never_first(page: Page, founded: str) -> None:
    page.goto(f"{founded}/offices")
    last = page.locator(".offer").last
    expect(last).to_have_class(re.compile("stale"))
    expect(last).to_contain_text("旧房源")
    expect(last).to_contain_text("200 天前核实")
    expect(page.locator(".offer.stale")).to_have_count(1)


def test_the_order_is_kept_in_the_address(page: Page, founded: str) -> None:
    page.goto(f"{founded}/offices")
    _order(page, "每月总费用最低")
    expect(_first(page)).to_contain_text("旧房源")
    expect(page).to_have_url(re.compile("sort=month"))
    page.reload()
    expect(_first(page)).to_contain_text("旧房源")
    _order(page, "最匹配")
    expect(page).not_to_have_url(re.compile("sort="))


def test_a_weight_that_is_moved_changes_what_comes_first(page: Page, founded: str) -> None:
    page.goto(f"{founded}/offices?weigh=metro:0,register:0,fresh:0")
    expect(_first(page)).to_contain_text("便宜大间")
    bars = page.locator(".weight-bar [role=slider]")
    expect(bars).to_have_count(5)
    bars.nth(2).press("End")  # the metro
    bars.nth(0).press("Home")  # the price
    expect(_first(page)).to_contain_text("近地铁小间")
    expect(_first(page)).to_contain_text("距地铁 150 米")
    expect(page).to_have_url(re.compile(r"weigh=price:0,metro:5,"))
    keep(page, "offices-weights")


@pytest.mark.parametrize("said", ["sort=x", "weigh=price:9", "people=abc", "budget=0"])
def test_what_cannot_be_meant_is_left_out_and_named(page: Page, founded: str, said: str) -> None:
    page.goto(f"{founded}/offices?{said}")
    expect(page.locator(".result")).to_have_count(4)
    expect(page.locator("#offices-note")).to_contain_text("已忽略一项条件")


def test_where_nothing_fits_one_click_leads_on(page: Page, founded: str) -> None:
    page.goto(f"{founded}/offices?people=6&budget=100&metro_m=..200")
    way = page.locator(".ways-out button")
    expect(way).to_have_count(1)
    expect(way).to_have_text("不限“预算”：2 处")
    keep(page, "offices-near-misses")
    way.click()
    expect(page.locator(".result")).to_have_count(2)
    expect(page).not_to_have_url(re.compile("budget"))
    expect(page).to_have_url(re.compile("people=6"))
    expect(_bound(page, "budget")).to_have_value("")


def test_on_a_telephone_list_and_map_take_turns(browser: Browser, founded: str) -> None:
    with phone(browser) as page:
        page.goto(f"{founded}/offices")
        expect(page.locator(".result").first).to_be_visible()
        expect(page.locator("#offices-map")).to_be_hidden()
        page.locator(".list-or-map label", has_text="地图").click()
        expect(page.locator("#offices-map")).to_be_visible()
        expect(page.locator(".result").first).to_be_hidden()
        box = page.locator("#offices-map").bounding_box()
        assert box is not None
        assert box["height"] > 400
        page.locator(".list-or-map label", has_text="列表").click()
        page.locator(".result").first.click()
        expect(page.locator("#offices-card h2")).to_be_visible()


def _mark(page: Page, name: str) -> None:
    page.locator(".offer", has_text=name).locator(".mark label").click()


def test_offices_are_marked_and_compared_side_by_side(page: Page, founded: str) -> None:
    page.goto(f"{founded}/offices?people=6&budget=20000")
    _mark(page, "近地铁小间")
    expect(page.locator("#offices-bar")).to_contain_text("再选一处")
    _mark(page, "便宜大间")
    expect(page).to_have_url(re.compile(r"compare=\d+,\d+"))
    _order(page, "面积从大到小")
    expect(page.locator(".offer", has_text="近地铁小间").locator("input")).to_be_checked()
    page.locator("#offices-bar a").click()
    heads = page.locator(".compare-table thead th a[href^='/places']")
    expect(heads).to_have_text(["近地铁小间", "便宜大间"])
    metro = page.locator("tr", has=page.locator("th", has_text="距地铁"))
    expect(metro.locator("td").nth(0)).to_have_text("150 米★ 最优")
    expect(metro.locator("td").nth(1)).to_have_text("1,300 米")
    month = page.locator("tr", has=page.locator("th", has_text="每月总费用"))
    expect(month.locator("td")).to_have_text(["12,300", "9,200★ 最优"])
    expect(page.locator(".compare")).to_contain_text(
        "租金每月按 30 天计；没有写明工位的，按每个工位 6 ㎡使用面积估算"
    )
    keep(page, "offices-compare")
    shared = page.url
    page.locator(".take-out").first.click()
    expect(heads).to_have_text(["便宜大间"])
    page.goto(shared)
    page.locator(".compare-ways .back").click()
    expect(page.locator(".mark input:checked")).to_have_count(2)


def test_five_are_too_many_and_the_way_out_is_said(page: Page, founded: str) -> None:
    page.goto(f"{founded}/offices?compare=1,2,3,4")
    expect(page.locator("#offices-bar a")).to_have_text("比较这 4 处")
    _mark(page, "便宜大间")
    expect(page.locator("#offices-bar")).to_contain_text("已选 5 处，最多比较 4 处：请取消几处")
    expect(page.locator("#offices-bar a")).to_have_count(0)
    page.locator("#offices-unmark").click()
    expect(page.locator(".mark input:checked")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("compare="))
    _mark(page, "便宜大间")
    expect(page.locator("#offices-bar")).to_contain_text("已选 1 处")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("", "还没有选择办公空间"),
        ("?ids=1,2,3,4,5", "一次最多比较 4 处，这里有 5 处"),
        ("?ids=x", "不是数字"),
        ("?ids=999999", "没有编号为 999999 的办公空间"),
    ],
)
def test_a_comparison_that_cannot_be_meant_is_one_sentence(
    page: Page, founded: str, said: str, words: str
) -> None:
    page.goto(f"{founded}/offices/compare{said}")
    expect(page.locator("[role=alert]")).to_contain_text(words)
    expect(page.locator(".compare-table")).to_have_count(0)
    expect(page.locator("#compare-print")).to_be_hidden()


def test_a_comparison_is_printed_on_one_clean_page(page: Page, founded: str) -> None:
    page.goto(f"{founded}/offices")
    for name in OFFICES:
        _mark(page, name)
    page.locator("#offices-bar a").click()
    expect(page.locator(".compare-table thead th")).to_have_count(5)
    page.emulate_media(media="print")
    for hidden in (".compare-ways", ".take-out >> nth=0", ".account"):
        expect(page.locator(hidden)).to_be_hidden()
    sheet = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1


def test_on_a_telephone_columns_are_swiped_beside_what_they_say(browser: Browser, founded: str) -> None:
    with phone(browser) as page:
        page.goto(f"{founded}/offices")
        for name in ("近地铁小间", "便宜大间", "不可注册"):
            _mark(page, name)
        page.locator("#offices-bar a").click()
        first = page.locator(".compare-table tbody th").first
        before = first.bounding_box()
        page.locator(".compare-scroll").evaluate("box => box.scrollLeft = 250")
        assert page.locator(".compare-scroll").evaluate("box => box.scrollLeft") > 0
        assert first.bounding_box() == before
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def _say(page: Page, words: str) -> None:
    page.locator("#offices-words").fill(words)


def _chips(page: Page) -> Any:
    return page.locator("#offices-chips .chip")


def test_what_is_said_in_words_sets_the_filters(page: Page, founded: str) -> None:
    page.goto(f"{founded}/offices")
    expect(page.locator(".result")).to_have_count(4)
    _say(page, "6人 １万以内 能注册 便宜")
    expect(page.locator(".result")).to_have_count(1)
    expect(_first(page)).to_contain_text("便宜大间")
    expect(_chips(page)).to_have_text(["团队 6 人×", "预算 10,000 元/月×", "可注册×", "含“便宜”×"])
    expect(_bound(page, "people")).to_have_value("6")
    expect(_bound(page, "budget")).to_have_value("10000")
    expect(page.locator("#offices-facets label", has_text="可注册").locator("input")).to_be_checked()
    for told in ("people=6", "budget=10000", "registrable=true"):
        expect(page).to_have_url(re.compile(told))
    keep(page, "offices-words")


def test_a_chip_takes_its_words_away(page: Page, founded: str) -> None:
    page.goto(f"{founded}/offices")
    _say(page, "6人 1万以内 近地铁")
    expect(_chips(page)).to_have_count(3)
    _chips(page).nth(1).click()
    expect(page.locator("#offices-words")).to_have_value("6人 近地铁")
    expect(_chips(page)).to_have_text(["团队 6 人×", "距地铁 ≤ 800 米×"])
    expect(_bound(page, "budget")).to_have_value("")
    expect(page.locator(".result")).to_have_count(3)
    _say(page, "")
    expect(_chips(page)).to_have_count(0)
    expect(page.locator(".result")).to_have_count(4)


def test_words_that_change_leave_alone_what_a_hand_has_set(page: Page, founded: str) -> None:
    page.goto(f"{founded}/offices?budget=20000")
    _say(page, "6人")
    expect(_chips(page)).to_have_count(2)
    _bound(page, "people").fill("8")
    _bound(page, "people").press("Tab")
    expect(_chips(page).first).to_have_text("团队 8 人×")
    _say(page, "近地铁")
    expect(_chips(page)).to_have_text(["团队 8 人×", "预算 20,000 元/月×", "距地铁 ≤ 800 米×"])


def test_an_address_with_words_is_understood_too(page: Page, founded: str) -> None:
    page.goto(f"{founded}/offices?q=6人 近地铁 小间")
    expect(page.locator(".result")).to_have_count(1)
    expect(_first(page)).to_contain_text("近地铁小间")
    expect(_bound(page, "people")).to_have_value("6")
