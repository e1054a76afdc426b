"""Facts for the judgement, read for many places at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from data.rules import rules_of
from layers.core import credit
from layers.core.checks import looked_at
from layers.core.contests import CONTEST
from layers.core.facts import (
    Case,
    CreditRecord,
    Facts,
    Inspection,
    InspectionResult,
    Night,
    Permit,
    PermitState,
    Reading,
    Repair,
    RepairStage,
    Severity,
    Tenancy,
    TenancyState,
)
from layers.core.spec import Layer
from layers.core.verdict import ReasonKey

READINGS_KEPT = timedelta(days=14)  # a judgement looks no further back than this at what instruments saw


# Looked up: calling an enumeration takes four times as long.
_PERMIT_STATES = {state.value: state for state in PermitState}
_RESULTS = {result.value: result for result in InspectionResult}


def load_facts(
    connection: Connection, layer: Layer, place_ids: Sequence[int], at: datetime
) -> dict[int, Facts]:
    """Return place id -> facts for places of one layer; ids that are not there are left out."""
    ids = {"ids": list(place_ids)}
    asked = looked_at(rules_of(connection, layer))
    nights = _nights(connection, ids) if "nights" in asked else {}
    permits = _group(connection, _PERMITS, ids, partial(_permit, nights))
    inspections = _group(connection, _INSPECTIONS, ids, _inspection)
    tenancies = _group(connection, _TENANCIES, ids, _tenancy) if "tenancies" in asked else {}
    cases = _group(connection, _CASES, ids, _case)
    records = _credit(connection, ids) if "credit" in asked else {}
    span = {"since": at - READINGS_KEPT, "at": at}
    readings = _group(connection, _READINGS, ids | span, Reading) if "readings" in asked else {}
    return {
        place_id: Facts(
            layer=layer.id,
            place_id=place_id,
            category=category,
            city=area_code,
            attributes=_attributes(layer, values),
            permits=tuple(permits.get(place_id, ())),
            inspections=tuple(inspections.get(place_id, ())),
            tenancies=tuple(tenancies.get(place_id, ())),
            cases=tuple(cases.get(place_id, ())),
            readings=tuple(readings.get(place_id, ())),
            credit=records.get(place_id, ()),
        )
        for place_id, category, area_code, *values in _rows(connection, _places(layer), ids)
    }


def _places(layer: Layer) -> str:
    columns = "".join(f", l.{field.name}" for field in layer.fields)
    return (
        f"SELECT p.id AS place_id, p.category, p.area_code{columns} FROM place p "
        f"LEFT JOIN layer_{layer.id} l ON l.place_id = p.id WHERE p.id = ANY(%(ids)s) AND p.layer = '{layer.id}'"
    )


def _attributes(layer: Layer, values: Sequence[Any]) -> dict[str, Any]:
    return {
        field.name: tuple(value) if isinstance(value, list) else value
        for field, value in zip(layer.fields, values, strict=True)
        if value is not None
    }


# The columns of a record stand in the order of its class.
_PERMITS = (
    "SELECT place_id, kind, number, state, valid_from, valid_to, renewal_applied_on, decided_on, basis, notice_posted, "
    "id FROM permit WHERE place_id = ANY(%(ids)s) ORDER BY kind, valid_from"
)
_NIGHTS = (
    "SELECT n.permit_id, lower(n.period), upper(n.period) FROM permit_night n "
    "JOIN permit p ON p.id = n.permit_id WHERE p.place_id = ANY(%(ids)s) ORDER BY n.period"
)
_INSPECTIONS = (
    "SELECT place_id, kind, at, result, grade, critical, serious, minor, follow_up_due, id FROM inspection "
    "WHERE place_id = ANY(%(ids)s) ORDER BY at DESC, id DESC"
)
_TENANCIES = (
    "SELECT p.id, t.unit, t.tenant, t.state, lower(t.period), upper(t.period) - 1, t.registered, t.id "
    "FROM tenancy t JOIN place p ON p.building_id = t.building_id AND p.layer = 'buildings' "
    "WHERE p.id = ANY(%(ids)s) ORDER BY t.unit, t.id"
)
_CASES = (
    "SELECT place_id, kind, title, stage, opened_at, nature, accepted_on, due_at, closed_at, reason_on, outcome, id, "
    'reason_code, reason_rule, reason_fact FROM "case" WHERE place_id = ANY(%(ids)s) ORDER BY opened_at DESC'
)
_REPAIR = ("id", "applied_on", "district_on", "city_on", "nation_on", "granted_on", "refused_on")
_CREDIT = ("id", "severity", "number", "decided_on", "published_on")
# One row per repair, at least one per record; records are few, so the planner begins with them.
_CREDITS = (
    f"SELECT p.id, {', '.join(f'c.{name}' for name in _CREDIT)}, {', '.join(f'r.{name}' for name in _REPAIR)} "
    "FROM credit_record c JOIN place p ON p.enterprise_id = c.enterprise_id AND c.withdrawn_on IS NULL "
    "LEFT JOIN credit_repair r ON r.record_id = c.id WHERE p.id = ANY(%(ids)s) ORDER BY p.id, c.id, r.id"
)
_READINGS = (
    "SELECT place_id, at, working, leq_db, lmax_db FROM reading "
    "WHERE place_id = ANY(%(ids)s) AND at BETWEEN %(since)s AND %(at)s ORDER BY at DESC"
)


def _rows(connection: Connection, sql: str, params: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    """Return bare tuples: with names for their columns, millions of rows take twice as long."""
    return connection.exec_driver_sql(sql, dict(params)).cursor.fetchall()


def _group(
    connection: Connection, sql: str, params: Mapping[str, Any], make: Callable[..., Any]
) -> dict[int, list[Any]]:
    """Return place id -> records of it, each made from the columns that follow the place's id, in their order."""
    grouped: dict[int, list[Any]] = defaultdict(list)
    for place_id, *values in _rows(connection, sql, params):
        grouped[place_id].append(make(*values))
    return grouped


