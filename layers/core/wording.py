"""A search said in words, such as 杨浦 五角场 100平 5块以内 能注册, as conditions; what is not understood stays words.

The parser knows numbers (100, １００, 一百, 2万, 20k), ranges (100-200平), which side of a number is meant (以内, 以上,
under, at least), and the names of areas, kinds and trades that it is given. It reads from the front, the longest
meaning first, and never raises: whatever it does not know is left for a search of names.

>>> known = Vocabulary(areas={"五角场街道": "310110020"})
>>> said = understand("五角场 100平左右 5块以内 能注册 同济", known)
>>> said.values["area_m2"], said.values["rent_cny_m2_day"], said.values["registrable"], said.rest
('85..115', '..5', 'true', '同济')
>>> said.values["street"]
'310110020'
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

NEAR_METRO_M: Final = 800  # what 近地铁 means: some ten minutes on foot, our own default
WALK_M_MIN: Final = 80  # metres a minute on foot
AROUND: Final = 0.15  # a number without a side means so much to either side of it
LONGEST: Final = 100  # signs that are read, as many as an address keeps of the words

_DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_TIMES = {"十": 10, "百": 100, "千": 1_000, "k": 1_000, "w": 10_000, "万": 10_000}
_HAN = r"[零〇一二两三四五六七八九十百千]"
_N = rf"(?:\d+万\d(?!\d)|\d+(?:,\d{{3}})*(?:\.\d+)?\s?(?:[万千]|[kw](?![a-z]))?|{_HAN}+(?:万{_HAN}*)?|半)"
_BEFORE_UNDER = r"不超过|不到|低于|少于|小于|最多|至多|<=?|≤|under|below|up to|at most|max|less than|within"
_BEFORE_OVER = r"不低于|不少于|至少|超过|大于|高于|>=?|≥|over|above|at least|min|more than|from"
_BETWEEN = r"\s*(?:块|元|平|m2|人)?\s*(?:-|到|至|to)\s*"
_AMOUNT = (
    rf"(?:(?P<lead_under>{_BEFORE_UNDER})|(?P<lead_over>{_BEFORE_OVER})|(?:about|around|约|大约|差不多))?\s*[¥]?"
    rf"(?P<low>{_N})(?:{_BETWEEN}(?P<high>{_N}))?(?P<lead_plus>\+)?\s*"
)
_SIDE = (
    r"(?:\s*(?P<under>以内|以下|之内|不超过|封顶|最多|max|or less|(?<!\s)内)"
    r"|\s*(?P<over>以上|至少|or more|(?<!\s)起|(?<!\s)\+)|\s*(?:左右|上下))?"
)
_M2 = r"(?:平方米|平米|平方|平(?![路街里原凉江])|m2|sqm|square met(?:er|re)s?)"
_YUAN = r"(?:块钱|块|元|cny|rmb|yuan)"
_MONTH = r"(?:\s*(?:/|每|per|a|一个?)\s*(?:月|month|mo\.?))"
_PER_DAY = rf"(?:\s*(?:/|每|per|a)?\s*{_M2}?\s*(?:/|·|每|per|a|一)?\s*(?:天|日|day))"
_PEOPLE = (
    r"(?:个人|人|名员工|个工位|工位|people|persons?|seats?|desks?|staff)(?!行|计划|民|才|类|气|间|体|文|力)"
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names that mean a condition: words -> code or value. An area is found by its name without 区, 街道 or 镇, too."""

    areas: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    industries: Mapping[str, str] = field(default_factory=dict)
    payments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """What a text says: filter -> value as an address writes it, filter -> the words that said so, and what is left."""

    values: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]
    rest: str


def understand(text: str, known: Vocabulary) -> Said:
    """Return what a text says; a filter that is said twice is the last one said, lists of names add up."""
    left = _plain(text)
    values: dict[str, str] = {}
    words: dict[str, list[str]] = {}
    for name, pattern, value_of in [*_named(known), *_RULES]:
        while match := pattern.search(left):
            value = value_of(match)
            if value is None:
                break
            adds = name in _LISTS and name in values
            values[name] = (
                f"{values[name]},{value}" if adds and value not in values[name].split(",") else value
            )
            words.setdefault(name, []).append(match[0].strip())
            left = f"{left[: match.start()]}{_TAKEN}{left[match.end() :]}"
    if "street" in values:
        values["street"] = _narrowest(values["street"])
    rest = " ".join(part for part in _GAPS.split(left) if part and part.lower() not in _IDLE)
    return Said(values, {name: tuple(said) for name, said in words.items()}, rest)


def without(text: str, name: str, known: Vocabulary) -> str:
    """Return a text without the words that say a filter; `q` are those that say none, "" all of them."""
    said = understand(text, known)
    if name in {"", "q"}:
        return " ".join(word for words in said.words.values() for word in words) if name else ""
    left = _plain(text)
    for word in said.words.get(name, ()):
        left = left.replace(word, " ", 1)
    return " ".join(left.split())


