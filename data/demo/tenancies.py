"""Tenants of the carriers, floor by floor: leases, registered addresses, and zombie addresses in every state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from data.demo.carriers import Carrier
from data.demo.names import FIRM, Rng, credit_code, firms
from data.demo.records import weighted
from data.demo.shops import Shop
from data.demo.site import DISTRICT_NAME, Scene
from data.demo.units import add_barred_units, add_title_papers, add_unit

_MOST_UNITS = {"tower": 34, "park": 22, "registry": 40, "hotel": 5, "residential": 7, "street": 12}
_ZOMBIE_STATES = ("suspected", "notified", "verified_gone", "abnormal_list")
ZOMBIES = {"most": 4, "many": 13, "abnormal": 6, "some": 40, "ended": 34, "unknown": 12}
"""How many carriers have which trouble; `unknown` is a building of which only the outline is known."""


@dataclass(slots=True)
class _Lease:
    """A tenancy before it is a row; `until` is its last day."""

    unit: str
    tenant: str
    state: str
    since: date
    until: date
    registered: bool = True
    exclusive: bool = True
    enterprise: int | None = None
    landlord: str = ""
    sublet_of: int | None = None


def deal_zombies(carriers: Sequence[Carrier], risk: np.ndarray, rng: Rng) -> None:
    """Choose the carriers with zombie addresses, ended leases, or nothing known at all."""
    roomy = np.array([_MOST_UNITS.get(carrier.kind, 0) >= 20 for carrier in carriers])
    small = np.array([0 < _MOST_UNITS.get(carrier.kind, 0) < 20 for carrier in carriers])
    for trouble, count in ZOMBIES.items():
        fit = small | roomy if trouble in {"ended", "unknown"} else roomy
        free = np.array([carrier.zombies == "" for carrier in carriers])
        for index in weighted(rng, np.where(fit & free, risk, 0.0), count):
            carriers[int(index)].zombies = trouble


def add_tenancies(scene: Scene, carriers: Sequence[Carrier], shops: Sequence[Shop], rng: Rng) -> None:
    """Add the tenancies of all carriers; shops of a mall are its tenants."""
    tenants: dict[int, list[Shop]] = {}
    for shop in shops:
        tenants.setdefault(shop.mall, []).append(shop)
    for index, carrier in enumerate(carriers):
        if carrier.kind in {"mall", "market"}:
            _add_mall(scene, carrier, tenants.get(index, []), rng)
        elif carrier.zombies != "unknown":
            _add_carrier(scene, carrier, rng)
        if carrier.premises:
            add_barred_units(scene, carrier)
            add_title_papers(scene, carrier, rng)


def _add_mall(scene: Scene, carrier: Carrier, shops: Sequence[Shop], rng: Rng) -> None:
    for shop in shops:
        since = scene.days_ago(rng.integers(60, 1500))
        until = scene.day + timedelta(days=int(rng.integers(40, 1200)))
        lease = _Lease(shop.unit, shop.name, "in_use", since, until, enterprise=shop.enterprise)
        carrier.units.append(shop.unit)
        add_unit(scene, carrier, shop.unit, shop.floor, rng)
        _add(scene, carrier, lease)
    for number in range(max(2, len(shops) // 25)):
        carrier.units.append(f"{carrier.floors}8{number}")
        add_unit(scene, carrier, carrier.units[-1], carrier.floors, rng)
    carrier.occupancy = round(len(shops) / len(carrier.units), 3)


def _add_carrier(scene: Scene, carrier: Carrier, rng: Rng) -> None:
    carrier.units = _units(carrier, rng)
    for unit in carrier.units:
        add_unit(scene, carrier, unit, _floor(unit), rng)
    let = rng.permutation(len(carrier.units))[: max(3, round(len(carrier.units) * rng.uniform(0.55, 0.97)))]
    if carrier.zombies == "" and rng.random() < 0.02:
        let = let[: max(1, len(carrier.units) // 5)]
    carrier.occupancy = round(len(let) / len(carrier.units), 3)
    states = _states(carrier.zombies, len(let), rng)
    tenants = firms(rng, len(let) * 2)
    for place, (index, state) in enumerate(zip(sorted(let), states, strict=True)):
        unit = carrier.units[int(index)]
        _add_unit(scene, carrier, unit, (tenants[2 * place], tenants[2 * place + 1]), state, rng)


def _units(carrier: Carrier, rng: Rng) -> list[str]:
    if carrier.kind == "street":
        return [f"{number}号" for number in range(2, 2 + 6 * _MOST_UNITS["street"], 6)]
    most = _MOST_UNITS[carrier.kind]
    per_floor = max(1, min(6, round(most / carrier.floors)))
    units = [
        f"{floor}{door:02d}" for floor in range(1, carrier.floors + 1) for door in range(1, per_floor + 1)
    ]
    chosen = np.sort(rng.permutation(len(units))[:most])
    return [units[int(index)] for index in chosen]


def _states(trouble: str, count: int, rng: Rng) -> list[str]:
    """Return the state of every let unit: how many zombies there are follows from the carrier's trouble."""
    share = {"most": 0.34, "many": 0.15}.get(trouble, 0.0)
    zombies = round(count * share) if share else 1 if trouble in {"some", "abnormal"} and count > 10 else 0
    zombies = max(zombies, 1) if trouble in {"most", "many", "some", "abnormal"} else zombies
    states = [_ZOMBIE_STATES[int(rng.integers(3))] for _ in range(zombies)]
    if trouble in {"abnormal", "most"} and states:
        states[0] = "abnormal_list"
    if trouble == "ended":
        states += ["lease_ended"]
    if rng.random() < 0.12:
        states += ["released"]
    states = (states + ["in_use"] * count)[:count]
    return [states[int(index)] for index in rng.permutation(count)]