def _nights(connection: Connection, ids: Mapping[str, Any]) -> dict[int, list[Night]]:
    """Return permit id -> its nights."""
    nights: dict[int, list[Night]] = defaultdict(list)
    for permit_id, starts_at, ends_at in _rows(connection, _NIGHTS, ids):
        nights[permit_id].append(Night(starts_at, ends_at))
    return nights


def _permit(nights: Mapping[int, list[Night]], kind: str, number: str, state: str, *values: Any) -> Permit:
    *dates, permit_id = values
    its_nights = tuple(nights.get(permit_id, ()))
    return Permit._make((kind, number, _PERMIT_STATES[state], *dates, its_nights, permit_id))


def _inspection(kind: str, at: datetime, result: str, *values: Any) -> Inspection:
    return Inspection(kind, at, _RESULTS[result], *values)


def _tenancy(unit: str, tenant: str, state: str, *values: Any) -> Tenancy:
    return Tenancy(unit, tenant, TenancyState(state), *values)


def _case(kind: str, *values: Any) -> Case:
    *known, about_on, outcome, case_id, code, rule_id, fact = values
    about = ReasonKey(code, rule_id, fact) if kind == CONTEST else None
    return Case._make((kind, *known, about, about_on, outcome, case_id))


def _credit(connection: Connection, ids: Mapping[str, Any]) -> dict[int, tuple[CreditRecord, ...]]:
    """Return place id -> the records of its firm, each with its repairs."""
    found: dict[int, dict[int, dict[str, Any]]] = defaultdict(dict)
    for place_id, *values in _rows(connection, _CREDITS, ids):
        known = dict(zip(_CREDIT, values, strict=False))
        record = found[place_id].setdefault(known["id"], known | {"repairs": ()})
        record["repairs"] += _repair(values[len(_CREDIT) :])
    return {place_id: tuple(map(_record, records.values())) for place_id, records in found.items()}


def _record(known: Mapping[str, Any]) -> CreditRecord:
    return CreditRecord(**{**known, "severity": Severity(known["severity"])})


def _repair(values: Sequence[Any]) -> tuple[Repair, ...]:
    known = dict(zip(_REPAIR, values, strict=True))
    if known["id"] is None:
        return ()
    stage, ended_on = stage_of(known), known["granted_on"] or known["refused_on"]
    return (Repair(applied_on=known["applied_on"], stage=stage, ended_on=ended_on, id=known["id"]),)


def stage_of(row: Mapping[str, Any]) -> RepairStage:
    """Return how far a row of `credit_repair` has come."""
    if row["refused_on"] is not None:
        return RepairStage.REFUSED
    return next(stage for stage in reversed(credit.STEPS) if row[f"{stage}_on"] is not None)
