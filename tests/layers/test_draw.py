"""The draw: replayable by anybody, whatever the order of the pools, and fair where it must be."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.draw import (
    CLASSES,
    USUAL_TICKETS,
    DrawError,
    Officer,
    Pools,
    Target,
    draw,
    lot,
    new_seed,
    officers_of,
    pools_from,
    seed_from,
    tickets_from,
)

AREAS = ("310104003", "310104004", "310110001")
WHOLE = Officer("whole", ("310104", "310110"))
ALSO = Officer("also", ("310104", "310110"))


@st.composite
def pools(draw_from: st.DrawFn) -> Pools:
    """Pools in which every place has two officers at least: two cover everything and are never recused."""
    places = draw_from(st.lists(st.integers(1, 10**9), min_size=1, max_size=30, unique=True))
    targets = [
        Target(place, draw_from(st.sampled_from(AREAS)), draw_from(st.sampled_from(CLASSES)))
        for place in places
    ]
    names = draw_from(st.lists(st.text("王李张abc", min_size=1, max_size=4), max_size=6, unique=True))
    scopes = st.lists(st.sampled_from((*AREAS, "310104")), min_size=1, max_size=2)
    others = [Officer(name, tuple(draw_from(scopes))) for name in names if name not in {"whole", "also"}]
    pairs = [(officer.name, target.place) for officer in others for target in targets]
    recusals = draw_from(st.frozensets(st.sampled_from(pairs), max_size=10)) if pairs else frozenset()
    return Pools(targets=tuple(targets), officers=(WHOLE, ALSO, *others), recusals=recusals)


def _shuffled(some: Pools, seed: int) -> Pools:
    order = random.Random(seed)
    targets, officers = list(some.targets), list(some.officers)
    order.shuffle(targets)
    order.shuffle(officers)
    return replace(some, targets=tuple(targets), officers=tuple(officers))


@given(pools(), st.text(max_size=20), st.data(), st.integers())
def test_the_same_seed_and_pools_give_the_same_draw_in_any_order(
    some: Pools, seed: str, data: st.DataObject, order: int
) -> None:
    n = data.draw(st.integers(1, len(some.targets)))
    again = _shuffled(some, order)
    assert draw(seed, again, n) == draw(seed, some, n)
    assert again.as_json() == some.as_json()
    kept = pools_from(json.loads(json.dumps(some.as_json())), some.tickets)
    assert draw(seed, kept, n) == draw(seed, some, n)


@given(pools(), st.text(max_size=20), st.data())
def test_exactly_n_places_each_with_two_different_officers_who_may_visit_it(
    some: Pools, seed: str, data: st.DataObject
) -> None:
    n = data.draw(st.integers(1, len(some.targets)))
    drawn = draw(seed, some, n)
    assert len({one.place for one in drawn}) == len(drawn) == n
    areas = {target.place: target.area for target in some.targets}
    scopes = {officer.name: officer.scope for officer in some.officers}
    for one in drawn:
        assert len(set(one.officers)) == 2
        for name in one.officers:
            assert any(areas[one.place].startswith(code) for code in scopes[name])
            assert (name, one.place) not in some.recusals


@given(pools(), st.text(max_size=20), st.data())
def test_more_places_wanted_begin_with_those_of_fewer(some: Pools, seed: str, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, len(some.targets)))
    assert draw(seed, some, len(some.targets))[:n] == draw(seed, some, n)


def _city(n: int = 40, credit: str = "B") -> Pools:
    return Pools(targets=tuple(Target(p, AREAS[0], credit) for p in range(1, n + 1)), officers=(WHOLE, ALSO))


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=30), st.data())
def test_one_other_character_of_the_seed_is_another_draw(seed: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(seed) - 1))
    other = data.draw(st.sampled_from([c for c in "0123456789" if c != seed[at]]))
    changed = seed[:at] + other + seed[at + 1 :]
    assert draw(changed, _city(), 20) != draw(seed, _city(), 20)


def test_a_draw_is_what_its_description_says_step_by_step() -> None:
    """Replay by hand: nothing but SHA-256, sorting and counting."""

    def sha(*words: str) -> str:
        return hashlib.sha256("\n".join(words).encode()).hexdigest()

    pools = Pools(
        targets=(Target(7, AREAS[0], "D"), Target(8, AREAS[0], "A"), Target(9, AREAS[0], "")),
        officers=(Officer("王", ("310104",)), Officer("李", ("310104003",)), Officer("张", ("310104",))),
        recusals=frozenset({("王", 9)}),
    )
    tickets = {7: 8, 8: 1, 9: 2}
    lots = {
        p: min(sha("双色球 2026137", "target", str(p), str(i + 1)) for i in range(n))
        for p, n in tickets.items()
    }
    expected, load = [], Counter[str]()
    for place in sorted(lots, key=lots.__getitem__):
        fit = [name for name in ("王", "李", "张") if (name, place) != ("王", 9)]
        order = sorted((load[name], sha("双色球 2026137", "officer", str(place), name), name) for name in fit)
        chosen = tuple(name for _, _, name in order[:2])
        load.update(chosen)
        expected.append((place, chosen))
    assert [(one.place, one.officers) for one in draw("双色球 2026137", pools, 3)] == expected


def test_the_work_is_spread_evenly() -> None:
    officers = tuple(Officer(f"officer {n}", ("310104",)) for n in range(7))
    drawn = draw("seed", replace(_city(), officers=officers), 35)
    load = Counter(name for one in drawn for name in one.officers)
    assert set(load.values()) == {10}


def test_weights_lead_where_they_should() -> None:
    """Of as many places of each class, those with more tickets are drawn more often, and in their proportion."""
    targets = tuple(Target(n, AREAS[0], "ABCD"[n % 4]) for n in range(400))
    pools = Pools(targets=targets, officers=(WHOLE, ALSO))
    seen = Counter("ABCD"[draw(f"seed {k}", pools, 1)[0].place % 4] for k in range(400))
    assert seen["D"] > seen["C"] > seen["B"] > seen["A"]
    assert 400 * 8 / 15 * 0.8 < seen["D"] < 400 * 8 / 15 * 1.2
    even = replace(pools, tickets=dict.fromkeys(CLASSES, 1))
    seen = Counter("ABCD"[draw(f"seed {k}", even, 1)[0].place % 4] for k in range(400))
    assert max(seen.values()) < 1.5 * min(seen.values())


def test_no_tickets_no_visit() -> None:
    some = replace(_city(), targets=(Target(1, AREAS[0], "A"), Target(2, AREAS[0], "B")))
    none_for_a = replace(some, tickets=dict(USUAL_TICKETS) | {"A": 0})
    assert [one.place for one in draw("seed", none_for_a, 1)] == [2]
    with pytest.raises(DrawError, match="the pool has 1, so enter 1 to 1"):
        draw("seed", none_for_a, 2)


@pytest.mark.parametrize(
    ("some", "n", "words"),
    [
        (_city(0), 1, "no place to draw from"),
        (_city(3), 4, "4 places cannot be drawn: the pool has 3"),
        (_city(3), 0, "enter 1 to 3"),
        (replace(_city(1), officers=(WHOLE,)), 1, "Place 1 was drawn and has 1 officers"),
        (replace(_city(1), recusals=frozenset({("whole", 1), ("also", 1)})), 1, "has 0 officers"),
        (replace(_city(1), officers=(WHOLE, Officer("far", ("310110",)))), 1, "has 1 officers"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_sentence(some: Pools, n: int, words: str) -> None:
    with pytest.raises(DrawError, match=words) as refused:
        draw("seed", some, n)
    assert refused.value.text.zh.count("。") == 1


def test_a_scope_of_firms_and_buildings_covers_places_too() -> None:
    officers = (Officer("firm", ("91310000132260250X",)), Officer("tower", ("B7",)), WHOLE)
    of = officers_of(Pools(targets=(), officers=officers))
    assert of(Target(1, AREAS[0], "", "91310000132260250X")) == ["whole", "firm"]
    assert of(Target(2, "", "", "", 7)) == ["tower"]
    assert of(Target(3)) == []


@pytest.mark.parametrize("words", ["", "   ", "a\nb", "x" * 201, "a\tb"])
def test_what_is_no_seed_is_refused(words: str) -> None:
    with pytest.raises(DrawError, match="one line of 1 to 200"):
        seed_from(words)


def test_seeds() -> None:
    assert seed_from("  双色球 2026137 ") == "双色球 2026137"
    assert new_seed() != new_seed()
    assert len(new_seed()) == 32
    assert lot("a", "b") == hashlib.sha256(b"a\nb").hexdigest()


@pytest.mark.parametrize("number", [-1, 101, 1.5, None, "2", True])
def test_a_weight_is_a_small_whole_number(number: object) -> None:
    with pytest.raises(DrawError, match="from 0 to 100: correct that of class C"):
        tickets_from({"C": number})
    assert tickets_from({"C": 3}) == {"A": 1, "B": 2, "C": 3, "D": 8, "": 2}
