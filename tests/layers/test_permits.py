"""Permits of a shop: every status, every threshold, at midnight in Shanghai."""

from __future__ import annotations

from datetime import timedelta

import pytest

from layers.core.facts import Facts, Permit, PermitState
from layers.core.tiers import PermitStatus, Tier
from tests.layers.examples import at, codes, day, food, judged, licence, moment_before, shop, visit


def with_food(*permits: Permit, **more: object) -> Facts:
    return shop(permits=(licence(), *permits), inspections=(visit("2024-09-01 10:00"),), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("when", "status", "tier"),
    [
        ("2024-10-01 12:00", PermitStatus.VALID, Tier.BLUE),  # 91 days left
        ("2024-10-02 00:00", PermitStatus.EXPIRING, Tier.BLUE),  # 90
        ("2024-11-30 23:59", PermitStatus.EXPIRING, Tier.BLUE),  # 31
        ("2024-12-01 00:00", PermitStatus.EXPIRING, Tier.YELLOW),  # 30
        ("2024-12-23 23:59", PermitStatus.EXPIRING, Tier.YELLOW),  # 8
        ("2024-12-24 00:00", PermitStatus.EXPIRING, Tier.ORANGE),  # 7
        ("2024-12-31 23:59", PermitStatus.EXPIRING, Tier.ORANGE),  # the last day
        ("2025-01-01 00:00", PermitStatus.EXPIRED, Tier.RED),
    ],
)
def test_each_threshold_turns_at_midnight(when: str, status: PermitStatus, tier: Tier) -> None:
    verdict = judged(with_food(food(valid_to="2024-12-31")), when)
    assert (verdict.status, verdict.tier) == (status, tier)


def test_the_next_change_is_the_next_threshold() -> None:
    facts = with_food(food(valid_to="2024-12-31"))
    turns, moment = [], at("2024-09-15 08:00")
    for _ in range(4):
        change = judged(facts, moment).next_change
        assert change is not None
        turns.append(change)
        moment = change
    expected = ["2024-10-02", "2024-12-01", "2024-12-24", "2025-01-01"]
    assert turns == [at(f"{text} 00:00") for text in expected]


STATES = {
    PermitState.DRAFT: PermitStatus.MISSING,
    PermitState.PRECHECK: PermitStatus.PENDING,
    PermitState.SUPPLEMENT: PermitStatus.PENDING,
    PermitState.ACCEPTED: PermitStatus.PENDING,
    PermitState.REVIEW: PermitStatus.PENDING,
    PermitState.REFUSED: PermitStatus.MISSING,
    PermitState.WITHDRAWN: PermitStatus.MISSING,
    PermitState.ANNULLED: PermitStatus.REVOKED,
    PermitState.PUBLISHED: PermitStatus.VALID,
    PermitState.GRANTED: PermitStatus.VALID,
    PermitState.CHANGING: PermitStatus.VALID,
    PermitState.RENEWING: PermitStatus.VALID,
    PermitState.REPLACED: PermitStatus.VALID,
    PermitState.SUSPENDED: PermitStatus.SUSPENDED,
    PermitState.REVOKED: PermitStatus.REVOKED,
    PermitState.CANCELLED: PermitStatus.MISSING,
    PermitState.APPLIED: PermitStatus.PENDING,
}


@pytest.mark.parametrize("state", list(PermitState))
def test_every_state_has_its_status(state: PermitState) -> None:
    verdict = judged(with_food(food(state=state)), "2023-06-01 12:00")
    assert verdict.status is STATES[state]


def test_no_permit_at_all() -> None:
    verdict = judged(with_food(), "2024-11-10 12:00")
    assert (verdict.status, verdict.tier) == (PermitStatus.MISSING, Tier.RED)
    assert "permit.missing" in codes(verdict)


def test_the_best_permit_in_force_counts() -> None:
    permits = food(valid_to="2024-11-20"), food(valid_to="2028-12-31"), food(state=PermitState.REVOKED)
    assert judged(with_food(*permits), "2024-11-10 12:00").status is PermitStatus.VALID


def test_a_successor_without_gap_ends_the_warning() -> None:
    successor = food("2025-01-01", "2029-12-31")
    verdict = judged(with_food(food(valid_to="2024-12-31"), successor), "2024-12-30 12:00")
    assert verdict.status is PermitStatus.VALID
    gap = food("2025-01-02", "2029-12-31")
    assert (
        judged(with_food(food(valid_to="2024-12-31"), gap), "2024-12-30 12:00").status
        is PermitStatus.EXPIRING
    )


def test_none_in_force_the_latest_tells() -> None:
    old_revoked = food("2015-01-01", "2019-12-31", state=PermitState.REVOKED)
    expired = food("2020-01-01", "2023-12-31")
    assert judged(with_food(old_revoked, expired), "2024-11-10 12:00").status is PermitStatus.EXPIRED
    newly_revoked = food("2021-01-01", "2025-12-31", state=PermitState.REVOKED)
    assert judged(with_food(expired, newly_revoked), "2024-11-10 12:00").status is PermitStatus.REVOKED


