"""What the checks find, each adding to what those before it found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from layers.core.citytime import midnight
from layers.core.rules import Rule
from layers.core.tiers import PermitStatus
from layers.core.verdict import Param, Reason


@dataclass(slots=True)
class Findings:
    """Reasons, permit statuses, the layer's state and the moments at which any of them turns by itself."""

    reasons: list[Reason] = field(default_factory=list)
    statuses: list[PermitStatus] = field(default_factory=list)
    changes: list[datetime] = field(default_factory=list)
    state: str = ""

    def say(
        self,
        rule: Rule,
        code: str,
        outcome: str,
        params: dict[str, Param] | None = None,
        *,
        fact: str = "place",
        on: date | None = None,
        repairing: bool = False,
    ) -> None:
        """Give a reason: what is the case (`code`), and the tier the rule gives to that `outcome`."""
        self.reasons.append(
            Reason(
                code=code,
                tier=rule.tier(outcome),
                params=params or {},
                fact=fact,
                on=on,
                rule_id=rule.id,
                source=rule.source,
                verified=rule.verified,
                repairing=repairing,
            )
        )

    def turns_on(self, day: date | None) -> None:
        """Note that the outcome turns when a day begins in the city; the calendar's ends never come."""
        if day is not None and date.min < day < date.max:
            self.changes.append(midnight(day))
