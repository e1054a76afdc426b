"""`/casebook`: what twenty cases of the city's administration state and where each is here; `/casebook/8`: one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from app.components.case_facts import facts_table
from app.components.values import enumerated, joined
from app.context import Page
from app.pages.frame import header, not_found
from app.security import GUARDED
from layers.core.casebook import Presence

Case = Mapping[str, Any]
State = Mapping[str, str]
FILTERS = ("presence", "area")
PATH = "/casebook"
MOST_FACTS = 60  # drawn on one page: a browser takes half a minute for all of them
_ONE = re.compile(r"/casebook/([1-9][0-9]{0,3})/?\Z")


def number_of(path: str) -> int | None:
    """Return the case an address is of, None for another address."""
    found = _ONE.match(path)
    return int(found[1]) if found else None


def layout(page: Page, state: State) -> Component:
    """Return the cases that the address wants, with their facts where they are few enough to be drawn at once."""
    cases = page.city.casebook.cases()
    shown = [case for case in cases if _fits(case, state, FILTERS)]
    narrowed = any(state.get(name) for name in FILTERS)
    lead = html.Div(
        [
            html.P(page.t("casebook.lead")),
            html.P(page.t("casebook.counted", n=len(cases), facts=_facts_of(cases)), className="quiet"),
            _filters(page, cases, state),
            html.P(page.t("casebook.shown", n=len(shown)), className="quiet") if narrowed and shown else None,
        ],
        className="book-lead",
    )
    return _framed(page, page.t("casebook.title"), [lead, *_listed(page, shown)])


def one(page: Page, number: int) -> Component:
    """Return the page of one case, with the ways to its neighbours; that of a wrong address where there is none."""
    cases = {case["number"]: case for case in page.city.casebook.cases()}
    if number not in cases:
        return not_found(page)
    ways = [html.A(page.t("casebook.all"), href=PATH, className="plain")]
    for step, word in ((-1, "earlier"), (1, "later")):
        if number + step in cases:
            ways.append(
                html.A(page.t(f"casebook.{word}"), href=_address_of(number + step), className="plain")
            )
    nav = html.Nav(ways, className="book-ways", **{"aria-label": page.t("casebook.ways")})
    return _framed(
        page, page.t("casebook.of", number=number), [nav, _case(page, cases[number], with_facts=True)]
    )


def _framed(page: Page, title: str, parts: Sequence[Component]) -> Component:
    rules = html.A(page.t("rules.title"), href="/rules", className="plain")
    head = header(page, title, rules, invented=False)
    return html.Div([head, html.Main(parts, className="book")], className="light")


def _listed(page: Page, cases: Sequence[Case]) -> list[Component]:
    if not cases:
        return [
            html.P(
                [page.t("casebook.none"), " ", html.A(page.t("casebook.all"), href=PATH)], className="empty"
            )
        ]
    few = _facts_of(cases) <= MOST_FACTS
    return [_case(page, case, with_facts=few) for case in cases]


def _facts_of(cases: Iterable[Case]) -> int:
    return sum(len(case["facts"]) for case in cases)


def _case(page: Page, case: Case, *, with_facts: bool) -> Component:
    number = case["number"]
    head = html.Header(
        [
            html.Span(number, className="book-number", **{"aria-hidden": "true"}),
            html.Div(
                [
                    html.H2(html.A(page.say(case["title"]), href=_address_of(number))),
                    html.P(_where(page, case), className="quiet small"),
                ]
            ),
            html.Span(page.t(f"casebook.presence.{case['presence']}"), className=f"chip {case['presence']}"),
        ]
    )
    return html.Article([head, _place(page, case), _facts(page, case, with_facts)], className="book-case")


def _facts(page: Page, case: Case, shown: bool) -> Component:
    if shown:
        return facts_table(page, case["facts"])
    words = page.t("casebook.facts", n=len(case["facts"]))
    return html.A(words, href=_address_of(case["number"]), className="book-facts")


def _where(page: Page, case: Case) -> list[Component | str]:
    return joined(
        page.t("casebook.of", number=case["number"]),
        page.say(case["area_name"]),
        page.t("casebook.year", year=case["year"]),
    )


def _place(page: Page, case: Case) -> Component:
    """Return where a case has its place in the system, and the way there for who may go."""
    words = [html.Strong(page.t("casebook.place")), " ", page.say(case["place"])]
    return html.P([*words, " ", _way(page, case)], className="book-place")


def _way(page: Page, case: Case) -> Component | None:
    if not case["page"]:
        return None
    if case["page"] in GUARDED and not page.viewer.may(GUARDED[case["page"]]):
        return html.Span(page.t("casebook.on_duty"), className="quiet small")
    layers = [page.say(page.city.registry[layer].title) for layer in case["layers"]]
    where = page.t(f"home{case['page'].replace('/', '.')}.title")
    words = page.t("casebook.open", where=enumerated(page, [where, *layers]))
    query = urlencode({"layers": ",".join(case["layers"])}, safe=",") if layers else ""
    return html.A(words, href=f"{case['page']}{'?' if query else ''}{query}")


def _filters(page: Page, cases: Sequence[Case], state: State) -> Component:
    presences = {str(presence): page.t(f"casebook.presence.{presence}") for presence in Presence}
    areas = {case["area"]: page.say(case["area_name"]) for case in cases}
    label = areas.get(state.get("area", ""), page.t("casebook.areas"))
    clear = html.A(page.t("casebook.all"), href=PATH)
    return html.Nav(
        [
            html.Div(_chips(page, cases, state, "presence", presences), className="book-chips"),
            html.Details(
                [
                    html.Summary(label),
                    html.Div(_chips(page, cases, state, "area", areas), className="book-chips"),
                ]
            ),
            clear if any(state.get(name) for name in FILTERS) else None,
        ],
        className="book-filters",
        **{"aria-label": page.t("casebook.filters")},
    )


def _chips(
    page: Page, cases: Sequence[Case], state: State, name: str, titles: Mapping[str, str]
) -> list[Component]:
    """Return a link for each value of a filter that switches it, with how many cases it would show."""
    others = [other for other in FILTERS if other != name]
    counts = Counter(case[name] for case in cases if _fits(case, state, others))
    return [
        html.A(
            [words, html.Span(counts[value], className="quiet")],
            href=_address({**state, name: "" if state.get(name) == value else value}),
            className="chip on" if state.get(name) == value else "chip",
            **({"aria-current": "true"} if state.get(name) == value else {}),
        )
        for value, words in titles.items()
        if counts[value] or state.get(name) == value
    ]


def _fits(case: Case, state: State, names: Iterable[str]) -> bool:
    return all(case[name] == state[name] for name in names if state.get(name))


def _address(state: State) -> str:
    query = urlencode({name: state[name] for name in FILTERS if state.get(name)})
    return f"{PATH}?{query}" if query else PATH


def _address_of(number: int) -> str:
    return f"{PATH}/{number}"
