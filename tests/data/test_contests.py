"""Objections over a real database: who may, what each step leaves behind, and that each happens once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from data.city import City
from data.db import acting
from data.status import judge_places
from data.store.audit import broken_link
from data.store.contests import ContestEndedError, Objection, UnderReviewError, UnknownContestError
from geo.datum import Datum
from layers.core.access import Role, Scope, Viewer
from layers.core.citytime import day_of
from layers.core.contests import ContestKind, Outcome, answer_due
from layers.core.errors import BadQueryError, ForbiddenError, UnknownPlaceError, YipingError
from layers.core.query import Query
from layers.core.verdict import ReasonKey
from tests.small_city import MERCHANT_USCC, NOW, SmallCity, build

FIRM = Scope.parse([MERCHANT_USCC])
MERCHANT = Viewer(Role.MERCHANT, FIRM, "merchant")
COLLEAGUE = Viewer(Role.MERCHANT, FIRM, "colleague")
STRANGER = Viewer(Role.MERCHANT, Scope.parse(["914403001922038216"]), "stranger")
SUPERVISOR = Viewer(Role.SUPERVISOR, name="supervisor")
INSPECTOR = Viewer(Role.INSPECTOR, Scope.parse(["310104"]), "inspector")
ADMIN = Viewer(Role.ADMIN, name="admin")
AGENCY = Viewer(Role.AGENCY, FIRM, "agency")
WORDS = "证件已于上月延续，系统未更新"
WHY = "许可证已延续至2031年，请更新有效期"


@pytest.fixture
def small(engine: Engine) -> SmallCity:
    """The small city, in which the food permit of the merchant's shop has run out."""
    built = build(engine)
    _move_permit(engine, built, -12)
    return built


@pytest.fixture
def city(database_url: str, small: SmallCity) -> Iterator[City]:
    city = City(database_url, lambda: NOW)
    yield city
    city.stop()


def _move_permit(engine: Engine, small: SmallCity, days: int) -> None:
    with acting(engine, "clerk") as connection:
        sql = "UPDATE permit SET valid_to = :end WHERE place_id = :id AND kind = 'food_business'"
        connection.execute(text(sql), {"end": day_of(NOW) + timedelta(days=days), "id": small.merchant_shop})
        judge_places(connection, [small.merchant_shop], NOW)


def _card(city: City, small: SmallCity, viewer: Viewer = MERCHANT) -> dict[str, Any]:
    return dict(city.card(small.merchant_shop, viewer)["properties"])


def _reason(city: City, small: SmallCity) -> dict[str, Any]:
    return next(r for r in _card(city, small, SUPERVISOR)["reasons"] if r["code"] == "permit.expired")


def _objection(city: City, small: SmallCity, words: str = WORDS) -> Objection:
    reason = _reason(city, small)
    about = ReasonKey(reason["code"], reason["rule_id"], reason["fact"])
    return Objection(place_id=small.merchant_shop, about=about, kind=ContestKind.FACT, words=words)


def _objected(city: City, small: SmallCity) -> int:
    """Object and return the number of the objection."""
    city.contests.object_to(_objection(city, small), MERCHANT)
    return int(_contests(city, small)[0]["id"])


def _contests(city: City, small: SmallCity, viewer: Viewer = MERCHANT) -> list[dict[str, Any]]:
    return [row for row in _card(city, small, viewer)["cases"] if row["kind"] == "contest"]


def _recorded(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        assert broken_link(connection) is None
        sql = "SELECT actor, action FROM audit_event WHERE action LIKE 'contest%' ORDER BY id"
        return [(row.actor, row.action) for row in connection.execute(text(sql))]


def _news(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text("SELECT max(version) FROM change WHERE layer = 'shops'")) or 0)


