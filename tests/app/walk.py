"""What the application answers to, found in the application itself, and what none of its answers may tell."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dash import Dash
from fastapi import FastAPI
from httpx import Response
from sqlalchemy import Engine, text

from layers.core.access import Role
from tests.small_city import CONTACT, FORMULA, HERE, PHONE, THERE

EVERYBODY = frozenset(role.value for role in Role)
ON_DUTY = EVERYBODY - {"public"}
NOBODY: frozenset[str] = frozenset()
WHOLE_CITY = frozenset({"supervisor", "admin"})
OF_THE_DISTRICT = WHOLE_CITY | {"inspector"}
OF_THE_FIRM = OF_THE_DISTRICT | {"merchant", "agency"}
OF_THE_TOWER = OF_THE_DISTRICT | {"property_manager"}
THE_MERCHANT = frozenset({"merchant"})
INSPECTS = frozenset({"inspector", "supervisor"})

# Who may know of a place of an official layer, by its name.
READERS = {
    f"shops-{HERE}": OF_THE_DISTRICT,
    f"shops-{THERE}": WHOLE_CITY,
    f"buildings-{HERE}": OF_THE_TOWER,
    f"buildings-{THERE}": WHOLE_CITY,
    FORMULA: OF_THE_FIRM,
}
IN_CLEAR = (PHONE, CONTACT)

Event = tuple[str, str]


def routes_of(server: FastAPI) -> list[str]:
    """Return every route as `GET /path`, `socket /path` or `files /path`."""
    return list(_named(server.routes, ""))


def _named(routes: Sequence[Any], before: str) -> Iterator[str]:
    for route in routes:
        if hasattr(route, "original_router"):  # what FastAPI keeps of an included router
            yield from _named(route.original_router.routes, before + route.include_context.prefix)
        elif getattr(route, "routes", None):
            yield from _named(route.routes, before + route.path)
        else:
            yield from (f"{word} {before}{route.path}" for word in _words(route))


def _words(route: Any) -> list[str]:
    if "WebSocket" in type(route).__name__:
        return ["socket"]
    return sorted(set(route.methods) - {"HEAD"}) if hasattr(route, "methods") else ["files"]


def callbacks_of(screens: Dash) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Return module and name of every callback that runs on the server -> its output and what Dash keeps of it."""
    found = [(key, entry) for key, entry in screens.callback_map.items() if "callback" in entry]
    named = {_name_of(entry["callback"]): (key, entry) for key, entry in found}
    assert len(named) == len(found), "two callbacks of one module have the same name"
    return named


def _name_of(callback: Any) -> str:
    function = callback.__wrapped__
    return f"{function.__module__}.{function.__name__}"


def body_of(output: str, entry: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the browser posts for a callback whose first input has changed.

    `given`: id -> value; for a pattern its type (or `type/end`) -> a list of (what stands for ALL or MATCH, value).
    """
    parts = output.removeprefix("..").removesuffix("..").split("...")
    targets = [dict(zip(("id", "property"), part.rsplit(".", 1), strict=True)) for part in parts]
    outputs = [_filled(target, given) for target in targets]
    inputs, state = ([_filled(item, given) for item in entry[kind]] for kind in ("inputs", "state"))
    first = inputs[0][0] if isinstance(inputs[0], list) else inputs[0]
    return {
        "output": output,
        "outputs": outputs if output.startswith("..") else outputs[0],
        "inputs": inputs,
        "state": state,
        "changedPropIds": [f"{_as_text(first['id'])}.{first['property']}"],
    }


def _filled(item: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    name = str(item["id"])
    if not name.startswith("{"):
        return {"id": name, "property": item["property"], "value": given.get(name)}
    pattern = json.loads(name)
    wild = [value for value in pattern.values() if isinstance(value, list)]
    key = f"{pattern['type']}/{pattern['end']}" if "end" in pattern else pattern["type"]
    there = given.get(key, []) if wild else [({}, None)]
    filled = [{"id": pattern | parts, "property": item["property"], "value": value} for parts, value in there]
    for one in filled if item["property"] == "id" else []:
        one["value"] = one["id"]
    return filled if ["ALL"] in wild else filled[0]


def _as_text(component_id: Any) -> str:
    if isinstance(component_id, str):
        return component_id
    return json.dumps(component_id, sort_keys=True, separators=(",", ":"))


def said(answer: Response) -> str:
    """Return the words of an answer, those of JSON without its escapes (Dash does not always call it JSON)."""
    try:
        return json.dumps(answer.json(), ensure_ascii=False)
    except ValueError:
        return answer.text


def told_too_much(answer: Response, role: str) -> list[str]:
    """Return what an answer says that a role must not read: persons in clear, names of official places."""
    hidden = [*IN_CLEAR, *(name for name, readers in READERS.items() if role not in readers)]
    return [words for words in hidden if words in said(answer)]


def newest_event(engine: Engine) -> int:
    """Return the number of the last event on the record."""
    with engine.begin() as connection:
        return int(connection.scalar(text("SELECT coalesce(max(id), 0) FROM audit_event")) or 0)


def events_after(engine: Engine, number: int) -> list[Event]:
    """Return actor and action of the events on the record after one."""
    with engine.begin() as connection:
        sql = "SELECT actor, action FROM audit_event WHERE id > :number ORDER BY id"
        return [(row.actor, row.action) for row in connection.execute(text(sql), {"number": number})]
