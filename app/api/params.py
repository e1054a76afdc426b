"""Query parameters: which there are, and how they become one `Query`; what cannot be meant is refused by name.

`PARAMETERS` says every name once. A route gives a set of names to `documented`, which writes them into the route's
description, and `refuse_unknown` lets nothing pass that the description of the route does not name: what is accepted
and what is documented cannot differ.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from fastapi import Request
from starlette.datastructures import QueryParams

from app.export_files import ENCODINGS, HEADERS
from data.books import DUE_REASONS
from data.lists import ORDERS
from geo.datum import Datum
from layers.core.access import FieldClass, Viewer
from layers.core.casework import Stage
from layers.core.citytime import read_iso
from layers.core.errors import BadQueryError
from layers.core.facts import Severity
from layers.core.query import BBox, Query, Range, Selection
from layers.core.registry import SPINE_FILTERS, Registry
from layers.core.spec import NUMBERS, Field, Filter, Layer, Measure
from layers.core.text import Text
from layers.core.tiers import PermitStatus, Tier

E = TypeVar("E", bound=StrEnum)
COMMON = frozenset(
    {"bbox", "zoom", "tier", "status", "category", "street", "state", "q", "within", "open_at"}
)
LISTS = frozenset({"sort", "limit", "after"})
FILES = frozenset({"datum", "header", "encoding"})
MOMENT = frozenset({"as_of"})
LONGEST_WORDS = 200
_NUMBER = r"-?\d+(?:\.\d+)?"
_AMOUNT = re.compile(r"\d{1,9}(?:\.\d+)?\Z")
_RANGE = re.compile(rf"({_NUMBER})?\.\.({_NUMBER})?\Z")

_TEXT = {"type": "string"}
_DAY = {"type": "string", "format": "date"}
PARAMETERS: Mapping[str, tuple[dict[str, Any], str]] = {
    "bbox": (_TEXT, "west,south,east,north in degrees WGS-84; without it the whole city."),
    "zoom": (
        {"type": "integer", "minimum": 0, "maximum": 24, "default": 12},
        "Zoom of the map: size of cells.",
    ),
    "tier": (_TEXT, f"Tiers, joined by commas: {', '.join(Tier)}."),
    "status": (_TEXT, f"Permit statuses, joined by commas: {', '.join(PermitStatus)}."),
    "category": (_TEXT, "Categories of the layer, joined by commas."),
    "street": (_TEXT, "Codes of sub-districts (9 digits) or districts (6), joined by commas."),
    "state": (_TEXT, "States of the place, joined by commas; for people on duty."),
    "q": ({"type": "string", "maxLength": LONGEST_WORDS}, "Words: name, address, pinyin initials, number."),
    "within": (_TEXT, "An area code, or a polygon as GeoJSON."),
    "as_of": (
        {"type": "string", "format": "date-time"},
        "The city as of this moment, past or ahead; lists and exports speak of the present and do not take it.",
    ),
    "open_at": (
        {"type": "string", "format": "date-time"},
        "Only places open at this moment, on layers with hours.",
    ),
    "sort": ({"type": "string", "enum": list(ORDERS), "default": "tier"}, "Order of the list."),
    "limit": ({"type": "integer", "minimum": 1, "maximum": 1000}, "How many at most."),
    "after": (_TEXT, "The `next` of the page before."),
    "datum": (
        {"type": "string", "enum": list(Datum), "default": Datum.WGS84.value},
        "Of the coordinates in the file; GeoJSON is WGS-84 and nothing else.",
    ),
    "header": (
        {"type": "string", "enum": list(HEADERS), "default": HEADERS[0]},
        "Of csv and xlsx. `name`: names of fields and codes, which an import reads back; `label`: words of the "
        "caller's language for both.",
    ),
    "encoding": (
        {"type": "string", "enum": list(ENCODINGS), "default": ENCODINGS[0]},
        "Of csv; UTF-8 begins with a mark, for spreadsheet programs.",
    ),
    "layers": (_TEXT, "Ids of layers, joined by commas; without it all that the caller may know of."),
    "seen": (_TEXT, "What the page was told of changes: shops:12,offices:9."),
    "lon": ({"type": "number"}, "Longitude in degrees WGS-84."),
    "lat": ({"type": "number"}, "Latitude in degrees WGS-84."),
    "day": (
        _DAY,
        "The day of an inspection list, such as 2026-11-23; the newest list without it.",
    ),
    "name": (_TEXT, "Name of the file."),
    "layer": (_TEXT, "Ids of layers, joined by commas: only their rows of the list."),
    "stage": (
        _TEXT,
        f"Stages of cases, joined by commas: {', '.join(Stage)}; without it those that are open.",
    ),
    "kind": (_TEXT, "Kinds of cases, joined by commas: claim, report, alert, task."),
    "mine": ({"type": "integer", "enum": [0, 1]}, "1: only cases that are dispatched to the caller."),
    "late": ({"type": "integer", "enum": [0, 1]}, "1: only open cases whose day is over."),
    "why": (_TEXT, f"Why a visit is due, joined by commas: {', '.join(DUE_REASONS)}."),
    "severity": ({"type": "string", "enum": list(Severity)}, "How grave a credit record is."),
    "decided_on": (_DAY, "The day of the decision."),
    "published_on": (_DAY, "The day of its publication; a minor record that is not published has none."),
    "applied_on": (_DAY, "The day of the application for repair, past or ahead; today without it."),
    "n": ({"type": "integer", "minimum": 1, "default": 10}, "How many; more than 100 are never given."),
}


def documented(
    names: Iterable[str], *, layers: Registry | None = None, needed: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the description of a route's query parameters, with the fields of `layers` that are filters."""
    listed = [
        _described(name, *PARAMETERS[name], required=name in set(needed))
        for name in PARAMETERS
        if name in set(names)
    ]
    return {"parameters": listed + [_described(*field, required=False) for field in _fields(layers or ())]}


