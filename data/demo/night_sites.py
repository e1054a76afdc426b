"""Building sites that work at night: where they are, and what each is up to tonight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np
from shapely import MultiPolygon, Point, Polygon, affinity, box
from shapely.ops import substring

from data.demo.frame import FloatArray
from data.demo.names import FIRM, Rng, credit_code, firms, mobiles, people
from data.demo.records import shape_wkb
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
    "concrete": "混凝土须连续浇筑，不能留施工缝", "piling": "成孔与灌注须连续作业", "hoisting": "大件须夜间封路吊装",
    "earthwork": "渣土车限白天通行，须夜间外运", "demolition": "临街拆除须夜间封路",
    "road": "白天交通流量大，须夜间封路施工",
    "pipeline": "白天交通流量大，须夜间开挖", "metro": "列车停运后方可施工", "repair": "突发管线故障抢修",
}  # fmt: skip
_NEIGHBOURS = ("住宅楼", "医院住院部", "养老院", "学生公寓", "住宅小区")


_UNIT_SERIALS = 900_000  # of firms that are on no other record
_STRETCH_M, _LANE_M, _FENCE_M = 90.0, 6.0, 9.0


@dataclass(slots=True)
class Site:
    """A site before it is rows."""

    story: str
    basis: str
    works: str
    at: FloatArray
    address: str
    outline: Polygon
    name: str = ""
    contractor: tuple[int, str] = (0, "")
    place: int = 0
    applied: bool = False  # an application has been made, so the next one is a repeated one
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
    outlines = [_outline(scene, work, rng) for work in works]
    at = np.array([[shape.centroid.x, shape.centroid.y] for shape in outlines])
    builders = _builders(scene, rng)
    sites = []
    found = zip(stories, bases, works, at, scene.plan.book.find(at), outlines, strict=True)
    for story, basis, work, point, address, outline in found:
        site = Site(story, basis, work, point, address, outline)
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


def _outline(scene: Scene, works: str, rng: Rng) -> Polygon:
    """Return the fence of a site in metres: round a building, along a stretch of road, beside a station."""
    plan = scene.plan
    if works == "metro":
        inner = [s for s in plan.transit.stations if plan.land.contains_properly(Point(s.x, s.y))]
        station = inner[int(rng.integers(len(inner)))]
        x, y = np.array([station.x, station.y]) + rng.uniform(-60, 60, 2)
        yard: Polygon = affinity.rotate(box(x - 45, y - 16, x + 45, y + 16), float(rng.uniform(-40, 40)))
        return yard
    if works in {"road", "pipeline", "repair"}:
        front = plan.book.streets[int(rng.integers(len(plan.book.streets)))]
        middle = front.line.length * float(rng.uniform(0.25, 0.75))
        stretch = substring(front.line, middle - _STRETCH_M / 2, middle + _STRETCH_M / 2)
        return stretch.buffer(_LANE_M, cap_style="flat", join_style="mitre")
    built = plan.footprints[int(rng.integers(len(plan.footprints)))].shape
    return built.buffer(_FENCE_M, join_style="mitre")


def add_sites(scene: Scene, sites: list[Site], rng: Rng) -> None:
    """Add the sites' places."""
    at = np.array([site.at for site in sites])
    count = len(sites)
    units = _units(rng, count)
    rows = zip(
        sites, scene.wkb(at), scene.area_codes(at), mobiles(rng, count), people(rng, count), strict=True
    )
    for site, geom, area_code, phone, contact in rows:
        outline = MultiPolygon([scene.plan.frame.globe(site.outline)])
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
            outline=shape_wkb(outline),
            enterprise_id=site.contractor[0],
        )


def _units(rng: Rng, count: int) -> Iterator[tuple[str, str]]:
    """Return names and credit codes of the firms that build and that supervise, by turns, two per site."""
    builders = firms(rng, count, ("置业", "城市更新", "建设投资"))
    supervisors = firms(rng, count, ("工程监理", "建设监理"))
    names = (name for pair in zip(builders, supervisors, strict=True) for name in pair)
    return ((name, credit_code(_UNIT_SERIALS + serial, FIRM)) for serial, name in enumerate(names))


def _fields(
    scene: Scene, site: Site, units: tuple[tuple[str, str], tuple[str, str]], phone: str, rng: Rng
) -> dict[str, object]:
    loud = site.story in {"noise_over", "breach", "handling"}
    tools = _EQUIPMENT[site.works]
    return {
        "project": site.name,
        "contractor": site.contractor[1],
        "developer": units[0][0],
        "developer_uscc": units[0][1],
        "supervising_unit": units[1][0],
        "supervising_uscc": units[1][1],
        "works_permit_number": f"3101042{scene.day.year % 100}{int(rng.integers(10**6)):06d}",
        "reason": _REASONS[site.works],
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