def _at_once(*steps: Callable[[], object]) -> list[object]:
    """Take steps at the same moment; returns what each gave or raised."""
    start, outcomes = threading.Barrier(len(steps)), [None] * len(steps)

    def take(number: int, step: Callable[[], object]) -> None:
        start.wait(30)
        try:
            outcomes[number] = step()  # type: ignore[call-overload]
        except YipingError as error:
            outcomes[number] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=take, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return list(outcomes)


def test_an_objection_puts_its_reason_under_review_and_leaves_the_tier(
    city: City, small: SmallCity, engine: Engine
) -> None:
    before, told = _card(city, small), _news(engine)
    assert (before["tier"], before["under_review"]) == ("red", False)
    _objected(city, small)
    after, (row,) = _card(city, small), _contests(city, small)
    assert (after["tier"], after["under_review"]) == ("red", True)
    assert [r["code"] for r in after["reasons"] if r.get("contested")] == ["permit.expired"]
    assert (row["words"], row["contest_kind"], row["own"]) == (WORDS, "fact", True)
    assert (row["opened_at"], row["due_at"]) == (NOW, answer_due(NOW))
    assert row["reason_params"] == _reason(city, small)["params"]
    assert _news(engine) > told
    assert _recorded(engine) == [("merchant", "contest")]
    listed = city.places(Query(layers=("shops",), viewer=SUPERVISOR))["features"]
    assert [f["id"] for f in listed if f["properties"]["under_review"]] == [small.merchant_shop]


def test_pages_of_the_same_process_hear_of_every_step(city: City, small: SmallCity) -> None:
    heard: list[dict[str, int]] = []
    city.load()
    city.subscribe(heard.append)
    contest = _objected(city, small)
    assert [set(news) for news in heard] == [{"shops"}]
    city.contests.decide(contest, Outcome.UPHELD, WHY, SUPERVISOR)
    assert len(heard) == 2


def test_news_of_an_objection_whose_reason_is_gone_are_told_too(
    city: City, small: SmallCity, engine: Engine
) -> None:
    contest = _objected(city, small)
    _move_permit(engine, small, 1500)
    told = _news(engine)
    city.contests.withdraw(contest, MERCHANT)
    assert _news(engine) > told


def test_the_record_and_exports_never_carry_the_words(city: City, small: SmallCity, engine: Engine) -> None:
    city.contests.decide(_objected(city, small), Outcome.UPHELD, WHY, SUPERVISOR)
    with engine.connect() as connection:
        record = list(connection.scalars(text("SELECT details::text FROM audit_event")))
    found = city.exports.open(Query(layers=("shops",), viewer=SUPERVISOR), "geojson", Datum.WGS84)
    rows = [row for batch in found.batches for row in batch]
    assert rows
    told = json.dumps([record, rows], ensure_ascii=False, default=str)
    assert WORDS not in told
    assert WHY not in told


def test_the_same_objection_again_is_the_same_one(city: City, small: SmallCity, engine: Engine) -> None:
    for _ in range(2):
        _objected(city, small)
    assert len(_contests(city, small)) == 1
    assert _recorded(engine) == [("merchant", "contest")]


def test_two_tabs_at_once_make_one_objection(city: City, small: SmallCity, engine: Engine) -> None:
    same = _objection(city, small)
    tabs = [lambda: city.contests.object_to(same, MERCHANT)] * 4
    assert _at_once(*tabs) == [small.merchant_shop] * 4
    assert len(_contests(city, small)) == 1
    assert _recorded(engine) == [("merchant", "contest")]


def test_a_reason_has_one_open_objection_whoever_makes_it(
    city: City, small: SmallCity, engine: Engine
) -> None:
    same = _objection(city, small)
    outcomes = _at_once(
        lambda: city.contests.object_to(same, MERCHANT), lambda: city.contests.object_to(same, COLLEAGUE)
    )
    assert {type(outcome) for outcome in outcomes} == {int, UnderReviewError}
    with pytest.raises(UnderReviewError, match="under review already"):
        city.contests.object_to(replace(same, words=WORDS + "！"), MERCHANT)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM \"case\" WHERE kind = 'contest'")) == 1


