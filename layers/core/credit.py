"""Credit records of firms and their repair (信用修复): how long a penalty is published, and when that may end sooner.

A penalty against a firm is a record with a severity: minor 轻微, general 一般, serious 严重, specific 特定严重. It is
published (公示) for a number of months at most, and then taken down by itself. Before that, once it was published for
the least number of months, the firm may ask for its repair: it has done what it was told (履行义务) and pledged itself
in public (信用承诺). An application passes the district (初审), the city (复审) and the nation (终审), and ends the
publication (终止公示) - or is refused with words.

A specific record is one that the rules except from repair: it stays to its longest term (案例18：按最长公示期三年予以
公示，且公示期间不得修复). Which acts are of this kind is not a matter of days: who enters the record says so, and in
that case a food penalty without closure (责令停产停业) or a revoked licence (吊销) turned out to be a general record.
A version of the rule that has no months for it takes it as serious, and still lets nobody repair it.

Two dates, two rules. Which rule a repair goes by is chosen by the day of its *application*; how long the publication
lasts, by the rule in force on the day one looks. What happens to an application made before a change of the rules is
not verified: both its days are kept, so that another reading needs no other data.

Months are those of the calendar (民法典 Art. 201-203): a count leaves out the day it starts from and ends with the day
of the same number, or with the last of a month that has none; a minimum is full when that day has ended.

Params of a rule: `named` (what it is called in a sentence), `months` (severity -> least and most), `counted_from`
(`decided_on` or `published_on`), `needs` (what an application must declare). Outcomes: the severities.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from layers.core.citytime import add_days
from layers.core.facts import CreditRecord, Repair, RepairStage, Severity
from layers.core.rules import Rule, RuleTable
from layers.core.text import Text

CHECK = "credit"
PARAMS = frozenset({"named", "months", "counted_from", "needs"})
STARTS = ("decided_on", "published_on")
STEPS = (
    RepairStage.APPLIED,
    RepairStage.DISTRICT,
    RepairStage.CITY,
    RepairStage.NATION,
    RepairStage.GRANTED,
)
ENDED = frozenset({RepairStage.GRANTED, RepairStage.REFUSED})
SEVERITY_WORDS = {
    Severity.MINOR: Text("轻微", "minor"),
    Severity.GENERAL: Text("一般", "general"),
    Severity.SERIOUS: Text("严重", "serious"),
    Severity.SPECIFIC: Text("特定严重", "specific serious"),
}
STAGE_WORDS = {
    RepairStage.APPLIED: Text("已申请", "applied for"),
    RepairStage.DISTRICT: Text("区初审通过", "passed by the district"),
    RepairStage.CITY: Text("市复审通过", "passed by the city"),
    RepairStage.NATION: Text("国家终审通过", "passed by the nation"),
    RepairStage.GRANTED: Text("已终止公示", "publication ended"),
    RepairStage.REFUSED: Text("不予修复", "refused"),
}


class Need(StrEnum):
    """What an application declares."""

    FULFILLED = "fulfilled"  # 已履行处罚决定
    PLEDGED = "pledged"  # 已公开作出信用承诺


NEED_WORDS = {
    Need.FULFILLED: Text("已履行行政处罚决定", "that the penalty has been complied with"),
    Need.PLEDGED: Text("已公开作出信用承诺", "that a credit pledge has been made in public"),
}


def add_months(day: date, months: int) -> date:
    """Return the day of the same number some months later, or the last of a month that has none.

    >>> add_months(date(2023, 11, 30), 3), add_months(date(2024, 2, 29), 12)
    (datetime.date(2024, 2, 29), datetime.date(2025, 2, 28))
    """
    whole = day.year * 12 + day.month - 1 + months
    year, month = whole // 12, whole % 12 + 1
    if year > date.max.year:
        return date.max
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def rule_on(table: RuleTable, day: date, city: str = "") -> Rule | None:
    """Return the rule on credit that is in force on a day, None where the table has none.

    For a repair the day is that of its application.
    """
    return next((rule for rule in table.applying(day, city) if rule.check == CHECK), None)


def known_as(severity: Severity, rule: Rule) -> Severity:
    """Return as what a rule takes a record: one that has no months for specific records takes them as serious."""
    return severity if severity in rule.params["months"] else Severity.SERIOUS


def is_barred(severity: Severity) -> bool:
    """Tell whether records of a severity are excepted from repair as long as they are published."""
    return severity is Severity.SPECIFIC


def last_day(record: CreditRecord, rule: Rule) -> date:
    """Return the last day on which a record is published; the day after, it is taken down by itself."""
    _, most = rule.params["months"][known_as(record.severity, rule)]
    return add_months(_counted_from(record, rule), most)


def earliest_repair(record: CreditRecord, rule: Rule) -> date | None:
    """Return the first day on which a repair can be applied for and granted, None where there is none.

    On that day the least of months is full.
    """
    if is_barred(record.severity):
        return None
    least, _ = rule.params["months"][record.severity]
    start = _counted_from(record, rule)
    full = add_days(add_months(start, least), 1) if least else start
    return max(full, record.published_on or full)


def _counted_from(record: CreditRecord, rule: Rule) -> date:
    published = record.published_on or record.decided_on
    return published if rule.params["counted_from"] == "published_on" else record.decided_on


def is_published(record: CreditRecord, rule: Rule, day: date) -> bool:
    """Tell whether a record is under publication on a day; one without a day of publication is not shown (不予公示)."""
    if record.published_on is None or any(has_ended(r, day) and is_granted(r) for r in record.repairs):
        return False
    return record.published_on <= day <= last_day(record, rule)


def is_under_repair(record: CreditRecord, day: date) -> bool:
    """Tell whether a repair has been applied for by a day and is not answered (修复中)."""
    return any(repair.applied_on <= day and not has_ended(repair, day) for repair in record.repairs)


def has_ended(repair: Repair, day: date) -> bool:
    """Tell whether a repair was granted or refused by a day."""
    return repair.ended_on is not None and repair.ended_on <= day


def is_granted(repair: Repair) -> bool:
    """Tell whether a repair was granted."""
    return repair.stage is RepairStage.GRANTED


def next_step(stage: RepairStage) -> RepairStage | None:
    """Return the stage after one, None after the last and after a refusal."""
    return None if stage in ENDED else STEPS[STEPS.index(stage) + 1]


def missing(record: CreditRecord, rule: Rule, day: date, declared: Iterable[Need]) -> Text | None:
    """Return in one sentence what keeps a repair from being applied for on a day, None where nothing does."""
    named = rule.params["named"]
    if not is_published(record, rule, day):
        return Text(
            f"依据{named}，这条记录现在不在公示中：无须申请修复。",
            f"By {named} this record is not published at present: there is nothing to repair.",
        )
    if (first := earliest_repair(record, rule)) is None:
        return _barred(record, rule)
    if day < first:
        return Text(
            f"依据{named}，这条{SEVERITY_WORDS[record.severity].zh}失信记录自 {first} 起可以申请修复：请届时再申请。",
            f"By {named} the repair of this {SEVERITY_WORDS[record.severity].en} record can be applied for from "
            f"{first}: apply then.",
        )
    given = set(declared)
    lacking = [NEED_WORDS[Need(name)] for name in rule.params["needs"] if Need(name) not in given]
    if not lacking:
        return None
    return Text(
        f"申请还缺：{'、'.join(need.zh for need in lacking)}；请办妥并勾选后再提交。",
        f"The application does not say {' nor '.join(need.en for need in lacking)}: see to it and tick it.",
    )


def _barred(record: CreditRecord, rule: Rule) -> Text:
    named, words, last = rule.params["named"], SEVERITY_WORDS[record.severity], last_day(record, rule)
    return Text(
        f"依据{named}，这条{words.zh}失信记录须公示至 {last}，期间不得修复：如认为程度认定有误，请向决定机关申请更正。",
        f"By {named} this {words.en} record stays published until {last} and cannot be repaired before: if it is "
        "graded wrongly, ask the authority to correct it.",
    )


def faults(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the params of a rule, in Chinese and English."""
    if absent := sorted(PARAMS - set(params)):
        yield f"检查 {CHECK} 缺少参数 {absent[0]!r}", f"{CHECK} lacks the parameter {absent[0]!r}"
        return
    if params["counted_from"] not in STARTS:
        yield f"counted_from 须为 {'、'.join(STARTS)}", f"counted_from is one of {', '.join(STARTS)}"
    if unknown := sorted(set(params["needs"]) - set(Need)):
        yield f"needs 没有 {unknown[0]!r}", f"needs knows no {unknown[0]!r}"
    months = params["months"]
    named = set(Severity) - {Severity.SPECIFIC} <= set(months) <= set(Severity)
    if not named or not all(_is_span(span) for span in months.values()):
        yield (
            "months 须为每种程度写明最短和最长月数",
            "months has for each severity the least and the most months",
        )
    elif len(set(months.get(Severity.SPECIFIC, ()))) > 1:
        yield (
            "months 中特定严重的最短和最长月数须相同：期间不得修复",
            "months has for specific records the same least and most: they cannot be repaired between",
        )


def _is_span(span: Any) -> bool:
    match span:
        case [int() as least, int() as most]:
            return 0 <= least <= most
    return False
