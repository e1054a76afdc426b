"""Rule tables: what the parser refuses, which rule applies on which day, and that our own are sound."""

from __future__ import annotations

import re

import pytest

from layers.core.rules import RuleError, RuleTable, parse_table
from layers.core.tiers import Tier
from layers.core.vetting import vet
from tests.layers.examples import REGISTRY, SHANGHAI, TABLES, day

HEAD = 'layer = "shops"\nversion = "1"\n'
RULE = '[[rule]]\nid = "a"\ncheck = "cases"\nsource = "s"\nverified = false\n'
OURS = pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.layer)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("layer = ", "not TOML"),
        (RULE, "needs layer, version"),
        (HEAD + RULE + 'colour = "red"\n', "unknown key 'colour'"),
        (HEAD + '[[rule]]\nid = "a"\ncheck = "cases"\nverified = true\n', "'source' is missing"),
        (HEAD + RULE.replace('"s"', '{ zh = "s" }'), "'source' is a string or"),
        (HEAD + RULE + 'tiers = { open = "purple" }\n', "purple"),
        (
            HEAD + RULE + "valid_from = 2022-01-02\nvalid_to = 2022-01-01\n",
            "ends on 2022-01-01 before it begins",
        ),
        (HEAD + RULE + RULE, "two versions of a"),
        (HEAD + RULE + "valid_to = 2022-01-01\n" + RULE + "valid_from = 2022-01-01\n", "two versions of a"),
        (
            HEAD + RULE + "valid_to = 2022-01-01\n" + RULE + "valid_from = 2022-01-03\n",
            "layers/rules/example.toml: no version of a is in force from 2022-01-02 to 2022-01-02",
        ),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(text: str, message: str) -> None:
    with pytest.raises(RuleError, match=message) as refusal:
        parse_table(text, "example")
    assert "example" in str(refusal.value)


def versions() -> RuleTable:
    return parse_table(
        HEAD
        + RULE
        + "valid_to = 2022-06-04\n"
        + RULE
        + "valid_from = 2022-06-05\n"
        + RULE
        + 'city = "31"\nvalid_from = 2023-01-01\nvalid_to = 2023-12-31\n',
        "example",
    )


@pytest.mark.parametrize(
    ("when", "city", "start"),
    [
        ("2022-06-04", "", None),
        ("2022-06-05", "", day("2022-06-05")),
        ("2022-12-31", SHANGHAI, day("2022-06-05")),
        ("2023-01-01", SHANGHAI, day("2023-01-01")),
        ("2023-06-01", "", day("2022-06-05")),
        ("2023-12-31", SHANGHAI, day("2023-01-01")),
        ("2024-01-01", SHANGHAI, day("2022-06-05")),
    ],
)
def test_the_rule_of_the_day_and_the_place_applies(when: str, city: str, start: object) -> None:
    rule = versions().rule("a", day(when), city)
    assert rule is not None
    assert rule.valid_from == start


def test_the_next_turn_is_the_day_a_rule_comes_or_goes() -> None:
    table = versions()
    assert table.next_turn(day("2020-01-01")) == day("2022-06-05")
    assert table.next_turn(day("2022-06-05")) == day("2023-01-01")
    assert table.next_turn(day("2023-01-01")) == day("2024-01-01")
    assert table.next_turn(day("2024-01-01")) is None


@OURS
def test_our_tables_are_understood(table: RuleTable) -> None:
    assert vet(table, REGISTRY[table.layer]) is table


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ('check = "guess"', "no check 'guess'"),
        ('check = "cases"\nparams = { answer_day = 3 }', "cases has no parameter 'answer_day'"),
        ('check = "cases"\ntiers = { opened = "red" }', "cases has no outcome 'opened'"),
        ('check = "permits"\nparams = { kinds = ["pilot"] }', "the layer has no 'pilot' among its kinds"),
        (
            'check = "permits"\nparams = { replaced_by = ["pilot"] }',
            "the layer has no 'pilot' among its replaced_by",
        ),
        (
            'check = "inspection_result"\nparams = { kinds = ["dance"] }',
            "the layer has no 'dance' among its kinds",
        ),
        (
            'check = "inspection_due"\nparams = { categories = ["zoo"] }',
            "the layer has no 'zoo' among its categories",
        ),
        ('check = "field_value"\nparams = { field = "mood" }', "the layer has no field 'mood'"),
    ],
)
def test_a_table_that_speaks_of_what_is_not_there_is_refused(rule: str, message: str) -> None:
    table = parse_table(f'{HEAD}[[rule]]\nid = "a"\nsource = "s"\nverified = false\n{rule}\n', "shops")
    with pytest.raises(RuleError, match=message) as refusal:
        vet(table, REGISTRY["shops"])
    assert "layers/rules/shops.toml, a" in str(refusal.value)


@OURS
def test_our_tables_say_where_a_rule_comes_from(table: RuleTable) -> None:
    for rule in table.rules:
        assert len(rule.source.zh) > 5, rule.id
        assert not (rule.verified and rule.source.en.startswith("Our default")), rule.id


@OURS
def test_our_tables_give_their_source_to_chinese_readers_in_chinese(table: RuleTable) -> None:
    for rule in table.rules:
        assert not re.search("[a-z]{3}", rule.source.zh), rule.id


@pytest.mark.parametrize(
    "when", ["1999-01-01", "2013-06-01", "2019-07-01", "2021-06-01", "2023-11-30", "2026-11-23"]
)
@pytest.mark.parametrize("city", ["", SHANGHAI, "110101"])
def test_food_permits_and_visits_are_judged_on_every_day_everywhere(when: str, city: str) -> None:
    ids = {rule.id for rule in TABLES["shops"].applying(day(when), city)}
    assert {"food_permit", "inspection_due", "inspection_result"} <= ids


def test_the_liquor_licence_ends_in_2023() -> None:
    table = TABLES["shops"]
    assert table.rule("liquor_licence", day("2021-06-01"), SHANGHAI) is not None
    assert table.rule("liquor_licence", day("2024-01-01"), SHANGHAI) is None


def test_night_work_follows_the_law_of_its_day() -> None:
    sources = [
        TABLES["nights"].rule("night_work", day(when), SHANGHAI)
        for when in ("2021-08-01", "2024-08-01", "2026-03-01", "2026-08-15")
    ]
    words = ["环境噪声污染防治法", "噪声污染防治法 (2022-06-05)", "GB 12523-2025", "生态环境法典"]
    assert all(rule is not None and word in rule.source.en for rule, word in zip(sources, words, strict=True))
    assert Tier.RED in sources[0].tiers.values()  # type: ignore[union-attr]
