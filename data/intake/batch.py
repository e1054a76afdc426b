"""A chunk of rows made ready to be copied: places, permits with their nights, inspections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from data.copy import copied
from data.intake.dates import UnreadableError
from data.intake.mapping import Plan
from data.intake.memo import Memo
from data.intake.outcome import Rejected
from data.intake.outlines import read_outline
from data.intake.positions import MISSING, Locator, Positions
from data.intake.records import InspectionRow, PermitRow, RecordReader
from data.intake.rows import UNREADABLE, PlaceMaker, Places
from data.intake.sheet import Sheet
from data.intake.values import is_null
from data.search_text import area_words
from layers.core.identifiers import check_jy, jy_district
from layers.core.spec import Layer
from layers.core.text import Text

NAMELESS: Final = Text("缺少名称；请补全后重新导入", "The name is missing; fill it in and import again")

Columns = dict[str, Sequence[str | None]]


@dataclass(slots=True)
class Ready:
    """A chunk as the database takes it: places by columns, records row by row."""

    places: Columns = field(default_factory=dict)
    permits: list[tuple[Any, ...]] = field(default_factory=list)
    nights: list[tuple[Any, ...]] = field(default_factory=list)
    inspections: list[tuple[Any, ...]] = field(default_factory=list)


class Batch:
    """The rows of one chunk at a time in the order the database takes them; what is rejected adds up over the
    file.

    `unplaced` keeps the cells of rows that state no position: another row, or the place known, may have it.
    """

    def __init__(self, layer: Layer, plan: Plan, locator: Locator, month_days: float, source: str) -> None:
        self._layer, self._plan, self._locator, self._source = layer, plan, locator, source
        self._maker = PlaceMaker(layer, plan, month_days)
        self._area_words = Memo(self._words_of_area)
        permit, inspection = layer.intake.permit, layer.intake.inspection
        self._permit = RecordReader(permit, plan.permit) if permit and plan.permit else None
        self._inspection = (
            RecordReader(inspection, plan.inspection) if inspection and plan.inspection else None
        )
        self.ready = Ready()
        self.rejected: list[Rejected] = []
        self.unplaced: dict[int, Mapping[str, str]] = {}
        self.unreadable_permits = self.unreadable_inspections = 0

    def locate(self, sheet: Sheet) -> Positions:
        """Return where each row of a chunk lies."""
        return self._locator.place(*(sheet.known(name) for name in ("lon", "lat", "district")))

    def take(self, sheet: Sheet, positions: Positions) -> None:
        """Make a chunk ready, in place of the one before."""
        self.ready = Ready()
        rejected = self._reject(sheet, positions)
        sheet, positions = sheet.without(rejected), positions.without(rejected)
        places = self._maker.make(sheet)
        numbers = self._read_records(sheet, positions)
        outlines = self._outlines(sheet, positions)
        self._keep_districts(sheet, positions)
        for row in positions.unplaced:
            self.unplaced[sheet.rows[row][0]] = sheet.raw(row)
        self.ready.places = self._columns(sheet, places, positions, numbers, outlines)

    def _reject(self, sheet: Sheet, positions: Positions) -> Mapping[int, Text]:
        """Return why some rows are not taken in, and keep them."""
        names, ids = sheet.known("name"), sheet.known("external_id")
        reasons = dict.fromkeys((row for row in positions.unplaced if not ids[row]), MISSING)
        reasons |= positions.reasons
        reasons |= dict.fromkeys((row for row, name in enumerate(names) if not name), NAMELESS)
        self.rejected += [
            Rejected(sheet.rows[row][0], reasons[row], sheet.raw(row)) for row in sorted(reasons)
        ]
        return reasons

    def _read_records(self, sheet: Sheet, positions: Positions) -> list[str]:
        """Read permits and inspections; returns the number of the permit of each row, "" where there is none."""
        numbers = [""] * len(sheet)
        for row, (number, cells) in enumerate(sheet.rows) if self._permit or self._inspection else ():
            permit, inspection = (
                self._read_permit(sheet, row, cells),
                self._read_inspection(sheet, row, cells),
            )
            if permit is not None:
                numbers[row] = permit.number
                self._check_number(sheet, row, permit, positions.codes[row])
            self._add_records(number, permit, inspection)
        return numbers

    def _read_permit(self, sheet: Sheet, row: int, cells: list[str]) -> PermitRow | None:
        try:
            return self._permit.permit(cells) if self._permit else None
        except UnreadableError:
            self.unreadable_permits += 1
            sheet.flag([row], "permit_unreadable")
            _keep(sheet, row, self._plan.permit.values())
            return None

    def _read_inspection(self, sheet: Sheet, row: int, cells: list[str]) -> InspectionRow | None:
        if self._inspection is None:
            return None
        try:
            inspection = self._inspection.inspection(cells)
        except UnreadableError:
            self.unreadable_inspections += 1
            sheet.flag([row], "inspection_unreadable")
            _keep(sheet, row, self._plan.inspection.values())
            return None
        if inspection is not None and (unknown := self._inspection.unknown_words(cells)):
            sheet.flag([row], UNREADABLE)
            _keep(sheet, row, (self._plan.inspection[name] for name in unknown))
        return inspection

    def _check_number(self, sheet: Sheet, row: int, permit: PermitRow, area_code: str) -> None:
        """Flag a food permit whose number fails its check or names another district than the one it lies in."""
        spec = self._layer.permit_of(permit.kind)
        number = permit.number.upper()
        if spec is None or spec.number != "jy" or not number.startswith("JY"):
            return  # elsewhere such permits are numbered otherwise
        if not check_jy(number).ok:
            sheet.flag([row], "permit_number_doubtful")
        elif area_code and jy_district(number) != area_code[:6]:
            sheet.flag([row], "permit_district_differs")

    def _outlines(self, sheet: Sheet, positions: Positions) -> list[str | None]:
        outlines: list[str | None] = [None] * len(sheet)
        at = self._plan.place.get("outline")
        for row, cell in enumerate(sheet.column(at)) if at is not None else ():
            placed = positions[row]
            if is_null(cell) or placed.lon is None or placed.lat is None:
                continue
            try:
                outlines[row] = read_outline(cell, self._locator.datum, placed.lon, placed.lat)
            except UnreadableError:
                sheet.flag([row], UNREADABLE)
                _keep(sheet, row, [at or 0])
        return outlines

    def _keep_districts(self, sheet: Sheet, positions: Positions) -> None:
        """Keep what the file says of the district where the position does not bear it out."""
        if (at := self._plan.place.get("district")) is not None:
            sheet.keep([*positions.flags, *positions.unplaced], at)

    def _columns(
        self,
        sheet: Sheet,
        places: Places,
        positions: Positions,
        numbers: Sequence[str],
        outlines: Sequence[str | None],
    ) -> Columns:
        extra = sheet.extra()
        columns: Columns = {
            "row_number": [str(number) for number, _ in sheet.rows],
            "of_source": [source or self._source for source in places.source],
            "external_id": places.external_id,
            "hashed": list(map(str, places.hashed)),
            "name": places.name,
            "lon": positions.lon,
            "lat": positions.lat,
            "area_code": positions.codes,
            "place_flags": _arrays(positions.flags, len(sheet)),
            "flags": _arrays({row: sorted(flags) for row, flags in sheet.flags.items()}, len(sheet)),
            "extra": extra,
            "search_text": self._maker.searched(places, self._area_words.of(positions.codes), numbers),
            "digest": ["\\x" + digest for digest in places.digests(sheet, extra, outlines)],
        }
        return columns | self._stated(places, outlines)

    def _stated(self, places: Places, outlines: Sequence[str | None]) -> Columns:
        """Return the columns in which something is said; the others keep the defaults of the table."""
        texts = ("address", "category", "phone", "contact", "uscc", "enterprise", "building")
        stated: dict[str, Sequence[Any]] = {name: getattr(places, name) for name in texts}
        stated |= {"uscc_doubtful": places.uscc_doubtful, "outline": outlines}
        columns: Columns = {name: _texts(values) for name, values in stated.items() if any(values)}
        return columns | {
            f"f_{name}": [value.copied if value else None for value in values]
            for name, values in places.fields.items()
        }

    def _words_of_area(self, code: str) -> list[str]:
        return area_words(code, self._locator.names)

    def _add_records(self, number: int, permit: PermitRow | None, inspection: InspectionRow | None) -> None:
        if permit is not None:
            p = permit
            terms = (p.valid_from, p.valid_to, p.renewal_applied_on, p.applied_on, p.decided_on, p.issued_on)
            about = (p.issuer, p.quantity, p.basis, p.notice_posted)
            self.ready.permits.append((number, p.kind, p.number, p.state.value, *terms, *about))
            self.ready.nights += [(number, start.isoformat(), end.isoformat()) for start, end in p.nights]
        if inspection is not None:
            i = inspection
            faults = (i.critical, i.serious, i.minor, i.follow_up_due)
            by = (i.inspector, i.second_inspector, i.check_code, i.level, i.published_on)
            self.ready.inspections.append(
                (number, i.external_id, i.kind, i.at.isoformat(), i.result.value, i.grade, *faults, *by)
            )


def _keep(sheet: Sheet, row: int, columns: Iterable[int]) -> None:
    for at in columns:
        sheet.keep([row], at)


def _texts(values: Sequence[Any]) -> list[str | None]:
    return [None if value is None else str(value) for value in values]


def _arrays(sparse: Mapping[int, Sequence[str]], count: int) -> list[str | None]:
    """Return arrays as COPY takes them, the empty one for a row that is not named."""
    arrays: list[str | None] = ["{}"] * count
    for row, words in sparse.items():
        arrays[row] = copied(list(words))
    return arrays
