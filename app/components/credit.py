"""Credit records on a card: what is published of the firm, how far its repair has come, and the sheet for each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from app.components.contest import close_button, told
from app.components.dates import date_field
from app.components.sections import line, listed, section
from app.components.values import day, isolated, joined
from app.context import Page
from layers.core.access import Action
from layers.core.citytime import day_of
from layers.core.contests import MOST_WORDS
from layers.core.credit import ENDED, NEED_WORDS, SEVERITY_WORDS, STAGE_WORDS, STEPS, Need, next_step
from layers.core.credit_entry import MOST
from layers.core.facts import RepairStage, Severity

Record = Mapping[str, Any]
APPLY, ENTER, CORRECT, WITHDRAW = "apply", "enter", "correct", "withdraw"
OF_RECORDS = frozenset({ENTER, CORRECT, WITHDRAW})


class Ids(StrEnum):
    """Ids of the sheet."""

    ABOUT = "credit-about"
    DECLARED = "credit-declared"
    WORDS = "credit-words"
    MESSAGE = "credit-message"
    SEND = "credit-send"
    SEVERITY = "credit-severity"
    ACT = "credit-act"
    DECISION = "credit-decision"
    AUTHORITY = "credit-authority"
    NUMBER = "credit-number"
    DECIDED_ON = "credit-decided-on"
    PUBLISHED_ON = "credit-published-on"
    SAVE = "credit-save"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a button is about: `about` is the record's or repair's id.

    `do` is to apply, to enter, correct or withdraw a record, or the stage to come.
    """

    do: str
    place: int
    about: int

    @property
    def needs(self) -> Action:
        """Return what one must be allowed to."""
        of_repairs = Action.REPAIR if self.do == APPLY else Action.DECIDE
        return Action.RECORD_CREDIT if self.do in OF_RECORDS else of_repairs


def badges(page: Page, p: Record) -> list[Component]:
    """Return the mark of the gravest record that is published of a firm, and whether a repair is under way."""
    shown = [row for row in p.get("credit") or [] if row["published"]]
    if not shown:
        return []
    worst = max((Severity(row["severity"]) for row in shown), key=list(Severity).index)
    words = page.t("credit.badge", severity=page.say(SEVERITY_WORDS[worst]))
    marks = [repair_mark(page)] if any(row["repairing"] for row in shown) else []
    return [html.Span(words, className=f"chip credit {worst}"), *marks]


def repair_mark(page: Page) -> Component:
    """Return the mark of what is under repair."""
    return html.Span(page.t("credit.repairing"), className="chip review")


def records(page: Page, p: Record, *, acts: bool) -> Component | None:
    """Return the records of the firm; with `acts` what may be done about them."""
    rows = p.get("credit")
    enters = acts and page.viewer.may(Action.RECORD_CREDIT)
    if rows is None or not (rows or enters):
        return None
    drawn = listed(page, rows, lambda row: _record(page, p, row, acts=acts)) if rows else None
    none = None if rows else html.P(page.t("credit.none"), className="quiet small")
    button = _button(page, Asked(ENTER, p["id"], 0)) if enters else None
    return section(page.t("card.credit"), drawn, none, button)


def _record(page: Page, p: Record, row: Record, *, acts: bool) -> Component:
    note = joined(
        isolated(row["authority"]),
        isolated(row["number"]),
        page.t("credit.decided", day=day(row["decided_on"], page)),
        _publication(page, row),
    )
    repairs = row.get("repairs") or []
    open_ = next((repair for repair in repairs if repair["stage"] not in ENDED), None)
    parts = (
        html.P(isolated(row["decision"]), className="small") if row["decision"] else None,
        *_correction(page, row),
        *(_repair(page, repair) for repair in repairs),
        _earliest(page, row) if open_ is None else None,
        _calculator(page, row) if row["published"] else None,
        _acts(page, p, row, open_) if acts else None,
    )
    severity = page.t("credit.breach", severity=page.say(SEVERITY_WORDS[Severity(row["severity"])]))
    return line(joined(severity, isolated(row["act"])), note, *(part for part in parts if part is not None))


def _publication(page: Page, row: Record) -> str:
    """Return how long a record is published, or why it is not."""
    if row.get("withdrawn_on"):
        return page.t("credit.withdrawn", day=day(row["withdrawn_on"], page))
    if row["published"]:
        return page.t("credit.until", day=day(row["last_on"], page))
    granted = next((r["granted_on"] for r in row.get("repairs") or [] if r.get("granted_on")), None)
    if granted is not None:
        return page.t("credit.repaired", day=day(granted, page))
    key = "credit.not_shown" if row["published_on"] is None else "credit.taken_down"
    return page.t(key, day=day(row["last_on"], page))


