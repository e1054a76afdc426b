"""The API's description in a real browser: complete, and from our own address alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import keep
from tests.small_city import SmallCity

pytestmark = pytest.mark.e2e


def test_the_description_is_drawn_without_asking_another_host(
    page: Page, served: tuple[str, SmallCity]
) -> None:
    base, _ = served
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.goto(f"{base}/api/docs")
    expect(page).to_have_title("一屏 · 接口说明")
    expect(page.locator("[data-path='/api/layers/{layer}/map']")).to_be_visible()
    keep(page, "api-docs")
    assert f"{base}/api/openapi.json" in asked
    assert [url for url in asked if not url.startswith((base, "data:", "blob:"))] == []
    assert [words for words in said if words.startswith(("error", "warning"))] == []
