"""The case book over HTTP and as a page: what is shown of a figure, by which addresses, to whom it leads on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from dash.development.base_component import Component
from fastapi.testclient import TestClient

from app.components.case_facts import figure
from app.context import Page
from app.pages import casebook
from app.pages.home import DOORS
from app.settings import Settings
from callbacks.frame import draw
from data.casebook import packaged_cases
from data.city import City
from layers.core.access import PUBLIC_VIEWER, Role, Viewer
from layers.core.text import LANGUAGES, Language
from tests.app.conftest import SignIn
from tests.small_city import NOW, SmallCity

INSPECTOR = Viewer(role=Role.INSPECTOR, name="inspector", user_id=1)


@pytest.fixture(scope="module")
def city(city_url: str, small_city: SmallCity) -> Iterator[City]:
    city = City(city_url, lambda: NOW)
    yield city
    city.stop()


def page_in(city: City, language: Language = "zh", viewer: Viewer = PUBLIC_VIEWER) -> Page:
    return Page(city, Settings(), viewer, language)


def within(part: Any) -> Iterator[Any]:
    """Yield a component, what is in it, and its words."""
    yield part
    for child in part if isinstance(part, list | tuple) else [getattr(part, "children", None)]:
        if child is not None:
            yield from within(child)


def all_of(page: Component, kind: str, class_name: str = "") -> list[Any]:
    found = (part for part in within(page) if type(part).__name__ == kind)
    return [
        part
        for part in found
        if class_name in (getattr(part, "className", None) or "").split() or not class_name
    ]


def words_of(part: Any) -> str:
    return " ".join(str(word) for word in within(part) if isinstance(word, str | int))


def shown(page: Component) -> list[int]:
    return [span.children for span in all_of(page, "Span", "book-number")]


def test_the_api_gives_every_case_with_its_facts_and_their_words(sign_in: SignIn) -> None:
    found = sign_in("public").get("/api/casebook").json()
    assert [case["number"] for case in found] == list(range(1, 21))
    [accepted] = [fact for fact in found[7]["facts"] if fact["key"] == "accepted"]
    assert accepted == {
        "key": "accepted", "label": {"zh": "已受理", "en": "Accepted"}, "value": 246, "up_to": None, "before": None,
        "words": None, "unit": {"zh": "件", "en": "cases"}, "bound": None, "computed": False, "note": None,
        "quotation": "已成功受理246件",
    }  # fmt: skip
    assert found[7]["presence"] == "part"
    assert not {"created_at", "created_by", "position"} & {*found[7], *accepted}


def test_the_route_is_described(sign_in: SignIn) -> None:
    client: TestClient = sign_in("public")
    described = client.get("/api/openapi.json").json()["paths"]["/api/casebook"]
    assert list(described) == ["get"]
    assert "quotation" in described["get"]["description"]


def test_all_cases_are_listed_and_lead_to_their_facts(city: City) -> None:
    page = casebook.layout(page_in(city), {})
    assert shown(page) == list(range(1, 21))
    assert all_of(page, "Table") == []  # more than a browser draws in good time
    links = {link.href: link.children for link in all_of(page, "A", "book-facts")}
    assert links == {
        f"/casebook/{case.number}": f"{len(case.facts)} 条事实与原文" for case in packaged_cases()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_quotation_is_shown_to_the_letter_and_marked_as_chinese(city: City, language: Language) -> None:
    for case in packaged_cases():
        quotations = all_of(casebook.one(page_in(city, language), case.number), "Q")
        assert [said.children for said in quotations] == [fact.quotation for fact in case.facts]
        assert {said.lang for said in quotations} == {"zh"}


@pytest.mark.parametrize(
    ("search", "numbers"),
    [
        ("?area=310105", [7, 8]),
        ("?presence=part", [5, 6, 8, 11, 18]),
        ("?presence=part&area=310104", [5, 6]),
        ("?area=lingang", [1]),
        ("?presence=planned", [n for n in range(1, 21) if n not in {5, 6, 8, 11, 18}]),
        ("?area=310104&presence=planned", []),
        ("?area=nowhere", []),
        ("?colour=red", list(range(1, 21))),
    ],
)
def test_the_address_narrows_the_cases_and_few_of_them_show_their_facts(
    city: City, search: str, numbers: list[int]
) -> None:
    page = draw(page_in(city), "/casebook", search)
    assert shown(page) == numbers
    assert len(all_of(page, "Table")) == (len(numbers) if len(numbers) <= 5 else 0)
    if not numbers:
        [way_out] = all_of(all_of(page, "P", "empty")[0], "A")
        assert way_out.href == "/casebook"


def test_a_filter_tells_how_many_cases_it_would_show_and_switches_off_again(city: City) -> None:
    page = casebook.layout(page_in(city), {"area": "310104"})
    chips = {words_of(chip): chip.href for chip in all_of(page, "A", "chip")}
    assert chips["部分已有 2"] == "/casebook?presence=part&area=310104"
    assert "计划中 0" not in chips
    assert chips["徐汇区 2"] == "/casebook"
    assert chips["长宁区 2"] == "/casebook?area=310105"


def test_a_case_has_an_address_of_its_own_and_neighbours(city: City) -> None:
    for number, neighbours in ((1, [2]), (8, [7, 9]), (20, [19])):
        page = draw(page_in(city), f"/casebook/{number}", "")
        assert shown(page) == [number]
        [nav] = all_of(page, "Nav", "book-ways")
        assert [link.href for link in all_of(nav, "A")] == [
            "/casebook",
            *(f"/casebook/{n}" for n in neighbours),
        ]
        assert len(all_of(page, "Table")) == 1


def test_a_case_leads_to_its_place_only_who_may_go_there(city: City) -> None:
    links = {
        viewer.role: [link.href for link in all_of(casebook.one(page_in(city, viewer=viewer), 8), "A")]
        for viewer in (PUBLIC_VIEWER, INSPECTOR)
    }
    assert "/ops?layers=nights" in links[Role.INSPECTOR]
    assert not [href for href in links[Role.PUBLIC] if "/ops" in href]
    assert "值班人员登录后可打开" in words_of(casebook.one(page_in(city), 8))
    assert "/offices" in [link.href for link in all_of(casebook.one(page_in(city), 11), "A")]


def test_every_page_of_a_case_is_a_door_with_a_name() -> None:
    assert {case.page.removeprefix("/") for case in packaged_cases() if case.page} <= set(DOORS)


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("5.entities", "超过 1.5 万户", "more than 15,000 firms and shops"),
        ("8.time_limit", "5 → 1 个工作日", "5 → 1 working days"),
        ("1.acceptance", "5–6 天", "5–6 days"),
        ("4.hall_returns", "23.6% → 16.7%", "23.6% → 16.7%"),
        ("7.sector_tax", "约 25%", "about 25%"),
        ("17.guaranteed", "45.32 亿元", "4.532 billion yuan"),
        ("6.papers_most", "十几份", "a dozen and more"),
        ("20.approval", "不超过 1 周", "at most 1 week"),
    ],
)
def test_a_figure_says_its_bound_comparison_and_unit(city: City, name: str, zh: str, en: str) -> None:
    facts = {
        f"{case['number']}.{fact['key']}": fact for case in city.casebook.cases() for fact in case["facts"]
    }
    assert figure(page_in(city, "zh"), facts[name]) == zh
    assert figure(page_in(city, "en"), facts[name]) == en


def test_cases_are_not_marked_as_invented_where_the_city_is(city: City) -> None:
    pages = {path: draw(page_in(city), path, "") for path in ("/", "/casebook", "/casebook/8")}
    marks = {path: len(all_of(page, "Span", "demo-mark")) for path, page in pages.items()}
    assert marks == {"/": 1, "/casebook": 0, "/casebook/8": 0}


def test_what_is_computed_or_odd_is_marked_on_the_page(city: City) -> None:
    told = words_of(casebook.one(page_in(city, "en"), 4))
    assert "Computed" in told
    assert "The source states no total" in told
    assert "SUBSTITUDE (sic)" in words_of(casebook.one(page_in(city, "en"), 9))


def test_start_rules_and_cases_lead_to_one_another(city: City) -> None:
    hrefs = {
        path: {link.href for link in all_of(draw(page_in(city), path, ""), "A")}
        for path in ("/", "/rules", "/casebook")
    }
    assert {"/rules", "/casebook"} <= hrefs["/"]
    assert "/casebook" in hrefs["/rules"]
    assert "/rules" in hrefs["/casebook"]
