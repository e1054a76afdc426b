"""Handling of cases (案件处置): from what was reported to what was done about it, step by step and by whom.

The chain of the city's grid (上海市城市网格化管理办法): received 受理, filed 立案, dispatched 派遣, handled 处置,
overseen 督办, checked 核查, closed 结案; beside it a case goes back (退单), gets more time (延期), is done again (返工)
or is void (作废). A case is closed by somebody else than its handler, and only after a photo and a position from the
spot.

A complaint (投诉) or report (举报) is accepted or refused first. Who reported under a name is told within some working
days whether the case was filed; by when, the rule of the day of that decision says (`inform_working_days` of the check
`cases`). Cases that a draw or an objection made are answered by a visit or a decision and take none of these steps.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from layers.core.access import Action, Viewer
from layers.core.citytime import day_of
from layers.core.rules import RuleTable
from layers.core.text import Text
from layers.core.workdays import add_working_days

HANDLE_WORKING_DAYS: Final = 5  # our own default; each dispatch names its day
LEAST_WORDS, MOST_WORDS = 4, 500
MOST_TITLE: Final = 80


class Stage(StrEnum):
    """How far a case has come."""

    RECEIVED = "received"  # 受理
    FILED = "filed"  # 立案
    DISPATCHED = "dispatched"  # 派遣
    HANDLING = "handling"  # 处置
    SUPERVISED = "supervised"  # 督办
    CHECKED = "checked"  # 核查: done, and waiting for somebody else to look
    CLOSED = "closed"  # 结案
    RETURNED = "returned"  # 退单
    VOID = "void"  # 作废


ENDED: Final = frozenset({Stage.CLOSED, Stage.VOID})
BOARD: Final = tuple(stage for stage in Stage if stage not in ENDED)


class Step(StrEnum):
    """What somebody does with a case."""

    ACCEPT = "accept"  # 受理
    FILE = "file"  # 立案
    REFUSE = "refuse"  # 不予受理、不予立案
    INFORM = "inform"  # 告知举报人
    DISPATCH = "dispatch"  # 派遣
    BEGIN = "begin"  # 开始处置
    RETURN = "return"  # 退单
    EXTEND = "extend"  # 延期
    SUPERVISE = "supervise"  # 督办
    FINISH = "finish"  # 处置完毕
    REWORK = "rework"  # 返工
    CLOSE = "close"  # 结案
    VOID = "void"  # 作废


class Need(StrEnum):
    """What has to be said with a step."""

    WORDS = "words"
    HANDLER = "handler"
    DUE = "due_on"
    PROOF = "proof"  # a photo and the position it was taken at


class By(StrEnum):
    """Who of those who may at all."""

    ANYBODY = "anybody"
    HANDLER = "handler"
    ANOTHER = "another"  # anybody but the handler


@dataclass(frozen=True, slots=True)
class Move:
    """A row of the table: from which stages a step leads where, who takes it and what it needs; no stage: it stays."""

    come_from: frozenset[Stage]
    to: Stage | None
    action: Action
    needs: frozenset[Need] = frozenset()
    by: By = By.ANYBODY


_UNDER_WAY = frozenset({Stage.DISPATCHED, Stage.HANDLING, Stage.SUPERVISED})
_BEFORE_WORK = frozenset({Stage.RECEIVED, Stage.FILED, Stage.RETURNED})

MOVES: Final[dict[Step, Move]] = {
    Step.ACCEPT: Move(frozenset({Stage.RECEIVED}), None, Action.ASSIGN),
    Step.FILE: Move(frozenset({Stage.RECEIVED}), Stage.FILED, Action.ASSIGN),
    Step.REFUSE: Move(frozenset({Stage.RECEIVED}), Stage.VOID, Action.ASSIGN, frozenset({Need.WORDS})),
    Step.INFORM: Move(frozenset(Stage), None, Action.ASSIGN),
    Step.DISPATCH: Move(
        frozenset({Stage.FILED, Stage.RETURNED}) | _UNDER_WAY,
        Stage.DISPATCHED,
        Action.ASSIGN,
        frozenset({Need.HANDLER, Need.DUE}),
    ),
    Step.BEGIN: Move(frozenset({Stage.DISPATCHED}), Stage.HANDLING, Action.INSPECT, by=By.HANDLER),
    Step.RETURN: Move(_UNDER_WAY, Stage.RETURNED, Action.INSPECT, frozenset({Need.WORDS}), By.HANDLER),
    Step.EXTEND: Move(_UNDER_WAY, None, Action.ASSIGN, frozenset({Need.WORDS, Need.DUE})),
    Step.SUPERVISE: Move(
        frozenset({Stage.DISPATCHED, Stage.HANDLING}),
        Stage.SUPERVISED,
        Action.ASSIGN,
        frozenset({Need.WORDS}),
    ),
    Step.FINISH: Move(
        _UNDER_WAY, Stage.CHECKED, Action.INSPECT, frozenset({Need.WORDS, Need.PROOF}), By.HANDLER
    ),
    Step.REWORK: Move(
        frozenset({Stage.CHECKED}), Stage.HANDLING, Action.ASSIGN, frozenset({Need.WORDS}), By.ANOTHER
    ),
    Step.CLOSE: Move(frozenset({Stage.CHECKED}), Stage.CLOSED, Action.ASSIGN, by=By.ANOTHER),
    Step.VOID: Move(_BEFORE_WORK, Stage.VOID, Action.ASSIGN, frozenset({Need.WORDS})),
}


# What usually comes next, the first of these that may be taken.
_NEXT: Final[dict[Stage, tuple[Step, ...]]] = {
    Stage.RECEIVED: (Step.ACCEPT, Step.FILE),
    Stage.FILED: (Step.DISPATCH,),
    Stage.RETURNED: (Step.DISPATCH,),
    Stage.DISPATCHED: (Step.BEGIN,),
    Stage.HANDLING: (Step.FINISH,),
    Stage.SUPERVISED: (Step.FINISH,),
    Stage.CHECKED: (Step.CLOSE,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What of a case decides which steps there are."""

    stage: Stage
    kind: str  # complaint, alert, task
    nature: str = ""
    handler: str = ""
    named: bool = False  # somebody gave a name with it
    accepted_on: date | None = None
    filing_on: date | None = None  # when it was decided whether to file it
    informed_on: date | None = None


