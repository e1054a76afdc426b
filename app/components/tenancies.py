"""The tenancies of a card: who sits where by what right, which addresses are zombies, which papers are on file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.links import link_button
from app.components.sections import line, listed, section
from app.components.values import day, enumerated, isolated, joined
from app.context import Page
from layers.core.checks.tenancies import ZOMBIE
from layers.core.facts import TenancyState
from layers.core.premises import missing_papers

Record = Mapping[str, Any]
_STATES = (
    *(state for state in TenancyState if state in ZOMBIE),
    TenancyState.LEASE_ENDED,
    TenancyState.IN_USE,
)


def tenancies(page: Page, rows: Sequence[Record], papers: Sequence[Record]) -> Component | None:
    """Return the tenancies, zombie addresses first, below how many there are in each state."""
    if not rows:
        return None
    above = {row["id"]: row for row in rows}
    drawn = listed(page, rows, lambda row: _tenancy(page, row, above.get(row["sublet_of"]), papers))
    return section(page.t("card.tenancies"), _by_state(page, rows), drawn)


def _by_state(page: Page, rows: Sequence[Record]) -> Component:
    states = [row["state"] for row in rows]
    told = [f"{page.t(f'tenancy.{state}')} {states.count(state):,}" for state in _STATES if state in states]
    return html.P(" · ".join(told), className="quiet small")


def _tenancy(page: Page, row: Record, above: Record | None, papers: Sequence[Record]) -> Component:
    floor = page.t("tenancy.floor", n=row["floor"]) if row["floor"] is not None else None
    state = html.Span(page.t(f"tenancy.{row['state']}"), className="chip zombie" if row["zombie"] else "chip")
    term = f"{day(row['valid_from'], page)} – {day(row['valid_to'], page) or page.t('card.no_end')}"
    registered = page.t("tenancy.registered" if row["registered"] else "tenancy.not_registered")
    head = [*joined(isolated(row["unit"]), isolated(row["enterprise"] or row["tenant"])), " ", state]
    rights = joined(*_rights(page, row, above, papers))
    more = [html.P(rights, className="quiet small")] if rights else []
    return line(head, joined(floor, term, registered), *more, *_of_tenant(page, row))


def _rights(
    page: Page, row: Record, above: Record | None, papers: Sequence[Record]
) -> list[Component | str | None]:
    """Return by what right the tenant sits there, from whom, what is missing for it, and whether the firm pauses."""
    there = {paper["kind"] for paper in papers if paper["unit"] in ("", row["unit"])}
    asked = missing_papers(row["premises"], there)
    missing = enumerated(page, (page.t(f"paper.{kind}") for kind in asked))
    landlord = isolated(row["landlord"]) if row["landlord"] and not above else None  # else told as `above`
    return [
        page.t(f"premises.{row['premises']}") if row["premises"] else None,
        page.t(f"barred.{row['barred']}") if row["barred"] else None,
        html.Span([page.t("tenancy.from"), " ", landlord]) if landlord else None,
        html.Span([page.t("tenancy.sublet_of"), " ", isolated(above["tenant"])]) if above else None,
        page.t("tenancy.missing", papers=missing) if missing else None,
        page.t("tenancy.dormant", day=day(row["dormant_to"], page)) if row["dormant_to"] else None,
        isolated(row["service_address"]) if row["service_address"] else None,
    ]


def _of_tenant(page: Page, row: Record) -> list[Component]:
    """Return the places of a tenant's firm as links; those beyond the first few stand on the card of each."""
    places = row.get("places") or []
    more = row.get("places_total", 0) - len(places)
    beyond = [html.Span(page.t("tenancy.more_places", n=more), className="quiet small")] if more > 0 else []
    return [html.Div([*(link_button(page, place) for place in places), *beyond])] if places else []


def title_papers(page: Page, rows: Sequence[Record]) -> Component | None:
    """Return the title papers on file, those of the whole building first."""
    drawn = listed(page, rows, lambda row: _title_paper(page, row))
    return section(page.t("card.title_papers"), drawn) if rows else None


def _title_paper(page: Page, row: Record) -> Component:
    note = joined(
        isolated(row["unit"]) if row["unit"] else page.t("paper.whole"),
        isolated(row["number"]) if row["number"] else None,
        page.t("paper.checked", day=day(row["checked_on"], page)) if row["checked_on"] else None,
        isolated(row["reference"]) if row["reference"] else None,
    )
    return line(page.t(f"paper.{row['kind']}"), note)