@pytest.mark.parametrize("outcome", [Outcome.UPHELD, Outcome.REJECTED])
def test_a_decision_is_kept_and_told_with_its_explanation(
    city: City, small: SmallCity, engine: Engine, outcome: Outcome
) -> None:
    contest, told = _objected(city, small), _news(engine)
    city.contests.decide(contest, outcome, f" {WHY} ", SUPERVISOR)
    (row,) = _contests(city, small)
    assert (row["outcome"], row["outcome_words"], row["decided_by"]) == (outcome, WHY, "supervisor")
    assert (row["closed_at"], row["stage"]) == (NOW, "closed")
    assert _card(city, small)["under_review"] is False
    assert _reason(city, small).get("upheld_on") == ("2026-11-23" if outcome is Outcome.UPHELD else None)
    assert _news(engine) > told
    assert _recorded(engine) == [("merchant", "contest"), ("supervisor", "contest_decide")]


def test_an_upheld_reason_is_marked_until_it_is_corrected(
    city: City, small: SmallCity, engine: Engine
) -> None:
    city.contests.decide(_objected(city, small), Outcome.UPHELD, WHY, SUPERVISOR)
    with pytest.raises(UnderReviewError, match="was upheld on 2026-11-23"):
        city.contests.object_to(_objection(city, small), MERCHANT)
    _move_permit(engine, small, 1500)
    assert not [r for r in _card(city, small)["reasons"] if "upheld_on" in r]
    _move_permit(engine, small, -3)
    assert "upheld_on" not in _reason(city, small)


def test_after_a_rejection_one_may_object_again(city: City, small: SmallCity) -> None:
    city.contests.decide(_objected(city, small), Outcome.REJECTED, WHY, SUPERVISOR)
    _objected(city, small)
    assert [row["outcome"] for row in _contests(city, small)] == ["", "rejected"]


def test_who_made_an_objection_may_take_it_back(city: City, small: SmallCity, engine: Engine) -> None:
    contest = _objected(city, small)
    for other in (COLLEAGUE, STRANGER):
        with pytest.raises(UnknownContestError):
            city.contests.withdraw(contest, other)
    city.contests.withdraw(contest, MERCHANT)
    (row,) = _contests(city, small)
    assert (row["outcome"], row["decided_by"]) == ("withdrawn", "")
    assert _card(city, small)["under_review"] is False
    assert _recorded(engine) == [("merchant", "contest"), ("merchant", "contest_withdraw")]


def _steps(city: City, contest: int) -> dict[Outcome, Callable[[], int]]:
    return {
        Outcome.UPHELD: lambda: city.contests.decide(contest, Outcome.UPHELD, WHY, SUPERVISOR),
        Outcome.REJECTED: lambda: city.contests.decide(contest, Outcome.REJECTED, WHY, SUPERVISOR),
        Outcome.WITHDRAWN: lambda: city.contests.withdraw(contest, MERCHANT),
    }


@pytest.mark.parametrize("end", Outcome)
def test_what_has_ended_stays_ended(city: City, small: SmallCity, engine: Engine, end: Outcome) -> None:
    contest = _objected(city, small)
    steps = _steps(city, contest)
    steps[end]()
    kept, recorded = _contests(city, small, SUPERVISOR), _recorded(engine)
    for step in steps.values():
        with pytest.raises(ContestEndedError, match="stays so"):
            step()
    assert _contests(city, small, SUPERVISOR) == kept
    assert _recorded(engine) == recorded


def test_of_three_who_end_it_at_once_one_does(city: City, small: SmallCity, engine: Engine) -> None:
    steps = _steps(city, _objected(city, small))
    outcomes = dict(zip(steps, _at_once(*steps.values()), strict=True))
    (first,) = [end for end, outcome in outcomes.items() if outcome == small.merchant_shop]
    assert all(isinstance(told, ContestEndedError) for end, told in outcomes.items() if end is not first)
    assert _contests(city, small)[0]["outcome"] == first
    assert len(_recorded(engine)) == 2


