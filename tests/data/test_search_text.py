"""What a place is found by: its words, what its surroundings are called, and their pinyin."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT

from data.search_text import area_words, initials, pinyin, search_text

NAMES = {"310104": "徐汇区", "310104017": "漕河泾街道"}


@pytest.mark.parametrize(
    "words",
    [
        "德泉", "联合", "dequan", "dqlh", "漕河泾", "caohejing", "chj", "徐汇", "xuhui", "玉泽东路", "yuzedonglu",
        "yzdl", "重庆南路12号", "cqnl", "2号线", "91310000132260250x",
    ],
)  # fmt: skip
def test_a_place_is_found_by(words: str) -> None:
    called = [*area_words("310104017", NAMES), "2号线 玉泽东路"]
    assert words in search_text("德泉联合办公", "重庆南路12号", "91310000132260250X", called=called)


def test_nothing_is_said_twice() -> None:
    text = search_text("老街面馆", "徐汇区老街1号", called=["徐汇区", "老街面馆"])
    assert text.split() == ["老街面馆", "徐汇区老街1号", "laojiemianguan", "xuhuiqu", "ljmg", "xhqlj1h"]


@pytest.mark.parametrize(
    ("code", "words"),
    [("310104017", ["漕河泾街道", "徐汇区"]), ("310104", ["徐汇区"]), ("999999", []), ("", [])],
)
def test_an_area_is_called_by_sub_district_and_district(code: str, words: list[str]) -> None:
    assert area_words(code, NAMES) == words


CHINESE = st.text(st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF), max_size=4)
BEGUN = st.builds(lambda phrase, end: phrase[:end], st.sampled_from(sorted(PHRASES_DICT)), st.integers(1, 5))


@given(st.lists(BEGUN | CHINESE, min_size=1, max_size=5))
def test_characters_are_read_as_pypinyin_reads_them(parts: list[str]) -> None:
    """Also where a phrase begins and is not ended: it then reads its characters one by one."""
    words = "".join(parts)
    syllables = lazy_pinyin(words)
    whole, first = "".join(syllables), "".join(syllable[:1] for syllable in syllables)
    assert (pinyin(words), initials(words)) == (
        (whole, first) if len(syllables) == len(words) else (words, words)
    )


def test_words_are_not_found_across_two_parts() -> None:
    assert search_text("ab", "cd", "bc", "b c") == "ab cd bc b c"
