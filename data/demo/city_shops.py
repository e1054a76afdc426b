"""Shops and breakfast outlets of the demo city, in batches."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from data.demo.breakfast import LINKED, OWN
from data.demo.city_rows import (
    Batch,
    add_cases,
    add_permits,
    add_places,
    add_visits,
    only,
    take,
    where,
    write,
)
from data.demo.frame import FloatArray
from data.demo.licences import TERM_DAYS, required_kinds
from data.demo.names import FIRM, SELF_EMPLOYED, Rng, brands, credit_codes, food_permits, pick
from data.demo.shops import STREET_MIX
from data.demo.stories import BREAKFAST_STORIES, SHOP_STORIES, deal
from data.demo.visits import interval_days
from data.demo.words import TRADE_NAMES
from layers.shops import CATERING, FOOD

_STORIES = {story: share for story, share in SHOP_STORIES.items() if story != "deemed"}
_RISKS = np.array(["A", "B", "C", "D"], dtype=object)
_RETAIL = frozenset({"convenience", "supermarket", "market", "food_maker"})
_DISHES = ("bun", "rice_roll", "congee", "pancake", "noodles")
_POOL = 60
"""Brands per trade: few enough that the pinyin of their names is remembered."""


@lru_cache(maxsize=64)
def _names(trade: str) -> tuple[str, ...]:
    rng = np.random.default_rng([len(trade), sum(map(ord, trade))])
    return tuple(brand + ending for brand in brands(rng, _POOL) for ending in TRADE_NAMES[trade])


def _named(rng: Rng, trades: Sequence[str]) -> list[str]:
    draws = rng.random(len(trades)).tolist()
    return [_names(trade)[int(draw * len(_names(trade)))] for trade, draw in zip(trades, draws, strict=True)]


def add_shops(batch: Batch, firms_before: int) -> str:
    """Write a batch of shops with their firms, permits, visits and complaints; returns the first shop's USCC."""
    rng, count = batch.rng, len(batch)
    shares = np.array(list(STREET_MIX.values())) / sum(STREET_MIX.values())
    trades = [list(STREET_MIX)[index] for index in rng.choice(len(shares), size=count, p=shares)]
    names = _named(rng, trades)
    kinds = np.where(rng.random(count) < 0.62, SELF_EMPLOYED, FIRM)
    codes = credit_codes(firms_before + 1 + np.arange(count), kinds)
    firms = batch.ids("enterprise")
    write(
        batch.connection,
        "enterprise",
        count,
        id=firms.tolist(),
        uscc=codes,
        name=[f"上海{name}商行" for name in names],
    )
    places = add_places(batch, names, trades, enterprise_id=firms.tolist())
    food = np.array([trade in FOOD for trade in trades])
    catering = np.array([trade in CATERING for trade in trades])
    risk = _RISKS[np.searchsorted((0.30, 0.78, 0.95), rng.random(count))]
    credit = _RISKS[np.searchsorted((0.38, 0.88, 0.975), rng.random(count))]
    first = [_kinds(trade)[0] for trade in trades]
    stories = deal(
        _STORIES, np.array([kind in TERM_DAYS for kind in first]), food, catering, np.ones(count), rng, 0
    )
    _add_fields(batch, places, trades, names, stories, (food, catering, risk, credit))
    _add_shop_permits(batch, places, trades, codes, stories)
    intervals = np.array(
        [
            interval_days("shops", batch.moment.day, t, r, c)
            for t, r, c in zip(trades, risk, credit, strict=True)
        ]
    )
    _add_visits(batch, places, stories, intervals, food)
    _add_cases(batch, places, stories)
    return codes[0]


@lru_cache(maxsize=64)
def _kinds(trade: str) -> tuple[str, ...]:
    return tuple(required_kinds(trade, {}))


def _add_fields(
    batch: Batch,
    places: NDArray[np.int64],
    trades: Sequence[str],
    names: Sequence[str],
    stories: Sequence[str],
    classes: tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.object_], NDArray[np.object_]],
) -> None:
    food, catering, risk, credit = classes
    rng, count = batch.rng, len(batch)
    known = ~where(stories, "unknown")
    face = np.where(where(stories, "sad_face"), "C", np.where(rng.random(count) < 0.33, "A", "B")).astype(
        object
    )
    write(
        batch.connection,
        "layer_shops",
        count,
        place_id=places.tolist(),
        sign_name=names,
        shop_state=["posted" if holds else "collected" for holds in known.tolist()],
        area_m2=np.round(rng.lognormal(4.0, 0.6, count), 1).tolist(),
        food_risk=only(risk, food & known),
        credit_risk=only(credit, known),
        face_grade=only(face, catering & known),
        breakfast=(rng.random(count) < 0.06).tolist(),
    )


def _add_shop_permits(
    batch: Batch,
    places: NDArray[np.int64],
    trades: Sequence[str],
    codes: Sequence[str],
    stories: Sequence[str],
) -> None:
    for kind in ("business_licence", "food_business", "hygiene_licence", "fire_check"):
        needed = np.array([kind in _kinds(trade) for trade in trades])
        told = [s if _kinds(t)[0] == kind else "" for t, s in zip(trades, stories, strict=True)]
        mask = needed & ~where(stories, "unknown") & ~where(told, "missing")
        holders = (take(trades, mask), take(codes, mask), take(batch.districts, mask))
        add_standing(batch, kind, places[mask], holders, take(told, mask))


