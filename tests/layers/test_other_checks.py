"""Cases, tenancies, and what a field says by its value or its age."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from layers.core.checks import CHECKS
from layers.core.facts import Case, Facts, Tenancy, TenancyState
from layers.core.findings import Findings
from layers.core.rules import Rule
from layers.core.text import Text
from layers.core.tiers import Tier
from tests.layers.examples import REGISTRY, at, codes, day, food, judged, licence, shop, visit


def place(layer: str, category: str = "", **more: Any) -> Facts:
    return Facts(layer=layer, place_id=3, category=category, city="310104", **more)


def complaint(opened: str, **more: Any) -> Case:
    return Case(kind=more.pop("kind", "complaint"), title="t", stage="received", opened_at=at(opened), **more)


def in_order(*cases: Case) -> Facts:
    papers = (licence(), food(valid_to="2039-12-31"))
    return shop(permits=papers, inspections=(visit("2023-01-02 10:00"),), cases=cases)


def test_an_open_complaint_is_yellow_until_it_is_overdue() -> None:
    facts = in_order(complaint("2023-02-01 09:00", due_at=at("2023-02-10 09:00")))
    assert codes(judged(facts, "2023-02-10 08:59"))["cases.open"] == "yellow"
    assert judged(facts, "2023-02-10 08:59").next_change == at("2023-02-10 09:00")
    assert codes(judged(facts, "2023-02-10 09:00"))["cases.overdue"] == "orange"


def test_without_a_due_day_the_rule_gives_one() -> None:
    facts = in_order(complaint("2023-02-01 09:00"))
    assert "cases.open" in codes(judged(facts, "2023-04-06 23:59"))
    assert "cases.overdue" in codes(judged(facts, "2023-04-07 00:00"))  # 45 working days, one a holiday


def test_closed_and_future_cases_say_nothing() -> None:
    closed = complaint("2023-02-01 09:00", closed_at=at("2023-02-03 09:00"))
    facts = in_order(closed, complaint("2023-04-20 09:00"))
    verdict = judged(facts, "2023-02-10 09:00")
    assert not any(code.startswith("cases") for code in codes(verdict))
    assert verdict.next_change == at("2023-04-20 09:00")
    assert "cases.open" in codes(judged(facts, "2023-02-02 09:00"))


def test_several_cases_are_one_reason_with_their_number() -> None:
    facts = in_order(
        complaint("2023-02-01 09:00"),
        complaint("2023-02-05 09:00"),
        complaint("2023-02-06 09:00", kind="task"),
    )
    reasons = [r for r in judged(facts, "2023-02-10 09:00").reasons if r.code == "cases.open"]
    assert sorted((r.rule_id, r.params["n"], r.params["date"]) for r in reasons) == [
        ("alerts", 1, "2023-02-06"),
        ("complaints", 2, "2023-02-01"),
    ]


def tenants(zombies: int, total: int, state: TenancyState = TenancyState.SUSPECTED) -> tuple[Tenancy, ...]:
    return tuple(
        Tenancy(
            unit=str(n), tenant=f"t{n}", state=state if n < zombies else TenancyState.IN_USE, registered=True
        )
        for n in range(total)
    )


@pytest.mark.parametrize(
    ("zombies", "total", "tier"),
    [(0, 20, "blue"), (1, 20, "yellow"), (2, 20, "orange"), (4, 20, "orange"), (5, 20, "red")],
)
def test_the_share_of_zombie_addresses_gives_the_tier(zombies: int, total: int, tier: str) -> None:
    verdict = judged(place("buildings", "tower", tenancies=tenants(zombies, total)), "2023-02-10 09:00")
    assert str(verdict.tier) == tier
    assert ("tenancy.in_order" in codes(verdict)) == (zombies == 0)


@pytest.mark.parametrize("state", [TenancyState.SUSPECTED, TenancyState.NOTIFIED, TenancyState.VERIFIED_GONE])
def test_each_state_of_a_zombie_counts(state: TenancyState) -> None:
    facts = place("buildings", "tower", tenancies=tenants(1, 20, state))
    assert codes(judged(facts, "2023-02-10 09:00")) == {"tenancy.zombie": "yellow"}


def test_the_list_of_abnormal_operations_is_orange() -> None:
    facts = place("buildings", "tower", tenancies=tenants(1, 20, TenancyState.ABNORMAL_LIST))
    assert codes(judged(facts, "2023-02-10 09:00"))["tenancy.abnormal"] == "orange"


def test_a_released_or_unregistered_address_blocks_nobody() -> None:
    released = tenants(20, 20, TenancyState.RELEASED)
    assert judged(place("buildings", "tower", tenancies=released), "2023-02-10 09:00").tier is Tier.NONE
    passing = (Tenancy(unit="1", tenant="t", state=TenancyState.SUSPECTED),)
    assert judged(place("buildings", "tower", tenancies=passing), "2023-02-10 09:00").tier is Tier.NONE


def test_a_lease_ends_with_its_last_day() -> None:
    tenancy = Tenancy(
        unit="1", tenant="t", state=TenancyState.IN_USE, valid_to=day("2023-02-10"), registered=True
    )
    facts = place("buildings", "tower", tenancies=(tenancy,))
    before = judged(facts, "2023-02-10 23:59")
    assert codes(before) == {"tenancy.in_order": "blue"}
    assert before.next_change == at("2023-02-11 00:00")
    assert codes(judged(facts, "2023-02-11 00:00")) == {"tenancy.lease_ended": "yellow"}


@pytest.mark.parametrize(
    ("state", "tier"),
    [("in_cloud", "blue"), ("changing", "yellow"), ("paused", "orange"), ("none", "none"), ("left", "none")],
)
def test_the_cloud_state_is_the_buildings_state(state: str, tier: str) -> None:
    verdict = judged(place("buildings", "tower", attributes={"cloud_state": state}), "2023-02-10 09:00")
    assert (verdict.state, str(verdict.tier)) == (state, tier)


@pytest.mark.parametrize(("share", "tier"), [(0.32, "yellow"), (0.33, "none"), (1.0, "none")])
def test_low_occupancy_deserves_a_call(share: float, tier: str) -> None:
    verdict = judged(place("buildings", "tower", attributes={"occupancy_share": share}), "2023-02-10 09:00")
    assert str(verdict.tier) == tier


@pytest.mark.parametrize(
    ("when", "code", "tier"),
    [
        ("2023-03-01 23:59", "field.fresh", "blue"),
        ("2023-03-02 00:00", "field.ageing", "yellow"),  # 60 days
        ("2023-06-29 23:59", "field.ageing", "yellow"),
        ("2023-06-30 00:00", "field.stale", "orange"),  # 180 days
    ],
)
def test_a_listing_ages(when: str, code: str, tier: str) -> None:
    facts = place("offices", "grade_a", attributes={"listed_on": day("2023-01-01")})
    assert codes(judged(facts, when)) == {code: tier}


def test_where_nobody_can_register() -> None:
    facts = place("offices", "grade_a", attributes={"listed_on": day("2023-01-01"), "registrable": False})
    verdict = judged(facts, "2023-01-02 09:00")
    assert codes(verdict) == {"field.value": "yellow", "field.fresh": "blue"}
    assert judged(place("offices"), "2023-01-02 09:00").tier is Tier.NONE


def test_a_breakfast_outlet_in_order_and_one_only_marked_on_the_map() -> None:
    facts = place(
        "breakfast",
        "single",
        permits=(food(valid_to="2039-12-31"),),
        inspections=(visit("2023-01-02 10:00"),),
    )
    assert judged(facts, "2023-02-10 09:00").tier is Tier.BLUE
    assert judged(place("breakfast", "cart"), "2023-02-10 09:00").tier is Tier.NONE


def test_the_shops_state_is_that_of_its_plate() -> None:
    verdict = judged(shop(attributes={"shop_state": "posted"}), "2023-02-10 09:00")
    assert verdict.state == "posted"


@pytest.mark.parametrize(
    ("rent", "code"), [(3.0, "field.within"), (8.0, "field.within"), (8.1, "field.above")]
)
def test_a_rule_may_set_limits_of_its_own(rent: float, code: str) -> None:
    tiers = {"above": Tier.YELLOW, "within": Tier.BLUE}
    params = {"field": "rent_cny_m2_day", "above": 8.0}
    rule = Rule(
        id="rent",
        check="field_value",
        source=Text("例", "example"),
        verified=False,
        params=params,
        tiers=tiers,
    )
    facts = place("offices", attributes={"rent_cny_m2_day": rent})
    found = Findings()
    CHECKS["field_value"](found, REGISTRY["offices"], facts, rule, at("2023-02-10 09:00"))
    assert [reason.code for reason in found.reasons] == [code]
    assert found.reasons[0].params.get("limit") == (8.0 if code == "field.above" else None)


def test_a_rule_may_plan_no_visit_at_all() -> None:
    params = {"matrix": {"any": {"any": 0}}, "risk_default": "any", "credit_default": "any"}
    rule = Rule(id="due", check="inspection_due", source=Text("例", "example"), verified=False, params=params)
    found = Findings()
    CHECKS["inspection_due"](found, REGISTRY["shops"], shop(), rule, at("2023-02-10 09:00"))
    assert [reason.code for reason in found.reasons] == ["inspection.exempt"]


@pytest.mark.parametrize(
    ("nature", "last"),
    [("claim", "2023-02-10"), ("report", "2023-02-22")],  # 7 and 15 working days after 1 February
)
def test_a_complaint_is_accepted_or_refused_in_time(nature: str, last: str) -> None:
    facts = in_order(complaint("2023-02-01 09:00", nature=nature))
    turn = at(f"{last} 00:00") + timedelta(days=1)
    before = judged(facts, turn - timedelta(minutes=1))
    assert codes(before)["cases.open"] == "yellow"
    assert before.next_change == turn
    [reason] = [r for r in judged(facts, turn).reasons if r.code == "cases.unaccepted"]
    assert (reason.tier, reason.params["due"]) == (Tier.ORANGE, last)


def test_what_is_accepted_waits_for_its_answer_from_that_day() -> None:
    facts = in_order(complaint("2023-02-01 09:00", nature="claim", accepted_on=day("2023-02-03")))
    assert "cases.open" in codes(judged(facts, "2023-02-20 09:00"))
    assert "cases.open" in codes(judged(facts, "2023-04-10 23:59"))
    assert "cases.overdue" in codes(
        judged(facts, "2023-04-11 00:00")
    )  # two working days later than unaccepted


def test_an_acceptance_to_come_is_none_yet() -> None:
    facts = in_order(complaint("2023-02-01 09:00", nature="claim", accepted_on=day("2023-02-20")))
    assert "cases.unaccepted" in codes(judged(facts, "2023-02-19 23:59"))
    assert "cases.unaccepted" not in codes(judged(facts, "2023-02-20 00:00"))
