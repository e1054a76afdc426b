"""Night permits over four months, their nights, and what monitors and patrols saw.

Sites mostly keep three nights on and one off; some did not, and some were heard without a permit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from data.demo.cases import add_open_case
from data.demo.names import Rng
from data.demo.night_sites import Nights, Site, previous
from data.demo.site import Scene
from layers.core.night import NightSpan, night_of_day
from layers.nights import DOCUMENTS

HISTORY_NIGHTS = 122
_QUIET_NIGHTS = 10
"""Nights before tonight that only a site's story fills, so that history does not change its rhythm."""
_READINGS_DAYS = 14
_ISSUER = "徐汇区生态环境局"
_SPARED = frozenset({"licences", "emissions"})  # 免提交: the authorities hold them
_SEALS = ("developer", "contractor", "supervisor")
_QUANTITIES = {
    "concrete": "混凝土 {} m³", "piling": "成桩 {} m", "hoisting": "构件 {} t", "earthwork": "土方 {} m³",
    "demolition": "拆除 {} ㎡", "road": "路面 {} ㎡", "pipeline": "管线 {} m", "metro": "出土 {} m³",
    "repair": "抢修 {} m",
}  # fmt: skip
_PREFIX = {"permit": "许", "filing": "备", "emergency": "抢"}


def add_night_work(scene: Scene, site: Site, rng: Rng) -> None:
    """Add permits, nights, readings and cases of a site."""
    if site.story == "unknown":
        return
    nights = Nights.at(scene.at)
    if site.basis != "emergency":
        _add_history(scene, site, nights.planned, rng)
    _STORIES[site.story](scene, site, nights, rng)


def _add_history(scene: Scene, site: Site, tonight: date, rng: Rng) -> None:
    """Fill the past months with permits of one or two runs of three nights, and pauses between jobs."""
    day = tonight - timedelta(days=int(rng.integers(HISTORY_NIGHTS - 20, HISTORY_NIGHTS)))
    end = tonight - timedelta(days=_QUIET_NIGHTS)
    while day < end:
        run = 4 if rng.random() < 0.05 else 3
        nights = [day + timedelta(days=n) for n in range(run)]
        if rng.random() < 0.7:
            nights += [nights[-1] + timedelta(days=2 + n) for n in range(int(rng.integers(1, 4)))]
        nights = [night for night in nights if night < end]
        if nights:
            _add_permit(scene, site, nights, rng)
        day = day + timedelta(days=len(nights) + int(rng.integers(6, 27)))


def _permitted(scene: Scene, site: Site, nights: Nights, rng: Rng) -> None:
    begun = int(rng.integers(0, 3))
    first = nights.planned - timedelta(days=begun)
    listed = [first + timedelta(days=n) for n in range(3)]
    listed += [first + timedelta(days=4 + n) for n in range(int(rng.integers(0, 3)))]
    _add_permit(scene, site, listed, rng, posted=site.story != "no_notice")
    _hear(scene, site, listed, rng)


def _rest_planned(scene: Scene, site: Site, nights: Nights, rng: Rng) -> None:
    _add_permit(scene, site, previous(nights.planned, 4), rng)


def _refused(scene: Scene, site: Site, nights: Nights, rng: Rng) -> None:
    listed = [nights.planned + timedelta(days=n) for n in range(2)]
    _add_permit(scene, site, listed, rng, state=site.story)


def _rest(scene: Scene, site: Site, nights: Nights, rng: Rng) -> None:
    before = previous(nights.planned - timedelta(days=1), 3)
    after = [nights.planned + timedelta(days=n) for n in (1, 2, 3)]
    _add_permit(scene, site, [*before, *after], rng)
    _hear(scene, site, before, rng)


def _ran_out(scene: Scene, site: Site, nights: Nights, rng: Rng) -> None:
    last = nights.planned - timedelta(days=int(rng.integers(2, 7)))
    _add_permit(scene, site, previous(last, int(rng.integers(1, 4))), rng)


def _coming(scene: Scene, site: Site, nights: Nights, rng: Rng) -> None:
    first = nights.planned + timedelta(days=int(rng.integers(1, 6)))
    _add_permit(scene, site, [first + timedelta(days=n) for n in range(int(rng.integers(1, 4)))], rng)


def _quiet(scene: Scene, site: Site, nights: Nights, rng: Rng) -> None:
    """A site whose last permit ran out weeks ago and where all is still."""


def _breach(scene: Scene, site: Site, nights: Nights, rng: Rng) -> None:
    _read(scene, site, nights.found, rng, working=True, leq=float(rng.uniform(58, 70)))
    if site.story == "handling":
        add_open_case(scene, site.place, "complaint", rng, title="夜间无证施工扰民")


def _breach_rest(scene: Scene, site: Site, nights: Nights, rng: Rng) -> None:
    _add_permit(scene, site, previous(nights.found.day, 4), rng)
    _read(scene, site, nights.found, rng, working=True, leq=float(rng.uniform(52, 60)))


