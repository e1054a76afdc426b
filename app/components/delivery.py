"""A delivery on its page: what became of its rows, or would; its datum; which column of the file is which field."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.components.values import enumerated, isolated
from app.context import Page
from app.i18n import catalogue
from data.delivery_tables import Stage
from geo.datum import Datum
from layers.core.spec import Layer

Row = Mapping[str, Any]
_BIG = ("inserted", "updated", "unchanged", "merged", "rejected")
_RECORDS = ("permits", "inspections")
_SHOWN = (Datum.WGS84, Datum.GCJ02, Datum.BD09)


class Ids(StrEnum):
    """Ids of the page on which files are sent, and of that of a delivery."""

    LAYER = "delivery-layer"
    FILE = "delivery-file"
    SENDING = "delivery-sending"
    NUMBER = "delivery-number"
    BODY = "delivery-body"
    TICK = "delivery-tick"
    # Kinds of ids, for what is not on the page at every stage.
    ACT = "delivery-act"
    DATUM = "delivery-datum"
    DOUBTS = "delivery-doubts"
    COLUMN = "delivery-column"
    NOTE = "delivery-note"


def state_chip(page: Page, row: Row) -> Component:
    """Return how far a delivery is, as a mark."""
    return html.Span(
        page.t(f"delivery.stage.{row['stage']}"), className=f"chip delivery-stage {row['stage']}"
    )


def account(page: Page, row: Row) -> Component:
    """Return what became of the rows of a delivery, or would."""
    counts = row["account"]
    done = row["stage"] == Stage.IMPORTED
    figures = [
        html.Div(
            [html.Strong(f"{counts[name]:,}"), html.Span(page.t(f"delivery.count.{name}"))],
            className=name if counts[name] else "zero",
        )
        for name in _BIG
    ]
    return html.Section(
        [
            html.H3(page.t("delivery.done" if done else "delivery.would", n=f"{counts['read']:,}")),
            html.Div(figures, className="delivery-counts"),
            *[_records(page, name, counts[name]) for name in _RECORDS if any(counts[name].values())],
            *[html.P(page.say(words), className="delivery-warning") for words in counts["warnings"]],
            _absent(page, counts.get("absent", 0)),
            _flags(page, counts),
            _rejected(page, row),
        ],
        className="delivery-account",
    )


def _records(page: Page, name: str, counts: Mapping[str, int]) -> Component:
    words = {key: f"{value:,}" for key, value in counts.items()}
    return html.P([html.B(page.t(f"card.{name}")), " ", page.t("delivery.records", **words)])


def _absent(page: Page, count: int) -> Component | None:
    """Return what is known of the same source and not in the file."""
    words = page.t("delivery.absent", n=f"{count:,}")
    return html.P(words, className="delivery-warning") if count else None


def _flags(page: Page, counts: Row) -> Component | None:
    lines = [html.Li([page.say(each["flag"]), html.B(f"{each['rows']:,}")]) for each in counts["flags"]]
    title = html.H4(page.t("delivery.flags"))
    return html.Div([title, html.Ul(lines)], className="delivery-lines") if lines else None


def _rejected(page: Page, row: Row) -> Component | None:
    """Return why rows were rejected, and the way to have them mended."""
    counts = row["account"]
    if not counts["rejected"]:
        return None
    lines = [
        html.Li(
            [
                html.Span(isolated(page.say(each["reason"]))),
                html.Span(page.t("delivery.first", n=each["first"]), className="quiet"),
                html.B(f"{each['rows']:,}"),
            ]
        )
        for each in counts["reasons"]
    ]
    address = f"/api/deliveries/{row['id']}/rejected.csv"
    mend = html.A(page.t("delivery.mend"), href=address, className="secondary", download="")
    return html.Div(
        [html.H4(page.t("delivery.rejected")), html.Ul(lines), mend], className="delivery-lines rejected"
    )


def datums(page: Page, row: Row, *, open_: bool) -> Component:
    """Return how well the positions fit the districts that the rows name, under each datum, and the choice."""
    evidence = row["found"]["datum"]
    options = [{"label": page.t(f"export.datum.{datum}"), "value": datum.value} for datum in Datum]
    choice = dcc.RadioItems(
        [{**option, "disabled": not open_} for option in options],
        row["datum"] or None,
        id={"type": Ids.DATUM, "place": 0},
        className="choices",
    )
    doubts = dcc.Checklist(
        [{"label": page.t("delivery.doubts"), "value": "yes", "disabled": not open_}],
        ["yes"] if row["accept_doubts"] else [],
        id={"type": Ids.DOUBTS, "place": 0},
        className="choices",
    )
    return html.Section(
        [
            html.H3(page.t("delivery.datum")),
            html.P(_verdict(page, evidence)),
            _shares(page, evidence) if evidence["named"] else None,
            html.Fieldset([html.Legend(page.t("delivery.datum_is")), choice, doubts]),
        ],
        className="delivery-datum",
    )


def _verdict(page: Page, evidence: Row) -> str:
    """Say what the file shows of its datum."""
    shown = page.t(f"export.datum.{evidence['shown']}") if evidence["shown"] else ""
    if evidence["said"] and shown:
        return page.t("delivery.datum_said", datum=shown)
    if not evidence["named"]:
        return page.t("delivery.datum_silent")
    if not shown:
        return page.t("delivery.datum_open", n=f"{evidence['named']:,}")
    return page.t("delivery.datum_shown", n=f"{evidence['named']:,}", datum=shown)


def _shares(page: Page, evidence: Row) -> Component:
    rows = []
    for datum in _SHOWN:
        share = evidence["fits"].get(datum.value, 0) / evidence["named"]
        bar = html.Div(html.I(style={"width": f"{share:.1%}"}), className="share-bar")
        best = " best" if datum.value == evidence["shown"] else ""
        name = html.Th(page.t(f"export.datum.{datum}"), scope="row")
        rows.append(html.Tr([name, html.Td(bar), html.Td(f"{share:.1%}")], className=f"share{best}"))
    return html.Table(
        [html.Caption(page.t("delivery.shares", by=evidence["by"])), html.Tbody(rows)],
        className="delivery-shares",
    )


def columns(page: Page, row: Row, *, open_: bool) -> Component:
    """Return each column of the file with samples, and the field it becomes."""
    found, layer = row["found"], page.city.registry[row["layer"]]
    taken = {column: field for field, column in found["plan"].items()}
    options = [{"label": field_words(page, layer, name), "value": name} for name in found["fields"]]
    heads = [html.Th(page.t(f"delivery.col.{name}"), scope="col") for name in ("column", "samples", "field")]
    lines = []
    for place, (column, samples) in enumerate(zip(found["columns"], found["samples"], strict=True)):
        chosen = taken.get(column)
        choice: Component | str = (
            dcc.Dropdown(
                options,
                chosen,
                id={"type": Ids.COLUMN, "place": place},
                placeholder=page.t("delivery.extra"),
                className="delivery-choice",
            )
            if open_
            else (field_words(page, layer, chosen) if chosen else page.t("delivery.extra"))
        )
        cells = [
            html.Td(html.B(isolated(column))),
            html.Td(_samples(samples), className="quiet"),
            html.Td(choice),
        ]
        lines.append(html.Tr(cells, className="" if chosen else "unused"))
    missing = [field_words(page, layer, name) for name in found["missing"]]
    words = page.t("delivery.missing", fields=enumerated(page, missing))
    return html.Section(
        [
            html.H3(page.t("delivery.columns")),
            html.P(
                words if missing else page.t("delivery.columns_lead"), className="" if missing else "quiet"
            ),
            html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="delivery-columns"),
        ]
    )


def _samples(samples: list[str]) -> list[Component]:
    return [html.Span(isolated(value), className="sample") for value in samples]


def field_words(page: Page, layer: Layer, name: str) -> str:
    """Return what people call a field that a column can become."""
    group, _, inner = name.rpartition(".")
    if group:
        key = f"fact.{inner}"
        words = page.t(key) if key in catalogue() else inner
        return f"{page.t(f'card.{group}s')} · {words}"
    if (field := layer.field_named(name)) is not None:
        unit = f" ({page.say(field.unit)})" if field.unit else ""
        return f"{page.say(field.title)}{unit}"
    if name == "category":
        return page.say(layer.category)
    keys = (f"delivery.field.{name}", f"export.column.{name}", f"card.{name}")
    return next((page.t(key) for key in keys if key in catalogue()), name)
