"""The case book (案例): what cases of the city's administration state, each figure with the words that carry it.

A *case* has a number, a district and a place in this product, which is there, there in part, or planned. A *fact* is
a number or words, and always a quotation: the exact words of the source. Odd figures stand as quoted; what the source
does not state itself is marked as computed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isclose
from typing import Any

from layers.core.errors import YipingError
from layers.core.text import Language, Text

_SCALES: Mapping[Language, tuple[tuple[float, str], ...]] = {
    "zh": ((1e8, "亿"), (1e4, "万")),
    "en": ((1e9, "billion"), (1e6, "million")),
}
_SHOWN = 3  # decimals of a scaled number; one that has more is written out


class CaseBookError(YipingError):
    """A case book that cannot be used."""


class Presence(StrEnum):
    """How much of a case is in the product today."""

    HERE = "here"
    PART = "part"
    PLANNED = "planned"


class Bound(StrEnum):
    """What a source says of a number: 余/多/超过, 近, 约, 不足, 不超过/以内, 至少/以上."""

    OVER = "over"
    NEARLY = "nearly"
    ABOUT = "about"
    UNDER = "under"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFact:
    """What a case states: a number in a plain unit, perhaps a range or with what it was before; or words."""

    key: str
    label: Text
    quotation: str
    value: float | None = None
    up_to: float | None = None
    before: float | None = None
    words: Text | None = None
    unit: Text | None = None
    bound: Bound | None = None
    computed: bool = False
    note: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CityCase:
    """A case; `page` and `layers` are where its place in the product is today."""

    number: int
    area: str
    area_name: Text
    year: int
    title: Text
    place: Text
    presence: Presence
    page: str = ""
    layers: tuple[str, ...] = ()
    facts: tuple[CaseFact, ...]


def parse_casebook(text: str) -> tuple[CityCase, ...]:
    """Read a case book from TOML text; raises `CaseBookError` naming the case and what is wrong with it."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CaseBookError(f"The case book is not TOML ({error}): correct data/casebook.toml.") from error
    areas, units = (_named(document.get(name, {})) for name in ("area", "unit"))
    cases = tuple(_read(entry, areas, units) for entry in document.get("case", ()))
    try:
        _refuse_twice("case", [str(case.number) for case in cases])
    except ValueError as error:
        raise _refused("numbers", str(error)) from None
    return cases


def amount(value: float, language: Language) -> str:
    """Return a number as people of a language write it.

    >>> amount(15000, "zh"), amount(12065, "zh"), amount(4532000000, "zh"), amount(4532000000, "en")
    ('1.5 万', '12,065', '45.32 亿', '4.532 billion')
    """
    for scale, word in _SCALES[language]:
        scaled = round(value / scale, _SHOWN)
        if value >= scale and isclose(scaled * scale, value, rel_tol=1e-12):
            return f"{scaled:,.10g} {word}"
    return f"{value:,.10g}"


def _read(entry: Mapping[str, Any], areas: Mapping[str, Text], units: Mapping[str, Text]) -> CityCase:
    try:
        return _case(entry, areas, units)
    except KeyError as error:
        raise _refused(f"case {entry.get('number')}", f"{error} is missing or unknown") from error
    except (TypeError, ValueError) as error:
        raise _refused(f"case {entry.get('number')}", str(error)) from error


def _case(entry: Mapping[str, Any], areas: Mapping[str, Text], units: Mapping[str, Text]) -> CityCase:
    given = dict(entry)
    given["facts"] = tuple(_fact(fact, units) for fact in given["facts"])
    _refuse_twice("fact", [fact.key for fact in given["facts"]])
    given |= {"area_name": areas[given["area"]], "presence": Presence(given["presence"])}
    given |= {"title": _text(given["title"]), "place": _text(given["place"])}
    return CityCase(**given | {"layers": tuple(given.get("layers", ()))})


def _fact(entry: Mapping[str, Any], units: Mapping[str, Text]) -> CaseFact:
    given = dict(entry)
    if ("value" in given) == ("words" in given):
        raise ValueError(f"fact {given['key']} says a value or words, one of the two")
    given |= {"label": Text(given.pop("zh"), given.pop("en")), "quotation": given.pop("quote")}
    given |= {name: _text(given[name]) for name in ("words", "note") if name in given}
    given |= {"unit": units[given["unit"]]} if "unit" in given else {}
    given |= {"bound": Bound(given["bound"])} if "bound" in given else {}
    return CaseFact(**given)


def _text(value: str | Mapping[str, str]) -> Text:
    return Text(value, value) if isinstance(value, str) else Text(**value)


def _named(entries: Mapping[str, Mapping[str, str]]) -> dict[str, Text]:
    return {name: Text(**words) for name, words in entries.items()}


def _refuse_twice(what: str, names: list[str]) -> None:
    for at, name in enumerate(names):
        if name in names[:at]:
            raise ValueError(f"{what} {name} is there twice")


def _refused(where: str, why: str) -> CaseBookError:
    return CaseBookError(f"Case book, {where}: {why}; correct data/casebook.toml.")
