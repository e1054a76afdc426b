"""The big screen at work: what is filtered, opened, closed, taken back, and what is said when the session is over."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import keep, sign_in
from tests.e2e.test_views import _settled
from tests.small_city import HERE, HOSTILE, SmallCity

pytestmark = pytest.mark.e2e
Served = tuple[str, SmallCity]
RED = re.compile(r"[?&]tier=red(&|$)")


def _open(page: Page, served: Served, query: str = "") -> dict[str, Any]:
    sign_in(page, served[0], "supervisor")
    page.goto(f"{served[0]}/ops{query}")
    expect(page.locator(".kpi")).to_have_count(4)
    expect(page.locator("#live-words")).to_have_text("实时")
    return _settled(page, "ops-map") if "layers=none" not in query else {}


def _kpi(page: Page, tier: str) -> Locator:
    return page.locator(f".kpi:has(.digits.{tier})")


def _history(page: Page) -> int:
    return int(page.evaluate("history.length"))


def test_the_list_shows_what_the_filters_leave(page: Page, served: Served) -> None:
    _open(page, served)
    _kpi(page, "red").click()
    expect(page).to_have_url(RED)
    expect(page.locator(".task")).to_have_count(1)
    expect(page.locator(".task")).to_contain_text(HOSTILE)
    expect(page.locator(".column.right header").first).to_contain_text("1 / 1")
    page.locator(".layer-row").first.click()
    expect(page.locator(".column.right .empty").first).to_have_text("所选范围内没有待处置的地点")


def test_a_card_takes_the_focus_and_escape_gives_it_back(page: Page, served: Served) -> None:
    _open(page, served, "?tier=red")
    row = page.locator(".task").first
    row.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#ops-card .close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#ops-card")).to_be_hidden()
    expect(row).to_be_focused()
    row.click()
    page.locator("#ops-card .close").click()
    expect(page.locator("#ops-card")).to_be_hidden()
    expect(row).to_be_focused()


def test_back_closes_the_card_and_then_undoes_the_filter(page: Page, served: Served) -> None:
    _open(page, served)
    _kpi(page, "red").click()
    expect(page).to_have_url(RED)
    page.locator(".task").first.click()
    expect(page.locator("#ops-card h2")).to_contain_text(HOSTILE)
    page.go_back()
    expect(page.locator("#ops-card")).to_be_hidden()
    expect(page).to_have_url(RED)
    page.go_back()
    expect(page).not_to_have_url(RED)
    expect(_kpi(page, "red")).to_have_attribute("aria-pressed", "false")
    page.go_forward()
    expect(_kpi(page, "red")).to_have_attribute("aria-pressed", "true")


def test_moving_the_map_adds_nothing_to_the_history(page: Page, served: Served) -> None:
    _open(page, served, "?at=31.18,121.45,14")
    before = _history(page)
    page.get_by_role("button", name="放大").click()
    expect(page).to_have_url(re.compile(r"at=[\d.]+,[\d.]+,15(&|$)"))
    assert _history(page) == before


def test_a_lost_session_is_said_once_and_leads_back_to_this_screen(page: Page, served: Served) -> None:
    _open(page, served, "?tier=red")
    page.context.clear_cookies()
    page.locator(".task").first.click()
    notice = page.locator(".session-over")
    expect(notice).to_have_count(1)
    expect(page.locator(".live")).to_have_class(re.compile("behind"))
    expect(page.locator("#ops-card")).to_be_hidden()
    keep(page, "ops-session-over")
    notice.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/login\?next=%2Fops%3Ftier%3Dred"))


def test_the_tablet_says_that_the_session_is_over_too(page: Page, served: Served) -> None:
    sign_in(page, served[0], "inspector")
    page.goto(f"{served[0]}/field")
    expect(page.locator(".visit").first).to_be_visible()
    page.context.clear_cookies()
    page.locator(".visit").first.click()
    expect(page.locator(".session-over a")).to_have_attribute("href", re.compile(r"^/login\?next=%2Ffield"))


@pytest.mark.parametrize("size", [(1920, 1080), (1440, 900)], ids=str)
def test_the_open_place_stands_between_the_panels(page: Page, served: Served, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(reduced_motion="reduce")
    _open(page, served, f"?tier=blue&place={served[1].red_shop}&at=31.18,121.45,14")
    ring = page.locator(".yiping-halo.selected")
    expect(ring.locator(".tier-red")).to_be_visible()  # no mark shows the place: the ring holds its own shape
    card, left = page.locator("#ops-card"), page.locator(".column.left")
    expect(card).to_be_visible()
    places = [item.bounding_box() for item in (left, ring, page.locator(".yiping-controls"), card)]
    boxes = [box for box in places if box]
    assert len(boxes) == 4
    columns, mark, controls, panel = boxes
    assert columns["x"] + columns["width"] < mark["x"]
    assert mark["x"] + mark["width"] < panel["x"]
    assert controls["x"] + controls["width"] <= panel["x"]


def test_the_map_s_buttons_work_while_a_card_is_open(page: Page, served: Served) -> None:
    _open(page, served, f"?place={served[1].red_shop}&at=31.18,121.45,14")
    expect(page.locator("#ops-card h2")).to_contain_text(HOSTILE)
    page.get_by_role("button", name="放大").click()
    expect(page).to_have_url(re.compile(r"at=[\d.]+,[\d.]+,15(&|$)"))


def test_a_click_lists_all_marks_under_it(page: Page, served: Served) -> None:
    shown = _open(page, served, "?layers=shops&at=31.1805,121.4305,13")
    pair = [f for f in shown["features"] if f["kind"] == "place" and f["tier"] != "red"]
    near = [f for f in pair if abs(f["x"] - 960) < 30 and abs(f["y"] - 540) < 30]
    assert len(near) == 2
    page.mouse.click(sum(f["x"] for f in near) / 2, sum(f["y"] for f in near) / 2)
    expect(page.locator("#ops-card h2")).to_have_text("此处 2 处")
    expect(page.locator("#ops-card .task")).to_have_count(2)
    expect(page.locator(".yiping-tip")).to_be_hidden()


def test_the_last_layer_can_be_switched_off(page: Page, served: Served) -> None:
    _open(page, served, "?layers=shops")
    page.locator(".layer-row.on").click()
    notice = page.locator(".yiping-notice")
    expect(notice).to_have_text("没有打开的图层，请在左侧打开")
    page.reload()
    expect(notice).to_have_text("没有打开的图层，请在左侧打开")
    expect(page.locator(".layer-row.on")).to_have_count(0)


def test_a_chip_takes_away_its_own_filter(page: Page, served: Served) -> None:
    _open(page, served, "?tier=red&status=expired")
    page.get_by_role("button", name="取消筛选：已过期").click()
    expect(page).not_to_have_url(re.compile("status="))
    expect(page).to_have_url(RED)
    page.get_by_role("button", name="清除筛选", exact=True).click()
    expect(page.locator(".chips .chip")).to_have_count(0)


def test_a_layer_switched_on_again_takes_its_old_place(page: Page, served: Served) -> None:
    _open(page, served)
    every = re.compile(r"layers=shops,breakfast,nights,buildings,offices(&|$)")
    expect(page).to_have_url(every)
    page.locator(".layer-row").first.click()
    expect(page).to_have_url(re.compile(r"layers=breakfast,nights,buildings,offices(&|$)"))
    page.locator(".layer-row").first.click()
    expect(page).to_have_url(every)
    page.locator(".layer-row").last.click()
    page.get_by_role("button", name=re.compile("取消筛选")).click()
    expect(page).to_have_url(every)


def test_a_chosen_status_stays_in_sight_without_any_place(page: Page, served: Served) -> None:
    sign_in(page, served[0], "supervisor")
    page.goto(f"{served[0]}/ops?tier=red&status=revoked")
    chosen = page.locator(".bar-button.on")
    expect(chosen).to_contain_text("已吊销")
    chosen.click()
    expect(page).not_to_have_url(re.compile("status="))


def test_the_states_of_a_layer_filter(page: Page, served: Served) -> None:
    _open(page, served)
    bar = page.locator(".column.right .bar-button").first
    count = bar.locator(".bar-value").inner_text()
    bar.click()
    expect(page).to_have_url(re.compile("state="))
    expect(bar).to_have_attribute("aria-pressed", "true")
    assert _settled(page, "ops-map")["total"] == int(count)


def test_the_figures_follow_a_filter_though_the_map_cannot(page: Page, served: Served) -> None:
    _open(page, served)
    page.route(re.compile("/api/map"), lambda route: route.abort())
    _kpi(page, "red").click()
    expect(_kpi(page, "red")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".chips")).to_contain_text("立即处置")


def test_what_the_address_says_wrongly_is_named_once(page: Page, served: Served) -> None:
    _open(page, served, "?tier=purple,red&at=foo")
    expect(page.locator(".left-out")).to_contain_text("tier=purple, at=foo")
    expect(page).not_to_have_url(re.compile("purple"))
    page.reload()
    expect(page.locator(".kpi")).to_have_count(4)
    expect(page.locator(".left-out")).to_have_count(0)


@pytest.mark.parametrize(("n", "zh", "en"), [(2578, "2578", "2578"), (25780, "2.6万", "25.8k")])
def test_a_count_is_whole_in_both_languages_while_it_fits(
    page: Page, served: Served, n: int, zh: str, en: str
) -> None:
    _open(page, served)
    assert page.evaluate(f"yiping.map.words.shortCount({n})") == zh
    page.get_by_role("button", name="EN").click()
    expect(page.locator("#live-words")).to_have_text("Live")
    assert page.evaluate(f"yiping.map.words.shortCount({n})") == en


def test_half_zoom_levels_show_the_cells_of_the_level_below(page: Page, served: Served) -> None:
    shown = _open(page, served, "?at=31.18,121.45,12.5")
    assert shown["zoom"] == 12.5
    with page.expect_request(re.compile(r"/api/map\?.*zoom=12(&|$)")):
        page.locator(".layer-row").first.click()
    page.get_by_role("button", name="放大").click()
    expect(page).to_have_url(re.compile(r"at=[\d.]+,[\d.]+,13(&|$)"))


def test_a_place_with_an_outline_shows_it_while_it_is_selected(page: Page, served: Served) -> None:
    _, city = served
    _open(page, served, f"?place={city.ids['buildings', HERE]}&at=31.19,121.446,17")
    outline = page.locator("path.yiping-outline")
    expect(outline).to_have_count(1)
    box = outline.bounding_box()
    assert box is not None
    assert 30 < box["width"] < 60  # some forty metres, of one pixel each
    keep(page, "ops-outline")
    page.locator("#ops-card .close").click()
    expect(outline).to_have_count(0)


def test_a_line_that_is_drawn_anew_under_the_finger_still_opens(page: Page, served: Served) -> None:
    _open(page, served, "?tier=red")
    expect(page.locator(".task")).to_have_count(1)
    page.evaluate(
        """() => {
          const line = document.querySelector(".task");
          line.dispatchEvent(new MouseEvent("click", { bubbles: true }));
          line.replaceWith(line.cloneNode(true));
        }"""
    )
    expect(page.locator("#ops-card h2")).to_contain_text(HOSTILE)


def test_places_without_any_record_do_not_lower_the_rate(page: Page, served: Served) -> None:
    base, _city = served
    sign_in(page, base, "supervisor")
    page.goto(f"{base}/ops?layers=shops")
    rate = page.locator("div.kpi .digits")
    expect(rate).to_be_visible()
    known = ",".join(("red", "orange", "yellow", "blue"))
    counted = {"in_term": 0, "required": 0}
    facets = page.request.get(f"{base}/api/layers/shops/facets?tier={known}").json()["facets"]["status"]
    counted["in_term"] = facets.get("valid", 0) + facets.get("expiring", 0)
    counted["required"] = sum(n for status, n in facets.items() if status != "not_required")
    expect(rate).to_have_text(f"{100 * counted['in_term'] / counted['required']:.1f}%")
    every = page.request.get(f"{base}/api/layers/shops/facets").json()["facets"]["status"]
    assert sum(every.values()) > sum(facets.values())  # some have no record
