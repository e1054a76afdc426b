"""The demo city of 16 districts with any number of places, streamed in batches so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from data.areas import reference_districts
from data.demo.city_plan import CityPlan, add_city_basemap, build_city_plan
from data.demo.city_rows import Batch, write
from data.demo.city_shops import add_breakfast, add_shops
from data.demo.city_sites import Buildings, add_buildings, add_nights, add_offices
from data.demo.names import FIRM, Rng, credit_code
from data.demo.offices import AGENCIES
from data.demo.plan import SEED
from data.demo.records import Records, reserve
from data.demo.site import Moment

CITY_PLACES = 100_000
MOST_PLACES = 3_300_000
_BATCH = 20_000
_SHARES = {"buildings": 0.03, "offices": 0.06, "breakfast": 0.025, "nights": 0.005}
"""Of all places; the rest are shops."""
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class City:
    """What was written, with what the accounts need."""

    rows: dict[str, int] = field(default_factory=dict)
    basemap: tuple[int, int] = (0, 0)  # its first and last id
    merchant: str = ""
    building: int = 0
    agency: str = ""


@dataclass(frozen=True, slots=True)
class _Draw:
    """Where the points of a batch come from."""

    connection: Connection
    plan: CityPlan
    moment: Moment
    names: list[str]
    codes: list[str]
    sums: NDArray[np.float64]

    def batch(self, layer: str, before: int, count: int, slots: NDArray[np.int64], rng: Rng) -> Batch:
        """Return the batch of a layer at some slots, a few steps off the street."""
        plan = self.plan
        at = plan.slots[slots]
        room = 30.0 + 0.006 * np.hypot(at[:, 0], at[:, 1])
        off = rng.normal(0.0, 1.0, count) * room
        off += np.where(off < 0, -12.0, 12.0)
        along = plan.across[slots][:, ::-1] * np.array([1.0, -1.0])
        points = at + plan.across[slots] * off[:, None] + along * rng.uniform(-20, 20, count)[:, None]
        district = plan.district_of[slots]
        sides = np.where(off > 0, 1, 2) + 2 * plan.number[slots]
        addresses = [
            f"{self.names[d]}{plan.streets[s].name}{n}号"
            for d, s, n in zip(district.tolist(), plan.street_of[slots].tolist(), sides.tolist(), strict=True)
        ]
        codes = [self.codes[d] for d in district.tolist()]
        return Batch(
            self.connection, self.moment, layer, before, plan.frame.degrees(points), addresses, codes, rng
        )

    def slots(self, count: int, rng: Rng) -> NDArray[np.int64]:
        """Return random slots, busy ones more often."""
        found = np.searchsorted(self.sums, rng.random(count) * self.sums[-1])
        return np.asarray(np.minimum(found, len(self.sums) - 1))


def write_city(connection: Connection, places: int, at: datetime, progress: Progress) -> City:
    """Write a city of `places` places in the caller's transaction, with its basemap."""
    progress("draw", 0, places)
    plan = build_city_plan()
    districts = reference_districts()
    names = [districts[code][0] for code in plan.districts]
    draw = _Draw(connection, plan, Moment(at), names, list(plan.districts), np.cumsum(plan.weight))
    city = City()
    records = Records()
    add_city_basemap(records, plan)
    city.rows["basemap_feature"] = records.write(connection)["basemap_feature"]
    city.basemap = records.ids("basemap_feature")
    counts = counts_of(places)
    city.rows["place"] = places
    agencies = _add_agencies(connection, city)
    done = 0
    buildings: list[tuple[Buildings, NDArray[np.int64]]] = []
    for layer, before, count in _batches(counts):
        _write_batch(draw, layer, before, count, city, buildings, agencies)
        done += count
        city.rows[f"layer_{layer}"] = before + count
        progress("write", done, places)
    return city


def counts_of(places: int) -> dict[str, int]:
    """Return how many places each layer gets, buildings first, shops last."""
    counts = {layer: int(places * share) for layer, share in _SHARES.items()}
    if counts["buildings"] == 0:
        counts["offices"] = 0
    return counts | {"shops": places - sum(counts.values())}


def _batches(counts: dict[str, int]) -> Iterator[tuple[str, int, int]]:
    for layer, total in counts.items():
        for before in range(0, total, _BATCH):
            yield layer, before, min(_BATCH, total - before)


def _write_batch(
    draw: _Draw,
    layer: str,
    before: int,
    count: int,
    city: City,
    buildings: list[tuple[Buildings, NDArray[np.int64]]],
    agencies: list[int],
) -> None:
    rng = np.random.default_rng([SEED, 3, sum(map(ord, layer)), before])
    if layer == "offices":
        known, slots = buildings[before // _BATCH % len(buildings)]
        inside = rng.integers(len(slots), size=count)
        add_offices(draw.batch(layer, before, count, slots[inside], rng), known, inside, agencies)
        return
    slots = draw.slots(count, rng)
    batch = draw.batch(layer, before, count, slots, rng)
    if layer == "buildings":
        buildings.append((add_buildings(batch), slots))
        city.building = city.building or int(buildings[0][0].ids[0])
    elif layer == "nights":
        add_nights(batch)
    elif layer == "breakfast":
        add_breakfast(batch)
    else:
        code = add_shops(batch, before + len(AGENCIES))
        city.merchant = city.merchant or code


def _add_agencies(connection: Connection, city: City) -> list[int]:
    first = reserve(connection, "enterprise", len(AGENCIES)) + 1
    ids = list(range(first, first + len(AGENCIES)))
    codes = [credit_code(number, FIRM, "310000") for number in range(1, len(AGENCIES) + 1)]
    city.agency = codes[0]
    names = [f"上海{word}服务有限公司" for word in AGENCIES]
    write(connection, "enterprise", len(ids), id=ids, uscc=codes, name=names)
    return ids
