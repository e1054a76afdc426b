"""No cell that we write is run as a formula, and no number becomes text."""

from __future__ import annotations

import pytest

from data.spreadsheet import guard

RISKY = [
    "=1+1",
    "+SUM(A1)",
    "-A1",
    "@x",
    "\tx",
    "\rx",
    "\nx",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "  =1",
    "\u3000＝1",
    " \t@x",
]
RISKY += ["-inf", "+1 2", "-1-1", "-"]
HARMLESS = [
    "",
    "店",
    "1=1",
    "a@b.cn",
    "12",
    "-12",
    "+8613812345678",
    "-0.5",
    "-.5",
    "+1e-3",
    "x-1",
]


@pytest.mark.parametrize("cell", RISKY)
def test_a_cell_that_starts_a_formula_is_made_text(cell: str) -> None:
    assert guard(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", HARMLESS)
def test_other_cells_and_numbers_stay(cell: str) -> None:
    assert guard(cell) == cell
