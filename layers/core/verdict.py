"""The outcome of a judgement, with everything needed to explain it to the person concerned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from layers.core.text import Text
from layers.core.tiers import PermitStatus, Tier

Param = str | int | float | Text
_NO_SOURCE = Text("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a place has (at least) a tier: the fact, the rule that applies to it, and the rule's source."""

    code: str
    tier: Tier
    params: Mapping[str, Param] = field(default_factory=dict)
    fact: str = ""  # what it rests on: "permit:12", "inspection:7", "place"
    on: date | None = None  # the day the fact happened or turns
    rule_id: str = ""
    source: Text = _NO_SOURCE
    verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Permit status, tier, reasons (worst first), the layer's own state, and when it may change by itself."""

    status: PermitStatus
    tier: Tier
    reasons: tuple[Reason, ...]
    rule_version: str
    state: str = ""
    next_change: datetime | None = None
