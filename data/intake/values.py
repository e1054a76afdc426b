"""Cells as values: null words, numbers with units, booleans, choices, text that may be hostile.

Text stays text. Only what cannot be stored or would break a line is taken out (NUL, control characters, lone
surrogates); markup, formulas and direction marks stay as they are, and whoever shows or exports them guards.
"""

from __future__ import annotations

import math
import re
import string
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Final, TypeAlias

from data.intake.dates import UnreadableError, read_clock, read_date
from layers.core.hours import HoursError, format_hours, parse_hours
from layers.core.rent import MONTHS
from layers.core.spec import Choice, Field, FieldType, Layer

Converted: TypeAlias = str | int | float | bool | date | list[str] | None
Converter: TypeAlias = Callable[[str], Converted]

NULL_WORDS: Final = frozenset(
    {
        "",
        "[]",
        "{}",
        "()",
        "-",
        "--",
        "---",
        "—",
        "——",
        "/",
        "\\n",
        "null",
        "nil",
        "nan",
        "n/a",
        "#n/a",
        "undefined",
    }
    | {"暂无", "暂无数据", "暂无信息", "无数据", "未知", "不详"}
)
_SPEAKING: Final = frozenset(
    {chr(code) for code in range(0x4E00, 0xA000)} | {*string.ascii_letters, *string.digits}
) - {begun for word in NULL_WORDS for begun in (word[:1], word[:1].upper())}
LARGEST_INTEGER: Final = 2**31 - 1

_BROKEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_BREAKS: Final = re.compile("[\t\r\n\x85\u2028\u2029]+")
_NUMBER: Final = re.compile(
    r"^[^\d+\-.]*([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][+-]?\d+)?)(.*)$", re.DOTALL
)
_YEAR_OF_DATE: Final = re.compile(r"^(\d{4})[-/.]\d{1,2}(?!\d)")
_UNCERTAIN: Final = re.compile(r"^\s*[-~/:至到]\s*\d")
_TRUE: Final = frozenset(
    {"是", "true", "t", "yes", "y", "1", "有", "√", "✓", "✔", "可", "可以", "支持", "on"}
)
_FALSE: Final = frozenset(
    {"否", "false", "f", "no", "n", "0", "无", "×", "✗", "✘", "不可", "不可以", "不支持", "没有", "off"}
)
_SEPARATORS: Final = re.compile(r"[|;,、/]+|\s+")


def clean(text: str) -> str:
    """Return a cell as text to keep: no control characters, one line, no blanks at its ends."""
    return _BROKEN.sub("", _BREAKS.sub(" ", text)).strip()