def _plain(text: str) -> str:
    """Return a text in half-width signs with one hyphen for every dash."""
    return _DASHES.sub("-", unicodedata.normalize("NFKC", text)[:LONGEST])


def _narrowest(codes: str) -> str:
    """Return codes of areas without a district of which a part is named as well."""
    parts = codes.split(",")
    return ",".join(code for code in parts if not any(o != code and o.startswith(code) for o in parts))


def number(text: str) -> float:
    """Return the number that digits or Chinese numerals write.

    >>> [number(word) for word in ("100", "1,500", "2万", "1.5万", "20k", "一百", "两万五", "1万5", "三百五", "半")]
    [100.0, 1500.0, 20000.0, 15000.0, 20000.0, 100.0, 25000.0, 15000.0, 350.0, 0.5]
    """
    plain = text.replace(",", "").replace(" ", "").lower()
    if plain == "半":
        return 0.5
    if match := re.fullmatch(r"(\d+(?:\.\d+)?)([万千kw]?)", plain):
        return round(float(match[1]) * _TIMES.get(match[2], 1), 4)
    if match := re.fullmatch(r"(\d+)万(\d)", plain):
        return float(match[1]) * 10_000 + float(match[2]) * 1_000
    return float(_numeral(plain))


def _numeral(text: str) -> int:
    """Read 两万五千三百: a last digit alone counts tenths of the unit before it, as in 三百五."""
    total = section = digit = 0
    last = 1
    for sign in text:
        if sign in _DIGITS:
            digit, last = _DIGITS[sign], (1 if sign in "零〇" else last)
        elif sign == "万":
            total, section, digit, last = (total + section + digit) * 10_000, 0, 0, 10_000
        else:
            section, digit, last = section + (digit or 1) * _TIMES[sign], 0, _TIMES[sign]
    return total + section + digit * (last // 10 if last > 10 else 1)


def _range(match: re.Match[str]) -> str:
    """Return the range that a number with its side means."""
    low = number(match["low"])
    if match["high"]:
        high = number(match["high"])
        return f"{_written(min(low, high))}..{_written(max(low, high))}"
    if _is(match, "under", "lead_under"):
        return f"..{_written(low)}"
    if _is(match, "over", "lead_over", "lead_plus"):
        return f"{_written(low)}.."
    return f"{_written(low * (1 - AROUND))}..{_written(low * (1 + AROUND))}"


def _at_most(match: re.Match[str]) -> str | None:
    """Return a range up to a rent: whoever names a price means no more than that. No rent a day is so high as 100."""
    if number(match["high"] or match["low"]) > _DEAREST:
        return None
    if match["high"] or _is(match, "over", "lead_over", "lead_plus"):
        return _range(match)
    return f"..{_written(number(match['low']))}"


def _highest(match: re.Match[str]) -> str | None:
    """Return the one number of an upper bound; a lower one is none."""
    most = number(match["high"] or match["low"])
    return None if _is(match, "over", "lead_over", "lead_plus") or most <= 0 else _written(most)


def _heads(match: re.Match[str]) -> str | None:
    """Return how many are to sit: the most of a range."""
    heads = number(match["high"] or match["low"])
    return _written(heads) if heads >= 1 else None


def _metres(match: re.Match[str]) -> str:
    return f"..{_written(number(match['low']))}"


def _minutes(match: re.Match[str]) -> str:
    return f"..{_written(number(match['low']) * WALK_M_MIN)}"


def _written_low(match: re.Match[str]) -> str:
    return _written(number(match["low"]))


def _is(match: re.Match[str], *names: str) -> bool:
    return any(match[name] for name in names)


def _written(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


Rule = tuple[str, re.Pattern[str], Callable[[re.Match[str]], str | None]]


def _rule(name: str, pattern: str, value_of: Callable[[re.Match[str]], str | None]) -> Rule:
    return name, re.compile(pattern, re.IGNORECASE), value_of


def _always(value: str) -> Callable[[re.Match[str]], str]:
    return lambda _match: value


_LISTS: Final = frozenset({"street", "category", "industries", "payment_terms"})
_DEAREST: Final = 100
_DASHES: Final = re.compile(r"[~～—–−]+")
_TAKEN: Final = "|"  # stands where something was understood, so that nothing is read across it
_GAPS: Final = re.compile(rf"[\s,，。;；、!！?？{_TAKEN}]+")
_IDLE: Final = frozenset(
    {
        "的", "和", "且", "要", "想", "找", "在", "有", "我", "我们", "租", "租个", "求租", "租金",
        "面积", "预算", "价格", "团队", "公司", "一间", "一个", "办公室", "办公", "写字楼", "附近", "上海", "上海市",
        "and", "with", "for", "in", "near", "a", "an", "the", "of", "office", "offices", "rent", "budget", "area",
        "team", "we", "need", "looking", "i", "want", "per", "month", "to",
    }
)  # fmt: skip
_METRO = r"(?:地铁站?|轨交|metro|subway)"
_INSIDE = r"(?:\s*(?:以内|之内|内))?"
_WALK = rf"(?P<low>{_N})\s*(?:分钟|min(?:ute)?s?)"
_AWAY = rf"(?P<low>{_N})\s*(?:米|m\b)"
_REGISTER = (
    r"(?<![不无])(?:可以?|能够?|(?<!需)要|需要?)\s*(?:工商)?注册(?:公司|地址)?"
    r"|(?<!no )(?<!without )\bregist(?:er|rable|ration)\b(?:\s+(?:a\s+)?(?:company|firm))?"
)
_BESIDE = (
    rf"(?:近|靠近|临近|离|near|close to|by)\s*(?:the\s+)?{_METRO}(?:\s*近)?"
    rf"|{_METRO}\s*(?:附近|旁边?|口|沿线|周边|近|nearby)"
)
_TO_METRO = rf"\s*(?:到|步行到|有|of|walk (?:from|to)|from|to)?\s*(?:the\s+)?{_METRO}"
_METRO_FIRST = rf"(?:距离?|离|within)?\s*{_METRO}\s*(?:步行|走路|不超过|within|<=?)?\s*"
_RULES: Final[tuple[Rule, ...]] = (
    _rule("registrable", _REGISTER, _always("true")),
    _rule("metro_m", rf"(?:步行|走路|walk(?:ing)?|within)?\s*{_WALK}{_INSIDE}{_TO_METRO}", _minutes),
    _rule("metro_m", rf"{_METRO_FIRST}{_WALK}{_INSIDE}", _minutes),
    _rule("metro_m", rf"{_METRO_FIRST}{_AWAY}{_INSIDE}", _metres),
    _rule("metro_m", rf"(?:within\s*)?{_AWAY}{_INSIDE}{_TO_METRO}", _metres),
    _rule("metro_m", _BESIDE, _always(f"..{NEAR_METRO_M}")),
    _rule("people", rf"{_AMOUNT}{_PEOPLE}(?:\s*(?:团队|办公|的?公司|team|以内|以上|左右))?", _heads),
    _rule(
        "people",
        rf"(?:team of|for)\s+(?P<low>\d{{1,3}})(?P<high>(?!))?(?=\s|$)(?!\s*(?:{_M2}|{_YUAN}))",
        _heads,
    ),
    _rule("rent_cny_m2_day", rf"{_AMOUNT}{_YUAN}?{_PER_DAY}{_SIDE}", _at_most),
    _rule(
        "budget",
        rf"(?:预算|月租金?|每月|一个月|budget(?:\s+of)?)\s*{_AMOUNT}{_YUAN}?{_MONTH}?{_SIDE}",
        _highest,
    ),
    _rule("budget", rf"{_AMOUNT}{_YUAN}?{_MONTH}{_SIDE}", _highest),
    _rule("area_m2", rf"{_AMOUNT}{_M2}{_SIDE}", _range),
    _rule("budget", rf"{_AMOUNT}(?<=万[\d一二三四五六七八九]){_YUAN}?{_SIDE}", _highest),
    _rule("budget", rf"{_AMOUNT}(?<=[万千kw]){_YUAN}?{_SIDE}", _highest),
    _rule("budget", rf"{_AMOUNT}(?<=\d{{4}})(?:{_YUAN}{_SIDE}|\s*(?:以内|以下))", _highest),
    _rule("budget", rf"(?:(?:{_BEFORE_UNDER})\s*¥?|¥)\s*(?P<low>\d{{4,7}})(?P<high>(?!))?", _written_low),
    _rule("rent_cny_m2_day", rf"{_AMOUNT}{_YUAN}{_SIDE}", _at_most),
)
_ENDINGS: Final = ("新区", "街道", "区", "镇", "乡")


def _named(known: Vocabulary) -> Iterable[Rule]:
    """Yield a rule per kind of names; the longest name first, so that 浦东新区 is not read as 浦东."""
    areas = {short: code for name, code in known.areas.items() for short in (name, _short(name))}
    lists = {
        "street": areas,
        "category": known.categories,
        "industries": known.industries,
        "payment_terms": known.payments,
    }
    for name, words in lists.items():
        folded = {word.lower(): value for word, value in words.items() if len(word) > 1}
        if folded:
            ranked = sorted(folded, key=len, reverse=True)
            parts = (rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in ranked)
            yield _rule(name, "|".join(parts), lambda match, folded=folded: folded[match[0].lower()])  # type: ignore[misc]


def _short(name: str) -> str:
    """Return an area's name as people say it: 五角场 for 五角场街道; a name of two signs stays whole."""
    ending = next((end for end in _ENDINGS if name.endswith(end) and len(name) - len(end) > 1), "")
    return name.removesuffix(ending)
