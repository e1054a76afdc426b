"""A credit record as somebody enters it: read from what a form holds, or refused in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from layers.core.contests import legible
from layers.core.errors import BadQueryError
from layers.core.facts import Severity
from layers.core.text import Text

MOST = {"number": 60, "authority": 60, "act": 200, "decision": 200}  # characters
OPTIONAL = frozenset({"decision"})
EARLIEST = date(1990, 1, 1)
_TITLES = {
    "number": Text("文号", "the number"),
    "authority": Text("决定机关", "the authority"),
    "act": Text("失信行为", "the act"),
    "decision": Text("处罚内容", "the decision"),
    "decided_on": Text("决定日期", "the day of the decision"),
    "published_on": Text("公示日期", "the day of publication"),
    "applied_on": Text("申请日期", "the day of the application"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A credit record before it is written; a minor one without a day of publication is not shown."""

    severity: Severity
    number: str
    authority: str
    act: str
    decision: str
    decided_on: date
    published_on: date | None


def read_entry(given: Mapping[str, str | None], today: date) -> Entry:
    """Return the record that a form holds; raises `BadQueryError` naming the first field that cannot be meant."""
    severity = read_severity(given.get("severity"))
    words = {name: _words(name, given.get(name) or "") for name in MOST}
    decided_on = read_day("decided_on", given.get("decided_on") or "", today)
    return Entry(
        severity=severity,
        **words,
        decided_on=decided_on,
        published_on=read_published(given.get("published_on") or "", severity, decided_on, today),
    )


def read_severity(given: str | None) -> Severity:
    """Return how grave a record is; raises `BadQueryError`."""
    if given in set(Severity):
        return Severity(given)
    raise BadQueryError(
        "severity",
        Text(
            "请选择失信程度：轻微、一般、严重或特定严重。",
            "Choose how grave it is: minor, general, serious or specific.",
        ),
    )


def _words(name: str, given: str) -> str:
    words, title, most = legible(given), _TITLES[name], MOST[name]
    if len(words) > most or not (words or name in OPTIONAL):
        raise BadQueryError(
            name,
            Text(
                f"请填写{title.zh}，不超过 {most} 个字（现在 {len(words)} 个字）。",
                f"Enter {title.en} in at most {most} characters (now {len(words)}).",
            ),
        )
    return words


def read_day(name: str, given: str, today: date, latest: date | None = None) -> date:
    """Return a day that is not after `latest`, today without one; raises `BadQueryError` naming the field."""
    title, end = _TITLES[name], Text(f"今天（{today}）", f"today ({today})")
    if latest is not None:
        end = Text(f" {latest} ", str(latest))
    try:
        day = date.fromisoformat(given.strip())
    except ValueError as error:
        raise BadQueryError(
            name,
            Text(
                f"请填写{title.zh}，形如 {today}。",
                f"Enter {title.en} as year, month and day, such as {today}.",
            ),
        ) from error
    if not EARLIEST <= day <= (latest or today):
        raise BadQueryError(
            name,
            Text(
                f"{title.zh} {day} 须在 {EARLIEST} 至{end.zh}之间：请核对。",
                f"{title.en.capitalize()}, {day}, must lie between {EARLIEST} and {end.en}: check it.",
            ),
        )
    return day


def read_published(given: str, severity: Severity, decided_on: date, today: date) -> date | None:
    """Return the day of publication, None for a minor record that is not shown; raises `BadQueryError`."""
    if not given.strip() and severity is Severity.MINOR:
        return None  # 轻微失信信息原则上不予公示
    day = read_day("published_on", given, today)
    if day < decided_on:
        raise BadQueryError(
            "published_on",
            Text(
                f"公示日期 {day} 早于决定日期 {decided_on}：请核对。",
                f"The day of publication, {day}, is before that of the decision, {decided_on}: check both.",
            ),
        )
    return day