def add_standing(
    batch: Batch,
    kind: str,
    places: NDArray[np.int64],
    holders: tuple[Sequence[str], Sequence[str], Sequence[str]],
    stories: Sequence[str],
) -> None:
    """Write one kind of permit for some places, in order or as their stories have it.

    `holders`: trade, credit code and district of each.
    """
    trades, codes, districts = holders
    states = [_STATES.get(story, "granted") for story in stories]
    if kind == "food_business":
        kinds = ["3" if t == "canteen" else "1" if t in _RETAIL else "2" for t in trades]
        numbers = food_permits(places, kinds, districts)
    else:
        numbers = (
            list(codes)
            if kind == "business_licence"
            else [f"沪{kind[:2].upper()}{n:08d}" for n in places.tolist()]
        )
    term = TERM_DAYS.get(kind, 0)
    left = _days_left(stories, term, batch.rng) if term else None
    add_permits(batch, kind, places, numbers, states, left, term)


_STATES = {"revoked": "revoked", "suspended": "suspended", "applied": "applied"}
_SPANS = {"expired": (-200, -1), "expiring_7": (0, 8), "expiring_30": (8, 31)}


def _days_left(stories: Sequence[str], term: int, rng: Rng) -> FloatArray:
    spans = np.array([_SPANS.get(story, (32, term - 5)) for story in stories])
    spread = spans[:, 1] - spans[:, 0] if len(spans) else np.empty(0)
    return np.asarray(np.floor(spans[:, 0] + rng.random(len(spans)) * spread)) if len(spans) else np.empty(0)


def _add_visits(
    batch: Batch,
    places: NDArray[np.int64],
    stories: Sequence[str],
    intervals: NDArray[np.int64],
    planned: NDArray[np.bool_],
) -> None:
    """Write the last visit of every place on the plan, so old that the next is due as the story says."""
    mask = planned & (intervals > 0) & ~where(stories, "unknown")
    told, interval = take(stories, mask), intervals[mask]
    draw = batch.rng.random(len(told))
    ago = np.select(
        [
            where(told, "due_soon"),
            where(told, "overdue"),
            where(told, "long_overdue"),
            where(told, "failed", "follow_up_overdue", "conditional", "serious", "minor"),
        ],
        [interval - 1 - draw * 28, interval + 2 + draw * 140, interval + 200 + draw * 100, 20 + draw * 40],
        2 + draw * (interval - 34),
    )
    conditional = where(told, "conditional", "follow_up_overdue")
    due = batch.dates(np.where(where(told, "conditional"), 1 + draw * 10, -1 - draw * 8))
    results = np.where(
        conditional, "conditional", np.where(where(told, "failed"), "failed", "passed")
    ).tolist()
    add_visits(
        batch,
        places[mask],
        ago,
        results,
        serious=where(told, "serious", "failed").astype(int).tolist(),
        minor=np.where(where(told, "minor"), 8, (draw * 4).astype(int)).tolist(),
        follow_up_due=only(due, conditional),
    )
    late = where(stories, "closed", "no_entry")
    add_visits(batch, places[late], np.full(int(late.sum()), 1.0), take(stories, late))


def _add_cases(batch: Batch, places: NDArray[np.int64], stories: Sequence[str]) -> None:
    mask = where(stories, "complaint", "case_overdue")
    add_cases(batch, places[mask], [story == "case_overdue" for story in take(stories, mask)])


def add_breakfast(batch: Batch) -> None:
    """Write a batch of breakfast outlets with a food permit and the last visit."""
    rng, count = batch.rng, len(batch)
    shares = {**LINKED, **OWN}
    weights = np.array(list(shares.values())) / sum(shares.values())
    kinds = [list(shares)[index] for index in rng.choice(len(weights), size=count, p=weights)]
    names = [f"{name}早餐" for name in _named(rng, ["snack"] * count)]
    places = add_places(batch, names, kinds)
    everyone = np.ones(count, bool)
    stories = deal(BREAKFAST_STORIES, everyone, everyone, everyone, np.ones(count), rng, 0)
    known = ~where(stories, "unknown")
    aged = np.where(where(stories, "unconfirmed"), rng.integers(185, 360, count), rng.integers(1, 170, count))
    face = np.where(where(stories, "sad_face"), "C", "B").astype(object)
    opens, held = rng.integers(22, 29, count) * 15, rng.integers(8, 16, count) * 15
    write(
        batch.connection,
        "layer_breakfast",
        count,
        place_id=places.tolist(),
        open_from_min=opens.tolist(),
        open_to_min=(opens + held).tolist(),
        avg_spend_cny=np.round(rng.uniform(5, 22, count), 1).tolist(),
        wait_min=rng.integers(0, 12, count).tolist(),
        varieties=[[dish, "soy_milk"] for dish in pick(rng, _DISHES, count)],
        payment=[["mobile", "cash"]] * count,
        takeaway=True,
        elder_friendly=(rng.random(count) < 0.4).tolist(),
        face_grade=only(face, known),
        confirmed_on=only(batch.dates(-aged), known),
    )
    mask = known & ~where(stories, "missing")
    trades = ["snack"] * int(mask.sum())
    add_standing(
        batch,
        "food_business",
        places[mask],
        (trades, trades, take(batch.districts, mask)),
        take(stories, mask),
    )
    interval = interval_days("breakfast", batch.moment.day, "single", "", "")
    _add_visits(batch, places, stories, np.full(count, interval), everyone)
    _add_cases(batch, places, stories)
