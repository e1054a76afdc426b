"""How a kind of permit stands on a day, given all permits of the kind a place has ever had.

Of the permits in force the one that lasts longest counts, together with successors that join without a gap.
If none is in force, the latest tells what happened. A renewal applied for in time and not answered before
the term ended is deemed granted (行政许可法 Art. 50). A permit that was cancelled, refused or withdrawn is as if
it had never been.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from layers.core.citytime import add_days
from layers.core.facts import PENDING, TAKEN_BACK, USABLE, VOID, Permit, PermitState
from layers.core.tiers import PermitStatus
from layers.core.workdays import add_working_days


@dataclass(frozen=True, slots=True)
class Terms:
    """Days before the end at which a permit counts as expiring (rising), and the notice in days a renewal needs."""

    expiring: tuple[int, ...] = (7, 30, 90)
    renewal_notice: int = 30
    in_working_days: bool = False

    def last_day_to_renew(self, end: date) -> date:
        """Return the last day on which a renewal of a term that ends on a day is applied for in time."""
        count = add_working_days if self.in_working_days else add_days
        return count(end, -self.renewal_notice)


TermsOf = Callable[[Permit], Terms]  # the terms of a permit: those of the rules on the day it was decided


@dataclass(frozen=True, slots=True)
class Standing:
    """The status, its outcome, the permit it rests on, that permit's day, and the day it turns by itself."""

    status: PermitStatus
    outcome: str
    permit: Permit | None = None
    on: date | None = None
    turns: date | None = None


def begins(permit: Permit) -> date:
    """Return the first day in term; without one it has always been."""
    return permit.valid_from or date.min


def ends(permit: Permit) -> date:
    """Return the last day in term; without one it never ends."""
    return permit.valid_to or date.max


def standing(permits: Sequence[Permit], day: date, terms_of: TermsOf) -> Standing:
    """Return how permits of one kind stand on a day, each by the terms of its own."""
    usable = [permit for permit in permits if permit.state in USABLE]
    in_force = [permit for permit in usable if begins(permit) <= day <= ends(permit)]
    if in_force:
        return _in_force(in_force, usable, day, terms_of)
    live = [permit for permit in permits if permit.state not in VOID]
    if not live:
        return Standing(PermitStatus.MISSING, "missing")
    turns = _next_start(live, day)
    if begun := [permit for permit in live if _has_begun(permit, day)]:
        return _not_in_force(begun, day, terms_of, turns)
    ahead = min((p for p in live if p.state not in PENDING), key=begins, default=None)
    if ahead is not None:
        return Standing(PermitStatus.PENDING, "granted_ahead", ahead, begins(ahead), turns)
    return Standing(PermitStatus.PENDING, "applied", live[0], live[0].valid_from, turns)


def _has_begun(permit: Permit, day: date) -> bool:
    if permit.state in TAKEN_BACK:
        return True
    return permit.state not in PENDING and begins(permit) <= day


def _next_start(live: Sequence[Permit], day: date) -> date | None:
    starts = (begins(p) for p in live if p.state not in PENDING)
    return min((start for start in starts if start > day), default=None)


def _in_force(in_force: Sequence[Permit], usable: Sequence[Permit], day: date, terms_of: TermsOf) -> Standing:
    last = max(in_force, key=ends)
    for permit in sorted(usable, key=begins) if len(usable) > 1 else ():
        if begins(permit) <= add_days(ends(last), 1) and ends(permit) > ends(last):
            last = permit
    end = ends(last)
    if end == date.max:
        return Standing(PermitStatus.VALID, "valid_open", last)
    applied = [p.renewal_applied_on for p in usable if ends(p) == end and _renewed_in_time(p, terms_of)]
    if any(on is not None and on <= day for on in applied):
        return Standing(PermitStatus.VALID, "renewing", last, end, add_days(end, 1))
    left, terms = (end - day).days, terms_of(last)
    reached = next((threshold for threshold in terms.expiring if left <= threshold), None)
    below = [threshold for threshold in terms.expiring if threshold < left]
    turns = add_days(end, -below[-1]) if below else add_days(end, 1)
    turns = min([turns, *(on for on in applied if on is not None)])
    if reached is None:
        return Standing(PermitStatus.VALID, "valid", last, end, turns)
    return Standing(PermitStatus.EXPIRING, f"expiring_{reached}", last, end, turns)


def _renewed_in_time(permit: Permit, terms_of: TermsOf) -> bool:
    on = permit.renewal_applied_on
    return on is not None and on <= terms_of(permit).last_day_to_renew(ends(permit))


def _not_in_force(begun: Sequence[Permit], day: date, terms_of: TermsOf, turns: date | None) -> Standing:
    suspended = [p for p in begun if p.state is PermitState.SUSPENDED and day <= ends(p)]
    if suspended:
        permit = max(suspended, key=ends)
        end = None if permit.valid_to is None else add_days(permit.valid_to, 1)
        return Standing(PermitStatus.SUSPENDED, "suspended", permit, permit.valid_to, _earlier(turns, end))
    latest = max(begun, key=_issued)
    if latest.state in TAKEN_BACK:
        return Standing(PermitStatus.REVOKED, "revoked", latest, latest.valid_to, turns)
    if _renewed_in_time(latest, terms_of):
        return Standing(PermitStatus.VALID, "deemed_renewed", latest, latest.valid_to, turns)
    if latest.state is PermitState.RENEWING and latest.renewal_applied_on is None:
        return Standing(PermitStatus.PENDING, "renewal_undated", latest, latest.valid_to, turns)
    return Standing(PermitStatus.EXPIRED, "expired", latest, latest.valid_to, turns)


def _issued(permit: Permit) -> tuple[date, date]:
    if permit.state in TAKEN_BACK and permit.valid_from is None:
        return date.max, date.max
    return begins(permit), ends(permit)


def _earlier(first: date | None, second: date | None) -> date | None:
    return min((day for day in (first, second) if day is not None), default=None)
