"""The explanation of a verdict in words: facts, rules, result. Times are the city's, personal details are masked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine

from data.rules import rules_of
from data.status import verdict_of
from data.tables import registry
from layers.core.access import MASKS
from layers.core.citytime import CITY_TIME, day_of
from layers.core.errors import UnknownPlaceError
from layers.core.facts import Facts, Night
from layers.core.reasons import describe
from layers.core.spec import Field, Layer
from layers.core.verdict import Verdict

_RECORDS = ("permits", "inspections", "tenancies", "cases", "readings")


def explain_place(engine: Engine, place_id: int, at: datetime) -> str:
    """Return facts, applying rules and verdict of a place as of a moment; raises `UnknownPlaceError`."""
    with engine.connect() as connection:
        found = verdict_of(connection, place_id, at)
    if found is None:
        raise UnknownPlaceError(place_id)
    facts, verdict = found
    layer = registry[facts.layer]
    lines = [f"{layer.title.en} · place {place_id} · as of {_said(at)}", ""]
    lines += ["Facts", *_facts(layer, facts), ""]
    lines += [
        f"Rules in force on {day_of(at)} (version {verdict.rule_version})",
        *_rules(layer, facts, at),
        "",
    ]
    return "\n".join([*lines, *_result(verdict)])


def _facts(layer: Layer, facts: Facts) -> Iterator[str]:
    category = next((c.title.en for c in layer.categories if c.value == facts.category), facts.category)
    yield f"  {layer.category.en}: {category}"
    yield f"  Area: {facts.city or '-'}"
    for name, value in facts.attributes.items():
        field = layer.field_named(name)
        if field is not None and value not in (None, "", ()):
            yield f"  {field.title.en}: {_value(field, value)}"
    for name in _RECORDS:
        for record in getattr(facts, name):
            known = ((part.name.replace("_", " "), getattr(record, part.name)) for part in fields(record))
            said = "; ".join(f"{word} {_said(value)}" for word, value in known if value not in (None, "", ()))
            yield f"  {type(record).__name__}: {said}"


def _value(field: Field, value: Any) -> str:
    if field.mask:
        return MASKS[field.mask](str(value))
    titles = {choice.value: choice.title.en for choice in field.choices}
    values = value if isinstance(value, list | tuple) else (value,)
    words = ", ".join(titles.get(str(item), _said(item)) for item in values)
    return f"{words} {field.unit.en}".strip() if field.unit else words


def _said(value: Any) -> str:
    """Return a value as an operator reads it: a moment in the city's time with its offset, yes and no."""
    if isinstance(value, datetime):
        return value.astimezone(CITY_TIME).isoformat(" ", "minutes")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Night):
        return f"{_said(value.starts_at)} to {_said(value.ends_at)}"
    if isinstance(value, tuple):
        return ", ".join(map(_said, value))
    if isinstance(value, float):
        return f"{value:g}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _rules(layer: Layer, facts: Facts, at: datetime) -> Iterator[str]:
    for rule in rules_of(layer).applying(day_of(at), facts.city):
        verified = "verified" if rule.verified else "UNVERIFIED"
        yield f"  {rule.id} [{rule.check}] {verified} · {rule.source.en}"


def _result(verdict: Verdict) -> Iterator[str]:
    yield f"Result: tier {verdict.tier}, permit status {verdict.status}, state {verdict.state or '-'}"
    for reason in verdict.reasons:
        words = describe(reason.code, reason.params, "en")
        yield f"  {reason.tier}: {words} ({reason.rule_id}; {reason.fact})"
    yield f"  next change: {_said(verdict.next_change) if verdict.next_change else '-'}"
