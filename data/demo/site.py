"""What every maker of demo records is given: the plan, the day, a random stream, and where a point lies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np

from data.demo.frame import FloatArray
from data.demo.names import Rng
from data.demo.plan import SEED, Plan
from data.demo.records import Records, points_wkb
from geo.districts import PolygonSet
from layers.core.citytime import CITY_TIME, day_of

DISTRICT = "310104"
DISTRICT_NAME = "徐汇区"


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment a demo is made for; every date is counted from its day."""

    at: datetime

    @property
    def day(self) -> date:
        """The city's day."""
        return day_of(self.at)

    def days_ago(self, days: float | np.integer[Any]) -> date:
        """Return the day some days ago (or ahead, if negative)."""
        return self.day - timedelta(days=int(days))

    def clock(self, days_ago: float, hour: float) -> str:
        """Return a moment of a day in the city, never after now, as ISO text."""
        whole = datetime.combine(self.days_ago(days_ago), time(), CITY_TIME) + timedelta(
            minutes=int(hour * 60)
        )
        return min(whole, self.at - timedelta(minutes=7)).isoformat()


@dataclass(frozen=True, slots=True)
class Scene(Moment):
    """The district on one day. `bad_spots` are points (metres) around which trouble gathers."""

    plan: Plan
    records: Records
    areas: PolygonSet
    bad_spots: FloatArray

    def rng(self, topic: int) -> Rng:
        """Return the random stream of a topic; streams do not disturb each other."""
        return np.random.default_rng([SEED, topic])

    def area_codes(self, points: FloatArray) -> list[str]:
        """Return the sub-district code per (n, 2) points in metres."""
        degrees = self.plan.frame.degrees(points)
        codes = self.areas.locate(degrees[:, 0], degrees[:, 1])
        return [str(code) or DISTRICT for code in codes]

    def wkb(self, points: FloatArray) -> list[str]:
        """Return (n, 2) points in metres as hex EWKB."""
        return points_wkb(self.plan.frame.degrees(points))
