"""The records that hang on a place, each field as far as its class lets it travel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from data.rules import rules_of
from data.store.links import places_of_firms
from data.store.places import CARRIERS
from layers.core.access import MASKS, Action, FieldClass, Viewer
from layers.core.checks.tenancies import ZOMBIE
from layers.core.citytime import day_of
from layers.core.contests import CONTEST
from layers.core.publication import is_published, publish_by
from layers.core.records import readable
from layers.core.rules import RuleTable
from layers.core.spec import Layer

Reads = frozenset[FieldClass]


def permits(connection: Connection, layer: Layer, place_id: int, reads: Reads) -> list[dict[str, Any]]:
    """Return the permits of a place whose kind may be read, the latest of a kind first."""
    hidden = [spec.kind for spec in layer.permits if spec.visible_to not in reads]
    sql = (
        "SELECT m.*, "
        "(SELECT jsonb_agg(to_jsonb(d) - '{id,permit_id,created_at,created_by}'::text[] ORDER BY d.id) "
        " FROM permit_document d WHERE d.permit_id = m.id) AS documents, "
        "(SELECT jsonb_agg(jsonb_build_array(lower(n.period), upper(n.period)) ORDER BY n.period) "
        " FROM permit_night n WHERE n.permit_id = m.id) AS nights "
        "FROM permit m WHERE place_id = :id AND NOT kind = ANY(:hidden) ORDER BY kind, valid_from DESC"
    )
    rows = connection.execute(text(sql), {"id": place_id, "hidden": hidden}).mappings()
    return [readable("permit", dict(row), reads) for row in rows]


def inspections(
    connection: Connection, layer: Layer, place_id: int, reads: Reads
) -> list[dict[str, Any]] | None:
    """Return the visits of a place of the kinds that may be read, newest first; None where there is no such kind.

    The public reads those that were published.
    """
    public = [spec.kind for spec in layer.inspections if spec.visible_to in reads]
    every = FieldClass.OFFICIAL in reads  # also kinds that no layer declares
    if not every and not public:
        return None
    sql = (
        "SELECT v.*, p.area_code FROM inspection v JOIN place p ON p.id = v.place_id "
        "WHERE v.place_id = :id AND (:every OR v.kind = ANY(:kinds) AND v.published_on IS NOT NULL) "
        "ORDER BY v.at DESC, v.id DESC"
    )
    rows = connection.execute(text(sql), {"id": place_id, "every": every, "kinds": public}).mappings()
    table = rules_of(connection, layer)
    return [readable("inspection", _visit(layer, table, dict(row)), reads) for row in rows]


def _visit(layer: Layer, table: RuleTable, row: dict[str, Any]) -> dict[str, Any]:
    """Return a visit with the day by which its result has to be public, where a rule says one."""
    owed = is_published(layer, row["kind"], row["result"])
    by = publish_by(table, row.pop("area_code") or "", day_of(row["at"])) if owed else None
    return row | {"publish_by": by}


def cases(connection: Connection, place_id: int, viewer: Viewer, reads: Reads) -> list[dict[str, Any]] | None:
    """Return the cases of a place, open ones first; None for who may know of none.

    Of objections, those who are no officials see their own only, and these in full.
    """
    if FieldClass.OFFICIAL not in reads:
        return None
    sql = (
        "SELECT c.*, ARRAY[r.officer, r.second_officer] AS officers "
        'FROM "case" c LEFT JOIN draw_result r ON r.case_id = c.id '
        "WHERE c.place_id = :id AND (kind <> 'contest' OR :every OR reporter = :name) "
        "ORDER BY closed_at IS NOT NULL, opened_at DESC, c.id DESC"
    )
    given = {"id": place_id, "every": viewer.may(Action.OPEN_OPS), "name": viewer.name}
    return [_case(dict(row), viewer, reads) for row in connection.execute(text(sql), given).mappings()]


def _case(row: Mapping[str, Any], viewer: Viewer, reads: Reads) -> dict[str, Any]:
    drawn = [name for name in row["officers"] if name]
    shown = {**row, "reporter": MASKS["person"](row["reporter"]), "officers": drawn}
    if row["kind"] != CONTEST:
        return readable("case", shown, reads)
    own = row["reporter"] == viewer.name
    return readable("contest", shown | {"own": own}, frozenset(FieldClass) if own else reads)


def tenancies(
    connection: Connection, place: Mapping[str, Any], viewer: Viewer, reads: Reads
) -> list[dict[str, Any]] | None:
    """Return the tenancies of a building, zombie addresses first, or of a firm in its building; None without a right.

    `place` is a row of `places.row_of`. The places of a tenant's firm are named as far as the viewer knows them.
    """
    if FieldClass.OFFICIAL not in reads or place["building_id"] is None:
        return None
    whole = place["layer"] == CARRIERS
    asked = {"building": place["building_id"], "whole": whole, "firm": place["enterprise_id"]}
    rows = connection.execute(text(_TENANCIES), asked | {"zombie": sorted(ZOMBIE)}).mappings()
    found = [dict(row) for row in rows]
    if whole:
        _add_places(connection, place["id"], found, viewer)
    return [readable("tenancy", row, reads) for row in found]


_TENANCIES = (
    "SELECT t.*, u.floor, u.premises, u.barred, e.name AS enterprise, e.uscc, e.service_address, "
    "lower(t.period) AS valid_from, upper(t.period) - 1 AS valid_to, "
    "lower(e.dormancy) AS dormant_from, upper(e.dormancy) - 1 AS dormant_to, "
    "t.registered AND t.state = ANY(:zombie) AS zombie FROM tenancy t "
    "JOIN building_unit u ON u.building_id = t.building_id AND u.unit = t.unit "
    "LEFT JOIN enterprise e ON e.id = t.enterprise_id "
    "WHERE t.building_id = :building AND (:whole OR t.enterprise_id = :firm) "
    "ORDER BY zombie DESC, t.state = 'lease_ended' DESC, t.state = 'released', u.floor, t.unit, t.id"
)


def title_papers(
    connection: Connection, place: Mapping[str, Any], reads: Reads
) -> list[dict[str, Any]] | None:
    """Return the title papers on file for a building, those of the whole first; None without a right or building."""
    if FieldClass.OFFICIAL not in reads or place["building_id"] is None or place["layer"] != CARRIERS:
        return None
    sql = "SELECT * FROM title_paper WHERE building_id = :id ORDER BY unit, kind, number"
    rows = connection.execute(text(sql), {"id": place["building_id"]}).mappings()
    return [readable("title_paper", dict(row), reads) for row in rows]


def _add_places(
    connection: Connection, building_place: int, tenancies: list[dict[str, Any]], viewer: Viewer
) -> None:
    firms = {row["enterprise_id"] for row in tenancies} - {None}
    known = places_of_firms(connection, sorted(firms), building_place, viewer)
    for row in tenancies:
        row["places"], row["places_total"] = known.get(row["enterprise_id"], ([], 0))
