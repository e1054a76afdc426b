"""Publication of results (公开) as rows: what is public, what is owed, and what is late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from data.rules import rules_of
from data.store.places import scope_sql
from data.tables import registry
from layers.core.access import Viewer
from layers.core.citytime import add_days, midnight
from layers.core.publication import RESULTS, covered, published_kinds

_PAIRS = [f"{layer.id}:{kind}" for layer in registry for kind in published_kinds(layer)]
# A visit whose result is for everybody to read and is not yet.
_OWED = (
    "FROM inspection v JOIN place p ON p.id = v.place_id LEFT JOIN enterprise e ON e.id = p.enterprise_id "
    "WHERE v.published_on IS NULL AND v.result = ANY(:results) AND p.layer || ':' || v.kind = ANY(:kinds)"
)
# What is overdue by the rule of its day: of those for the place's city, the one that names it most closely.
_RULES = "unnest(CAST(:layers AS text[]), CAST(:cities AS text[]), CAST(:begins AS timestamptz[]), "
_RULES += "CAST(:ends AS timestamptz[]), CAST(:lates AS timestamptz[])) AS r(layer, city, begins, ends, late)"
_COVERS = "r.layer = p.layer AND starts_with(coalesce(p.area_code, ''), r.city) AND v.at >= r.begins AND v.at < r.ends"
_LATE = (
    "v.at >= :first AND v.at < :last "  # a range of the index first
    f"AND v.at < (SELECT r.late FROM {_RULES} WHERE {_COVERS} ORDER BY length(r.city) DESC LIMIT 1)"
)
_GIVEN: dict[str, Any] = {"results": list(RESULTS), "kinds": _PAIRS}


def owed(connection: Connection, inspection_ids: Iterable[int], viewer: Viewer) -> list[tuple[int, int]]:
    """Return visit and place of those of some visits that are to be published, and keep others from doing it now."""
    inside, params = scope_sql(viewer)
    sql = f"SELECT v.id, v.place_id {_OWED} AND v.id = ANY(:ids) AND {inside} ORDER BY v.id FOR UPDATE OF v"
    rows = connection.execute(text(sql), _GIVEN | params | {"ids": list(inspection_ids)})
    return [(row.id, row.place_id) for row in rows]


def publish(connection: Connection, inspection_ids: Iterable[int], day: date) -> None:
    """Make the results of visits public as of a day."""
    sql = "UPDATE inspection SET published_on = :day WHERE id = ANY(:ids) AND published_on IS NULL"
    connection.execute(text(sql), {"ids": list(inspection_ids), "day": day})


def place_of(connection: Connection, inspection_id: int, viewer: Viewer) -> int | None:
    """Return the place of a visit inside a viewer's scope, None where there is no such visit."""
    inside, params = scope_sql(viewer)
    sql = (
        "SELECT p.id FROM inspection v JOIN place p ON p.id = v.place_id "
        f"LEFT JOIN enterprise e ON e.id = p.enterprise_id WHERE v.id = :id AND {inside}"
    )
    found = connection.scalar(text(sql), params | {"id": inspection_id})
    return None if found is None else int(found)


def _rules(connection: Connection, today: date) -> dict[str, Any]:
    """Return the rules of publication as columns, their days as moments; what is overdue ends with `lates`."""
    rules = [(layer.id, rule) for layer in registry for rule in covered(rules_of(connection, layer), today)]
    begins = [midnight(rule.first) for _, rule in rules]
    lates = [midnight(add_days(rule.late, 1)) for _, rule in rules]
    return {
        "layers": [layer for layer, _ in rules],
        "cities": [rule.city for _, rule in rules],
        "begins": begins,
        "ends": [midnight(add_days(rule.last, 1)) for _, rule in rules],
        "lates": lates,
        "first": min(begins),
        "last": max(lates),
    }


def overdue(
    connection: Connection, viewer: Viewer, today: date, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """Return the visits inside a viewer's scope whose results are late, the latest ones last, and their number."""
    inside, params = scope_sql(viewer)
    late = f"{_OWED} AND {_LATE} AND {inside}"
    params |= _GIVEN | _rules(connection, today) | {"limit": limit}
    total = connection.scalar(text(f"SELECT count(*) {late}"), params)
    sql = (
        "SELECT v.id AS inspection_id, v.place_id, p.layer, p.name, p.address, p.area_code, v.at AS visited_at, "
        f"v.kind, v.result {late} ORDER BY v.at, v.id LIMIT :limit"
    )
    return [dict(row) for row in connection.execute(text(sql), params).mappings()], int(total or 0)
