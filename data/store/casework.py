"""Cases and the steps taken with them (案件处置) as rows: each step once, in the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from data.rules import rules_of
from data.store import draws, places
from data.store.contests import present_reason
from data.tables import registry
from data.task_days import check_day, end_of
from layers.core.access import Action, Role, Scope, Viewer
from layers.core.casework import (
    LEAST_WORDS,
    MOST_TITLE,
    MOST_WORDS,
    MOVES,
    STEP_WORDS,
    Need,
    Stage,
    Standing,
    Step,
    inform_by,
    owes_word,
    steps,
)
from layers.core.citytime import day_of
from layers.core.contests import legible
from layers.core.errors import (
    BadQueryError,
    ConflictError,
    ForbiddenError,
    UnknownCaseError,
    YipingError,
)
from layers.core.text import Text
from layers.core.verdict import ReasonKey

SOURCE: Final = "casework"
_WORLD = (180.0, 90.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """A case as somebody opens it on a place; `request` makes sending it twice harmless."""

    place_id: int
    title: str
    request: str
    about: ReasonKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A step as somebody takes it; `seen` is the stage the form showed, so that nobody acts on what has passed."""

    step: Step
    request: str
    seen: Stage
    words: str = ""
    handler: str = ""
    due_on: date | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    photo_id: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The id of a case and its place, and whether anything was written just now."""

    case_id: int
    place_id: int
    new: bool = True


def open_case(connection: Connection, viewer: Viewer, new: NewCase, now: datetime) -> Written:
    """Write a case that is filed at once; the same request again gives the first one.

    Raises `ForbiddenError` for who gives no tasks, `UnknownPlaceError` outside the scope, `BadQueryError` for a title
    or a reason that cannot be, `ConflictError` where a case of the same reason is open.
    """
    _need(viewer)
    _, row = places.reached(connection, viewer, new.place_id)
    title = _said("title", new.title, MOST_TITLE)
    reason = present_reason(row["reasons"] or [], new.about) if new.about else None
    known = _of_request(connection, new.request)
    if known is not None:
        return Written(known, new.place_id, new=False)
    sql = (
        'INSERT INTO "case" (place_id, source, external_id, kind, title, stage, opened_at, accepted_on, filing_on, '
        f"reason_code, reason_rule, reason_fact, reason_on, reason_params) VALUES (:place, '{SOURCE}', :key, 'task', "
        ":title, 'filed', :now, :today, :today, :code, :rule_id, :fact, :on, CAST(:params AS jsonb)) "
        "ON CONFLICT DO NOTHING RETURNING id"
    )
    about = new.about._asdict() if new.about else {"code": "", "rule_id": "", "fact": ""}
    given = {"place": new.place_id, "key": new.request, "title": title, "now": now, "today": day_of(now)}
    given |= about | {"on": reason["on"] if reason else None}
    given |= {"params": json.dumps(reason["params"] if reason else {}, ensure_ascii=False)}
    case_id = connection.scalar(text(sql), given)
    if case_id is not None:
        first = Taken(step=Step.FILE, request=new.request, seen=Stage.FILED)
        _write_step(connection, int(case_id), first, Stage.FILED, viewer, now)
        return Written(int(case_id), new.place_id)
    if (known := _of_request(connection, new.request)) is not None:  # sent twice at once
        return Written(known, new.place_id, new=False)
    raise ConflictError(
        Text(
            "这条原因已有未办结的案件：请在卡片的案件中打开。",
            "A case made of this reason is open already: open it from the card.",
        )
    )


def take(connection: Connection, viewer: Viewer, case_id: int, taken: Taken, now: datetime) -> Written:
    """Write a step and what it changes; the same request again changes nothing.

    Raises `UnknownCaseError` outside the scope, `ConflictError` where the case has moved on meanwhile, `ForbiddenError`
    for who may not take the step, and `BadQueryError` for what is missing or cannot be.
    """
    row = _locked(connection, viewer, case_id)
    done = "SELECT id FROM case_step WHERE case_id = :case AND request = :request"
    if connection.scalar(text(done), {"case": case_id, "request": taken.request}) is not None:
        return Written(case_id, row["place_id"], new=False)
    if row["stage"] != taken.seen:
        raise ConflictError(
            Text(
                "案件在您打开后已有新的进展：请刷新后再办。",
                "The case has moved on since you opened it: reload it and look again.",
            )
        )
    standing = standing_of(row)
    if taken.step not in open_steps(row, viewer):
        raise _refused(taken.step, standing)
    checked = _checked(connection, row, taken, now)
    stage = MOVES[taken.step].to or standing.stage
    changed = _changes(row, checked, stage, viewer, now)
    sets = ", ".join(f"{name} = :{name}" for name in changed)
    connection.execute(text(f'UPDATE "case" SET {sets} WHERE id = :id'), changed | {"id": case_id})
    _write_step(connection, case_id, checked, stage, viewer, now)
    return Written(case_id, row["place_id"])


def open_steps(row: Mapping[str, Any], viewer: Viewer) -> tuple[Step, ...]:
    """Return the steps a viewer may take with a case."""
    return steps(standing_of(row), viewer)


def standing_of(row: Mapping[str, Any]) -> Standing:
    """Return what of a row decides which steps there are."""
    return Standing(
        stage=Stage(row["stage"]),
        kind=row["kind"],
        nature=row["nature"],
        handler=row["handler"],
        named=bool(row["reporter"]),
        accepted_on=row["accepted_on"],
        filing_on=row["filing_on"],
        informed_on=row["informed_on"],
    )


def told_by(connection: Connection, row: Mapping[str, Any]) -> date | None:
    """Return by when who reported a case has to be told whether it was filed, None where nobody has to be."""
    if not owes_word(standing_of(row)):
        return None
    return inform_by(rules_of(connection, registry[row["layer"]]), row["area_code"] or "", row["filing_on"])


def officers(connection: Connection, area_code: str) -> list[str]:
    """Return the names of the inspectors who cover a sub-district, in order."""
    sql = "SELECT name, scope FROM app_user WHERE role = :role AND active ORDER BY name"
    rows = connection.execute(text(sql), {"role": Role.INSPECTOR.value})
    return [name for name, scope in rows if Scope.parse(list(scope)).covers_area(area_code)]


# -- checks -----------------------------------------------------------------------------------------------------------


def _need(viewer: Viewer) -> None:
    if not viewer.may(Action.ASSIGN):
        raise ForbiddenError(
            Text("案件由值班长建立：请联系值班长。", "A supervisor opens cases: ask your supervisor.")
        )


def _refused(step: Step, standing: Standing) -> YipingError:
    move, words = MOVES[step], STEP_WORDS[step]
    if standing.stage not in move.come_from:
        return ConflictError(
            Text(
                f"案件现在不能“{words.zh}”：请刷新后看可办的步骤。",
                f"“{words.en}” does not fit the case now: reload it and see what can be done.",
            )
        )
    return ForbiddenError(
        Text(
            f"“{words.zh}”不由您办：处置由承办人办，核查须由承办人以外的人办。",
            f"“{words.en}” is not yours: its handler handles a case, and somebody else checks it.",
        )
    )


def _checked(connection: Connection, row: Mapping[str, Any], taken: Taken, now: datetime) -> Taken:
    """Return a step with its words trimmed, nothing in it that it does not need; raises `BadQueryError`."""
    needs = MOVES[taken.step].needs
    words = (
        _said("words", taken.words, MOST_WORDS) if Need.WORDS in needs else legible(taken.words)[:MOST_WORDS]
    )
    clean = Taken(step=taken.step, request=taken.request, seen=taken.seen, words=words)
    if Need.HANDLER in needs and taken.handler not in officers(connection, row["area_code"] or ""):
        raise BadQueryError(
            "handler",
            Text("请选择负责这一片的检查员。", "Choose an inspector who covers this area."),
        )
    if Need.DUE in needs:
        _check_due(row, taken, now)
    if Need.PROOF in needs:
        _check_proof(connection, row, taken)
    given = {name: getattr(taken, name) for need in needs for name in _GIVEN.get(need, ())}
    return Taken(**{name: given.get(name, getattr(clean, name)) for name in Taken.__slots__})


_GIVEN: Final = {
    Need.HANDLER: ("handler",),
    Need.DUE: ("due_on",),
    Need.PROOF: ("lon", "lat", "accuracy_m", "photo_id"),
}


def _check_due(row: Mapping[str, Any], taken: Taken, now: datetime) -> None:
    if taken.due_on is None:
        raise BadQueryError("due_on", Text("请选择办结期限。", "Choose the day by which it is to be done."))
    check_day(taken.due_on, day_of(now))
    if taken.step is Step.EXTEND and row["due_at"] is not None and end_of(taken.due_on) <= row["due_at"]:
        raise BadQueryError(
            "due_on",
            Text(
                f"延期须晚于现在的期限 {day_of(row['due_at'])}。",
                f"An extension ends later than {day_of(row['due_at'])}.",
            ),
        )


def _check_proof(connection: Connection, row: Mapping[str, Any], taken: Taken) -> None:
    mine = "SELECT id FROM case_photo WHERE id = :photo AND case_id = :case"
    if connection.scalar(text(mine), {"photo": taken.photo_id, "case": row["id"]}) is None:
        raise BadQueryError("photo", Text("请先拍一张处置后的照片。", "Take a photo of what was done first."))
    there = (taken.lon, taken.lat)
    if any(value is None or not -most <= value <= most for value, most in zip(there, _WORLD, strict=True)):
        raise BadQueryError(
            "lon",
            Text(
                "请允许定位：处置完毕须有现场位置。",
                "Allow this page to know where you are: it is needed for a case that is done.",
            ),
        )


def _said(name: str, given: str, most: int) -> str:
    said = legible(given)
    if not LEAST_WORDS <= len(said) <= most:
        raise BadQueryError(
            name,
            Text(
                f"请用 {LEAST_WORDS} 到 {most} 个字说明（现在 {len(said)} 个字）。",
                f"Say it in {LEAST_WORDS} to {most} characters (now {len(said)}).",
            ),
        )
    return said


# -- rows -------------------------------------------------------------------------------------------------------------


def _of_request(connection: Connection, request: str) -> int | None:
    sql = f"SELECT id FROM \"case\" WHERE source = '{SOURCE}' AND external_id = :request"
    found = connection.scalar(text(sql), {"request": request})
    return None if found is None else int(found)


def _locked(connection: Connection, viewer: Viewer, case_id: int) -> Mapping[str, Any]:
    """Return a case with what places it, and keep others from moving it at the same time."""
    sql = (
        'SELECT c.*, p.layer, p.area_code, p.building_id, e.uscc FROM "case" c JOIN place p ON p.id = c.place_id '
        "LEFT JOIN enterprise e ON e.id = p.enterprise_id WHERE c.id = :id AND c.kind <> 'contest' "
        f"AND c.source <> '{draws.TASK_SOURCE}' FOR UPDATE OF c"
    )
    row = connection.execute(text(sql), {"id": case_id}).mappings().one_or_none()
    if row is None or not viewer.may(Action.OPEN_CASES) or not places.in_scope(viewer, dict(row)):
        raise UnknownCaseError
    return dict(row)


def _changes(
    row: Mapping[str, Any], taken: Taken, stage: Stage, viewer: Viewer, now: datetime
) -> dict[str, Any]:
    """Return column -> new value of what a step changes of its case."""
    today = day_of(now)
    changed: dict[str, Any] = {"stage": stage.value}
    match taken.step:
        case Step.ACCEPT:
            changed |= {"accepted_on": today}
        case Step.FILE:
            changed |= {"accepted_on": row["accepted_on"] or today, "filing_on": today}
        case Step.REFUSE:
            changed |= {"filing_on": today if row["nature"] == "report" else None}
        case Step.INFORM:
            changed |= {"informed_on": today}
        case Step.DISPATCH:
            changed |= {"handler": taken.handler}
    if taken.due_on is not None:
        changed |= {"due_at": end_of(taken.due_on)}
    if stage in {Stage.CLOSED, Stage.VOID} and row["closed_at"] is None:
        changed |= {"closed_at": max(row["opened_at"], now), "closed_by": viewer.name}
    return changed


def _write_step(
    connection: Connection, case_id: int, taken: Taken, stage: Stage, viewer: Viewer, now: datetime
) -> None:
    sql = (
        "INSERT INTO case_step (case_id, request, step, stage, at, taken_by, words, handler, due_at, spot, accuracy_m, "
        "photo_id) VALUES (:case, :request, :step, :stage, :at, :by, :words, :handler, :due_at, "
        "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :accuracy_m, :photo_id)"
    )
    given: dict[str, Any] = {name: getattr(taken, name) for name in ("words", "handler", "lon", "lat")}
    given |= {"case": case_id, "request": taken.request, "step": taken.step, "stage": stage, "at": now}
    given |= {"due_at": end_of(taken.due_on) if taken.due_on else None, "by": viewer.name}
    given |= {"accuracy_m": taken.accuracy_m, "photo_id": taken.photo_id}
    connection.execute(text(sql), given)
