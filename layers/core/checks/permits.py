"""Permits: has the place every permit its layer requires, in term, on this day?

Params: `kinds` (default: all of the layer), `replaced_by` (kinds that stand in for them), `expiring` (days
before the end, default 90, 30, 7), `renewal_days` or `renewal_working_days` (how long before the end a renewal must be
applied for, default 30 days). What is required follows the rule of the day; of `expiring` and renewal, the version in
force when the permit was decided counts (no day of decision: when its term began).
Outcomes: valid, valid_open, renewing, deemed_renewed, expiring_<days>, applied, granted_ahead,
renewal_undated, suspended, expired, missing, revoked, and unrecorded for a place no authority has any
record of.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from layers.core.checks.standing import Standing, Terms, standing
from layers.core.checks.visits import first_record, has_no_record, is_closed
from layers.core.citytime import day_of
from layers.core.facts import Facts, Permit
from layers.core.findings import Findings
from layers.core.rules import Rule
from layers.core.spec import Layer, PermitSpec, When
from layers.core.tiers import PermitStatus
from layers.core.verdict import Param

PARAMS = frozenset({"kinds", "replaced_by", "expiring", "renewal_days", "renewal_working_days"})
OUTCOMES = frozenset(
    {
        "valid",
        "valid_open",
        "renewing",
        "deemed_renewed",
        "expiring",
        "applied",
        "granted_ahead",
        "renewal_undated",
        "suspended",
        "expired",
        "missing",
        "revoked",
        "unrecorded",
    }
)
CODES = frozenset(f"permit.{outcome}" for outcome in OUTCOMES)


def check_permits(found: Findings, layer: Layer, facts: Facts, rule: Rule, at: datetime) -> None:
    """Judge every required permit the rule speaks of; a business that is gone needs none."""
    kinds = rule.params.get("kinds")
    required = [
        spec
        for spec in layer.permits
        if (kinds is None or spec.kind in kinds)
        and spec.required is not None
        and _is_required(spec.required, facts)
    ]
    if not required or is_closed(facts, at):
        return
    day = day_of(at)

    def terms_of(permit: Permit) -> Terms:
        decided = permit.decided_on or permit.valid_from
        return _terms(rule if decided is None else rule.as_of(decided, facts.city))

    for spec in required:
        accepted = (spec.kind, *rule.params.get("replaced_by", ()))
        stands = standing([p for p in facts.permits if p.kind in accepted], day, terms_of)
        if stands.status is PermitStatus.MISSING and has_no_record(facts, at):
            stands = Standing(PermitStatus.MISSING, "unrecorded", turns=first_record(facts, at))
        found.statuses.append(stands.status)
        found.turns_on(stands.turns)
        _say(found, layer, spec, rule, stands)


def _is_required(conditions: Sequence[When], facts: Facts) -> bool:
    return all(holds(when, facts) for when in conditions)


def holds(when: When, facts: Facts) -> bool:
    """Tell whether a condition of a layer holds for a place; an unknown value satisfies `not_in` only."""
    value = facts.category if when.field == "category" else facts.attributes.get(when.field)
    if when.operator == "true":
        return value is True
    accepted = when.value if isinstance(when.value, tuple) else (when.value,)
    named = (
        any(v in accepted for v in value)
        if isinstance(value, tuple)
        else value is not None and value in accepted
    )
    return named is (when.operator != "not_in")


def _terms(rule: Rule) -> Terms:
    params = rule.params
    if not {"expiring", "renewal_days", "renewal_working_days"} & set(params):
        return _DEFAULT
    expiring = tuple(sorted(params.get("expiring", _DEFAULT.expiring)))
    if (working := params.get("renewal_working_days")) is not None:
        return Terms(expiring, working, in_working_days=True)
    return Terms(expiring, params.get("renewal_days", _DEFAULT.renewal_notice))


_DEFAULT = Terms()


def _say(found: Findings, layer: Layer, spec: PermitSpec, rule: Rule, stands: Standing) -> None:
    permit = stands.permit
    held = layer.permit_of(permit.kind) if permit is not None and permit.kind != spec.kind else spec
    params: dict[str, Param] = {"kind": (held or spec).title}
    if stands.on is not None:
        params["date"] = stands.on.isoformat()
    outcome = "expiring" if stands.outcome.startswith("expiring_") else stands.outcome
    fact = f"permit:{permit.id}" if permit is not None and permit.id is not None else "place"
    found.say(rule, f"permit.{outcome}", stands.outcome, params, fact=fact, on=stands.on)
