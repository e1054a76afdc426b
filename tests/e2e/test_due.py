"""What is to be visited, in a real browser: the inspection list with its tasks, and draws with their results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from data.cluster import Server
from data.db import acting
from data.status import judge_places
from tests.e2e.conftest import keep, serving, sign_in
from tests.small_city import FORMULA, HERE, HOSTILE, RTL, SmallCity, add_officers

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def due_city(
    server: Server, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, SmallCity]]:
    """A city in which two shops are due in a few days and one has been for long; nobody has made a list yet."""
    with serving(server, template, tmp_path_factory.mktemp("home"), _let_three_be_due) as there:
        yield there


def _let_three_be_due(engine: Engine, city: SmallCity) -> None:
    add_officers(engine, "second officer")
    last = {city.rtl_shop: 355, city.merchant_shop: 360, city.red_shop: 900}
    with acting(engine, "test") as connection:
        for place, days in last.items():
            given = {"at": datetime.now(UTC) - timedelta(days=days), "place": place}
            connection.execute(text("UPDATE inspection SET at = :at WHERE place_id = :place"), given)
        judge_places(connection, list(last), datetime.now(UTC))


def test_a_list_is_made_filtered_and_given_out(page: Page, due_city: tuple[str, SmallCity]) -> None:
    base, city = due_city
    sign_in(page, base, "supervisor")
    page.goto(f"{base}/ops")
    page.get_by_role("link", name="待检查清单").click()
    expect(page.locator("#due-body .empty")).to_contain_text("还没有待检查清单")
    expect(page.locator("#due-bar")).to_be_hidden()
    page.click("#due-make")
    rows = page.locator("#due-body tbody tr")
    expect(rows).to_have_count(3)
    expect(page.locator("#due-note")).to_contain_text("已生成")
    page.click("#due-make")
    expect(page.locator("#due-note")).to_contain_text("没有变化")

    page.locator(".due-filters a", has_text="即将到期").click()
    expect(page).to_have_url(re.compile(r"why=due_soon"))
    expect(rows).to_have_count(2)
    expect(page.locator(".due-total")).to_have_text("共 2 处")
    expect(rows.filter(has_text=HOSTILE)).to_have_count(0)

    page.click("#due-assign")  # nothing is chosen
    expect(page.locator("#due-message")).to_contain_text("还没有选择")
    rows.filter(has_text="店").locator("input[type=checkbox]").check()
    page.fill("#due-by", "")
    page.click("#due-assign")
    expect(page.locator("#due-message")).to_contain_text("须有完成日期")
    by = datetime.now(UTC).date() + timedelta(days=9)
    page.fill("#due-by", "2020-01-01")
    page.click("#due-assign")
    expect(page.locator("#due-message")).to_contain_text("完成日期 2020-01-01 不对")
    page.fill("#due-by", by.isoformat())
    page.click("#due-assign")
    expect(page.locator("#due-message")).to_contain_text("已派发 1 项")
    expect(rows.filter(has_text="已派发")).to_have_count(1)

    page.locator(".due-box input").check()  # the whole street, as far as it is filtered
    page.click("#due-assign")
    expect(page.locator("#due-message")).to_contain_text("已派发 1 项；1 处已有任务")
    expect(rows.filter(has_text="已派发")).to_have_count(2)
    keep(page, "due-tasks")
    listed = page.request.get(f"{base}/api/due").json()["rows"]
    given_out = {row["place_id"] for row in listed if row["case_id"]}
    assert given_out == {city.rtl_shop, city.merchant_shop}

    page.locator("tr", has_text=FORMULA).locator(".due-task-link").click()
    expect(page.locator("#field-card")).to_contain_text("待检查：应在")
    page.goto(f"{base}/due")
    page.locator("tr", has_text=FORMULA).get_by_role("link", name=FORMULA).click()
    expect(page.locator(".card-panel")).to_contain_text("待检查：应在")


def test_an_inspector_reads_the_list_on_a_phone_and_finds_the_way_out_of_a_wrong_address(
    page: Page, due_city: tuple[str, SmallCity]
) -> None:
    base, _ = due_city
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, base, "inspector")
    page.goto(f"{base}/due")
    row = page.locator("tr", has_text=RTL[0])
    expect(row).to_be_visible()
    expect(page.locator("#due-assign, #due-make, .due-body input")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    keep(page, "due-phone")
    page.goto(f"{base}/due?why=mood")
    expect(page.locator("#due-body .empty")).to_contain_text("mood")
    page.get_by_role("link", name="打开最新的清单").click()
    expect(row).to_be_visible()


def _sign_in_as(page: Page, base: str, role: str) -> None:
    """Let somebody else go on in the same browser."""
    page.context.clear_cookies()
    sign_in(page, base, role)


def test_a_draw_is_made_replayed_visited_and_published(page: Page, due_city: tuple[str, SmallCity]) -> None:
    base, city = due_city
    page.on("dialog", lambda dialog: dialog.accept())
    sign_in(page, base, "supervisor")
    page.goto(f"{base}/due")
    page.get_by_role("link", name="双随机抽查").click()
    expect(page.locator("#draws-body .empty").first).to_contain_text("还没有抽取")
    page.get_by_role("link", name="新的抽取").click()
    expect(page.locator(".draws-pools")).to_contain_text("1 个点位不足两名检查员")
    page.goto(f"{base}/draws?new=1&street={HERE}")
    expect(page.locator(".draws-pools")).to_contain_text("名录库 4 个点位")
    message = page.locator("#draw-message")
    page.click("#draw-make")
    expect(message).to_contain_text("抽取数须为整数")
    page.fill("#draw-count", "5")
    page.click("#draw-make")
    expect(message).to_contain_text("抽取须有名称")
    page.fill("#draw-title", HOSTILE)
    page.click("#draw-make")
    expect(message).to_contain_text("请填 1 到 4")
    page.fill("#draw-count", "4")
    page.fill("#draw-seed", "双色球 2026137")
    page.locator("summary", has_text="信用风险权重").click()
    page.locator(".draws-tickets input").first.fill("many")
    page.click("#draw-make")
    expect(message).to_contain_text("更正A类的权重")
    page.locator(".draws-tickets input").first.fill("1")
    page.click("#draw-make")
    expect(page).to_have_url(re.compile(r"/draws\?draw=1$"))
    expect(page.get_by_role("heading", name=HOSTILE)).to_be_visible()
    rows = page.locator("#draws-body tbody tr")
    expect(rows).to_have_count(4)
    page.click("#draws-replay")
    expect(page.locator("#draws-replayed")).to_contain_text("重演结果与记录一致")
    keep(page, "draw-made")

    _sign_in_as(page, base, "inspector")
    page.goto(f"{base}/field?place={city.merchant_shop}")
    expect(page.locator("#field-card")).to_contain_text("second officer")
    page.locator("#field-result").get_by_text("合格", exact=True).click()
    page.fill("#field-code", "JC01")
    page.click("#field-save")
    expect(page.locator("#field-card .saved")).to_be_visible()
    page.goto(f"{base}/draws?draw=1")
    expect(rows.filter(has_text=FORMULA)).to_contain_text("公开期限")
    expect(page.locator("#draws-publish")).to_have_count(0)

    _sign_in_as(page, base, "supervisor")
    page.goto(f"{base}/draws?draw=1")
    page.get_by_role("button", name="公开全部结果（1）").click()
    expect(page.locator("#draws-note")).to_contain_text("已公开 1 项")
    expect(rows.filter(has_text=FORMULA)).to_contain_text("已公开")

    page.goto(f"{base}/draws")
    page.locator(".draws-part tr", has_text=HOSTILE).get_by_role("link").click()
    card = page.locator(".card-panel")
    expect(card).to_contain_text("公开逾期")
    card.get_by_role("button", name="公开结果").click()
    expect(page.locator("#sheet")).to_contain_text("检查结果已公开")
    page.click("#contest-close")
    expect(card).to_contain_text("已公开")
    expect(card.get_by_role("button", name="公开结果")).to_have_count(0)


def test_recusals_are_declared_and_ended_on_a_phone(page: Page, due_city: tuple[str, SmallCity]) -> None:
    base, city = due_city
    page.on("dialog", lambda dialog: dialog.accept())
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, base, "supervisor")
    page.goto(f"{base}/draws?draw=nothing")
    expect(page.locator("#draws-body")).to_contain_text("没有这次双随机抽取")
    page.get_by_role("link", name="全部抽取").click()
    page.locator("summary", has_text="申明回避").click()
    page.click("#recusal-declare")
    expect(page.locator("#recusal-message")).to_contain_text("理由")
    page.get_by_label("second officer").check()
    page.fill("#recusal-about", str(city.rtl_shop))
    page.fill("#recusal-why", "亲属在该店工作")
    page.click("#recusal-declare")
    expect(page.locator("#draws-note")).to_contain_text("已申明回避")
    keep(page, "draws-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="解除").click()
    expect(page.locator("#draws-note")).to_contain_text("回避已解除")
    expect(page.get_by_role("button", name="解除")).to_have_count(0)
