"""Objections on a card: what is under review, what the viewer may do about it, and the sheet in which it is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.components.marks import shape
from app.components.sections import line
from app.components.values import day, isolated, joined
from app.context import Page
from layers.core.access import Action
from layers.core.contests import CONTEST, LEAST_WORDS, MOST_WORDS, ContestKind, Outcome, is_contestable
from layers.core.reasons import describe
from layers.core.tiers import Tier

Record = Mapping[str, Any]
OBJECT = "object"
SEPARATOR = "|"  # between code, rule and fact, none of which holds one


class Ids(StrEnum):
    """Ids of the sheet."""

    ABOUT = "contest-about"
    KIND = "contest-kind"
    WORDS = "contest-words"
    MESSAGE = "contest-message"
    SEND = "contest-send"
    CLOSE = "contest-close"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a button is about: `do` is to object or an outcome, `about` a reason's key or an objection's id."""

    do: str
    place: int
    about: str

    @property
    def needs(self) -> Action:
        """Return what one must be allowed to."""
        return Action.CONTEST if self.do in {OBJECT, Outcome.WITHDRAWN} else Action.DECIDE


def key_of(reason: Record) -> str:
    """Return what makes a reason the same one, as text."""
    return SEPARATOR.join((reason["code"], reason["rule_id"], reason["fact"]))


def review_mark(page: Page) -> Component:
    """Return the mark of what is under review."""
    return html.Span(page.t("contest.under_review"), className="chip review")


def reason_marks(page: Page, reason: Record) -> list[Component]:
    """Return what objections have to say of a reason."""
    upheld = page.t("contest.upheld_on", day=day(reason["upheld_on"], page)) if "upheld_on" in reason else ""
    marks = [review_mark(page)] if reason.get("contested") else []
    return marks + ([html.Span(upheld, className="chip review")] if upheld else [])


def object_button(page: Page, p: Record, reason: Record) -> Component | None:
    """Return the button to object to a reason of a place, for who may and where there is anything to object to."""
    settled = reason.get("contested") or "upheld_on" in reason
    if settled or not page.viewer.may(Action.CONTEST) or not is_contestable(Tier(reason["tier"])):
        return None
    return _button(page, Asked(OBJECT, p["id"], key_of(reason)), "object")


def contest_line(page: Page, row: Record, place_id: int, *, acts: bool) -> Component:
    """Return an objection as a line among the cases: what about, what is said, and how it ended or may end."""
    said = describe(row["reason_code"], row["reason_params"], page.language)
    ended = page.t(f"outcome.{row['outcome']}", day=day(row["closed_at"], page)) if row["outcome"] else None
    due = None if ended else page.t("contest.due", day=day(row["due_at"], page))
    note = joined(
        page.t("case.contest"),
        page.t("case.opened", day=day(row["opened_at"], page)),
        ended or due,
        isolated(row["reporter"]) if row.get("reporter") and not row["own"] else None,
    )
    quoted = _quoted(page, row)
    answer = isolated(row["outcome_words"]) if row["outcome_words"] else None
    answered = html.P(joined(isolated(row["decided_by"]), answer), className="answer") if answer else None
    buttons = _acts(page, row, place_id) if acts else None
    return line(said, note, *(part for part in (quoted, answered, buttons) if part is not None))


def _quoted(page: Page, row: Record) -> Component | None:
    """Return the words of an objection, for those who are sent them."""
    if not row.get("words"):
        return None
    kind = page.t(f"contest.kind.{row['contest_kind']}")
    return html.Blockquote([html.Strong(kind), html.Br(), isolated(row["words"])], className="words")


def _acts(page: Page, row: Record, place_id: int) -> Component | None:
    """Return what the viewer may do about an open objection."""
    asked = [Asked(do, place_id, str(row["id"])) for do in Outcome]
    may = [
        _button(page, one, f"outcome_{one.do}")
        for one in asked
        if page.viewer.may(one.needs) and (one.do != Outcome.WITHDRAWN or row["own"])
    ]
    return html.Div(may, className="contest-acts") if may and not row["outcome"] else None


def _button(page: Page, asked: Asked, words: str) -> Component:
    key = {"type": "contest", "do": asked.do, "place": asked.place, "about": asked.about}
    return html.Button(page.t(f"contest.{words}"), id=key, className=f"contest-button {asked.do}")


def sheet(page: Page, asked: Asked, p: Record) -> list[Component]:
    """Return the sheet in which something is said about a reason or an objection of a place."""
    about = _about(page, asked, p)
    if about is None or not page.viewer.may(asked.needs):
        return told(page, page.t("contest.gone"))
    objecting, withdrawing = asked.do == OBJECT, asked.do == Outcome.WITHDRAWN
    deciding = not (objecting or withdrawing)
    title = f"send_{asked.do}" if deciding else "object" if objecting else "outcome_withdrawn"
    kinds = [{"label": page.t(f"contest.kind.{kind}"), "value": kind} for kind in ContestKind]
    ask = "what" if objecting else f"why_{asked.do}"
    label = "" if withdrawing else page.t(f"contest.{ask}", least=LEAST_WORDS, most=MOST_WORDS)
    words = dcc.Textarea(id=Ids.WORDS, maxLength=MOST_WORDS, rows=4, value="")
    return [
        html.Header([html.H2(page.t(f"contest.{title}")), close_button(page)]),
        *about,
        dcc.RadioItems(kinds, ContestKind.FACT, id=Ids.KIND, className="choices" if objecting else "hidden"),
        html.Label([label, words], hidden=withdrawing),
        html.P(page.t("contest.keeps_tier"), className="quiet small") if objecting else None,
        dcc.Store(id=Ids.ABOUT, data={"do": asked.do, "place": asked.place, "about": asked.about}),
        html.P(id=Ids.MESSAGE, className="error", role="alert"),
        html.Button(page.t(f"contest.send_{asked.do}"), id=Ids.SEND, className="primary"),
    ]


def told(page: Page, words: str) -> list[Component]:
    """Return a sheet that says what has happened."""
    return [html.Header([html.P(words, role="status"), close_button(page)])]


def close_button(page: Page) -> Component:
    """Return the way out of a sheet."""
    return html.Button("×", id=Ids.CLOSE, className="close", **{"aria-label": page.t("contest.close")})


def _about(page: Page, asked: Asked, p: Record) -> list[Component] | None:
    """Return what the sheet is about, None where the card has no such reason or open objection any more."""
    if asked.do == OBJECT:
        reason = _first(p.get("reasons") or [], lambda one: key_of(one) == asked.about)
        return None if reason is None else [_sentence(page, reason["code"], reason["params"], reason["tier"])]
    row = _first(p.get("cases") or [], lambda one: one["kind"] == CONTEST and str(one["id"]) == asked.about)
    if row is None or row["outcome"]:
        return None
    quoted = _quoted(page, row)
    sentence = _sentence(page, row["reason_code"], row["reason_params"])
    return [sentence, *([quoted] if quoted else [])]


def _first(rows: Iterable[Record], fits: Any) -> Record | None:
    return next((row for row in rows if fits(row)), None)


def _sentence(page: Page, code: str, params: Record, tier: str = "") -> Component:
    mark = shape(tier) if tier else None
    return html.P([mark, describe(code, params, page.language)], className="sentence")
