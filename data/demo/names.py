"""Names and numbers of the demo city: formally valid, and nobody's.

Phones use number ranges no operator hands out; credit codes carry the invented organisation codes `MAYP....`, permits
serial numbers of our own; every check digit is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from data.demo.words import (
    BRAND_FIRST,
    BRAND_SECOND,
    FAMILY,
    FIRM_FIRST,
    FIRM_SECOND,
    FIRM_TRADES,
    GIVEN,
    STREET_FIRST,
    STREET_SECOND,
    TRADE_NAMES,
)
from layers.core.identifiers import USCC_ALPHABET, make_jy, make_uscc

Rng = np.random.Generator
_WAVES = "PQRTUWXY12"
FIRM, SELF_EMPLOYED = "91", "92"  # 企业, 个体工商户


def street_bases(rng: Rng) -> list[str]:
    """Return all two-character stems of street names in random order, each once."""
    stems = [a + b for a, b in product(STREET_FIRST, STREET_SECOND)]
    return [stems[index] for index in rng.permutation(len(stems))]


def pick(rng: Rng, words: Sequence[str], count: int) -> list[str]:
    """Return `count` words drawn with repetition."""
    return [words[index] for index in rng.integers(len(words), size=count)]


def brands(rng: Rng, count: int) -> list[str]:
    """Return `count` shop brands of two or three characters, drawn with repetition."""
    first, second = pick(rng, BRAND_FIRST, count), pick(rng, BRAND_SECOND, count)
    third = pick(rng, BRAND_SECOND, count)
    long = rng.random(count) < 0.3
    return [
        a + b + (c if more and c != b else "")
        for a, b, c, more in zip(first, second, third, long, strict=True)
    ]


def trade_names(rng: Rng, categories: Sequence[str]) -> list[str]:
    """Return what the sign says after the brand, one per category given."""
    draws = rng.random(len(categories))
    return [
        TRADE_NAMES[category][int(draw * len(TRADE_NAMES[category]))]
        for category, draw in zip(categories, draws, strict=True)
    ]


def firms(rng: Rng, count: int, trades: Sequence[str] = FIRM_TRADES) -> list[str]:
    """Return `count` names of limited companies."""
    first, second, trade = (
        pick(rng, FIRM_FIRST, count),
        pick(rng, FIRM_SECOND, count),
        pick(rng, trades, count),
    )
    return [f"上海{a}{b}{t}有限公司" for a, b, t in zip(first, second, trade, strict=True)]


def people(rng: Rng, count: int) -> list[str]:
    """Return `count` names that are obviously examples: 王某, 李示例."""
    return [a + b for a, b in zip(pick(rng, FAMILY, count), pick(rng, GIVEN, count), strict=True)]


def mobiles(rng: Rng, count: int) -> list[str]:
    """Return `count` mobile numbers of the range 100 0000 xxxx, which belongs to no operator."""
    return [f"1000000{number:04d}" for number in rng.integers(10000, size=count)]


def credit_code(serial: int, kind: str = FIRM, registrar: str = "310104") -> str:
    """Return the USCC of the invented firm with a serial number under 31^4 x 10 (GB 32100-2015)."""
    letters = ""
    rest, wave = serial % 31**4, serial // 31**4
    for _ in range(4):
        rest, digit = divmod(rest, 31)
        letters = USCC_ALPHABET[digit] + letters
    return make_uscc(f"{kind}{registrar}MAY{_WAVES[wave]}{letters}0")


def food_permit(serial: int, kind: str, district: str = "310104") -> str:
    """Return a JY number: kind 1 retail, 2 catering, 3 canteen; the serial is taken modulo a million."""
    return make_jy(f"{kind}{district}{serial % 1_000_000:06d}")


def credit_codes(serials: NDArray[np.int64], kind: NDArray[np.str_], registrar: str = "310000") -> list[str]:
    """Return what `credit_code` returns for many serial numbers at once, `kind` one per number (GB 32100, GB 11714)."""
    count = len(serials)
    codes = np.zeros((count, 18), dtype=np.int64)
    codes[:, :2] = [[USCC_ALPHABET.index(c) for c in k] for k in kind]
    codes[:, 2:8] = [int(c) for c in registrar]
    codes[:, 8:11] = [USCC_ALPHABET.index(c) for c in "MAY"]
    codes[:, 11] = np.array([USCC_ALPHABET.index(c) for c in _WAVES])[serials // 31**4]
    for place in range(4):
        codes[:, 15 - place] = serials // 31**place % 31
    letters = np.array(list(USCC_ALPHABET))
    body = np.array([int(c, 36) for c in USCC_ALPHABET])[codes[:, 8:16]]
    check = 11 - body @ np.array([3, 7, 9, 10, 5, 8, 4, 2]) % 11
    codes[:, 16] = np.where(check == 10, USCC_ALPHABET.index("X"), np.where(check == 11, 0, check))
    codes[:, 17] = (31 - codes[:, :17] @ (3 ** np.arange(17, dtype=object) % 31).astype(np.int64) % 31) % 31
    return ["".join(row) for row in letters[codes].tolist()]


def food_permits(serials: NDArray[np.int64], kinds: Sequence[str], districts: Sequence[str]) -> list[str]:
    """Return what `food_permit` returns for many, one kind and district each."""
    return [
        food_permit(serial, kind, district)
        for serial, kind, district in zip(serials.tolist(), kinds, districts, strict=True)
    ]
