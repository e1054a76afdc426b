"""Draws (双随机一公开) as the web sees them: made once, read, replayed, published, exported.

What makes a draw trustworthy: the seed is fixed before the pools are read, in the same transaction; it is public words
(the numbers of a lottery, say) or one of ours that nobody could know; seed, weights and pools are kept with the draw,
which is never altered, so `replay` or anybody else can draw again; and each draw is on the record, so that nobody can
draw until they like what comes out without leaving a trace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from data.db import acting, asking, reading
from data.publications import check_publishes, publish_all, standings
from data.status import judge_places
from data.store import audit, draws, recusals
from data.store.draws import NewDraw, PoolFilter
from data.store.recusals import Declaration
from data.task_days import check_day, end_of
from layers.core.access import Action, Viewer
from layers.core.citytime import day_of
from layers.core.draw import (
    OFFICERS,
    DrawError,
    Drawn,
    Pools,
    TooFewOfficersError,
    draw,
    new_seed,
    officers_of,
    pools_from,
    seed_from,
)
from layers.core.errors import ForbiddenError, UnknownDrawError, YipingError
from layers.core.text import Text

MOST_DRAWN = 1000
MOST_TITLE = 60
SHOWN = 50  # draws of the list


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A draw that is asked for; an empty `seed` asks for one of ours, and `request` makes sending it twice harmless."""

    request: str
    title: str
    filters: PoolFilter
    n: int
    by: date
    seed: str = ""
    tickets: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Made:
    """The number of a draw, and whether it was made just now."""

    draw_id: int
    new: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """How large the pools are now; `short`: places that have fewer than two officers after recusal."""

    targets: int
    officers: int
    recusals: int
    short: int
    credits: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Replay:
    """Whether what is stored comes out again, and how many of its places are gone since."""

    same: bool
    gone: int


