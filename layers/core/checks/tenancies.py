"""Tenancies: which registered addresses of a building are zombies (僵尸住所), and which leases ran out.

A zombie address is registered on a licence while its tenant is suspected gone, notified, verified gone or
on the list of abnormal operations. Params: `some_share`, `many_share` (share of registered addresses from
which the outcome is zombie_many and zombie_most; single ones below are zombie_some).
Outcomes: in_order, lease_ended, zombie_some, zombie_many, zombie_most, abnormal.
"""

from __future__ import annotations

from datetime import date, datetime

from layers.core.citytime import add_days, day_of
from layers.core.facts import Facts, Tenancy, TenancyState
from layers.core.findings import Findings
from layers.core.rules import Rule
from layers.core.spec import Layer

PARAMS = frozenset({"some_share", "many_share"})
OUTCOMES = frozenset({"in_order", "lease_ended", "zombie_some", "zombie_many", "zombie_most", "abnormal"})
CODES = frozenset({"tenancy.in_order", "tenancy.lease_ended", "tenancy.zombie", "tenancy.abnormal"})

ZOMBIE = frozenset(
    {TenancyState.SUSPECTED, TenancyState.NOTIFIED, TenancyState.VERIFIED_GONE, TenancyState.ABNORMAL_LIST}
)


def check_tenancies(found: Findings, layer: Layer, facts: Facts, rule: Rule, at: datetime) -> None:
    """Judge a building by the registered addresses in it; none known gives no reason."""
    day = day_of(at)
    registered = [
        t
        for t in facts.tenancies
        if t.registered
        and t.state is not TenancyState.RELEASED
        and (t.valid_from is None or t.valid_from <= day)
    ]
    for tenancy in facts.tenancies:
        _turns(found, tenancy, day)
    if not registered:
        return
    zombies = [t for t in registered if t.state in ZOMBIE]
    ended = [t for t in registered if t.state not in ZOMBIE and _lease_is_over(t, day)]
    abnormal = [t for t in zombies if t.state is TenancyState.ABNORMAL_LIST]
    if zombies:
        _say_zombies(found, rule, len(zombies), len(registered))
    if abnormal:
        found.say(rule, "tenancy.abnormal", "abnormal", {"n": len(abnormal)}, fact="tenancies")
    if ended:
        found.say(rule, "tenancy.lease_ended", "lease_ended", {"n": len(ended)}, fact="tenancies")
    if not (zombies or ended):
        found.say(rule, "tenancy.in_order", "in_order", {"n": len(registered)}, fact="tenancies")


def _lease_is_over(tenancy: Tenancy, day: date) -> bool:
    if tenancy.state is TenancyState.LEASE_ENDED:
        return True
    return tenancy.valid_to is not None and tenancy.valid_to < day


def _turns(found: Findings, tenancy: Tenancy, day: date) -> None:
    if tenancy.valid_to is not None and tenancy.valid_to >= day:
        found.turns_on(add_days(tenancy.valid_to, 1))
    if tenancy.valid_from is not None and tenancy.valid_from > day:
        found.turns_on(tenancy.valid_from)


def _say_zombies(found: Findings, rule: Rule, zombies: int, registered: int) -> None:
    share = zombies / registered
    outcome = "zombie_some"
    if share >= rule.params.get("many_share", 0.25):
        outcome = "zombie_most"
    elif share >= rule.params.get("some_share", 0.1):
        outcome = "zombie_many"
    words = {"n": zombies, "total": registered, "percent": round(share * 100)}
    found.say(rule, "tenancy.zombie", outcome, {**words}, fact="tenancies")
