"""Objections (异议): who answers for a place says that a reason of its verdict is wrong.

An objection is a case of kind `contest` that names the reason by code, rule and fact (`ReasonKey`). While it is open
the reason is under review (复核中) and says so; the tier stays, or objecting would be the way to hide red. Upheld
(成立), it deletes nothing: the reason keeps the day until the facts are corrected and it no longer stands. Rejected
(不成立) or withdrawn (撤回), it leaves the reason as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from unicodedata import category

from layers.core.citytime import add_days, day_of, midnight
from layers.core.errors import BadQueryError
from layers.core.facts import Case
from layers.core.text import Text
from layers.core.tiers import Tier
from layers.core.verdict import Reason
from layers.core.workdays import add_working_days

CONTEST = "contest"
LEAST_WORDS, MOST_WORDS = 10, 500
ANSWER_WORKING_DAYS = 15  # our own default, as long as the check of a clue (投诉举报处理暂行办法)
_IN_ORDER = frozenset({Tier.NONE, Tier.BLUE})


class ContestKind(StrEnum):
    """What is said to be wrong."""

    FACT = "fact"  # 事实有误
    MENDED = "mended"  # 已整改
    RULE = "rule"  # 规则不适用
    OTHER = "other"


class Outcome(StrEnum):
    """How an objection ended."""

    UPHELD = "upheld"  # 成立
    REJECTED = "rejected"  # 不成立
    WITHDRAWN = "withdrawn"  # 撤回


DECISIONS = (Outcome.UPHELD, Outcome.REJECTED)


def answer_due(opened_at: datetime) -> datetime:
    """Return when an objection should be answered: by the end of the last working day."""
    return midnight(add_days(add_working_days(day_of(opened_at), ANSWER_WORKING_DAYS), 1))


def is_contestable(tier: Tier) -> bool:
    """Tell whether there is anything to object to in a reason of a tier."""
    return tier not in _IN_ORDER


def is_open(case: Case, at: datetime) -> bool:
    """Tell whether a case is open at a moment."""
    return case.opened_at <= at and (case.closed_at is None or case.closed_at > at)


def objection_words(given: str) -> str:
    """Return what somebody says is wrong, without blanks around it; raises `BadQueryError`."""
    words = legible(given)
    if not LEAST_WORDS <= len(words) <= MOST_WORDS:
        raise BadQueryError(
            "words",
            Text(
                f"请用 {LEAST_WORDS} 到 {MOST_WORDS} 个字说明哪里不对（现在 {len(words)} 个字）。",
                f"Say in {LEAST_WORDS} to {MOST_WORDS} characters what is wrong (now {len(words)}).",
            ),
        )
    return words


def decision_words(given: str) -> str:
    """Return the explanation of a decision, without blanks around it; raises `BadQueryError`."""
    words = legible(given)
    if not 1 <= len(words) <= MOST_WORDS:
        raise BadQueryError(
            "words",
            Text(
                f"请说明理由，不超过 {MOST_WORDS} 个字（现在 {len(words)} 个字）。",
                f"Explain the decision in at most {MOST_WORDS} characters (now {len(words)}).",
            ),
        )
    return words


def legible(given: str) -> str:
    """Return words without blanks around them and without what nobody can see and no database keeps."""
    return "".join(c for c in given if c in "\n\t" or category(c) not in {"Cc", "Cs"}).strip()


def marked(reasons: Sequence[Reason], cases: Iterable[Case], at: datetime) -> Sequence[Reason]:
    """Return reasons with what objections have to say of them at a moment; nothing else of them changes."""
    contests = [case for case in cases if case.about is not None and case.opened_at <= at]
    if not contests:
        return reasons
    return [
        _marked(reason, [case for case in contests if case.about == reason.key], at) for reason in reasons
    ]


def _marked(reason: Reason, contests: Sequence[Case], at: datetime) -> Reason:
    if not contests:
        return reason
    return reason._replace(
        contested=any(is_open(case, at) for case in contests),
        upheld_on=max(_days_upheld(reason, contests, at), default=None),
    )


def _days_upheld(reason: Reason, contests: Sequence[Case], at: datetime) -> list[date]:
    """Return the days on which objections to the very reason were upheld.

    One of another day rests on other facts: a permit that was corrected, and has since run out indeed.
    """
    return [
        day_of(case.closed_at)
        for case in contests
        if case.outcome == Outcome.UPHELD
        and case.about_on == reason.on
        and case.closed_at is not None
        and case.closed_at <= at
    ]
