"""Draws against a real PostGIS: pools, tasks that are made once, replay, recusals, and results that become public."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from data.city import City
from data.db import acting
from data.demo.remove import remove_demo
from data.draws import Draws, Made, Replay
from data.publications import Publications
from data.rulebook import Proposal, RuleBook
from data.store import cards
from data.store.draws import PoolFilter
from data.store.inspections import Visit
from data.store.recusals import Declaration
from data.tables import registry
from layers.core.access import Role, Scope, Viewer
from layers.core.citytime import CITY_TIME, day_of
from layers.core.draw import USUAL_TICKETS, Drawn, draw, pools_from
from layers.core.errors import ConflictError, ForbiddenError, UnknownDrawError, UnknownPlaceError, YipingError
from layers.core.facts import InspectionResult
from tests.small_city import (
    FORMULA,
    HERE,
    MERCHANT_USCC,
    NOW,
    THERE,
    SmallCity,
    add_draw,
    add_officers,
    build,
    order,
)

SUPERVISOR = Viewer(Role.SUPERVISOR, name="supervisor")
INSPECTOR = Viewer(Role.INSPECTOR, Scope.parse(["310104"]), "inspector")
ELSEWHERE = Viewer(Role.INSPECTOR, Scope.parse(["310110"]), "elsewhere")
ADMIN = Viewer(Role.ADMIN, name="admin")
MERCHANT = Viewer(Role.MERCHANT, Scope.parse([MERCHANT_USCC]), "merchant")
SECOND = "second officer"
SHOPS = PoolFilter(layer="shops")


@pytest.fixture
def city(engine: Engine) -> SmallCity:
    return build(engine)


@pytest.fixture
def made(engine: Engine) -> Draws:
    return Draws(engine, lambda: NOW, lambda: None)


@pytest.fixture
def published(engine: Engine) -> Publications:
    return Publications(engine, lambda: NOW, lambda: None)


def _ask(engine: Engine, sql: str, **values: object) -> Any:
    with engine.connect() as connection:
        return connection.scalar(text(sql), values)


def _declared(about: str, officer: str = "inspector", why: str = "配偶在该店工作") -> Declaration:
    return Declaration(officer=officer, about=about, why=why)


def _visit(
    database_url: str, place_id: int, who: Viewer = INSPECTOR, days: int = 1, **told: Any
) -> dict[str, Any]:
    """Record a visit some days after the draw, as the tablet does; returns the card."""
    now = NOW + timedelta(days=days)
    there = City(database_url, lambda: now)
    try:
        code = f"JC{place_id}-{days}"
        told = {"result": InspectionResult.PASSED, "again": True, "check_code": code} | told
        return there.record_visit(Visit(place_id=place_id, at=now, **told), who)["properties"]
    finally:
        there.stop()


def _at_once(*works: Callable[[], object]) -> list[object]:
    """Do some things in threads that begin together; what each returns or raises."""
    together, results = threading.Barrier(len(works)), []

    def one(work: Callable[[], object]) -> None:
        together.wait()
        try:
            results.append(work())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=one, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


# -- pools ------------------------------------------------------------------------------------------------------------


def test_the_pools_are_places_under_filters_and_inspectors_who_cover_them(
    engine: Engine, city: SmallCity, made: Draws
) -> None:
    add_officers(engine, SECOND, "gone")
    with acting(engine, "test") as connection:
        connection.execute(text("UPDATE app_user SET active = false WHERE name = 'gone'"))
        connection.execute(
            text(
                "INSERT INTO app_user (name, password_hash, role, scope) VALUES ('far', 'x', 'inspector', '{310110}')"
            )
        )
        connection.execute(
            text("INSERT INTO layer_shops (place_id, credit_risk) VALUES (:red, 'D'), (:mine, 'A')"),
            {"red": city.red_shop, "mine": city.merchant_shop},
        )

    def sizes(**narrowed: Any) -> tuple[int, int, int]:
        found = made.preview(replace(SHOPS, **narrowed), USUAL_TICKETS, SUPERVISOR)
        return found.targets, found.officers, found.short

    assert sizes() == (5, 3, 1)  # the one there has a single officer
    assert sizes(streets=frozenset({HERE})) == sizes(streets=frozenset({HERE[:6]})) == (4, 2, 0)
    assert sizes(streets=frozenset({THERE})) == (1, 1, 1)
    assert sizes(credits=frozenset({"D", "A"})) == (2, 2, 0)
    assert sizes(tiers=frozenset({"red"})) == (1, 2, 0)
    assert sizes(categories=frozenset({"cafe"})) == (0, 0, 0)
    found = made.preview(replace(SHOPS, streets=frozenset({HERE})), USUAL_TICKETS, SUPERVISOR)
    assert found.credits == {"A": 1, "B": 0, "C": 0, "D": 1, "": 2}


def test_layers_without_credit_are_drawn_too(engine: Engine, city: SmallCity, made: Draws) -> None:
    add_officers(engine, SECOND)
    nights = PoolFilter(layer="nights", streets=frozenset({HERE}))
    number = made.make(order(1, filters=nights), SUPERVISOR).draw_id
    assert [row["name"] for row in made.read(number, SUPERVISOR)["rows"]] == [f"nights-{HERE}"]


# -- making -----------------------------------------------------------------------------------------------------------


def test_a_draw_makes_a_task_for_each_place_with_two_officers(
    engine: Engine, city: SmallCity, made: Draws
) -> None:
    number = add_draw(engine)
    answer = made.read(number, SUPERVISOR)
    assert (answer["draw"]["seed"], answer["draw"]["seed_given"], answer["draw"]["n"]) == (
        "双色球 2026137",
        True,
        4,
    )
    assert [row["position"] for row in answer["rows"]] == [1, 2, 3, 4]
    assert all({row["officer"], row["second_officer"]} == {"inspector", SECOND} for row in answer["rows"])
    with engine.connect() as connection:
        tasks = connection.execute(
            text("SELECT * FROM \"case\" WHERE source = 'draw' ORDER BY place_id")
        ).all()
    assert [task.place_id for task in tasks] == sorted(row["place_id"] for row in answer["rows"])
    assert {(task.kind, task.stage, task.title) for task in tasks} == {
        ("task", "dispatched", "双随机检查：秋季抽查")
    }
    assert tasks[0].due_at.astimezone(CITY_TIME).isoformat() == "2026-12-20T23:59:59+08:00"
    codes = "SELECT jsonb_path_query_array(reasons, '$[*].code') FROM place_status WHERE place_id = :id"
    assert "cases.open" in _ask(engine, codes, id=city.red_shop)  # judged again in the same transaction
    assert (
        _ask(engine, "SELECT details ->> 'seed' FROM audit_event WHERE action = 'draw'") == "双色球 2026137"
    )


def test_who_is_on_duty_reads_the_officers_on_the_card_and_whom_they_visit_does_not(
    engine: Engine, city: SmallCity
) -> None:
    add_draw(engine)
    with engine.connect() as connection:
        said = {
            viewer.role: cards.card(connection, city.merchant_shop, viewer, day_of(NOW))["properties"][
                "cases"
            ][0]
            for viewer in (SUPERVISOR, INSPECTOR, ADMIN, MERCHANT)
        }
    for role in (Role.SUPERVISOR, Role.INSPECTOR):
        assert sorted(said[role]["officers"]) == ["inspector", SECOND]
    for role in (Role.ADMIN, Role.MERCHANT):
        assert "officers" not in said[role]


def test_a_seed_of_ours_is_unlike_any_other_and_kept(engine: Engine, city: SmallCity, made: Draws) -> None:
    add_officers(engine, SECOND)
    numbers = [made.make(order(1, f"form {k}", seed="  "), SUPERVISOR).draw_id for k in range(2)]
    first, second = (made.read(number, SUPERVISOR)["draw"] for number in numbers)
    assert not first["seed_given"]
    assert len(first["seed"]) == 32
    assert first["seed"] != second["seed"]


def test_anybody_can_replay_a_draw_from_what_is_told_of_it(
    engine: Engine, city: SmallCity, made: Draws
) -> None:
    answer = made.read(add_draw(engine), SUPERVISOR)
    head = answer["draw"]
    again = draw(head["seed"], pools_from(answer["pools"], head["tickets"]), head["n"])
    assert list(again) == [
        Drawn(row["place_id"], (row["officer"], row["second_officer"])) for row in answer["rows"]
    ]
    assert made.replay(head["id"], INSPECTOR) == Replay(same=True, gone=0)


def test_a_replay_finds_what_was_changed_behind_our_back(
    engine: Engine, city: SmallCity, made: Draws
) -> None:
    number = add_draw(engine)
    with engine.begin() as connection:
        for statement in (
            "ALTER TABLE draw_result DISABLE TRIGGER kept",
            "UPDATE draw_result SET officer = 'friend' WHERE position = 2",
            "ALTER TABLE draw_result ENABLE TRIGGER kept",
        ):
            connection.execute(text(statement))
    assert made.replay(number, SUPERVISOR) == Replay(same=False, gone=0)


def test_a_place_that_is_gone_is_no_difference(engine: Engine, city: SmallCity, made: Draws) -> None:
    number = add_draw(engine)
    with acting(engine, "test") as connection:
        connection.execute(text("DELETE FROM place WHERE id = :id"), {"id": city.rtl_shop})
    assert made.replay(number, SUPERVISOR) == Replay(same=True, gone=1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE draw SET seed = 'another'",
        "UPDATE draw SET pools = '{}'",
        "UPDATE draw_result SET officer = 'friend'",
        "UPDATE recusal SET officer = 'friend'",
        "UPDATE recusal SET ended_at = NULL, ended_by = ''",
        "DELETE FROM recusal",
    ],
)
def test_the_database_keeps_a_draw_and_a_recusal_as_they_were(
    engine: Engine, city: SmallCity, made: Draws, statement: str
) -> None:
    add_draw(engine)
    made.end_recusal(made.recuse(_declared(str(city.red_shop)), SUPERVISOR), SUPERVISOR)
    with pytest.raises(DBAPIError, match="is kept as it was"), engine.begin() as connection:
        connection.execute(text(statement))


def test_the_same_form_sent_at_once_makes_one_draw(engine: Engine, city: SmallCity, made: Draws) -> None:
    add_officers(engine, SECOND)
    results = _at_once(*[lambda: made.make(order(4), SUPERVISOR)] * 4)
    assert sorted(one.new for one in results if isinstance(one, Made)) == [False, False, False, True]
    assert len({one.draw_id for one in results if isinstance(one, Made)}) == 1
    assert _ask(engine, "SELECT count(*) FROM \"case\" WHERE source = 'draw'") == 4
    assert _ask(engine, "SELECT count(*) FROM audit_event WHERE action = 'draw'") == 1


def test_two_draws_at_once_each_have_their_own_tasks(engine: Engine, city: SmallCity, made: Draws) -> None:
    add_officers(engine, SECOND)
    results = _at_once(
        lambda: made.make(order(4, "one"), SUPERVISOR),
        lambda: made.make(order(4, "two", "other"), SUPERVISOR),
    )
    assert [one.new for one in results if isinstance(one, Made)] == [True, True]
    sql = 'SELECT count(*) FROM draw_result r JOIN "case" c ON c.id = r.case_id AND c.place_id = r.place_id'
    assert _ask(engine, f"{sql} AND c.external_id = r.draw_id || ':' || r.place_id") == 8
    numbers = [one.draw_id for one in results if isinstance(one, Made)]
    assert all(made.replay(number, SUPERVISOR).same for number in numbers)


@pytest.mark.parametrize(
    ("who", "given", "zh"),
    [
        (INSPECTOR, {}, "只有值班长可以发起"),
        (ADMIN, {}, "只有值班长可以发起"),
        (SUPERVISOR, {"n": 5}, "请填 1 到 4"),
        (SUPERVISOR, {"n": 0}, "请填 1 到 4"),
        (SUPERVISOR, {"n": 1001}, "最多抽取 1,000"),
        (SUPERVISOR, {"title": " "}, "须有名称"),
        (SUPERVISOR, {"title": "长" * 61}, "最多 60 个字"),
        (SUPERVISOR, {"by": date(2026, 11, 22)}, "完成日期 2026-11-22 不对"),
        (SUPERVISOR, {"by": date(2027, 11, 24)}, "到 2027-11-23"),
        (SUPERVISOR, {"seed": "a\nb"}, "种子须为一行"),
        (SUPERVISOR, {"filters": replace(SHOPS, categories=frozenset({"cafe"}))}, "没有可抽的点位"),
        (
            SUPERVISOR,
            {"filters": replace(SHOPS, streets=frozenset({THERE})), "n": 1},
            f"shops-{THERE} 除去回避",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words_and_leaves_nothing(
    engine: Engine, city: SmallCity, made: Draws, who: Viewer, given: dict[str, Any], zh: str
) -> None:
    add_officers(engine, SECOND)
    with pytest.raises(YipingError) as refused:
        made.make(order(given.pop("n", 4), **given), who)
    assert zh in refused.value.text.zh
    assert _ask(engine, "SELECT count(*) FROM draw") == 0
    assert _ask(engine, "SELECT count(*) FROM \"case\" WHERE source = 'draw'") == 0


def test_a_pool_too_large_is_to_be_filtered(
    engine: Engine, city: SmallCity, made: Draws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.store.draws.MOST_POOL", 4)
    with pytest.raises(YipingError, match="more than 4 places: filter first"):
        made.preview(SHOPS, USUAL_TICKETS, SUPERVISOR)
    assert made.preview(replace(SHOPS, streets=frozenset({HERE})), USUAL_TICKETS, SUPERVISOR).targets == 4


# -- reading ----------------------------------------------------------------------------------------------------------


def test_a_draw_is_read_as_far_as_the_scope_reaches(engine: Engine, city: SmallCity, made: Draws) -> None:
    add_officers(engine, SECOND)
    with acting(engine, "test") as connection:
        connection.execute(text("UPDATE app_user SET scope = '{310104,310110}' WHERE role = 'inspector'"))
    number = made.make(order(5, filters=SHOPS), SUPERVISOR).draw_id
    here = made.make(order(1, "here"), SUPERVISOR).draw_id
    assert len(made.read(number, ADMIN)["rows"]) == 5
    assert "pools" not in made.read(number, ADMIN)
    answer = made.read(number, INSPECTOR)
    assert len(answer["rows"]) == 4
    assert "pools" not in answer
    assert [row["name"] for row in made.read(number, ELSEWHERE)["rows"]] == [f"shops-{THERE}"]
    heads, total = made.heads(ELSEWHERE)
    assert (total, [(head["id"], head["places"]) for head in heads]) == (1, [(number, 1)])
    assert [head["id"] for head in made.heads(SUPERVISOR)[0]] == [here, number]
    assert made.heads(SUPERVISOR, limit=1)[1] == 2
    for viewer, hidden in ((ELSEWHERE, here), (MERCHANT, number), (Viewer(), number), (SUPERVISOR, 999)):
        with pytest.raises(UnknownDrawError):
            made.read(hidden, viewer)
        with pytest.raises(UnknownDrawError):
            made.replay(hidden, viewer)
        with pytest.raises(UnknownDrawError):
            made.export(hidden, viewer, "csv")


# -- visits -----------------------------------------------------------------------------------------------------------


def test_a_visit_by_an_officer_who_was_drawn_closes_the_task_and_is_a_random_check(
    engine: Engine, city: SmallCity, made: Draws, database_url: str
) -> None:
    number = add_draw(engine)
    _visit(database_url, city.red_shop)
    _visit(database_url, city.rtl_shop, SUPERVISOR)  # who was not drawn
    _visit(database_url, city.merchant_shop, SUPERVISOR, second_inspector=SECOND)
    rows = {row["place_id"]: row for row in made.read(number, SUPERVISOR)["rows"]}
    assert [rows[place]["kind"] for place in (city.red_shop, city.merchant_shop)] == ["random", "random"]
    assert rows[city.red_shop]["task_closed"] == NOW + timedelta(days=1)
    assert rows[city.red_shop]["publish_by"] == date(2026, 12, 22)
    assert (rows[city.rtl_shop]["inspection_id"], rows[city.rtl_shop]["task_closed"]) == (None, None)
    assert _ask(engine, "SELECT kind FROM inspection WHERE inspector = 'supervisor' ORDER BY id") == "routine"
    (head,), _ = made.heads(SUPERVISOR)
    assert (head["places"], head["visited"], head["published"]) == (4, 2, 0)


def test_who_finds_nobody_in_has_to_come_again(
    engine: Engine, city: SmallCity, made: Draws, database_url: str
) -> None:
    number = add_draw(engine)
    _visit(database_url, city.red_shop, result=InspectionResult.NO_ENTRY)
    rows = {row["place_id"]: row for row in made.read(number, SUPERVISOR)["rows"]}
    assert (rows[city.red_shop]["inspection_id"], rows[city.red_shop]["task_closed"]) == (None, None)
    _visit(database_url, city.red_shop, days=2)
    rows = {row["place_id"]: row for row in made.read(number, SUPERVISOR)["rows"]}
    assert rows[city.red_shop]["visited_at"] == NOW + timedelta(days=2)


def test_a_visit_before_the_draw_is_no_answer_to_it(
    engine: Engine, city: SmallCity, made: Draws, database_url: str
) -> None:
    number = add_draw(engine)
    _visit(database_url, city.red_shop, days=-1)
    assert {row["inspection_id"] for row in made.read(number, SUPERVISOR)["rows"]} == {None}
    assert _ask(engine, "SELECT count(*) FROM \"case\" WHERE source = 'draw' AND closed_at IS NULL") == 4


# -- recusals ---------------------------------------------------------------------------------------------------------


def test_who_is_recused_is_not_drawn(engine: Engine, city: SmallCity, made: Draws) -> None:
    add_officers(engine, SECOND, "third officer")
    made.recuse(_declared(str(city.red_shop)), INSPECTOR)
    made.recuse(_declared(MERCHANT_USCC.lower(), SECOND), SUPERVISOR)  # the firm, and so its shop
    number = made.make(order(4), SUPERVISOR).draw_id
    officers = {
        row["place_id"]: {row["officer"], row["second_officer"]}
        for row in made.read(number, SUPERVISOR)["rows"]
    }
    assert officers[city.red_shop] == {SECOND, "third officer"}
    assert officers[city.merchant_shop] == {"inspector", "third officer"}
    assert made.preview(replace(SHOPS, streets=frozenset({HERE})), USUAL_TICKETS, SUPERVISOR).recusals == 2


def test_a_recusal_leaves_too_few_until_it_is_ended(engine: Engine, city: SmallCity, made: Draws) -> None:
    add_officers(engine, SECOND)
    number = made.recuse(_declared(MERCHANT_USCC), SUPERVISOR)
    with pytest.raises(YipingError) as refused:
        made.make(order(4), SUPERVISOR)
    assert f"抽中的点位 {FORMULA} 除去回避后只有 1 名检查员" in refused.value.text.zh
    for _ in range(2):
        made.end_recusal(number, SUPERVISOR)
    assert _ask(engine, "SELECT count(*) FROM audit_event WHERE action = 'end_recusal'") == 1
    assert made.make(order(4), SUPERVISOR).new
    assert made.recusals(SUPERVISOR) == []


def test_a_recusal_that_is_declared_meanwhile_is_either_heeded_or_seen_to_be_later(
    engine: Engine, city: SmallCity, made: Draws
) -> None:
    add_officers(engine, SECOND, "third officer")
    for k in range(5):
        results = _at_once(
            lambda k=k: made.make(order(4, f"form {k}", f"seed {k}"), SUPERVISOR),
            lambda: made.recuse(_declared(str(city.red_shop)), INSPECTOR),
        )
        assert not [one for one in results if isinstance(one, Exception)]
        number = next(one.draw_id for one in results if isinstance(one, Made))
        answer = made.read(number, SUPERVISOR)
        row = next(row for row in answer["rows"] if row["place_id"] == city.red_shop)
        heeded = ["inspector", city.red_shop] in answer["pools"]["recusals"]
        assert "inspector" not in (row["officer"], row["second_officer"]) if heeded else True
        assert row["recused"] == (
            ["inspector"] if "inspector" in (row["officer"], row["second_officer"]) else []
        )
        assert made.replay(number, SUPERVISOR).same
        made.end_recusal(made.recusals(SUPERVISOR)[0]["id"], SUPERVISOR)


@pytest.mark.parametrize(
    ("who", "told", "error"),
    [
        (INSPECTOR, {"officer": SECOND}, ForbiddenError),
        (ADMIN, {}, ForbiddenError),
        (MERCHANT, {"officer": "merchant"}, ForbiddenError),
        (SUPERVISOR, {"officer": "nobody"}, YipingError),
        (SUPERVISOR, {"officer": "supervisor"}, YipingError),
        (SUPERVISOR, {"why": " a "}, YipingError),
        (SUPERVISOR, {"why": "长" * 201}, YipingError),
        (SUPERVISOR, {"about": "999999"}, UnknownPlaceError),
        (SUPERVISOR, {"about": "nothing"}, YipingError),
        (INSPECTOR, {"about": "THERE"}, UnknownPlaceError),
    ],
)
def test_what_cannot_be_declared_is_refused(
    engine: Engine, city: SmallCity, made: Draws, who: Viewer, told: dict[str, str], error: type[YipingError]
) -> None:
    add_officers(engine, SECOND)
    about = told.pop("about", str(city.red_shop)).replace("THERE", str(city.ids["shops", THERE]))
    with pytest.raises(error):
        made.recuse(_declared(about, **told), who)
    assert _ask(engine, "SELECT count(*) FROM recusal") == 0


def test_a_recusal_is_declared_once_and_read_by_whom_it_concerns(
    engine: Engine, city: SmallCity, made: Draws
) -> None:
    add_officers(engine, SECOND)
    number = made.recuse(_declared(f" {city.red_shop} "), INSPECTOR)
    made.recuse(_declared(MERCHANT_USCC, SECOND), SUPERVISOR)
    with pytest.raises(ConflictError, match="recused from it already"):
        made.recuse(_declared(str(city.red_shop)), SUPERVISOR)
    assert [row["officer"] for row in made.recusals(SUPERVISOR)] == ["inspector", SECOND]
    assert [row["id"] for row in made.recusals(INSPECTOR)] == [number]
    assert made.recusals(ADMIN) == []
    assert made.officers(INSPECTOR) == ["inspector"]
    assert made.officers(SUPERVISOR) == ["inspector", SECOND]
    with pytest.raises(ForbiddenError):
        made.end_recusal(number, INSPECTOR)
    assert "配偶" not in _ask(engine, "SELECT string_agg(details::text, '') FROM audit_event")


# -- publication ------------------------------------------------------------------------------------------------------


def test_a_result_is_made_public_once_and_for_good(
    engine: Engine, city: SmallCity, published: Publications
) -> None:
    visit = _ask(engine, "SELECT id FROM inspection WHERE place_id = :id", id=city.red_shop)
    changes = _ask(engine, "SELECT count(*) FROM change")
    assert published.publish(visit, SUPERVISOR) == city.red_shop
    assert _ask(engine, "SELECT published_on FROM inspection WHERE id = :id", id=visit) == date(2026, 11, 23)
    assert _ask(engine, "SELECT count(*) FROM change") > changes  # open cards hear of it
    later = Publications(engine, lambda: NOW + timedelta(days=9), lambda: None)
    with pytest.raises(ConflictError, match="public already"):
        later.publish(visit, SUPERVISOR)
    assert _ask(engine, "SELECT published_on FROM inspection WHERE id = :id", id=visit) == date(2026, 11, 23)
    assert _ask(engine, "SELECT count(*) FROM audit_event WHERE action = 'publish'") == 1


def test_two_who_publish_at_once_do_it_once(engine: Engine, city: SmallCity, published: Publications) -> None:
    visit = _ask(engine, "SELECT id FROM inspection WHERE place_id = :id", id=city.red_shop)
    results = _at_once(*[lambda: published.publish(visit, SUPERVISOR)] * 3)
    assert sum(isinstance(one, ConflictError) for one in results) == 2
    assert _ask(engine, "SELECT count(*) FROM audit_event WHERE action = 'publish'") == 1


@pytest.mark.parametrize("who", [INSPECTOR, ADMIN, MERCHANT, Viewer()])
def test_a_supervisor_alone_publishes(
    engine: Engine, city: SmallCity, made: Draws, published: Publications, who: Viewer
) -> None:
    number = add_draw(engine)
    with pytest.raises(ForbiddenError):
        published.publish(1, who)
    with pytest.raises(ForbiddenError):
        made.publish(number, who)
    assert _ask(engine, "SELECT count(published_on) FROM inspection") == 0


def test_what_is_no_result_is_not_published(engine: Engine, city: SmallCity, published: Publications) -> None:
    with acting(engine, "test") as connection:
        connection.execute(text("UPDATE inspection SET kind = 'unannounced'"))
    with pytest.raises(ConflictError, match="of a kind that never is"):
        published.publish(_ask(engine, "SELECT min(id) FROM inspection"), SUPERVISOR)
    with pytest.raises(YipingError, match="no visit 999"):
        published.publish(999, SUPERVISOR)


def test_a_draw_publishes_all_its_visits_at_once(
    engine: Engine, city: SmallCity, made: Draws, database_url: str
) -> None:
    number = add_draw(engine)
    for place in (city.red_shop, city.rtl_shop):
        _visit(database_url, place)
    assert made.publish(number, SUPERVISOR) == 2
    assert made.publish(number, SUPERVISOR) == 0
    rows = made.read(number, SUPERVISOR)["rows"]
    assert {row["published_on"] for row in rows if row["inspection_id"]} == {date(2026, 11, 23)}
    assert (
        _ask(engine, "SELECT count(published_on) FROM inspection") == 2
    )  # and no other visit of these places


def test_late_publications_are_counted_in_the_scope(
    engine: Engine, city: SmallCity, published: Publications
) -> None:
    for place, day in (
        (city.red_shop, "2026-10-23"),
        (city.rtl_shop, "2026-10-26"),
        (city.merchant_shop, "2022-03-14"),
    ):
        with acting(engine, "test") as connection:
            connection.execute(
                text(
                    "UPDATE inspection SET at = CAST(:day || ' 23:59+08' AS timestamptz) WHERE place_id = :place"
                ),
                {"day": day, "place": place},
            )
    rows, total = published.overdue(SUPERVISOR, 10)  # by 20 November, by 23 November, and by no rule
    assert (total, [(row["place_id"], row["publish_over"]) for row in rows]) == (1, [(city.red_shop, 3)])
    tomorrow = Publications(engine, lambda: NOW + timedelta(days=1), lambda: None)
    assert [row["place_id"] for row in tomorrow.overdue(INSPECTOR, 10)[0]] == [city.red_shop, city.rtl_shop]
    assert tomorrow.overdue(ADMIN, 1)[1] == 2
    assert tomorrow.overdue(ELSEWHERE, 10) == ([], 0)
    with pytest.raises(UnknownDrawError):
        published.overdue(MERCHANT, 10)


def test_a_deadline_that_was_changed_counts_for_visits_from_that_day_on(
    engine: Engine, city: SmallCity, published: Publications
) -> None:
    rules = RuleBook(engine, lambda: NOW, lambda: None)
    since = day_of(NOW) + timedelta(days=1)
    sooner = Proposal(
        layer="shops",
        rule_id="publication",
        city="",
        version=rules.table(registry["shops"]).version,
        since=since,
        said={("working_days",): "5"},
        tiers={},
        source="试点通知",
        verified=False,
        why="试点期间提前公开",
    )
    rules.save(sooner, ADMIN)
    visits = ((city.red_shop, day_of(NOW)), (city.rtl_shop, since))
    with acting(engine, "test") as connection:
        for place, day in visits:
            moved = (
                "UPDATE inspection SET at = CAST(:day || ' 10:00+08' AS timestamptz) WHERE place_id = :place"
            )
            connection.execute(text(moved), {"day": day.isoformat(), "place": place})
    later = Publications(engine, lambda: NOW + timedelta(days=9), lambda: None)
    rows, _ = later.overdue(SUPERVISOR, 10)
    late = {row["place_id"]: row["publish_by"] for row in rows}
    assert late[city.rtl_shop] == date(2026, 12, 1)
    assert city.red_shop not in late  # visited the day before: twenty working days, as they were


def test_a_draw_and_recusals_of_the_demo_city_go_with_it(
    engine: Engine, city: SmallCity, made: Draws
) -> None:
    add_draw(engine)
    made.recuse(_declared(str(city.red_shop)), SUPERVISOR)
    with acting(engine, "test") as connection:
        connection.execute(text("UPDATE place SET source = 'demo'"))
        remove_demo(connection)
    assert _ask(engine, "SELECT count(*) FROM draw") == 0
    assert _ask(engine, "SELECT count(*) FROM recusal") == 0