def _noise_over(scene: Scene, site: Site, nights: Nights, rng: Rng) -> None:
    listed = previous(nights.found.day, 2)
    if nights.planned != nights.found.day:
        listed.append(nights.planned)
    _add_permit(scene, site, listed, rng)
    _read(scene, site, nights.found, rng, working=True, leq=float(rng.uniform(57.5, 66)))


_STORIES = {
    "permitted": _permitted, "filed": _permitted, "no_notice": _permitted, "emergency": _permitted,
    "rest_planned": _rest_planned, "applied": _refused, "suspended": _refused, "revoked": _refused, "rest": _rest,
    "ran_out": _ran_out, "coming": _coming, "quiet": _quiet, "breach": _breach, "handling": _breach,
    "breach_rest": _breach_rest, "noise_over": _noise_over,
}  # fmt: skip


def _add_permit(
    scene: Scene, site: Site, nights: Sequence[date], rng: Rng, *, state: str = "granted", posted: bool = True
) -> None:
    serial = scene.records.count("permit_night") + 1
    number = f"徐夜{_PREFIX[site.basis]}〔{min(nights).year}〕{serial % 100000:05d}"
    handled = _handled(scene, min(nights), state, rng)
    permit = scene.records.add(
        "permit",
        place_id=site.place,
        kind="night_work",
        number=number,
        state="published" if state == "granted" and posted else state,
        valid_from=min(nights),
        valid_to=max(nights) + timedelta(days=1),
        basis=site.basis,
        notice_posted=posted,
        quantity=_QUANTITIES[site.works].format(len(nights) * int(rng.integers(40, 160))),
        **handled,
    )
    if site.basis == "permit":
        _add_certificate(scene, site, number, nights)
    if site.basis != "emergency":
        _add_documents(scene, permit, handled["applied_on"], site, posted=posted)
    for night in nights:
        span = night_of_day(night)
        ends = span.ends_at - timedelta(minutes=int(rng.choice([0, 0, 0, 60, 120])))
        scene.records.add(
            "permit_night", permit_id=permit, period=f"[{span.starts_at.isoformat()},{ends.isoformat()})"
        )


def _handled(scene: Scene, first: date, state: str, rng: Rng) -> dict[str, Any]:
    """Return who decided when: within one working day of the application, if at all."""
    applied = min(scene.day, first - timedelta(days=int(rng.integers(2, 6))))
    if state == "applied":
        return {"issuer": _ISSUER, "applied_on": applied}
    decided = min(scene.day, applied + timedelta(days=1))
    return {"issuer": _ISSUER, "applied_on": applied, "decided_on": decided, "issued_on": decided}


def _add_certificate(scene: Scene, site: Site, number: str, nights: Sequence[date]) -> None:
    """Add the certificate of the works that is given together with the permit (两证联办)."""
    scene.records.add(
        "permit",
        place_id=site.place,
        kind="works_certificate",
        number=number.replace("夜许", "证"),
        valid_from=min(nights),
        valid_to=max(nights) + timedelta(days=1),
        issuer="徐汇区建设和管理委员会",
    )


def _add_documents(scene: Scene, permit: int, received: date, site: Site, *, posted: bool) -> None:
    """Add the papers of an application: all of them the first time, then only what changes from one to the next."""
    again, site.applied = site.applied, True
    for document in DOCUMENTS:
        photo, spared = document.kind == "notice_photo", document.kind in _SPARED
        wanted = document.repeated if again else document.kind != "demolition" or site.works == "demolition"
        if not (posted if photo else wanted):
            continue
        scene.records.add(
            "permit_document",
            permit_id=permit,
            kind=document.kind,
            received_on=None if spared else received,
            spared=spared,
            sealed_by=_SEALS if document.sealed else (),
        )


def _hear(scene: Scene, site: Site, nights: Sequence[date], rng: Rng) -> None:
    """Add what the monitor heard in permitted nights that are over: work within the limits."""
    for night in nights:
        span = night_of_day(night)
        if span.ends_at < scene.at and (scene.day - night).days < _READINGS_DAYS:
            _read(scene, site, span, rng, working=True, leq=float(rng.uniform(45, 54.4)))


def _read(scene: Scene, site: Site, night: NightSpan, rng: Rng, *, working: bool, leq: float) -> None:
    until = min(scene.at, night.ends_at - timedelta(hours=2.5))
    span = max((until - night.starts_at).total_seconds(), 1.0)
    at: datetime = night.starts_at + timedelta(seconds=float(int(span * rng.uniform(0.15, 0.9))))
    scene.records.add(
        "reading",
        place_id=site.place,
        at=at.isoformat(),
        working=working,
        leq_db=round(leq, 1),
        lmax_db=round(min(leq + float(rng.uniform(6, 13)), 69.5 if leq < 55 else 88), 1),
    )
