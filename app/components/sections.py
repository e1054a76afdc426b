"""A section of a card: nothing of a long list is left out, the rest unfolds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from dash import html
from dash.development.base_component import Component

from app.context import Page

T = TypeVar("T")
SHOWN = 6  # lines of a list before the rest folds away
DRAWN = 30  # lines of a list that are drawn at all


def section(title: str, *parts: Component | None) -> Component:
    """Return a titled part of a card."""
    return html.Section([html.H3(title), *(part for part in parts if part is not None)])


def listed(page: Page, rows: Sequence[T], draw: Callable[[T], Component]) -> Component:
    """Return rows drawn as lines of a list; all but the first fold away under words that say how many there are.

    Of very many only the first are drawn, and the words say where all of them are: a browser takes longer to draw
    a mall of 250 tenants as components than anybody waits.
    """
    lines = [draw(row) for row in rows[:DRAWN]]
    if len(rows) <= SHOWN + 1:  # to unfold a single line would cost as much room as the line
        return html.Ul(lines)
    total = f"{len(rows):,}"
    numbers = {"shown": SHOWN, "total": total, "rest": len(lines) - SHOWN}
    end = page.t("card.drawn", shown=DRAWN, total=total) if len(rows) > DRAWN else None
    folded = html.Details(
        [
            html.Summary(page.t("card.rest", **numbers)),
            html.Ul(lines[SHOWN:]),
            html.P(end, className="quiet small") if end else None,
        ],
        className="rest",
    )
    return html.Div([html.Ul(lines[:SHOWN]), folded])


def line(head: object, note: object = None, *more: Component) -> Component:
    """Return a line of a list: what it is, and quietly what there is to say of it."""
    quiet = html.P(note, className="quiet small") if note else None
    return html.Li([html.P(head), quiet, *more])
