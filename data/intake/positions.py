"""Where a row's place is: coordinates of any datum to WGS-84, checked, and the district they lie in."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.intake.memo import Memo
from data.intake.values import is_null
from geo.arrays import Bools, Floats, Ints
from geo.datum import Datum, to_wgs84, valid_lonlat
from geo.districts import NOWHERE, PolygonSet
from layers.core.text import Text

MISSING: Final = Text(
    "缺少坐标；请补全经度和纬度", "The coordinates are missing; fill in longitude and latitude"
)
SWAPPED: Final = Text(
    "经度和纬度似乎写反了；请对调两列后重新导入",
    "Longitude and latitude look swapped; exchange the two columns",
)
OUTSIDE, DIFFERS = "outside_known_areas", "district_differs"
STRANGE: Final = -2  # the district of a sub-district of which there is no outline
_ENOUGH_ROWS: Final = 5  # fewer say nothing about the whole file
_ENOUGH_TO_COMPARE: Final = 200
_CLEARLY_BETTER: Final = 0.01  # a wrong datum moves 3 to 14 % of a city's places into another district
CERTAIN: Final = 3.0
RIVALS: Final = (Datum.WGS84, Datum.GCJ02, Datum.BD09)
_ENDINGS: Final = ("新区", "区", "县", "市", "城区")


@dataclass(frozen=True, slots=True)
class Position:
    """Where one row lies in WGS-84 degrees, or why it cannot be placed; not stated: all None, no reason."""

    lon: float | None = None
    lat: float | None = None
    area_code: str = ""
    flags: tuple[str, ...] = ()
    reason: Text | None = None


@dataclass(frozen=True, slots=True)
class Positions:
    """Where rows lie, by columns: degrees as text (exact, None where not known) and the code of the area.

    `flags` and `reasons` name only the rows that have any; `unplaced` are the rows that state no position.
    """

    lon: list[str | None]
    lat: list[str | None]
    codes: list[str]
    flags: Mapping[int, tuple[str, ...]]
    reasons: Mapping[int, Text]
    unplaced: list[int]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> Position:
        if row in self.reasons or self.lon[row] is None or self.lat[row] is None:
            return Position(reason=self.reasons.get(row))
        lon, lat = float(self.lon[row] or 0), float(self.lat[row] or 0)
        return Position(lon, lat, self.codes[row], self.flags.get(row, ()))

    def __iter__(self) -> Iterator[Position]:
        return map(self.__getitem__, range(len(self)))

    def without(self, rows: Collection[int]) -> Positions:
        """Return the positions without those of some rows."""
        if not rows:
            return self
        stays = [row not in rows for row in range(len(self))]
        new = {row: at for at, row in enumerate(compress(range(len(self)), stays))}
        return Positions(
            list(compress(self.lon, stays)),
            list(compress(self.lat, stays)),
            list(compress(self.codes, stays)),
            {new[row]: flags for row, flags in self.flags.items() if row in new},
            {new[row]: reason for row, reason in self.reasons.items() if row in new},
            [new[row] for row in self.unplaced if row in new],
        )


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why the datum may be wrong; `grave` where it is more than a hint, so that the file is not taken unasked."""

    words: Text
    grave: bool


