"""Recusals (回避) as rows: an officer does not visit a place, or any place of a firm, as long as one is open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from data.draw_tables import LEAST_WHY, MOST_WHY
from data.store import places
from data.store.draws import officer_names
from data.tables import registry
from layers.core.access import Action, Viewer
from layers.core.errors import ConflictError, ForbiddenError, UnknownPlaceError, YipingError
from layers.core.text import Text

_PLACE = re.compile(r"[0-9]{1,18}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What somebody declares; `about` is the number of a place or the credit code of a firm."""

    officer: str
    about: str
    why: str


def declare(connection: Connection, viewer: Viewer, told: Declaration, now: datetime) -> int:
    """Write a recusal in the caller's transaction; returns its number.

    Raises `ForbiddenError` for who may not speak for the officer, `ConflictError` where the same one is open already,
    and `YipingError` for what is not there.
    """
    _check_speaks_for(viewer, told.officer)
    why = _why(told.why)
    if told.officer not in officer_names(connection):
        raise YipingError(
            Text(
                "没有这名检查员：请从列表中选择。",
                "There is no such officer: choose one of the list.",
            )
        )
    place_id, enterprise_id = _about(connection, viewer, told.about.strip())
    sql = (
        "INSERT INTO recusal (officer, place_id, enterprise_id, why, declared_at, declared_by) "
        "VALUES (:officer, :place, :enterprise, :why, :now, :by) ON CONFLICT DO NOTHING RETURNING id"
    )
    given = {"officer": told.officer, "place": place_id, "enterprise": enterprise_id}
    written = connection.scalar(text(sql), given | {"why": why, "now": now, "by": viewer.name})
    if written is None:
        raise ConflictError(
            Text(
                f"{told.officer} 对此已申明回避：无须再次申明。",
                f"{told.officer} is recused from it already: there is nothing to declare.",
            )
        )
    return int(written)


def end(connection: Connection, viewer: Viewer, recusal_id: int, now: datetime) -> bool:
    """End a recusal in the caller's transaction; returns whether it was open. Raises `ForbiddenError`."""
    if not viewer.may(Action.DRAW):
        raise ForbiddenError(Text("回避由值班长解除：请联系值班长。", "A supervisor ends recusals: ask one."))
    sql = (
        "UPDATE recusal SET ended_at = greatest(declared_at, :now), ended_by = :by "
        "WHERE id = :id AND ended_at IS NULL"
    )
    done = connection.execute(text(sql), {"id": recusal_id, "now": now, "by": viewer.name})
    return done.rowcount > 0


def known_to(connection: Connection, viewer: Viewer) -> list[dict[str, Any]]:
    """Return the open recusals a viewer may know of, by officer: all for who draws, else the own ones."""
    mine = "true" if viewer.may(Action.DRAW) else "r.officer = :name"
    sql = (
        "SELECT r.id, r.officer, r.place_id, p.name AS place, e.name AS enterprise, e.uscc, r.why, r.declared_at, "
        "r.declared_by FROM recusal r LEFT JOIN place p ON p.id = r.place_id "
        f"LEFT JOIN enterprise e ON e.id = r.enterprise_id WHERE r.ended_at IS NULL AND {mine} "
        "ORDER BY r.officer, r.declared_at, r.id"
    )
    return [dict(row) for row in connection.execute(text(sql), {"name": viewer.name}).mappings()]


def _check_speaks_for(viewer: Viewer, officer: str) -> None:
    own = viewer.may(Action.OPEN_DRAWS) and viewer.may(Action.INSPECT) and officer == viewer.name
    if not own and not viewer.may(Action.DRAW):
        raise ForbiddenError(
            Text(
                "回避由检查员本人或值班长申明：请用相应账号登录。",
                "A recusal is declared by the officer or by a supervisor: sign in as one of them.",
            )
        )


def _why(words: str) -> str:
    why = " ".join(words.split())
    if not LEAST_WHY <= len(why) <= MOST_WHY:
        raise YipingError(
            Text(
                f"回避理由须为 {LEAST_WHY} 到 {MOST_WHY} 个字：请更正。",
                f"Say why in {LEAST_WHY} to {MOST_WHY} characters.",
            )
        )
    return why


def _about(connection: Connection, viewer: Viewer, about: str) -> tuple[int | None, int | None]:
    """Return the number of a place or of a firm; both must lie inside the scope of who declares."""
    if _PLACE.match(about):
        row = places.row_of(connection, registry[places.layer_of(connection, int(about))], int(about))
        if row is None or not places.in_scope(viewer, row):
            raise UnknownPlaceError(int(about))
        return int(about), None
    inside, params = places.scope_sql(viewer)
    sql = (
        "SELECT e.id FROM enterprise e WHERE e.uscc = :uscc "
        f"AND (:whole OR EXISTS (SELECT FROM place p WHERE p.enterprise_id = e.id AND {inside}))"
    )
    params |= {"uscc": about.upper(), "whole": viewer.whole_city}
    firm = connection.scalar(text(sql), params)
    if firm is None:
        raise YipingError(
            Text(
                "没有这个点位或企业，或不在您的范围内：请填点位编号（卡片地址中的数字）或统一社会信用代码。",
                "There is no such place or firm, or not in your area: enter the number of a place (as in the address "
                "of its card) or a credit code.",
            )
        )
    return None, int(firm)