@pytest.mark.parametrize(
    ("applied", "before", "after"),
    [
        ("2022-08-01", PermitStatus.VALID, PermitStatus.VALID),
        ("2022-11-21", PermitStatus.VALID, PermitStatus.VALID),  # exactly 30 working days before
        ("2022-11-22", PermitStatus.EXPIRING, PermitStatus.EXPIRED),  # a day late
    ],
)
def test_a_renewal_applied_for_in_time_is_deemed_granted(
    applied: str, before: PermitStatus, after: PermitStatus
) -> None:
    facts = with_food(food(valid_to="2022-12-31", renewal_applied_on=day(applied)))
    assert judged(facts, "2022-12-20 12:00").status is before
    ended = judged(facts, "2023-01-05 12:00")
    assert ended.status is after
    assert ("permit.deemed_renewed" in codes(ended)) == (after is PermitStatus.VALID)


def test_a_renewal_of_unknown_day_is_no_proof() -> None:
    verdict = judged(with_food(food(valid_to="2024-10-31", state=PermitState.RENEWING)), "2024-11-10 12:00")
    assert verdict.status is PermitStatus.PENDING
    assert codes(verdict)["permit.renewal_undated"] == "orange"


def test_a_permit_that_begins_later_is_pending_until_that_day() -> None:
    facts = with_food(food("2024-11-20", "2029-11-19"))
    verdict = judged(facts, "2024-11-10 12:00")
    assert verdict.status is PermitStatus.PENDING
    assert verdict.next_change == at("2024-11-20 00:00")
    assert judged(facts, "2024-11-20 00:00").status is PermitStatus.VALID


def test_an_end_at_the_end_of_the_calendar_is_no_end() -> None:
    facts = with_food(food(valid_to="9999-12-31"))
    assert "permit.valid_open" in codes(judged(facts, "2024-11-10 12:00"))


@pytest.mark.parametrize("kind", ["small_catering_filing", "prepacked_food_filing", "industry_licence"])
def test_other_papers_stand_in_for_the_food_permit(kind: str) -> None:
    paper = Permit(kind=kind, number="1", valid_from=day("2023-01-01"))
    verdict = judged(with_food(paper), "2024-11-10 12:00")
    assert verdict.status is PermitStatus.VALID


@pytest.mark.parametrize(
    ("category", "attributes", "missing"),
    [
        ("retail", {}, set()),
        ("retail", {"sells_tobacco": True}, {"烟草专卖零售许可证"}),
        ("retail", {"sells_tobacco": False}, set()),
        ("hairdresser", {}, {"公共场所卫生许可证"}),
        ("hotel", {}, {"公共场所卫生许可证", "公众聚集场所消防安全检查"}),
        ("bakery", {}, {"食品经营许可证"}),
    ],
)
def test_what_is_required_follows_from_the_trade(
    category: str, attributes: dict[str, bool], missing: set[str]
) -> None:
    verdict = judged(with_food(category=category, attributes=attributes), "2024-11-10 12:00")
    named = {r.params["kind"].zh for r in verdict.reasons if r.code == "permit.missing"}  # type: ignore[union-attr]
    assert named == missing


def test_a_shop_that_sells_liquor_needed_its_own_licence_until_2023() -> None:
    facts = with_food(food("2020-01-01", "2029-12-31"), attributes={"sells_liquor": True})
    assert judged(facts, "2023-11-30 23:59").status is PermitStatus.MISSING
    assert judged(facts, "2023-12-01 00:00").status is PermitStatus.VALID


def test_a_name_on_a_list_is_grey_and_not_accused() -> None:
    verdict = judged(shop(), "2024-11-10 12:00")
    assert verdict.tier is Tier.NONE
    assert verdict.status is PermitStatus.MISSING
    assert set(codes(verdict)) == {"permit.unrecorded", "inspection.unrecorded"}


def test_a_place_elsewhere_without_records_is_grey_too() -> None:
    verdict = judged(shop(category="other", city=""), "2026-11-10 12:00")
    assert (verdict.tier, verdict.status, verdict.next_change) == (Tier.NONE, PermitStatus.NOT_REQUIRED, None)


def test_a_verdict_holds_until_the_moment_it_names() -> None:
    facts = with_food(food(valid_to="2024-12-31"))
    first = judged(facts, "2024-11-15 00:00")
    assert first.next_change == at("2024-12-01 00:00")
    assert judged(facts, moment_before(first.next_change)).tier is first.tier
    assert judged(facts, first.next_change + timedelta(0)).tier is not first.tier


@pytest.mark.parametrize(
    ("decided", "applied", "renewed"),
    [
        ("2023-11-30", "2026-11-19", False),  # of 2015's rules: 30 working days ahead
        ("2023-11-30", "2026-11-18", True),
        ("2023-12-01", "2026-11-19", True),  # of 令78: 15
        ("2023-12-01", "2026-12-09", True),
        ("2023-12-01", "2026-12-10", False),
    ],
)
def test_a_renewal_follows_the_rules_of_the_day_of_decision(
    decided: str, applied: str, renewed: bool
) -> None:
    permit = food(valid_to="2026-12-30", decided_on=day(decided), renewal_applied_on=day(applied))
    verdict = judged(with_food(permit), "2027-01-05 12:00")
    assert ("permit.deemed_renewed" in codes(verdict)) == renewed
    assert ("permit.expired" in codes(verdict)) != renewed


def test_without_a_day_of_decision_its_first_day_counts() -> None:
    permit = food(valid_from="2022-01-01", valid_to="2026-12-30", renewal_applied_on=day("2026-12-01"))
    assert "permit.expired" in codes(judged(with_food(permit), "2027-01-05 12:00"))