def _correction(page: Page, row: Record) -> list[Component]:
    """Return when a record was corrected, and why it was or was withdrawn, for those who are sent it."""
    when = page.t("credit.corrected", day=day(row["corrected_on"], page)) if row["corrected_on"] else None
    why = html.Blockquote(isolated(row["correction"]), className="words") if row.get("correction") else None
    by = isolated(row["corrected_by"]) if row.get("corrected_by") else None
    note = html.P(joined(when, by), className="small") if when or by else None
    return [part for part in (note, why) if part is not None]


def _earliest(page: Page, row: Record) -> Component | None:
    """Return from when a repair can be asked for, or that it cannot, for those who are sent it."""
    if not row["published"] or "earliest_on" not in row:
        return None
    key = "credit.barred" if row["earliest_on"] is None else "credit.earliest"
    told_ = page.t(key, day=day(row["earliest_on"], page), rule=row["rule"])
    return html.P(told_, className="quiet small")


def _calculator(page: Page, row: Record) -> Component:
    """Return the way to the calculator, filled in with a record."""
    asked = {name: str(row[name]) for name in ("severity", "decided_on", "published_on")}
    return html.A(page.t("plan.title"), href=f"/credit?{urlencode(asked)}", className="plan-link")


def _repair(page: Page, repair: Record) -> Component:
    """Return how far an application has come, with its days, its rule and the answer."""
    passed = [stage for stage in (*STEPS, RepairStage.REFUSED) if repair[f"{stage}_on"] is not None]
    days = (f"{day(repair[f'{stage}_on'], page)} {page.say(STAGE_WORDS[stage])}" for stage in passed)
    by = isolated(repair["decided_by"]) if repair["decided_by"] else None
    rule = page.t("credit.by_rule", rule=repair["rule"]) if repair["rule"] else None
    applicant = isolated(repair["applicant"]) if repair.get("applicant") and not repair["own"] else None
    answer = html.Blockquote(isolated(repair["refusal"]), className="words") if repair["refusal"] else None
    return html.Div(
        [html.P(joined(page.t("credit.repair"), *days, by, applicant, rule), className="small"), answer],
        className="repair",
    )


def _acts(page: Page, p: Record, row: Record, open_: Record | None) -> Component | None:
    """Return what the viewer may do about a record now."""
    if open_ is None:
        steps = [*([APPLY] if row["published"] else []), *([CORRECT, WITHDRAW] if _is_open(row) else [])]
        asked = [Asked(step, p["id"], row["id"]) for step in steps]
    else:
        stages = (next_step(RepairStage(open_["stage"])), RepairStage.REFUSED)
        asked = [Asked(stage, p["id"], open_["id"]) for stage in stages if stage is not None]
    may = [_button(page, one) for one in asked if page.viewer.may(one.needs)]
    return html.Div(may, className="contest-acts") if may else None


def _is_open(row: Record) -> bool:
    """Tell whether a record can be corrected: not withdrawn, and no repair under way or granted."""
    repairs = row.get("repairs") or []
    return not row.get("withdrawn_on") and all(r["stage"] == RepairStage.REFUSED for r in repairs)


def _button(page: Page, asked: Asked) -> Component:
    key = {"type": "credit", "do": asked.do, "place": asked.place, "about": asked.about}
    return html.Button(page.t(f"credit.do_{asked.do}"), id=key, className=f"credit-button {asked.do}")


def sheet(page: Page, asked: Asked, p: Record) -> list[Component]:
    """Return the sheet of a step, or the words in its place where it cannot be taken any more."""
    if not page.viewer.may(asked.needs):
        return told(page, page.t("contest.gone"))
    if asked.do == ENTER:
        return _entry(page, asked, {})
    row = _row_about(asked, p.get("credit") or [])
    if row is None:
        return told(page, page.t("contest.gone"))
    return _entry(page, asked, row) if asked.do == CORRECT else _step(page, asked, row)


def _row_about(asked: Asked, rows: Sequence[Record]) -> Record | None:
    """Return the record that a step is about, None where the step is not open any more."""
    for row in rows:
        open_ = next((r for r in row.get("repairs") or [] if r["stage"] not in ENDED), None)
        if asked.do == APPLY:
            fits = row["id"] == asked.about and open_ is None
        elif asked.do in OF_RECORDS:
            fits = row["id"] == asked.about and _is_open(row)
        else:
            fits = open_ is not None and open_["id"] == asked.about and _is_next(asked.do, open_["stage"])
        if fits:
            return row
    return None


