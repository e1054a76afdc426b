"""The demo district's draws: one done but for a late publication, one half way, and both can be replayed."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import text

from data.db import make_engine
from data.demo.draws import STORIES
from data.draws import Draws, Replay
from data.publications import Publications
from data.rules import packaged_rules
from data.tables import registry
from layers.core.access import Role, Scope, Viewer
from layers.core.citytime import day_of, midnight
from layers.core.publication import covered
from tests.data.demo.conftest import AT

SUPERVISOR = Viewer(Role.SUPERVISOR, name="supervisor")
INSPECTOR = Viewer(Role.INSPECTOR, Scope.parse(["310104"]), "inspector")


def test_the_draws_tell_their_stories(demo_database: str) -> None:
    engine = make_engine(demo_database)
    draws = Draws(engine, lambda: AT, lambda: None)
    heads, total = draws.heads(INSPECTOR)
    assert total == len(STORIES) == 2
    told = [(head["title"], head["places"], head["visited"], head["published"]) for head in reversed(heads)]
    assert told == [(story.title, story.n, story.visited, story.published) for story in STORIES]
    assert [draws.replay(head["id"], SUPERVISOR) for head in heads] == [Replay(same=True, gone=0)] * 2
    rows = draws.read(heads[0]["id"], SUPERVISOR)["rows"]
    assert {row["kind"] for row in rows} == {"random", None}
    assert all((row["task_closed"] is None) == (row["inspection_id"] is None) for row in rows)
    assert len(draws.recusals(SUPERVISOR)) == 1
    engine.dispose()


def test_one_publication_is_overdue(demo_database: str) -> None:
    engine = make_engine(demo_database)
    rows, total = Publications(engine, lambda: AT, lambda: None).overdue(SUPERVISOR, 10)
    assert (total, len(rows)) == (1, 1)
    with engine.connect() as connection:
        drawn = connection.scalar(
            text("SELECT count(*) FROM draw_result WHERE place_id = :id"), {"id": rows[0]["place_id"]}
        )
    assert drawn == 1
    engine.dispose()


def test_the_first_draw_is_old_enough_whatever_holidays_lie_between() -> None:
    first = STORIES[0]
    rules = packaged_rules(registry["shops"])
    for n in range(3 * 366):
        today = day_of(midnight(date(2025, 1, 1))) + timedelta(days=n)
        assert today - timedelta(days=first.ago - first.visited) <= covered(rules, today)[-1].late
