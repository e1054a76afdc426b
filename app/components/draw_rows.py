"""What was drawn, and results that are late, as tables on a desk and cards on a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.publication import publication
from app.components.values import day, isolated, joined, moment
from app.context import Page
from layers.core.access import Action

Row = Mapping[str, Any]


def cells_table(page: Page, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Component:
    """Return rows of cells as a table; each cell carries the title of its column, which a phone shows beside it."""
    titles = {name: page.t(f"draws.column.{name}") for name in columns}
    head = html.Thead(html.Tr([html.Th(titles[name], className=f"draws-{name}") for name in columns]))
    body = [
        html.Tr(
            [
                html.Td(row[name], className=f"draws-{name}", **{"data-label": titles[name]})
                for name in columns
            ]
        )
        for row in rows
    ]
    return html.Table([head, html.Tbody(body)])


def drawn_table(page: Page, rows: Sequence[Row]) -> Component:
    """Return what was drawn, in the order in which it was."""
    columns = ("position", "place", "officers", "visit", "public")
    return cells_table(page, columns, [_drawn(page, row) for row in rows])


def late_table(page: Page, rows: Sequence[Row]) -> Component:
    """Return visits whose results should be public by now, those that are late longest first."""
    columns = ("place", "visited", "late")
    return cells_table(page, columns, [_late(page, row) for row in rows])


def draws_table(page: Page, heads: Sequence[Row]) -> Component:
    """Return the draws with how far each has come."""
    columns = ("draw", "drawn", "places", "visits", "published", "due")
    return cells_table(page, columns, [_head(page, head) for head in heads])


def _head(page: Page, head: Row) -> dict[str, Any]:
    layer = page.city.registry[head["layer"]]
    title = html.A(isolated(head["title"]), href=f"/draws?draw={head['id']}", className="draws-name")
    return {
        "draw": [title, html.Div(page.say(layer.title), className="quiet small")],
        "drawn": [
            moment(head["drawn_at"], page, "yyyy-MM-dd HH:mm"),
            html.Div(isolated(head["drawn_by"]), className="quiet small"),
        ],
        "places": f"{head['places']:,}",
        "visits": page.t("draws.of", n=f"{head['visited']:,}", total=f"{head['places']:,}"),
        "published": page.t("draws.of", n=f"{head['published']:,}", total=f"{head['visited']:,}"),
        "due": day(head["due_on"], page),
    }


def _drawn(page: Page, row: Row) -> dict[str, Any]:
    return {
        "position": f"{row['position']:,}",
        "place": _place(page, row),
        "officers": _officers(page, row),
        "visit": _visit(page, row),
        "public": publication(page, row["published_on"], row["publish_by"]) or "—",
    }


def _late(page: Page, row: Row) -> dict[str, Any]:
    return {
        "place": _place(page, row),
        "visited": joined(day(row["visited_at"], page), page.t(f"result.{row['result']}")),
        "late": publication(page, None, row["publish_by"]),
    }


def _place(page: Page, row: Row) -> list[Component]:
    """Return a place as the way to where it is worked on."""
    layer = page.city.registry[row["layer"]]
    path = "/ops" if page.viewer.may(Action.PUBLISH) or not page.viewer.may(Action.INSPECT) else "/field"
    name = html.A(isolated(row["name"]), href=f"{path}?place={row['place_id']}", className="draws-name")
    where = joined(page.say(layer.title), isolated(row["address"]) if row["address"] else None)
    return [name, html.Div(where, className="quiet small")]


def _officers(page: Page, row: Row) -> list[Component | str]:
    """Return the two officers; who was recused since the draw is marked, for somebody else has to go."""
    named = joined(isolated(row["officer"]), isolated(row["second_officer"]))
    marks = [
        html.Div([isolated(name), page.t("draws.recused_since")], className="late small")
        for name in row["recused"]
    ]
    return [*named, *marks]


def _visit(page: Page, row: Row) -> Any:
    if row["inspection_id"] is not None:
        return joined(day(row["visited_at"], page), page.t(f"result.{row['result']}"))
    if row["task_closed"]:
        return page.t("draws.task_closed", day=day(row["task_closed"], page))
    over = (page.city.draws.today() - row["due_on"]).days
    words = page.t("draws.open", day=day(row["due_on"], page))
    return html.Strong(page.t("draws.open_late", n=f"{over:,}"), className="late") if over > 0 else words