@dataclass(slots=True)
class Locator:
    """Places rows, and remembers how well the file's own districts agree with the coordinates.

    `names` is code -> name of the areas. Where the file names districts, the datum is doubted when most of these
    rows lie outside all of them, or when another datum puts clearly more of them into the right one. That is more
    than a hint where chance cannot explain it: where it is `CERTAIN` standard deviations away from the even chance
    that a row near a border has of lying on the right side under either datum (the test of McNemar).
    """

    datum: Datum
    districts: PolygonSet
    streets: PolygonSet
    names: Mapping[str, str]
    named_rows: int = 0
    named_outside: int = 0
    fits: Counter[Datum] = field(default_factory=Counter)  # rows in the district they name, per datum
    better: Counter[Datum] = field(
        default_factory=Counter
    )  # of these, rows that the stated datum puts elsewhere
    _stated: Memo[str, int] = field(init=False)  # what a cell says -> row of the district, NOWHERE for none

    def __post_init__(self) -> None:
        rows = {stem(self.names[code]): row for row, code in enumerate(self.districts.codes)}
        self._stated = Memo(lambda said: rows.get(stem(said), NOWHERE) if said else NOWHERE)

    def place(self, lon: Sequence[str], lat: Sequence[str], district: Sequence[str]) -> Positions:
        """Place rows from the texts of their coordinates and their district ("" where the file has none)."""
        east, north, reasons, unplaced = _numbers(lon, lat)
        x, y = to_wgs84(east, north, self.datum)
        on_earth = valid_lonlat(x, y)
        codes, districts = self._areas(x, y)
        stated = np.array(self._stated.of(district), np.int64)
        self._compare(east, north, districts, stated)
        swapped = self._swapped(east, north, codes == "")
        here = on_earth & ~swapped
        for row in np.flatnonzero(~(here | np.isnan(east))).tolist():
            reasons[row] = SWAPPED if swapped[row] else _not_on_earth(lon[row], lat[row])
        return Positions(
            _texts(x, here),
            _texts(y, here),
            np.where(here, codes, "").tolist(),
            self._flags(districts, stated, here, codes == ""),
            reasons,
            unplaced,
        )

    def _swapped(self, east: Floats, north: Floats, doubtful: Bools) -> Bools:
        """Rows that lie nowhere as they stand, but in a known district with the columns exchanged."""
        with np.errstate(invalid="ignore"):
            polar = (np.abs(north) > 90) & (np.abs(north) <= 180) & (np.abs(east) <= 90)
        other = np.zeros(east.shape, np.bool_)
        if doubtful.any():
            x, y = to_wgs84(north[doubtful], east[doubtful], self.datum)
            other[doubtful] = self.districts.locate_rows(x, y) != NOWHERE
        return np.asarray(other | polar, np.bool_)

    def _areas(self, x: Floats, y: Floats) -> tuple[NDArray[np.str_], Ints]:
        """Return per point the code of the smallest area known, and the row of the district that it is part of."""
        districts, streets = self.districts.locate_rows(x, y), self.streets.locate_rows(x, y)
        if not (streets != NOWHERE).any():
            return self._codes(self.districts, districts), districts
        rows = {code: row for row, code in enumerate(self.districts.codes)}
        parents = np.array([rows.get(code[:6], STRANGE) for code in self.streets.codes], np.int64)
        in_street = streets != NOWHERE
        codes = np.where(
            in_street, self._codes(self.streets, streets), self._codes(self.districts, districts)
        )
        return codes, np.where(in_street, parents[streets], districts)

    def _codes(self, areas: PolygonSet, rows: Ints) -> NDArray[np.str_]:
        return np.array([*areas.codes, ""], np.str_)[rows]

    def _flags(
        self, districts: Ints, stated: Ints, here: Bools, outside: Bools
    ) -> dict[int, tuple[str, ...]]:
        named = here & (stated != NOWHERE)
        self.named_rows += int(np.count_nonzero(named))
        self.named_outside += int(np.count_nonzero(named & outside))
        flags: dict[int, tuple[str, ...]] = dict.fromkeys(np.flatnonzero(here & outside).tolist(), (OUTSIDE,))
        differ = named & ~outside & (districts != stated)
        return flags | dict.fromkeys(np.flatnonzero(differ).tolist(), (DIFFERS,))

    def _compare(self, east: Floats, north: Floats, districts: Ints, stated: Ints) -> None:
        """Count the rows that lie in the district they name, as the datum was stated and in every other."""
        named = np.flatnonzero((stated != NOWHERE) & ~np.isnan(east))
        fits = districts[named] == stated[named]
        self.fits[self._own] += int(np.count_nonzero(fits))
        for datum in RIVALS if named.size else ():
            if datum is not self._own:
                there = self.districts.locate_rows(*to_wgs84(east[named], north[named], datum))
                fits_there = there == stated[named]
                self.fits[datum] += int(np.count_nonzero(fits_there))
                self.better[datum] += int(np.count_nonzero(fits_there & ~fits))

    @property
    def _own(self) -> Datum:
        return Datum.WGS84 if self.datum is Datum.CGCS2000 else self.datum

    def doubt(self) -> Doubt | None:
        """Return the doubt about the datum that the file's own districts raise."""
        return self._doubt_outside() or self._doubt_fit()

    def _doubt_fit(self) -> Doubt | None:
        own = self._own
        best, rows = max(self.fits.items(), key=lambda pair: pair[1], default=(own, 0))
        gain = rows - self.fits[own]
        if self.named_rows < _ENOUGH_TO_COMPARE or gain < _CLEARLY_BETTER * self.named_rows:
            return None
        here, there = (f"{self.fits[datum] / self.named_rows:.1%}" for datum in (own, best))
        worse = self.better[best] - gain
        return Doubt(
            Text(
                f"按 {self.datum.value}，{here} 的行落在其所写的区内；按 {best.value} 则为 {there}。"
                f"坐标系可能写错：请核对，或试用 --datum {best.value}。",
                f"With {self.datum.value} {here} of the rows lie in the district they name, with "
                f"{best.value} {there}; the datum may be wrong: check it, or try --datum {best.value}.",
            ),
            grave=gain > CERTAIN * math.sqrt(self.better[best] + worse),
        )

    def _doubt_outside(self) -> Doubt | None:
        if self.named_rows < _ENOUGH_ROWS or self.named_outside * 2 <= self.named_rows:
            return None
        share = f"{self.named_outside:,}/{self.named_rows:,}"
        others = " / ".join(f"--datum {datum.value}" for datum in RIVALS if datum is not self._own)
        return Doubt(
            Text(
                f"写明本市行政区的行中，{share} 的坐标不在任何已知行政区内；"
                f"坐标系 {self.datum.value} 可能不对：请核对，或试用 {others}。",
                f"Of the rows that name a district of the city, {share} lie outside all of them; the datum "
                f"{self.datum.value} may be wrong: check it, or try {others}.",
            ),
            grave=True,
        )


