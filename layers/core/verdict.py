"""The outcome of a judgement, with everything needed to explain it to the person concerned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple

from layers.core.text import Text
from layers.core.tiers import PermitStatus, Tier

Param = str | int | float | Text
_NO_SOURCE = Text("", "")


class ReasonKey(NamedTuple):
    """What makes a reason the same one in a later verdict: what is said, by which rule, of which fact."""

    code: str
    rule_id: str
    fact: str


class Reason(NamedTuple):
    """Why a place has (at least) a tier: the fact, the rule that applies to it, and the rule's source."""

    code: str
    tier: Tier
    params: Mapping[str, Param] = MappingProxyType({})
    fact: str = ""  # what it rests on: "permit:12", "inspection:7", "place"
    on: date | None = None  # the day the fact happened or turns
    rule_id: str = ""
    source: Text = _NO_SOURCE
    verified: bool = False
    contested: bool = False  # 复核中: an objection to it is open
    repairing: bool = False  # 修复中: the repair of the credit record it rests on is under way
    upheld_on: date | None = None  # the day an objection to it was upheld, while it still stands

    @property
    def key(self) -> ReasonKey:
        """What an objection to this reason names."""
        return ReasonKey(self.code, self.rule_id, self.fact)


class Verdict(NamedTuple):
    """Permit status, tier, reasons (worst first), the layer's own state, and when it may change by itself."""

    status: PermitStatus
    tier: Tier
    reasons: tuple[Reason, ...]
    rule_version: str
    state: str = ""
    next_change: datetime | None = None
