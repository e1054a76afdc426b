"""The lie of the land: the river, its creeks, the quarters, the ring roads and railway of the demo city.

Synthetic curves, given in lon/lat (EPSG:4326); the river keeps to the side of the city where a river is.
"""

from __future__ import annotations

import numpy as np
from shapely import LineString, MultiPolygon

from data.demo.field import Quarter
from data.demo.frame import FloatArray, Frame, polygonal, smooth_line

RIVER_WIDTH_M = 430.0
RIVER = (
    (121.09, 30.99), (121.20, 30.975), (121.31, 30.99), (121.40, 30.985), (121.468, 31.012), (121.4760, 31.045),
    (121.4655, 31.075), (121.4640, 31.1038), (121.4688, 31.117), (121.4672, 31.131), (121.4592, 31.1465),
    (121.4668, 31.161), (121.4660, 31.178), (121.4760, 31.1895), (121.4930, 31.1960), (121.5060, 31.2110),
    (121.5010, 31.2300), (121.4960, 31.2430), (121.5140, 31.2530), (121.5420, 31.2560), (121.5640, 31.2760),
    (121.5520, 31.3100), (121.5270, 31.3420), (121.5080, 31.3750), (121.5150, 31.4150),
)  # fmt: skip
RIVER_NAME = "黄浦江"
CREEKS = (
    ("蒲溪", 26.0, ((121.3600, 31.1790), (121.3860, 31.1740), (121.4050, 31.1660), (121.4260, 31.1655),
                    (121.4420, 31.1590), (121.4560, 31.1560), (121.4650, 31.1570))),
    ("南泾港", 34.0, ((121.3450, 31.1440), (121.3750, 31.1480), (121.4020, 31.1415), (121.4230, 31.1440),
                      (121.4420, 31.1350), (121.4660, 31.1300))),
    ("春申塘", 30.0, ((121.3700, 31.1080), (121.4000, 31.1130), (121.4260, 31.1180), (121.4480, 31.1120),
                      (121.4650, 31.1100))),
)  # fmt: skip
EXPRESSWAYS = (
    ("中环路", ((121.3500, 31.2400), (121.3760, 31.2070), (121.3880, 31.1800), (121.4010, 31.1580), (121.4230, 31.1480),
              (121.4480, 31.1455), (121.4720, 31.1500), (121.5100, 31.1620), (121.5500, 31.1790))),
    ("内环路", ((121.3900, 31.2420), (121.4130, 31.2230), (121.4220, 31.2040), (121.4330, 31.1890), (121.4480, 31.1860),
              (121.4690, 31.1905), (121.4990, 31.2060), (121.5300, 31.2230))),
    ("沪南高架", ((121.4080, 31.2650), (121.4160, 31.2300), (121.4090, 31.2000), (121.4080, 31.1750),
                (121.4180, 31.1500), (121.4200, 31.1200), (121.4130, 31.0900), (121.4000, 31.0500))),
    ("滨南高架", ((121.3300, 31.1100), (121.3700, 31.1220), (121.4050, 31.1290), (121.4350, 31.1245),
                (121.4650, 31.1240), (121.5100, 31.1300), (121.5500, 31.1250))),
)  # fmt: skip
RAILWAY = (
    (121.2900, 31.2120), (121.3400, 31.1950), (121.3800, 31.1740), (121.4030, 31.1530), (121.4150, 31.1330),
    (121.4220, 31.1120), (121.4230, 31.0850), (121.4150, 31.0500),
)  # fmt: skip
METRO = (
    ("1 号线", ((121.4640, 31.2260), (121.4490, 31.2090), (121.4370, 31.1960), (121.4300, 31.1800), (121.4250, 31.1650),
              (121.4190, 31.1500), (121.4130, 31.1340), (121.4000, 31.1180), (121.3860, 31.1060))),
    ("2 号线", ((121.3560, 31.1650), (121.3800, 31.1690), (121.4000, 31.1710), (121.4200, 31.1740), (121.4390, 31.1760),
              (121.4560, 31.1790), (121.4760, 31.1830), (121.5050, 31.1900))),
    ("3 号线", ((121.4560, 31.2350), (121.4600, 31.2150), (121.4580, 31.1960), (121.4510, 31.1780), (121.4450, 31.1590),
              (121.4480, 31.1400), (121.4520, 31.1240), (121.4500, 31.1080), (121.4440, 31.0850))),
)  # fmt: skip
_QUARTERS = (
    (1200, 5600, -17, 900), (-200, 4600, 11, 700), (2200, 3600, -27, 900), (-3600, 1100, 13, 1000),
    (-1600, 1400, -3, 900), (600, 2600, -9, 700), (-400, -300, 8, 800), (1900, 900, 21, 900), (-2200, -1500, 24, 900),
    (300, -2400, -6, 900), (1800, -3000, 10, 800), (1800, -5600, -20, 1100), (-600, -4800, 14, 1000),
    (-7000, 1000, 4, 3000), (7000, 2500, 27, 2600), (6500, -4500, -10, 2600), (-5500, -5500, 18, 2600),
    (0, 9500, -5, 2400), (0, -10000, 6, 3000), (-9500, 6500, -14, 3000), (9000, 8500, -20, 3000),
)  # fmt: skip


def quarters() -> list[Quarter]:
    """Return the quarters of the district and of the country around it, metres from the district's centre."""
    return [Quarter(*map(float, values)) for values in _QUARTERS]


def curve(frame: Frame, points: tuple[tuple[float, float], ...], step: float = 40.0) -> LineString:
    """Return a smooth line in metres through points in lon/lat."""
    degrees: FloatArray = np.array(points)
    return smooth_line(frame.metres(degrees), step)


def through(frame: Frame, points: tuple[tuple[float, float], ...]) -> LineString:
    """Return a curve that goes straight on for 15 km at both ends, so that it leaves the map."""
    line = np.array(curve(frame, points).coords)
    before, after = line[0] - line[1], line[-1] - line[-2]
    first = line[0] + before / np.hypot(*before) * 15_000
    last = line[-1] + after / np.hypot(*after) * 15_000
    return LineString(np.vstack([first, line, last]))


def river(frame: Frame) -> MultiPolygon:
    """Return the river as a polygon in metres."""
    return polygonal(curve(frame, RIVER, 60.0).buffer(RIVER_WIDTH_M / 2, cap_style="flat").simplify(2.0))


def creeks(frame: Frame) -> list[tuple[str, MultiPolygon]]:
    """Return names and shapes of the creeks in metres; they reach into the river."""
    return [
        (name, polygonal(curve(frame, points).buffer(width / 2, cap_style="flat").simplify(1.0)))
        for name, width, points in CREEKS
    ]
