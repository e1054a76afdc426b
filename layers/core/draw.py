r"""The draw of 双随机一公开: which places are visited and by which two officers, so that anybody can replay it.

Everything rests on one number. The *lot* of some words is the SHA-256 of the seed and the words, joined by line feeds
(U+000A) and written in UTF-8, as 64 lower-case hex digits; lots are compared as text. In a shell:
`printf 'SEED\ntarget\n17\n1' | sha256sum`.

1. Places. A place has as many tickets as the weight of its credit class says. Ticket number i (1, 2, ...) of the place
   numbered P has the lot of `target`, P, i; the lot of the place is the smallest of its tickets'. The n places with
   the smallest lots are drawn, in this order. A place with more tickets comes first more often (a draw without
   replacement whose odds are the weights), and one with none never does.
2. Officers. The drawn places are gone through in their order. Each gets the two officers (总局令49 Art. 23) who have
   the fewest places of this draw so far; where two have as many, the one with the smaller lot of `officer`, P and the
   officer's name goes first. Only officers count whose scope covers the place and who are not recused (回避) from it.

So the work of a draw is spread evenly, and who meets whom is left to chance. Nothing depends on the order in which
the pools are given, on the machine, or on fractions: it is text and counting.

Sources: 市场主体登记管理条例 Art. 38; 总局令49 Art. 23; 国市监信发〔2022〕6号 (class D is drawn at a higher ratio, A at
a lower one; the numbers of tickets are our own and kept with each draw).
"""

from __future__ import annotations

import hashlib
import heapq
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from layers.core.access import Scope
from layers.core.errors import YipingError
from layers.core.text import Text

OFFICERS: Final = 2
MOST_TICKETS: Final = 100
MOST_SEED: Final = 200
CLASSES: Final = ("A", "B", "C", "D", "")  # of credit risk; the last of places without one
USUAL_TICKETS: Final[Mapping[str, int]] = {"A": 1, "B": 2, "C": 4, "D": 8, "": 2}


class DrawError(YipingError):
    """A draw that cannot be made."""


class TooFewOfficersError(DrawError):
    """A place was drawn that two officers cannot visit; `name` says which one to people."""

    def __init__(self, place: int, there: int, name: str = "") -> None:
        called = name or str(place)
        super().__init__(
            Text(
                f"抽中的点位 {called} 除去回避后只有 {there} 名检查员，至少须 2 名："
                "请增加检查员、缩小筛选，或结束已不成立的回避。",
                f"Place {called} was drawn and has {there} officers who are not recused, where two are needed: add an "
                "officer, narrow the filters, or end a recusal that no longer holds.",
            )
        )
        self.place, self.there = place, there


@dataclass(frozen=True, slots=True)
class Target:
    """A place that may be drawn: its number, area code, credit class, and what else a scope may name it by."""

    place: int
    area: str = ""
    credit: str = ""
    uscc: str = ""
    building: int | None = None


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer who may be drawn, with the codes of the scope, see `Scope.parse`."""

    name: str
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A place that was drawn, and its two officers."""

    place: int
    officers: tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Pools:
    """All that a draw is made from, apart from the seed and how many are wanted."""

    targets: tuple[Target, ...]
    officers: tuple[Officer, ...]
    recusals: frozenset[tuple[str, int]] = frozenset()  # an officer's name and a place
    tickets: Mapping[str, int] = field(default_factory=lambda: USUAL_TICKETS)

    def as_json(self) -> dict[str, Any]:
        """Return a snapshot that `pools_from` reads again; the same pools give the same one in any order."""
        return {
            "targets": [
                [t.place, t.area, t.credit, t.uscc, t.building]
                for t in sorted(self.targets, key=lambda t: t.place)
            ],
            "officers": [[o.name, sorted(o.scope)] for o in sorted(self.officers, key=lambda o: o.name)],
            "recusals": [list(pair) for pair in sorted(self.recusals)],
        }


def pools_from(snapshot: Mapping[str, Any], tickets: Mapping[str, int]) -> Pools:
    """Read a snapshot."""
    return Pools(
        targets=tuple(Target(*row) for row in snapshot["targets"]),
        officers=tuple(Officer(name, tuple(scope)) for name, scope in snapshot["officers"]),
        recusals=frozenset((name, place) for name, place in snapshot["recusals"]),
        tickets=tickets,
    )


