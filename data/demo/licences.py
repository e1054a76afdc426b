"""Permits of a shop or breakfast outlet, in order or as its story has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from data.demo.names import Rng, food_permit
from data.demo.site import Scene
from layers.core.spec import When
from layers.shops import LAYER as SHOPS

TERM_DAYS = {"food_business": 1825, "hygiene_licence": 1460, "tobacco_licence": 1825}
_NUMBER = {
    "hygiene_licence": "徐卫公字第{:06d}号",
    "fire_check": "徐消安检〔{year}〕{:05d}",
    "tobacco_licence": "3101{:08d}",
    "small_catering_filing": "徐餐备{:08d}",
    "prepacked_food_filing": "YB1310104{:07d}",
}
_ISSUERS = {
    "hygiene_licence": "徐汇区卫生健康委员会", "tobacco_licence": "徐汇区烟草专卖局",
    "fire_check": "徐汇区消防救援支队", "small_catering_filing": "所在街道办事处",
}  # fmt: skip
_TROUBLED = frozenset(
    {"missing", "expired", "revoked", "expiring_7", "expiring_30", "suspended", "applied", "deemed"}
)


@dataclass(frozen=True, slots=True)
class Licensee:
    """Whose permits are made: the place's number, its trade, its firm's code, its attributes, its story."""

    place: int
    category: str
    uscc: str
    fields: dict[str, object]
    story: str


def required_kinds(category: str, fields: dict[str, object]) -> list[str]:
    """Return the kinds of permit a shop must have, the one its story is told of first."""
    values = {"category": category, **fields}
    kinds = [
        spec.kind
        for spec in SHOPS.permits
        if spec.required is not None
        and spec.kind != "liquor_licence"
        and all(_holds(w, values) for w in spec.required)
    ]
    return sorted(kinds, key=lambda kind: (kind == "business_licence", kind not in TERM_DAYS))


def _holds(when: When, values: dict[str, object]) -> bool:
    value = values.get(when.field)
    if when.operator == "true":
        return value is True
    accepted = when.value if isinstance(when.value, tuple) else (when.value,)
    return (value in accepted) != (when.operator == "not_in")


def add_permits(scene: Scene, who: Licensee, kinds: list[str], rng: Rng) -> None:
    """Add all permits of a place; the first kind carries the trouble, if there is any."""
    if who.story == "unknown":
        return
    opened = scene.days_ago(rng.integers(420, 3400))
    for index, kind in enumerate(kinds):
        story = who.story if index == 0 and who.story in _TROUBLED else ""
        if story == "missing":
            continue
        _add(scene, who, kind, story, opened, rng)


def _add(scene: Scene, who: Licensee, kind: str, story: str, opened: date, rng: Rng) -> None:
    if not story and kind == "food_business":
        kind = _instead(who.category, rng) or kind
    term = TERM_DAYS.get(kind)
    number = _number(scene, who, kind, rng)
    state, valid_from, valid_to, renewal = _standing(scene, story, term, opened, rng)
    handled = _handled(scene, kind, valid_from, rng)
    scene.records.add(
        "permit",
        place_id=who.place,
        kind=kind,
        number=number,
        state=state,
        valid_from=valid_from,
        valid_to=valid_to,
        renewal_applied_on=renewal,
        **handled,
    )
    earlier = valid_from - timedelta(days=1) if valid_from and term else None
    if earlier is not None and not story and earlier > opened and (scene.day - earlier).days < 900:
        scene.records.add(
            "permit",
            place_id=who.place,
            kind=kind,
            number=number,
            state="granted",
            valid_from=earlier - timedelta(days=term or 0),
            valid_to=earlier,
        )


def _handled(scene: Scene, kind: str, valid_from: date | None, rng: Rng) -> dict[str, object]:
    """Return who handled a permit when; one that is only applied for has not been decided."""
    issuer = _ISSUERS.get(kind, "徐汇区市场监督管理局")
    if valid_from is None:
        return {"issuer": issuer, "applied_on": scene.days_ago(rng.integers(1, 18))}
    decided = valid_from - timedelta(days=int(rng.integers(0, 4)))
    applied = decided - timedelta(days=int(rng.integers(1, 20)))
    return {"issuer": issuer, "applied_on": applied, "decided_on": decided, "issued_on": valid_from}


def _standing(
    scene: Scene, story: str, term: int | None, opened: date, rng: Rng
) -> tuple[str, date | None, date | None, date | None]:
    """Return state, first day, last day, and the day renewal was applied for."""
    if story == "applied":
        return "applied", None, None, None
    if term is None:
        return "revoked" if story == "revoked" else "granted", opened, None, None
    spans = {
        "expired": (-200, -1),
        "revoked": (100, term - 60),
        "expiring_7": (0, 8),
        "expiring_30": (8, 31),
        "suspended": (100, term - 60),
        "deemed": (-25, -2),
    }
    low, high = spans.get(story, (32, term - 5))
    left = int(rng.integers(low, high))
    valid_to = scene.day + timedelta(days=left)
    states = {"revoked": "revoked", "suspended": "suspended", "deemed": "renewing"}
    renewal = valid_to - timedelta(days=int(rng.integers(45, 85))) if story == "deemed" else None
    if not story and left < 60 and rng.random() < 0.5:
        renewal = min(scene.day, valid_to - timedelta(days=50)) - timedelta(days=2)
    return states.get(story, "granted"), valid_to - timedelta(days=term - 1), valid_to, renewal


def _number(scene: Scene, who: Licensee, kind: str, rng: Rng) -> str:
    if kind == "business_licence":
        return who.uscc
    if kind == "food_business":
        retail = {"convenience", "supermarket", "market", "food_maker"}
        digit = "3" if who.category == "canteen" else "1" if who.category in retail else "2"
        return food_permit(scene.records.count("permit") + 1, digit)
    return _NUMBER[kind].format(int(rng.integers(10**5)), year=scene.day.year - 3)


def _instead(category: str, rng: Rng) -> str:
    """Return the filing a small shop may hold in place of the food permit."""
    if category == "snack" and rng.random() < 0.16:
        return "small_catering_filing"
    if category in {"convenience", "supermarket"} and rng.random() < 0.08:
        return "prepacked_food_filing"
    return ""
