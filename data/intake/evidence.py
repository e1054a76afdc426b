"""What a file shows of itself before it is taken in: its columns, which fields they are, and its datum (坐标系)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection

from data.areas import area_names, load_areas
from data.intake.mapping import Plan
from data.intake.positions import CERTAIN, RIVALS, Locator, stem
from data.intake.readers import Row, Table
from geo.datum import Datum

LOOKED_AT: Final = 20_000  # rows: enough to tell datums apart, and read in a second
SAMPLES: Final = 3
_LONGEST: Final = 60  # characters of a sample
_MOST_SURE: Final = 0.9  # of the rows lie in the district they name, or the file is about something else
_LEAST: Final = 30  # rows that name a district


@dataclass(frozen=True, slots=True)
class DatumEvidence:
    """Of the rows that name a district (`named`, in column `by`), how many lie in it under each datum.

    `said`: the file itself says what its datum is.
    """

    looked_at: int
    named: int
    fits: Mapping[Datum, int]
    said: Datum | None = None
    by: str = ""

    def shown(self) -> Datum | None:
        """Return the datum that the rows show to be theirs, None where they do not settle it.

        The best must put nearly all rows where they say they are, and beat the next by more than chance: the
        difference of two counts over the same rows has at most their number of doubtful rows as its variance.
        """
        if self.said is not None:
            return self.said
        best, second = sorted(RIVALS, key=lambda datum: -self.fits.get(datum, 0))[:2]
        if self.named < _LEAST or self.fits.get(best, 0) < _MOST_SURE * self.named:
            return None
        lead = self.fits.get(best, 0) - self.fits.get(second, 0)
        doubtful = self.named - self.fits.get(second, 0)
        return best if lead > CERTAIN * math.sqrt(doubtful) else None

    def as_json(self) -> dict[str, Any]:
        """Return it as kept with a delivery."""
        shown = self.shown()
        return {
            "looked_at": self.looked_at,
            "named": self.named,
            "by": self.by,
            "said": self.said is not None,
            "fits": {datum.value: self.fits.get(datum, 0) for datum in RIVALS},
            "shown": shown.value if shown else "",
        }


def first_rows(table: Table) -> list[Row]:
    """Return as many rows of a file as are looked at before it is taken in."""
    return list(islice(table.rows, LOOKED_AT))


def samples(columns: Sequence[str], rows: Sequence[Row]) -> list[list[str]]:
    """Return for each column the first values that are there, each once, shortened."""
    found: list[list[str]] = []
    for position in range(len(columns)):
        values = dict.fromkeys(cells[position].strip() for _, cells in rows[:200] if position < len(cells))
        found.append([value[:_LONGEST] for value in values if value][:SAMPLES])
    return found


def datum_evidence(connection: Connection, table: Table, plan: Plan, rows: Sequence[Row]) -> DatumEvidence:
    """Compare the positions of rows with the districts they name, under every datum.

    Plane coordinates have become WGS-84 while they were read, and an export of ours names its datum in each row.
    """
    locator = Locator(
        Datum.WGS84, load_areas(connection, 6), load_areas(connection, 9), area_names(connection)
    )
    said = Datum.WGS84 if table.projected else _written(plan, rows)
    stems = [stem(locator.names[code]) for code in locator.districts.codes]
    column, named = _districts(plan, rows, stems)
    lon, lat = (_column(plan.place[name], rows) for name in ("lon", "lat"))
    locator.place(lon, lat, named)
    by = table.columns[column] if column is not None else ""
    return DatumEvidence(len(rows), locator.named_rows, locator.fits, said, by)


def _districts(plan: Plan, rows: Sequence[Row], stems: Sequence[str]) -> tuple[int | None, list[str]]:
    """Return the column that says in which district each row lies, and what it says.

    Where no column is called so, it is the one whose cells begin with a district most often, in half of the rows at
    least: `徐汇 徐家汇`, `徐汇区天钥桥路1号`; a road that is called after a district (`长宁路`) is none.
    """
    if (known := plan.place.get("district")) is not None:
        return known, _column(known, rows)
    begins = re.compile(rf"(?:上海市?)?\s*({'|'.join(map(re.escape, stems))})(?=新?[区县]|\W|\Z)")
    best, said = None, [""] * len(rows)
    for position in range(len(plan.columns)):
        found = [match[1] if (match := begins.match(cell)) else "" for cell in _column(position, rows)]
        if sum(map(bool, found)) * 2 >= len(rows) and sum(map(bool, found)) > sum(map(bool, said)):
            best, said = position, found
    return best, said


def _column(position: int, rows: Sequence[Row]) -> list[str]:
    return [cells[position].strip() if position < len(cells) else "" for _, cells in rows]


def _written(plan: Plan, rows: Sequence[Row]) -> Datum | None:
    if not plan.own or not rows:
        return None
    written = rows[0][1][plan.place["datum"]]
    return Datum(written) if written in set(Datum) else None
