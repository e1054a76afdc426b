"""Objections as rows: made, decided and withdrawn, each once."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from data.store import places
from layers.core.access import Action, Viewer
from layers.core.contests import (
    DECISIONS,
    ContestKind,
    Outcome,
    answer_due,
    decision_words,
    is_contestable,
    objection_words,
)
from layers.core.errors import (
    BadQueryError,
    ConflictError,
    ForbiddenError,
    YipingError,
)
from layers.core.reasons import describe
from layers.core.text import Text
from layers.core.tiers import Tier
from layers.core.verdict import ReasonKey

_ENDED = {
    Outcome.UPHELD: Text("已认定成立", "has been upheld"),
    Outcome.REJECTED: Text("已认定不成立", "has been rejected"),
    Outcome.WITHDRAWN: Text("已撤回", "has been withdrawn"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """What somebody says against a reason of a place's verdict."""

    place_id: int
    about: ReasonKey
    kind: ContestKind
    words: str


@dataclass(frozen=True, slots=True)
class Written:
    """The id of an objection and its place, and whether anything was written just now."""

    contest_id: int
    place_id: int
    new: bool = True


class UnknownContestError(YipingError):
    """An objection that does not exist, or that the caller may not know of: the words are the same."""


class ContestEndedError(ConflictError):
    """An objection that has been decided or withdrawn already."""


class UnderReviewError(ConflictError):
    """A reason to which an objection is open already, or of which the correction is under way."""


def object_to(connection: Connection, viewer: Viewer, objection: Objection, now: datetime) -> Written:
    """Write an objection in the caller's transaction; the same again while it is open gives the first one.

    Raises `ForbiddenError` for who may not, `UnknownPlaceError` outside the scope, `BadQueryError` for a reason that
    cannot be contested and for words too few or too many, `UnderReviewError` where it is contested already.
    """
    _need(viewer, Action.CONTEST)
    _, row = places.reached(connection, viewer, objection.place_id)
    words = objection_words(objection.words)
    known = _open(connection, objection)
    if known is not None:
        return _again(known, viewer, objection, words)
    reason = _reason(row["reasons"] or [], objection.about)
    written = _write(connection, viewer, objection, reason, words, now)
    if written is None:  # it was sent twice at once, and the other one came first
        return _again(_open(connection, objection) or {}, viewer, objection, words)
    return Written(written, objection.place_id)


def decide(
    connection: Connection, viewer: Viewer, contest_id: int, outcome: Outcome, words: str, now: datetime
) -> Written:
    """Write the decision on an objection in the caller's transaction.

    Raises `ForbiddenError`, `UnknownContestError`, `ContestEndedError`, and `BadQueryError` for words or an outcome
    that cannot be meant.
    """
    _need(viewer, Action.DECIDE)
    row = _contest(connection, contest_id)
    if not places.in_scope(viewer, row):
        raise UnknownContestError(_unknown(contest_id))
    if outcome not in DECISIONS:
        raise BadQueryError(
            "outcome", Text("outcome 须为 upheld 或 rejected。", "outcome is upheld or rejected.")
        )
    said = decision_words(words)
    return _end(connection, row, outcome, now, words=said, by=viewer.name)


def withdraw(connection: Connection, viewer: Viewer, contest_id: int, now: datetime) -> Written:
    """Write that who made an objection takes it back; raises as `decide`, also for those of others."""
    _need(viewer, Action.CONTEST)
    row = _contest(connection, contest_id)
    if row["reporter"] != viewer.name:
        raise UnknownContestError(_unknown(contest_id))
    return _end(connection, row, Outcome.WITHDRAWN, now)


def _unknown(contest_id: int) -> Text:
    return Text(
        f"没有编号 {contest_id} 的异议，或不在您的范围内：请从点位卡片打开。",
        f"There is no objection {contest_id}, or not in your area: open it from the card of its place.",
    )


def _need(viewer: Viewer, action: Action) -> None:
    if viewer.may(action):
        return
    if action is Action.DECIDE:
        raise ForbiddenError(
            Text(
                "异议由值班长裁定：请用值班长账号登录。",
                "A supervisor decides on objections: sign in as one.",
            )
        )
    raise ForbiddenError(
        Text(
            "只有商户可以对本店的判定提出异议：请用商户账号登录。",
            "Only a merchant objects to what is said of the own shop: sign in as one.",
        )
    )


def present_reason(reasons: Sequence[Mapping[str, Any]], about: ReasonKey) -> Mapping[str, Any]:
    """Return the reason of a verdict that a key names; raises `BadQueryError` where there is none any more."""
    found = next((r for r in reasons if ReasonKey(r["code"], r["rule_id"], r["fact"]) == about), None)
    if found is None:
        raise BadQueryError(
            "code",
            Text(
                "这条原因已不在判定中：请刷新卡片，看现在的原因。",
                "The verdict has no such reason any more: reload the card and look at the present ones.",
            ),
        )
    return found