def fold(text: str) -> str:
    """Return text as it is compared: half-width, lower case, no blanks at its ends."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def is_null(text: str) -> bool:
    r"""Tell whether a cell says that there is nothing in it (`暂无数据`, `[]`, `-`, `\N`, `NaN`)."""
    return fold(text) in NULL_WORDS


@lru_cache(maxsize=20_000)
def known(text: str) -> str:
    """Return cleaned text, "" where the cell says that there is nothing."""
    cleaned = clean(text)
    return "" if is_null(cleaned) else cleaned


def known_column(cells: Iterable[str]) -> list[str]:
    """Return `known` of every cell.

    A printable text has nothing to clean but blanks at its ends, and what begins as no null word does is none: folding
    leaves such a first character what it is.
    """
    return [
        cell if cell[:1] in _SPEAKING and cell[-1] != " " and cell.isprintable() else known(cell)
        for cell in cells
    ]


def read_number(text: str, field_name: str = "", month_days: float = MONTHS["30"]) -> float:
    """Read a number with or without unit (`2.00元/平米/月`, `523户`, `35%`, `1.2万`), in the unit of the
    field.

    The field's name says the unit wanted (`_m2_day`, `_month`, `_m`); a cell in another is converted. Raises
    UnreadableError, also for a range (`100-200`) or ratio (`1:0.8`), which are no single number.
    """
    cell = unicodedata.normalize("NFKC", text).strip().replace("−", "-")
    found = _NUMBER.match(cell)
    if found is None or not any(letter.isdigit() for letter in found[1]) or _UNCERTAIN.match(found[2]):
        raise UnreadableError(text)
    value = float(found[1].replace(",", "")) * _unit(found[2].strip(), field_name, month_days)
    if not math.isfinite(value):
        raise UnreadableError(text)
    return value


def _unit(unit: str, field_name: str, month_days: float) -> float:
    factor = {"%": 0.01, "‰": 0.001, "万": 1e4, "亿": 1e8}.get(unit[:1], 1.0)
    if field_name.endswith("_day") and ("月" in unit or "month" in unit.casefold()):
        factor /= month_days
    if field_name.endswith("_month") and ("天" in unit or "日" in unit or "day" in unit.casefold()):
        factor *= month_days
    if field_name.endswith("_m") and (unit.startswith(("公里", "千米")) or unit.casefold().startswith("km")):
        factor *= 1000
    return factor


def read_boolean(text: str) -> bool:
    """Read `是`/`否`, `true`/`false`, `1`/`0` and their kin. Raises UnreadableError for other words."""
    word = fold(text)
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise UnreadableError(text)


def choice_words(choices: tuple[Choice, ...], said: Mapping[str, str]) -> dict[str, str]:
    """Folded words -> value: the values, their titles in both languages, and what files say for them."""
    words = {fold(word): c.value for c in choices for word in (c.title.en, c.title.zh, c.value)}
    return words | {fold(word): value for word, value in said.items()}


def converter(layer: Layer, field: Field, month_days: float = MONTHS["30"]) -> Converter:
    """Return the function that reads cells of a field; it raises UnreadableError for what the field cannot
    hold. Rents by the month become rents by the day by `month_days`.
    """
    words = choice_words(field.choices, layer.intake.values.get(field.name, {}))
    readers: dict[FieldType, Converter] = {
        FieldType.TEXT: clean,
        FieldType.INTEGER: lambda cell: _integer(cell, field),
        FieldType.NUMBER: lambda cell: _bounded(cell, field, month_days),
        FieldType.CLOCK: lambda cell: _minutes(cell, field),
        FieldType.BOOLEAN: read_boolean,
        FieldType.DATE: read_date,
        FieldType.CHOICE: lambda cell: _choice(cell, words),
        FieldType.CHOICES: lambda cell: _choices(cell, words),
        FieldType.HOURS: _hours,
    }
    return readers[field.type]


def _hours(cell: str) -> str:
    try:
        return format_hours(parse_hours(cell))
    except HoursError:
        raise UnreadableError(cell) from None


def _bounded(cell: str, field: Field, month_days: float = MONTHS["30"]) -> float:
    value = read_number(cell, field.name, month_days)
    if field.maximum == 1 and 1 < value <= 100 and "%" not in cell:
        value /= 100  # a share written as percent without the sign
    low, high = field.minimum, field.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        raise UnreadableError(cell)
    return value


def _integer(cell: str, field: Field) -> int:
    if field.name.endswith("_year") and (dated := _YEAR_OF_DATE.match(fold(cell))):
        cell = dated[1]
    value = round(_bounded(cell, field))
    if abs(value) > LARGEST_INTEGER:
        raise UnreadableError(cell)
    return value


def _minutes(cell: str, field: Field) -> int:
    """Read a time of day, or minutes after midnight."""
    if _is_plain_number(cell):
        return _integer(cell, field)
    clock = read_clock(cell)
    return clock.hour * 60 + clock.minute


def _is_plain_number(cell: str) -> bool:
    return unicodedata.normalize("NFKC", cell).strip().isdigit()


def _choice(cell: str, words: Mapping[str, str]) -> str:
    try:
        return words[fold(cell)]
    except KeyError:
        raise UnreadableError(cell) from None


def _choices(cell: str, words: Mapping[str, str]) -> list[str]:
    if (whole := words.get(fold(cell))) is not None:
        return [whole]
    parts = [part for part in _SEPARATORS.split(unicodedata.normalize("NFKC", cell)) if part]
    return sorted({_choice(part, words) for part in parts})
