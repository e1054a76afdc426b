"""Cases over a real database: the way from red to closed, what each step leaves behind, and that each happens once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from data.city import City
from data.db import acting
from data.store.audit import broken_link
from data.store.case_board import CaseFilter
from data.store.casework import NewCase, Taken
from data.store.inspections import Visit
from layers.core.access import Role, Scope, Viewer
from layers.core.casework import Stage, Step
from layers.core.errors import (
    BadQueryError,
    ConflictError,
    ForbiddenError,
    UnknownCaseError,
    UnknownPlaceError,
)
from layers.core.facts import InspectionResult
from layers.core.verdict import ReasonKey
from tests.small_city import NOW, SmallCity, add_draw, add_list, add_officers, build

SUPERVISOR = Viewer(Role.SUPERVISOR, name="supervisor")
INSPECTOR = Viewer(Role.INSPECTOR, Scope.parse(["310104"]), "inspector")
ELSEWHERE = Viewer(Role.INSPECTOR, Scope.parse(["310110"]), "elsewhere")
ADMIN = Viewer(Role.ADMIN, name="admin")
MERCHANT = Viewer(Role.MERCHANT, name="merchant")
DUE = date(2026, 11, 30)
SPOT = {"lon": 121.4501, "lat": 31.18, "accuracy_m": 12.0}


@pytest.fixture
def small(engine: Engine) -> SmallCity:
    return build(engine)


@pytest.fixture
def city(database_url: str, small: SmallCity) -> Iterator[City]:
    city = City(database_url, lambda: NOW)
    yield city
    city.stop()


def _picture(colour: str = "red", form: str = "JPEG") -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, form)
    return out.getvalue()


def _reason(city: City, place_id: int) -> ReasonKey:
    reasons = city.card(place_id, SUPERVISOR)["properties"]["reasons"]
    red = next(reason for reason in reasons if reason["tier"] == "red")
    return ReasonKey(red["code"], red["rule_id"], red["fact"])


def _opened(city: City, small: SmallCity) -> int:
    about = _reason(city, small.red_shop)
    new = NewCase(place_id=small.red_shop, title="食品经营许可证过期", request="request-1", about=about)
    return city.cases.open_case(new, SUPERVISOR).case_id


def _take(city: City, case_id: int, step: Step, seen: Stage, viewer: Viewer, **given: Any) -> dict[str, Any]:
    given = {"request": f"{step}-{seen}-request"} | given
    city.cases.take(case_id, Taken(step=step, seen=seen, **given), viewer)
    return city.cases.read(case_id, viewer)


def _dispatched(city: City, small: SmallCity) -> int:
    case_id = _opened(city, small)
    _take(city, case_id, Step.DISPATCH, Stage.FILED, SUPERVISOR, handler="inspector", due_on=DUE)
    return case_id


def _ask(engine: Engine, sql: str, **values: object) -> Any:
    with engine.connect() as connection:
        return connection.scalar(text(sql), values)


def test_from_red_to_closed(city: City, small: SmallCity, engine: Engine) -> None:
    case_id = _dispatched(city, small)
    handed = city.cases.read(case_id, INSPECTOR)
    assert (handed["stage"], handed["handler"], handed["tier"]) == ("dispatched", "inspector", "red")
    assert handed["due_at"].isoformat() == "2026-11-30T15:59:59+00:00"
    assert handed["steps"] == ["begin", "return", "finish"]
    assert any(
        reason["code"].startswith("cases.")
        for reason in city.card(small.red_shop, SUPERVISOR)["properties"]["reasons"]
    )
    _take(city, case_id, Step.BEGIN, Stage.DISPATCHED, INSPECTOR)
    photo = city.cases.add_photo(case_id, _picture(), INSPECTOR)
    done = _take(
        city,
        case_id,
        Step.FINISH,
        Stage.HANDLING,
        INSPECTOR,
        words="已责令停业并换证",
        photo_id=photo,
        **SPOT,
    )
    assert (done["stage"], done["steps"]) == ("checked", [])
    assert done["past"][-1]["distance_m"] == pytest.approx(9.5, abs=0.2)
    closed = _take(city, case_id, Step.CLOSE, Stage.CHECKED, SUPERVISOR)
    assert (closed["stage"], closed["closed_by"], closed["closed_at"]) == ("closed", "supervisor", NOW)
    assert [step["step"] for step in closed["past"]] == ["file", "dispatch", "begin", "finish", "close"]
    reasons = city.card(small.red_shop, SUPERVISOR)["properties"]["reasons"]
    assert not any(reason["code"].startswith("cases.") for reason in reasons)
    assert city.cases.photo(case_id, photo, SUPERVISOR).content == _picture()
    with engine.connect() as connection:
        assert broken_link(connection) is None
    assert _ask(engine, "SELECT count(*) FROM audit_event WHERE subject = :s", s=f"case:{case_id}") == 6
    told = _ask(engine, "SELECT string_agg(details::text, ' ') FROM audit_event")
    assert "责令" not in told  # what people write stays with the case


def test_a_case_is_opened_once_for_a_request_and_once_for_a_reason(city: City, small: SmallCity) -> None:
    first = _opened(city, small)
    assert _opened(city, small) == first
    about = _reason(city, small.red_shop)
    again = NewCase(place_id=small.red_shop, title="许可证过期", request="request-2", about=about)
    with pytest.raises(ConflictError, match="open already"):
        city.cases.open_case(again, SUPERVISOR)
    _take(city, first, Step.VOID, Stage.FILED, SUPERVISOR, words="重复建单")
    assert city.cases.open_case(again, SUPERVISOR).new
    other = replace(again, request="request-3", about=None)
    assert city.cases.open_case(other, SUPERVISOR).new  # not of a reason: as many as are needed


def test_a_step_sent_twice_is_taken_once(city: City, small: SmallCity) -> None:
    case_id = _dispatched(city, small)
    given = {"handler": "inspector", "due_on": DUE}
    _take(city, case_id, Step.DISPATCH, Stage.FILED, SUPERVISOR, **given)  # the very same request
    assert len(city.cases.read(case_id, SUPERVISOR)["past"]) == 2


def test_of_two_who_act_on_the_same_stage_one_is_told(city: City, small: SmallCity, engine: Engine) -> None:
    case_id = _opened(city, small)
    add_officers(engine, "second officer")
    together, results = threading.Barrier(2), list[object]()

    def dispatch(handler: str) -> None:
        together.wait()
        try:
            given = {"request": f"to-{handler}".replace(" ", "-"), "handler": handler, "due_on": DUE}
            results.append(_take(city, case_id, Step.DISPATCH, Stage.FILED, SUPERVISOR, **given))
        except ConflictError as error:
            results.append(error)

    threads = [threading.Thread(target=dispatch, args=(name,)) for name in ("inspector", "second officer")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(isinstance(result, ConflictError) for result in results) == [False, True]


@pytest.mark.parametrize(
    ("given", "parameter"),
    [
        ({"handler": "elsewhere", "due_on": DUE}, "handler"),  # nobody who covers the place
        ({"handler": "", "due_on": DUE}, "handler"),
        ({"handler": "inspector"}, "due_on"),
    ],
)
def test_a_dispatch_names_an_officer_of_the_area_and_a_day(
    city: City, small: SmallCity, given: dict[str, Any], parameter: str
) -> None:
    case_id = _opened(city, small)
    with pytest.raises(BadQueryError) as refused:
        _take(city, case_id, Step.DISPATCH, Stage.FILED, SUPERVISOR, **given)
    assert refused.value.parameter == parameter
    assert city.cases.read(case_id, SUPERVISOR)["stage"] == "filed"


def test_more_time_ends_later_than_before(city: City, small: SmallCity) -> None:
    case_id = _dispatched(city, small)
    with pytest.raises(BadQueryError, match="later than 2026-11-30"):
        _take(city, case_id, Step.EXTEND, Stage.DISPATCHED, SUPERVISOR, words="等待商户换证", due_on=DUE)
    longer = DUE + timedelta(days=1)
    more = _take(
        city, case_id, Step.EXTEND, Stage.DISPATCHED, SUPERVISOR, words="等待商户换证", due_on=longer
    )
    assert more["due_at"].isoformat().startswith("2026-12-01")
    assert more["stage"] == "dispatched"


def test_nothing_is_done_without_a_photo_of_this_case_and_a_position(city: City, small: SmallCity) -> None:
    case_id = _dispatched(city, small)
    other = city.cases.open_case(
        NewCase(place_id=small.red_shop, title="另一件事", request="request-9"), SUPERVISOR
    ).case_id
    strange = city.cases.add_photo(other, _picture(), SUPERVISOR)
    own = city.cases.add_photo(case_id, _picture(), INSPECTOR)
    for given in ({"photo_id": None, **SPOT}, {"photo_id": strange, **SPOT}, {"photo_id": own}):
        with pytest.raises(BadQueryError):
            _take(city, case_id, Step.FINISH, Stage.DISPATCHED, INSPECTOR, words="已处置完毕", **given)
    assert city.cases.read(case_id, INSPECTOR)["stage"] == "dispatched"


def test_back_again_and_redone(city: City, small: SmallCity) -> None:
    case_id = _dispatched(city, small)
    back = _take(city, case_id, Step.RETURN, Stage.DISPATCHED, INSPECTOR, words="不在我的片区")
    assert (back["stage"], back["steps"]) == ("returned", [])
    _take(
        city,
        case_id,
        Step.DISPATCH,
        Stage.RETURNED,
        SUPERVISOR,
        request="dispatch-again",
        handler="inspector",
        due_on=DUE,
    )
    photo = city.cases.add_photo(case_id, _picture("blue", "PNG"), INSPECTOR)
    _take(city, case_id, Step.FINISH, Stage.DISPATCHED, INSPECTOR, words="已处置完毕", photo_id=photo, **SPOT)
    redo = _take(city, case_id, Step.REWORK, Stage.CHECKED, SUPERVISOR, words="照片看不清门头")
    assert redo["stage"] == "handling"
    assert city.cases.read(case_id, INSPECTOR)["steps"] == ["return", "finish"]


def test_who_may_know_of_a_case(city: City, small: SmallCity) -> None:
    case_id = _dispatched(city, small)
    for stranger in (ELSEWHERE, MERCHANT, Viewer()):
        with pytest.raises(UnknownCaseError):
            city.cases.read(case_id, stranger)
        with pytest.raises(UnknownCaseError):
            _take(city, case_id, Step.BEGIN, Stage.DISPATCHED, stranger)
        with pytest.raises(UnknownCaseError):
            city.cases.add_photo(case_id, _picture(), stranger)
    assert city.cases.read(case_id, ADMIN)["steps"] == []
    with pytest.raises(ForbiddenError):
        _take(city, case_id, Step.BEGIN, Stage.DISPATCHED, ADMIN)
    with pytest.raises(UnknownCaseError):
        city.cases.board(MERCHANT, CaseFilter(), 10)
    for who, refusal in ((INSPECTOR, ForbiddenError), (MERCHANT, ForbiddenError)):
        with pytest.raises(refusal):
            city.cases.open_case(NewCase(place_id=1, title="四个字的", request="request-7"), who)
    with pytest.raises(UnknownPlaceError):
        city.cases.open_case(NewCase(place_id=10**9, title="四个字的", request="request-8"), SUPERVISOR)


def _report(engine: Engine, small: SmallCity, **changed: object) -> int:
    """Add a report of a breach under a name; returns its number."""
    given = {"place": small.red_shop, "reporter": "李小明", "opened": NOW - timedelta(days=2)} | changed
    sql = (
        'INSERT INTO "case" (place_id, source, external_id, kind, nature, title, stage, reporter, opened_at) VALUES '
        "(:place, 'test', 'report', 'complaint', 'report', '后厨卫生差', 'received', :reporter, :opened) RETURNING id"
    )
    with acting(engine, "test") as connection:
        return int(connection.execute(text(sql), given).scalar_one())


def test_who_reported_is_told_in_time_and_stays_secret(city: City, small: SmallCity, engine: Engine) -> None:
    case_id = _report(engine, small)
    _take(city, case_id, Step.ACCEPT, Stage.RECEIVED, SUPERVISOR)
    filed = _take(city, case_id, Step.FILE, Stage.RECEIVED, SUPERVISOR)
    assert filed["inform_by"] == date(2026, 11, 30)
    assert (filed["reporter"], "inform" in filed["steps"]) == ("李*", True)
    assert "reporter" not in city.cases.read(case_id, ADMIN)
    told = _take(city, case_id, Step.INFORM, Stage.FILED, SUPERVISOR)
    assert (told["inform_by"], told["informed_on"], told["stage"]) == (None, date(2026, 11, 23), "filed")
    assert "inform" not in told["steps"]


def test_a_refused_report_is_over_but_its_reporter_is_still_told(
    city: City, small: SmallCity, engine: Engine
) -> None:
    case_id = _report(engine, small)
    over = _take(city, case_id, Step.REFUSE, Stage.RECEIVED, SUPERVISOR, words="不属本部门职责")
    assert (over["stage"], over["closed_by"], over["inform_by"]) == ("void", "supervisor", date(2026, 11, 30))
    _take(city, case_id, Step.INFORM, Stage.VOID, SUPERVISOR)
    assert city.cases.read(case_id, SUPERVISOR)["closed_at"] == NOW  # as it was


def test_the_board_counts_every_case_once_and_pages_without_a_gap(
    city: City, small: SmallCity, engine: Engine
) -> None:
    late = _dispatched(city, small)
    with acting(engine, "test") as connection:
        connection.execute(text('UPDATE "case" SET due_at = opened_at WHERE id = :id'), {"id": late})
    for n in range(5):
        new = NewCase(place_id=small.rtl_shop, title="补拍门头照片", request=f"request-{n}0")
        city.cases.open_case(new, SUPERVISOR)
    board = city.cases.board(SUPERVISOR, CaseFilter(), 100)
    assert board["total"] == sum(board["stages"].values()) == 6
    assert (board["stages"]["filed"], board["stages"]["dispatched"]) == (5, 1)
    seen, after = list[int](), ""
    while True:
        page = city.cases.board(SUPERVISOR, CaseFilter(), 4, after)
        seen += [row["id"] for row in page["rows"]]
        if (after := page["next"]) is None:
            break
    assert seen == [row["id"] for row in board["rows"]]
    assert seen[0] == late  # what has a day comes first
    assert len(set(seen)) == 6
    mine = city.cases.board(INSPECTOR, CaseFilter(mine=True), 10)
    assert [row["id"] for row in mine["rows"]] == [late]
    assert city.cases.board(ELSEWHERE, CaseFilter(), 10)["total"] == 0
    assert city.cases.board(SUPERVISOR, CaseFilter(stages=frozenset({"closed"})), 10)["total"] == 1
    with pytest.raises(BadQueryError, match="after"):
        city.cases.board(SUPERVISOR, CaseFilter(), 10, "nonsense")


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.4 not a photo", b"<svg xmlns='http://www.w3.org/2000/svg'/>", _picture()[:200]],
    ids=["nothing", "pdf", "svg", "cut off"],
)
def test_what_is_no_photo_is_refused(city: City, small: SmallCity, content: bytes) -> None:
    case_id = _dispatched(city, small)
    with pytest.raises(BadQueryError, match="no photo"):
        city.cases.add_photo(case_id, content, INSPECTOR)


def test_photos_that_are_too_large_are_refused(city: City, small: SmallCity) -> None:
    case_id = _dispatched(city, small)
    with pytest.raises(BadQueryError, match="4 MB"):
        city.cases.add_photo(case_id, _picture() + bytes(4 * 1024 * 1024), INSPECTOR)
    huge = BytesIO()
    Image.new("1", (10_000, 6_000)).save(huge, "PNG")
    with pytest.raises(BadQueryError, match="pixels"):
        city.cases.add_photo(case_id, huge.getvalue(), INSPECTOR)


def test_the_same_photo_twice_is_one(city: City, small: SmallCity) -> None:
    case_id = _dispatched(city, small)
    assert city.cases.add_photo(case_id, _picture(), INSPECTOR) == city.cases.add_photo(
        case_id, _picture(), INSPECTOR
    )


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE case_step SET words = 'x'",
        "DELETE FROM case_step",
        "UPDATE case_photo SET width = 1",
        "DELETE FROM case_photo",
        "UPDATE \"case\" SET closed_at = now(), closed_by = handler WHERE handler <> ''",
    ],
)
def test_the_database_keeps_what_was_done(city: City, small: SmallCity, engine: Engine, sql: str) -> None:
    case_id = _dispatched(city, small)
    city.cases.add_photo(case_id, _picture(), INSPECTOR)
    with pytest.raises(DBAPIError), acting(engine, "somebody") as connection:
        connection.execute(text(sql))


def test_a_task_of_a_draw_is_answered_by_its_visit_and_not_here(
    city: City, small: SmallCity, engine: Engine
) -> None:
    add_draw(engine)
    drawn = _ask(engine, "SELECT min(id) FROM \"case\" WHERE source = 'draw'")
    with pytest.raises(UnknownCaseError):
        city.cases.read(drawn, SUPERVISOR)
    with pytest.raises(UnknownCaseError):
        _take(city, drawn, Step.EXTEND, Stage.DISPATCHED, SUPERVISOR, words="等待换证", due_on=DUE)


def test_a_visit_answers_the_tasks_of_lists(database_url: str, small: SmallCity, engine: Engine) -> None:
    add_list(engine, small)
    place = small.rtl_shop
    with acting(engine, "test") as connection:
        task = (
            'INSERT INTO "case" (place_id, source, external_id, kind, title, stage, opened_at) '
            "VALUES (:place, 'due', '1:task', 'task', '到期检查', 'dispatched', :now)"
        )
        connection.execute(text(task), {"place": place, "now": NOW})
    _visit(database_url, place, InspectionResult.NO_ENTRY, "first")
    assert _ask(engine, "SELECT closed_at FROM \"case\" WHERE source = 'due'") is None  # nobody was in
    _visit(database_url, place, InspectionResult.PASSED, "second")
    assert _ask(engine, "SELECT stage FROM \"case\" WHERE source = 'due'") == "closed"


def _visit(database_url: str, place: int, result: InspectionResult, key: str) -> None:
    at: datetime = NOW + timedelta(hours=1)
    city = City(database_url, lambda: at)
    try:
        visit = Visit(place_id=place, at=at, result=result, key=key, again=True, check_code=f"JC{key}")
        city.record_visit(visit, INSPECTOR)
    finally:
        city.stop()
