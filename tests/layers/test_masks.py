"""Masks: what of a personal detail is left to see."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.access import mask_identity, mask_name, mask_phone

MOBILES = st.from_regex(r"1[0-9]{10}", fullmatch=True)
NUMBERS = st.text("0123456789+-() 转", max_size=30) | st.text(max_size=30)


def _digits(words: str) -> str:
    return re.sub(r"\D", "", words)


@given(MOBILES)
def test_a_mobile_shows_three_and_four(number: str) -> None:
    assert mask_phone(number) == f"{number[:3]}****{number[7:]}"
    assert mask_phone(f"{number[:3]} {number[3:7]}-{number[7:]}") == mask_phone(number)


@given(NUMBERS)
def test_any_other_number_hides_at_least_half(number: str) -> None:
    digits, masked = _digits(number), mask_phone(number)
    if re.fullmatch(r"1[0-9]{10}", digits):
        return
    assert len(_digits(masked)) * 2 <= len(digits)
    assert re.fullmatch(r"(\d*\*{4}\d*)?", masked)  # nor does it carry words beside the number
    head, _, tail = masked.partition("****")
    assert digits.startswith(head)
    assert digits.endswith(tail)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("62661234", "62****34"),
        ("021-62661234", "02****234"),
        ("+86 138 1234 5678", "861****678"),
        ("6266123", "****"),
        ("王五", "****"),
        ("", ""),
    ],
)
def test_a_landline_is_hidden_by_half(number: str, masked: str) -> None:
    assert mask_phone(number) == masked


@given(st.from_regex(r"[0-9]{17}[0-9X]", fullmatch=True))
def test_a_citizen_s_number_shows_three_and_four(number: str) -> None:
    masked = mask_identity(number)
    assert (masked[:3], masked[-4:]) == (number[:3], number[-4:])
    assert masked[3:-4] == "*" * 11


@given(st.text(max_size=30).filter(lambda words: len(words) != 18))
def test_what_is_no_citizen_s_number_is_hidden(words: str) -> None:
    assert mask_identity(words) == "*" * len(words)


@given(st.text(max_size=10))
def test_a_name_shows_its_first_character(name: str) -> None:
    assert mask_name(name) == (f"{name[0]}*" if name else "")
