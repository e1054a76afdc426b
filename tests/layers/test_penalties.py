"""What a breach may cost: the law of the day of the act, unless that of the decision is lighter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.checks.penalty import penalty_for
from layers.core.rules import RuleTable, parse_table
from tests.layers.examples import SHANGHAI, TABLES, day

NIGHTS = TABLES["nights"]
SUMS = st.tuples(st.integers(0, 50), st.integers(50, 100))


def laws(old: tuple[int, int], new: tuple[int, int]) -> RuleTable:
    """A table whose sums change on 2026-08-15."""
    rule = '[[rule]]\nid = "fine"\ncheck = "penalty"\nsource = "s"\nverified = true\n'
    params = 'params = {{ codes = ["night.breach"], fine_cny = [{0}, {1}] }}\n'
    return parse_table(
        f'layer = "nights"\nversion = "1"\n{rule}valid_to = 2026-08-14\n{params.format(*old)}'
        f"{rule}valid_from = 2026-08-15\n{params.format(*new)}",
        "example",
    )


@pytest.mark.parametrize(
    ("act", "decided", "source"),
    [
        ("2026-07-20", "2026-09-10", "噪声污染防治法 Art. 77"),  # the code is not lighter
        ("2026-08-14", "2026-09-10", "噪声污染防治法 Art. 77"),
        ("2026-08-15", "2026-09-10", "生态环境法典 Art. 1185"),
        ("2021-09-01", "2021-09-02", "上海市环境保护条例 Art. 81"),
    ],
)
def test_a_breach_is_weighed_by_the_law_of_its_night(act: str, decided: str, source: str) -> None:
    rule = penalty_for(NIGHTS, "night.breach", SHANGHAI, day(act), day(decided))
    assert rule is not None
    assert rule.source.en.startswith(source)
    assert rule.params["fine_cny"] == [10000, 100000]


@given(SUMS, SUMS)
def test_the_later_law_counts_only_where_it_is_lighter(old: tuple[int, int], new: tuple[int, int]) -> None:
    rule = penalty_for(laws(old, new), "night.breach", "", day("2026-07-20"), day("2026-09-10"))
    assert rule is not None
    lighter = (new[1], new[0]) < (old[1], old[0])
    assert tuple(rule.params["fine_cny"]) == (new if lighter else old)
    later = penalty_for(laws(old, new), "night.breach", "", day("2026-08-15"), day("2026-09-10"))
    assert later is not None
    assert tuple(later.params["fine_cny"]) == new  # an act under the later law knows no earlier one


def test_what_no_law_names_costs_nothing() -> None:
    assert penalty_for(NIGHTS, "night.no_notice", SHANGHAI, day("2021-09-01"), day("2026-09-10")) is None
    assert penalty_for(NIGHTS, "night.quiet", SHANGHAI, day("2026-09-01"), day("2026-09-10")) is None
    assert penalty_for(NIGHTS, "night.breach", "110101", day("2026-09-01"), day("2026-09-10")) is None
    assert (
        penalty_for(TABLES["shops"], "permit.missing", SHANGHAI, day("2026-09-01"), day("2026-09-10")) is None
    )
