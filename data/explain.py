"""What a verdict rests on: the facts of a place, the rules in force and what they give, as of a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from data.areas import area_names
from data.db import reading
from data.rules import rules_of
from data.status import verdict_of
from data.tables import registry
from layers.core.citytime import day_of
from layers.core.errors import UnknownPlaceError
from layers.core.facts import Facts
from layers.core.rules import Rule
from layers.core.spec import Layer
from layers.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict with all it rests on; `area` is the name of the place's district and sub-district."""

    layer: Layer
    at: datetime
    facts: Facts
    area: str
    rules: tuple[Rule, ...]
    verdict: Verdict


def explain(engine: Engine, place_id: int, at: datetime) -> Explanation:
    """Judge a place as of a moment without saving it; raises `UnknownPlaceError`."""
    with reading(engine) as connection:
        found = verdict_of(connection, place_id, at)
        if found is None:
            raise UnknownPlaceError(place_id)
        names = area_names(connection)
        facts, verdict = found
        layer = registry[facts.layer]
        rules = rules_of(connection, layer).applying(day_of(at), facts.city)
    area = " ".join(names[code] for code in (facts.city[:6], facts.city) if code in names)
    return Explanation(layer, at, facts, area, rules, verdict)
