"""The records of a card: permits with their papers, visits and cases, as far as they were sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.case_rows import case_title
from app.components.contest import contest_line
from app.components.publication import publication, publish_button
from app.components.sections import line, listed, section
from app.components.values import day, enumerated, isolated, joined, moment, when
from app.context import Page
from layers.core.contests import CONTEST
from layers.core.spec import Layer, PermitSpec

Record = Mapping[str, Any]


def permits(page: Page, layer: Layer, rows: Sequence[Record]) -> Component | None:
    """Return the permits with number, term and state."""
    drawn = listed(page, rows, lambda row: _permit(page, layer, row))
    return section(page.t("card.permits"), drawn) if rows else None


def _permit(page: Page, layer: Layer, row: Record) -> Component:
    spec = layer.permit_of(row["kind"])
    term = f"{day(row['valid_from'], page)} – {day(row['valid_to'], page) or page.t('card.no_end')}"
    state = page.t(f"permit.{row['state']}")
    title = page.say(spec.title) if spec else isolated(row["kind"])
    note = joined(isolated(row["number"]) if row["number"] else None, term, state)
    more = (_handling(page, row), _papers(page, spec, row))
    return line(title, note, *(part for part in more if part is not None))


def _handling(page: Page, row: Record) -> Component | None:
    """Return who decided when on what was asked for."""
    told = joined(
        *(
            page.t(f"permit.{name}", day=day(row[name], page)) if row.get(name) else None
            for name in ("applied_on", "decided_on", "issued_on")
        ),
        isolated(row["issuer"]) if row.get("issuer") else None,
        isolated(row["quantity"]) if row.get("quantity") else None,
    )
    return html.P(told, className="quiet small") if told else None


def _papers(page: Page, spec: PermitSpec | None, row: Record) -> Component | None:
    """Return how many of the papers are there, and unfold which, with their seals."""
    papers = row.get("documents") or []
    if not papers or spec is None:
        return None
    titles = {document.kind: page.say(document.title) for document in spec.documents}
    spared = sum(paper["spared"] for paper in papers)
    told = (
        page.t("permit.papers", n=len(papers)),
        page.t("permit.of_these_spared", n=spared) if spared else None,
    )
    lines = [html.Li(_paper(page, titles, paper)) for paper in papers]
    return html.Details([html.Summary(joined(*told)), html.Ul(lines)], className="quiet small")


def _paper(page: Page, titles: Mapping[str, str], paper: Record) -> list[Component | str]:
    seals = enumerated(page, (page.t(f"seal.{who}") for who in paper["sealed_by"]))
    came = page.t("permit.received", day=day(paper["received_on"], page)) if paper["received_on"] else None
    return joined(
        titles.get(paper["kind"]) or isolated(paper["kind"]),
        page.t("permit.spared") if paper["spared"] else came,
        page.t("permit.sealed", by=seals) if seals else None,
        isolated(paper["reference"]) if paper["reference"] else None,
    )


def inspections(page: Page, layer: Layer, rows: Sequence[Record], *, acts: bool) -> Component | None:
    """Return the visits, newest first; faults, note and officers only where they were sent."""
    titles = {spec.kind: page.say(spec.title) for spec in layer.inspections}
    drawn = listed(page, rows, lambda row: _inspection(page, titles, row, acts=acts))
    return section(page.t("card.inspections"), drawn) if rows else None


def _inspection(page: Page, titles: Mapping[str, str], row: Record, *, acts: bool) -> Component:
    faults = {name: row[name] for name in ("critical", "serious", "minor") if name in row}
    due = row.get("follow_up_due")
    officers = [isolated(row[name]) for name in ("inspector", "second_inspector") if row.get(name)]
    note = joined(
        page.t(f"result.{row['result']}"),
        page.t("card.faults", **faults) if any(faults.values()) else None,
        page.t("card.mend_by", day=day(due, page)) if due else None,
        page.t(f"level.{row['level']}") if row.get("level") else None,
        isolated(row["note"]) if row.get("note") else None,
        *officers,
        page.t("card.check_code", code=row["check_code"]) if row.get("check_code") else None,
        publication(page, row.get("published_on"), row.get("publish_by")),
    )
    button = publish_button(page, row) if acts else None
    head = joined(when(row["at"], page), titles.get(row["kind"]) or isolated(row["kind"]))
    return line(head, note, *([button] if button else []))


def cases(page: Page, p: Record, *, acts: bool) -> Component | None:
    """Return the cases of a place, open ones first; with `acts` what may be done about objections."""
    rows = p.get("cases") or []
    drawn = listed(page, rows, lambda row: _any_case(page, p, row, acts=acts))
    return section(page.t("card.cases"), drawn) if rows else None


def _any_case(page: Page, p: Record, row: Record, *, acts: bool) -> Component:
    return contest_line(page, row, p["id"], acts=acts) if row["kind"] == CONTEST else _case(page, row)


def _case(page: Page, row: Record) -> Component:
    closed, accepted = row["closed_at"], row["accepted_on"]
    due = page.t("case.due", at=moment(row["due_at"], page)) if row["due_at"] and not closed else None
    note = joined(
        page.t(f"case.{row['nature'] or row['kind']}"),
        page.t(f"stage.{row['stage']}"),
        page.t("case.opened", day=day(row["opened_at"], page)),
        page.t("case.accepted", day=day(accepted, page)) if accepted else None,
        page.t("case.closed", day=day(closed, page)) if closed else due,
        isolated(row["reporter"]) if row.get("reporter") else None,
        isolated(row["handler"]) if row.get("handler") else None,
        *(isolated(name) for name in row.get("officers") or ()),
    )
    return line(case_title(page, row), note)
