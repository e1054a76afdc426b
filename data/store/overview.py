"""Figures for the big screen: what needs action now, where, and what just happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text


def urgent(
    connection: Connection, condition: str, params: dict[str, Any], limit: int, tiers: Sequence[int]
) -> list[dict[str, Any]]:
    """Return the places of some tiers (codes) with their first reason, most pressing first.

    `condition` is the scope of the viewer on place `p` and enterprise `e`.
    """
    sql = (
        "SELECT p.id, p.layer, p.name, p.address, s.tier, s.status, s.reasons -> 0 AS reason, s.next_change "
        "FROM place_status s JOIN place p ON p.id = s.place_id LEFT JOIN enterprise e ON e.id = p.enterprise_id "
        f"WHERE s.tier = ANY(:tiers) AND {condition} "
        "ORDER BY s.tier DESC, (s.reasons -> 0 ->> 'on') DESC NULLS LAST, p.id LIMIT :limit"
    )
    given = params | {"tiers": list(tiers), "limit": limit}
    return [dict(row) for row in connection.execute(text(sql), given).mappings()]


def worst(connection: Connection, condition: str, params: dict[str, Any], limit: int) -> list[dict[str, Any]]:
    """Return the places inside a scope with their first reason and whether one is under review, the worst first."""
    sql = (
        "SELECT p.id, p.layer, p.name, p.address, coalesce(s.tier, 0) AS tier, coalesce(s.status, 0) AS status, "
        "s.reasons -> 0 AS reason, coalesce(s.reasons @> '[{\"contested\": true}]', false) AS under_review "
        "FROM place p LEFT JOIN place_status s ON s.place_id = p.id LEFT JOIN enterprise e ON e.id = p.enterprise_id "
        f"WHERE {condition} ORDER BY s.tier DESC NULLS LAST, p.name, p.id LIMIT :limit"
    )
    return [dict(row) for row in connection.execute(text(sql), params | {"limit": limit}).mappings()]


def count(connection: Connection, condition: str, params: dict[str, Any]) -> int:
    """Return how many places lie inside a scope."""
    sql = f"SELECT count(*) FROM place p LEFT JOIN enterprise e ON e.id = p.enterprise_id WHERE {condition}"
    return int(connection.scalar(text(sql), params) or 0)


def events(
    connection: Connection, condition: str, params: dict[str, Any], limit: int
) -> list[dict[str, Any]]:
    """Return the latest visits and case openings inside the viewer's scope, newest first."""
    sql = (
        "SELECT * FROM (SELECT i.at, 'inspection' AS kind, i.result AS what, p.id, p.name FROM inspection i "
        "JOIN place p ON p.id = i.place_id LEFT JOIN enterprise e ON e.id = p.enterprise_id "
        f"WHERE i.at <= now() AND i.at > now() - interval '30 days' AND {condition} ORDER BY i.at DESC LIMIT :limit) a "
        "UNION ALL SELECT * FROM (SELECT c.opened_at, 'case', c.kind, p.id, p.name FROM \"case\" c "
        "JOIN place p ON p.id = c.place_id LEFT JOIN enterprise e ON e.id = p.enterprise_id "
        f"WHERE c.opened_at <= now() AND {condition} ORDER BY c.opened_at DESC LIMIT :limit) b "
        "ORDER BY 1 DESC LIMIT :limit"
    )
    return [dict(row) for row in connection.execute(text(sql), params | {"limit": limit}).mappings()]


def freshness(connection: Connection) -> dict[str, Any]:
    """Return layer -> when anything of it was last written."""
    return dict(connection.execute(text("SELECT layer, max(at) FROM change GROUP BY layer")).all())


def setting(connection: Connection, key: str) -> Any:
    """Return the value of a setting, None where it is not set."""
    return connection.scalar(text("SELECT value FROM setting WHERE key = :key"), {"key": key})
