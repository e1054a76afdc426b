"""`/deliveries`: a department's file is sent; each delivery has a page that says what it would change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.components.delivery import Ids, account, columns, datums, state_chip
from app.components.values import around, isolated, joined, moment
from app.context import Page
from app.pages.frame import header, link_to
from data.delivery_tables import AT_REST, Stage

PATH = "/deliveries"
ENDINGS = ".csv,.tsv,.txt,.xlsx,.geojson,.json,.gpkg,.shp"
_ONE = re.compile(rf"{PATH}/([1-9]\d{{0,18}})/?\Z")
_TRACK = (
    ("sent", frozenset[Stage]()),
    ("checked", frozenset({Stage.TO_CHECK, Stage.CHECKING, Stage.CHECKED, Stage.FAILED})),
    ("imported", frozenset({Stage.TO_IMPORT, Stage.IMPORTING, Stage.IMPORTED})),
)


def number_of(path: str) -> int | None:
    """Return the number of the delivery that an address speaks of."""
    found = _ONE.match(path)
    return int(found[1]) if found else None


def layout(page: Page) -> Component:
    """Return the page on which files are sent, with the newest deliveries."""
    heads = page.city.deliveries.heads(page.viewer)
    return _frame(
        page,
        [
            _sending(page),
            html.H2(page.t("delivery.newest")),
            _table(page, heads) if heads else html.P(page.t("delivery.none"), className="empty"),
        ],
    )


def one(page: Page, delivery_id: int) -> Component:
    """Return the page of a delivery; raises `UnknownDeliveryError`."""
    parts = content(page, delivery_id)
    return _frame(
        page,
        [
            dcc.Store(id=Ids.NUMBER, data=delivery_id),
            html.Div(parts, id=Ids.BODY, className="delivery"),
            dcc.Interval(id=Ids.TICK, interval=1000, disabled=not is_under_way(page, delivery_id)),
        ],
    )


def _frame(page: Page, parts: list[Component | None]) -> Component:
    links = (link_to(page, path) for path in ("/ops", "/due", "/cases"))
    return html.Div(
        [header(page, page.t("delivery.title"), *links), html.Main(parts, className="due-body")],
        className="light due deliveries",
    )


def is_under_way(page: Page, delivery_id: int) -> bool:
    """Tell whether a delivery waits for the worker, or is being worked on."""
    stage = page.city.deliveries.read(delivery_id, page.viewer)["stage"]
    return stage not in {*AT_REST, Stage.IMPORTED, Stage.DROPPED}


def content(page: Page, delivery_id: int, note: str = "") -> list[Component | None]:
    """Return how far a delivery is, what it shows and what can be done with it; `note`: what a click has come to."""
    row = page.city.deliveries.read(delivery_id, page.viewer)
    stage, open_ = Stage(row["stage"]), Stage(row["stage"]) in AT_REST
    found = row["found"]
    return [
        _head(page, row),
        _track(page, stage),
        _progress(page, row),
        html.P(note, id=Ids.NOTE, className="delivery-note", role="status"),
        html.P(page.say(row["fault"]), className="delivery-fault", role="alert") if row["fault"] else None,
        _like(page, row),
        account(page, row) if row["account"] else None,
        _acts(page, row) if open_ else None,
        datums(page, row, open_=open_) if found and stage is not Stage.DROPPED else None,
        columns(page, row, open_=open_) if found and stage is not Stage.DROPPED else None,
    ]


def _like(page: Page, row: Mapping[str, Any]) -> Component | None:
    """Return which delivery this one is like, so that its choices were followed."""
    like = (row["found"] or {}).get("like")
    if not like:
        return None
    words = around(page, "delivery.like", like["file_name"])
    return html.P(
        [*words, " ", html.A(page.t("delivery.see"), href=f"{PATH}/{like['id']}")], className="quiet"
    )


def _sending(page: Page) -> Component:
    """Return the place where a file is dropped."""
    layers = page.city.layers_for(page.viewer)
    options = [{"label": page.say(layer.title), "value": layer.id} for layer in layers]
    drop = [html.Strong(page.t("delivery.drop")), html.Span(page.t("delivery.kinds"), className="quiet")]
    return html.Section(
        [
            html.H2(page.t("delivery.send")),
            html.Fieldset(
                [
                    html.Legend(page.t("delivery.layer")),
                    dcc.RadioItems(options, options[0]["value"], id=Ids.LAYER, className="choices"),
                ]
            ),
            html.Button(drop, id=Ids.FILE, className="drop", **{"data-accept": ENDINGS}),
            html.Div(id=Ids.SENDING, className="delivery-sending", role="status"),
        ],
        className="delivery-send",
    )


def _table(page: Page, heads: list[dict[str, Any]]) -> Component:
    names = ("file", "layer", "stage", "rows", "sent")
    titles = [html.Th(page.t(f"delivery.head.{name}"), scope="col") for name in names]
    return html.Table(
        [html.Thead(html.Tr(titles)), html.Tbody([_line(page, row) for row in heads])],
        className="delivery-list",
    )


def _line(page: Page, row: Mapping[str, Any]) -> Component:
    counts = row["account"]
    rows = page.t("delivery.counted", **_counts(counts)) if counts else "—"
    cells = (
        ("file", html.A(isolated(row["file_name"]), href=f"{PATH}/{row['id']}")),
        ("layer", page.say(page.city.registry[row["layer"]].title)),
        ("stage", state_chip(page, row)),
        ("rows", rows),
        ("sent", joined(isolated(row["sent_by"]), moment(row["sent_at"], page))),
    )
    return html.Tr(
        [
            html.Td(cell, className=f"delivery-{name}", **{"data-label": page.t(f"delivery.head.{name}")})
            for name, cell in cells
        ]
    )


def _counts(counts: Mapping[str, Any]) -> dict[str, str]:
    return {name: f"{counts[name]:,}" for name in ("read", "inserted", "updated", "rejected")}


def _head(page: Page, row: Mapping[str, Any]) -> Component:
    layer = page.city.registry[row["layer"]]
    said = (page.say(layer.title), _size(row["size"]), isolated(row["sent_by"]), moment(row["sent_at"], page))
    return html.Header(
        [
            html.A(page.t("delivery.all"), href=PATH, className="quiet"),
            html.Div([html.H2(isolated(row["file_name"])), state_chip(page, row)], className="delivery-name"),
            html.P(joined(*said), className="quiet"),
        ]
    )


def _size(size: int) -> str:
    for unit, of in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= of:
            return f"{size / of:.1f} {unit}"
    return f"{size} B"


def _track(page: Page, stage: Stage) -> Component:
    """Return the steps of a delivery, the present one marked."""
    now = next((number for number, (_, stages) in enumerate(_TRACK) if stage in stages), None)
    finished = stage is Stage.IMPORTED
    steps = []
    for number, (name, _) in enumerate(_TRACK):
        state = "done" if now is not None and (number < now or finished) else "now" if number == now else ""
        current = {"aria-current": "step"} if state == "now" else {}
        steps.append(html.Li(page.t(f"delivery.step.{name}"), className=state, **current))
    return html.Ol(steps, className="case-track")


def _progress(page: Page, row: Mapping[str, Any]) -> Component | None:
    if Stage(row["stage"]) in {*AT_REST, Stage.IMPORTED, Stage.DROPPED}:
        return None
    read, expected = row["read"], row["expected"]
    words = page.t("delivery.stopping") if row["stopped"] else page.t("delivery.reading", n=f"{read:,}")
    known = {"value": str(read), "max": str(expected)} if expected else {}
    stop = html.Button(
        page.t("delivery.stop"), id=act_id("stop"), className="secondary", disabled=row["stopped"]
    )
    return html.Div(
        [html.Progress(**known, **{"aria-label": words}), html.Span(words), stop],
        className="delivery-progress",
    )


def act_id(act: str) -> dict[str, str]:
    """Return the id of a button; which are there depends on the stage."""
    return {"type": Ids.ACT, "act": act}


def _acts(page: Page, row: Mapping[str, Any]) -> Component:
    ready = row["stage"] == Stage.CHECKED and row["datum"] and row["account"]
    names = ("import", "check", "drop") if ready else ("check", "drop")
    buttons = [
        html.Button(
            page.t(f"delivery.act.{name}"),
            id=act_id(name),
            className="primary" if place == 0 else "secondary",
        )
        for place, name in enumerate(names)
    ]
    return html.Div(buttons, className="delivery-acts")
