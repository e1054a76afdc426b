"""Rows of an inspection list: a table on a desk, a card for each place on a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.components.marks import tier_word
from app.components.values import day, isolated, joined
from app.context import Page
from layers.core.access import Action

COLUMNS = ("place", "due", "over", "last", "why", "task")
Row = Mapping[str, Any]


def row_id(place_id: int) -> dict[str, str | int]:
    """Return the id of the box that chooses a row."""
    return {"type": "due-row", "place": place_id}


def table(page: Page, rows: Sequence[Row]) -> Component:
    """Return some rows as a table."""
    boxes = page.viewer.may(Action.ASSIGN)
    titles = [html.Th(page.t(f"due.column.{name}")) for name in COLUMNS]
    head = html.Thead(html.Tr([html.Th(className="due-choose") if boxes else None, *titles]))
    return html.Table([head, html.Tbody([_row(page, row, boxes) for row in rows])])


def _row(page: Page, row: Row, boxes: bool) -> Component:
    cells = {
        "place": _place(page, row),
        "due": day(row["due_on"], page) or page.t("due.no_day"),
        "over": _over(page, row["days_over"]),
        "last": day(row["last_visit"], page) or page.t("due.no_visit"),
        "why": page.t(f"due.why.{row['why']}"),
        "task": _task(page, row),
    }
    drawn = [_cell(page, name, cells[name]) for name in COLUMNS]
    return html.Tr([html.Td(_box(page, row), className="due-choose") if boxes else None, *drawn])


def _cell(page: Page, name: str, shown: Any) -> Component:
    """Return a cell that carries the title of its column, which a phone shows beside it."""
    return html.Td(shown, className=f"due-{name}", **{"data-label": page.t(f"due.column.{name}")})


def _box(page: Page, row: Row) -> Component:
    label = html.Span(page.t("due.choose", name=row["name"]), className="unseen")
    return dcc.Checklist([{"label": label, "value": row["place_id"]}], [], id=row_id(row["place_id"]))


def _place(page: Page, row: Row) -> list[Component]:
    layer = page.city.registry[row["layer"]]
    name = html.A(isolated(row["name"]), href=f"/ops?place={row['place_id']}")
    where = joined(page.say(layer.title), isolated(row["address"]) if row["address"] else None)
    return [tier_word(page, row["tier"]), name, html.Div(where, className="quiet small")]


def _over(page: Page, days: int | None) -> str:
    if days is None:
        return "—"
    if days == 0:
        return page.t("due.today")
    return page.t("due.over", n=f"{days:,}") if days > 0 else page.t("due.left", n=f"{-days:,}")


def _task(page: Page, row: Row) -> Component | str:
    """Return the task that was made of a row, as the way to where it is done."""
    if row["case_id"] is None:
        return "—"
    path = "/field" if page.viewer.may(Action.OPEN_FIELD) else "/ops"
    words = (
        page.t("due.task_done", day=day(row["task_closed"], page))
        if row["task_closed"]
        else page.t("due.task", day=day(row["task_due"], page))
    )
    return html.A(words, href=f"{path}?place={row['place_id']}", className="due-task-link")
