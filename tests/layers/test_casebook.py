"""The case book as a text: what can be read, what is refused and by which name, numbers as people write them."""

from __future__ import annotations

import pytest

from layers.core.casebook import Bound, CaseBookError, Presence, amount, parse_casebook
from layers.core.text import Language, Text

FACT = '{ key = "n", zh = "数", en = "number", value = 3, unit = "day", bound = "over", quote = "3天多" }'
WORDS = '{ key = "w", zh = "何时", en = "when", words = "2021-08", quote = "2021年8月" }'
CASE = """
[[case]]
number = 8
area = "310105"
year = 2021
title = { zh = "案例", en = "Case" }
place = { zh = "图层", en = "layer" }
presence = "part"
facts = [ FACT ]
"""
BOOK = (
    '[area]\n310105 = { zh = "长宁区", en = "Changning" }\n[unit]\nday = { zh = "天", en = "days" }\n' + CASE
)


def test_a_case_is_read_with_its_district_and_its_facts() -> None:
    [case] = parse_casebook(BOOK.replace("FACT", f"{FACT}, {WORDS}"))
    assert (case.number, case.area_name, case.presence) == (8, Text("长宁区", "Changning"), Presence.PART)
    number, words = case.facts
    assert (number.value, number.unit, number.bound) == (3, Text("天", "days"), Bound.OVER)
    assert (number.quotation, number.label) == ("3天多", Text("数", "number"))
    assert (words.value, words.words, words.bound) == (None, Text("2021-08", "2021-08"), None)


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ('presence = "part"', 'presence = "soon"', "case 8: 'soon'"),
        ("310105 =", "310106 =", "case 8: '310105' is missing or unknown"),
        ('unit = "day"', 'unit = "week"', "case 8: 'week' is missing or unknown"),
        ('bound = "over"', 'bound = "some"', "case 8: 'some'"),
        ('quote = "3天多"', 'remark = "3天多"', "case 8: 'quote' is missing"),
        ("value = 3", 'value = 3, words = "3"', "case 8: fact n says a value or words"),
        ("value = 3, ", "", "case 8: fact n says a value or words"),
        ("value = 3", "value = 3, colour = 1", "case 8: .*colour"),
        (FACT, f"{FACT}, {FACT}", "case 8: fact n is there twice"),
        ("[[case]]", "[case", "is not TOML"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_the_number_of_its_case(
    written: str, instead: str, told: str
) -> None:
    book = BOOK.replace("FACT", FACT)
    assert written in book
    with pytest.raises(CaseBookError, match=told):
        parse_casebook(book.replace(written, instead))


def test_two_cases_of_one_number_are_refused() -> None:
    with pytest.raises(CaseBookError, match="case 8 is there twice"):
        parse_casebook((BOOK + CASE).replace("FACT", FACT))


@pytest.mark.parametrize(
    ("value", "language", "words"),
    [
        (0, "zh", "0"),
        (1.79, "zh", "1.79"),
        (9000, "zh", "9,000"),
        (12065, "zh", "12,065"),  # in 万 it would have four decimals
        (15000, "zh", "1.5 万"),
        (15000, "en", "15,000"),
        (24_700_000, "zh", "2,470 万"),
        (24_700_000, "en", "24.7 million"),
        (23_687_000_000, "zh", "236.87 亿"),
        (23_687_000_000, "en", "23.687 billion"),
    ],
)
def test_numbers_are_written_as_each_language_does(value: float, language: Language, words: str) -> None:
    assert amount(value, language) == words
