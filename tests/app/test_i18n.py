"""Both languages are complete, and every key that is used exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from app.i18n import browser_catalogue, catalogue, preferred_language
from layers.core.checks import PARAMS

REPOSITORY = Path(__file__).resolve().parents[2]
HAN = re.compile(r"[\u4e00-\u9fff]")


def test_every_entry_has_both_languages_with_the_same_gaps() -> None:
    for key, words in catalogue().items():
        assert all(text.strip() for text in (words.zh, words.en)), key
        assert not HAN.search(words.en), f"{key}: Chinese in the English words"
        gaps = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (words.zh, words.en)]
        assert gaps[0] == gaps[1], key


def test_every_literal_key_of_the_code_exists() -> None:
    for room in ("app", "callbacks"):
        for path in (REPOSITORY / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and getattr(node.func, "attr", getattr(node.func, "id", "")) == "t"
                ):
                    for argument in node.args[:1]:
                        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                            assert argument.value in catalogue(), f"{path.name}: {argument.value}"


def test_every_check_and_parameter_of_a_rule_has_words() -> None:
    for check, params in PARAMS.items():
        wanted = {f"rules.check.{check}", *(f"rules.param.{name}" for name in params)}
        assert wanted <= set(catalogue()), check


def test_every_key_of_the_scripts_exists() -> None:
    known = browser_catalogue("zh")
    for path in (REPOSITORY / "app" / "assets").rglob("*.js"):
        for key in re.findall(r"""\bt\("((?:map|page)\.[a-z_]+)\"""", path.read_text("utf-8")):
            assert key in known, f"{path.name}: {key}"


def test_no_words_of_the_screens_are_written_in_code() -> None:
    for folder in ("app/pages", "app/components", "callbacks"):
        for path in (REPOSITORY / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and HAN.search(node.value):
                    assert node.value in {"中文", "、"}, f"{path.name}: {node.value}"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "zh"),
        ("de-DE, fr;q=0.9", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("de, en;q=0.5, zh;q=0.7", "zh"),
        ("zh-TW, en;q=0.9", "zh"),
        ("en;q=nonsense, zh;q=0.1", "zh"),
    ],
)
def test_the_browser_s_language_is_followed(accepted: str, language: str) -> None:
    assert preferred_language(accepted) == language
