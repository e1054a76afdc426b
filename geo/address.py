"""Chinese addresses taken apart: 区, 街道镇, 路, 弄, 支弄, 号, 幢, 层, 室.

The parts follow the order of standard addresses (标准地址; GA/T 2000.32-2014 lists the element types down to
the road, below it as written in Shanghai). From the front an address runs district, sub-district, road (or
village or estate), lane, sub-lane, number; building, floor and unit stand anywhere behind, with names of
malls and remarks between them. Parsing is tolerant: it never raises and keeps the unknown in `rest`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

# GB/T 2260, Shanghai, with the districts dissolved since 2000: old records still name them.
DISTRICTS: Final = (
    *("黄浦区", "徐汇区", "长宁区", "静安区", "普陀区", "虹口区", "杨浦区", "闵行区", "宝山区", "嘉定区"),
    *("浦东新区", "金山区", "松江区", "青浦区", "奉贤区", "崇明区"),
    *("南市区", "卢湾区", "闸北区", "南汇区", "崇明县"),
)

_HAN: Final = "[\u3007\u3400-\u9fff]"
_NUMERALS: Final = "一二三四五六七八九十百"
_MORE: Final = r"(?:[-、,/+之]\d+[甲乙丙丁]?)*"
_DISTRICT: Final = rf"{_HAN}{{1,4}}?(?:新区|(?<![小园社校厂街景地发业墅宅院])区|县)"
_CODE: Final = r"(?<![A-Za-z\d-])(?=[A-Za-z-]*\d)[A-Za-z\d]+(?:-[A-Za-z\d]+)*"
_LEVELS: Final = rf"地?下?[{_NUMERALS}]+|底|顶|地下\d*|[A-Za-z]{{0,2}}\d+(?:[-+、,][A-Za-z]{{0,2}}\d+)*"

_CITY: Final = re.compile(
    rf"^(?:中国)?(?:{_HAN}{{2,7}}?(?:省|自治区))?(?:上海市|{_HAN}{{2,4}}市(?={_DISTRICT})|上海(?={_DISTRICT}))"
)
_KNOWN_DISTRICT: Final = re.compile(rf"^({'|'.join(DISTRICTS)})")
_ANY_DISTRICT: Final = re.compile(rf"^({_DISTRICT})")
_STREET: Final = re.compile(rf"^({_HAN}{{2,8}}?(?:街道|[镇乡](?![东南西北中]?[路街弄道])))")
_ROAD: Final = re.compile(
    rf"({_HAN}{{1,14}}(?:[路街道巷村坊里宅苑园城浜桥滩弄]|胡同)(?=[临附]?\d)|{_HAN}{{1,14}}?(?:路|大道|街(?![道坊])))"
)
_LANE: Final = re.compile(rf"^\D*?(\d+[甲乙丙丁]?{_MORE})弄")
_SUBLANE: Final = re.compile(rf"^(\d+[甲乙丙丁]?{_MORE})支弄")
_NUMBER: Final = re.compile(
    rf"^\D*?((?:临时?|附)?\d+[A-Za-z甲乙丙丁]?{_MORE})号(?![楼线院口门])([甲乙丙丁]?)"
    r"(?:-(\d+(?:-\d+)*)(?![-\d层楼])室?)?"
)
_BARE_NUMBER: Final = re.compile(rf"^(\d+[甲乙丙丁]?{_MORE})(?=$|[^-、,/+之\d号弄支层楼室幢栋座单米])")
_BLOCK: Final = re.compile(
    rf"(?<![A-Za-z\d])(?:(\d+|[A-Za-z]\d*|[甲乙丙丁东南西北中]|[{_NUMERALS}]+)(?:号楼|幢|栋|座)|([A-Za-z东南西北])楼)"
)
_FLOOR: Final = re.compile(
    rf"(?<![A-Za-z\d-])(?:({_LEVELS})[Ff]?[层楼]"
    r"|(\d{1,2})[Ff](?=\d+[室铺])"
    r"|([BLbl]\d{1,2}|\d{1,2}(?=[Ff])|[Ff]\d{1,2})[Ff]?(?![-A-Za-z\d室单铺号]))"
)
_ENTRANCE: Final = re.compile(rf"({_CODE})单元")
_ROOM: Final = re.compile(rf"({_CODE}(?:[、,]{_CODE})*)(?:室|商?铺)")
_LAST_CODE: Final = re.compile(rf"(?:^|\n)({_CODE})$")

_REMARK: Final = re.compile(r"\([^()]*\)")
_DASHES: Final = re.compile("[-~\u2010-\u2015\u2212\u301c\u2053]+")
_LEVEL_LETTER: Final = re.compile(r"(?<![A-Z])[FL](?=\d)")
_SPACES: Final = re.compile(r"(?<![A-Za-z])\s+|\s+(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Address:
    """One address in parts; "" where the address does not say.

    Parts leave out their unit word (`lane="1285"`), names keep theirs (`road="淮海中路"`). A number with 甲
    has it last (`17甲`), ranges have a hyphen (`4-77`), floors drop F and L (`F5`, `5F`, `L5` are `5`, `B1`
    stays). `unit` joins sub-number, entrance (单元) and room with hyphens. Province and city are not kept.
    """

    raw: str
    district: str = ""
    street: str = ""  # 街道, 镇, 乡
    road: str = ""  # or village, estate
    lane: str = ""  # 弄
    sublane: str = ""  # 支弄
    number: str = ""  # 号
    block: str = ""  # 幢, 栋, 座, 号楼
    floor: str = ""  # 层, 楼
    unit: str = ""  # 室, 单元, 铺
    rest: str = ""

    @property
    def standard(self) -> str:
        """The parts in standard order and words, without `rest`: equal for two spellings of one address.

        >>> parse("淮海中路 １２８５弄4～77号").standard
        '淮海中路1285弄4-77号'
        """
        worded = (
            (self.lane, "弄"),
            (self.sublane, "支弄"),
            (self.number, "号"),
            (self.block, "幢"),
            (self.floor, "层"),
            (self.unit, "室"),
        )
        return self.district + self.street + self.road + "".join(part + word for part, word in worded if part)


def normalise(text: str) -> str:
    """Half-width letters and digits, a hyphen for every dash and ～, spaces only between Latin words.

    Chinese numerals stay. Normalising twice changes nothing more.

    >>> normalise("延安东路　１７ 号（近 Bund Center）")
    '延安东路17号(近Bund Center)'
    """
    plain = _SPACES.sub("", " ".join(unicodedata.normalize("NFKC", text).split()))
    return _DASHES.sub("-", unicodedata.normalize("NFKC", plain))


def parse(text: str) -> Address:
    """The parts of an address; never raises. What is not recognised is in `rest`, in its order.

    >>> parse("浙江中路70号A座(近广东路)")  # doctest: +NORMALIZE_WHITESPACE
    Address(raw='浙江中路70号A座(近广东路)', district='', street='', road='浙江中路', lane='', sublane='',
            number='70', block='A', floor='', unit='', rest='(近广东路)')
    """
    plain = normalise(text)
    remarks = _REMARK.findall(plain)
    district, street, tail = _area(_REMARK.sub("", plain))
    before, road, tail = _front(_ROAD, tail)
    between, lane, tail = _front(_LANE, tail)
    _, sublane, tail = _front(_SUBLANE, tail)
    inside, number, suffix, tail = _number(tail, after_road=bool(road))
    block, tail = _cut(_BLOCK, tail)
    floor, tail = _cut(_FLOOR, tail)
    entrance, tail = _cut(_ENTRANCE, tail)
    room, tail = _cut(_ROOM, tail)
    if not room and (number or block or floor):
        room, tail = _cut(_LAST_CODE, tail)
    pieces = (piece.strip("-,、;") for piece in (before, between, inside, *tail.split("\n"), *remarks))
    return Address(
        raw=text,
        district=district,
        street=street,
        road=road,
        lane=lane,
        sublane=sublane,
        number=number,
        block=block.upper(),
        floor=_LEVEL_LETTER.sub("", floor.upper()),
        unit="-".join(part for part in (suffix, entrance.upper(), room.upper()) if part),
        rest=" ".join(piece for piece in pieces if piece),
    )


def _area(text: str) -> tuple[str, str, str]:
    """District, sub-district, and what follows them."""
    if city := _CITY.match(text):
        text = text[city.end() :]
    _, district, text = _front(_ANY_DISTRICT if city else _KNOWN_DISTRICT, text)
    _, street, text = _front(_STREET, text)
    return district, street, text


def _number(text: str, *, after_road: bool) -> tuple[str, str, str, str]:
    """What stands before the number, the number with 甲 at its end, the sub-number, what follows."""
    if found := _NUMBER.match(text):
        return text[: found.start(1)], found[1] + found[2], found[3] or "", text[found.end() :]
    if after_road and (found := _BARE_NUMBER.match(text)):
        return "", found[1], "", text[found.end() :]
    return "", "", "", text


def _front(pattern: re.Pattern[str], text: str) -> tuple[str, str, str]:
    """What stands before the part, the part, what follows; an absent part leaves all to follow."""
    found = pattern.search(text)
    if found is None:
        return "", "", text
    return text[: found.start(1)], found[1], text[found.end() :]


def _cut(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """The part, and the text with a line break where the part was, so that its neighbours do not join."""
    found = pattern.search(text)
    if found is None:
        return "", text
    part = next(group for group in found.groups() if group is not None)
    return part, f"{text[: found.start()]}\n{text[found.end() :]}".strip("\n")
