"""A building site tonight: what it may do, what was seen and heard."""

from __future__ import annotations

import pytest

from layers.core.facts import Case, Facts, Permit, PermitState, Reading
from layers.core.tiers import PermitStatus, Tier
from tests.layers.examples import at, codes, heard, judged, nights, site

NIGHT = "2021-08-10"


def test_a_site_of_which_nothing_is_known_is_grey() -> None:
    verdict = judged(site(), "2021-08-10 23:00")
    assert (verdict.tier, verdict.status, verdict.state) == (Tier.NONE, PermitStatus.NOT_REQUIRED, "idle")


@pytest.mark.parametrize(
    ("basis", "state"),
    [("permit", "permitted"), ("", "permitted"), ("filing", "filed"), ("emergency", "emergency")],
)
@pytest.mark.parametrize("when", ["2021-08-10 12:00", "2021-08-10 22:00", "2021-08-11 05:59"])
def test_what_is_permitted_tonight(basis: str, state: str, when: str) -> None:
    verdict = judged(site(permits=(nights(NIGHT, basis=basis),)), when)
    assert (verdict.state, verdict.status, verdict.tier) == (state, PermitStatus.VALID, Tier.BLUE)


def test_the_state_turns_at_ten_and_at_six() -> None:
    facts = site(permits=(nights(NIGHT),))
    assert judged(facts, "2021-08-10 12:00").next_change == at("2021-08-10 22:00")
    assert judged(facts, "2021-08-10 22:00").next_change == at("2021-08-11 06:00")
    assert judged(facts, "2021-08-11 06:00").state == "expired"


@pytest.mark.parametrize(
    ("readings", "state", "code", "tier"),
    [
        ((heard("2021-08-10 23:10"),), "suspected", "night.breach", "red"),
        ((heard("2021-08-10 23:10", working=False, leq=55.1),), "suspected", "night.breach", "red"),
        ((heard("2021-08-10 23:10", working=False, lmax=70.5),), "suspected", "night.breach", "red"),
        ((heard("2021-08-10 23:10", working=False, leq=55, lmax=70),), "idle", "night.quiet", "blue"),
        ((heard("2021-08-10 21:50"),), "idle", "night.quiet", "blue"),  # before the night
    ],
)
def test_work_or_noise_without_a_permit(
    readings: tuple[Reading, ...], state: str, code: str, tier: str
) -> None:
    verdict = judged(site(readings=readings), "2021-08-10 23:30")
    assert verdict.state == state
    assert codes(verdict)[code] == tier
    assert (verdict.status is PermitStatus.MISSING) == (code == "night.breach")


def test_by_day_a_breach_of_last_night_is_still_red_until_the_evening() -> None:
    facts = site(readings=(heard("2021-08-11 03:00"),))
    assert judged(facts, "2021-08-11 12:00").tier is Tier.RED
    assert judged(facts, "2021-08-11 21:59").tier is Tier.RED
    assert judged(facts, "2021-08-11 22:00").tier is Tier.BLUE


def test_permitted_work_may_be_heard_but_not_too_loud() -> None:
    permit = nights(NIGHT)
    quiet = judged(site(permits=(permit,), readings=(heard("2021-08-10 23:10", leq=54),)), "2021-08-10 23:30")
    assert (quiet.state, quiet.tier) == ("permitted", Tier.BLUE)
    loud = judged(site(permits=(permit,), readings=(heard("2021-08-10 23:10", leq=60),)), "2021-08-10 23:30")
    assert (loud.state, loud.tier) == ("permitted", Tier.ORANGE)
    assert "night.noise_over" in codes(loud)
    emergency = nights(NIGHT, basis="emergency")
    allowed = judged(
        site(permits=(emergency,), readings=(heard("2021-08-10 23:10", leq=80),)), "2021-08-10 23:30"
    )
    assert allowed.tier is Tier.BLUE


def test_the_fourth_night_is_a_night_of_rest() -> None:
    first, second = nights("2021-08-10", "2021-08-12"), nights("2021-08-11", "2021-08-13", basis="filing")
    facts = site(permits=(first, second))
    assert judged(facts, "2021-08-12 23:00").state == "permitted"
    rest = judged(facts, "2021-08-13 23:00")
    assert (rest.state, rest.status, rest.tier) == ("rest_night", PermitStatus.SUSPENDED, Tier.ORANGE)
    working = site(permits=(first, second), readings=(heard("2021-08-13 23:10"),))
    breach = judged(working, "2021-08-13 23:30")
    assert codes(breach)["night.breach_rest"] == "red"
    assert breach.state == "rest_night"


def test_after_three_nights_the_fourth_is_rest_even_if_nothing_is_planned() -> None:
    verdict = judged(site(permits=(nights("2021-08-10", "2021-08-11", "2021-08-12"),)), "2021-08-13 12:00")
    assert (verdict.state, verdict.tier, verdict.status) == (
        "rest_night",
        Tier.BLUE,
        PermitStatus.NOT_REQUIRED,
    )


