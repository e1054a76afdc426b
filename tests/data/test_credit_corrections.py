"""Corrections and withdrawals of credit records over a real database: judged again, on the record, never silent."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from data.city import City
from data.store.credit import KnownRecordError, UnderRepairError, UnknownRecordError
from data.store.credit_corrections import RepairedRecordError, UnchangedRecordError
from layers.core.access import Viewer
from layers.core.errors import BadQueryError, ForbiddenError, UnknownPlaceError
from tests.data.test_contests import _at_once
from tests.data.test_credit import (
    ADMIN,
    AGENCY,
    BOTH,
    INSPECTOR,
    MERCHANT,
    SUPERVISOR,
    _applied,
    _card,
    _entered,
    _granted,
    _reasons,
    _recorded,
    city,
    clock,
    small,
)
from tests.layers.test_credit_entry import RIGHT
from tests.small_city import NOW, THERE, SmallCity

__all__ = ["city", "clock", "small"]  # fixtures
WHY = "程度认定有误，应属一般失信行为"


def _row(city: City, small: SmallCity, viewer: Viewer = MERCHANT) -> dict[str, Any]:
    return dict(_card(city, small.merchant_shop, viewer)["credit"][0])


def _correct(city: City, small: SmallCity, record: int, words: str = WHY, **changed: str) -> None:
    city.credit.correct(small.merchant_shop, record, RIGHT | changed, words, SUPERVISOR)


def _withdraw(city: City, small: SmallCity, record: int, viewer: Viewer = SUPERVISOR) -> None:
    city.credit.withdraw(small.merchant_shop, record, WHY, viewer)


def test_case_18_a_record_graded_too_high_is_corrected_and_can_be_repaired(
    city: City, small: SmallCity, engine: Engine
) -> None:
    record = _entered(city, small, severity="specific")
    assert _card(city, small.merchant_shop)["tier"] == "orange"
    _correct(city, small, record)
    for place_id in (small.merchant_shop, small.ids["shops", THERE], small.ids["breakfast", THERE]):
        assert [(r["code"], r["tier"]) for r in _reasons(city, place_id)] == [("credit.general", "yellow")]
    told = _row(city, small)
    assert (told["severity"], told["corrected_on"], told["correction"], told["corrected_by"]) == (
        "general", NOW.date(), WHY, "supervisor",
    )  # fmt: skip
    city.credit.apply(small.merchant_shop, record, BOTH, MERCHANT)
    assert [action for _, action in _recorded(engine)] == ["credit_record", "credit_correct", "repair_apply"]


def test_what_it_said_before_is_kept_and_the_record_names_the_fields(
    city: City, small: SmallCity, engine: Engine
) -> None:
    record = _entered(city, small, severity="serious")
    _correct(city, small, record, decided_on="2026-06-01", published_on="2026-06-02")
    with engine.connect() as connection:
        before = "SELECT before ->> 'severity', before ->> 'decided_on' FROM history WHERE table_name = 'credit_record'"
        assert [tuple(row) for row in connection.execute(text(before))] == [("serious", "2026-05-10")]
        details = "SELECT details FROM audit_event WHERE action = 'credit_correct'"
        told = connection.scalar(text(details))
    assert told["changed"] == "severity, decided_on, published_on"
    assert WHY not in str(told)
    assert _row(city, small)["decided_on"] == date(2026, 6, 1)


def test_a_withdrawn_record_counts_nowhere_and_may_be_entered_again(
    city: City, small: SmallCity, engine: Engine
) -> None:
    record = _entered(city, small)
    _withdraw(city, small, record)
    for place_id in (small.merchant_shop, small.ids["breakfast", THERE]):
        assert _reasons(city, place_id) == []
    assert _card(city, small.merchant_shop)["tier"] == "blue"
    told = _row(city, small)
    assert (told["withdrawn_on"], told["published"], told["correction"]) == (NOW.date(), False, WHY)
    assert _card(city, small.ids["breakfast", THERE], Viewer())["credit"] == []
    for step in (
        lambda: city.credit.apply(small.merchant_shop, record, BOTH, MERCHANT),
        lambda: _correct(city, small, record, act="另一事由"),
        lambda: _withdraw(city, small, record),
    ):
        with pytest.raises(UnknownRecordError):
            step()
    assert _entered(city, small) != record
    assert len(_reasons(city, small.merchant_shop)) == 1
    assert [a for _, a in _recorded(engine)] == ["credit_record", "credit_withdraw", "credit_record"]


def test_the_public_reads_that_a_record_was_corrected_and_not_why(city: City, small: SmallCity) -> None:
    _correct(city, small, _entered(city, small), act="经营标签不符的食品")
    (row,) = _card(city, small.ids["breakfast", THERE], Viewer())["credit"]
    assert (row["act"], row["corrected_on"]) == ("经营标签不符的食品", NOW.date())
    assert not {"correction", "corrected_by", "withdrawn_on"} & row.keys()


@pytest.mark.parametrize("name", ["correct", "withdraw"])
def test_a_record_stays_as_it_is_while_it_is_repaired_and_after(
    city: City, small: SmallCity, engine: Engine, name: str
) -> None:
    repair = _applied(city, small)
    record = int(_row(city, small)["id"])

    def step() -> None:
        _correct(city, small, record, severity="minor") if name == "correct" else _withdraw(
            city, small, record
        )

    before = _recorded(engine)
    with pytest.raises(UnderRepairError, match="answer the application first"):
        step()
    assert _recorded(engine) == before
    city.credit.refuse(small.merchant_shop, repair, "请补充材料", SUPERVISOR)
    step()
    assert [action for _, action in _recorded(engine)][-1] == f"credit_{name}"


@pytest.mark.parametrize("name", ["correct", "withdraw"])
def test_what_was_repaired_is_never_brought_back(
    city: City, small: SmallCity, engine: Engine, name: str
) -> None:
    _granted(city, small)
    record = int(_row(city, small)["id"])
    with pytest.raises(RepairedRecordError, match="enter the new one as a record of its own"):
        _correct(city, small, record, severity="serious") if name == "correct" else _withdraw(
            city, small, record
        )
    change = (
        "severity = 'serious'"
        if name == "correct"
        else "withdrawn_on = now(), correction = 'a', corrected_by = 'b'"
    )
    with pytest.raises(IntegrityError) as refused, engine.begin() as connection:
        connection.execute(text(f"UPDATE credit_record SET {change}"))
    assert refused.value.orig.diag.constraint_name == "ck_credit_record_repaired"  # type: ignore[union-attr]
    assert _reasons(city, small.merchant_shop) == []


def test_the_same_again_changes_nothing_and_nothing_is_no_correction(
    city: City, small: SmallCity, engine: Engine
) -> None:
    record = _entered(city, small)
    with pytest.raises(UnchangedRecordError, match="correct what is wrong"):
        _correct(city, small, record)
    for _ in range(2):  # the same button, pressed twice
        _correct(city, small, record, act="经营标签不符的食品")
    assert [action for _, action in _recorded(engine)] == ["credit_record", "credit_correct"]


@pytest.mark.parametrize(
    ("changed", "words", "parameter"),
    [
        ({"severity": "grave"}, WHY, "severity"),
        ({"published_on": "2026-05-09"}, WHY, "published_on"),
        ({"severity": "minor"}, " ", "words"),
        ({"severity": "minor"}, "字" * 501, "words"),
    ],
)
def test_what_cannot_be_meant_leaves_the_record_alone(
    city: City, small: SmallCity, changed: dict[str, str], words: str, parameter: str
) -> None:
    record = _entered(city, small)
    with pytest.raises(BadQueryError) as refused:
        _correct(city, small, record, words, **changed)
    assert refused.value.parameter == parameter
    assert (_row(city, small)["severity"], _row(city, small)["corrected_on"]) == ("general", None)


def test_no_correction_takes_the_number_of_another_record(city: City, small: SmallCity) -> None:
    first = _entered(city, small)
    _entered(city, small, number="另一号", decided_on="2026-04-01")
    with pytest.raises(KnownRecordError, match="check the number"):
        _correct(city, small, first, number="另一号")
    _withdraw(
        city, small, next(r["id"] for r in _card(city, small.merchant_shop)["credit"] if r["id"] != first)
    )
    _correct(city, small, first, number="另一号")


def test_of_two_corrections_to_one_number_at_once_one_is_made(city: City, small: SmallCity) -> None:
    one, other = _entered(city, small), None
    city.credit.enter(small.merchant_shop, RIGHT | {"number": "乙", "decided_on": "2026-04-01"}, SUPERVISOR)
    other = next(r["id"] for r in _card(city, small.merchant_shop)["credit"] if r["id"] != one)
    outcomes = _at_once(
        lambda: _correct(city, small, one, number="丙") or "done",  # type: ignore[func-returns-value]
        lambda: _correct(city, small, other, number="丙") or "done",  # type: ignore[func-returns-value]
    )
    assert {type(outcome) for outcome in outcomes} == {str, KnownRecordError}


def test_only_a_supervisor_corrects_and_withdraws(city: City, small: SmallCity, engine: Engine) -> None:
    record = _entered(city, small)
    before = _recorded(engine)
    for viewer in (MERCHANT, INSPECTOR, ADMIN, AGENCY, Viewer()):
        with pytest.raises(ForbiddenError):
            _withdraw(city, small, record, viewer)
        with pytest.raises(ForbiddenError):
            city.credit.correct(small.merchant_shop, record, RIGHT | {"act": "x"}, WHY, viewer)
    for place_id, error in ((small.red_shop, UnknownRecordError), (999_999, UnknownPlaceError)):
        with pytest.raises(error):
            city.credit.withdraw(place_id, record, WHY, SUPERVISOR)
    assert _recorded(engine) == before
