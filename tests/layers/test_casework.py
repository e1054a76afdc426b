"""The table of steps: who may do what with a case, and by when who reported it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.rules import packaged_rules
from layers.core.access import Role, Viewer
from layers.core.casework import (
    ENDED,
    MOVES,
    STEP_WORDS,
    By,
    Need,
    Stage,
    Standing,
    Step,
    inform_by,
    steps,
    usual,
)
from layers.core.registry import find_layers

SUPERVISOR = Viewer(Role.SUPERVISOR, name="supervisor")
HANDLER = Viewer(Role.INSPECTOR, name="handler")
OTHER = Viewer(Role.INSPECTOR, name="other")
TASK = Standing(stage=Stage.FILED, kind="task")
REPORT = Standing(stage=Stage.RECEIVED, kind="complaint", nature="report", named=True)
DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("case", "viewer", "there"),
    [
        (REPORT, SUPERVISOR, "accept file refuse"),
        (replace(REPORT, accepted_on=DAY), SUPERVISOR, "file refuse"),
        (
            replace(REPORT, stage=Stage.FILED, accepted_on=DAY, filing_on=DAY),
            SUPERVISOR,
            "inform dispatch void",
        ),
        (replace(REPORT, stage=Stage.VOID, filing_on=DAY), SUPERVISOR, "inform"),
        (replace(REPORT, stage=Stage.VOID, filing_on=DAY, informed_on=DAY), SUPERVISOR, ""),
        (replace(REPORT, stage=Stage.VOID, filing_on=DAY, named=False), SUPERVISOR, ""),
        (replace(TASK, stage=Stage.RECEIVED), SUPERVISOR, "file void"),
        (TASK, SUPERVISOR, "dispatch void"),
        (TASK, HANDLER, ""),
        (replace(TASK, stage=Stage.DISPATCHED, handler="handler"), HANDLER, "begin return finish"),
        (replace(TASK, stage=Stage.DISPATCHED, handler="handler"), OTHER, ""),
        (replace(TASK, stage=Stage.DISPATCHED, handler="handler"), SUPERVISOR, "dispatch extend supervise"),
        (replace(TASK, stage=Stage.HANDLING, handler="handler"), HANDLER, "return finish"),
        (replace(TASK, stage=Stage.SUPERVISED, handler="handler"), SUPERVISOR, "dispatch extend"),
        (replace(TASK, stage=Stage.RETURNED, handler="handler"), SUPERVISOR, "dispatch void"),
        (replace(TASK, stage=Stage.CHECKED, handler="handler"), HANDLER, ""),
        (replace(TASK, stage=Stage.CHECKED, handler="handler"), SUPERVISOR, "rework close"),
        (replace(TASK, stage=Stage.CLOSED, handler="handler"), SUPERVISOR, ""),
    ],
)
def test_who_may_do_what_now(case: Standing, viewer: Viewer, there: str) -> None:
    assert [step.value for step in steps(case, viewer)] == there.split()


@pytest.mark.parametrize(
    ("case", "viewer", "next_step"),
    [
        (REPORT, SUPERVISOR, Step.ACCEPT),
        (replace(REPORT, accepted_on=DAY), SUPERVISOR, Step.FILE),
        (replace(REPORT, stage=Stage.FILED, filing_on=DAY), SUPERVISOR, Step.DISPATCH),
        (replace(TASK, stage=Stage.DISPATCHED, handler="handler"), HANDLER, Step.BEGIN),
        (
            replace(TASK, stage=Stage.DISPATCHED, handler="handler"),
            SUPERVISOR,
            None,
        ),  # it is the handler's turn
        (replace(TASK, stage=Stage.HANDLING, handler="handler"), HANDLER, Step.FINISH),
        (replace(TASK, stage=Stage.CHECKED, handler="handler"), SUPERVISOR, Step.CLOSE),
    ],
)
def test_what_usually_comes_next(case: Standing, viewer: Viewer, next_step: Step | None) -> None:
    assert usual(case.stage, steps(case, viewer)) is next_step


def test_who_handled_a_case_never_closes_it_whatever_the_role() -> None:
    done = replace(TASK, stage=Stage.CHECKED, handler="supervisor")
    assert steps(done, SUPERVISOR) == ()
    assert {Step.CLOSE, Step.REWORK} == {step for step, move in MOVES.items() if move.by is By.ANOTHER}


@given(
    st.builds(
        Standing,
        stage=st.sampled_from(Stage),
        kind=st.sampled_from(["complaint", "alert", "task"]),
        nature=st.sampled_from(["", "claim", "report"]),
        handler=st.sampled_from(["", "handler"]),
        named=st.booleans(),
        filing_on=st.sampled_from([None, DAY]),
    ),
    st.sampled_from([*Role]),
)
def test_what_has_ended_takes_no_step_but_word_to_who_reported(case: Standing, role: Role) -> None:
    there = steps(case, Viewer(role, name="handler"))
    if case.stage in ENDED:
        assert set(there) <= {Step.INFORM}
    if role not in {Role.SUPERVISOR, Role.INSPECTOR}:
        assert there == ()


def test_from_every_stage_there_is_a_way_to_an_end() -> None:
    reaches = set(ENDED)
    for _ in Stage:
        reaches |= {stage for move in MOVES.values() if move.to in reaches for stage in move.come_from}
    assert reaches == set(Stage)


def test_a_case_is_closed_only_after_proof_from_the_spot() -> None:
    into_check = {step for step, move in MOVES.items() if move.to is Stage.CHECKED}
    assert into_check == {Step.FINISH}
    assert Need.PROOF in MOVES[Step.FINISH].needs
    assert {stage for step in (Step.CLOSE,) for stage in MOVES[step].come_from} == {Stage.CHECKED}
    assert set(STEP_WORDS) == set(MOVES) == set(Step)


@pytest.mark.parametrize(
    ("decided", "by"),
    [
        (date(2026, 11, 23), date(2026, 11, 30)),  # Monday to Monday: five working days behind it
        (date(2026, 9, 28), date(2026, 10, 10)),  # 国庆 is off, the Saturday 10 October worked instead
    ],
)
@pytest.mark.parametrize("layer", ["shops", "breakfast"])
def test_who_reported_is_told_within_five_working_days(layer: str, decided: date, by: date) -> None:
    assert inform_by(packaged_rules(find_layers()[layer]), "310104003", decided) == by


def test_a_layer_without_that_rule_sets_no_day() -> None:
    assert inform_by(packaged_rules(find_layers()["offices"]), "310104003", DAY) is None
