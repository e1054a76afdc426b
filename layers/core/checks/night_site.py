"""A building site read for a judgement: its nights over all permits, its rhythm, the bans around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from layers.core.facts import USABLE, Facts, Permit
from layers.core.night import (
    BanWindow,
    NightSpan,
    Rhythm,
    ban_windows,
    coming_night,
    next_edge,
    night_of_day,
    nights_between,
    refused_nights,
)
from layers.core.rules import Rule


@dataclass(frozen=True, slots=True)
class Plan:
    """One night a permit speaks of: [starts_at, ends_at) in the night of day `night`."""

    permit: Permit
    night: date
    starts_at: datetime
    ends_at: datetime

    @property
    def usable(self) -> bool:
        """Whether the permit is granted, as far as its authority has said."""
        return self.permit.state in USABLE

    @property
    def emergency(self) -> bool:
        """Whether it is an emergency repair (抢修抢险), which no rhythm and no noise limit binds."""
        return self.permit.basis == "emergency"

    @property
    def fact(self) -> str:
        """The permit as the fact a reason rests on."""
        return f"permit:{self.permit.id}" if self.permit.id is not None else "permit"


@dataclass(frozen=True, slots=True)
class Site:
    """All plans of a site, tonight, the nights it is allowed, those its rhythm refuses, the bans."""

    plans: tuple[Plan, ...]
    tonight: NightSpan
    rhythm: Rhythm
    nights: frozenset[date]
    refused: frozenset[date]
    windows: tuple[BanWindow, ...]

    def window(self, night: NightSpan) -> BanWindow | None:
        """Return the ban a night lies in."""
        return next((window for window in self.windows if window.bans_night(night)), None)

    def last_plan(self) -> Plan | None:
        """Return the last granted plan before tonight, None if one is still to come."""
        granted = [plan for plan in self.plans if plan.usable]
        if any(plan.night > self.tonight.day for plan in granted):
            return None
        return max(granted, key=lambda plan: plan.night, default=None)

    def edges(self, at: datetime) -> list[datetime]:
        """Return the moments after `at` at which the site turns: the night's hours and its permits'."""
        hours = [edge for plan in self.plans for edge in (plan.starts_at, plan.ends_at) if edge > at]
        return [next_edge(at), *hours]


def read_site(facts: Facts, rule: Rule, at: datetime) -> Site:
    """Read the permits of a site for the night going on or coming."""
    kind = rule.params.get("kind", "night_work")
    plans = tuple(plan for permit in facts.permits if permit.kind == kind for plan in _plans(permit))
    nights = frozenset(plan.night for plan in plans if plan.usable and not plan.emergency)
    rhythm = Rhythm(
        rule.params.get("max_run", 3),
        rule.params.get("rest", 1),
        rule.params.get("max_per_month"),
        rule.params.get("weekend_ok", True),
    )
    refused = refused_nights(nights, rhythm)
    return Site(plans, coming_night(at), rhythm, nights, refused, ban_windows(rule.params))


def _plans(permit: Permit) -> list[Plan]:
    """Return the nights of a permit; one that names a term only means every night that begins in it."""
    if permit.nights or permit.valid_from is None or permit.valid_to is None:
        return [Plan(permit, coming_night(n.starts_at).day, n.starts_at, n.ends_at) for n in permit.nights]
    spans = (night_of_day(day) for day in nights_between(permit.valid_from, permit.valid_to))
    return [Plan(permit, span.day, span.starts_at, span.ends_at) for span in spans]
