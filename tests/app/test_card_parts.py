"""What a card draws: what its layer lists, every record in full, and names that reorder nothing beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from dash import html
from dash.development.base_component import Component

from app.components.card import card_body
from app.components.links import link_button
from app.components.offer_table import offer_table
from app.components.panel import card_panel
from app.components.sections import DRAWN, SHOWN
from app.context import Page
from app.pages.field import worklist
from app.pages.offices import results
from app.pages.ops import ticker, work_panels
from app.settings import Settings
from data.city import City
from layers.core.access import PUBLIC_VIEWER, FieldClass, Role, Viewer
from layers.core.matching import Wish
from layers.core.query import Query
from layers.core.spec import Layer
from tests.small_city import FORMULA, HERE, HOSTILE, NOW, RTL, THERE, SmallCity

SUPERVISOR = Viewer(user_id=1, name="s", role=Role.SUPERVISOR)
NAMES = (HOSTILE, FORMULA, RTL)
TENANCY = {
    "id": 1,
    "unit": "801",
    "floor": 8,
    "tenant": "T",
    "enterprise": None,
    "uscc": None,
    "state": "in_use",
    "premises": "sublet",
    "barred": "",
    "landlord": "",
    "sublet_of": None,
    "dormant_from": None,
    "dormant_to": None,
    "service_address": "",
}
PAPER = {
    "id": 1, "unit": "", "kind": "title", "number": "N7", "checked_on": "2026-01-02", "reference": "",
}  # fmt: skip
TENANCY |= {"valid_from": None, "valid_to": None, "registered": True, "zombie": False, "places": []}


@pytest.fixture(scope="module")
def page(city_url: str, small_city: SmallCity) -> Page:
    """Return the page context of a supervisor over the small city."""
    return Page(City(city_url, lambda: NOW), Settings(), SUPERVISOR, "zh")


@pytest.fixture
def place(page: Page, small_city: SmallCity) -> dict[str, Any]:
    """Return the card of a shop as the city gives it."""
    return page.city.card(small_city.merchant_shop, SUPERVISOR)


def _walk(node: Any) -> Iterator[Component]:
    """Yield every component in one, itself first."""
    if isinstance(node, Component):
        yield node
        node = getattr(node, "children", None)
    for child in node if isinstance(node, list | tuple) else [node]:
        if isinstance(child, Component):
            yield from _walk(child)


def _strings(node: Any) -> Iterator[tuple[Component, str]]:
    """Yield every string that is drawn, with the component it stands in."""
    for component in _walk(node):
        children = getattr(component, "children", None)
        for child in children if isinstance(children, list | tuple) else [children]:
            if isinstance(child, str):
                yield component, child


def _words(node: Any) -> str:
    return " ".join(text for _, text in _strings(node))


def _drawn(page: Page, place: dict[str, Any], **changed: Any) -> html.Div:
    return html.Div(card_body(page, {**place, "properties": place["properties"] | changed}))


def _isolates(node: Any, name: str) -> bool:
    """Tell whether a name is drawn, and every time in an element of its own direction."""
    holders = [component for component, text in _strings(node) if name in text]
    return bool(holders) and all(isinstance(holder, html.Bdi) for holder in holders)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_a_card_keeps_its_direction_to_itself(page: Page, place: dict[str, Any], name: str) -> None:
    link = {"id": 1, "layer": "shops", "name": name, "address": "", "tier": "red", "relation": "enterprise"}
    assert _isolates(_drawn(page, place, name=name), name)
    assert _isolates(_drawn(page, place, name="", address=name), name)
    assert _isolates(_drawn(page, place, name="", sign_name=name, enterprise=name, contact=name), name)
    assert _isolates(_drawn(page, place, name="", links=[link], link_counts={}), name)
    assert _isolates(_drawn(page, place, name="", tenancies=[TENANCY | {"tenant": name, "unit": name}]), name)
    rights = {"id": 2, "sublet_of": 1, "service_address": name}
    above = TENANCY | {"tenant": name, "landlord": name}
    assert _isolates(_drawn(page, place, name="", tenancies=[above, TENANCY | rights]), name)
    papers = [PAPER | {"number": name, "unit": name, "reference": name}]
    assert _isolates(_drawn(page, place, name="", title_papers=papers), name)
    visit = place["properties"]["inspections"][0]
    officers = {"note": name, "inspector": name, "second_inspector": name}
    assert _isolates(_drawn(page, place, inspections=[visit | officers]), name)
    permit = place["properties"]["permits"][0]
    paper = {"kind": name, "received_on": None, "spared": False, "sealed_by": [], "reference": name}
    handled = {"issuer": name, "quantity": name, "number": name, "documents": [paper]}
    assert _isolates(_drawn(page, place, name="", permits=[permit | handled]), name)
    assert _isolates(link_button(page, link), name)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_a_list_keeps_its_direction_to_itself(page: Page, small_city: SmallCity, name: str) -> None:
    row = {"id": 1, "layer": "shops", "name": name, "address": name, "tier": 4, "status": 1, "reason": None}
    event = {"at": NOW, "kind": "case", "what": "alert", "id": 1, "name": name}
    query = {"layers": [], "tier": []}
    office = page.city.card(small_city.ids["offices", HERE], PUBLIC_VIEWER)["properties"]
    found = {
        "total": 1,
        "next": False,
        "open": 0,
        "features": [{"properties": office | {"name": name, "address": name}}],
    }
    assert _isolates(html.Div(worklist(page, [row], 1, None)), name)
    assert _isolates(html.Div(work_panels(page, {}, [row], query, False)), name)
    assert _isolates(html.Div(ticker(page, [event])), name)
    assert _isolates(html.Div(results(page, found, {})), name)


def test_the_places_on_one_spot_are_isolated_too(page: Page, small_city: SmallCity) -> None:
    ids = [small_city.red_shop, small_city.merchant_shop]
    drawn = html.Div(card_panel(page, {"place_ids": ids}, "close"))
    assert _isolates(drawn, HOSTILE)
    assert _isolates(drawn, FORMULA)


def test_an_event_says_its_name_in_the_place_the_words_give_it(page: Page) -> None:
    event = {"at": NOW, "kind": "case", "what": "alert", "id": 1, "name": RTL}
    for language, words in (("zh", "告警 · "), ("en", "Alert · ")):
        (button,) = ticker(replace(page, language=language), [event])  # type: ignore[arg-type]
        assert [text for _, text in _strings(button) if text][1:] == [words, RTL]


def test_a_card_shows_what_its_layer_lists_and_nothing_else(page: Page, place: dict[str, Any]) -> None:
    everything = {"enterprise": "某某公司", "building": "某某大厦", "uscc": "91310000132260250X"}
    shown = _words(_drawn(page, place, **everything))
    assert all(value in shown for value in everything.values())
    assert "138****5678" in shown  # the phone, which shops list
    office = _drawn(page, place, layer="nights", enterprise="某某公司", building="某某大厦")
    assert "某某公司" not in _words(
        office
    )  # of night works the contractor is told, which is a field of theirs


def test_a_long_list_folds_and_says_how_many_there_are(page: Page, place: dict[str, Any]) -> None:
    visit = place["properties"]["inspections"][0]
    visits = [visit | {"id": n, "note": f"note-{n}-"} for n in range(23)]
    drawn = _drawn(page, place, inspections=visits)
    folded = next(
        part for part in _walk(drawn) if isinstance(part, html.Details) and part.className == "rest"
    )
    assert all(f"note-{n}-" in _words(drawn) for n in range(23))
    assert [n for n in range(23) if f"note-{n}-" in _words(folded)] == list(range(SHOWN, 23))
    assert "共 23 项，先列 6 项" in _words(folded.children[0])


def test_of_very_many_lines_the_first_are_drawn_and_all_are_counted(
    page: Page, place: dict[str, Any]
) -> None:
    rows = [TENANCY | {"id": n, "tenant": f"tenant-{n}-"} for n in range(DRAWN + 200)]
    drawn = _drawn(page, place, tenancies=rows)
    assert [n for n in range(len(rows)) if f"tenant-{n}-" in _words(drawn)] == list(range(DRAWN))
    assert f"共 {len(rows)} 项：全部见卡片末尾" in _words(drawn)
    links = [part.href for part in _walk(drawn) if isinstance(part, html.A)]
    assert links == ["/rules?layer=shops", f"/api/places/{place['id']}"]


def test_links_beyond_the_most_that_are_sent_are_counted(page: Page, place: dict[str, Any]) -> None:
    link = {"id": 1, "layer": "shops", "name": "x", "address": "", "tier": "red", "relation": "inside"}
    counts = {"inside": {"shops": {"red": 700, "blue": 50}, "offices": {"none": 3}}}
    words = _words(_drawn(page, place, links=[link] * 500, link_counts=counts))
    assert "商铺 750 家 · 创业空间 3 套" in words
    assert "500 处，共 753 处" in words


def test_links_to_one_place_share_no_id(page: Page, place: dict[str, Any]) -> None:
    link = {"id": 7, "layer": "shops", "name": "x", "address": "", "tier": "red", "relation": "inside"}
    tenancies = [TENANCY | {"id": n, "places": [link]} for n in (1, 2)]
    drawn = _drawn(page, place, links=[link], link_counts={}, tenancies=tenancies)
    links = [part for part in _walk(drawn) if getattr(part, "data-place", None) == 7]
    assert len(links) == 3
    assert not [link for link in links if getattr(link, "id", None)]


def test_official_words_are_drawn(page: Page, place: dict[str, Any]) -> None:
    case = {
        "kind": "complaint",
        "nature": "report",
        "id": 5,
        "title": "油烟扰民",
        "stage": "handling",
        "opened_at": NOW,
    }
    case |= {"due_at": NOW, "accepted_on": None}
    zombie = TENANCY | {"state": "verified_gone", "zombie": True}
    told = {"flags": ["uscc_doubtful"], "source": "scjg", "next_change": NOW, "judged_at": NOW}
    told |= {"cases": [case | {"closed_at": None, "reporter": "赵*"}], "tenancies": [zombie, TENANCY]}
    words = _words(_drawn(page, place, **told))
    for expected in (
        "油烟扰民",
        "举报",
        "处置中",
        "赵*",
        "起会有变化",
        "scjg",
        "统一社会信用代码存疑",
        "判定于",
    ):
        assert expected in words
    assert "僵尸住所（现场核实） 1 · 在用 1" in words


def test_who_is_not_on_duty_is_told_the_result_of_a_visit_only(page: Page, place: dict[str, Any]) -> None:
    visit = {"id": 1, "kind": "routine", "at": NOW, "result": "passed", "grade": ""}
    hidden = ("cases", "reasons", "source", "judged_at", "flags", "tenancies")
    kept = {name: value for name, value in place["properties"].items() if name not in hidden}
    public = replace(page, viewer=PUBLIC_VIEWER)
    words = _words(html.Div(card_body(public, {"id": 1, "properties": kept | {"inspections": [visit]}})))
    assert "日常监督检查" in words
    assert "合格" in words
    assert "严重" not in words
    assert "来源与时效" not in words


def test_a_permit_says_who_decided_when_and_on_which_papers(page: Page, small_city: SmallCity) -> None:
    site = page.city.card(small_city.ids["nights", HERE], SUPERVISOR)
    seals = ["developer", "contractor"]
    papers = [
        {
            "kind": "site_plan",
            "received_on": "2026-03-01",
            "spared": False,
            "sealed_by": seals,
            "reference": "D4",
        },
        {"kind": "licences", "received_on": None, "spared": True, "sealed_by": [], "reference": ""},
    ]
    permit = {
        "id": 1, "kind": "night_work", "number": "N1", "state": "published", "valid_from": "2026-03-02",
        "valid_to": "2026-03-05", "applied_on": "2026-02-27", "decided_on": "2026-02-28", "issuer": "生态环境局",
        "quantity": "120 m³", "documents": papers,
    }  # fmt: skip
    words = _words(_drawn(page, site, permits=[permit]))
    for said in (
        "已公示", "2026年2月27日 申请", "2026年2月28日 决定", "生态环境局", "120 m³", "材料 2 份", "其中免提交 1 份",
        "总平面图", "建设单位、施工单位已签章", "D4",
    ):  # fmt: skip
        assert said in words


def test_a_tenancy_says_by_what_right_and_what_is_missing(page: Page, place: dict[str, Any]) -> None:
    head = TENANCY | {"id": 7, "tenant": "二房东", "premises": "leased"}
    below = TENANCY | {
        "landlord": "二房东",
        "sublet_of": 7,
        "dormant_to": "2027-01-31",
        "service_address": "演示路1号",
    }
    words = _words(_drawn(page, place, tenancies=[head, below], title_papers=[PAPER]))
    for said in (
        "转租",
        "转租自",
        "缺：产权人同意转租证明",
        "歇业至 2027年1月31日",
        "演示路1号",
        "权属材料",
        "整栋",
        "N7",
    ):
        assert said in words
    assert words.count("缺：") == 1  # the title is on file for the whole building


def test_hours_by_weekday_are_told_in_words(page: Page, small_city: SmallCity) -> None:
    outlet = page.city.card(small_city.ids["breakfast", HERE], SUPERVISOR)
    hours = "mon-fri 06:00-09:30; sat 07:00-10:00"
    assert "周一至周五 06:00–09:30；周六 07:00–10:00" in _words(_drawn(page, outlet, hours_by_day=hours))
    english = replace(page, language="en")
    assert "Monday to Friday 06:00–09:30; Saturday" in _words(_drawn(english, outlet, hours_by_day=hours))


def test_numbers_are_told_as_people_write_them(page: Page, small_city: SmallCity) -> None:
    tower = page.city.card(small_city.ids["buildings", HERE], SUPERVISOR)
    told = {"area_m2": 1234567.5, "occupancy_share": 0.941, "built_year": 1982}
    words = _words(_drawn(page, tower, **told))
    for said in ("1,234,567.5 ㎡", "94.1%", "1982"):
        assert said in words
    outlet = page.city.card(small_city.ids["breakfast", HERE], SUPERVISOR)
    assert "05:45" in _words(_drawn(page, outlet, open_from_min=345))


def test_a_listing_says_what_it_costs_a_month(page: Page, small_city: SmallCity) -> None:
    office = page.city.card(small_city.ids["offices", HERE], PUBLIC_VIEWER)
    told = {
        "rent_cny_m2_day": 3.45,
        "area_m2": 150,
        "property_fee_cny_m2_month": 20,
        "energy_cny_m2_month": None,
        "usable_share": 0.72,
        "payment_terms": "2+3",
    }
    words = _words(_drawn(page, office, **told))
    for said in ("每个工位 1,029 元/月（按 18 个）", "签约当日付 77,625 元"):
        assert said in words
    for said in ("18,525 元/月", "租金 15,525 + 物业与能耗 3,000", "每月按 30 天计", "部分费用未知"):
        assert said in words
    listed = results(
        page,
        {
            "total": 1,
            "next": False,
            "open": 0,
            "features": [{"properties": office["properties"] | told}],
        },
        {},
    )
    assert "18,525 元/月" in _words(html.Div(listed))
    twelfth = replace(page, settings=Settings(rent_month="365/12"))
    assert "租金 15,741 + " in _words(_drawn(twelfth, office, **told))


def _compared(page: Page, layer: Layer, small_city: SmallCity, **told: Any) -> str:
    ids = [small_city.ids["offices", area] for area in (HERE, THERE)]
    offers = page.city.offers.named(Query(layers=("offices",), viewer=page.viewer), Wish.read(), ids)
    return _words(offer_table(page, layer, [offer | told for offer in offers], None, str))


def test_a_comparison_tells_nobody_what_is_not_for_everybody(page: Page, small_city: SmallCity) -> None:
    layer = page.city.registry["offices"]
    closed = [
        replace(field, visible_to=FieldClass.OFFICIAL) if field.name == "floor" else field
        for field in layer.fields
    ]
    assert "楼层" in _compared(page, layer, small_city, floor=7)
    assert "楼层" not in _compared(page, replace(layer, fields=tuple(closed)), small_city, floor=7)


def test_a_list_says_how_many_leave_open_what_was_asked_for(page: Page) -> None:
    office = {"id": 7, "name": "n", "address": "a", "category": "park"}
    answer = {"total": 1, "next": False, "open": 3, "features": [{"properties": office}]}
    words = _words(html.Div(results(page, answer, {})))
    assert "另有 3 处没有写明价格或可坐人数" in words
    assert "每月费用未知" in words
