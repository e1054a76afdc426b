"""Inspection lists against a real PostGIS: what is on them, when another one is made, and tasks that are made once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from data.db import acting
from data.demo.remove import remove_demo
from data.due import HORIZON_DAYS, WORKER, Assigned, DueLists, Order, ensure_list, make_list
from data.jobs import _MORNING, make_worker
from data.status import judge_places
from data.store.due import NO_STREET, DueFilter
from layers.core.access import Role, Scope, Viewer
from layers.core.citytime import CITY_TIME, midnight
from layers.core.errors import BadQueryError, ForbiddenError, UnknownListError, YipingError
from tests.small_city import HERE, MERCHANT_USCC, NOW, THERE, SmallCity, build

SUPERVISOR = Viewer(Role.SUPERVISOR, name="supervisor")
INSPECTOR = Viewer(Role.INSPECTOR, Scope.parse(["310104"]), "inspector")
TODAY = date(2026, 11, 23)
EVERYTHING = DueFilter()
A_YEAR = timedelta(days=365)  # between two visits of a shop of middle risk and credit


@pytest.fixture
def city(engine: Engine) -> SmallCity:
    return build(engine)


@pytest.fixture
def lists(engine: Engine) -> DueLists:
    return DueLists(engine, lambda: NOW, lambda: None)


def _visit(engine: Engine, place_id: int, day: date, now: datetime = NOW) -> None:
    """Let the last visit of a place be that of a day, and judge the place."""
    with acting(engine, "test") as connection:
        connection.execute(text("DELETE FROM inspection WHERE place_id = :id"), {"id": place_id})
        connection.execute(
            text(
                "INSERT INTO inspection (place_id, source, external_id, kind, at, result) "
                "VALUES (:id, 'test', :key, 'routine', :at, 'passed')"
            ),
            {"id": place_id, "key": f"due-{place_id}", "at": midnight(day) + timedelta(hours=10)},
        )
        judge_places(connection, [place_id], now)


def _due(engine: Engine, place_id: int, day: date, now: datetime = NOW) -> None:
    """Let the next visit of a shop be due on a day."""
    _visit(engine, place_id, day - A_YEAR, now)


def _listed(lists: DueLists, wanted: DueFilter = EVERYTHING, viewer: Viewer = SUPERVISOR) -> dict[int, Any]:
    return {row["place_id"]: row for row in lists.read(wanted, viewer)["rows"]}


def _ask(engine: Engine, sql: str) -> Any:
    with engine.connect() as connection:
        return connection.scalar(text(sql))


def _at(day: date) -> datetime:
    """A moment of the morning of a day in the city."""
    return midnight(day) + timedelta(hours=6)


def test_a_row_says_what_the_verdict_says(engine: Engine, city: SmallCity, lists: DueLists) -> None:
    _due(engine, city.red_shop, TODAY - timedelta(days=3))
    _due(engine, city.merchant_shop, TODAY + timedelta(days=12))
    _due(engine, city.rtl_shop, TODAY - timedelta(days=200))
    lists.make(SUPERVISOR)
    rows = _listed(lists)
    told = {place: (row["why"], row["due_on"], row["days_over"], row["tier"]) for place, row in rows.items()}
    assert told[city.red_shop] == (
        "overdue",
        TODAY - timedelta(days=3),
        3,
        "red",
    )  # red: its permit has expired
    assert told[city.merchant_shop] == ("due_soon", TODAY + timedelta(days=12), -12, "yellow")
    assert told[city.rtl_shop] == ("long_overdue", TODAY - timedelta(days=200), 200, "red")
    assert rows[city.red_shop]["last_visit"] == TODAY - timedelta(days=3) - A_YEAR
    with engine.connect() as connection:
        said = connection.execute(
            text(
                "SELECT s.place_id, reason ->> 'code', (reason ->> 'on')::date FROM place_status s, "
                "jsonb_array_elements(s.reasons) AS e(reason) WHERE reason ->> 'code' IN ('inspection.due_soon', "
                "'inspection.overdue', 'inspection.long_overdue', 'inspection.never')"
            )
        ).all()
    assert {(p, code.removeprefix("inspection."), on) for p, code, on in said} == {
        (p, row["why"], row["due_on"]) for p, row in rows.items()
    }


def test_a_place_that_was_never_visited_is_last_of_its_street(
    engine: Engine, city: SmallCity, lists: DueLists
) -> None:
    _due(engine, city.red_shop, TODAY + timedelta(days=30))
    with acting(engine, "test") as connection:
        connection.execute(text("DELETE FROM inspection WHERE place_id = :id"), {"id": city.merchant_shop})
        connection.execute(
            text(
                'UPDATE place_status SET reasons = \'[{"code": "inspection.never", "params": {}, "on": null}]\' '
                "WHERE place_id = :id"
            ),
            {"id": city.merchant_shop},
        )
    lists.make(SUPERVISOR)
    rows = lists.read(EVERYTHING, SUPERVISOR)["rows"]
    assert [(row["place_id"], row["why"], row["due_on"]) for row in rows] == [
        (city.red_shop, "due_soon", TODAY + timedelta(days=30)),
        (city.merchant_shop, "never", None),
    ]


@pytest.mark.parametrize(
    ("made_on", "due"),
    [
        (date(2027, 12, 5), date(2028, 1, 4)),  # across the end of the year
        (date(2028, 2, 1), date(2028, 3, 2)),  # across a leap day: February has 29
        (date(2027, 2, 1), date(2027, 3, 3)),  # and 28 in other years
        (date(2028, 1, 30), date(2028, 2, 29)),  # on the leap day itself
    ],
)
def test_thirty_days_ahead_are_on_the_list_and_the_day_after_is_not(
    engine: Engine, city: SmallCity, made_on: date, due: date
) -> None:
    assert (due - made_on).days == HORIZON_DAYS
    now = _at(made_on)
    lists = DueLists(engine, lambda: now, lambda: None)
    _due(engine, city.merchant_shop, due, now)
    _due(engine, city.rtl_shop, due + timedelta(days=1), now)
    lists.make(SUPERVISOR)
    rows = _listed(lists)
    assert rows[city.merchant_shop]["why"] == "due_soon"
    assert city.rtl_shop not in rows
    _due(engine, city.merchant_shop, due + timedelta(days=1), now)
    lists.make(SUPERVISOR)
    assert city.merchant_shop not in _listed(lists)
    tomorrow = DueLists(engine, lambda: now + timedelta(days=1), lambda: None)
    tomorrow.make(SUPERVISOR)  # nobody has judged them since: making a list does
    assert city.merchant_shop in _listed(tomorrow)


def test_a_due_day_is_over_on_the_day_after(engine: Engine, city: SmallCity) -> None:
    for now, why in ((_at(TODAY), "due_soon"), (_at(TODAY) + timedelta(days=1), "overdue")):
        lists = DueLists(engine, lambda now=now: now, lambda: None)  # type: ignore[misc]
        if why == "due_soon":
            _due(engine, city.merchant_shop, TODAY, now)
        lists.make(SUPERVISOR)
        assert _listed(lists)[city.merchant_shop]["why"] == why


def test_the_day_of_a_list_is_the_city_s(engine: Engine, city: SmallCity) -> None:
    late = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)  # six in the morning of the day after
    assert make_list(engine, late, WORKER).head.day == TODAY


def test_the_same_facts_make_no_second_list_and_changed_ones_keep_the_first(
    engine: Engine, city: SmallCity, lists: DueLists
) -> None:
    _due(engine, city.red_shop, TODAY)
    first = lists.make(SUPERVISOR)
    again = lists.make(SUPERVISOR)
    assert (first.new, again.new, again.head) == (True, False, first.head)
    assert _ask(engine, "SELECT count(*) FROM audit_event WHERE action = 'make_list'") == 1
    before = _ask(engine, "SELECT jsonb_agg(i ORDER BY place_id) FROM inspection_list_item i")
    _visit(engine, city.red_shop, TODAY)
    changed = lists.make(SUPERVISOR)
    assert (changed.new, changed.head.edition, changed.head.day) == (True, 2, TODAY)
    assert city.red_shop not in _listed(lists)
    kept = "SELECT jsonb_agg(i ORDER BY place_id) FROM inspection_list_item i WHERE list_id = "
    assert _ask(engine, f"{kept}{first.head.id}") == before


def test_a_list_that_is_there_is_not_made_up_for(engine: Engine, city: SmallCity) -> None:
    for _ in range(2):
        ensure_list(engine, NOW, WORKER)
        _due(engine, city.red_shop, TODAY)
    assert _ask(engine, "SELECT count(*) FROM inspection_list") == 1


def _at_once(work: Callable[[], object], n: int) -> list[object]:
    """Do the same thing in several threads that begin together; what each returns or raises."""
    together, results = threading.Barrier(n), []

    def one() -> None:
        together.wait()
        try:
            results.append(work())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=one) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_who_make_it_at_once_make_one(engine: Engine, city: SmallCity, lists: DueLists) -> None:
    _due(engine, city.red_shop, TODAY)
    made = _at_once(lambda: lists.make(SUPERVISOR).new, 4)
    assert sorted(map(str, made)) == ["False", "False", "False", "True"]
    assert _ask(engine, "SELECT count(*) FROM inspection_list") == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inspection_list SET day = day + 1",
        "UPDATE inspection_list_item SET why = 'never', due_on = NULL",
        "UPDATE inspection_list_item SET tier = 0",
    ],
)
def test_the_database_keeps_a_list_as_it_was(
    engine: Engine, city: SmallCity, lists: DueLists, statement: str
) -> None:
    _due(engine, city.red_shop, TODAY)
    lists.make(SUPERVISOR)
    with pytest.raises(DBAPIError, match="kept as it was made"), engine.begin() as connection:
        connection.execute(text(statement))


def test_a_viewer_reads_the_rows_of_the_own_scope(engine: Engine, city: SmallCity, lists: DueLists) -> None:
    here, there = city.red_shop, city.ids["shops", THERE]
    for place in (here, there):
        _due(engine, place, TODAY)
    _street_less(engine, city.rtl_shop)
    lists.make(SUPERVISOR)
    assert set(_listed(lists)) == {here, there, city.rtl_shop}
    answer = lists.read(EVERYTHING, INSPECTOR)
    assert [row["place_id"] for row in answer["rows"]] == [here]
    assert (answer["total"], answer["counts"]["street"]) == (1, {HERE: 1})
    assert _listed(lists, DueFilter(streets=frozenset({THERE})), INSPECTOR) == {}
    merchant = Viewer(Role.MERCHANT, Scope.parse([MERCHANT_USCC]), "merchant")
    for nobody in (Viewer(), merchant):
        with pytest.raises(UnknownListError):
            lists.read(EVERYTHING, nobody)
    for may_not in (INSPECTOR, Viewer(Role.ADMIN, name="admin"), merchant):
        with pytest.raises(ForbiddenError):
            lists.make(may_not)


def _street_less(engine: Engine, place_id: int) -> None:
    _due(engine, place_id, TODAY)  # by the city's rule, which needs the code
    with acting(engine, "test") as connection:
        connection.execute(text("UPDATE place SET area_code = '' WHERE id = :id"), {"id": place_id})


def test_filters_narrow_rows_counts_and_pages_alike(engine: Engine, city: SmallCity, lists: DueLists) -> None:
    there = city.ids["shops", THERE]
    _due(engine, city.red_shop, TODAY - timedelta(days=1))
    _due(engine, city.merchant_shop, TODAY)
    _due(engine, there, TODAY - timedelta(days=9))
    _street_less(engine, city.rtl_shop)
    lists.make(SUPERVISOR)
    overdue = DueFilter(whys=frozenset({"overdue"}))
    answer = lists.read(overdue, SUPERVISOR)
    assert answer["total"] == 2
    assert answer["counts"] == {
        "layer": {"shops": 2},
        "street": {HERE: 1, THERE: 1},
        "why": {"due_soon": 2, "overdue": 2},  # its own filter left out
    }
    assert set(_listed(lists, DueFilter(streets=frozenset({NO_STREET})))) == {city.rtl_shop}
    assert set(_listed(lists, DueFilter(streets=frozenset({THERE[:6]})))) == {there}  # a whole district
    assert set(_listed(lists, DueFilter(layers=frozenset({"breakfast"})))) == set()
    seen, token = [], ""
    while token is not None:
        page = lists.read(EVERYTHING, SUPERVISOR, after=token, limit=1)
        seen += [row["place_id"] for row in page["rows"]]
        token = page["next"]
    assert seen == [city.rtl_shop, city.red_shop, city.merchant_shop, there]
    for wrong in ("nonsense", "WzEsMiwzXQ==", "IA=="):
        with pytest.raises(BadQueryError):
            lists.read(EVERYTHING, SUPERVISOR, after=wrong)


def test_an_older_day_is_there_to_be_read(engine: Engine, city: SmallCity, lists: DueLists) -> None:
    _due(engine, city.red_shop, TODAY)
    lists.make(SUPERVISOR)
    later = DueLists(engine, lambda: NOW + timedelta(days=1), lambda: None)
    _visit(engine, city.red_shop, TODAY)
    later.make(SUPERVISOR)
    assert later.days(SUPERVISOR) == [TODAY + timedelta(days=1), TODAY]
    assert city.red_shop not in _listed(later)
    assert city.red_shop in _listed(later, DueFilter(day=TODAY))
    with pytest.raises(UnknownListError):
        later.read(DueFilter(day=date(2020, 1, 1)), SUPERVISOR)


def _order(lists: DueLists, *places: int, streets: frozenset[str] = frozenset(), days: int = 7) -> Order:
    head = lists.read(EVERYTHING, SUPERVISOR)["list"]
    by = lists.today() + timedelta(days=days)
    return Order(list_id=head["id"], place_ids=places, streets=streets, wanted=EVERYTHING, by=by)


def test_a_task_is_made_once_however_often_it_is_asked_for(
    engine: Engine, city: SmallCity, lists: DueLists
) -> None:
    _due(engine, city.red_shop, TODAY - timedelta(days=3))
    lists.make(SUPERVISOR)
    order = _order(lists, city.red_shop)
    assert lists.assign(order, SUPERVISOR) == Assigned(1, 0, 0)
    assert lists.assign(order, SUPERVISOR) == Assigned(0, 1, 0)
    with engine.connect() as connection:
        case = connection.execute(text("SELECT * FROM \"case\" WHERE source = 'due'")).one()
    assert (case.place_id, case.kind, case.stage, case.nature) == (city.red_shop, "task", "dispatched", "")
    assert case.title.startswith("待检查：检查已超期")
    assert case.due_at.astimezone(CITY_TIME).isoformat() == "2026-11-30T23:59:59+08:00"
    assert _listed(lists)[city.red_shop]["case_id"] == case.id
    assert _ask(engine, "SELECT count(*) FROM audit_event WHERE action = 'assign'") == 1
    codes = f"SELECT jsonb_path_query_array(reasons, '$[*].code') FROM place_status WHERE place_id = {city.red_shop}"
    assert "cases.open" in _ask(engine, codes)  # judged again in the same transaction
    assert not lists.make(SUPERVISOR).new  # the same rows, one of which has a task now


def test_two_who_give_out_a_task_at_once_make_one(engine: Engine, city: SmallCity, lists: DueLists) -> None:
    places = (city.red_shop, city.merchant_shop, city.rtl_shop)
    for place in places:
        _due(engine, place, TODAY)
    lists.make(SUPERVISOR)
    order = _order(lists, *places)
    results = _at_once(lambda: lists.assign(order, SUPERVISOR), 4)
    assert sorted(r.made for r in results if isinstance(r, Assigned)) == [0, 0, 0, 3]
    assert _ask(engine, "SELECT count(*) FROM \"case\" WHERE source = 'due'") == 3


def test_lists_of_two_days_make_one_task_of_a_place(engine: Engine, city: SmallCity, lists: DueLists) -> None:
    _due(engine, city.red_shop, TODAY)
    lists.make(SUPERVISOR)
    old = _order(lists, city.red_shop)
    later = DueLists(engine, lambda: NOW + timedelta(days=1), lambda: None)
    later.make(SUPERVISOR)
    new = _order(later, city.red_shop)
    results = _at_once(lambda: (lists.assign(old, SUPERVISOR).made, later.assign(new, SUPERVISOR).made), 2)
    assert sorted(sum(pair) for pair in results if isinstance(pair, tuple)) == [0, 1]
    assert _ask(engine, "SELECT count(*) FROM \"case\" WHERE source = 'due'") == 1
    assert _listed(later)[city.red_shop]["case_id"] is not None
    later_still = DueLists(engine, lambda: NOW + timedelta(days=2), lambda: None)
    later_still.make(SUPERVISOR)  # a list made afterwards knows of the open task
    assert _listed(later_still)[city.red_shop]["case_id"] is not None


def test_a_street_is_given_out_whole_and_who_was_visited_meanwhile_is_spared(
    engine: Engine, city: SmallCity, lists: DueLists
) -> None:
    there = city.ids["shops", THERE]
    for place in (city.red_shop, city.merchant_shop, there):
        _due(engine, place, TODAY)
    lists.make(SUPERVISOR)
    _visit(engine, city.merchant_shop, TODAY)
    assert lists.assign(_order(lists, streets=frozenset({HERE})), SUPERVISOR) == Assigned(1, 0, 1)
    assert _ask(engine, "SELECT array_agg(place_id) FROM \"case\" WHERE source = 'due'") == [city.red_shop]


def test_a_task_that_was_done_is_not_made_again_from_the_same_row(
    engine: Engine, city: SmallCity, lists: DueLists
) -> None:
    _due(engine, city.red_shop, TODAY)
    lists.make(SUPERVISOR)
    lists.assign(_order(lists, city.red_shop), SUPERVISOR)
    with acting(engine, "test") as connection:
        connection.execute(
            text("UPDATE \"case\" SET stage = 'closed', closed_at = opened_at WHERE source = 'due'")
        )
    assert lists.assign(_order(lists, city.red_shop), SUPERVISOR) == Assigned(0, 1, 0)


@pytest.mark.parametrize(
    ("who", "days", "places", "zh"),
    [
        (INSPECTOR, 7, 1, "只有值班长可以派发任务"),
        (SUPERVISOR, -1, 1, "完成日期 2026-11-22 不对"),
        (SUPERVISOR, 366, 1, "2027-11-23"),
        (SUPERVISOR, 7, 0, "还没有选择"),
    ],
)
def test_what_cannot_be_given_out_is_refused_in_words(
    engine: Engine, city: SmallCity, lists: DueLists, who: Viewer, days: int, places: int, zh: str
) -> None:
    _due(engine, city.red_shop, TODAY)
    lists.make(SUPERVISOR)
    with pytest.raises(YipingError) as refused:
        lists.assign(_order(lists, *[city.red_shop][:places], days=days), who)
    assert zh in refused.value.text.zh
    assert _ask(engine, "SELECT count(*) FROM \"case\" WHERE source = 'due'") == 0


def test_more_tasks_than_one_looks_over_are_refused(
    engine: Engine, city: SmallCity, lists: DueLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.due.MOST_TASKS", 1)
    for place in (city.red_shop, city.merchant_shop):
        _due(engine, place, TODAY)
    lists.make(SUPERVISOR)
    with pytest.raises(YipingError, match="At most 1 tasks"):
        lists.assign(_order(lists, streets=frozenset({HERE})), SUPERVISOR)
    assert _ask(engine, "SELECT count(*) FROM \"case\" WHERE source = 'due'") == 0


def test_a_list_of_the_demo_city_goes_with_it(engine: Engine, city: SmallCity, lists: DueLists) -> None:
    _due(engine, city.red_shop, TODAY)
    lists.make(SUPERVISOR)
    with acting(engine, "test") as connection:
        connection.execute(text("UPDATE place SET source = 'demo'"))
        remove_demo(connection)
    assert _ask(engine, "SELECT count(*) FROM inspection_list") == 0


def test_the_worker_makes_it_at_six_in_the_city(database_url: str, tmp_path: Path) -> None:
    tasks = make_worker(database_url, tmp_path).periodic_registry.periodic_tasks.values()
    morning = next(task for task in tasks if task.cron == _MORNING)
    following = datetime.fromtimestamp(
        morning.croniter.get_next(ret_type=float, start_time=NOW.timestamp()), UTC
    )
    assert following.astimezone(CITY_TIME) == datetime(2026, 11, 24, 6, 0, tzinfo=CITY_TIME)
