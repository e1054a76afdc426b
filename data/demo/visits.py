"""Inspections over two years: on the plan the rules make, passed or as the place's story has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from data.demo.names import Rng
from data.demo.site import DISTRICT, Scene
from data.rules import packaged_rules
from data.tables import registry
from layers.core.checks.inspections import visits_a_year
from layers.core.facts import Facts

HISTORY_DAYS = 730
_NOTES = {
    "passed": ("现场检查符合要求", "台账齐全，未发现问题", "索证索票齐全"),
    "minor": ("一般问题当场改正", "一般问题已告知，当场整改", "总体符合要求，个别记录补全"),
    "conditional": ("后厨地面积水，限期整改", "健康证未全部公示，限期整改", "生熟砧板混用，限期整改"),
    "failed": ("超范围经营且拒不整改", "加工场所存在严重卫生问题", "使用过期原料"),
    "no_entry": ("店门关闭，未能入内",),
    "closed": ("现场已停业，门店搬空",),
}
_LONG_OVERDUE_DAYS = 200
_SINCE_CODES = date(2025, 1, 1)  # since when a visit has needed a check code (检查码)


@dataclass(frozen=True, slots=True)
class Visited:
    """A place as its inspector sees it."""

    layer: str
    place: int
    category: str
    fields: Mapping[str, object]
    story: str


@dataclass(frozen=True, slots=True)
class Seen:
    """How a visit went: its kind and result, critical, serious and minor faults, the day of the follow-up."""

    kind: str
    result: str
    faults: tuple[int, int, int] = (0, 0, 0)
    due: date | None = None


@lru_cache(maxsize=256)
def interval_days(layer: str, day: date, category: str, risk: str, credit: str) -> int:
    """Return the days between two visits by the rules in force, 0 where no visit is planned."""
    for rule in packaged_rules(registry[layer]).applying(day, DISTRICT):
        if rule.check == "inspection_due" and category in rule.params.get("categories", (category,)):
            attributes = {"food_risk": risk or None, "credit_risk": credit or None}
            visits = visits_a_year(
                rule.params,
                Facts(layer=layer, place_id=0, category=category, city=DISTRICT, attributes=attributes),
            )
            return round(365 / visits) if visits > 0 else 0
    return 0


def planned_interval(scene: Scene, who: Visited) -> int:
    """Return the days between two visits of a place, 0 where none is planned."""
    risk, credit = who.fields.get("food_risk"), who.fields.get("credit_risk")
    return interval_days(who.layer, scene.day, who.category, str(risk or ""), str(credit or ""))


def add_visits(scene: Scene, who: Visited, staff: list[str], rng: Rng) -> None:
    """Add the last visit as the story has it, and the earlier ones, all in order."""
    if who.story == "unknown":
        return
    interval = planned_interval(scene, who)
    if not interval:
        if rng.random() < 0.3 or who.story in {"closed", "no_entry"}:
            _add(scene, who, float(rng.uniform(40, 700)), Seen("random", "passed"), staff, rng)
    else:
        ago = _last_visit_ago(who.story, interval, rng)
        _add_last(scene, who, ago, staff, rng)
        ago += interval * rng.uniform(0.75, 1.05)
        while ago < HISTORY_DAYS:
            _add_earlier(scene, who, ago, staff, rng)
            ago += interval * rng.uniform(0.75, 1.05)
    if who.story in {"closed", "no_entry"}:
        _add(scene, who, float(rng.uniform(3, 30)), Seen("routine", who.story), staff, rng)


def _last_visit_ago(story: str, interval: int, rng: Rng) -> float:
    """Return the age of the last visit in days, so that the next is due as the story says."""
    if story == "due_soon":
        return interval - int(rng.integers(1, 30))
    if story == "overdue":
        return interval + int(rng.integers(2, 150))
    if story == "long_overdue":
        return interval + int(rng.integers(_LONG_OVERDUE_DAYS, _LONG_OVERDUE_DAYS + 120))
    if story in {"failed", "follow_up_overdue", "conditional", "serious", "minor"}:
        return int(rng.integers(18, max(19, min(interval - 32, 75))))
    return int(rng.integers(2, interval - 31))


def _add_last(scene: Scene, who: Visited, ago: float, staff: list[str], rng: Rng) -> None:
    story = who.story
    if story == "failed":
        seen = Seen("routine", "failed", (1, 2, 3))
    elif story == "follow_up_overdue":
        due = scene.days_ago(int(rng.integers(1, max(2, int(ago) - 10))))
        seen = Seen("routine", "conditional", (0, 1, 4), due)
    elif story == "conditional":
        due = scene.day + timedelta(days=int(rng.integers(1, 12)))
        seen = Seen("routine", "conditional", (0, 1, 3), due)
    elif story in {"serious", "minor"}:
        seen = Seen(
            "routine", "passed", (0, 1, 2) if story == "serious" else (0, 0, int(rng.integers(7, 11)))
        )
    else:
        kind = ("routine", "routine", "routine", "random", "unannounced")[int(rng.integers(5))]
        kind = "routine" if who.layer == "breakfast" else kind
        seen = Seen(kind, "passed", (0, 0, int(rng.integers(0, 5))))
    _add(scene, who, ago, seen, staff, rng)


def _add_earlier(scene: Scene, who: Visited, ago: float, staff: list[str], rng: Rng) -> None:
    if rng.random() < 0.1:
        seen = Seen("routine", "conditional", (0, 1, 4), scene.days_ago(int(ago) - 10))
        _add(scene, who, ago, seen, staff, rng)
        _add(scene, who, ago - 8, Seen("follow_up", "passed"), staff, rng)
    else:
        _add(scene, who, ago, Seen("routine", "passed", (0, 0, int(rng.integers(0, 4)))), staff, rng)


def _add(scene: Scene, who: Visited, ago: float, seen: Seen, staff: list[str], rng: Rng) -> None:
    face = who.fields.get("face_grade")
    notes = _NOTES["minor" if seen.result == "passed" and any(seen.faults) else seen.result]
    first = int(rng.integers(len(staff)))
    scene.records.add(
        "inspection",
        place_id=who.place,
        kind=seen.kind,
        at=scene.clock(ago, 9 + float(rng.uniform(0, 8))),
        result=seen.result,
        grade=str(face) if face and seen.result in {"passed", "conditional"} else "",
        critical=seen.faults[0],
        serious=seen.faults[1],
        minor=seen.faults[2],
        follow_up_due=seen.due,
        note=notes[int(rng.integers(len(notes)))],
        inspector=staff[first],
        second_inspector=staff[(first + 1 + int(rng.integers(len(staff) - 1))) % len(staff)],
        check_code=f"JC{scene.records.count('inspection') + 1:08d}"
        if scene.days_ago(ago) >= _SINCE_CODES
        else "",
        level="city" if seen.kind == "unannounced" else "district" if seen.kind == "random" else "street",
        published_on=scene.days_ago(ago - 12) if ago > 12 else None,
    )