def _floor(unit: str) -> int:
    return int(unit[:-2]) if unit[:-2].isdigit() else 1


def _add_unit(
    scene: Scene, carrier: Carrier, unit: str, names: tuple[str, str], state: str, rng: Rng
) -> None:
    """Add the tenancy of a unit; behind a zombie or ended lease a new tenant may already sit."""
    if state == "in_use":
        since = scene.days_ago(rng.integers(30, 1600))
        until = scene.day + timedelta(days=int(rng.integers(15, 1300)))
        registered = bool(rng.random() < (0.5 if carrier.kind == "residential" else 0.88))
        _let(scene, carrier, _Lease(unit, names[0], state, since, until, registered), rng)
        return
    until = scene.days_ago(rng.integers(20, 500))
    since = until - timedelta(days=int(rng.integers(365, 1100)))
    _let(scene, carrier, _Lease(unit, names[0], state, since, until, True), rng)
    if rng.random() < 0.5:
        moved_in = until + timedelta(days=12)
        ahead = scene.day + timedelta(days=int(rng.integers(200, 900)))
        _let(scene, carrier, _Lease(unit, names[1], "in_use", moved_in, ahead, False), rng)


def _let(scene: Scene, carrier: Carrier, lease: _Lease, rng: Rng) -> None:
    """Add a lease; most tenants are firms with a code, most leases exclusive, a sublease has one above it."""
    if rng.random() < 0.75:
        lease.enterprise = _firm(scene, lease, rng)
    premises = carrier.premises[lease.unit]
    lease.exclusive = bool(rng.random() < 0.6) and carrier.kind != "registry" and premises != "sublet"
    lease.landlord = "" if premises == "owned" else carrier.owner
    if premises == "sublet":
        _sublet(scene, carrier, lease, rng)
    _add(scene, carrier, lease)


def _firm(scene: Scene, lease: _Lease, rng: Rng) -> int:
    """Add the tenant's firm; a few pause (歇业) and have named an address for papers of law."""
    code = credit_code(scene.records.count("enterprise") + 1, FIRM)
    pauses = lease.state == "in_use" and rng.random() < 0.012
    since = scene.days_ago(rng.integers(20, 300))
    paused = {
        "dormancy": f"[{since},{since + timedelta(days=int(rng.integers(400, 1000)))})",
        "service_address": f"{DISTRICT_NAME}演示路{int(rng.integers(1, 300))}号",
    }
    return scene.records.add("enterprise", uscc=code, name=lease.tenant, **(paused if pauses else {}))


def _sublet(scene: Scene, carrier: Carrier, lease: _Lease, rng: Rng) -> None:
    """Add the lease from the owner that a sublease stands below."""
    between = firms(rng, 1, ("企业服务", "商业管理", "物业服务"))[0]
    until = lease.until + timedelta(days=60)
    above = _Lease(
        lease.unit,
        between,
        "in_use",
        lease.since,
        until,
        registered=False,
        exclusive=False,
        landlord=carrier.owner,
    )
    lease.sublet_of, lease.landlord = _add(scene, carrier, above), between


def _add(scene: Scene, carrier: Carrier, lease: _Lease) -> int:
    return scene.records.add(
        "tenancy",
        building_id=carrier.building,
        unit=lease.unit,
        tenant=lease.tenant,
        landlord=lease.landlord,
        sublet_of=lease.sublet_of,
        enterprise_id=lease.enterprise,
        state=lease.state,
        period=f"[{lease.since},{lease.until + timedelta(days=1)})",
        registered=lease.registered,
        exclusive=lease.exclusive,
    )
