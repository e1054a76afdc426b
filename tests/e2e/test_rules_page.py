"""The page of the rules: every rule that judges, in words, for everybody as far as they may know the layer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from data.rules import packaged_rules
from data.tables import registry
from tests.e2e.conftest import keep, sign_in
from tests.small_city import SmallCity

pytestmark = pytest.mark.e2e
Served = tuple[str, SmallCity]


def test_every_rule_of_every_layer_is_told(page: Page, served: Served) -> None:
    sign_in(page, served[0], "supervisor")
    page.goto(f"{served[0]}/rules")
    for layer in registry:
        page.locator(".jump").get_by_role("link", name=layer.title.zh, exact=True).click()
        expect(page).to_have_url(f"{served[0]}/rules?layer={layer.id}")
        rules = packaged_rules(layer).rules
        families = {(rule.id, rule.city) for rule in rules}
        expect(page.locator(".jump [aria-current]")).to_have_text(layer.title.zh)
        expect(page.locator("article.rule")).to_have_count(len(families))
        told = page.locator("main.rules").evaluate("(node) => node.textContent")
        for rule in rules:
            assert rule.source.zh in told
    every = [rule for layer in registry for rule in packaged_rules(layer).rules]
    assert f"其中 {sum(rule.verified for rule in every)} 条" in told
    assert "2004–2026" in told
    keep(page, "rules")


def test_a_phone_shows_them_without_scrolling_sideways_and_versions_unfold(
    page: Page, served: Served
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{served[0]}/rules?layer=nights")
    expect(page.locator("article.rule").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    fold = page.locator("summary", has_text="其他时期的版本")
    night = page.locator("article.rule", has=page.locator("h3", has_text="夜间施工")).filter(has=fold)
    night.locator(fold).click()
    expect(night.locator(".version").first).to_be_visible()


def test_the_public_is_told_of_public_layers_only(page: Page, served: Served) -> None:
    page.goto(f"{served[0]}/rules")
    public = sum(layer.readable_by == "public" for layer in registry)
    expect(page.locator(".jump a")).to_have_count(public)
    page.goto(f"{served[0]}/rules?layer=shops")  # as if there was no such layer
    expect(page.locator(".jump [aria-current]")).to_have_text(registry["breakfast"].title.zh)
