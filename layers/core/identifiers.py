"""Numbers that name firms and permits, with their check digits.

*Unified social credit code* (统一社会信用代码, GB 32100-2015): 18 characters = department 1, kind of body
1, registrar's area 6, subject code 9, check 1. The alphabet leaves out I, O, S, V and Z. The department is
mostly a digit, but A (军委), N (农业) and Y (其他) are valid. Check: weights 3^i mod 31 over 17 characters,
`(31 - sum mod 31) mod 31`. Characters 9 to 17 are an organisation code (组织机构代码, GB 11714-1997) with a
check of its own: weights 3 7 9 10 5 8 4 2, `11 - sum mod 11`, where 10 is written X and 11 is written 0.

*Food business permit* (食品经营许可证): `JY`, kind of business 1, province 2, city 2, county 2, serial 6,
check 1; the check is ISO 7064 MOD 11,10 over the first thirteen digits.

Codes with a wrong check circulate, so nothing is dropped for it: the outcome lists what is doubtful and a
person confirms. The six digits in a credit code are the registrar, not the place: never draw a point from
them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from layers.core.errors import YipingError
from layers.core.text import Text

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_DEPARTMENTS = "123456789ANY"

_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORG_VALUES = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
_USCC_VALUES = {character: value for value, character in enumerate(USCC_ALPHABET)}
_JY = re.compile(r"JY(\d{14})\Z")

_LENGTH = Text("统一社会信用代码应为 18 位", "A credit code has 18 characters")
_CHARACTERS = Text(
    "含有不允许的字符（I、O、S、V、Z 不用）", "It contains a character that is never used (I, O, S, V, Z)"
)
_DEPARTMENT = Text("首位不是已知的登记管理部门", "The first character is no known registration department")
_REGISTRAR = Text("第 3 至 8 位应为行政区划数字", "Characters 3 to 8 should be the digits of an area")
_ORG_CHECK = Text(
    "组织机构代码校验位不符，请人工核对",
    "The organisation code's check character is wrong; please confirm by hand",
)
_USCC_CHECK = Text(
    "统一社会信用代码校验位不符，请人工核对",
    "The credit code's check character is wrong; please confirm by hand",
)
_JY_FORM = Text("食品经营许可证编号应为 JY 加 14 位数字", "A food permit number is JY and 14 digits")
_JY_CHECK = Text(
    "食品经营许可证编号校验位不符，请人工核对",
    "The food permit number's check digit is wrong; please confirm by hand",
)
_JY_KIND = Text(
    "业态代码应为 1 销售、2 餐饮、3 单位食堂", "The kind should be 1 retail, 2 catering or 3 canteen"
)


@dataclass(frozen=True, slots=True)
class IdentifierCheck:
    """The outcome of a check: `ok` when there is no problem; every problem in both languages."""

    ok: bool
    problems: tuple[Text, ...] = ()


def _outcome(problems: list[Text]) -> IdentifierCheck:
    return IdentifierCheck(not problems, tuple(problems))


def uscc_check_character(prefix: str) -> str:
    """Return the 18th character for the first 17 of a credit code; `YipingError` on a foreign one."""
    if len(prefix) != 17 or not set(prefix) <= set(USCC_ALPHABET):
        raise YipingError(f"{prefix!r} is not the first 17 characters of a credit code: {_CHARACTERS.en}.")
    total = sum(
        _USCC_VALUES[character] * weight for character, weight in zip(prefix, _USCC_WEIGHTS, strict=True)
    )
    return USCC_ALPHABET[(31 - total % 31) % 31]


def organisation_check_character(body: str) -> str:
    """Return the 9th character for the first eight of an organisation code (GB 11714)."""
    if len(body) != 8 or not set(body) <= set(_ORG_VALUES):
        raise YipingError(
            f"{body!r} is not the first 8 characters of an organisation code (digits and capitals)."
        )
    remainder = 11 - sum(_ORG_VALUES[c] * weight for c, weight in zip(body, _ORG_WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(remainder, str(remainder))


def check_uscc(code: str) -> IdentifierCheck:
    """Check form, alphabet and both check characters of a credit code.

    >>> check_uscc("91310000132260250X").ok
    True
    """
    if len(code) != 18:
        return _outcome([_LENGTH])
    if not set(code) <= set(USCC_ALPHABET):
        return _outcome([_CHARACTERS])
    problems = []
    if code[0] not in USCC_DEPARTMENTS:
        problems.append(_DEPARTMENT)
    if not code[2:8].isdigit():
        problems.append(_REGISTRAR)
    if organisation_check_character(code[8:16]) != code[16]:
        problems.append(_ORG_CHECK)
    if uscc_check_character(code[:17]) != code[17]:
        problems.append(_USCC_CHECK)
    return _outcome(problems)


def make_uscc(prefix17: str) -> str:
    """Complete 17 characters to a valid credit code; the organisation check (the 17th) is set right too.

    >>> make_uscc("91310000132260250")
    '91310000132260250X'
    """
    if len(prefix17) != 17:
        raise YipingError(f"{prefix17!r} has {len(prefix17)} characters; a credit code is made of 17.")
    prefix = prefix17[:16] + organisation_check_character(prefix17[8:16])
    return prefix + uscc_check_character(prefix)


def jy_check_digit(first13: str) -> str:
    """Return the check digit of 13 digits by ISO 7064 MOD 11,10."""
    if len(first13) != 13 or not (first13.isascii() and first13.isdigit()):
        raise YipingError(f"{first13!r} is not the 13 digits a food permit number is made of.")
    product = 10
    for digit in first13:
        total = (product + int(digit)) % 10 or 10
        product = 2 * total % 11
    return str((11 - product) % 10)


def check_jy(number: str) -> IdentifierCheck:
    """Check form, kind of business and check digit of a food business permit number.

    >>> check_jy("JY13101140093802").ok
    True
    """
    match = _JY.match(number)
    if match is None or not number.isascii():
        return _outcome([_JY_FORM])
    digits = match.group(1)
    problems = []
    if digits[0] not in "123":
        problems.append(_JY_KIND)
    if jy_check_digit(digits[:13]) != digits[13]:
        problems.append(_JY_CHECK)
    return _outcome(problems)


def make_jy(first13: str) -> str:
    """Complete 13 digits (kind 1, area 6, serial 6) to a food business permit number.

    >>> make_jy("1310114009380")
    'JY13101140093802'
    """
    return f"JY{first13}{jy_check_digit(first13)}"


def jy_district(number: str) -> str:
    """Return the six district digits of a food permit number, "" if it is none; the shop lies there."""
    match = _JY.match(number)
    return match.group(1)[1:7] if match else ""
