"""Query parameters become one `Query`; what is unknown or cannot be meant is refused by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from starlette.datastructures import QueryParams

from layers.core.access import FieldClass, Viewer
from layers.core.citytime import CITY_TIME
from layers.core.errors import BadQueryError
from layers.core.query import BBox, Query, Range, Selection
from layers.core.spec import Field, FieldType, Layer
from layers.core.text import Text
from layers.core.tiers import PermitStatus, Tier

E = TypeVar("E", bound=StrEnum)
COMMON = frozenset({"bbox", "zoom", "tier", "status", "category", "street", "state", "q", "within"})
LISTS = frozenset({"sort", "limit", "after"})
MOMENT = frozenset({"as_of"})
LONGEST_WORDS = 200
_NUMBER = r"-?\d+(?:\.\d+)?"
_RANGE = re.compile(rf"({_NUMBER})?\.\.({_NUMBER})?\Z")


def parse_query(
    params: QueryParams, layers: Iterable[Layer], viewer: Viewer, *, also: frozenset[str] = frozenset()
) -> Query:
    """Read a query for some layers. `also` names parameters of the route itself.

    A layer's own fields are filters too (`area_m2=50..120`, `industries=ai,design`) when one layer is asked.
    Raises `BadQueryError`, also for a tier filter where the viewer may not see tiers.
    """
    chosen = tuple(layers)
    fields = (
        {item.field: chosen[0].field_named(item.field) for item in chosen[0].filters}
        if len(chosen) == 1
        else {}
    )
    known = COMMON | also | {name for name, field in fields.items() if field}
    for name in params:
        if name not in known:
            raise BadQueryError(
                name, f"There is no parameter {name!r}; there are {', '.join(sorted(known))}."
            )
    tiers = _members(Tier, "tier", params)
    if tiers and all(layer.tier_visible_to not in viewer.grant.reads for layer in chosen):
        raise BadQueryError("tier", "There is no parameter 'tier' here.")
    if params.get("state") and any(
        FieldClass.OFFICIAL not in viewer.reads_throughout(layer.readable_by) for layer in chosen
    ):
        raise BadQueryError("state", "There is no parameter 'state' here.")
    return Query(
        layers=tuple(layer.id for layer in chosen),
        viewer=viewer,
        bbox=_bbox(params.get("bbox")),
        zoom=_whole(params, "zoom", 12, 0, 24),
        tiers=tiers,
        statuses=_members(PermitStatus, "status", params),
        categories=_values(params.get("category")),
        streets=_values(params.get("street")),
        states=_values(params.get("state")),
        q=_words(params.get("q", "")),
        within=params.get("within", ""),
        as_of=_moment(params.get("as_of")),
        where={
            name: selection(field, params[name])
            for name, field in fields.items()
            if field and params.get(name)
        },
        sort=params.get("sort", "tier"),
        limit=_whole(params, "limit", 50, 1, 1000),
        after=params.get("after", ""),
    )


def told(params: QueryParams) -> dict[str, int]:
    """Read `seen=shops:12,offices:9`: layer -> the latest change a page has been told of."""
    pairs = [pair.split(":") for pair in params.get("seen", "").split(",") if pair]
    if not all(len(pair) == 2 and pair[1].isdecimal() and len(pair[1]) < 19 for pair in pairs):
        raise BadQueryError("seen", "seen must be layers and numbers such as shops:12,offices:9.")
    return {layer: int(version) for layer, version in pairs}


def _words(text: str) -> str:
    if len(text) > LONGEST_WORDS:
        raise BadQueryError("q", f"q may have at most {LONGEST_WORDS} characters.")
    return text


def _moment(text: str | None) -> datetime | None:
    """Read an ISO moment; without an offset it is the city's time."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise BadQueryError("as_of", "as_of must be a moment such as 2026-11-23T22:00+08:00.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=CITY_TIME)


def _values(text: str | None) -> frozenset[str]:
    return frozenset(part for part in (text or "").split(",") if part)


def _members(kind: type[E], name: str, params: QueryParams) -> frozenset[E]:
    found = set()
    for value in _values(params.get(name)):
        if value not in set(kind):
            raise BadQueryError(name, f"{name} must be one of {', '.join(kind)}; {value!r} is none of them.")
        found.add(kind(value))
    return frozenset(found)


def number(params: QueryParams, name: str) -> float:
    """Return a required number; raises `BadQueryError`."""
    try:
        return float(params[name])
    except (KeyError, ValueError) as error:
        raise BadQueryError(name, f"{name} must be a number.") from error


def _whole(params: QueryParams, name: str, default: int, low: int, high: int) -> int:
    text = params.get(name)
    if text is None:
        return default
    try:
        value = int(float(text))
    except (ValueError, OverflowError) as error:
        raise BadQueryError(name, f"{name} must be a number from {low} to {high}.") from error
    if not low <= value <= high:
        raise BadQueryError(name, f"{name} must be from {low} to {high}.")
    return value


def _bbox(text: str | None) -> BBox | None:
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadQueryError("bbox", "bbox must be four numbers: west,south,east,north.") from error
    if not (-540 <= west < east <= 540 and -90 <= south < north <= 90):
        raise BadQueryError("bbox", "bbox must go from west to east and from south to north, in degrees.")
    return west, south, east, north


def selection(field: Field, text: str) -> Selection:
    """Return what the text of a parameter selects of a field; raises `BadQueryError`."""
    if field.type not in {FieldType.INTEGER, FieldType.NUMBER}:
        return _values(text)
    match = _RANGE.match(text)
    if not match:
        raise BadQueryError(
            field.name,
            Text(
                f"{field.title.zh}“{text}”不是范围：请写成 50..120、..120 或 50..。",
                f"{field.name} must be a range such as 50..120, ..120 or 50.. ; {text!r} is none.",
            ),
        )
    low, high = (float(end) if end else None for end in match.groups())
    if low is not None and high is not None and low > high:
        raise BadQueryError(
            field.name,
            Text(
                f"{field.title.zh}的最低值 {low:g} 大于最高值 {high:g}：请更正其中一个。",
                f"{field.title.en}: from {low:g} is more than to {high:g}; correct one of them.",
            ),
        )
    return Range(low, high)
