"""The form of a rule: each parameter by its kind, each outcome with its tier, the first day, the source, the reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.components.dates import date_field
from app.components.rule_words import outcome_words
from app.context import Page
from layers.core.checks import OUTCOMES
from layers.core.entries import SEPARATOR, Entry, Path
from layers.core.facts import Severity
from layers.core.rules import Rule
from layers.core.spec import Layer
from layers.core.tiers import WORST_FIRST_TIERS

FIXED = frozenset(
    {"field", "as_state", "kind", "codes", "risk_field", "credit_field"}
)  # what the rule is about

EXAMPLE = """[[windows]]
name = "2027"
from = 2027-05-31 22:00:00
to = 2027-06-14 06:00:00
days = [2027-06-07, 2027-06-08]"""


class Ids(StrEnum):
    """Ids of the form."""

    RULE = "rule-about"
    SINCE = "rule-since"
    SOURCE = "rule-source"
    VERIFIED = "rule-verified"
    WHY = "rule-why"
    TRY = "rule-try"
    SAVE = "rule-save"
    TRIED = "rule-tried"
    EFFECT = "rule-effect"
    MESSAGE = "rule-message"


def form(page: Page, layer: Layer, rule: Rule, version: str, today: date) -> Component:
    """Return the form that shows a rule as it is in force, to be changed from a day on."""
    about = {"layer": layer.id, "rule_id": rule.id, "city": rule.city, "version": version}
    return html.Div(
        [
            dcc.Store(id=Ids.RULE, data=about),
            dcc.Store(id=Ids.TRIED),
            html.H3(page.t("admin.params")) if rule.params else None,
            html.Div([_param(page, layer, rule, *param) for param in _ordered(rule)], className="params"),
            *_tiers(page, layer, rule),
            html.H3(page.t("admin.from")),
            _when(page, rule, today),
            html.Label([page.t("admin.why"), dcc.Textarea(id=Ids.WHY, value="", rows=2, maxLength=300)]),
            html.P(id=Ids.MESSAGE, className="error", role="alert"),
            html.Button(page.t("admin.try"), id=Ids.TRY, className="primary"),
            html.Section(id=Ids.EFFECT, className="effect", **{"aria-live": "polite"}),
        ],
        className="rule-form",
    )


def param_title(page: Page, name: str) -> str:
    """Return what a parameter is called."""
    return page.t(f"rules.param.{name}")


def path_words(page: Page, path: Path) -> str:
    """Return what a leaf is called: its parameter, then the words of its row and column."""
    if path[0] in {"tiers", "source", "verified"}:
        return " · ".join([page.t(f"admin.{path[0]}"), *path[1:]])
    return " · ".join([param_title(page, path[0]), *(_value_words(page, part) for part in path[1:])])


def _ordered(rule: Rule) -> list[tuple[str, Any]]:
    """Return the parameters as they are read best: what fits a line after what does not, what is fixed last."""

    def rank(param: tuple[str, Any]) -> int:
        name, value = param
        if name in FIXED:
            return 4
        if isinstance(value, Mapping):
            return 0 if _is_grid(value) else 1
        return 3 if isinstance(value, list | str) else 2

    return sorted(rule.params.items(), key=rank)


def _param(page: Page, layer: Layer, rule: Rule, name: str, value: Any) -> Component:
    if name in FIXED:
        shown = ", ".join(value) if isinstance(value, list) else str(value).lower()
        return html.P([param_title(page, name), " ", html.Code(shown)], className="quiet small fixed")
    if isinstance(value, Mapping):
        body = _grid(page, name, value) if _is_grid(value) else _row(page, rule, name, value)
        return html.Fieldset([html.Legend(param_title(page, name)), body])
    if (choices := _choices(page, layer, rule, name)) is not None:
        boxes = dcc.Checklist(choices, value, id=_key((name,)), className="choices")
        return html.Fieldset([html.Legend(param_title(page, name)), boxes])
    if isinstance(value, bool):
        option = [{"label": param_title(page, name), "value": "true"}]
        return dcc.Checklist(option, ["true"] if value else [], id=_key((name,)), className="choices")
    wide = "wide" if isinstance(value, list) else "narrow"
    return html.Label([param_title(page, name), _leaf(page, rule, Entry((name,), value))], className=wide)


def _is_grid(value: Mapping[str, Any]) -> bool:
    return all(isinstance(row, Mapping) for row in value.values())


def _grid(page: Page, name: str, rows: Mapping[str, Mapping[str, Any]]) -> Component:
    """Return a table of a table as rows and columns that can be written into."""
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    head = html.Tr([html.Th(), *(html.Th(_value_words(page, column), scope="col") for column in columns)])
    body = [
        html.Tr(
            [
                html.Th(_value_words(page, row), scope="row"),
                *(
                    html.Td(_input(Entry((name, row, c), values[c])) if c in values else None)
                    for c in columns
                ),
            ]
        )
        for row, values in rows.items()
    ]
    return html.Div(html.Table([html.Thead(head), html.Tbody(body)]), className="grid")


def _row(page: Page, rule: Rule, name: str, values: Mapping[str, Any]) -> Component:
    parts = [
        html.Label([_value_words(page, part), _leaf(page, rule, Entry((name, part), value))])
        for part, value in values.items()
    ]
    return html.Div(parts, className="row")


def _leaf(page: Page, rule: Rule, entry: Entry) -> Component:
    """Return a field for one value; what names a row or a column of the matrix is chosen from those there are."""
    rows: Mapping[str, Mapping[str, Any]] = rule.params.get("matrix", {})
    axis = {"risk": rows, "credit": next(iter(rows.values()), {})}.get(entry.path[0].partition("_")[0])
    if not axis or not isinstance(entry.value, str):
        return _input(entry)
    options = [{"label": _value_words(page, value), "value": value} for value in axis]
    return dcc.Dropdown(options, entry.value, id=_key(entry.path), clearable=False, searchable=False)


def _input(entry: Entry) -> Component:
    if entry.is_long:
        return dcc.Textarea(
            id=_key(entry.path), value=str(entry.said), rows=6, className="toml", placeholder=EXAMPLE
        )
    return dcc.Input(id=_key(entry.path), value=str(entry.said), type="text", autoComplete="off")


def _key(path: Path) -> dict[str, str]:
    return {"type": "rule-param", "path": SEPARATOR.join(path)}


def _choices(page: Page, layer: Layer, rule: Rule, name: str) -> list[dict[str, str]] | None:
    """Return what a list may hold, where the layer says it; None where anything may be written."""
    if name == "categories":
        return [{"label": page.say(choice.title), "value": choice.value} for choice in layer.categories]
    of_permits = name == "replaced_by" or (name == "kinds" and rule.check == "permits")
    of_visits = name == "kinds" and rule.check.startswith("inspection")
    specs = layer.permits if of_permits else layer.inspections if of_visits else None
    return None if specs is None else [{"label": page.say(s.title), "value": s.kind} for s in specs]


def _value_words(page: Page, value: str) -> str:
    """Return the words of a row or column, a code for itself."""
    words = {"low", "mid", "high", "good", "poor", "any", "claim", "report", *Severity}
    return page.t(f"rules.value.{value}") if value in words else value


def _tiers(page: Page, layer: Layer, rule: Rule) -> list[Component]:
    """Return every outcome of the rule with the tier it gives, none for one that judges nothing."""
    outcomes = _outcomes(rule)
    if not outcomes:
        return []
    options = [{"label": page.say(tier.label), "value": tier.value} for tier in WORST_FIRST_TIERS]
    rows = [
        html.Label(
            [
                html.Span(outcome_words(page, layer, rule, outcome)),
                dcc.Dropdown(
                    options,
                    rule.tier(outcome).value,
                    id={"type": "rule-tier", "outcome": outcome},
                    clearable=False,
                    searchable=False,
                ),
            ]
        )
        for outcome in outcomes
    ]
    return [html.H3(page.t("admin.tiers")), html.Div(rows, className="tiers")]


def _outcomes(rule: Rule) -> list[str]:
    """Return the outcomes the table names, the worst first, then those it leaves in order."""
    named = sorted(rule.tiers, key=lambda outcome: -rule.tiers[outcome].code)
    every = OUTCOMES[rule.check] or frozenset()
    steps = {f"expiring_{days}" for days in rule.params.get("expiring", ())} if "expiring" in every else set()
    return named + sorted((every - {"expiring"} | steps) - set(named))


def _when(page: Page, rule: Rule, today: date) -> Component:
    since = date_field(Ids.SINCE, today.isoformat(), least=today.isoformat())
    option = [{"label": page.t("rules.verified"), "value": "true"}]
    return html.Div(
        [
            html.Label([page.t("admin.since"), since], className="narrow"),
            html.Label(
                [
                    page.t("admin.source"),
                    dcc.Input(id=Ids.SOURCE, value=page.say(rule.source), maxLength=300),
                ],
                className="wide",
            ),
            dcc.Checklist(option, ["true"] if rule.verified else [], id=Ids.VERIFIED, className="choices"),
        ],
        className="when",
    )
