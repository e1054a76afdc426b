"""The explanation of a verdict in words: facts, rules, result."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from sqlalchemy import Engine

from data.rules import rules_of
from data.status import verdict_of
from data.tables import registry
from layers.core.citytime import day_of
from layers.core.errors import UnknownPlaceError
from layers.core.reasons import describe


def explain_place(engine: Engine, place_id: int, at: datetime) -> str:
    """Return facts, applying rules and verdict of a place as of a moment; raises `UnknownPlaceError`."""
    with engine.connect() as connection:
        found = verdict_of(connection, place_id, at)
    if found is None:
        raise UnknownPlaceError(f"There is no place {place_id}: check the number.")
    facts, verdict = found
    layer = registry[facts.layer]
    lines = [f"{layer.title.en} · place {place_id} · as of {at.isoformat()}", "", "Facts"]
    for field in fields(facts):
        value = getattr(facts, field.name)
        if isinstance(value, tuple):
            lines += [f"  {item}" for item in value]
        elif value not in ("", {}, None):
            lines.append(f"  {field.name}: {value}")
    lines += ["", f"Rules in force on {day_of(at)} (version {verdict.rule_version})"]
    for rule in rules_of(layer).applying(day_of(at), facts.city):
        lines.append(
            f"  {rule.id} [{rule.check}] {'verified' if rule.verified else 'UNVERIFIED'} · {rule.source.en}"
        )
    lines += [
        "",
        f"Result: tier {verdict.tier}, permit status {verdict.status}, state {verdict.state or '-'}",
    ]
    for reason in verdict.reasons:
        lines.append(
            f"  {reason.tier}: {describe(reason.code, reason.params, 'en')} ({reason.rule_id}; {reason.fact})"
        )
    lines.append(f"  next change: {verdict.next_change or '-'}")
    return "\n".join(lines)
