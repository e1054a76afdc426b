"""Errors of this room can be said in another language: each has a key and its values."""

from __future__ import annotations

import ast
from pathlib import Path
from string import Formatter

import pytest

import geo
from geo.errors import SENTENCES, GeoError


def test_an_error_carries_its_key_and_values() -> None:
    error = GeoError("zoom_range", value=30, highest=24)
    assert isinstance(error, ValueError)
    assert (error.key, error.values) == ("zoom_range", {"value": 30, "highest": 24})
    assert str(error) == "The zoom 30 cannot be drawn; give a number from 0 to 24."
    assert error.zh == "缩放级别 30 无法绘制；请用 0 到 24 的数。"


def test_every_key_raised_has_a_sentence_and_every_sentence_is_used() -> None:
    raised = set()
    for file in Path(geo.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "GeoError":
                key = node.args[0]
                assert isinstance(key, ast.Constant)
                raised.add(key.value)
    assert raised == set(SENTENCES)


@pytest.mark.parametrize("key", SENTENCES)
def test_a_sentence_says_the_same_in_both_languages(key: str) -> None:
    zh, en = SENTENCES[key]
    assert any("一" <= letter <= "鿿" for letter in zh)
    assert en.isascii()
    assert _values(zh) == _values(en)


def _values(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}
