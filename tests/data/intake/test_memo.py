from __future__ import annotations

from data.intake import memo
from data.intake.memo import Memo


def test_an_answer_is_found_once_for_each_distinct_cell() -> None:
    asked: list[str] = []
    lengths = Memo(lambda cell: asked.append(cell) or len(cell))
    assert lengths.of(["a", "bb", "a", "bb"]) == [1, 2, 1, 2]
    assert asked == ["a", "bb"]


def test_answers_do_not_fill_the_memory() -> None:
    same = Memo(lambda cell: cell)
    for start in range(0, 5 * memo.MOST, 1_000):
        same.of(range(start, start + 1_000))
    assert len(same) <= memo.MOST + 1_000
