"""Building sites that work at night: where they are, and what each is up to tonight."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np
from shapely import Point

from data.demo.frame import FloatArray
from data.demo.names import FIRM, Rng, credit_code, firms, mobiles, people
from data.demo.site import DISTRICT_NAME, Scene
from data.demo.words import BUILDER_TRADES
from layers.core.night import NightSpan, coming_night, last_night, night_of

TONIGHT = {
    "permitted": 12, "filed": 6, "emergency": 2, "no_notice": 2, "rest_planned": 2, "applied": 2, "suspended": 1,
    "revoked": 1, "rest": 5, "ran_out": 4, "coming": 7, "quiet": 6, "breach": 2, "breach_rest": 1, "handling": 1,
    "noise_over": 3, "unknown": 1,
}  # fmt: skip
"""How many sites have which story tonight."""
_WORKS = {
    "permit": ("concrete", "concrete", "piling", "hoisting", "earthwork", "demolition"),
    "filing": ("road", "pipeline", "metro"),
    "emergency": ("repair",),
}
_PROJECTS = {
    "concrete": "商办楼新建工程", "piling": "地下空间工程", "hoisting": "连廊钢结构工程", "earthwork": "基坑土方工程",
    "demolition": "旧楼拆除工程", "road": "道路综合整治工程", "pipeline": "雨污水管改造工程",
    "metro": "轨道交通区间工程",
    "repair": "管线抢修工程",
}  # fmt: skip
_EQUIPMENT = {
    "concrete": ("pump", "mixer", "vibrator"), "piling": ("drill", "crane", "generator"), "hoisting": ("crane",),
    "earthwork": ("excavator", "lorry"), "demolition": ("breaker", "excavator", "lorry"),
    "road": ("paver", "breaker", "lorry"), "pipeline": ("excavator", "breaker"),
    "metro": ("crane", "lorry", "generator"), "repair": ("excavator", "generator"),
}  # fmt: skip
_REASONS = {
    "permit": "混凝土须连续浇筑，不能留施工缝", "filing": "白天交通流量大，须夜间封路施工",
    "emergency": "突发管线故障抢修",
}  # fmt: skip
_NEIGHBOURS = ("住宅楼", "医院住院部", "养老院", "学生公寓", "住宅小区")


@dataclass(slots=True)
class Site:
    """A site before it is rows."""

    story: str
    basis: str
    works: str
    at: FloatArray
    address: str
    name: str = ""
    contractor: tuple[int, str] = (0, "")
    place: int = 0
    fields: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Nights:
    """The night that counts for what is planned, and the one that counts for what was found."""

    planned: date
    found: NightSpan

    @classmethod
    def at(cls, at: datetime) -> Nights:
        """Return the nights as of a moment: by day the coming one and the last."""
        return cls(coming_night(at).day, night_of(at) or last_night(at))


def choose_sites(scene: Scene, rng: Rng) -> list[Site]:
    """Return the sites: buildings inside blocks, road and pipe works on streets, metro works at stations."""
    stories = [story for story, count in TONIGHT.items() for _ in range(count)]
    bases = [_basis(story, rng) for story in stories]
    works = [_WORKS[basis][int(rng.integers(len(_WORKS[basis])))] for basis in bases]
    at = np.array([_spot(scene, work, rng) for work in works])
    builders = _builders(scene, rng)
    sites = []
    for story, basis, work, point, address in zip(
        stories, bases, works, at, scene.plan.book.find(at), strict=True
    ):
        site = Site(story, basis, work, point, address)
        road = address[: address.index("路") + 1]
        site.name = f"{road}{_PROJECTS[work]}{int(rng.integers(1, 6))}标"
        site.contractor = builders[int(rng.integers(len(builders)))]
        sites.append(site)
    return sites


def _basis(story: str, rng: Rng) -> str:
    if story == "emergency":
        return "emergency"
    if story in {"filed", "permitted"}:
        return "filing" if story == "filed" else "permit"
    return "filing" if rng.random() < 0.3 else "permit"


def _builders(scene: Scene, rng: Rng) -> list[tuple[int, str]]:
    builders = []
    for name in firms(rng, 16, BUILDER_TRADES):
        code = credit_code(scene.records.count("enterprise") + 1, FIRM)
        builders.append((scene.records.add("enterprise", uscc=code, name=name), name))
    return builders


def _spot(scene: Scene, works: str, rng: Rng) -> FloatArray:
    plan = scene.plan
    if works == "metro":
        inner = [s for s in plan.transit.stations if plan.land.contains_properly(Point(s.x, s.y))]
        station = inner[int(rng.integers(len(inner)))]
        return np.array([station.x, station.y]) + rng.uniform(-60, 60, 2)
    if works in {"road", "pipeline", "repair"}:
        front = plan.book.streets[int(rng.integers(len(plan.book.streets)))]
        middle = front.line.interpolate(float(rng.uniform(0.25, 0.75)), normalized=True)
        return np.array([middle.x, middle.y])
    footprint = plan.footprints[int(rng.integers(len(plan.footprints)))].shape.centroid
    return np.array([footprint.x, footprint.y])


def add_sites(scene: Scene, sites: list[Site], rng: Rng) -> None:
    """Add the sites' places."""
    at = np.array([site.at for site in sites])
    count = len(sites)
    units = iter(firms(rng, count * 2, ("置业", "城市更新", "工程监理", "建设管理")))
    rows = zip(
        sites, scene.wkb(at), scene.area_codes(at), mobiles(rng, count), people(rng, count), strict=True
    )
    for site, geom, area_code, phone, contact in rows:
        site.fields = _fields(scene, site, (next(units), next(units)), phone, rng)
        site.place = scene.records.place(
            "nights",
            site.fields,
            name=site.name,
            address=DISTRICT_NAME + site.address,
            area_code=area_code,
            category=site.works,
            phone=phone,
            contact=contact,
            geom=geom,
            enterprise_id=site.contractor[0],
        )


def _fields(scene: Scene, site: Site, units: tuple[str, str], phone: str, rng: Rng) -> dict[str, object]:
    loud = site.story in {"noise_over", "breach", "handling"}
    tools = _EQUIPMENT[site.works]
    return {
        "project": site.name,
        "contractor": site.contractor[1],
        "developer": units[0],
        "supervising_unit": units[1],
        "works_permit_number": f"3101042{scene.day.year % 100}{int(rng.integers(10**6)):06d}",
        "reason": _REASONS[site.basis],
        "equipment": sorted(
            tools[int(i)] for i in rng.permutation(len(tools))[: int(rng.integers(1, len(tools) + 1))]
        ),
        "sensitive_building": _NEIGHBOURS[int(rng.integers(len(_NEIGHBOURS)))],
        "sensitive_m": int(rng.integers(14, 60) if loud else rng.integers(25, 280)),
        "exam_site_m": int(rng.integers(60, 1800)),
        "night_phone": phone,
        "notice_text": f"{site.name}因工艺要求须夜间施工，给您带来不便，敬请谅解。",
        "dispute": "noise" if loud else "none",
    }


def previous(day: date, count: int) -> list[date]:
    """Return `count` nights up to and including one, oldest first."""
    return [day - timedelta(days=back) for back in range(count - 1, -1, -1)]
