"""Credit codes and food permit numbers: real vectors, each with one character changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.errors import YipingError
from layers.core.identifiers import (
    USCC_ALPHABET,
    check_jy,
    check_uscc,
    jy_district,
    make_jy,
    make_uscc,
)

USCCS = [
    "91310000132260250X",
    "9131000013221158XC",
    "91100000100003962T",
    "914403001922038216",
    "9144030071526726XG",
]
JYS = ["JY13101140093802", "JY13101160000083", "JY23101140041987", "JY13101050042467", "JY13101120198903"]
DIGITS = "0123456789"


@pytest.mark.parametrize("code", USCCS)
def test_real_credit_codes_pass_both_checks(code: str) -> None:
    assert check_uscc(code).problems == ()
    assert make_uscc(code[:17]) == code


@pytest.mark.parametrize("code", USCCS)
@pytest.mark.parametrize("position", range(18))
def test_one_changed_character_of_a_credit_code_is_found(code: str, position: int) -> None:
    for other in set(USCC_ALPHABET) - {code[position]}:
        changed = code[:position] + other + code[position + 1 :]
        assert not check_uscc(changed).ok, changed


def test_a_circulating_code_with_a_wrong_check_is_doubtful_not_dropped() -> None:
    outcome = check_uscc("91350203M0001QAY9B")
    assert not outcome.ok
    assert "人工核对" in outcome.problems[0].zh
    assert "confirm" in outcome.problems[0].en


@pytest.mark.parametrize("department", ["A", "N", "Y"])
def test_departments_with_letters_are_valid(department: str) -> None:
    assert check_uscc(make_uscc(f"{department}1310104MA1FX0000")).ok


@pytest.mark.parametrize(
    ("code", "word"),
    [("9131", "18 characters"), ("91310000132260250I", "never used"), ("B1310000132260250X", "department")],
)
def test_each_problem_of_a_credit_code_is_named(code: str, word: str) -> None:
    assert any(word in problem.en for problem in check_uscc(code).problems)


@given(st.text(alphabet=USCC_ALPHABET, min_size=9, max_size=9))
def test_made_credit_codes_pass(subject: str) -> None:
    assert check_uscc(make_uscc("91310104" + subject)).ok


@pytest.mark.parametrize("number", JYS)
def test_real_food_permit_numbers_pass(number: str) -> None:
    assert check_jy(number).ok
    assert make_jy(number[2:15]) == number


@given(
    st.text(alphabet=DIGITS, min_size=12, max_size=12),
    st.sampled_from("123"),
    st.integers(0, 13),
    st.integers(1, 9),
)
def test_any_single_changed_digit_of_a_food_permit_is_found(
    rest: str, kind: str, position: int, by: int
) -> None:
    digits = make_jy(kind + rest)[2:]
    changed = digits[:position] + str((int(digits[position]) + by) % 10) + digits[position + 1 :]
    assert check_jy("JY" + digits).ok
    assert not check_jy("JY" + changed).ok


def test_district_digits_of_a_food_permit() -> None:
    assert jy_district("JY13101140093802") == "310114"
    assert jy_district("SC10131010000000") == ""


@pytest.mark.parametrize("number", ["JY1310114009380", "jy13101140093802", "JY１3101140093802", ""])
def test_what_is_no_food_permit_number_is_told(number: str) -> None:
    assert "JY" in check_jy(number).problems[0].zh


@given(st.text(max_size=20))
def test_checks_never_raise(text: str) -> None:
    assert check_uscc(text).ok == (not check_uscc(text).problems)
    assert check_jy(text).ok == (not check_jy(text).problems)


def test_makers_refuse_a_wrong_length() -> None:
    with pytest.raises(YipingError, match="made of 17"):
        make_uscc("9131")
    with pytest.raises(YipingError, match="13 digits"):
        make_jy("123")