def _is_next(do: str, stage: str) -> bool:
    return do in {next_step(RepairStage(stage)), RepairStage.REFUSED}


def _step(page: Page, asked: Asked, row: Record) -> list[Component]:
    """Return the sheet in which a repair is asked for, moved on or refused, or a record withdrawn."""
    applying, explaining = asked.do == APPLY, asked.do in {RepairStage.REFUSED, WITHDRAW}
    not_yet = page.say(row["not_yet"]) if applying and row["not_yet"] else ""
    needs = [{"label": page.say(NEED_WORDS[need]), "value": need} for need in Need]
    words = dcc.Textarea(id=Ids.WORDS, maxLength=MOST_WORDS, rows=4, value="")
    declaring = applying and not not_yet
    sentence = joined(page.t("credit.about", number=row["number"]), isolated(row["act"]))
    send = html.Button(page.t(f"credit.send_{asked.do}"), id=Ids.SEND, className="primary")
    return [
        _head(page, page.t(f"credit.do_{asked.do}")),
        html.P(html.Span(sentence), className="sentence"),
        _earliest(page, row) if declaring else None,
        html.P(page.t("credit.declare"), className="quiet small") if declaring else None,
        dcc.Checklist(needs, [], id=Ids.DECLARED, className="choices" if declaring else "hidden"),
        html.P(page.t("credit.withdraw_about"), className="quiet small") if asked.do == WITHDRAW else None,
        html.Label([_why(page, asked), words], hidden=not explaining),
        html.P(page.t("credit.keeps_tier"), className="quiet small") if declaring else None,
        _about(asked),
        html.P(not_yet, id=Ids.MESSAGE, className="error", role="alert"),
        *([] if not_yet else [send]),
    ]


def _why(page: Page, asked: Asked) -> str:
    """Return what is to be explained."""
    key = "credit.why_corrected" if asked.do in OF_RECORDS else "credit.why"
    return page.t(key, most=MOST_WORDS)


def _entry(page: Page, asked: Asked, row: Record) -> list[Component]:
    """Return the sheet in which a record is entered, or corrected from what it says now."""
    correcting = asked.do == CORRECT
    act = dcc.Textarea(id=Ids.ACT, maxLength=MOST["act"], rows=2, value=row.get("act", ""))
    words = dcc.Textarea(id=Ids.WORDS, maxLength=MOST_WORDS, rows=2, value="")
    severity = row.get("severity", Severity.GENERAL)
    return [
        _head(page, page.t(f"credit.do_{asked.do}")),
        html.P(page.t(f"credit.{asked.do}_about"), className="quiet small"),
        dcc.RadioItems(severities(page), severity, id=Ids.SEVERITY, className="choices"),
        html.Label([page.t("credit.act"), act]),
        _words(page, Ids.DECISION, row),
        html.Div([_words(page, Ids.AUTHORITY, row), _words(page, Ids.NUMBER, row)], className="pair"),
        html.Div([_date(page, Ids.DECIDED_ON, row), _date(page, Ids.PUBLISHED_ON, row)], className="pair"),
        html.P(page.t("credit.minor_hidden"), className="quiet small"),
        html.Label([_why(page, asked), words], hidden=not correcting),
        _about(asked),
        html.P(id=Ids.MESSAGE, className="error", role="alert"),
        html.Button(page.t(f"credit.send_{asked.do}"), id=Ids.SAVE, className="primary"),
    ]


def severities(page: Page) -> list[dict[str, str]]:
    """Return how grave a record can be, as choices."""
    return [
        {"label": page.t("credit.breach", severity=page.say(words)), "value": severity}
        for severity, words in SEVERITY_WORDS.items()
    ]


def _about(asked: Asked) -> Component:
    return dcc.Store(id=Ids.ABOUT, data={"do": asked.do, "place": asked.place, "about": asked.about})


def _head(page: Page, title: str) -> Component:
    return html.Header([html.H2(title), close_button(page)])


def _words(page: Page, kind: Ids, row: Record) -> Component:
    name = kind.name.lower()
    entry = dcc.Input(id=kind, type="text", maxLength=MOST[name], autoComplete="off", value=row.get(name, ""))
    return html.Label([page.t(f"credit.{name}"), entry])


def _date(page: Page, kind: Ids, row: Record) -> Component:
    name = kind.name.lower()
    today = day_of(page.city.clock()).isoformat()
    return html.Label([page.t(f"credit.{name}"), date_field(kind, str(row.get(name) or ""), most=today)])
