"""Credit records of firms and their repair as rows: entered, asked for, moved on and answered, each once."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from data.rules import rules_of
from data.store import places
from data.store.facts import stage_of
from layers.core import credit
from layers.core.access import MASKS, Action, FieldClass, Viewer
from layers.core.checks import looked_at
from layers.core.contests import decision_words
from layers.core.credit import ENDED, STAGE_WORDS, Need, next_step, rule_on
from layers.core.credit_entry import Entry, read_entry
from layers.core.errors import (
    BadQueryError,
    ConflictError,
    ForbiddenError,
    YipingError,
)
from layers.core.facts import CreditRecord, Repair, RepairStage, Severity
from layers.core.records import readable
from layers.core.rules import RuleTable
from layers.core.spec import Layer
from layers.core.text import Text

_WHO = {
    Action.REPAIR: Text(
        "只有商户可以为本企业申请信用修复：请用商户账号登录。",
        "Only a merchant asks for the repair of a record of the own firm: sign in as one.",
    ),
    Action.DECIDE: Text(
        "修复申请由值班长办理：请用值班长账号登录。",
        "A supervisor handles applications for repair: sign in as one.",
    ),
    Action.RECORD_CREDIT: Text(
        "信用记录由值班长登记和更正：请用值班长账号登录。",
        "A supervisor enters and corrects credit records: sign in as one.",
    ),
}


@dataclass(frozen=True, slots=True)
class Written:
    """What a step was about, and whether anything was written just now; `repair_id` 0 where it was a record itself.

    `changed` names the fields that a correction changed.
    """

    enterprise_id: int
    record_id: int
    repair_id: int = 0
    new: bool = True
    changed: tuple[str, ...] = ()


class UnknownRecordError(YipingError):
    """A record or repair that does not exist, or not at this place: the words are the same."""


class KnownRecordError(ConflictError):
    """A record of the same number by the same authority, which says something else."""


class UnderRepairError(ConflictError):
    """A record of which the repair is asked for already."""


class NoRepairError(ConflictError):
    """A repair that cannot be asked for: too early, nothing published any more, or not all declared."""


class RepairEndedError(ConflictError):
    """A repair that was granted or refused already, or has been moved on meanwhile."""


def enter(
    connection: Connection, viewer: Viewer, place_id: int, given: Mapping[str, str | None], today: date
) -> Written:
    """Write a record of the firm of a place in the caller's transaction; the very same one again changes nothing.

    Raises `ForbiddenError`, `UnknownPlaceError`, `KnownRecordError`, and `BadQueryError` for what a form cannot mean
    and where no firm is known.
    """
    need(viewer, Action.RECORD_CREDIT)
    layer, row = places.reached(connection, viewer, place_id)
    entry = read_entry(given, today)
    if row["enterprise_id"] is None or "credit" not in looked_at(rules_of(connection, layer)):
        raise BadQueryError(
            "place",
            Text(
                "这里没有已知的企业，无法登记信用记录：请先导入它的统一社会信用代码。",
                "No firm is known here, so there is nobody to enter a record for: import its credit code first.",
            ),
        )
    values = {**asdict(entry), "enterprise_id": row["enterprise_id"], "external_id": str(uuid.uuid4())}
    written = connection.scalar(text(_ENTER), values)
    if written is not None:
        return Written(row["enterprise_id"], int(written))
    known = connection.execute(text(_KNOWN), values).mappings().one()
    if all(known[name] == value for name, value in asdict(entry).items()):
        return Written(row["enterprise_id"], known["id"], new=False)
    raise known_already(entry)


def apply(
    connection: Connection,
    viewer: Viewer,
    place_id: int,
    record_id: int,
    declared: Collection[Need],
    today: date,
) -> Written:
    """Write an application for the repair of a record in the caller's transaction; the same again changes nothing.

    Raises `ForbiddenError`, `UnknownPlaceError`, `UnknownRecordError`, `UnderRepairError`, and `NoRepairError` with
    the day and the rule, or with what was not declared.
    """
    need(viewer, Action.REPAIR)
    layer, place = places.reached(connection, viewer, place_id)
    row = record_at(connection, place, record_id)
    repairs = repairs_of(connection, [record_id])
    known = next((repair for repair in repairs if stage_of(repair) not in ENDED), None)
    if known is not None:
        return _again(known, row, viewer)
    rule = rule_on(rules_of(connection, layer), today, place["area_code"])
    if rule is None:
        raise UnknownRecordError(unknown())
    if (lacking := credit.missing(_fact(row, repairs), rule, today, declared)) is not None:
        raise NoRepairError(Text(lacking.zh, lacking.en))
    given = {"record_id": record_id, "applicant": viewer.name, "today": today}
    given |= {need: need in declared for need in Need}
    return Written(row["enterprise_id"], record_id, int(connection.execute(text(_APPLY), given).scalar_one()))


def move_on(
    connection: Connection, viewer: Viewer, place_id: int, repair_id: int, stage: RepairStage, today: date
) -> Written:
    """Write that a repair has passed its next stage; the stage it is at already changes nothing.

    Raises `ForbiddenError`, `UnknownPlaceError`, `UnknownRecordError`, and `RepairEndedError` where it is elsewhere.
    """
    row = _repair_at(connection, viewer, place_id, repair_id)
    if (now := stage_of(row)) is stage and stage in credit.STEPS[1:]:
        return Written(row["enterprise_id"], row["record_id"], repair_id, new=False)
    if stage is RepairStage.REFUSED or next_step(now) is not stage:
        raise RepairEndedError(_elsewhere(now))
    sql = f"UPDATE credit_repair SET {stage}_on = greatest(:today, {now}_on), decided_by = :by WHERE id = :id"
    connection.execute(text(sql), {"today": today, "by": viewer.name, "id": repair_id})
    return Written(row["enterprise_id"], row["record_id"], repair_id)


def refuse(
    connection: Connection, viewer: Viewer, place_id: int, repair_id: int, words: str, today: date
) -> Written:
    """Write that a repair is refused and why; raises as `move_on`, and `BadQueryError` for words that say nothing."""
    row = _repair_at(connection, viewer, place_id, repair_id)
    said = decision_words(words)
    if (now := stage_of(row)) in ENDED:
        raise RepairEndedError(_elsewhere(now))
    sql = (
        "UPDATE credit_repair SET refused_on = greatest(:today, applied_on), refusal = :words, decided_by = :by "
        "WHERE id = :id"
    )
    connection.execute(text(sql), {"today": today, "words": said, "by": viewer.name, "id": repair_id})
    return Written(row["enterprise_id"], row["record_id"], repair_id)


def places_of_firm(connection: Connection, enterprise_id: int) -> list[int]:
    """Return the ids of all places of a firm: its record is a reason at each."""
    sql = "SELECT id FROM place WHERE enterprise_id = :id ORDER BY id"
    return list(connection.scalars(text(sql), {"id": enterprise_id}))


def records(
    connection: Connection,
    layer: Layer,
    place: Mapping[str, Any],
    viewer: Viewer,
    reads: frozenset[FieldClass],
    day: date,
) -> list[dict[str, Any]] | None:
    """Return the records of the firm of a place as of a day, newest first; None where there is no firm or no rule.

    Who is not on duty reads what is published: the law takes the rest down.
    """
    table = rules_of(connection, layer)
    rule = rule_on(table, day, place["area_code"])
    if place["enterprise_id"] is None or rule is None:
        return None
    sql = "SELECT * FROM credit_record WHERE enterprise_id = :id ORDER BY decided_on DESC, id DESC"
    rows = [dict(row) for row in connection.execute(text(sql), {"id": place["enterprise_id"]}).mappings()]
    repairs = repairs_of(connection, [row["id"] for row in rows])
    found = []
    for row in rows:
        own = [repair for repair in repairs if repair["record_id"] == row["id"]]
        fact = _fact(row, own)
        published = row["withdrawn_on"] is None and credit.is_published(fact, rule, day)
        lacking = credit.missing(fact, rule, day, Need)
        told = {**row, "last_on": credit.last_day(fact, rule), "published": published}
        told |= {"repairing": credit.is_under_repair(fact, day), "rule": rule.params["named"]}
        told |= {"earliest_on": credit.earliest_repair(fact, rule), "not_yet": lacking and lacking.as_json()}
        told["repairs"] = [_told(repair, table, place, viewer, reads) for repair in own]
        if published or FieldClass.OFFICIAL in reads:
            found.append(readable("credit", told, reads))
    return found


def _told(
    repair: Mapping[str, Any],
    table: RuleTable,
    place: Mapping[str, Any],
    viewer: Viewer,
    reads: frozenset[FieldClass],
) -> dict[str, Any]:
    """Return a repair as it is read; the rule is that of the day of its application."""
    rule = rule_on(table, repair["applied_on"], place["area_code"])
    own = repair["applicant"] == viewer.name
    shown = {**repair, "applicant": MASKS["person"](repair["applicant"]), "own": own}
    shown |= {"stage": stage_of(repair), "rule": rule.params["named"] if rule else None}
    return readable("repair", shown, reads)


def need(viewer: Viewer, action: Action) -> None:
    """Raise `ForbiddenError` with who may, for a viewer who may not."""
    if not viewer.may(action):
        who = _WHO[action]
        raise ForbiddenError(Text(who.zh, who.en))


def known_already(entry: Entry) -> KnownRecordError:
    """Return the error for a number that another record of the firm has."""
    return KnownRecordError(
        Text(
            f"该企业已有{entry.authority}文号 {entry.number} 的记录，内容不同：请核对文号。",
            f"The firm has a record {entry.number} of {entry.authority} already, which says something else: "
            "check the number.",
        )
    )


def unknown() -> Text:
    """Return the words for what is not there or not for this viewer: the same."""
    return Text(
        "没有这条信用记录或修复申请，或不在您的范围内：请从点位卡片打开。",
        "There is no such credit record or application, or not in your area: open it from the card of its place.",
    )


def _elsewhere(stage: RepairStage) -> Text:
    words = STAGE_WORDS[stage]
    return Text(
        f"这项修复申请现为“{words.zh}”，不能办理这一步：请刷新卡片查看。",
        f"This application now stands at “{words.en}”, where that step cannot be taken: reload the card.",
    )


def record_at(connection: Connection, place: Mapping[str, Any], record_id: int) -> Mapping[str, Any]:
    """Return a record of the firm of a place, and keep others from asking for its repair at the same time.

    One that was withdrawn is there for nobody.
    """
    sql = "SELECT * FROM credit_record WHERE id = :id AND enterprise_id = :firm AND withdrawn_on IS NULL FOR UPDATE"
    given = {"id": record_id, "firm": place["enterprise_id"]}
    row = connection.execute(text(sql), given).mappings().one_or_none()
    if row is None:
        raise UnknownRecordError(unknown())
    return dict(row)


def _repair_at(connection: Connection, viewer: Viewer, place_id: int, repair_id: int) -> Mapping[str, Any]:
    """Return a repair of a record of the firm of a place, and keep others from answering it at the same time."""
    need(viewer, Action.DECIDE)
    _, place = places.reached(connection, viewer, place_id)
    sql = (
        "SELECT r.*, c.enterprise_id FROM credit_repair r JOIN credit_record c ON c.id = r.record_id "
        "WHERE r.id = :id AND c.enterprise_id = :firm FOR UPDATE OF r"
    )
    given = {"id": repair_id, "firm": place["enterprise_id"]}
    row = connection.execute(text(sql), given).mappings().one_or_none()
    if row is None:
        raise UnknownRecordError(unknown())
    return dict(row)


def _again(known: Mapping[str, Any], row: Mapping[str, Any], viewer: Viewer) -> Written:
    """Return the application under way if it is the viewer's own, sent once more."""
    if known["applicant"] == viewer.name:
        return Written(row["enterprise_id"], row["id"], known["id"], new=False)
    raise UnderRepairError(
        Text(
            "这条记录的修复申请已在办理：请等待结果。",
            "The repair of this record is asked for already: wait for the answer.",
        )
    )


