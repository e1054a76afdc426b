"""Every callback on the server as every role: who may, what is shown to whom, and what goes on the record."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import Engine, text

from app.server import Screens
from data.rules import packaged_rules
from data.tables import registry
from layers.core.tiers import TIERS, Tier
from tests.app.conftest import SignIn
from tests.app.walk import (
    EVERYBODY,
    INSPECTS,
    NOBODY,
    OF_THE_DISTRICT,
    OF_THE_FIRM,
    OF_THE_TOWER,
    WHOLE_CITY,
    body_of,
    callbacks_of,
    events_after,
    newest_event,
    said,
    told_too_much,
)
from tests.small_city import CONTACT, FORMULA, HERE, NOW, PHONE, RTL, THERE, SmallCity

pytestmark = pytest.mark.usefixtures("due_list", "draw_id", "delivery_id")


@dataclass(frozen=True, kw_only=True)
class Call:
    """A question to a callback: who gets an answer at all (204 otherwise), and who sees some words in it.

    `records` goes on the record of those who see them, and nothing ever on anybody else's. `in_clear`: they are
    a person's, and so told to nobody else.
    """

    given: dict[str, Any] = field(default_factory=dict)
    shows: str
    opens: frozenset[str] = EVERYBODY
    sees: frozenset[str] = EVERYBODY
    records: str = ""
    in_clear: bool = False


SAID = {"contest-kind": "fact", "contest-words": "这句话有十个字以上了吧"}
ADMINISTERS = frozenset({"admin"})
DRAW = {
    "draw-request": "a form",
    "draw-title": "抽查",
    "draw-count": "2",
    "draw-by": "2026-12-20",
    "draw-seed": "x",
}
RECUSAL = {"recusal-officer": "second officer", "recusal-why": "亲属在该店工作"}
OWNERS = frozenset({"merchant", "agency"})
DECIDES = frozenset({"supervisor"})
OFFICES = {"layers": ["offices"], "q": "", "category": [], "street": [], "extra": {}}
FIELD = {"layers": ["shops", "nights"], "tier": ["red", "none"], "status": [], "q": ""}
OPS = {"layers": ["shops", "buildings"], "tier": ["none"], "status": [], "q": "", "as_of": ""}


CASE = {
    "case-proof": None,
    "case-title": "补拍门头照片",
    "case-words": "",
    "case-handler": None,
    "case-due": "2026-12-01",
}


def open_on(place_id: int) -> dict[str, Any]:
    """Return what a button says that opens a case of a reason no place has."""
    return {"do": "open", "place": place_id, "about": "permit.expired|nothing|place"}


def table(city: SmallCity) -> dict[str, list[Call]]:
    """Return what is expected of every callback of the screens."""
    shop, far_shop = city.ids["shops", HERE], city.ids["shops", THERE]
    tower, night = city.ids["buildings", HERE], city.ids["nights", HERE]
    return {
        "callbacks.frame.show": [
            Call(given={"location": "/"}, shows="/offices"),
            Call(given={"location": "/login"}, shows="login-password"),
            Call(given={"location": "/offices"}, shows="offices-results"),
            Call(given={"location": "/offices/compare"}, shows="compare-print"),
            Call(given={"location": "/nowhere"}, shows="centre"),
            Call(given={"location": "/casebook"}, shows='"/casebook/20"'),
            Call(given={"location": "/casebook/8"}, shows="已成功受理246件"),
            Call(given={"location": "/casebook/21"}, shows="centre"),
            Call(given={"location": "/casebook/8"}, shows="/ops?layers=nights", sees=OF_THE_DISTRICT),
            Call(given={"location": "/"}, shows=f'"/places/{city.merchant_shop}"', sees=OWNERS),
            Call(given={"location": "/"}, shows=f'"/places/{tower}"', sees=frozenset({"property_manager"})),
            Call(given={"location": f"/places/{night}"}, shows=f"nights-{HERE}"),
            Call(given={"location": f"/places/{shop}"}, shows=f"shops-{HERE}", sees=OF_THE_DISTRICT),
            Call(given={"location": f"/places/{shop}"}, shows="centre", sees=EVERYBODY - OF_THE_DISTRICT),
            Call(given={"location": f"/places/{city.merchant_shop}"}, shows=FORMULA, sees=OF_THE_FIRM),
            Call(given={"location": "/ops"}, shows="ops-work", sees=OF_THE_DISTRICT),
            Call(given={"location": "/ops"}, shows="login-password", sees=EVERYBODY - OF_THE_DISTRICT),
            Call(given={"location": "/field"}, shows="field-list", sees=INSPECTS),
            Call(given={"location": "/admin"}, shows="rule-list", sees=ADMINISTERS),
            Call(given={"location": "/due"}, shows=RTL, sees=OF_THE_DISTRICT),
            Call(given={"location": "/due"}, shows=f"shops-{THERE}", sees=WHOLE_CITY),
            Call(given={"location": "/due"}, shows='"due-row"', sees=frozenset({"supervisor"})),
            Call(given={"location": "/due"}, shows="due-make", sees=frozenset({"supervisor"})),
            Call(given={"location": "/draws"}, shows="秋季抽查", sees=OF_THE_DISTRICT),
            Call(given={"location": "/draws"}, shows="/draws?new=1", sees=frozenset({"supervisor"})),
            Call(given={"location": "/draws"}, shows="login-password", sees=EVERYBODY - OF_THE_DISTRICT),
            Call(given={"location": "/draws"}, shows="recusal-declare", sees=INSPECTS),
            Call(given={"location": "/cases"}, shows="case-stages", sees=OF_THE_DISTRICT),
            Call(given={"location": "/cases"}, shows="login-password", sees=EVERYBODY - OF_THE_DISTRICT),
            Call(given={"location": "/cases/1"}, shows="case-past", sees=OF_THE_DISTRICT),
            Call(given={"location": "/cases/1"}, shows="login-password", sees=EVERYBODY - OF_THE_DISTRICT),
            Call(given={"location": "/deliveries"}, shows="delivery-file", sees=DECIDES),
            Call(given={"location": "/deliveries"}, shows="login-password", sees=EVERYBODY - DECIDES),
            Call(given={"location": "/deliveries/1"}, shows="文件打不开", sees=DECIDES),
        ],
        "callbacks.deliveries.follow": [
            Call(
                given={"delivery-tick": 1, "delivery-number": 1},
                shows="文件打不开",
                opens=DECIDES,
                sees=DECIDES,
            )
        ],
        "callbacks.deliveries.act": [
            Call(
                given={"delivery-act": [({"act": "import"}, 1)], "delivery-number": 1},
                shows="不能这样处理",
                opens=DECIDES,
                sees=DECIDES,
            )
        ],
        # What becomes of a case that is open: see tests/data/test_casework.py.
        "callbacks.cases.ask": [
            Call(given={"case": [(open_on(shop), 1)]}, shows="案件已有新的进展", sees=OF_THE_DISTRICT),
            Call(given={"case": [(open_on(shop), 1)]}, shows="没有编号", sees=EVERYBODY - OF_THE_DISTRICT),
        ],
        "callbacks.cases.send": [
            Call(
                given={"case-send": 1, "case-about": open_on(shop) | {"request": "a-request"}} | CASE,
                shows="已不在判定中",
                sees=DECIDES,
            )
        ],
        "callbacks.cases.renew_board": [
            Call(
                given={"live": {}, "cases-state": {}},
                shows="case-stages",
                opens=OF_THE_DISTRICT,
                sees=OF_THE_DISTRICT,
            )
        ],
        "callbacks.cases.renew": [
            Call(given={"case-shown": {"id": 1}}, shows="case-past", sees=OF_THE_DISTRICT),
            Call(given={"case-shown": {"id": 1}}, shows="没有这件案件", sees=EVERYBODY - OF_THE_DISTRICT),
        ],
        "callbacks.due.assign": [
            on_due(
                {
                    "due-assign": 1,
                    "due-list": 1,
                    "due-row": [({"place": city.rtl_shop}, [city.rtl_shop])],
                    "due-by": "2026-12-01",
                    "due-state": {},
                },
                "已派发 1 项",
                "assign",
            )
        ],
        "callbacks.admin.try_out": [on_rules({"rule-try": 1, **rule_form()}, "rule-save")],
        "callbacks.admin.save": [
            on_rules({"rule-save": 1, **rule_form()}, "第 1 号修改已保存", records="change_rule"),
            on_rules({"rule-save": 1, **rule_form(), "rule-tried": None}, "请重新试算"),
        ],
        "callbacks.admin.withdraw": [on_rules({"rule-withdraw": [({"id": 99}, 1)]}, "第 99 号修改已生效")],
        "callbacks.due.make": [on_due({"due-make": 1, "due-state": {}}, "今天的清单已生成", "make_list")],
        "callbacks.draws.make": [
            on_draws(
                {"draw-make": 1, "draws-state": {"new": "1", "street": HERE}} | DRAW, "/draws?draw=2", "draw"
            )
        ],
        "callbacks.draws.replay": [
            on_draws(
                {"draws-replay": 1, "draws-state": {"draw": "1"}}, "重演结果与记录一致", sees=OF_THE_DISTRICT
            )
        ],
        # What is published of a draw that there is: see tests/data/test_draws.py.
        "callbacks.draws.publish": [
            on_draws({"draws-publish": 1, "draws-state": {"draw": "999"}}, "没有这次双随机抽取")
        ],
        "callbacks.draws.declare": [
            on_draws(
                {"recusal-declare": 1, "recusal-about": str(shop)} | RECUSAL, "已申明回避，今后", "recuse"
            ),
        ],
        "callbacks.draws.end": [on_draws({"recusal-end": [({"id": 1}, 1)]}, "回避已解除", "end_recusal")],
        "callbacks.publications.publish": [
            Call(
                given={"publish": [({"visit": 1}, 1)]},
                shows="检查结果已公开",
                sees=frozenset({"supervisor"}),
                records="publish",
            )
        ],
        "callbacks.ops.refresh": [
            on_ops({"ops-drawn": OPS, "ops-listed": 20}, f"shops-{HERE}"),
            on_ops({"ops-drawn": OPS, "ops-listed": 20}, f"shops-{THERE}", WHOLE_CITY),
        ],
        "callbacks.ops.show_card": [
            on_ops({"ops-map-selected": {"place_id": shop}}, f"shops-{HERE}"),
            on_ops({"ops-map-selected": {"place_id": far_shop}}, f"shops-{THERE}", WHOLE_CITY),
            on_ops({"ops-map-selected": {"place_ids": [shop, far_shop]}}, f"shops-{HERE}"),
            on_ops({"ops-map-selected": {"place_id": shop}}, '"type": "reveal"', INSPECTS),
        ],
        "callbacks.ops.more": [Call(given={"ops-more": 1, "ops-listed": 20}, shows='{"data": 40}')],
        "callbacks.ops.travel": [Call(given={"ops-moment": -1, "ops-query": OPS}, shows="2026-11-22")],
        "callbacks.ops.close": [Call(given={"ops-close": 1}, shows='{"data": null}')],
        "callbacks.field.fill": [
            on_field({"field-query": FIELD, "field-limit": 60}, "data-place"),
            on_field({"field-query": FIELD, "field-limit": 60}, f"shops-{THERE}", frozenset({"supervisor"})),
        ],
        "callbacks.field.open_place": [
            on_field({"field-map-selected": {"place_id": shop}}, f"shops-{HERE}"),
            on_field(
                {"field-map-selected": {"place_id": far_shop}}, f"shops-{THERE}", frozenset({"supervisor"})
            ),
        ],
        "callbacks.field.narrow": [
            Call(given={"field-words": "tea", "field-tiers": ["red"], "field-query": FIELD}, shows="tea")
        ],
        "callbacks.field.more": [Call(given={"field-more": 1, "field-limit": 60}, shows='{"data": 120}')],
        "callbacks.field.back": [
            Call(given={"field-back": 1, "field-map-selected": {"place_id": 7}}, shows='{"left": 7}')
        ],
        "callbacks.visits.save": [
            visit(shop, INSPECTS),
            visit(far_shop, frozenset({"supervisor"})),
            visit(city.merchant_shop, INSPECTS),
            visit(tower, INSPECTS),
            visit(night, INSPECTS),
        ],
        "callbacks.place.renew": [
            Call(given={"place-shown": {"id": shop}}, shows=f"shops-{HERE}", sees=OF_THE_DISTRICT),
            Call(given={"place-shown": {"id": city.merchant_shop}}, shows=FORMULA, sees=OF_THE_FIRM),
            Call(given={"place-shown": {"id": night}}, shows=f"nights-{HERE}"),
        ],
        # What becomes of an objection that can be: see test_contests_access.
        "callbacks.contests.ask": [
            Call(given={"contest": [(object_to(city.merchant_shop), 1)]}, shows="contest-close")
        ],
        "callbacks.contests.close": [Call(given={"contest-close": 1}, shows='"hidden": true')],
        "callbacks.contests.send": [
            Call(
                given={"contest-send": 1, "contest-about": object_to(city.merchant_shop)} | SAID,
                shows="已不在判定中",
                sees=frozenset({"merchant"}),
            ),
            Call(
                given={"contest-send": 1, "contest-about": object_to(shop)} | SAID,
                shows="或不在您的范围内",
                sees=frozenset({"merchant"}),
            ),
        ],
        # What becomes of a record that is there: see test_credit_access.
        "callbacks.credit.ask": [
            Call(given={"credit": [(enter(city.merchant_shop), 1)]}, shows="contest-close"),
            Call(given={"credit": [(enter(city.merchant_shop), 1)]}, shows="credit-save", sees=DECIDES),
        ],
        "callbacks.credit.send": [
            repair("apply", city.merchant_shop, "没有这条信用记录", frozenset({"merchant"})),
            repair("apply", shop, "的点位，或不在您的范围内", frozenset({"merchant"})),
            repair("district", city.merchant_shop, "没有这条信用记录", DECIDES),
            repair("refused", city.merchant_shop, "没有这条信用记录", DECIDES),
            repair("withdraw", city.merchant_shop, "没有这条信用记录", DECIDES),
        ],
        "callbacks.credit_plan.answer": [
            Call(
                given={
                    "plan-severity": "general",
                    "plan-decided-on": "2026-05-10",
                    "plan-published-on": "2026-05-10",
                },
                shows="2026年8月11日",
            ),
            Call(given={"plan-severity": "general", "plan-decided-on": "2026-05-10"}, shows="请填写公示日期"),
        ],
        "callbacks.credit.enter": [
            Call(
                given={
                    "credit-save": 1,
                    "credit-about": enter(city.merchant_shop),
                    "credit-severity": "minor",
                },
                shows="请填写文号",
                sees=DECIDES,
            )
        ],
        "callbacks.reveal.show": [
            reveal(shop, "phone", PHONE, INSPECTS),
            reveal(far_shop, "phone", PHONE, frozenset({"supervisor"})),
            reveal(city.merchant_shop, "phone", PHONE, INSPECTS),
            reveal(night, "contact", CONTACT, INSPECTS),
            reveal(shop, "name", f"shops-{HERE}", NOBODY),
        ],
        "callbacks.offices.change": [
            Call(
                given={"offices-said": {"values": {}, "rest": "quiet"}, "offices-query": OFFICES},
                shows="quiet",
            ),
            Call(
                given={
                    "offices-said": {"values": {}, "rest": ""},
                    "offices-filter/one": [({"field": "people"}, 5)],
                    "offices-query": OFFICES,
                },
                shows='"people": "5"',
            ),
        ],
        "callbacks.offices.read": [
            Call(
                given={
                    "offices-words": "5人 同济",
                    "offices-said": {"values": {}, "rest": ""},
                    "offices-filter/one": [({"field": "people"}, None)],
                },
                shows='"values": {"people": "5"}, "rest": "同济"',
            )
        ],
        "callbacks.offices.say": [
            Call(given={"offices-query": OFFICES | {"extra": {"people": "5"}}}, shows="团队 5 人")
        ],
        "callbacks.offices.clear": [
            Call(
                given={
                    "offices-clear": [({"at": "facets", "field": ""}, 1)],
                    "offices-filter/set": [({"field": "category"}, None)],
                },
                shows='{"value": []}',
            )
        ],
        "callbacks.offices.refresh": [
            Call(
                given={
                    "offices-query": OFFICES,
                    "offices-limit": 20,
                    "offices-wish": {"sort": "", "weigh": ""},
                    "offices-marked": {"compare": ""},
                    "offices-filter/set": [({"field": "category"}, None)],
                },
                shows=f"offices-{HERE}",
            )
        ],
        "callbacks.offices.wish": [
            Call(
                given={"wish-sort": "metro", "wish-weight": [({"part": "price"}, 5)]},
                shows='{"sort": "metro", "weigh": "price:5"}',
            )
        ],
        "callbacks.offices.mark": [
            Call(
                given={"offer-mark": [({"place": 7}, ["on"])], "offices-marked": {"compare": "3"}},
                shows='{"compare": "3,7"}',
            )
        ],
        "callbacks.offices.unmark": [
            Call(given={"offices-unmark": 1, "offer-mark": [({"place": 7}, ["on"])]}, shows='{"compare": ""}')
        ],
        "callbacks.offices.bar": [
            Call(
                given={
                    "offices-marked": {"compare": "3,7"},
                    "offices-query": OFFICES,
                    "offices-wish": {"sort": "", "weigh": ""},
                },
                shows="/offices/compare?ids=3,7",
            )
        ],
        "callbacks.offices.more": [
            Call(given={"offices-more": 1, "offices-limit": 20}, shows='{"data": 40}')
        ],
        "callbacks.offices.show_card": [
            on_offices({"place_id": city.ids["offices", HERE]}, f"offices-{HERE}"),
            # The address may open any place here, also one that is not an office.
            on_offices({"place_id": night}, f"nights-{HERE}"),
            on_offices({"place_id": night}, "tier-word", OF_THE_DISTRICT),
            on_offices({"place_id": shop}, f"shops-{HERE}", OF_THE_DISTRICT),
            on_offices({"place_id": tower}, f"buildings-{HERE}", OF_THE_TOWER),
            on_offices({"place_id": city.merchant_shop}, FORMULA, OF_THE_FIRM),
            on_offices({"place_ids": [shop, far_shop]}, f"shops-{THERE}", WHOLE_CITY),
        ],
        "callbacks.offices.close": [Call(given={"offices-close": 1}, shows='{"data": null}')],
    }


def enter(place_id: int) -> dict[str, Any]:
    """Return what the button to enter a record is about."""
    return {"do": "enter", "place": place_id, "about": 0}


def repair(do: str, place_id: int, shows: str, sees: frozenset[str]) -> Call:
    """Return a step of a repair that is not there, said in full."""
    about = {"do": do, "place": place_id, "about": 999999}
    declared = {"credit-declared": ["fulfilled", "pledged"], "credit-words": "why"}
    return Call(given={"credit-send": 1, "credit-about": about} | declared, shows=shows, sees=sees)


def object_to(place_id: int) -> dict[str, Any]:
    """Return what a button to object to a reason is about, one that no place has."""
    return {"do": "object", "place": place_id, "about": "permit.expired|nothing|place"}


def on_ops(given: dict[str, Any], shows: str, sees: frozenset[str] = OF_THE_DISTRICT) -> Call:
    """Return a question of the big screen, which only those who may open it get an answer to."""
    return Call(given=given, shows=shows, opens=OF_THE_DISTRICT, sees=sees)


def on_field(given: dict[str, Any], shows: str, sees: frozenset[str] = INSPECTS) -> Call:
    """Return a question of the tablet, which only those who may open it get an answer to."""
    return Call(given=given, shows=shows, opens=INSPECTS, sees=sees)


def on_due(given: dict[str, Any], shows: str, records: str) -> Call:
    """Return a command of the inspection list, which some read and the supervisor alone gives."""
    sees = frozenset({"supervisor"})
    return Call(given=given, shows=shows, opens=OF_THE_DISTRICT, sees=sees, records=records)


def on_rules(given: dict[str, Any], shows: str, records: str = "") -> Call:
    """Return a step of who administers the rules, which nobody else may look at."""
    return Call(given=given, shows=shows, opens=ADMINISTERS, sees=ADMINISTERS, records=records)


def rule_form() -> dict[str, Any]:
    """Return the form of a rule with one thing changed, as it was tried."""
    rule = packaged_rules(registry["shops"]).rule("complaints", NOW.date())
    assert rule is not None
    about = {
        "layer": "shops",
        "rule_id": rule.id,
        "city": "",
        "version": packaged_rules(registry["shops"]).version,
    }
    path, tier = (
        {"type": "rule-param", "path": "answer_working_days"},
        {"type": "rule-tier", "outcome": "open"},
    )
    rest = ["2026-12-01", rule.source.zh, [], "答复期限改为三十个工作日"]
    return {
        "rule-about": about,
        "rule-param": [(path, "30")],
        "rule-tier": [(tier, "yellow")],
        **dict(zip(("rule-since", "rule-source", "rule-verified", "rule-why"), rest, strict=True)),
        "rule-tried": [about, [path], ["30"], [tier], ["yellow"], *rest],
    }


def on_draws(
    given: dict[str, Any], shows: str, records: str = "", sees: frozenset[str] = frozenset({"supervisor"})
) -> Call:
    """Return a question or command of the page of draws, which some read and the supervisor alone writes on."""
    return Call(given=given, shows=shows, opens=OF_THE_DISTRICT, sees=sees, records=records)


def on_offices(selected: dict[str, Any], shows: str, sees: frozenset[str] = EVERYBODY) -> Call:
    """Return a look at places on the page that is open to everybody."""
    return Call(given={"offices-map-selected": selected}, shows=shows, sees=sees)


def visit(place_id: int, sees: frozenset[str]) -> Call:
    """Return the form of a visit; the answer to one that is recorded has the place with what was saved."""
    form = {"place_id": place_id, "key": str(uuid.uuid4()), "again": True}
    given = {"field-save": 1, "field-visit": form, "field-result": "passed"}
    given["field-code"] = f"JC{place_id}"
    return Call(given=given, shows='"saved"', sees=sees, records="inspect")


def reveal(place_id: int, name: str, shows: str, sees: frozenset[str]) -> Call:
    """Return a click on the button beside a masked detail."""
    key = {"place": place_id, "field": name}
    given = {"reveal": [(key, 1)], "revealed": [(key, None)]}
    return Call(given=given, shows=shows, sees=sees, records="reveal", in_clear=True)


def post(client: TestClient, screens: Screens, name: str, call: Call) -> Response:
    """Ask a callback as the browser does."""
    return client.post("/_dash-update-component", json=body_of(*callbacks_of(screens)[name], call.given))


def faults_of(answer: Response, call: Call, role: str) -> list[str]:
    """Return what is wrong with an answer to a role."""
    status, sees = (200 if role in call.opens else 204), role in call.sees
    faults = [f"answered {answer.status_code}"] if answer.status_code != status else []
    if (call.shows in said(answer)) != sees:
        faults.append(f"{'does not show' if sees else 'shows'} {call.shows}")
    too_much = told_too_much(answer, role) if not (call.in_clear and sees) else []
    return faults + [f"tells {words}" for words in too_much]


def test_every_callback_is_in_the_table(application: tuple[FastAPI, Screens], small_city: SmallCity) -> None:
    there, expected = set(callbacks_of(application[1])), set(table(small_city))
    assert sorted(there - expected) == [], "callbacks without expectations: add them to the table"
    assert sorted(expected - there) == [], "expectations of callbacks that are gone"


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_every_callback_answers_every_role_as_the_table_says(
    application: tuple[FastAPI, Screens],
    sign_in: SignIn,
    small_city: SmallCity,
    city_engine: Engine,
    role: str,
) -> None:
    client, faults = sign_in(role), []
    for name, call in [(name, call) for name, calls in table(small_city).items() for call in calls]:
        before = newest_event(city_engine)
        answer = post(client, application[1], name, call)
        faults += [f"{name} {call.given}: {fault}" for fault in faults_of(answer, call, role)]
        written = [(role, call.records)] if call.records and role in call.sees else []
        recorded = events_after(city_engine, before)
        faults += [] if recorded == written else [f"{name} {call.given}: on the record is {recorded}"]
    assert faults == []


def test_a_visit_that_is_sent_twice_is_on_the_record_once(
    application: tuple[FastAPI, Screens], sign_in: SignIn, small_city: SmallCity, city_engine: Engine
) -> None:
    client, call = sign_in("inspector"), visit(small_city.red_shop, INSPECTS)
    before = newest_event(city_engine)
    for _ in range(2):
        assert call.shows in said(post(client, application[1], "callbacks.visits.save", call))
    assert events_after(city_engine, before) == [("inspector", "inspect")]


def test_a_session_that_has_ended_acts_no_more(
    application: tuple[FastAPI, Screens], sign_in: SignIn, small_city: SmallCity, city_engine: Engine
) -> None:
    client, place_id = sign_in("supervisor"), small_city.red_shop
    cookie = client.cookies["yiping_session"]
    client.post("/api/logout")
    client.cookies.set("yiping_session", cookie)
    before = newest_event(city_engine)
    for name, call in (
        ("callbacks.visits.save", visit(place_id, INSPECTS)),
        ("callbacks.reveal.show", reveal(place_id, "phone", PHONE, INSPECTS)),
    ):
        assert call.shows not in said(post(client, application[1], name, call)), name
    assert events_after(city_engine, before) == []


def test_a_hidden_tier_is_not_drawn_for_the_public(
    application: tuple[FastAPI, Screens], sign_in: SignIn, small_city: SmallCity, city_engine: Engine
) -> None:
    night, screens = small_city.ids["nights", HERE], application[1]
    with city_engine.begin() as connection:
        judged = {"tier": TIERS.index(Tier.RED), "id": night}
        connection.execute(text("UPDATE place_status SET tier = :tier WHERE place_id = :id"), judged)
    for selected in ({"place_id": night}, {"place_ids": [night]}):
        call = on_offices(selected, "shape red", OF_THE_DISTRICT)
        for role in EVERYBODY:
            answer = post(sign_in(role), screens, "callbacks.offices.show_card", call)
            assert faults_of(answer, call, role) == [], (role, selected)
