"""What a place leads to: its building, the places in it, and the other places of its enterprise.

Only places that the viewer may know of are linked and counted, and a tier the viewer may not read orders nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from data.store import places
from data.store.places import CARRIERS
from data.tables import registry
from layers.core.access import Viewer
from layers.core.tiers import TIERS

MOST = 500  # links of one kind; the counts tell how many there are
MOST_OF_A_TENANT = 3


def links(
    connection: Connection, place: Mapping[str, Any], viewer: Viewer
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the links of a place (a row of `places.row_of`), worst first, and relation -> layer -> tier -> places.

    Relations: `building` where it stands, `inside` what stands in it, `seat` a building where its firm is a tenant,
    `enterprise` another place of the same firm.
    """
    given = {"id": place["id"], "building": place["building_id"], "firm": place["enterprise_id"]}
    known, params = _known(viewer)
    params |= given | {"whole": place["layer"] == CARRIERS, "most": MOST}
    rows = connection.execute(text(f"{_RELATED} {known} {_WORST_FIRST}"), params).mappings()
    counts: dict[str, dict[str, dict[str, int]]] = {}
    for row in connection.execute(text(f"{_RELATED} {known} {_COUNTED}"), params):
        counts.setdefault(row.relation, {}).setdefault(row.layer, {})[TIERS[row.tier]] = row.n
    return [{**_link(dict(row)), "relation": row["relation"]} for row in rows], counts


def places_of_firms(
    connection: Connection, firms: Sequence[int], not_this: int, viewer: Viewer
) -> dict[int, tuple[list[dict[str, Any]], int]]:
    """Return firm (enterprise id) -> its first places, worst first, and how many it has; without place `not_this`."""
    known, params = _known(viewer)
    params |= {"firms": list(firms), "id": not_this, "most": MOST_OF_A_TENANT}
    found: dict[int, tuple[list[dict[str, Any]], int]] = {}
    for row in connection.execute(text(f"{_OF_FIRMS} {known} {_FIRST_OF_EACH}"), params).mappings():
        found.setdefault(row["relation"], ([], row["total"]))[0].append(_link(dict(row)))
    return found


def _known(viewer: Viewer) -> tuple[str, dict[str, Any]]:
    """Return the query `known` of the related places that a viewer may know of, with the tier as far as it is shown."""
    visible, tiers = [], []
    params: dict[str, Any] = {}
    for layer in registry:
        seen, more = places.visible_sql(layer, viewer)
        judged, even_more = places.readable_sql(layer.tier_visible_to, viewer)
        visible.append(f"(p.layer = '{layer.id}' AND {seen})")
        tiers.append(f"WHEN p.layer = '{layer.id}' AND {judged} THEN coalesce(s.tier, 0)")
        params |= more | even_more
    sql = (
        f", known AS (SELECT p.id, p.layer, p.name, p.address, r.relation, CASE {' '.join(tiers)} ELSE 0 END AS tier "
        "FROM related r JOIN place p ON p.id = r.id LEFT JOIN enterprise e ON e.id = p.enterprise_id "
        f"LEFT JOIN place_status s ON s.place_id = p.id WHERE {' OR '.join(visible)})"
    )
    return sql, params


def _link(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "layer", "name", "address")} | {"tier": TIERS[row["tier"]]}


_RELATED = (
    "WITH related AS (SELECT DISTINCT ON (id) id, relation FROM ("
    f" SELECT id, 'building' AS relation, 1 AS rank FROM place WHERE building_id = :building AND layer = '{CARRIERS}'"
    f" UNION ALL SELECT id, 'inside', 2 FROM place WHERE :whole AND building_id = :building AND layer <> '{CARRIERS}'"
    " UNION ALL SELECT p.id, 'seat', 3 FROM tenancy t JOIN place p ON p.building_id = t.building_id"
    f" WHERE t.enterprise_id = :firm AND t.state <> 'released' AND p.layer = '{CARRIERS}'"
    " UNION ALL SELECT id, 'enterprise', 4 FROM place WHERE enterprise_id = :firm"
    ") found WHERE id <> :id ORDER BY id, rank)"
)
_OF_FIRMS = (
    "WITH related AS ("
    "SELECT id, enterprise_id AS relation FROM place WHERE enterprise_id = ANY(:firms) AND id <> :id)"
)
_WORST_FIRST = (
    "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY relation ORDER BY tier DESC, name, id) AS n "
    "FROM known) k WHERE n <= :most ORDER BY relation, n"
)
_COUNTED = "SELECT relation, layer, tier, count(*) AS n FROM known GROUP BY relation, layer, tier ORDER BY 1, 2, 3 DESC"
_FIRST_OF_EACH = (
    "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY relation ORDER BY tier DESC, name, id) AS n, "
    "count(*) OVER (PARTITION BY relation) AS total FROM known) k WHERE n <= :most ORDER BY relation, n"
)