def without_blanks(request: Request) -> QueryParams:
    """Return the parameters without those left empty by a form."""
    return QueryParams([(name, value) for name, value in request.query_params.multi_items() if value != ""])


async def refuse_unknown(request: Request) -> None:
    """Raise `BadQueryError` for a query parameter that the description of the route does not name.

    Async, because FastAPI would give a plain function a thread of its own.
    """
    extra = getattr(request.scope["route"], "openapi_extra", None) or {}
    known = {parameter["name"] for parameter in extra.get("parameters", ())}
    for name in request.query_params:
        if name not in known:
            raise unknown(name)


def unknown(name: str) -> BadQueryError:
    """Return the error for a parameter that is not there, or not for this caller."""
    return BadQueryError(
        name,
        Text(
            f"这里没有参数 {name!r}：可用的参数见 /api/docs。",
            f"There is no parameter {name!r} here: /api/docs lists those there are.",
        ),
    )


def _described(name: str, schema: dict[str, Any], words: str, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": schema, "description": words}


def _fields(layers: Iterable[Layer]) -> list[tuple[str, dict[str, Any], str]]:
    """Return the filters that are fields or measures, each once, with the layers that have it."""
    found: dict[str, tuple[str, list[str]]] = {}
    for layer in layers:
        for item in layer.filters:
            if form := _form(layer, item):
                found.setdefault(item.field, (form, []))[1].append(layer.id)
    return [(name, _TEXT, f"{form} Of {', '.join(ids)}.") for name, (form, ids) in found.items()]


def _form(layer: Layer, item: Filter) -> str:
    """What a filter of a layer takes, "" for one of every place."""
    if (measure := layer.measure_named(item.field)) is not None:
        bound = "at least" if item.operator == "at_least" else "at most"
        return f"{measure.title.en} ({measure.title.zh}): one number, {bound} so many {measure.unit.en}."
    if (field := layer.field_named(item.field)) is None:
        return ""
    form = "a range such as 50..120, ..120 or 50.." if _is_number(field) else "values, joined by commas"
    return f"{field.title.en} ({field.title.zh}): {form}."


def _is_number(field: Field) -> bool:
    return field.type in NUMBERS


def parse_query(
    params: QueryParams, layers: Iterable[Layer], viewer: Viewer, *, also: frozenset[str] = frozenset()
) -> Query:
    """Read a query for some layers. `also` names parameters of the route itself.

    A layer's own fields are filters too (`area_m2=50..120`, `industries=ai,design`) when one layer is asked.
    Raises `BadQueryError`, also for a tier filter where the viewer may not see tiers.
    """
    chosen = tuple(layers)
    filters = {item.field: item for item in chosen[0].filters} if len(chosen) == 1 else {}
    own = {name: item for name, item in filters.items() if name not in SPINE_FILTERS}
    known = COMMON | also | set(own)
    for name in params:
        if name not in known:
            raise unknown(name)
    tiers = _members(Tier, "tier", params)
    if tiers and all(layer.tier_visible_to not in viewer.grant.reads for layer in chosen):
        raise unknown("tier")
    if params.get("state") and any(
        FieldClass.OFFICIAL not in viewer.reads_throughout(layer.readable_by) for layer in chosen
    ):
        raise unknown("state")
    return Query(
        layers=tuple(layer.id for layer in chosen),
        viewer=viewer,
        bbox=_bbox(params.get("bbox")),
        zoom=whole(params, "zoom", 12, 0, 24),
        tiers=tiers,
        statuses=_members(PermitStatus, "status", params),
        categories=_values(params.get("category")),
        streets=_values(params.get("street")),
        states=_values(params.get("state")),
        q=_words(params.get("q", "")),
        within=params.get("within", ""),
        as_of=moment_of(params, "as_of"),
        open_at=moment_of(params, "open_at"),
        where={
            name: narrowing(chosen[0], item, params[name]) for name, item in own.items() if params.get(name)
        },
        sort=params.get("sort", "tier"),
        limit=whole(params, "limit", 50, 1, 1000),
        after=params.get("after", ""),
    )


def told(params: QueryParams) -> dict[str, int]:
    """Read `seen=shops:12,offices:9`: layer -> the latest change a page has been told of."""
    pairs = [pair.split(":") for pair in params.get("seen", "").split(",") if pair]
    if not all(len(pair) == 2 and pair[1].isdecimal() and len(pair[1]) < 19 for pair in pairs):
        raise BadQueryError(
            "seen",
            Text(
                "seen 须为图层和编号，如 shops:12,offices:9。",
                "seen must be layers and numbers such as shops:12,offices:9.",
            ),
        )
    return {layer: int(version) for layer, version in pairs}


def _words(text: str) -> str:
    if len(text) > LONGEST_WORDS:
        raise BadQueryError(
            "q",
            Text(f"q 最多 {LONGEST_WORDS} 个字：请缩短。", f"q may have at most {LONGEST_WORDS} characters."),
        )
    return text


def needed_words(params: QueryParams) -> str:
    """Return the words to search for; raises `BadQueryError` where there are none."""
    if "q" not in params:
        raise BadQueryError("q", Text("缺少 q：请写要找的词。", "q is needed: the words to search for."))
    return _words(params["q"])


def moment_of(params: QueryParams, name: str) -> datetime | None:
    """Read an ISO moment; without an offset it is the city's time."""
    if not params.get(name):
        return None
    try:
        return read_iso(params[name].replace(" ", "+"))
    except ValueError as error:
        raise BadQueryError(
            name,
            Text(
                f"{name} 须为时刻，如 2026-11-23T22:00+08:00。",
                f"{name} must be a moment such as 2026-11-23T22:00+08:00.",
            ),
        ) from error


def _values(text: str | None) -> frozenset[str]:
    return frozenset(part for part in (text or "").split(",") if part)


def _members(kind: type[E], name: str, params: QueryParams) -> frozenset[E]:
    found = set()
    for value in _values(params.get(name)):
        if value not in set(kind):
            known = ", ".join(kind)
            raise BadQueryError(
                name,
                Text(
                    f"{name} 须为 {known} 之一；{value!r} 不是。",
                    f"{name} must be one of {known}; {value!r} is none of them.",
                ),
            )
        found.add(kind(value))
    return frozenset(found)


def number(params: QueryParams, name: str) -> float:
    """Return a required number; raises `BadQueryError`."""
    try:
        value = float(params[name])
    except (KeyError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise BadQueryError(name, Text(f"{name} 须为数字。", f"{name} must be a number."))
    return value


def whole(params: QueryParams, name: str, default: int, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`, or the default; raises `BadQueryError`."""
    try:
        value = int(float(params.get(name, default)))
    except (ValueError, OverflowError):
        value = low - 1
    if not low <= value <= high:
        raise BadQueryError(
            name,
            Text(f"{name} 须为 {low} 到 {high} 的数字。", f"{name} must be a number from {low} to {high}."),
        )
    return value


def _bbox(text: str | None) -> BBox | None:
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadQueryError(
            "bbox",
            Text("bbox 须为四个数：西,南,东,北。", "bbox must be four numbers: west,south,east,north."),
        ) from error
    if not (-540 <= west < east <= 540 and -90 <= south < north <= 90):
        raise BadQueryError(
            "bbox",
            Text(
                "bbox 须由西到东、由南到北，单位为度。",
                "bbox must go from west to east and from south to north, in degrees.",
            ),
        )
    return west, south, east, north


def narrowing(layer: Layer, item: Filter, text: str) -> Selection:
    """Return what the text of a parameter selects by a filter of a layer; raises `BadQueryError`."""
    if (measure := layer.measure_named(item.field)) is not None:
        return _bound(measure, text, low=item.operator == "at_least")
    field = layer.field_named(item.field)
    return selection(field, text) if field else _values(text)


def _bound(measure: Measure, text: str, *, low: bool) -> Range:
    """Return the range that one number means: from it on, or up to it."""
    if not _AMOUNT.match(text) or float(text) <= 0:
        raise BadQueryError(
            measure.name,
            Text(
                f"{measure.title.zh}“{text}”不是大于 0 的数：请只写数字，如 5 或 20000。",
                f"{measure.title.en}: {text!r} is no number above 0; write digits alone, such as 5 or 20000.",
            ),
        )
    return Range(float(text), None) if low else Range(None, float(text))


def selection(field: Field, text: str) -> Selection:
    """Return what the text of a parameter selects of a field; raises `BadQueryError`."""
    if not _is_number(field):
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