def _reason(reasons: Sequence[Mapping[str, Any]], about: ReasonKey) -> Mapping[str, Any]:
    """Return the present reason that an objection is about."""
    found = present_reason(reasons, about)
    if not is_contestable(Tier(found["tier"])):
        raise BadQueryError(
            "code",
            Text(
                "这条原因没有问题，无须异议：请选择黄色、橙色或红色的原因。",
                "This reason is in order and needs no objection: choose a yellow, orange or red one.",
            ),
        )
    if found.get("upheld_on"):
        raise UnderReviewError(
            Text(
                f"对这条原因的异议已于 {found['upheld_on']} 成立，正在更正：请等待更正。",
                f"An objection to this reason was upheld on {found['upheld_on']}: wait until it is corrected.",
            )
        )
    return found


def _open(connection: Connection, objection: Objection) -> Mapping[str, Any] | None:
    sql = (
        "SELECT id, reporter, contest_kind, words FROM \"case\" WHERE kind = 'contest' AND closed_at IS NULL "
        "AND place_id = :place_id AND (reason_code, reason_rule, reason_fact) = (:code, :rule_id, :fact)"
    )
    given = {"place_id": objection.place_id, **objection.about._asdict()}
    row = connection.execute(text(sql), given).mappings().one_or_none()
    return None if row is None else dict(row)


def _again(known: Mapping[str, Any], viewer: Viewer, objection: Objection, words: str) -> Written:
    """Return the open objection if it is the same one, sent once more."""
    same = (viewer.name, objection.kind, words)
    if known and (known["reporter"], known["contest_kind"], known["words"]) == same:
        return Written(known["id"], objection.place_id, new=False)
    raise UnderReviewError(
        Text(
            "这条原因已在复核中：请等待答复；要改写，请先撤回原来的异议。",
            "This reason is under review already: wait for the answer, or withdraw the objection to write another.",
        )
    )


def _write(
    connection: Connection,
    viewer: Viewer,
    objection: Objection,
    reason: Mapping[str, Any],
    words: str,
    now: datetime,
) -> int | None:
    sql = (
        'INSERT INTO "case" (place_id, source, external_id, kind, title, stage, reporter, opened_at, due_at, '
        "reason_code, reason_rule, reason_fact, reason_on, reason_params, contest_kind, words) VALUES (:place_id, "
        "'contest', :key, 'contest', :title, 'received', :reporter, :now, :due, :code, :rule_id, :fact, :on, "
        "CAST(:params AS jsonb), :kind, :words) ON CONFLICT (place_id, reason_code, reason_rule, reason_fact) "
        "WHERE kind = 'contest' AND closed_at IS NULL DO NOTHING RETURNING id"
    )
    about = objection.about
    given = {"place_id": objection.place_id, **about._asdict(), "kind": objection.kind, "words": words}
    given |= {"key": str(uuid.uuid4()), "reporter": viewer.name, "now": now, "due": answer_due(now)}
    given |= {"title": describe(about.code, reason["params"], "zh"), "on": reason["on"]}
    given |= {"params": json.dumps(reason["params"], ensure_ascii=False)}
    written = connection.scalar(text(sql), given)
    return None if written is None else int(written)


def _contest(connection: Connection, contest_id: int) -> Mapping[str, Any]:
    """Return an objection with what places it, and keep others from ending it at the same time."""
    sql = (
        'SELECT c.id, c.place_id, c.reporter, c.outcome, p.area_code, p.building_id, e.uscc FROM "case" c '
        "JOIN place p ON p.id = c.place_id LEFT JOIN enterprise e ON e.id = p.enterprise_id "
        "WHERE c.id = :id AND c.kind = 'contest' FOR UPDATE OF c"
    )
    row = connection.execute(text(sql), {"id": contest_id}).mappings().one_or_none()
    if row is None:
        raise UnknownContestError(_unknown(contest_id))
    return dict(row)


def _end(
    connection: Connection,
    row: Mapping[str, Any],
    outcome: Outcome,
    now: datetime,
    *,
    words: str = "",
    by: str = "",
) -> Written:
    if row["outcome"]:
        ended = _ENDED[Outcome(row["outcome"])]
        raise ContestEndedError(
            Text(
                f"这项异议{ended.zh}，不能再改：请刷新卡片查看结果。",
                f"This objection {ended.en} and stays so: reload the card to see how it ended.",
            )
        )
    sql = (
        "UPDATE \"case\" SET stage = 'closed', closed_at = greatest(opened_at, :now), outcome = :outcome, "
        "outcome_words = :words, decided_by = :by WHERE id = :id"
    )
    connection.execute(text(sql), {"id": row["id"], "now": now, "outcome": outcome, "words": words, "by": by})
    return Written(row["id"], row["place_id"])