def test_what_cannot_be_meant_is_refused_by_name_and_leaves_nothing(
    city: City, small: SmallCity, engine: Engine
) -> None:
    right = _objection(city, small)
    in_order = next(r for r in _card(city, small)["reasons"] if r["tier"] == "blue")
    blue = ReasonKey(in_order["code"], in_order["rule_id"], in_order["fact"])
    wrong = {
        "words": replace(right, words="太短"),
        "code": replace(right, about=right.about._replace(fact="permit:0")),
    }
    for name, objection in [*wrong.items(), ("code", replace(right, about=blue))]:
        with pytest.raises(BadQueryError) as refused:
            city.contests.object_to(objection, MERCHANT)
        assert refused.value.parameter == name
    assert _contests(city, small) == []
    contest = _objected(city, small)
    for outcome, words, name in ((Outcome.WITHDRAWN, WHY, "outcome"), (Outcome.UPHELD, " ", "words")):
        with pytest.raises(BadQueryError) as refused:
            city.contests.decide(contest, outcome, words, SUPERVISOR)
        assert refused.value.parameter == name
    assert _contests(city, small)[0]["outcome"] == ""
    assert _recorded(engine) == [("merchant", "contest")]


@pytest.mark.parametrize("viewer", [SUPERVISOR, INSPECTOR, ADMIN, AGENCY, Viewer()], ids=lambda v: v.role)
def test_only_a_merchant_objects_and_withdraws(city: City, small: SmallCity, viewer: Viewer) -> None:
    with pytest.raises(ForbiddenError):
        city.contests.object_to(_objection(city, small), viewer)
    contest = _objected(city, small)
    with pytest.raises(ForbiddenError):
        city.contests.withdraw(contest, viewer)


@pytest.mark.parametrize("viewer", [MERCHANT, INSPECTOR, ADMIN, AGENCY, Viewer()], ids=lambda v: v.role)
def test_only_a_supervisor_decides(city: City, small: SmallCity, viewer: Viewer) -> None:
    contest = _objected(city, small)
    with pytest.raises(ForbiddenError):
        city.contests.decide(contest, Outcome.UPHELD, WHY, viewer)


def test_a_place_out_of_scope_is_unknown(city: City, small: SmallCity) -> None:
    objection = _objection(city, small)
    for place_id in (small.red_shop, 999_999):
        with pytest.raises(UnknownPlaceError):
            city.contests.object_to(replace(objection, place_id=place_id), MERCHANT)
    with pytest.raises(UnknownPlaceError):
        city.contests.object_to(objection, STRANGER)
    with pytest.raises(UnknownContestError):
        city.contests.decide(999_999, Outcome.UPHELD, WHY, SUPERVISOR)


def test_a_complaint_is_nothing_to_decide_or_withdraw(city: City, small: SmallCity, engine: Engine) -> None:
    with engine.connect() as connection:
        complaint = int(connection.scalar(text("SELECT min(id) FROM \"case\" WHERE kind = 'complaint'")) or 0)
    with pytest.raises(UnknownContestError):
        city.contests.decide(complaint, Outcome.UPHELD, WHY, SUPERVISOR)
    with pytest.raises(UnknownContestError):
        city.contests.withdraw(complaint, MERCHANT)


def test_objections_are_read_by_officials_and_by_who_made_them(city: City, small: SmallCity) -> None:
    _objected(city, small)
    for viewer in (SUPERVISOR, INSPECTOR):
        (row,) = _contests(city, small, viewer)
        assert (row["words"], row["reporter"], row["own"]) == (WORDS, "m*", False)
    (row,) = _contests(city, small, ADMIN)
    assert not {"words", "reporter"} & row.keys()
    for viewer in (COLLEAGUE, AGENCY):
        assert _contests(city, small, viewer) == []
        assert _card(city, small, viewer)["under_review"] is True
