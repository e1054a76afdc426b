"""The case book against its source and against the tables: every figure in its words, every word verbatim."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.resources import files
from math import isclose
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.pages.frame import PATHS
from data.casebook import CaseBook, packaged_cases, seed_cases
from data.city import City
from data.migrate import upgrade
from data.tables import registry
from layers.core.casebook import Bound, CaseFact

FACTS = [(case.number, fact) for case in packaged_cases() for fact in case.facts]
NAMES = [f"{number}.{fact.key}" for number, fact in FACTS]
STATED = [(number, fact) for number, fact in FACTS if not fact.computed]

# Counted by hand from what the brief of the domain lists of each case.
COUNTS = (11, 5, 8, 27, 11, 12, 6, 14, 12, 7, 14, 10, 19, 7, 3, 19, 21, 8, 18, 6)
# The figures that the brief names, written down from it and not from the file.
NAMED = {
    1: "28 60 18 36 7 5 2 3 6 5 6 60",
    2: "290000 24700000",
    3: "12 127 14 211 12065 1712 4276",
    4: "500 100 4 3500 218 309 1304 1416 3379 341 33.04 171 16.57 94 9.11 249 24.13 1032 "
    "23.6 16.7 42.3 9.7 2.6 0.85 11.26 2.59 10 21 11.98 21.96 2",
    5: "15000 4 11 7 30",
    6: "44 235 9000 50000 34 400 1000 120 1 2",
    7: "20 100 25",
    8: "246 5 1 5 5 9 0 30 50 3 1",
    9: "44 25 15 2 5 87 49 1.79 4.17",
    10: "450000 15 200 4000000 200000 200000000",
    11: "12 7 18 80000 66 190 3000 30000 400000 200 5000",
    12: "2090 1000000 474 330 144 4 5 1992 20 69 102",
    13: "1 1 8 25 14 457 9000 30 40 1600 10 5191 1476 1358 92 3 20 26",
    14: "700 133.5 20 3",
    15: "100 210",
    16: "21 105 50500000 101 505000000 3.65 20 6820000 10100000 53 530000000 220000 5 1 100 3 2100000 8",
    17: "1216 4532000000 1009 5000000000 3 1 2000000 100000000 3 5 1 23687000000 19.4 70 39 14.89 379 12.6 "
    "316 1041 414",
    18: "154 1 10 3 3",
    19: "66 150 170 130 2475 33 202 325 2 3 5 506 573 2395 43 61 20 8",
    20: "3 99 33 30 1",
}
DATES = {
    1: {"2020-06"}, 2: {"2020-03", "2020-12"}, 3: {"2021-04-15"}, 7: {"2021-07-07"}, 8: {"2021-08"},
    10: {"2021-07-10"}, 14: {"2021-02", "2021-11"}, 18: {"2019-07"},
}  # fmt: skip

_DIGITS = "零一二三四五六七八九"
_NUMBER = re.compile(
    r"(?P<mark>近|约|不足|超过|至少)?"
    r"(?:(?P<arabic>\d+(?:\.\d+)?)(?P<more>余|多)?(?P<scale>万|亿)?(?P<still>余|多)?"
    r"|(?P<chinese>[一二两三四五六七八九十百]+)(?=[成年周天份色人件项大期家])(?P<tenth>成)?|(?P<none>零))"
)
_MARKS = {
    "近": Bound.NEARLY,
    "约": Bound.ABOUT,
    "不足": Bound.UNDER,
    "超过": Bound.OVER,
    "至少": Bound.AT_LEAST,
}
_LIMITS = {Bound.AT_MOST: r"内|最长|最高|上限", Bound.AT_LEAST: r"至少|以上|最高不超过.*减"}
_DATE = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?\Z")


@dataclass(frozen=True)
class Figure:
    """A number as a quotation writes it, and what directly around it bounds it."""

    value: float
    bound: Bound | None


def figures(quotation: str) -> Iterator[Figure]:
    """Yield the numbers of a quotation: digits with 万 and 亿, and numerals in front of what they count."""
    for found in _NUMBER.finditer(quotation):
        if found["arabic"]:
            scale = {"万": 1e4, "亿": 1e8}.get(found["scale"], 1)
            value = float(found["arabic"]) * scale
        else:
            value = 0 if found["none"] else _numeral(found["chinese"]) * (10 if found["tenth"] else 1)
        more = found["more"] or found["still"]
        yield Figure(value, Bound.OVER if more else _MARKS.get(found["mark"]))


def _numeral(word: str) -> int:
    if word in {"十", "百"}:
        return {"十": 10, "百": 100}[word]
    return _DIGITS.index(word.replace("两", "二"))


def faults(fact: CaseFact, source: str | None = None) -> list[str]:
    """Return what of a fact its quotation does not carry, and whether the source does not have the quotation."""
    there = list(figures(fact.quotation))
    numbers = [number for number in (fact.value, fact.up_to, fact.before) if number is not None]
    missing = [n for n in numbers if not any(isclose(n, figure.value) for figure in there)]
    found = [f"{number:g} is not in the quotation" for number in missing]
    if fact.value is not None and not missing:
        bounds = {figure.bound for figure in there if isclose(figure.value, fact.value)}
        limited = fact.bound in _LIMITS and re.search(_LIMITS[fact.bound], fact.quotation)
        found += [] if limited or fact.bound in bounds else [f"bounded by {bounds}, not {fact.bound}"]
    if fact.words and (date := _DATE.match(fact.words.zh)):
        values = {figure.value for figure in there}
        found += [f"{part} is not in it" for part in date.groups()[1:] if part and int(part) not in values]
    return found + (["is not in the source"] if source is not None and fact.quotation not in source else [])


@pytest.fixture(scope="module")
def source(real_data: Path) -> str:
    """The text of the cases beside the real files, its lines joined and nothing else done to it."""
    path = real_data.parent / "cases.txt"
    if not path.is_file():
        pytest.skip(f"no text of the cases in {path}")
    return "".join(path.read_text("utf-8").splitlines())


@pytest.mark.real_data
@pytest.mark.parametrize(("number", "fact"), FACTS, ids=NAMES)
def test_every_quotation_is_in_the_source_to_the_letter(source: str, number: int, fact: CaseFact) -> None:
    assert fact.quotation in source


@pytest.mark.real_data
def test_every_quotation_is_in_its_own_case(source: str) -> None:
    starts = [source.index(f"案例{name}") for name in _chapters()]
    for case, start, end in zip(packaged_cases(), starts, [*starts[1:], len(source)], strict=True):
        chapter = source[start:end]
        assert [fact.key for fact in case.facts if fact.quotation not in chapter] == [], case.number


def _chapters() -> list[str]:
    tens = ["", *_DIGITS[1:], "十", *(f"十{digit}" for digit in _DIGITS[1:]), "二十"]
    return tens[1:]


@pytest.mark.real_data
def test_a_quotation_with_one_other_digit_is_found(source: str) -> None:
    tried = 0
    for _, fact in FACTS:
        for at, digit in enumerate(fact.quotation):
            if digit.isdigit():
                other = str((int(digit) + 1) % 10)
                changed = fact.quotation[:at] + other + fact.quotation[at + 1 :]
                assert faults(replace(fact, quotation=changed), source), changed
                tried += 1
    assert tried > 500


@pytest.mark.parametrize(("number", "fact"), STATED, ids=[f"{number}.{fact.key}" for number, fact in STATED])
def test_every_figure_is_in_its_quotation_and_bounded_as_there(number: int, fact: CaseFact) -> None:
    assert faults(fact) == []


@pytest.mark.parametrize(
    ("quotation", "value", "bound", "told"),
    [
        ("已成功受理246件", 247, None, "247 is not in the quotation"),
        ("超过1.5万户", 1500, Bound.OVER, "1500 is not in the quotation"),
        ("超过1.5万户", 15000, None, "bounded by"),
        ("分布在235条马路上", 235, Bound.OVER, "bounded by"),
        ("一期总建筑面积40余万平方米", 400000, Bound.NEARLY, "bounded by"),
        ("近六成", 6, Bound.NEARLY, "6 is not in the quotation"),
    ],
)
def test_the_check_of_figures_finds_a_wrong_one(
    quotation: str, value: float, bound: Bound | None, told: str
) -> None:
    wrong = replace(FACTS[1][1], quotation=quotation, value=value, bound=bound)
    assert [fault for fault in faults(wrong) if told in fault]


def test_the_cases_are_all_there_with_every_fact_that_the_brief_names() -> None:
    cases = packaged_cases()
    assert [case.number for case in cases] == list(range(1, 21))
    assert tuple(len(case.facts) for case in cases) == COUNTS
    for case in cases:
        stated = [n for fact in case.facts for n in (fact.value, fact.up_to, fact.before) if n is not None]
        missing = [name for name in NAMED[case.number].split() if float(name) not in stated]
        assert missing == [], case.number
        dates = {fact.words.zh for fact in case.facts if fact.words and _DATE.match(fact.words.zh)}
        assert dates == DATES.get(case.number, set())


def test_what_is_computed_can_be_computed_again_and_is_all_that_is() -> None:
    facts = {f"{number}.{fact.key}": fact for number, fact in FACTS}
    assert {name for name, fact in facts.items() if fact.computed} == {"4.common_base", "20.places_each"}
    for name in ("double_screen", "self_service", "remote", "other_services"):
        part, share = facts[f"4.{name}"].value, facts[f"4.{name}_share"].value
        assert part is not None
        assert share is not None
        assert round(part / share * 100) == facts["4.common_base"].value == 1032
    assert facts["20.places_each"].value == 99 / 3


@pytest.mark.parametrize(
    "name", ["9.five_s", "14.clue_speed", "14.case_speed", "4.common_base", "6.lease_only", "16.grades"]
)
def test_what_is_odd_says_so_and_stands_as_quoted(name: str) -> None:
    fact = dict(zip(NAMES, (fact for _, fact in FACTS), strict=True))[name]
    assert fact.note is not None
    assert faults(fact) == [] or fact.computed


def test_both_languages_are_there_and_the_english_is_english() -> None:
    proper = {"18.rule"}  # the number of a document, which has no other form
    for case in packaged_cases():
        texts = [case.title, case.place, case.area_name]
        for fact in case.facts:
            words = None if f"{case.number}.{fact.key}" in proper else fact.words
            texts += [text for text in (fact.label, fact.unit, fact.note, words) if text is not None]
        assert all(said.zh.strip() and said.en.strip() for said in texts)
        assert not [said.en for said in texts if re.search(r"[\u4e00-\u9fff]", said.en)], case.number


def test_a_place_of_today_is_a_page_and_layers_that_there_are() -> None:
    for case in packaged_cases():
        assert (case.page in PATHS) if case.page else case.presence == "planned", case.number
        assert set(case.layers) <= {layer.id for layer in registry}


def test_the_tables_say_what_the_file_says(engine: Engine) -> None:
    document = tomllib.loads((files("data") / "casebook.toml").read_text("utf-8"))
    rows = CaseBook(engine).cases()
    for row, case in zip(rows, document["case"], strict=True):
        same = ("number", "area", "year", "title", "place", "presence")
        assert {name: row[name] for name in same} == {name: case[name] for name in same}
        assert (row["area_name"], row["page"], row["layers"]) == (
            document["area"][case["area"]],
            case.get("page", ""),
            case.get("layers", []),
        )
        for stored, fact in zip(row["facts"], case["facts"], strict=True):
            plain = ("key", "value", "up_to", "before", "bound", "note")
            assert {name: stored[name] for name in plain} == {name: fact.get(name) for name in plain}
            assert stored["quotation"] == fact["quote"]
            assert stored["label"] == {"zh": fact["zh"], "en": fact["en"]}
            assert stored["unit"] == (document["unit"][fact["unit"]] if "unit" in fact else None)
            assert stored["computed"] is fact.get("computed", False)


def _events(engine: Engine) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        sql = "SELECT actor, action, subject, details FROM audit_event ORDER BY id"
        return [tuple(row) for row in connection.execute(text(sql))]


def _stamps(engine: Engine) -> list[tuple[Any, ...]]:
    """Return which transaction wrote each row last."""
    sql = "SELECT number::text, xmin::text FROM city_case UNION SELECT case_number || key, xmin::text FROM case_fact"
    with engine.connect() as connection:
        return sorted(tuple(row) for row in connection.execute(text(sql)))


def test_seeding_twice_writes_once(engine: Engine, database_url: str) -> None:
    before = _stamps(engine)
    assert len(before) == 20 + len(FACTS)
    upgrade(database_url)
    assert _stamps(engine) == before
    assert _events(engine) == []  # to make a database is nobody's act


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ("UPDATE case_fact SET quotation = '已成功受理247件' WHERE case_number = 8 AND key = 'accepted'", "8.accepted"),
        ("UPDATE case_fact SET value = 247 WHERE case_number = 8 AND key = 'accepted'", "8.accepted"),
        ("UPDATE city_case SET presence = 'here' WHERE number = 8", "8"),
        ("DELETE FROM case_fact WHERE case_number = 8 AND key = 'accepted'", "8.accepted"),
        (
            "INSERT INTO case_fact (case_number, key, position, label, value, quotation) "
            "VALUES (8, 'made_up', 99, '{}', 1, 'x')",
            "8.made_up",
        ),
    ],
)  # fmt: skip
def test_a_database_that_says_otherwise_is_corrected_on_the_record(
    engine: Engine, database_url: str, change: str, row: str
) -> None:
    book = CaseBook(engine).cases()
    with engine.begin() as connection:
        connection.execute(text(change))
    other = CaseBook(engine).cases()
    assert other != book
    upgrade(database_url)
    assert CaseBook(engine).cases() == book
    [(actor, action, subject, details)] = _events(engine)
    assert (actor, action, subject, list(details)) == ("migrate", "correct_cases", "casebook", [row])
    assert (details[row] is None) == change.startswith("DELETE")


def test_a_start_corrects_a_database_that_needs_no_migration_and_two_at_once_do_it_once(
    engine: Engine, database_url: str
) -> None:
    book = CaseBook(engine).cases()
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE case_fact SET value = 247 WHERE case_number = 8 AND key = 'accepted'")
        )
        connection.execute(text("DELETE FROM city_case WHERE number = 20"))
    with ThreadPoolExecutor(4) as starting:
        for started in [starting.submit(CaseBook(engine).follow) for _ in range(4)]:
            started.result()
    assert CaseBook(engine).cases() == book
    [(actor, action, _, details)] = _events(engine)
    assert (actor, action) == ("serve", "correct_cases")
    assert details["8.accepted"]["value"] == 247
    with engine.begin() as connection:
        connection.execute(text("UPDATE city_case SET year = 2022"))
    city = City(database_url, lambda: datetime.now(UTC))
    city.load()
    city.stop()
    assert CaseBook(engine).cases() == book


def test_a_start_leaves_a_database_of_an_older_shape_to_the_migration(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0011'"))
        connection.execute(text("DROP TABLE case_fact, city_case"))
    CaseBook(engine).follow()
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT to_regclass('city_case')::text")) is None


def test_a_case_that_leaves_the_file_leaves_the_tables(engine: Engine) -> None:
    with engine.begin() as connection:
        seed_cases(connection, packaged_cases()[:-1], "migrate")
    rows = CaseBook(engine).cases()
    assert [row["number"] for row in rows] == list(range(1, 20))
    assert sum(len(row["facts"]) for row in rows) == len(FACTS) - COUNTS[-1]


def test_an_unknown_number_is_no_case(engine: Engine) -> None:
    knows: Callable[[int], bool] = CaseBook(engine).knows
    assert [number for number in range(-1, 30) if knows(number)] == list(range(1, 21))
