"""Night sites, buildings and offices of the demo city, in batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from data.demo.city_rows import Batch, add_permits, add_places, external, only, take, where, write
from data.demo.names import firms, pick
from data.demo.night_sites import Nights
from data.demo.records import SOURCE
from data.demo.words import BUILDER_TRADES, TOWER_KINDS, TOWER_WORDS
from layers.core.night import night_of_day

_WORKS = ("concrete", "piling", "earthwork", "hoisting", "demolition", "road", "pipeline", "metro")
_FILED = frozenset({"road", "pipeline", "metro"})
_NIGHT_STORIES = ("tonight", "coming", "quiet", "no_notice", "breach", "noise_over", "unknown")
_NIGHT_SHARES = (0.34, 0.18, 0.38, 0.03, 0.02, 0.03, 0.02)
_CARRIERS = ("tower", "park", "mall", "market", "street", "hotel", "residential", "registry")
_CARRIER_SHARES = (0.36, 0.12, 0.07, 0.05, 0.10, 0.05, 0.22, 0.03)
_OFFICES = ("grade_a", "grade_b", "park", "incubator", "maker_space", "coworking", "shop", "lab")
_TENANTS = 12


@dataclass(frozen=True, slots=True)
class Buildings:
    """What offices need to know of the buildings they are in."""

    ids: NDArray[np.int64]
    names: list[str]


def add_nights(batch: Batch) -> None:
    """Write a batch of sites: permits over two nights, readings of last night."""
    rng, count = batch.rng, len(batch)
    works = pick(rng, _WORKS, count)
    names = [
        f"{address.split('区', 1)[-1].split('路')[0]}路改造{n % 9 + 1}标"
        for n, address in enumerate(batch.addresses)
    ]
    builders = firms(rng, count, BUILDER_TRADES)
    places = add_places(batch, names, works)
    stories = [_NIGHT_STORIES[i] for i in rng.choice(len(_NIGHT_SHARES), size=count, p=_NIGHT_SHARES)]
    write(
        batch.connection,
        "layer_nights",
        count,
        place_id=places.tolist(),
        project=names,
        contractor=builders,
        sensitive_m=rng.integers(15, 300, count).tolist(),
        dispute="none",
    )
    nights = Nights.at(batch.moment.at)
    starts = {"tonight": 0, "no_notice": 0, "coming": 2, "quiet": -25}
    first = np.array([starts.get(story, (nights.found.day - batch.moment.day).days) for story in stories])
    mask = ~where(stories, "unknown", "breach")
    _add_nights(batch, places[mask], first[mask], take(works, mask), take(stories, mask))
    _add_readings(batch, places, stories, nights)


def _add_nights(
    batch: Batch,
    places: NDArray[np.int64],
    first: NDArray[np.int64],
    works: Sequence[str],
    stories: Sequence[str],
) -> None:
    shift = (Nights.at(batch.moment.at).planned - batch.moment.day).days
    begin = np.where(where(stories, "noise_over"), first, first + shift)
    ids = add_permits(
        batch,
        "night_work",
        places,
        [f"沪夜〔{batch.moment.day.year}〕{number:07d}" for number in places.tolist()],
        ["granted"] * len(places),
        begin + 2.0,
        2,
        basis=["filing" if work in _FILED else "permit" for work in works],
        notice_posted=[story != "no_notice" for story in stories],
    )
    periods, owners = [], []
    for permit, day in zip(ids.tolist(), begin.tolist(), strict=True):
        for night in (0, 1):
            span = night_of_day(batch.moment.day + timedelta(days=int(day) + night))
            periods.append(f"[{span.starts_at.isoformat()},{span.ends_at.isoformat()})")
            owners.append(permit)
    write(batch.connection, "permit_night", len(owners), permit_id=owners, period=periods)


def _add_readings(batch: Batch, places: NDArray[np.int64], stories: Sequence[str], nights: Nights) -> None:
    loud = where(stories, "breach", "noise_over")
    at = min(batch.moment.at, nights.found.starts_at + timedelta(hours=2)).isoformat()
    count = int(loud.sum())
    level = np.round(batch.rng.uniform(57, 68, count), 1).tolist()
    write(
        batch.connection, "reading", count, place_id=places[loud].tolist(), at=at, working=True, leq_db=level,
        lmax_db=level,
    )  # fmt: skip


def add_buildings(batch: Batch) -> Buildings:
    """Write a batch of buildings with a handful of tenancies each; returns what offices need."""
    rng, count = batch.rng, len(batch)
    kinds = [_CARRIERS[i] for i in rng.choice(len(_CARRIERS), size=count, p=_CARRIER_SHARES)]
    names = [a + b for a, b in zip(pick(rng, TOWER_WORDS, count), pick(rng, TOWER_KINDS, count), strict=True)]
    floors = rng.integers(2, 33, count)
    ids = batch.ids("building")
    write(
        batch.connection, "building", count, id=ids.tolist(), name=names, address=batch.addresses,
        floors=floors.tolist(), source=SOURCE, external_id=external("B", batch.before, count),
    )  # fmt: skip
    places = add_places(batch, names, kinds, building_id=ids.tolist())
    known = rng.random(count) > 0.03
    cloud = np.where(rng.random(count) < 0.35, "in_cloud", "none").astype(object)
    write(
        batch.connection,
        "layer_buildings",
        count,
        place_id=places.tolist(),
        cloud_state=only(cloud, known),
        lease_only=(cloud == "in_cloud").tolist(),
        floors=floors.tolist(),
        area_m2=(floors * rng.integers(400, 1800, count)).tolist(),
        occupancy_share=[
            share if k else None
            for share, k in zip(np.round(rng.uniform(0.4, 1, count), 2).tolist(), known.tolist(), strict=True)
        ],
    )
    _add_tenancies(batch, ids[known])
    return Buildings(ids, names)


def _add_tenancies(batch: Batch, buildings: NDArray[np.int64]) -> None:
    rng = batch.rng
    owners = np.repeat(buildings, _TENANTS)
    count = len(owners)
    ids = batch.ids("tenancy", count)
    zombies = np.repeat(rng.choice([0, 1, 2, 4], size=len(buildings), p=[0.83, 0.11, 0.05, 0.01]), _TENANTS)
    gone = np.tile(np.arange(_TENANTS), len(buildings)) < zombies
    since = batch.dates(-rng.integers(400, 1500, count))
    until = batch.dates(np.where(gone, -rng.integers(10, 300, count), rng.integers(15, 1200, count)))
    floors = [number % _TENANTS // 4 + 1 for number in range(count)]
    units = [f"{floor}{number % 4 + 1:02d}" for number, floor in enumerate(floors)]
    write(
        batch.connection, "building_unit", count, building_id=owners.tolist(), unit=units, floor=floors,
        premises="leased",
    )  # fmt: skip
    write(
        batch.connection,
        "tenancy",
        count,
        id=ids.tolist(),
        building_id=owners.tolist(),
        source=SOURCE,
        external_id=[f"T{number}" for number in ids.tolist()],
        unit=units,
        tenant=firms(rng, count),
        state=np.where(gone, "suspected", "in_use").tolist(),
        period=[f"[{a},{b})" for a, b in zip(since, until, strict=True)],
        registered=True,
        exclusive=True,
    )


def add_offices(
    batch: Batch, buildings: Buildings, inside: NDArray[np.int64], agencies: Sequence[int]
) -> None:
    """Write a batch of listings; `inside` gives the building of each, by its place in `buildings`."""
    rng, count = batch.rng, len(batch)
    kinds = pick(rng, _OFFICES, count)
    area = np.round(np.clip(rng.lognormal(5, 0.75, count), 18, 2600))
    names = [
        f"{buildings.names[i]} {size:.0f}㎡" for i, size in zip(inside.tolist(), area.tolist(), strict=True)
    ]
    places = add_places(
        batch, names, kinds, building_id=buildings.ids[inside].tolist(),
        enterprise_id=[agencies[i] for i in rng.integers(len(agencies), size=count).tolist()],
    )  # fmt: skip
    draw = rng.random(count)
    age = np.select(
        [draw < 0.905, draw < 0.978], [rng.integers(0, 60, count), rng.integers(60, 180, count)], 200
    )
    known = rng.random(count) > 0.025
    metres = rng.integers(80, 2400, count)
    write(
        batch.connection,
        "layer_offices",
        count,
        place_id=places.tolist(),
        rent_cny_m2_day=np.round(rng.uniform(1.5, 9, count), 2).tolist(),
        area_m2=area.tolist(),
        usable_share=np.round(rng.uniform(0.58, 0.86, count), 2).tolist(),
        property_fee_cny_m2_month=np.round(rng.uniform(10, 38, count), 1).tolist(),
        metro_m=metres.tolist(),
        walk_min=(metres // 75 + 1).tolist(),
        registrable=[
            bool(value) if k else None for value, k in zip(rng.random(count) < 0.965, known, strict=True)
        ],
        floor=rng.integers(1, 12, count).tolist(),
        listed_on=only(batch.dates(-age), known),
    )
