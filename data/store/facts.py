"""Facts for the judgement, read for many places at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from layers.core.contests import CONTEST
from layers.core.facts import (
    Case,
    Facts,
    Inspection,
    InspectionResult,
    Night,
    Permit,
    PermitState,
    Reading,
    Tenancy,
    TenancyState,
)
from layers.core.spec import Layer
from layers.core.verdict import ReasonKey

READINGS_KEPT = timedelta(days=14)  # a judgement looks no further back than this at what instruments saw


def load_facts(
    connection: Connection, layer: Layer, place_ids: Sequence[int], at: datetime
) -> dict[int, Facts]:
    """Return place id -> facts for places of one layer; ids that are not there are left out."""
    ids = {"ids": list(place_ids)}
    permits = _permits(connection, ids)
    inspections = _group(connection, _INSPECTIONS, ids, _inspection)
    tenancies = _group(connection, _TENANCIES, ids, _tenancy)
    cases = _group(connection, _CASES, ids, _case)
    readings = _group(connection, _READINGS, ids | {"since": at - READINGS_KEPT, "at": at}, _reading)
    rows = (dict(row) for row in connection.execute(text(_places(layer)), ids).mappings())
    return {
        row["place_id"]: Facts(
            layer=layer.id,
            place_id=row["place_id"],
            category=row["category"],
            city=row["area_code"],
            attributes=_attributes(layer, row),
            permits=tuple(permits[row["place_id"]]),
            inspections=tuple(inspections[row["place_id"]]),
            tenancies=tuple(tenancies[row["place_id"]]),
            cases=tuple(cases[row["place_id"]]),
            readings=tuple(readings[row["place_id"]]),
        )
        for row in rows
    }


def _places(layer: Layer) -> str:
    columns = "".join(f", l.{field.name}" for field in layer.fields)
    return (
        f"SELECT p.id AS place_id, p.category, p.area_code{columns} FROM place p "
        f"LEFT JOIN layer_{layer.id} l ON l.place_id = p.id WHERE p.id = ANY(:ids) AND p.layer = '{layer.id}'"
    )


def _attributes(layer: Layer, row: Mapping[str, Any]) -> dict[str, Any]:
    found = {field.name: row[field.name] for field in layer.fields if row[field.name] is not None}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}


_INSPECTIONS = "SELECT * FROM inspection WHERE place_id = ANY(:ids) ORDER BY at DESC, id DESC"
_TENANCIES = (
    "SELECT t.*, p.id AS place_id, lower(t.period) AS valid_from, upper(t.period) - 1 AS valid_to "
    "FROM tenancy t JOIN place p ON p.building_id = t.building_id AND p.layer = 'buildings' "
    "WHERE p.id = ANY(:ids) ORDER BY t.unit, t.id"
)
_CASES = 'SELECT * FROM "case" WHERE place_id = ANY(:ids) ORDER BY opened_at DESC'
_READINGS = "SELECT * FROM reading WHERE place_id = ANY(:ids) AND at BETWEEN :since AND :at ORDER BY at DESC"
_NIGHTS = (
    "SELECT n.permit_id, lower(n.period) AS starts_at, upper(n.period) AS ends_at FROM permit_night n "
    "JOIN permit p ON p.id = n.permit_id WHERE p.place_id = ANY(:ids) ORDER BY n.period"
)


def _group(connection: Connection, sql: str, params: Mapping[str, Any], make: Any) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(text(sql), params):
        grouped[row.place_id].append(make(row))
    return grouped


def _permits(connection: Connection, ids: Mapping[str, Any]) -> dict[int, list[Permit]]:
    nights: dict[int, list[Night]] = defaultdict(list)
    for row in connection.execute(text(_NIGHTS), ids):
        nights[row.permit_id].append(Night(starts_at=row.starts_at, ends_at=row.ends_at))
    rows = connection.execute(
        text("SELECT * FROM permit WHERE place_id = ANY(:ids) ORDER BY kind, valid_from"), ids
    )
    grouped: dict[int, list[Permit]] = defaultdict(list)
    for row in rows:
        grouped[row.place_id].append(_permit(row, nights.get(row.id, ())))
    return grouped


def _permit(row: Row[Any], nights: Iterable[Night]) -> Permit:
    return Permit(
        id=row.id,
        kind=row.kind,
        number=row.number,
        state=PermitState(row.state),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        renewal_applied_on=row.renewal_applied_on,
        basis=row.basis,
        notice_posted=row.notice_posted,
        nights=tuple(nights),
    )


def _inspection(row: Row[Any]) -> Inspection:
    return Inspection(
        id=row.id,
        kind=row.kind,
        at=row.at,
        result=InspectionResult(row.result),
        grade=row.grade,
        critical=row.critical,
        serious=row.serious,
        minor=row.minor,
        follow_up_due=row.follow_up_due,
    )


def _tenancy(row: Row[Any]) -> Tenancy:
    return Tenancy(
        id=row.id,
        unit=row.unit,
        tenant=row.tenant,
        state=TenancyState(row.state),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        registered=row.registered,
    )


def _case(row: Row[Any]) -> Case:
    return Case(
        id=row.id,
        kind=row.kind,
        title=row.title,
        stage=row.stage,
        opened_at=row.opened_at,
        due_at=row.due_at,
        closed_at=row.closed_at,
        about=_about(row) if row.kind == CONTEST else None,
        about_on=row.reason_on,
        outcome=row.outcome,
    )


def _about(row: Row[Any]) -> ReasonKey:
    return ReasonKey(row.reason_code, row.reason_rule, row.reason_fact)


def _reading(row: Row[Any]) -> Reading:
    return Reading(at=row.at, working=row.working, leq_db=row.leq_db, lmax_db=row.lmax_db)