@pytest.mark.parametrize(
    ("permits", "readings", "state", "code", "tier"),
    [
        ((nights("2021-06-05"),), (), "banned", "night.banned_planned", "orange"),
        ((nights("2021-06-05", basis="emergency"),), (), "emergency", "night.emergency_in_ban", "orange"),
        ((nights("2021-05-01"),), (), "banned", "night.banned_quiet", "blue"),
        ((nights("2021-06-05"),), (heard("2021-06-05 22:30"),), "banned", "night.breach_banned", "red"),
        ((), (heard("2021-06-05 22:30"),), "banned", "night.breach_banned", "red"),
    ],
)
def test_exam_windows(
    permits: tuple[Permit, ...], readings: tuple[Reading, ...], state: str, code: str, tier: str
) -> None:
    verdict = judged(site(permits=permits, readings=readings), "2021-06-05 23:00")
    assert verdict.state == state
    assert codes(verdict)[code] == tier


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ("2021-06-21 05:59", "night.banned_quiet"),
        ("2021-06-21 06:00", "night.day_ban"),
        ("2021-06-21 12:00", "night.day_ban_breach"),
    ],
)
def test_exam_days_close_a_site_near_an_exam_by_day(when: str, code: str) -> None:
    permits, readings = (nights("2021-05-01"),), (heard("2021-06-21 10:00"),)
    near = site(permits=permits, readings=readings, attributes={"exam_site_m": 100})
    far = site(permits=permits, readings=readings, attributes={"exam_site_m": 101})
    assert code in codes(judged(near, when))
    assert not any("day_ban" in found for found in codes(judged(far, when)))


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (PermitState.APPLIED, PermitStatus.PENDING),
        (PermitState.SUSPENDED, PermitStatus.SUSPENDED),
        (PermitState.REVOKED, PermitStatus.REVOKED),
    ],
)
def test_planned_but_not_allowed(state: PermitState, status: PermitStatus) -> None:
    verdict = judged(site(permits=(nights(NIGHT, state=state),)), "2021-08-10 12:00")
    assert (verdict.state, verdict.status, verdict.tier) == ("no_permit", status, Tier.ORANGE)


def test_a_permit_that_ran_out_is_looked_after_for_a_week() -> None:
    facts = site(permits=(nights(NIGHT),))
    soon = judged(facts, "2021-08-12 12:00")
    assert (soon.state, soon.status, soon.tier) == ("expired", PermitStatus.EXPIRED, Tier.YELLOW)
    later = judged(facts, "2021-08-18 12:00")
    assert (later.state, later.status, later.tier) == ("idle", PermitStatus.NOT_REQUIRED, Tier.BLUE)


def test_a_permit_still_to_come_is_no_permit_that_ran_out() -> None:
    facts = site(permits=(nights(NIGHT, "2021-08-20"),))
    assert judged(facts, "2021-08-12 12:00").state == "idle"


def test_the_notice_must_be_posted() -> None:
    verdict = judged(site(permits=(nights(NIGHT, notice_posted=False),)), "2021-08-10 12:00")
    assert codes(verdict)["night.no_notice"] == "orange"
    assert verdict.state == "permitted"


def test_a_breach_with_an_open_case_is_being_handled() -> None:
    case = Case(kind="alert", title="夜间噪声", stage="dispatched", opened_at=at("2021-08-10 23:20"))
    facts = site(readings=(heard("2021-08-10 23:10"),), cases=(case,))
    assert judged(facts, "2021-08-10 23:15").state == "suspected"
    assert judged(facts, "2021-08-10 23:15").next_change == at("2021-08-10 23:20")
    assert judged(facts, "2021-08-10 23:30").state == "handling"


def test_work_outside_the_permitted_hours_is_work_without_permit() -> None:
    whole = nights(NIGHT)
    short = type(whole.nights[0])(starts_at=at("2021-08-10 22:00"), ends_at=at("2021-08-11 02:00"))
    permit = Permit(kind="night_work", number="N", nights=(short,))
    facts = site(permits=(permit,), readings=(heard("2021-08-11 02:30"),))
    assert judged(facts, "2021-08-11 01:00").next_change == at("2021-08-11 02:00")
    assert codes(judged(facts, "2021-08-11 03:00"))["night.breach"] == "red"


def test_a_permit_with_a_term_only_means_every_night_of_it() -> None:
    permit = Permit(
        kind="night_work",
        number="N",
        valid_from=at("2021-08-10 00:00").date(),
        valid_to=at("2021-08-12 00:00").date(),
    )
    facts = site(permits=(permit,))
    assert judged(facts, "2021-08-12 23:00").state == "permitted"
    assert judged(facts, "2021-08-13 07:00").state == "rest_night"
    assert judged(facts, "2021-08-15 12:00").state == "expired"


def test_elsewhere_no_exam_window_is_known() -> None:
    facts: Facts = site(city="", permits=(nights("2021-06-05"),))
    assert judged(facts, "2021-06-05 23:00").state == "permitted"
