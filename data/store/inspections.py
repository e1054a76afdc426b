"""Recording a visit."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, text

from data.rules import rules_of
from data.store import draws, due, places
from data.tables import registry
from layers.core.access import Action, Viewer
from layers.core.checks.visit_code import code_rule
from layers.core.citytime import CITY_TIME, add_days, day_of, midnight
from layers.core.errors import ForbiddenError, UnknownPlaceError, YipingError
from layers.core.facts import InspectionResult
from layers.core.spec import Layer
from layers.core.text import Text

MOST_FAULTS = 99
MOST_DAYS_TO_MEND = 365
_SAME_CODE = "SELECT place_id, at FROM inspection WHERE check_code = :code ORDER BY id LIMIT 1"
_WEIGHTS = {
    "critical": Text("严重问题", "critical faults"),
    "serious": Text("较重问题", "serious faults"),
    "minor": Text("一般问题", "minor faults"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What an inspector enters; `key` makes sending it twice harmless, `again` allows a second one on a day."""

    place_id: int
    at: datetime
    result: InspectionResult
    critical: int = 0
    serious: int = 0
    minor: int = 0
    follow_up_due: date | None = None
    second_inspector: str = ""
    check_code: str = ""  # 检查码
    note: str = ""
    key: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """The id of a recorded visit, and whether it was recorded just now."""

    inspection_id: int
    new: bool


class VisitedTodayError(YipingError):
    """The place has been visited on the same day; the inspector must want a second visit."""


def record_visit(connection: Connection, viewer: Viewer, visit: Visit, now: datetime) -> Written:
    """Write a visit in the caller's transaction; the same key again writes nothing and gives the first one.

    The caller puts it on the record at the end of the transaction.

    Raises `ForbiddenError` outside the viewer's duty, `UnknownPlaceError`, `VisitedTodayError`, and `YipingError`
    for what cannot be.
    """
    layer, area = _layer_for(connection, viewer, visit.place_id)
    key = visit.key or str(uuid.uuid4())
    known = _known(connection, key)
    if known is not None:
        return Written(known, new=False)
    check_visit(visit, now)
    _refuse_alone(viewer, visit)
    _refuse_without_code(connection, layer, area, visit)
    if not visit.again:
        _refuse_second(connection, visit)
    officers = {viewer.name, visit.second_inspector} - {""}
    tasks = draws.open_tasks(connection, visit.place_id, officers, visit.at)
    kind = _kind(layer, drawn=bool(tasks))
    written = _write(connection, viewer, visit, key, kind)
    if written is None:  # the same key was sent twice at once, and the other one came first
        return Written(_known(connection, key) or 0, new=False)
    if visit.result is not InspectionResult.NO_ENTRY:  # who found nobody in has to come again
        draws.close_tasks(connection, tasks, now)
        due.close_tasks(connection, visit.place_id, visit.at, now)
    return Written(written, new=True)


def _kind(layer: Layer, *, drawn: bool) -> str:
    """Return the kind of a visit: the usual one of the layer, or the random check that a draw (双随机) asked for."""
    kinds = [spec.kind for spec in layer.inspections] or ["visit"]
    return draws.RANDOM if drawn and draws.RANDOM in kinds else kinds[0]


def check_visit(visit: Visit, now: datetime) -> None:
    """Raise `YipingError` for a visit that cannot be: its time, counts and dates must fit its result."""
    if visit.at > now:
        raise YipingError(
            Text("检查时间不能在将来：请更正时间。", "A visit cannot lie in the future: correct its time.")
        )
    faults = {name: getattr(visit, name) for name in _WEIGHTS}
    for name, n in faults.items():
        if not 0 <= n <= MOST_FAULTS:
            raise YipingError(
                Text(
                    f"{_WEIGHTS[name].zh}“{n}”不对：请填 0 到 {MOST_FAULTS}。",
                    f"{n} {_WEIGHTS[name].en} cannot be: enter 0 to {MOST_FAULTS}.",
                )
            )
    if visit.result is InspectionResult.PASSED and visit.critical:
        raise YipingError(
            Text(
                "有严重问题就不能记为合格：请改结果，或把严重问题改为 0。",
                "A visit with critical faults has not passed: choose another result, or enter no critical fault.",
            )
        )
    if visit.result is InspectionResult.CONDITIONAL:
        _check_mending(visit, sum(faults.values()), day_of(now))


