"""Small places to judge, with moments told in the city's own time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from layers.core.citytime import CITY_TIME
from layers.core.facts import Facts, Inspection, InspectionResult, Night, Permit, Reading
from layers.core.judge import judge
from layers.core.night import night_of_day
from layers.core.registry import find_layers
from layers.core.rules import RuleTable, parse_table
from layers.core.verdict import Verdict

REGISTRY = find_layers()
RULES_DIR = Path(__file__).parents[2] / "layers" / "rules"
TABLES: dict[str, RuleTable] = {
    layer.id: parse_table((RULES_DIR / f"{layer.rules}.toml").read_text("utf-8"), layer.rules)
    for layer in REGISTRY
}
SHANGHAI = "310104003"


def at(text: str) -> datetime:
    """Read `2021-05-31 21:59` as the city's wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=CITY_TIME)


def day(text: str) -> date:
    """Read a day."""
    return date.fromisoformat(text)


def licence() -> Permit:
    """Return a business licence without end."""
    return Permit(kind="business_licence", number="91310000132260250X", valid_from=day("2015-01-01"))


def food(valid_from: str = "2020-01-01", valid_to: str | None = "2024-12-31", **more: Any) -> Permit:
    """Return a food permit."""
    end = day(valid_to) if valid_to else None
    return Permit(kind="food_business", number="JY", valid_from=day(valid_from), valid_to=end, **more)


def visit(when: str, result: InspectionResult = InspectionResult.PASSED, **more: Any) -> Inspection:
    """Return a routine visit."""
    return Inspection(kind=more.pop("kind", "routine"), at=at(when), result=result, **more)


def shop(*, category: str = "restaurant", city: str = SHANGHAI, **more: Any) -> Facts:
    """Return a shop."""
    return Facts(layer="shops", place_id=1, category=category, city=city, **more)


def site(*, city: str = SHANGHAI, **more: Any) -> Facts:
    """Return a building site."""
    return Facts(layer="nights", place_id=2, category="concrete", city=city, **more)


def nights(*days: str, basis: str = "permit", **more: Any) -> Permit:
    """Return a night permit for the whole nights of some days."""
    spans = [night_of_day(day(text)) for text in days]
    return Permit(
        kind="night_work",
        number="N",
        basis=basis,
        nights=tuple(Night(starts_at=span.starts_at, ends_at=span.ends_at) for span in spans),
        **more,
    )


def heard(when: str, *, working: bool = True, leq: float | None = None, lmax: float | None = None) -> Reading:
    """Return what was noticed at a site."""
    return Reading(at=at(when), working=working, leq_db=leq, lmax_db=lmax)


def judged(facts: Facts, when: str | datetime) -> Verdict:
    """Judge a place by the rules of its layer."""
    moment = at(when) if isinstance(when, str) else when
    return judge(REGISTRY[facts.layer], facts, TABLES[facts.layer], moment)


def codes(verdict: Verdict) -> dict[str, str]:
    """Return code -> tier of a verdict's reasons."""
    return {reason.code: str(reason.tier) for reason in verdict.reasons}


def moment_before(moment: datetime) -> datetime:
    """Return the last moment before another."""
    return moment - timedelta(microseconds=1)
