"""Recording a visit."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

from data.store import audit, places
from data.tables import registry
from layers.core.access import Action, Viewer
from layers.core.errors import ForbiddenError, UnknownPlaceError, YipingError
from layers.core.facts import InspectionResult
from layers.core.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What an inspector enters; `key` makes sending it twice harmless."""

    place_id: int
    at: datetime
    result: InspectionResult
    critical: int = 0
    serious: int = 0
    minor: int = 0
    follow_up_due: date | None = None
    note: str = ""
    key: str = ""


def record_visit(connection: Connection, viewer: Viewer, visit: Visit, now: datetime) -> int:
    """Write a visit in the caller's transaction and return its id; the same key again returns the first one.

    Raises `ForbiddenError` outside the viewer's duty, `UnknownPlaceError`, and `YipingError` for what cannot be.
    """
    if not viewer.may(Action.INSPECT):
        raise ForbiddenError(
            Text(
                "只有检查员或值班长可以记录检查：请用相应账号登录。",
                "Only an inspector or a supervisor records visits: sign in as one.",
            )
        )
    layer = registry[places.layer_of(connection, visit.place_id)]
    row = places.row_of(connection, layer, visit.place_id)
    if row is None or not places.in_scope(viewer, row):
        raise UnknownPlaceError(
            Text(
                f"您的辖区内没有编号 {visit.place_id} 的点位：请核对编号。",
                f"There is no place {visit.place_id} in your area: check the number.",
            )
        )
    if visit.at > now:
        raise YipingError(
            Text("检查时间不能在将来：请更正时间。", "A visit cannot lie in the future: correct its time.")
        )
    if visit.result is InspectionResult.CONDITIONAL and visit.follow_up_due is None:
        raise YipingError(
            Text(
                "限期整改须有复查日期：请选择日期。",
                "Faults to mend need a day for the follow-up: choose one.",
            )
        )
    kind = layer.inspections[0].kind if layer.inspections else "visit"
    external_id = visit.key or str(uuid.uuid4())
    found = connection.scalar(
        text(
            "INSERT INTO inspection (place_id, source, external_id, kind, at, result, critical, serious, minor, "
            "follow_up_due, note, inspector) VALUES (:place_id, 'field', :external_id, :kind, :at, :result, :critical, "
            ":serious, :minor, :follow_up_due, :note, :inspector) ON CONFLICT (source, external_id) DO NOTHING "
            "RETURNING id"
        ),
        {
            "place_id": visit.place_id,
            "external_id": external_id,
            "kind": kind,
            "at": visit.at,
            "result": visit.result,
            "critical": visit.critical,
            "serious": visit.serious,
            "minor": visit.minor,
            "follow_up_due": visit.follow_up_due,
            "note": visit.note,
            "inspector": viewer.name,
        },
    )
    if found is None:
        return int(
            connection.scalar(
                text("SELECT id FROM inspection WHERE source = 'field' AND external_id = :id"),
                {"id": external_id},
            )
            or 0
        )
    audit.record(connection, viewer.name, "inspect", f"place:{visit.place_id}", {"inspection": found})
    return int(found)