def _check_mending(visit: Visit, faults: int, today: date) -> None:
    if not faults:
        raise YipingError(
            Text(
                "限期整改至少要有一项问题：请填写问题数，或改为合格。",
                "Faults to mend need at least one fault: enter how many, or choose passed.",
            )
        )
    due, last = visit.follow_up_due, add_days(today, MOST_DAYS_TO_MEND)
    if due is None:
        raise YipingError(
            Text(
                "限期整改须有复查日期：请选择日期。",
                "Faults to mend need a day for the follow-up: choose one.",
            )
        )
    if not today <= due <= last:
        raise YipingError(
            Text(
                f"复查日期 {due} 不对：请选 {today} 到 {last} 之间的一天。",
                f"The follow-up cannot be on {due}: choose a day from {today} to {last}.",
            )
        )


def _layer_for(connection: Connection, viewer: Viewer, place_id: int) -> tuple[Layer, str]:
    """Return layer and area of a place the viewer inspects; raises for who may not and for places out of reach."""
    if not viewer.may(Action.INSPECT):
        raise ForbiddenError(
            Text(
                "只有检查员或值班长可以记录检查：请用相应账号登录。",
                "Only an inspector or a supervisor records visits: sign in as one.",
            )
        )
    layer = registry[places.layer_of(connection, place_id)]
    row = places.row_of(connection, layer, place_id)
    if row is None or not places.in_scope(viewer, row):
        raise UnknownPlaceError(place_id)
    return layer, row["area_code"]


def _refuse_alone(viewer: Viewer, visit: Visit) -> None:
    """Refuse who names himself as the second of two officers (总局令49 Art. 23)."""
    if visit.second_inspector and visit.second_inspector == viewer.name:
        raise YipingError(
            Text(
                "协同检查员不能是您本人：请填写同行的另一位，或留空。",
                "The second officer cannot be yourself: enter who came along, or nobody.",
            )
        )


def _refuse_without_code(connection: Connection, layer: Layer, area: str, visit: Visit) -> None:
    """Refuse a visit without the code (检查码) that the rules of its day ask for, or with that of another visit."""
    day = day_of(visit.at)
    if not visit.check_code:
        if code_rule(rules_of(connection, layer), area, day) is not None:
            raise YipingError(
                Text(
                    "请先申领检查码并填写：没有检查码不能上门检查。",
                    "Apply for a check code (检查码) first and enter it: nobody is visited without one.",
                )
            )
        return
    other = connection.execute(text(_SAME_CODE), {"code": visit.check_code}).mappings().first()
    if other is not None and (other["place_id"], day_of(other["at"])) != (visit.place_id, day):
        raise YipingError(
            Text(
                f"检查码 {visit.check_code} 已用于 {day_of(other['at'])} 的另一次检查：请核对，或重新申领。",
                f"Check code {visit.check_code} was used for another visit on {day_of(other['at'])}: look again, or "
                "apply for a new one.",
            )
        )


def _refuse_second(connection: Connection, visit: Visit) -> None:
    start = midnight(day_of(visit.at))
    earlier = connection.scalar(
        text("SELECT max(at) FROM inspection WHERE place_id = :place AND at >= :start AND at < :end"),
        {"place": visit.place_id, "start": start, "end": start + timedelta(days=1)},
    )
    if earlier is not None:
        clock = f"{earlier.astimezone(CITY_TIME):%H:%M}"
        raise VisitedTodayError(
            Text(
                f"今天 {clock} 已有一次检查：确定要再记录一次吗？",
                f"Already visited today at {clock}: record another visit?",
            )
        )


def _level(viewer: Viewer) -> str:
    """Return the level of the authority that a viewer works for, as far as the scope tells."""
    if viewer.whole_city:
        return "city"
    widest = min(map(len, viewer.scope.areas), default=0)
    return {6: "district", 9: "street"}.get(widest, "")


def _known(connection: Connection, key: str) -> int | None:
    sql = "SELECT id FROM inspection WHERE source = 'field' AND external_id = :key"
    found = connection.scalar(text(sql), {"key": key})
    return None if found is None else int(found)


def _write(connection: Connection, viewer: Viewer, visit: Visit, key: str, kind: str) -> int | None:
    sql = (
        "INSERT INTO inspection (place_id, source, external_id, kind, at, result, critical, serious, minor, "
        "follow_up_due, second_inspector, check_code, note, inspector, level) VALUES (:place_id, 'field', :key, :kind, "
        ":at, :result, :critical, :serious, :minor, :follow_up_due, :second_inspector, :check_code, :note, :inspector, "
        ":level) ON CONFLICT (source, external_id) DO NOTHING RETURNING id"
    )
    given = asdict(visit) | {"key": key, "kind": kind, "inspector": viewer.name, "level": _level(viewer)}
    written = connection.scalar(text(sql), given)
    return None if written is None else int(written)
