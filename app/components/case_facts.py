"""What a case states: each figure with its unit beside the words of the source, which stay Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.context import Page
from layers.core.casebook import amount

Fact = Mapping[str, Any]
_SIGN = "%"  # stands at every number, other units only behind the last


def facts_table(page: Page, facts: Sequence[Fact]) -> Component:
    """Return the facts of a case as a table; on a phone its rows are read from top to bottom."""
    heads = (html.Th(page.t(f"casebook.{name}"), scope="col") for name in ("fact", "figure", "source"))
    rows = [_row(page, fact) for fact in facts]
    return html.Table([html.Thead(html.Tr([*heads])), html.Tbody(rows)], className="facts-table")


def figure(page: Page, fact: Fact) -> str:
    """Return a fact's number with what it is compared with, its unit and what bounds it; or its words."""
    if fact["value"] is None:
        return page.say(fact["words"])
    unit = page.say(fact["unit"])
    sign, counted = (unit, "") if unit == _SIGN else ("", f" {unit}" if unit else "")
    numbers = {name: _number(page, fact[name], sign) for name in ("value", "up_to", "before")}
    key = "before" if numbers["before"] else "up_to" if numbers["up_to"] else "alone"
    said = page.t(f"casebook.number.{key}", **numbers)
    # In Chinese a unit follows 万 and 亿 directly.
    said += counted.lstrip() if page.language == "zh" and not said[-1].isdigit() else counted
    return page.t(f"casebook.bound.{fact['bound']}", figure=said) if fact["bound"] else said


def _number(page: Page, value: float | None, sign: str) -> str:
    return "" if value is None else f"{amount(value, page.language)}{sign}"


def _row(page: Page, fact: Fact) -> Component:
    told: list[Component | str] = [html.Span(figure(page, fact), className="figure")]
    if fact["computed"]:
        told.append(html.Span(page.t("casebook.computed"), className="chip"))
    if fact["note"]:
        told.append(html.Small(page.say(fact["note"]), className="quiet"))
    source = html.Q(fact["quotation"], lang="zh")
    return html.Tr([html.Th(page.say(fact["label"]), scope="row"), html.Td(told), html.Td(source)])
