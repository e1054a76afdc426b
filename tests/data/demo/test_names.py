"""Numbers of invented firms and permits are formally right and outside what is in use."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from data.demo.names import (
    FIRM,
    SELF_EMPLOYED,
    credit_code,
    credit_codes,
    food_permit,
    mobiles,
    people,
    street_bases,
)
from layers.core.identifiers import check_jy, check_uscc, jy_district

serials = st.integers(min_value=0, max_value=9_000_000)


@given(serials, st.sampled_from([FIRM, SELF_EMPLOYED]))
def test_a_credit_code_passes_both_checks(serial: int, kind: str) -> None:
    assert check_uscc(credit_code(serial, kind)).ok


@given(st.lists(serials, min_size=1, max_size=20))
def test_many_codes_at_once_are_the_same_codes(numbers: list[int]) -> None:
    kinds = [FIRM if number % 2 else SELF_EMPLOYED for number in numbers]
    one_by_one = [credit_code(number, kind, "310000") for number, kind in zip(numbers, kinds, strict=True)]
    assert credit_codes(np.array(numbers), np.array(kinds)) == one_by_one


@given(st.sets(serials, min_size=2, max_size=50))
def test_two_firms_never_share_a_code(numbers: set[int]) -> None:
    assert len({credit_code(number) for number in numbers}) == len(numbers)


@given(serials, st.sampled_from("123"), st.sampled_from(["310104", "310115"]))
def test_a_food_permit_number_is_valid_and_of_its_district(serial: int, kind: str, code: str) -> None:
    number = food_permit(serial, kind, code)
    assert check_jy(number).ok
    assert jy_district(number) == code


def test_nobody_is_real() -> None:
    rng = np.random.default_rng(1)
    assert all(phone.startswith("1000000") and len(phone) == 11 for phone in mobiles(rng, 50))
    assert all(
        name[1:] in {"某", "样例", "示例", "演示"} or name[1] in "一二三四甲乙丙丁"
        for name in people(rng, 200)
    )


def test_street_stems_are_distinct() -> None:
    stems = street_bases(np.random.default_rng(1))
    assert len(stems) == len(set(stems)) > 900
