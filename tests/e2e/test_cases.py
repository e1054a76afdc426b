"""From red to closed: a supervisor opens a case, an inspector proves what was done, somebody else closes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from data.cluster import Server
from tests.e2e.conftest import fill_in, keep, serving, sign_in
from tests.small_city import HOSTILE, SmallCity

pytestmark = pytest.mark.e2e
Served = tuple[str, SmallCity]
SPOT = {"longitude": 121.4501, "latitude": 31.1801, "accuracy": 9}


@pytest.fixture(scope="module")
def served(server: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An application of these tests alone, for they leave cases behind."""
    with serving(server, template, tmp_path_factory.mktemp("home")) as there:
        yield there


@contextmanager
def tablet(browser: Browser, *, knows_where: bool = True) -> Iterator[Page]:
    """Open a page of a tablet that may know where it is, or may not."""
    allowed = {"geolocation": SPOT, "permissions": ["geolocation"]} if knows_where else {}
    size = {"width": 820, "height": 1180}
    context = browser.new_context(viewport=size, locale="zh-CN", has_touch=True, **allowed)
    yield context.new_page()
    context.close()


def photo() -> dict[str, object]:
    """Return a photo larger than what is sent, as a file to choose."""
    out = BytesIO()
    Image.effect_noise((2400, 1200), 60).convert("RGB").save(out, "JPEG")
    return {"name": "after.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_from_a_red_reason_to_a_closed_case(page: Page, browser: Browser, served: Served) -> None:
    base, city = served
    sign_in(page, base, "supervisor")
    page.goto(f"{base}/ops?place={city.red_shop}")
    red = page.locator("#ops-card .reason").first
    red.get_by_role("button", name="建单派遣").click()
    expect(page.locator("#case-title")).to_have_value(re.compile("食品经营许可证"))
    page.fill("#case-title", "短")
    page.click("#case-send")
    expect(page.locator("#case-message")).to_contain_text("4 到 80 个字")
    page.fill("#case-title", "食品经营许可证过期仍在营业")
    page.click("#case-send")
    expect(page.locator("#sheet")).to_contain_text("已建单")
    page.locator("#sheet .close").click()
    expect(red.get_by_role("button", name="建单派遣")).to_have_count(0)  # drawn anew: one is open
    page.locator("#ops-card .case-link", has_text="仍在营业").click()
    expect(page).to_have_url(re.compile(r"/cases/\d+$"))
    _dispatch(page)
    with tablet(browser) as inspector:
        _handle(inspector, base, page.url)
        keep(inspector, "case-tablet")
    expect(page.locator("#case-body .chip.stage")).to_have_text("核查")  # by itself, without a reload
    expect(page.locator(".case-photo")).to_be_visible()
    assert page.locator(".case-photo").evaluate("(image) => image.naturalWidth") == 1600
    expect(page.locator(".case-past")).to_contain_text("±9")
    keep(page, "case-desk")
    page.get_by_role("button", name="结案").click()
    page.click("#case-send")
    expect(page.locator("#sheet")).to_contain_text("已记录")
    page.locator("#sheet .close").click()
    expect(page.locator("#case-body .chip.stage")).to_have_text("结案")
    expect(page.locator(".case-acts")).to_have_count(0)
    page.goto(f"{base}/ops")
    expect(page.locator(".stage-link", has_text="核查")).to_contain_text("0")
    page.goto(f"{base}/cases?stage=closed")
    expect(page.locator("tbody tr", has_text="仍在营业")).to_contain_text("办结")


def _dispatch(page: Page) -> None:
    """Dispatch a case to the only inspector, at first to nobody."""
    page.get_by_role("button", name="派遣", exact=True).click()
    page.click("#case-send")
    expect(page.locator("#case-message")).to_contain_text("请选择负责这一片的检查员")
    page.get_by_label("inspector").check()
    page.click("#case-send")
    expect(page.locator("#sheet")).to_contain_text("已记录")
    page.locator("#sheet .close").click()
    expect(page.locator("#case-body .chip.stage")).to_have_text("派遣")


def _handle(inspector: Page, base: str, address: str) -> None:
    """Find the case among the own ones, begin it, and prove that it is done."""
    fill_in(inspector, base, "inspector")
    inspector.goto(f"{base}/field")
    own = inspector.locator("#field-list").get_by_role("link", name="仍在营业")
    expect(own).to_contain_text("派遣")
    keep(inspector, "field-cases")
    own.click()
    expect(inspector).to_have_url(address)
    inspector.get_by_role("button", name="开始处置").click()
    inspector.click("#case-send")
    expect(inspector.locator("#sheet")).to_contain_text("已记录")
    inspector.locator("#sheet .close").click()
    expect(inspector.locator("#case-body .chip.stage")).to_have_text("处置中")  # drawn anew, buttons and all
    inspector.get_by_role("button", name="处置完毕").click()
    inspector.fill("#case-words", "已责令停业，换证后再开")
    inspector.click("#case-send")
    expect(inspector.locator("#case-message")).to_contain_text("请先拍一张")
    inspector.locator("#case-picture input[type=file]").set_input_files(photo())  # type: ignore[arg-type]
    expect(inspector.locator("#case-proof-said")).to_contain_text("±9 米")
    inspector.click("#case-send")
    expect(inspector.locator("#sheet")).to_contain_text("已记录")


def test_without_a_position_nothing_is_done(page: Page, browser: Browser, served: Served) -> None:
    base, city = served
    sign_in(page, base, "supervisor")
    given = {"title": "补拍门头照片", "request": "position-case"}
    made = page.request.post(f"{base}/api/places/{city.rtl_shop}/cases", data=given)
    case_id = made.json()["id"]
    given = {"step": "dispatch", "request": "position-step", "seen": "filed", "handler": "inspector"}
    due = made.json()["usual_due"]
    assert page.request.post(f"{base}/api/cases/{case_id}/steps", data=given | {"due_on": due}).ok
    with tablet(browser, knows_where=False) as inspector:
        fill_in(inspector, base, "inspector")
        inspector.goto(f"{base}/cases/{case_id}")
        inspector.get_by_role("button", name="处置完毕").click()
        inspector.locator("#case-picture input[type=file]").set_input_files(photo())  # type: ignore[arg-type]
        expect(inspector.locator("#case-proof-said")).to_contain_text("请允许定位")
        inspector.fill("#case-words", "门头已经补拍")
        inspector.click("#case-send")
        expect(inspector.locator("#case-message")).to_contain_text("请先拍一张")
    assert page.request.get(f"{base}/api/cases/{case_id}").json()["stage"] == "dispatched"


def test_the_board_fits_a_telephone_and_hostile_names_stay_text(
    page: Page, browser: Browser, served: Served
) -> None:
    base, city = served
    sign_in(page, base, "supervisor")
    given = {"title": HOSTILE, "request": "hostile-case"}
    assert page.request.post(f"{base}/api/places/{city.rtl_shop}/cases", data=given).ok
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{base}/cases")
    expect(page.locator(".cases-case").get_by_role("link", name=HOSTILE)).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    keep(page, "cases-phone")
    page.locator(".case-stage", has_text="立案").click()
    expect(page).to_have_url(re.compile("stage=filed"))
    expect(page.locator(".case-stage.on")).to_have_count(1)


def test_who_may_not_read_cases_is_asked_to_sign_in(page: Page, served: Served) -> None:
    base, _ = served
    for address in ("/cases", "/cases/1"):
        page.goto(f"{base}{address}")
        expect(page.locator("#login-submit")).to_be_visible()