def draw(seed: str, pools: Pools, n: int) -> tuple[Drawn, ...]:
    """Return the n places that are drawn, in order, each with its two officers; see above.

    Raises `DrawError` for a pool that is empty or too small, and for a place that has too few officers.
    """
    _check(pools, n)
    lots = ((_smallest(seed, t, pools.tickets[t.credit]), t.place, t) for t in pools.targets)
    chosen = heapq.nsmallest(n, (lot for lot in lots if lot[0]))
    return _with_officers(seed, pools, [target for _, _, target in chosen])


def lot(seed: str, *words: object) -> str:
    """Return the lot of some words.

    >>> lot("2026137", "target", 17, 1)[:16]
    'd61a67b036ef7adc'
    """
    return hashlib.sha256("\n".join((seed, *map(str, words))).encode()).hexdigest()


def officers_of(pools: Pools) -> Callable[[Target], list[str]]:
    """Return the function that gives the names of the officers who may visit a place."""
    scopes = {officer.name: Scope.parse(list(officer.scope)) for officer in pools.officers}
    by_name = {name: scope for name, scope in scopes.items() if scope.usccs or scope.buildings}
    in_area: dict[str, list[str]] = {}

    def of(target: Target) -> list[str]:
        if target.area not in in_area:
            in_area[target.area] = [name for name, scope in scopes.items() if scope.covers_area(target.area)]
        named = (
            name
            for name, scope in by_name.items()
            if target.uscc in scope.usccs or target.building in scope.buildings
        )
        fit = dict.fromkeys((*in_area[target.area], *named))
        return [name for name in fit if (name, target.place) not in pools.recusals]

    return of


def seed_from(words: str) -> str:
    """Return public words as a seed, without blanks around them; raises `DrawError` for what can be none."""
    seed = words.strip()
    if not seed or len(seed) > MOST_SEED or not seed.isprintable():
        raise DrawError(
            Text(
                f"种子须为一行 1 到 {MOST_SEED} 个字符：请更正，或留空由系统生成。",
                f"A seed is one line of 1 to {MOST_SEED} characters: correct it, or leave it empty for one of ours.",
            )
        )
    return seed


def new_seed() -> str:
    """Return a seed that nobody could know before."""
    return secrets.token_hex(16)


def tickets_from(numbers: Mapping[str, Any]) -> dict[str, int]:
    """Return tickets by credit class from what was entered; raises `DrawError` for what is no such number."""
    found = {}
    for name in CLASSES:
        given = numbers.get(name, USUAL_TICKETS[name])
        if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= MOST_TICKETS:
            raise DrawError(
                Text(
                    f"权重须为 0 到 {MOST_TICKETS} 的整数：请更正{name or '未分类'}类的权重。",
                    f"A weight is a whole number from 0 to {MOST_TICKETS}: correct that of class {name or 'none'}.",
                )
            )
        found[name] = given
    return found


def _smallest(seed: str, target: Target, tickets: int) -> str:
    """Return the lot of a place, empty for one without tickets."""
    numbers = range(1, tickets + 1)
    return min((lot(seed, "target", target.place, number) for number in numbers), default="")


def _with_officers(seed: str, pools: Pools, chosen: list[Target]) -> tuple[Drawn, ...]:
    may_visit, load, drawn = officers_of(pools), Counter[str](), []
    for target in chosen:
        fit = may_visit(target)
        if len(fit) < OFFICERS:
            raise TooFewOfficersError(target.place, len(fit))
        order = sorted(fit, key=lambda name: (load[name], lot(seed, "officer", target.place, name), name))
        first, second = order[:OFFICERS]
        load.update((first, second))
        drawn.append(Drawn(target.place, (first, second)))
    return tuple(drawn)


def _check(pools: Pools, n: int) -> None:
    there = sum(pools.tickets[target.credit] > 0 for target in pools.targets)
    if not there:
        raise DrawError(
            Text(
                "名录库里没有可抽的点位：请放宽筛选，或提高权重。",
                "There is no place to draw from: widen the filters, or raise the weights.",
            )
        )
    if not 1 <= n <= there:
        raise DrawError(
            Text(
                f"抽取数 {n:,} 不对：名录库里有 {there:,} 个可抽的点位，请填 1 到 {there:,}。",
                f"{n:,} places cannot be drawn: the pool has {there:,}, so enter 1 to {there:,}.",
            )
        )
