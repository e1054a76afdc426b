"""The card of a place: what it is, its permits and inspections, and why it has its tier."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from data.store import audit, places
from data.tables import registry
from layers.core.access import Action, FieldClass, Viewer, mask_name, mask_phone
from layers.core.errors import BadQueryError, ForbiddenError, UnknownPlaceError
from layers.core.spec import Layer
from layers.core.text import Text


def card(connection: Connection, place_id: int, viewer: Viewer) -> dict[str, Any]:
    """Return everything a viewer may know of a place; raises `UnknownPlaceError` also for what must stay unknown."""
    layer = registry[places.layer_of(connection, place_id)]
    row = places.row_of(connection, layer, place_id)
    inside = row is not None and places.in_scope(viewer, row)
    reads = viewer.reads(in_scope=inside)
    if row is None or layer.readable_by not in reads:
        raise UnknownPlaceError(
            Text(
                f"没有编号 {place_id} 的点位：请核对编号，或按名称搜索。",
                f"There is no place {place_id}: check the number, or search for its name.",
            )
        )
    answer = places.feature(layer, row, viewer)
    properties = answer["properties"]
    properties["permits"] = _permits(connection, layer, place_id, reads)
    properties["links"] = _links(connection, row, viewer)
    if FieldClass.OFFICIAL in reads:
        properties |= _official(connection, row, place_id)
    elif layer.tier_visible_to in reads:
        properties |= {"reasons": row["reasons"] or [], "rule_version": row["rule_version"]}
    if FieldClass.PERSONAL in reads:
        properties["phone"], properties["contact"] = mask_phone(row["phone"]), mask_name(row["contact"])
    return answer


def _official(connection: Connection, row: Any, place_id: int) -> dict[str, Any]:
    inspections = connection.execute(
        text(
            "SELECT id, kind, at, result, grade, critical, serious, minor, follow_up_due, note, inspector "
            "FROM inspection WHERE place_id = :id ORDER BY at DESC, id DESC LIMIT 20"
        ),
        {"id": place_id},
    ).mappings()
    cases = connection.execute(
        text(
            'SELECT id, kind, title, stage, opened_at, due_at, closed_at FROM "case" '
            "WHERE place_id = :id ORDER BY closed_at IS NOT NULL, opened_at DESC LIMIT 20"
        ),
        {"id": place_id},
    ).mappings()
    return {
        "reasons": row["reasons"] or [],
        "rule_version": row["rule_version"],
        "judged_at": row["judged_at"],
        "next_change": row["next_change"],
        "uscc": row["uscc"],
        "flags": list(row["flags"]),
        "source": row["source"],
        "inspections": [dict(inspection) for inspection in inspections],
        "cases": [dict(case) for case in cases],
    }


def _permits(
    connection: Connection, layer: Layer, place_id: int, reads: frozenset[FieldClass]
) -> list[dict[str, Any]]:
    hidden = [spec.kind for spec in layer.permits if spec.visible_to not in reads]
    rows = connection.execute(
        text(
            "SELECT m.id, kind, number, state, valid_from, valid_to, basis, notice_posted, "
            "(SELECT jsonb_agg(jsonb_build_array(lower(n.period), upper(n.period)) ORDER BY n.period) "
            " FROM permit_night n WHERE n.permit_id = m.id) AS nights "
            "FROM permit m WHERE place_id = :id AND NOT kind = ANY(:hidden) ORDER BY kind, valid_from DESC"
        ),
        {"id": place_id, "hidden": hidden},
    ).mappings()
    return [dict(row) for row in rows]


def _links(connection: Connection, row: Any, viewer: Viewer) -> list[dict[str, Any]]:
    """Return the places of the same enterprise, and the building with the places in it, as far as visible."""
    rows = connection.execute(
        text(
            "SELECT p.id, p.layer, p.name, p.area_code, p.building_id, e.uscc, "
            "CASE WHEN p.enterprise_id = :enterprise THEN 'enterprise' ELSE 'building' END AS relation "
            "FROM place p LEFT JOIN enterprise e ON e.id = p.enterprise_id WHERE p.id <> :id AND "
            "(p.enterprise_id = :enterprise OR (p.building_id = :building AND p.layer = 'buildings')) "
            "ORDER BY relation DESC, p.id LIMIT 20"
        ),
        {"id": row["id"], "enterprise": row["enterprise_id"], "building": row["building_id"]},
    ).mappings()
    found = [dict(row) for row in rows]
    return [
        {"id": r["id"], "layer": r["layer"], "name": r["name"], "relation": r["relation"]}
        for r in found
        if registry[r["layer"]].readable_by in viewer.reads(in_scope=places.in_scope(viewer, r))
    ]


def reveal(connection: Connection, place_id: int, field: str, viewer: Viewer) -> str:
    """Return a personal field unmasked and write down that it was seen; raises for who may not."""
    layer = registry[places.layer_of(connection, place_id)]
    row = places.row_of(connection, layer, place_id)
    if row is None or FieldClass.PERSONAL not in viewer.reads(in_scope=places.in_scope(viewer, row)):
        raise UnknownPlaceError(
            Text(
                f"您的辖区内没有编号 {place_id} 的点位：请核对编号。",
                f"There is no place {place_id} in your area: check the number.",
            )
        )
    if not viewer.may(Action.REVEAL):
        raise ForbiddenError(
            Text(
                "您的角色不能查看个人信息明文：请联系值班长。",
                "Your role does not see personal details in clear: ask your supervisor.",
            )
        )
    declared = layer.field_named(field)
    if field not in {"phone", "contact"} and (declared is None or not declared.mask):
        raise BadQueryError("field", f"{field!r} is no personal field of this place.")
    audit.record(connection, viewer.name, "reveal", f"place:{place_id}", {"field": field})
    return str(row[field] or "")
