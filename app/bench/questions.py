"""What is asked: views and filters by number, so that every run asks the same and none asks twice."""

from __future__ import annotations

import random
from dataclasses import replace

from data.bench import Ask
from layers.core.tiers import STATUSES, TIERS

WORDS = ("面馆", "老街", "青", "松路", "书店1", "药房99", "瑞祥", "梅路500号")
ZOOMS = range(9, 18)
_WIDTH_PX, _HEIGHT_PX = 3072, 1728  # a screen of 1920 x 1080 and what is loaded around it


def chosen(seed: int) -> Ask:
    """Some filters."""
    chance = random.Random(seed)
    tiers = tuple(chance.sample(TIERS, 2))
    statuses = tuple(chance.sample(STATUSES, 3)) if chance.random() < 0.5 else ()
    return Ask(tiers=tiers, statuses=statuses)


def point(seed: int) -> tuple[float, float]:
    """A point of the city, lon and lat in degrees."""
    chance = random.Random(seed + 1000)
    return 121.47 + chance.gauss(0, 0.05), 31.2 + chance.gauss(0, 0.04)


def view(zoom: int, seed: int) -> Ask:
    """A screen at a zoom under some filters."""
    lon, lat = point(seed)
    degree = 360 / 256 / 2**zoom
    across, up = degree * _WIDTH_PX / 2, degree * _HEIGHT_PX / 2 * 0.855
    box = (lon - across, max(lat - up, -89), lon + across, min(lat + up, 89))
    return replace(chosen(seed), bbox=box, zoom=zoom)
