"""A remembered value: made once while it is fresh, anew when it is old, never from a failure."""

from __future__ import annotations

from itertools import count

import pytest

from data.remembered import Remembered


def test_a_value_is_made_anew_only_when_it_is_old() -> None:
    now, made = [0.0], count(1)
    value = Remembered(lambda: next(made), 10, lambda: now[0])
    seen = []
    for now[0] in (0.0, 9.9, 10.0, 19.9, 20.0):
        seen.append(value())
    assert seen == [1, 1, 2, 2, 3]


def test_a_failure_is_not_remembered() -> None:
    answers = iter((RuntimeError("away"), 7))

    def make() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    value = Remembered(make, 10, lambda: 0.0)
    with pytest.raises(RuntimeError):
        value()
    assert value() == 7
