"""Names that want to be markup, a formula, or to turn their neighbours round: on every part of the big screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import keep, sign_in
from tests.e2e.test_views import _settled
from tests.small_city import FORMULA, HOSTILE, RTL, SmallCity

pytestmark = pytest.mark.e2e
HOLDERS = """(region, name) => {
  const walker = document.createTreeWalker(region, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    if (!walker.currentNode.data.includes(name)) continue;
    found.push(getComputedStyle(walker.currentNode.parentElement).unicodeBidi);
  }
  return found;
}"""


def _is_isolated(region: Locator, name: str) -> None:
    expect(region).to_contain_text(name)
    found = region.evaluate(HOLDERS, name)
    assert found
    assert set(found) == {"isolate"}, (name, found)


def test_a_hostile_name_is_text_and_turns_nothing_round(page: Page, served: tuple[str, SmallCity]) -> None:
    base, city = served
    page.on("dialog", lambda dialog: pytest.fail(f"A name ran as a script: {dialog.message}"))
    sign_in(page, base, "supervisor")
    page.goto(f"{base}/ops?layers=shops&tier=red,blue&at=31.18100,121.43100,17")
    shown = _settled(page, "ops-map")
    for name in (HOSTILE, FORMULA, RTL):
        _is_isolated(page.locator("#ops-work"), name)
    _is_isolated(page.locator("#ops-ticker"), RTL)
    point = next(f for f in shown["features"] if f["kind"] == "place" and f["id"] == city.rtl_shop)
    page.mouse.move(point["x"], point["y"])
    _is_isolated(page.locator(".yiping-tip"), RTL)
    keep(page, "ops-hostile")
    page.mouse.click(point["x"], point["y"])
    _is_isolated(page.locator("#ops-card h2"), RTL)