def steps(case: Standing, viewer: Viewer) -> tuple[Step, ...]:
    """Return the steps a viewer may take with a case inside the scope now, in the order of the chain."""
    return tuple(step for step in Step if _fits(step, case) and _may(MOVES[step], case, viewer))


def usual(stage: Stage, there: Collection[Step]) -> Step | None:
    """Return the step that usually comes next of those there are, None where it is another's."""
    return next((step for step in _NEXT.get(stage, ()) if step in there), None)


def _fits(step: Step, case: Standing) -> bool:
    if case.stage not in MOVES[step].come_from:
        return False
    reported = case.kind == "complaint"
    match step:
        case Step.ACCEPT:
            return reported and case.accepted_on is None
        case Step.REFUSE:
            return reported
        case Step.VOID:
            return not reported or case.stage is not Stage.RECEIVED  # one that is not accepted is refused
        case Step.INFORM:
            return owes_word(case)
    return True


def owes_word(case: Standing) -> bool:
    """Tell whether who reported under a name still has to be told whether the case was filed."""
    return case.nature == "report" and case.named and case.filing_on is not None and case.informed_on is None


def _may(move: Move, case: Standing, viewer: Viewer) -> bool:
    if not viewer.may(move.action):
        return False
    match move.by:
        case By.HANDLER:
            return bool(case.handler) and viewer.name == case.handler
        case By.ANOTHER:
            return viewer.name != case.handler
    return True


def inform_by(table: RuleTable, city: str, filing_on: date) -> date | None:
    """Return the last day on which who reported is told in time, None where no rule says one."""
    for rule in table.applying(filing_on, city):
        if rule.check == "cases" and (days := rule.params.get("inform_working_days")) is not None:
            return add_working_days(filing_on, days)
    return None


def usual_due(now: datetime) -> date:
    """Return the day by which a case is to be handled unless somebody names another."""
    return add_working_days(day_of(now), HANDLE_WORKING_DAYS)


STEP_WORDS: Final[dict[Step, Text]] = {
    Step.ACCEPT: Text("受理", "Accept"),
    Step.FILE: Text("立案", "File"),
    Step.REFUSE: Text("不予受理", "Refuse"),
    Step.INFORM: Text("已告知举报人", "Reporter was told"),
    Step.DISPATCH: Text("派遣", "Dispatch"),
    Step.BEGIN: Text("开始处置", "Begin"),
    Step.RETURN: Text("退单", "Send back"),
    Step.EXTEND: Text("延期", "Extend"),
    Step.SUPERVISE: Text("督办", "Oversee"),
    Step.FINISH: Text("处置完毕", "Done"),
    Step.REWORK: Text("返工", "Redo"),
    Step.CLOSE: Text("结案", "Close"),
    Step.VOID: Text("作废", "Void"),
}
