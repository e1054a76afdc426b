"""The explanation of a verdict: facts, rules and result in words of either language, without codes."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Engine

from app.explain import words_of
from data.explain import explain
from data.tables import registry
from layers.core.text import LANGUAGES, Language
from tests.small_city import NOW, SmallCity, build

CODE = re.compile(r"\b[a-z]+_[a-z_]+\b")


@pytest.fixture
def city(engine: Engine) -> SmallCity:
    """A small city in a fresh database."""
    return build(engine)


def told(engine: Engine, place_id: int, language: Language) -> str:
    return words_of(explain(engine, place_id, NOW), language)


def test_it_names_facts_rules_and_result(engine: Engine, city: SmallCity) -> None:
    english, chinese = (told(engine, city.red_shop, language) for language in ("en", "zh"))
    for part in (
        "Permit: ",
        "Food business permit",
        "Rules in force on 2026-11-23",
        "permit status Expired",
        "next change",
    ):
        assert part in english
    for part in ("许可：", "食品经营许可证", "2026-11-23 适用的规则", "许可状态 已过期", "下次变化"):
        assert part in chinese


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("layer", [layer.id for layer in registry])
def test_no_code_is_left_in_the_facts_of_any_layer(
    engine: Engine, city: SmallCity, layer: str, language: Language
) -> None:
    ids = [place for (of, _), place in city.ids.items() if of == layer]
    for place_id in (*ids, *([city.red_shop, city.merchant_shop] if layer == "shops" else [])):
        lines = told(engine, place_id, language).splitlines()
        rules = next(number for number, line in enumerate(lines) if "2026-11-23" in line and number > 0)
        assert not [line for line in lines[:rules] if CODE.search(line)]


def test_the_years_of_the_holidays_are_told(engine: Engine, city: SmallCity) -> None:
    assert "2004-2026" in told(engine, city.red_shop, "en").splitlines()[-1]
