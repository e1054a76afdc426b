"""Rules changed by an administrator: tried before they are made, from a day on, on the record, and judged by."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from data.jobs import make_worker
from data.queue import FOLLOW_RULES, RULES_LOCK, ask_worker
from data.rulebook import Proposal, RuleBook
from data.rules import packaged_rules, rules_of
from data.status import follow_rules, judge_due, verdict_of
from data.store.audit import broken_link
from data.tables import registry
from layers.core.access import Role, Viewer
from layers.core.citytime import day_of, midnight
from layers.core.errors import ConflictError, ForbiddenError, YipingError
from layers.core.tiers import TIERS, Tier
from tests.small_city import NOW, SmallCity, build

ADMIN = Viewer(Role.ADMIN, name="admin", user_id=1)
TODAY = day_of(NOW)
SHOPS = registry["shops"]


class Book:
    """A rule book whose clock can be set, and how often it has asked for places to be judged."""

    def __init__(self, engine: Engine) -> None:
        self.now = NOW
        self.asked = 0
        self.book = RuleBook(engine, lambda: self.now, self._ask)

    def _ask(self) -> None:
        self.asked += 1


@pytest.fixture
def city(engine: Engine) -> SmallCity:
    """A small city in a fresh database."""
    return build(engine)


@pytest.fixture
def book(engine: Engine, city: SmallCity) -> Book:
    """A book over it."""
    return Book(engine)


def proposal(**changed: Any) -> Proposal:
    """Return a change by which a shop whose food permit ran out is no longer red but yellow, from today on."""
    rule = packaged_rules(SHOPS).rule("food_permit", TODAY)
    assert rule is not None
    tiers = {**rule.tiers, "expired": Tier.YELLOW}
    usual = Proposal(
        layer="shops",
        rule_id="food_permit",
        city="",
        version=packaged_rules(SHOPS).version,
        since=TODAY,
        said={},
        tiers=tiers,
        source="试点通知",
        verified=False,
        why="试点期间从宽处理",
    )
    return replace(usual, **changed)


def tier_of(engine: Engine, place_id: int) -> Tier:
    with engine.connect() as connection:
        sql = text("SELECT tier FROM place_status WHERE place_id = :id")
        return TIERS[int(connection.scalar(sql, {"id": place_id}) or 0)]


def test_a_trial_counts_what_would_change_and_writes_nothing(
    engine: Engine, city: SmallCity, book: Book
) -> None:
    effect = book.book.try_out(proposal(), ADMIN)
    assert effect.judged == effect.places == 5
    assert effect.moves == {(Tier.RED, Tier.YELLOW): 1}
    assert [place["id"] for place in effect.named] == [city.red_shop]
    assert tier_of(engine, city.red_shop) is Tier.RED
    assert book.book.changes(ADMIN) == []
    assert book.asked == 0


def test_what_was_tried_is_what_comes(engine: Engine, city: SmallCity, book: Book) -> None:
    [expected] = book.book.try_out(proposal(), ADMIN).named
    assert book.book.save(proposal(), ADMIN) == 1
    assert book.asked == 1
    follow_rules(engine, NOW)
    assert tier_of(engine, city.red_shop) is expected["new"] is Tier.YELLOW
    assert follow_rules(engine, NOW) == 0


def test_the_past_stays_as_it_was_judged(engine: Engine, city: SmallCity, book: Book) -> None:
    book.book.save(proposal(), ADMIN)
    with engine.connect() as connection:
        found = [verdict_of(connection, city.red_shop, NOW - timedelta(days=n)) for n in (1, 0)]
    assert [one[1].tier for one in found if one] == [Tier.RED, Tier.YELLOW]


def test_a_change_that_is_ahead_turns_the_places_on_its_day(
    engine: Engine, city: SmallCity, book: Book
) -> None:
    since = TODAY + timedelta(days=10)
    book.book.save(proposal(since=since), ADMIN)
    follow_rules(engine, NOW)
    assert tier_of(engine, city.red_shop) is Tier.RED
    judge_due(engine, midnight(since) - timedelta(minutes=1))
    assert tier_of(engine, city.red_shop) is Tier.RED
    judge_due(engine, midnight(since))
    assert tier_of(engine, city.red_shop) is Tier.YELLOW


def test_a_change_that_is_ahead_can_be_withdrawn_once(engine: Engine, book: Book) -> None:
    number = book.book.save(proposal(since=TODAY + timedelta(days=1)), ADMIN)
    book.book.withdraw(number, ADMIN)
    with engine.connect() as connection:
        assert rules_of(connection, SHOPS) == packaged_rules(SHOPS)
    with pytest.raises(ConflictError, match="withdrawn"):
        book.book.withdraw(number, ADMIN)
    [told] = book.book.changes(ADMIN)
    assert told["withdrawn_by"] == "admin"


def test_one_in_force_stays(book: Book) -> None:
    number = book.book.save(proposal(), ADMIN)
    with pytest.raises(ConflictError, match="make another change"):
        book.book.withdraw(number, ADMIN)


def test_who_looked_at_an_older_table_is_told(book: Book) -> None:
    book.book.save(proposal(), ADMIN)
    with pytest.raises(ConflictError, match="reload"):
        book.book.save(proposal(why="第二个人不知道第一个人的修改"), ADMIN)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"since": TODAY - timedelta(days=1)}, "the past stays"),
        ({"since": date(9999, 12, 31)}, "the past stays"),
        ({"why": "四个字吧"}, "State the reason"),
        ({"source": " "}, "State the source"),
        ({"rule_id": "nothing"}, "No version of this rule"),
        ({"city": "11"}, "No version of this rule"),
        ({"layer": "moons"}, "There is no layer"),
        ({"said": {("expiring",): "soon"}}, "cannot be read"),
        ({"said": {("kinds",): "passport"}}, "the layer has no 'passport'"),
        ({"tiers": {"expired": Tier.RED, "stolen": Tier.RED}}, "no outcome 'stolen'"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    engine: Engine, book: Book, changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(YipingError, match=message):
        book.book.save(proposal(**changed), ADMIN)
    assert book.book.changes(ADMIN) == []
    with engine.connect() as connection:
        assert not connection.scalar(text("SELECT count(*) FROM audit_event WHERE action = 'change_rule'"))


def test_a_form_that_changes_nothing_is_refused(book: Book) -> None:
    rule = packaged_rules(SHOPS).rule("food_permit", TODAY)
    assert rule is not None
    with pytest.raises(YipingError, match="Nothing is changed"):
        book.book.try_out(proposal(tiers=rule.tiers, source=rule.source.zh), ADMIN)


def test_author_reason_and_what_differs_are_kept(engine: Engine, book: Book) -> None:
    book.book.save(proposal(said={("expiring",): "60, 7"}), ADMIN)
    [told] = book.book.changes(ADMIN)
    differs = {path: (old, new) for path, old, new in told["differs"]}
    assert differs[("expiring",)] == ("90, 30, 7", "60, 7")
    assert differs[("tiers", "expired")] == ("red", "yellow")
    assert (told["created_by"], told["why"]) == ("admin", "试点期间从宽处理")
    with engine.connect() as connection:
        sql = "SELECT actor, subject, details ->> 'rule' FROM audit_event WHERE action = 'change_rule'"
        assert [tuple(row) for row in connection.execute(text(sql))] == [
            ("admin", "rule_change:1", "food_permit")
        ]
        assert broken_link(connection) is None


@pytest.mark.parametrize("sql", ["UPDATE rule_change SET entry = ''", "DELETE FROM rule_change"])
def test_the_database_keeps_a_change_as_it_was_made(engine: Engine, book: Book, sql: str) -> None:
    book.book.save(proposal(), ADMIN)
    with pytest.raises(DBAPIError, match="kept as it was made"), engine.begin() as connection:
        connection.execute(text(sql))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_else_tries_makes_reads_or_withdraws(book: Book, role: Role) -> None:
    who = Viewer(role, name="x", user_id=2)
    for act in (
        lambda: book.book.try_out(proposal(), who),
        lambda: book.book.save(proposal(), who),
        lambda: book.book.changes(who),
        lambda: book.book.withdraw(1, who),
    ):
        with pytest.raises(ForbiddenError):
            act()


def test_a_sample_says_how_far_it_may_be_wrong(
    engine: Engine, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.what_if.MOST_JUDGED", 3)
    effect = book.book.try_out(proposal(), ADMIN)
    assert (effect.judged, effect.places) == (3, effect.places)
    about, wrong = effect.estimate
    assert 0 <= about <= effect.places
    assert (wrong > 0) == (0 < effect.changed < 3)


def test_a_change_that_a_new_package_does_not_fit_stops_the_judgement(
    engine: Engine, city: SmallCity
) -> None:
    entry = 'id = "gone"\ncheck = "cases"\nsource = "s"\nverified = false\nvalid_from = 2026-01-01\n'
    with engine.begin() as connection:
        sql = (
            "INSERT INTO rule_change (layer, rule_id, city, valid_from, entry, why) "
            "VALUES ('shops', 'gone', '', '2026-01-01', :entry, 'why')"
        )
        connection.execute(text(sql), {"entry": entry})
    with engine.connect() as connection, pytest.raises(YipingError, match="change 1 is of gone"):
        rules_of(connection, SHOPS)


def test_the_worker_is_asked_once_and_judges(
    engine: Engine, database_url: str, city: SmallCity, tmp_path: Path
) -> None:
    ask = partial(ask_worker, database_url, FOLLOW_RULES, RULES_LOCK)
    RuleBook(engine, lambda: NOW, ask).save(proposal(), ADMIN)
    ask()
    with engine.connect() as connection:
        sql = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'follow_rules'"
        assert connection.scalar(text(sql)) == 1
    with ThreadPoolExecutor(1) as apart:  # a browser of other tests may keep a loop of its own in this thread
        apart.submit(make_worker(database_url, tmp_path).run_worker, wait=False).result()
    assert tier_of(engine, city.red_shop) is Tier.YELLOW