def stem(district: str) -> str:
    """Return a district's name without its kind (`浦东新区` and `浦东` are `浦东`)."""
    plain = "".join(unicodedata.normalize("NFKC", district).split()).removeprefix("上海市")
    for ending in _ENDINGS:
        if plain.endswith(ending) and len(plain) > len(ending) + 1:
            return plain.removesuffix(ending)
    return plain


def _numbers(lon: Sequence[str], lat: Sequence[str]) -> tuple[Floats, Floats, dict[int, Text], list[int]]:
    """Return the numbers of two columns, NaN where they are none; why not, by row; and the rows that state nothing."""
    east, north = np.array(list(map(_float, lon))), np.array(list(map(_float, lat)))
    reasons: dict[int, Text] = {}
    unplaced = []
    # 0, 0 is how programs say "unknown".
    for row in np.flatnonzero(~np.isfinite(east + north) | ((east == 0) & (north == 0))).tolist():
        pair = _pair(lon[row], lat[row])
        east[row], north[row] = pair if isinstance(pair, tuple) else (math.nan, math.nan)
        if isinstance(pair, Text):
            reasons[row] = pair
        elif pair is None:
            unplaced.append(row)
    return east, north, reasons, unplaced


def _float(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _pair(lon: str, lat: str) -> tuple[float, float] | Text | None:
    """Return the numbers of two cells, why they are none, or None where they are not stated."""
    if is_null(lon) or is_null(lat):
        return None
    numbers = []
    for name, cell in ((Text("经度", "longitude"), lon), (Text("纬度", "latitude"), lat)):
        try:
            number = float(unicodedata.normalize("NFKC", cell).strip().strip("°ENen").strip())
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            return Text(
                f"{name.zh}“{_short(cell)}”不是数字", f"The {name.en} {_short(cell)!r} is not a number"
            )
        numbers.append(number)
    return None if numbers == [0.0, 0.0] else (numbers[0], numbers[1])  # 0, 0 is how programs say "unknown"


def _texts(values: Floats, here: Bools) -> list[str | None]:
    return [
        repr(value) if known else None for value, known in zip(values.tolist(), here.tolist(), strict=True)
    ]


def _not_on_earth(lon: str, lat: str) -> Text:
    return Text(
        f"坐标 ({_short(lon)}, {_short(lat)}) 不在地球上：经度须在 ±180、纬度须在 ±90 以内",
        f"({_short(lon)}, {_short(lat)}) is not on earth: longitude goes to ±180 and latitude to ±90 degrees",
    )


def _short(cell: str) -> str:
    return cell if len(cell) <= 24 else cell[:23] + "…"
