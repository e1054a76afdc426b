"""The demo district's draws (双随机): one that is done but for a result nobody has published, and one half way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from data.demo.records import SOURCE
from data.draws import Order, write_draw
from data.store import draws, recusals
from data.store.draws import PoolFilter
from data.store.recusals import Declaration
from layers.core.access import Role, Viewer
from layers.core.citytime import add_days, day_of, midnight
from layers.core.draw import USUAL_TICKETS, Drawn

_SUPERVISOR = Viewer(Role.SUPERVISOR, name="supervisor")
_CATERING = PoolFilter(
    layer="shops",
    streets=frozenset({"310104003", "310104014"}),
    categories=frozenset({"restaurant", "snack", "fast_food"}),
)
_SWEET = PoolFilter(layer="shops", categories=frozenset({"cafe", "drinks", "bakery"}))


@dataclass(frozen=True, slots=True)
class _Story:
    """A draw and what came of it: how long ago, how many places, and of these visited and published."""

    title: str
    filters: PoolFilter
    seed: str
    ago: int
    n: int
    visited: int
    published: int


# Of the first, the last visit is long past the 20 working days, whatever holidays lie between.
STORIES = (
    _Story("餐饮店双随机抽查", _CATERING, "双色球 2026103", 75, 12, 12, 11),
    _Story("饮品烘焙店双随机抽查", _SWEET, "双色球 2026131", 9, 15, 6, 2),
)


def add_draws(connection: Connection, at: datetime) -> list[int]:
    """Write the draws as of an aware moment, once places and officers are there; returns their numbers."""
    numbers = []
    _recuse(connection, at - timedelta(days=200))
    for story in STORIES:
        drawn_at = midnight(add_days(day_of(at), -story.ago)) + timedelta(hours=9)
        order = Order(
            request=f"{SOURCE}-{story.ago}",
            title=story.title,
            filters=story.filters,
            n=story.n,
            by=add_days(day_of(drawn_at), 30),
            seed=story.seed,
            tickets=USUAL_TICKETS,
        )
        draw_id, _ = write_draw(connection, order, story.seed, drawn_at, _SUPERVISOR.name)
        drawn = draws.stored(connection, draw_id)
        for position in range(1, story.visited + 1):
            _visit(connection, draw_id, position, drawn[position], story, drawn_at)
        numbers.append(draw_id)
    return numbers


def _recuse(connection: Connection, at: datetime) -> None:
    """Let one officer be recused from a place of the first pool."""
    place = min(target.place for target in draws.pools(connection, _CATERING, USUAL_TICKETS).targets)
    officer = draws.officer_names(connection)[-1]
    told = Declaration(officer=officer, about=str(place), why="亲属在该店工作")
    recusals.declare(connection, _SUPERVISOR, told, at)


def _visit(
    connection: Connection, draw_id: int, position: int, drawn: Drawn, story: _Story, drawn_at: datetime
) -> None:
    """Write the visit to a drawn place, one a day, and close its task."""
    at = drawn_at + timedelta(days=position, hours=position % 6)
    mend = (
        position == story.visited and story.published < story.visited - 1
    )  # the newest one still has to mend
    sql = (
        "INSERT INTO inspection (place_id, source, external_id, kind, at, result, minor, follow_up_due, note, "
        "inspector, second_inspector, check_code, level, published_on) VALUES (:place, :source, :key, :kind, :at, "
        ":result, :minor, :mend_by, :note, :first, :second, :code, 'district', :published)"
    )
    given: dict[str, Any] = {"place": drawn.place, "source": SOURCE, "kind": draws.RANDOM, "at": at}
    given |= {"key": f"D{draw_id}-{position}", "code": f"JC9{draw_id:03d}{position:04d}"}
    given |= {"first": drawn.officers[0], "second": drawn.officers[1], "minor": 2 if mend else position % 3}
    given |= {
        "result": "conditional" if mend else "passed",
        "mend_by": add_days(day_of(at), 14) if mend else None,
    }
    given |= {"note": "后厨地面积水，限期整改" if mend else "现场检查符合要求"}
    given |= {"published": add_days(day_of(at), 2) if position <= story.published else None}
    connection.execute(text(sql), given)
    tasks = draws.open_tasks(connection, drawn.place, drawn.officers, at)
    draws.close_tasks(connection, tasks, at)