class Draws:
    """Questions and commands about draws and recusals; every one takes the viewer."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime], written: Callable[[], object]) -> None:
        """`written` is called after a write, so that who has written reads it on the map too."""
        self._engine = engine
        self._clock = clock
        self._written = written

    def today(self) -> date:
        """Return the city's present day."""
        return day_of(self._clock())

    def heads(self, viewer: Viewer, limit: int = SHOWN) -> tuple[list[dict[str, Any]], int]:
        """Return the newest draws that concern a viewer, with their progress, and how many there are."""
        _check_reads(viewer)
        with asking(self._engine) as connection:
            return draws.heads(connection, viewer, limit)

    def read(self, draw_id: int, viewer: Viewer) -> dict[str, Any]:
        """Return a draw and what was drawn inside the viewer's scope; for who draws also the pools.

        Raises `UnknownDrawError` also where nothing of it lies inside the scope.
        """
        today = self.today()
        with reading(self._engine) as connection:
            head, found = self._known(connection, draw_id, viewer)
            pools = draws.snapshot(connection, draw_id) if viewer.may(Action.DRAW) else None
            answer = {"draw": head, "rows": standings(connection, found, today)}
        return answer | ({"pools": pools} if pools else {})

    def preview(self, wanted: PoolFilter, tickets: Mapping[str, int], viewer: Viewer) -> Preview:
        """Return how large the pools of a draw would be; raises `ForbiddenError` and `DrawError`."""
        _check_draws(viewer)
        with asking(self._engine) as connection:
            pools = _pools(connection, wanted, tickets)
        may_visit, credits = officers_of(pools), dict.fromkeys(tickets, 0)
        for target in pools.targets:
            credits[target.credit] += 1
        short = sum(len(may_visit(target)) < OFFICERS for target in pools.targets)
        return Preview(len(pools.targets), len(pools.officers), len(pools.recusals), short, credits)

    def make(self, order: Order, viewer: Viewer) -> Made:
        """Draw, and write the draw, its results and a task for each place, in one transaction.

        Raises `ForbiddenError`, `DrawError`, and `YipingError` for what cannot be.
        """
        _check_draws(viewer)
        now = self._clock()
        _check_order(order, day_of(now))
        seed = seed_from(order.seed) if order.seed.strip() else new_seed()
        with acting(self._engine, viewer.name) as connection:
            draws.lock(connection)
            known = draws.of_request(connection, order.request)
            made = (
                Made(known, False)
                if known
                else Made(make_draw(connection, order, seed, now, viewer.name), True)
            )
        self._written()
        return made

    def replay(self, draw_id: int, viewer: Viewer) -> Replay:
        """Draw again from what is stored, and tell whether the same comes out."""
        with reading(self._engine) as connection:
            head, _ = self._known(connection, draw_id, viewer)
            pools = pools_from(draws.snapshot(connection, draw_id), head["tickets"])
            stored = draws.stored(connection, draw_id)
        again = dict(enumerate(draw(head["seed"], pools, head["n"]), start=1))
        same = all(again.get(position) == drawn for position, drawn in stored.items())
        return Replay(same, head["n"] - len(stored))

    def publish(self, draw_id: int, viewer: Viewer) -> int:
        """Make the results of all visits of a draw public that are not yet; returns how many."""
        check_publishes(viewer)
        with acting(self._engine, viewer.name) as connection:
            _, found = self._known(connection, draw_id, viewer)
            done = [row["inspection_id"] for row in found if row["inspection_id"] is not None]
            published = publish_all(connection, done, viewer, self.today())
        self._written()
        return published

    def export(
        self, draw_id: int, viewer: Viewer, form: str
    ) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
        """Return a draw and its rows for a file; what goes out in which form is on the record."""
        with acting(self._engine, viewer.name) as connection:
            head, found = self._known(connection, draw_id, viewer)
            if not viewer.may(Action.EXPORT):
                raise ForbiddenError(
                    Text(
                        "您的角色不能导出：请联系值班长。", "Your role does not export: ask your supervisor."
                    )
                )
            details = {"format": form, "rows": len(found)}
            audit.record(connection, viewer.name, "export", f"draw:{draw_id}", details)
            return head, standings(connection, found, self.today())

    def recusals(self, viewer: Viewer) -> list[dict[str, Any]]:
        """Return the open recusals that a viewer may know of."""
        _check_reads(viewer)
        with asking(self._engine) as connection:
            return recusals.known_to(connection, viewer)

    def officers(self, viewer: Viewer) -> list[str]:
        """Return the officers for whom a viewer may declare a recusal."""
        _check_reads(viewer)
        with asking(self._engine) as connection:
            names = draws.officer_names(connection)
        return names if viewer.may(Action.DRAW) else [name for name in names if name == viewer.name]

    def recuse(self, told: Declaration, viewer: Viewer) -> int:
        """Declare a recusal; returns its number. A draw knows of all that were declared before it began."""
        with acting(self._engine, viewer.name) as connection:
            draws.lock(connection)
            number = recusals.declare(connection, viewer, told, self._clock())
            # Why is a person's matter and stays out of the record, which more people read.
            details = {"recusal": number, "officer": told.officer}
            audit.record(connection, viewer.name, "recuse", f"recusal:{number}", details)
        return number

    def end_recusal(self, recusal_id: int, viewer: Viewer) -> None:
        """End a recusal; one that has ended already stays as it is."""
        with acting(self._engine, viewer.name) as connection:
            draws.lock(connection)
            if recusals.end(connection, viewer, recusal_id, self._clock()):
                audit.record(connection, viewer.name, "end_recusal", f"recusal:{recusal_id}")

    def _known(
        self, connection: Connection, draw_id: int, viewer: Viewer
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        _check_reads(viewer)
        head = draws.head(connection, draw_id)
        found = draws.rows(connection, draw_id, viewer) if head else []
        if head is None or not (found or viewer.whole_city):
            raise UnknownDrawError
        return head, found


def make_draw(connection: Connection, order: Order, seed: str, now: datetime, by: str) -> int:
    """Draw, judge the places again and put it on the record, in the caller's transaction; returns the draw's number."""
    draw_id, new = write_draw(connection, order, seed, now, by)
    judge_places(connection, [one.place for one in draws.stored(connection, draw_id).values()], now)
    sizes = {"targets": len(new.pools.targets), "officers": len(new.pools.officers)}
    audit.record(connection, by, "draw", f"draw:{draw_id}", {"seed": seed, "n": order.n, **sizes})
    return draw_id


def write_draw(
    connection: Connection, order: Order, seed: str, now: datetime, by: str
) -> tuple[int, NewDraw]:
    """Draw, and write the draw with results and tasks, in the caller's transaction; returns its number and itself."""
    pools = _pools(connection, order.filters, order.tickets)
    drawn = _draw(connection, seed, pools, order.n)
    new = NewDraw(
        request=order.request,
        title=order.title.strip(),
        filters=order.filters,
        seed=seed,
        seed_given=bool(order.seed.strip()),
        pools=pools,
        n=order.n,
        due_on=order.by,
        drawn_at=now,
        drawn_by=by,
    )
    draw_id = draws.add(connection, new)
    due_at = end_of(order.by)
    draws.add_results(connection, draw_id, drawn, f"双随机检查：{new.title}", now, due_at)
    return draw_id, new


def _pools(connection: Connection, wanted: PoolFilter, tickets: Mapping[str, int]) -> Pools:
    pools = draws.pools(connection, wanted, tickets)
    if len(pools.targets) > draws.MOST_POOL:
        raise DrawError(
            Text(
                f"名录库超过 {draws.MOST_POOL:,} 个点位：请先筛选，如按区或街镇。",
                f"The pool has more than {draws.MOST_POOL:,} places: filter first, by district or sub-district.",
            )
        )
    return pools


def _draw(connection: Connection, seed: str, pools: Pools, n: int) -> tuple[Drawn, ...]:
    try:
        return draw(seed, pools, n)
    except TooFewOfficersError as error:
        name = draws.names(connection, [error.place]).get(error.place, "")
        raise TooFewOfficersError(error.place, error.there, name) from error


def _check_reads(viewer: Viewer) -> None:
    if not viewer.may(Action.OPEN_DRAWS):
        raise UnknownDrawError


def _check_draws(viewer: Viewer) -> None:
    if not viewer.may(Action.DRAW):
        raise ForbiddenError(
            Text("只有值班长可以发起双随机抽取：请联系值班长。", "Only a supervisor makes a draw: ask one.")
        )


def _check_order(order: Order, today: date) -> None:
    if not 1 <= len(order.title.strip()) <= MOST_TITLE:
        raise YipingError(
            Text(
                f"抽取须有名称，最多 {MOST_TITLE} 个字：请填写。",
                f"A draw needs a title of at most {MOST_TITLE} characters: enter one.",
            )
        )
    if order.n > MOST_DRAWN:
        raise YipingError(
            Text(
                f"一次最多抽取 {MOST_DRAWN:,} 个点位：请减少，或分几次抽取。",
                f"At most {MOST_DRAWN:,} places are drawn at once: take fewer, or make several draws.",
            )
        )
    check_day(order.by, today)
