"""Cases in lists: a table on a desk, a card for each on a phone; and the way from a place's card to a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.marks import tier_word
from app.components.values import day, isolated, joined, moment
from app.context import Page
from data.store.draws import TASK_SOURCE
from layers.core.access import Action
from layers.core.casework import ENDED
from layers.core.contests import CONTEST

COLUMNS = ("case", "place", "stage", "handler", "due")
Row = Mapping[str, Any]


def table(page: Page, rows: Sequence[Row]) -> Component:
    """Return cases as a table."""
    head = html.Thead(html.Tr([html.Th(page.t(f"cases.column.{name}")) for name in COLUMNS]))
    return html.Table([head, html.Tbody([_row(page, row) for row in rows])])


def _row(page: Page, row: Row) -> Component:
    layer = page.city.registry[row["layer"]]
    where = joined(page.say(layer.title), isolated(row["address"]) if row["address"] else None)
    name = html.Span([tier_word(page, row["tier"]), isolated(row["name"])], className="case-place")
    cells = {
        "case": [
            html.A(isolated(row["title"]), href=address_of(row["id"])),
            html.Div(kind_words(page, row), className="quiet small"),
        ],
        "place": [name, html.Div(where, className="quiet small")],
        "stage": [stage_chip(page, row["stage"]), html.Div(_since(page, row), className="quiet small")],
        "handler": isolated(row["handler"]) if row["handler"] else "—",
        "due": due_words(page, row) or "—",
    }
    drawn = [
        html.Td(
            cells[column], className=f"cases-{column}", **{"data-label": page.t(f"cases.column.{column}")}
        )
        for column in COLUMNS
    ]
    return html.Tr(drawn)


def address_of(case_id: int) -> str:
    """Return the address of a case's page."""
    return f"/cases/{case_id}"


def kind_words(page: Page, row: Row) -> str:
    """Return what kind of case it is."""
    return page.t(f"case.{row['nature'] or row['kind']}")


def stage_chip(page: Page, stage: str) -> Component:
    """Return the stage as a chip."""
    return html.Span(page.t(f"stage.{stage}"), className=f"chip stage {stage}")


def due_words(page: Page, row: Row) -> Component | str | None:
    """Return by when a case is to be done, or how late it is, or when it ended."""
    if row["closed_at"]:
        return page.t("case.closed", day=day(row["closed_at"], page))
    if not row["due_at"]:
        return None
    now: datetime = page.city.clock()
    if row["due_at"] >= now:
        return page.t("case.due", at=moment(row["due_at"], page))
    over = max(1, (now - row["due_at"]).days)
    return html.Strong(page.t("cases.late_by", n=f"{over:,}"), className="late")


def _since(page: Page, row: Row) -> str:
    return page.t("cases.since", at=moment(row["stage_since"], page))


def case_title(page: Page, row: Row) -> Component:
    """Return the title of a case on a card, as the way to it for who may go there."""
    title = isolated(row["title"])
    own = page.viewer.may(Action.OPEN_CASES) and row.get("source") != TASK_SOURCE
    return html.A(title, href=address_of(row["id"]), className="case-link") if own else title


def is_about(row: Row, reason: Row) -> bool:
    """Tell whether a case was made from a reason and is not over."""
    same = ("reason_code", "code"), ("reason_rule", "rule_id"), ("reason_fact", "fact")
    return (
        row["kind"] != CONTEST
        and row["stage"] not in ENDED
        and all(row.get(ours) == reason[theirs] for ours, theirs in same)
    )
