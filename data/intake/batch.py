"""A chunk of rows made ready to be copied: places, permits with their nights, inspections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from data.intake.dates import UnreadableError
from data.intake.mapping import Plan
from data.intake.outcome import Rejected
from data.intake.outlines import read_outline
from data.intake.positions import MISSING, Locator, Position
from data.intake.records import InspectionRow, PermitRow, RecordReader
from data.intake.rows import PlaceMaker, PlaceRow
from data.intake.values import clean, is_null, known
from data.search_text import area_words
from layers.core.identifiers import check_jy, jy_district
from layers.core.spec import Layer
from layers.core.text import Text

Cells = tuple[int, list[str]]


class Batch:
    """The rows of one chunk at a time in the order the database takes them; what is rejected adds up over the
    file.

    `unplaced` keeps the cells of rows that state no position: another row, or the place known, may have it.
    """

    def __init__(self, layer: Layer, plan: Plan, locator: Locator, month_days: float, source: str) -> None:
        self._layer, self._plan, self._locator, self._source = layer, plan, locator, source
        self._maker = PlaceMaker(layer, plan, month_days)
        permit, inspection = layer.intake.permit, layer.intake.inspection
        self._permit = RecordReader(permit, plan.permit) if permit and plan.permit else None
        self._inspection = (
            RecordReader(inspection, plan.inspection) if inspection and plan.inspection else None
        )
        self.places: list[tuple[Any, ...]] = []
        self.permits: list[tuple[Any, ...]] = []
        self.nights: list[tuple[Any, ...]] = []
        self.inspections: list[tuple[Any, ...]] = []
        self.rejected: list[Rejected] = []
        self.unplaced: dict[int, Mapping[str, str]] = {}
        self.unreadable_permits = self.unreadable_inspections = 0

    def locate(self, rows: Sequence[Cells]) -> list[Position]:
        """Return where each row of a chunk lies."""
        return self._locator.place(*(self._column(name, rows) for name in ("lon", "lat", "district")))

    def take(self, rows: Sequence[Cells], positions: Sequence[Position]) -> None:
        """Make a chunk ready, in place of the one before."""
        self.places, self.permits, self.nights, self.inspections = [], [], [], []
        for (number, cells), position in zip(rows, positions, strict=True):
            self._take_row(number, cells, position)

    def _column(self, name: str, rows: Sequence[Cells]) -> list[str]:
        at = self._plan.place.get(name)
        return ["" if at is None else known(cells[at]) for _, cells in rows]

    def _take_row(self, number: int, cells: list[str], position: Position) -> None:
        place = self._maker.make(cells)
        if isinstance(place, Text):
            self._reject(number, place, cells)
        elif position.reason is not None:
            self._reject(number, position.reason, cells)
        elif position.lon is None and place.hashed:
            self._reject(number, MISSING, cells)
        else:
            if position.lon is None:
                self.unplaced[number] = self._raw(cells)
            permit, inspection = self._read_permit(place, cells), self._read_inspection(place, cells)
            if permit is not None:
                self._check_number(place, permit, position)
            self._read_outline(place, cells, position)
            self._keep_district(place, cells, position)
            self.places.append(self._place_tuple(number, place, position, permit))
            self._add_records(number, permit, inspection)

    def _reject(self, number: int, reason: Text, cells: list[str]) -> None:
        self.rejected.append(Rejected(number, reason, self._raw(cells)))

    def _raw(self, cells: list[str]) -> dict[str, str]:
        return {name: clean(cell) for name, cell in zip(self._plan.columns, cells, strict=True)}

    def _read_permit(self, place: PlaceRow, cells: list[str]) -> PermitRow | None:
        try:
            return self._permit.permit(cells) if self._permit else None
        except UnreadableError:
            self.unreadable_permits += 1
            place.flags.add("permit_unreadable")
            self._keep_words(place, self._plan.permit, cells)
            return None

    def _read_inspection(self, place: PlaceRow, cells: list[str]) -> InspectionRow | None:
        if self._inspection is None:
            return None
        try:
            inspection = self._inspection.inspection(cells)
        except UnreadableError:
            self.unreadable_inspections += 1
            place.flags.add("inspection_unreadable")
            self._keep_words(place, self._plan.inspection, cells)
            return None
        if inspection is not None and (unknown := self._inspection.unknown_words(cells)):
            place.flags.add("value_unreadable")
            self._keep_words(place, {name: self._plan.inspection[name] for name in unknown}, cells)
        return inspection

    def _check_number(self, place: PlaceRow, permit: PermitRow, position: Position) -> None:
        """Flag a food permit whose number fails its check or names another district than the one it lies in."""
        spec = self._layer.permit_of(permit.kind)
        number = permit.number.upper()
        if spec is None or spec.number != "jy" or not number.startswith("JY"):
            return  # elsewhere such permits are numbered otherwise
        if not check_jy(number).ok:
            place.flags.add("permit_number_doubtful")
        elif position.area_code and jy_district(number) != position.area_code[:6]:
            place.flags.add("permit_district_differs")

    def _read_outline(self, place: PlaceRow, cells: list[str], position: Position) -> None:
        at = self._plan.place.get("outline")
        if at is None or is_null(cells[at]) or position.lon is None or position.lat is None:
            return
        try:
            place.outline = read_outline(cells[at], self._locator.datum, position.lon, position.lat)
        except UnreadableError:
            place.flags.add("value_unreadable")
            self._keep_words(place, {"outline": at}, cells)

    def _keep_words(self, place: PlaceRow, positions: Mapping[str, int], cells: list[str]) -> None:
        said = {self._plan.columns[at]: known(cells[at]) for at in positions.values()}
        place.extra |= {name: words for name, words in said.items() if words}

    def _keep_district(self, place: PlaceRow, cells: list[str], position: Position) -> None:
        """Keep what the file says of the district where the position does not bear it out."""
        at = self._plan.place.get("district")
        if at is not None and (position.flags or position.lon is None) and (said := known(cells[at])):
            place.extra[self._plan.columns[at]] = said

    def _place_tuple(
        self, number: int, place: PlaceRow, position: Position, permit: PermitRow | None
    ) -> tuple[Any, ...]:
        return (
            number,
            place.source or self._source,
            place.external_id,
            place.hashed,
            place.name,
            place.address,
            place.category,
            place.phone,
            place.contact,
            place.uscc,
            place.uscc_doubtful,
            place.enterprise,
            place.building,
            position.lon,
            position.lat,
            place.outline,
            position.area_code,
            list(position.flags),
            sorted(place.flags),
            place.extra,
            self._maker.searched(place, self._areas(position), permit.number if permit else ""),
            place.digest,
            *(place.fields.get(field.name) for field in self._layer.fields),
        )

    def _areas(self, position: Position) -> list[str]:
        return area_words(position.area_code or "", self._locator.names)

    def _add_records(self, number: int, permit: PermitRow | None, inspection: InspectionRow | None) -> None:
        if permit is not None:
            p = permit
            terms = (p.valid_from, p.valid_to, p.renewal_applied_on, p.applied_on, p.decided_on, p.issued_on)
            about = (p.issuer, p.quantity, p.basis, p.notice_posted)
            self.permits.append((number, p.kind, p.number, p.state.value, *terms, *about))
            self.nights += [(number, start.isoformat(), end.isoformat()) for start, end in p.nights]
        if inspection is not None:
            i = inspection
            faults = (i.critical, i.serious, i.minor, i.follow_up_due)
            by = (i.inspector, i.second_inspector, i.check_code, i.level, i.published_on)
            self.inspections.append(
                (number, i.external_id, i.kind, i.at.isoformat(), i.result.value, i.grade, *faults, *by)
            )