def repairs_of(connection: Connection, record_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return the applications for the repair of some records, newest first."""
    sql = "SELECT * FROM credit_repair WHERE record_id = ANY(:ids) ORDER BY applied_on DESC, id DESC"
    return [dict(row) for row in connection.execute(text(sql), {"ids": list(record_ids)}).mappings()]


def _fact(row: Mapping[str, Any], repairs: Sequence[Mapping[str, Any]]) -> CreditRecord:
    """Return a row as the fact that rules look at."""
    return CreditRecord(
        severity=Severity(row["severity"]),
        number=row["number"],
        decided_on=row["decided_on"],
        published_on=row["published_on"],
        repairs=tuple(
            Repair(
                applied_on=repair["applied_on"],
                stage=stage_of(repair),
                ended_on=repair["granted_on"] or repair["refused_on"],
            )
            for repair in repairs
        ),
    )


_FIELDS = "severity, number, authority, act, decision, decided_on, published_on"
_ENTER = (
    f"INSERT INTO credit_record (enterprise_id, source, external_id, {_FIELDS}) VALUES (:enterprise_id, 'card', "
    ":external_id, :severity, :number, :authority, :act, :decision, :decided_on, :published_on) "
    "ON CONFLICT (enterprise_id, authority, number) WHERE withdrawn_on IS NULL DO NOTHING RETURNING id"
)
_KNOWN = (
    f"SELECT id, {_FIELDS} FROM credit_record "
    "WHERE enterprise_id = :enterprise_id AND authority = :authority AND number = :number AND withdrawn_on IS NULL"
)
_APPLY = (
    "INSERT INTO credit_repair (record_id, applicant, fulfilled, pledged, applied_on) "
    "VALUES (:record_id, :applicant, :fulfilled, :pledged, :today) RETURNING id"
)
