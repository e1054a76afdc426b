"""The menu from which a list of filtered places is taken out as a file: plain links, one for each form and datum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from app.context import Page
from geo.datum import Datum
from layers.core.spec import Layer

_LISTS = ("tier", "status", "state", "category", "street")
_DATUMS = (Datum.WGS84, Datum.GCJ02, Datum.BD09, Datum.CGCS2000)
# What a row of the menu is called -> the form, and what it is asked for with.
_FORMS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "xlsx": ("xlsx", {"header": "label"}),
    "csv": ("csv", {"header": "label"}),
    "csv_gb18030": ("csv", {"header": "label", "encoding": "gb18030"}),
    "gpkg": ("gpkg", {}),
    "geojson": ("geojson", {}),
}


def export_menu(page: Page, sections: Sequence[Component], box: Mapping[str, str] | None = None) -> Component:
    """Return the menu; `box` is the id of what is in it, where a callback fills it and leaves it open or closed."""
    return html.Details(
        [
            html.Summary(page.t("export.menu"), className="secondary"),
            html.Div(sections, className="export-box", **(box or {})),
        ],
        className="export-menu",
    )


def export_sections(
    page: Page, found: Sequence[tuple[Layer, int]], query: Mapping[str, Any]
) -> list[Component]:
    """Return the files of what a page's query finds in some layers, without those the viewer may not take out.

    A layer of which nothing was found is not offered, and a file speaks of the present alone.
    """
    offered = [(layer, n) for layer, n in found if n and page.viewer.may_export(open_data=layer.open_data)]
    if query.get("as_of"):
        return [html.P(page.t("export.only_now"), className="empty")]
    return [_section(page, layer, n, query) for layer, n in offered]


def _section(page: Page, layer: Layer, n: int, query: Mapping[str, Any]) -> Component:
    datums = [html.Th(page.t(f"export.datum.{datum}"), scope="col") for datum in _DATUMS]
    head = html.Tr([html.Th(page.t("export.form"), scope="col"), *datums])
    rows = [_row(page, layer, name, query) for name in _FORMS]
    title = page.t("export.section", layer=page.say(layer.title), n=f"{n:,}")
    return html.Table([html.Caption(title), html.Thead(head), html.Tbody(rows)])


def _row(page: Page, layer: Layer, name: str, query: Mapping[str, Any]) -> Component:
    form, asked = _FORMS[name]
    words = page.t(f"export.form.{name}")
    cells = [
        html.Td(_link(page, words, datum, address_of(layer, form, query, {**asked, "datum": datum.value})))
        for datum in _DATUMS
        if form != "geojson" or datum is Datum.WGS84
    ]
    return html.Tr([html.Th(words, scope="row"), *cells])


def _link(page: Page, words: str, datum: Datum, address: str) -> Component:
    label = page.t("export.link", form=words, datum=page.t(f"export.datum.{datum}"))
    return html.A("↓", href=address, title=label, **{"aria-label": label})


def address_of(layer: Layer, form: str, query: Mapping[str, Any], asked: Mapping[str, str]) -> str:
    """Return where the file of a page's query is, as the API takes it."""
    narrowed = {name: ",".join(query.get(name) or []) for name in _LISTS} | {"q": query.get("q") or ""}
    params = narrowed | dict(query.get("extra") or {}) | dict(asked)
    return f"/api/layers/{layer.id}/export.{form}?" + urlencode({n: v for n, v in params.items() if v})
