"""The records of a card: permits, visits, cases and tenancies, as far as they were sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.links import link_button
from app.components.sections import line, listed, section
from app.components.values import day, isolated, joined, moment, when
from app.context import Page
from layers.core.checks.tenancies import ZOMBIE
from layers.core.facts import TenancyState
from layers.core.spec import Layer

Record = Mapping[str, Any]
_STATES = (
    *(state for state in TenancyState if state in ZOMBIE),
    TenancyState.LEASE_ENDED,
    TenancyState.IN_USE,
)


def permits(page: Page, layer: Layer, rows: Sequence[Record]) -> Component | None:
    """Return the permits with number, term and state."""
    drawn = listed(page, rows, lambda row: _permit(page, layer, row))
    return section(page.t("card.permits"), drawn) if rows else None


def _permit(page: Page, layer: Layer, row: Record) -> Component:
    spec = layer.permit_of(row["kind"])
    term = f"{day(row['valid_from'], page)} – {day(row['valid_to'], page) or page.t('card.no_end')}"
    state = page.t(f"permit.{row['state']}")
    title = page.say(spec.title) if spec else isolated(row["kind"])
    return line(title, joined(isolated(row["number"]) if row["number"] else None, term, state))


def inspections(page: Page, layer: Layer, rows: Sequence[Record]) -> Component | None:
    """Return the visits, newest first; faults, note and officer only where they were sent."""
    titles = {spec.kind: page.say(spec.title) for spec in layer.inspections}
    drawn = listed(page, rows, lambda row: _inspection(page, titles, row))
    return section(page.t("card.inspections"), drawn) if rows else None


def _inspection(page: Page, titles: Mapping[str, str], row: Record) -> Component:
    faults = {name: row[name] for name in ("critical", "serious", "minor") if name in row}
    due = row.get("follow_up_due")
    note = joined(
        page.t(f"result.{row['result']}"),
        page.t("card.faults", **faults) if any(faults.values()) else None,
        page.t("card.mend_by", day=day(due, page)) if due else None,
        isolated(row["note"]) if row.get("note") else None,
        isolated(row["inspector"]) if row.get("inspector") else None,
    )
    return line(joined(when(row["at"], page), titles.get(row["kind"]) or isolated(row["kind"])), note)


def cases(page: Page, rows: Sequence[Record]) -> Component | None:
    """Return the cases, open ones first."""
    drawn = listed(page, rows, lambda row: _case(page, row))
    return section(page.t("card.cases"), drawn) if rows else None


def _case(page: Page, row: Record) -> Component:
    closed = row["closed_at"]
    due = page.t("case.due", at=moment(row["due_at"], page)) if row["due_at"] and not closed else None
    note = joined(
        page.t(f"case.{row['kind']}"),
        page.t(f"stage.{row['stage']}"),
        page.t("case.opened", day=day(row["opened_at"], page)),
        page.t("case.closed", day=day(closed, page)) if closed else due,
        isolated(row["reporter"]) if row.get("reporter") else None,
    )
    return line(isolated(row["title"]), note)


def tenancies(page: Page, rows: Sequence[Record]) -> Component | None:
    """Return the tenancies, zombie addresses first, below how many there are in each state."""
    if not rows:
        return None
    drawn = listed(page, rows, lambda row: _tenancy(page, row))
    return section(page.t("card.tenancies"), _by_state(page, rows), drawn)


def _by_state(page: Page, rows: Sequence[Record]) -> Component:
    states = [row["state"] for row in rows]
    told = [f"{page.t(f'tenancy.{state}')} {states.count(state):,}" for state in _STATES if state in states]
    return html.P(" · ".join(told), className="quiet small")


def _tenancy(page: Page, row: Record) -> Component:
    floor = page.t("tenancy.floor", n=row["floor"]) if row["floor"] is not None else None
    state = html.Span(page.t(f"tenancy.{row['state']}"), className="chip zombie" if row["zombie"] else "chip")
    term = f"{day(row['valid_from'], page)} – {day(row['valid_to'], page) or page.t('card.no_end')}"
    registered = page.t("tenancy.registered" if row["registered"] else "tenancy.not_registered")
    head = [*joined(isolated(row["unit"]), isolated(row["enterprise"] or row["tenant"])), " ", state]
    return line(head, joined(floor, term, registered), *_of_tenant(page, row))


def _of_tenant(page: Page, row: Record) -> list[Component]:
    """Return the places of a tenant's firm as links; those beyond the first few stand on the card of each."""
    places = row.get("places") or []
    more = row.get("places_total", 0) - len(places)
    beyond = [html.Span(page.t("tenancy.more_places", n=more), className="quiet small")] if more > 0 else []
    return [html.Div([*(link_button(page, place) for place in places), *beyond])] if places else []
