"""Fields: what a layer's own field says by its value or by its age.

`field_value`: params `field`, and `below`, `above` (numbers: outcomes below, above, within), or nothing
(the outcome is the value itself; true and false for a boolean); `as_state = true` makes the value the
layer's state. An outcome the table gives no tier is no reason, so that a value nobody judges stays silent.

`field_age`: params `field` (a date), `ageing_days`, `stale_days`; outcomes fresh, ageing, stale.
"""

from __future__ import annotations

from datetime import date, datetime

from layers.core.citytime import add_days, day_of
from layers.core.facts import Facts
from layers.core.findings import Findings
from layers.core.rules import Rule
from layers.core.spec import Field, Layer
from layers.core.text import Text
from layers.core.verdict import Param

VALUE_PARAMS = frozenset({"field", "below", "above", "as_state"})
AGE_PARAMS = frozenset({"field", "ageing_days", "stale_days"})
AGE_OUTCOMES = frozenset({"fresh", "ageing", "stale"})
CODES = frozenset({"field.value", "field.below", "field.above", "field.within"}) | frozenset(
    f"field.{outcome}" for outcome in AGE_OUTCOMES
)

_YES, _NO = Text("是", "yes"), Text("否", "no")


def check_field_value(found: Findings, layer: Layer, facts: Facts, rule: Rule, at: datetime) -> None:
    """Give the tier of a field's value."""
    name: str = rule.params["field"]
    value = facts.attributes.get(name)
    field = layer.field_named(name)
    if value is None or value == "" or field is None or isinstance(value, tuple):
        return
    outcome, code = _value_outcome(rule, value)
    if rule.params.get("as_state"):
        found.state = str(value)
    if outcome in rule.tiers:
        words: dict[str, Param] = {"field": field.title, "value": _words(field, value)}
        if code in {"below", "above"}:
            words["limit"] = rule.params[code]
        found.say(rule, f"field.{code}", outcome, words)


def _value_outcome(rule: Rule, value: object) -> tuple[str, str]:
    if isinstance(value, bool):
        return str(value).lower(), "value"
    if isinstance(value, int | float) and ("below" in rule.params or "above" in rule.params):
        if "below" in rule.params and value < rule.params["below"]:
            return "below", "below"
        if "above" in rule.params and value > rule.params["above"]:
            return "above", "above"
        return "within", "within"
    return str(value), "value"


def _words(field: Field, value: object) -> Param:
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, int | float):
        return value
    return next((choice.title for choice in field.choices if choice.value == value), str(value))


def check_field_age(found: Findings, layer: Layer, facts: Facts, rule: Rule, at: datetime) -> None:
    """Give the tier of a date's age; without a date there is no reason."""
    name: str = rule.params["field"]
    field = layer.field_named(name)
    since = facts.attributes.get(name)
    if field is None or not isinstance(since, date):
        return
    day = day_of(at)
    ageing = add_days(since, rule.params["ageing_days"])
    stale = add_days(since, rule.params["stale_days"])
    outcome = "stale" if day >= stale else "ageing" if day >= ageing else "fresh"
    found.turns_on(next((turn for turn in sorted((ageing, stale)) if turn > day), None))
    found.say(rule, f"field.{outcome}", outcome, {"field": field.title, "date": since.isoformat()}, on=since)
