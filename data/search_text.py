"""The text a place is found by: its words in lower case, and their pinyin whole and by first letters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT
from pypinyin.seg.mmseg import p_set

from layers.core.access import FieldClass
from layers.core.spec import FieldType, Layer

_RUNS = re.compile(r"[\u3400-\u9fff]+|[^\u3400-\u9fff]+")
_DISTRICT_DIGITS = 6
_BETWEEN = "\0"  # no part holds it, so that no part is found across two others


def search_text(name: str, address: str, *others: str, called: Sequence[str] = ()) -> str:
    """Return what the words of a query are looked for in, each by substring.

    Name and `called` (what the surroundings are called: sub-district, district, station) are found by their pinyin
    too, whole or by initials; the address by its initials; `others` as they are.
    """
    own, there = _aloud(name), _aloud(address)
    around = [_aloud(words) for words in called]
    numbers = [words.strip().lower() for words in others if words]
    said = (own.words, there.words, *(heard.words for heard in around), *numbers)
    spoken = (own.whole, *(heard.whole for heard in around), own.initials, there.initials)
    kept = ""
    for words in (*said, *spoken, *(heard.initials for heard in around)):
        if words not in kept:
            kept += words + _BETWEEN
    return kept[:-1].replace(_BETWEEN, " ")


def initials(words: str) -> str:
    """Return the pinyin initials of Chinese text: `老街面馆` gives `ljmg`; other characters stay."""
    return _aloud(words).initials


def pinyin(words: str) -> str:
    """Return the pinyin of Chinese text without tones: `老街面馆` gives `laojiemianguan`; other characters stay."""
    return _aloud(words).whole


def area_words(code: str, names: Mapping[str, str]) -> list[str]:
    """Return what the sub-district and the district of an area code are called, as far as `names` knows."""
    codes = dict.fromkeys((code, code[:_DISTRICT_DIGITS]))
    return [names[known] for known in codes if known in names]


def searched_fields(layer: Layer) -> tuple[str, ...]:
    """Return the layer's own fields whose words a place is found by: the public ones that are text."""
    return tuple(
        field.name
        for field in layer.fields
        if field.type is FieldType.TEXT and field.visible_to is FieldClass.PUBLIC
    )


class _Heard(NamedTuple):
    """Words in lower case, their initials and their whole pinyin, the latter two without blanks."""

    words: str
    initials: str
    whole: str


@lru_cache(maxsize=4096)
def _aloud(words: str) -> _Heard:
    runs = _RUNS.findall(words)
    if len(runs) == 1:
        first, whole = _spoken(runs[0])
    else:
        said = [(run, run) if run.isascii() else _spoken(run) for run in runs]
        first, whole = "".join([letters for letters, _ in said]), "".join([letters for _, letters in said])
    return _Heard(
        words.strip().lower(),
        first.lower().replace(" ", "").strip(),
        whole.lower().replace(" ", "").strip(),
    )


@lru_cache(maxsize=65536)
def _spoken(run: str) -> tuple[str, str]:
    """Return initials and whole pinyin of a run of characters that are all Chinese, or all not."""
    syllables = [syllable for word in _phrases(run) for syllable in _syllables(word)]
    if len(syllables) != len(run):
        return run, run
    return "".join(syllable[:1] for syllable in syllables), "".join(syllables)


def _phrases(run: str) -> Iterator[str]:
    """Cut a run as pypinyin does, into the longest phrases it knows and single characters; it takes ten times as long.

    The reading of a character follows from its phrase: `重庆` is chongqing, `重` alone zhong.
    """
    start, end = 0, len(run)
    while start < end:
        stop = known = start + 1
        while stop < end and run[start : stop + 1] in p_set:
            stop += 1
            known = stop if run[start:stop] in PHRASES_DICT else known
        if (
            stop == end and known == start + 1
        ):  # the run ends within a phrase: pypinyin looks for no other in it
            yield from run[start:]
            return
        yield run[start:known]
        start = known


@lru_cache(maxsize=65536)
def _syllables(word: str) -> tuple[str, ...]:
    return tuple(lazy_pinyin(word))
