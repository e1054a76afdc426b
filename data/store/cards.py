"""The card of a place: what it is, its permits and inspections, and why it has its tier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection

from data.rules import rules_of
from data.store import audit, credit, places, records
from data.store.links import links as links_of
from data.tables import registry
from layers.core.access import MASKS, Action, FieldClass, Viewer
from layers.core.checks.penalty import penalty_for
from layers.core.errors import BadQueryError, ForbiddenError, UnknownPlaceError
from layers.core.records import readable
from layers.core.rules import RuleTable
from layers.core.spec import Layer
from layers.core.text import Text

MASKED = {"phone": "phone", "contact": "person"}  # what every place has and only a reveal shows in clear


def card(
    connection: Connection,
    place_id: int,
    viewer: Viewer,
    day: date,
    turned: Callable[[Layer, Mapping[str, Any]], Mapping[str, Any] | None] | None = None,
) -> dict[str, Any]:
    """Return everything a viewer may know of a place; raises `UnknownPlaceError` also for what must stay unknown.

    `day` is the one on which a penalty would be decided; `turned` makes of the row of now, which decides who may see
    it, that of another moment.
    """
    layer, now = visible(connection, place_id, viewer)
    inside = places.in_scope(viewer, now)
    reads = viewer.reads(in_scope=inside)
    row = turned(layer, now) if turned else now
    if row is None:
        raise UnknownPlaceError(place_id)
    answer = places.feature(layer, row, viewer)
    answer["properties"] |= _spine(connection, layer, row, reads, day)
    answer["properties"] |= _records(connection, layer, row, viewer, inside, day)
    return answer


def visible(connection: Connection, place_id: int, viewer: Viewer) -> tuple[Layer, Mapping[str, Any]]:
    """Return the layer and the row of a place; raises `UnknownPlaceError` also for what must stay unknown."""
    layer = registry[places.layer_of(connection, place_id)]
    row = places.row_of(connection, layer, place_id)
    if row is None or layer.readable_by not in viewer.reads(in_scope=places.in_scope(viewer, row)):
        raise UnknownPlaceError(place_id)
    return layer, row


def plain(row: Mapping[str, Any], reads: frozenset[FieldClass]) -> dict[str, Any]:
    """Return what every place has apart from its layer's fields, persons masked."""
    known = readable("place", {**row, "flags": list(row["flags"])}, reads)
    return known | {name: MASKS[mask](known[name] or "") for name, mask in MASKED.items() if name in known}


def _spine(
    connection: Connection, layer: Layer, row: Mapping[str, Any], reads: frozenset[FieldClass], day: date
) -> dict[str, Any]:
    """Return what every place has, and why it has its tier."""
    known = plain(row, reads)
    if layer.tier_visible_to in reads:
        rules = rules_of(connection, layer)
        reasons = [_with_penalty(rules, row, reason, day) for reason in row["reasons"] or []]
        known |= {"reasons": reasons, "rule_version": row["rule_version"]}
    return known


def _with_penalty(
    rules: RuleTable, row: Mapping[str, Any], reason: Mapping[str, Any], day: date
) -> Mapping[str, Any]:
    """Return a reason with what it may cost if it were decided on a day, where a rule says so."""
    act = date.fromisoformat(reason["on"]) if reason.get("on") else day
    rule = penalty_for(rules, reason["code"], row["area_code"], act, day)
    if rule is None:
        return reason
    lowest, highest = rule.params["fine_cny"]
    cost = {"lowest_cny": lowest, "highest_cny": highest, "rule_id": rule.id}
    return {**reason, "penalty": cost | {"source": rule.source.as_json(), "verified": rule.verified}}


def _records(
    connection: Connection, layer: Layer, row: Mapping[str, Any], viewer: Viewer, inside: bool, day: date
) -> dict[str, Any]:
    """Return the records on a place and where it leads to; a kind of which nothing may be read is not there."""
    reads = viewer.reads_records(in_scope=inside)
    links, counts = links_of(connection, row, viewer)
    found = {
        "permits": records.permits(connection, layer, row["id"], reads),
        "inspections": records.inspections(connection, layer, row["id"], reads),
        "cases": records.cases(connection, row["id"], viewer, reads),
        "credit": credit.records(connection, layer, row, viewer, reads, day),
        "tenancies": records.tenancies(connection, row, viewer, reads),
        "title_papers": records.title_papers(connection, row, reads),
        "links": links,
        "link_counts": counts,
    }
    return {name: value for name, value in found.items() if value is not None}


def reveal(connection: Connection, place_id: int, field: str, viewer: Viewer) -> str:
    """Return a personal field unmasked and write down that it was seen; raises for who may not."""
    layer = registry[places.layer_of(connection, place_id)]
    row = places.row_of(connection, layer, place_id)
    if row is None or FieldClass.PERSONAL not in viewer.reads(in_scope=places.in_scope(viewer, row)):
        raise UnknownPlaceError(place_id)
    if not viewer.may(Action.REVEAL):
        raise ForbiddenError(
            Text(
                "您的角色不能查看个人信息明文：请联系值班长。",
                "Your role does not see personal details in clear: ask your supervisor.",
            )
        )
    declared = layer.field_named(field)
    if field not in MASKED and (declared is None or not declared.mask):
        raise BadQueryError(
            "field",
            Text(
                f"“{field}”不是此点位的个人信息：请用卡片上的按钮查看。",
                f"{field!r} is no personal field of this place: use the buttons on its card.",
            ),
        )
    audit.record(connection, viewer.name, "reveal", f"place:{place_id}", {"field": field})
    return str(row[field] or "")
