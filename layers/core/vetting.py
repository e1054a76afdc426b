"""What a rule table must satisfy beyond its own text, so that a slip of the pen stops the start and not a judgement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from layers.core import credit, publication
from layers.core.checks import CHECKS, CODES, OUTCOMES, PARAMS, penalty
from layers.core.rules import Rule, RuleError, RuleTable
from layers.core.spec import Layer
from layers.core.text import Text


def vet(table: RuleTable, layer: Layer) -> RuleTable:
    """Return the table of a layer; raises `RuleError` naming the rule that says what nobody understands."""
    for rule in table.rules:
        for zh, en in _faults(rule, layer):
            where = f"layers/rules/{layer.rules}.toml, {rule.id}"
            raise RuleError(Text(f"规则表 {where}：{zh}。", f"Rule table {where}: {en}."))
    return table


def _faults(rule: Rule, layer: Layer) -> Iterator[tuple[str, str]]:
    if rule.check not in CHECKS:
        yield f"没有检查 {rule.check!r}", f"there is no check {rule.check!r}; there are {', '.join(CHECKS)}"
        return
    for name in sorted(set(rule.params) - PARAMS[rule.check]):
        known = ", ".join(sorted(PARAMS[rule.check]))
        yield (
            f"检查 {rule.check} 没有参数 {name!r}",
            f"{rule.check} has no parameter {name!r}; it has {known}",
        )
    outcomes = OUTCOMES[rule.check]
    for name in sorted(rule.tiers):
        if outcomes is not None and _outcome(name) not in outcomes:
            yield f"检查 {rule.check} 没有结果 {name!r}", f"{rule.check} has no outcome {name!r}"
    if rule.check == credit.CHECK:
        yield from credit.faults(rule.params)
    if rule.check == publication.CHECK:
        yield from publication.faults(rule.params)
    yield from _of_layer(rule, layer)
    yield from _of_values(rule)


def _of_values(rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield what no check could work with."""
    params = rule.params
    matrix = params.get("matrix", {})
    for name in ("risk_of", "risk_default"):
        for value in _values(params.get(name)):
            if matrix and value not in matrix:
                yield f"{name} 的 {value!r} 不是 matrix 的行", f"{value!r} of {name} is no row of the matrix"
    for name in ("credit_of", "credit_default"):
        for value in _values(params.get(name)):
            if any(value not in row for row in matrix.values()):
                yield (
                    f"{name} 的 {value!r} 不是 matrix 的列",
                    f"{value!r} of {name} is no column of the matrix",
                )
    if rule.check == penalty.CHECK and not _rises(params.get("fine_cny", ())):
        yield "fine_cny 须为由低到高的两个数", "fine_cny is two numbers, the lower first"
    if not all(map(_is_window, params.get("windows", ()))):
        yield (
            "windows 的每一项须有 name、from、to（时刻，先后有序）和 days（日期）",
            "each of windows has a name, from and to (local times, in order) and days (dates)",
        )


def _values(given: Any) -> Iterator[Any]:
    yield from given.values() if isinstance(given, dict) else [] if given is None else [given]


def _rises(pair: Any) -> bool:
    return len(pair) == 2 and all(isinstance(n, int | float) for n in pair) and pair[0] <= pair[1]


def _is_window(entry: Any) -> bool:
    if not isinstance(entry, dict) or set(entry) - {"name", "from", "to", "days"}:
        return False
    first, last, days = entry.get("from"), entry.get("to"), entry.get("days", [])
    if not (isinstance(first, datetime) and isinstance(last, datetime)) or first.tzinfo or last.tzinfo:
        return False
    return first < last and all(isinstance(day, date) and not isinstance(day, datetime) for day in days)


def _of_layer(rule: Rule, layer: Layer) -> Iterator[tuple[str, str]]:
    """Yield what the rule speaks of and the layer does not have."""
    visits = {spec.kind for spec in layer.inspections}
    known = {
        "categories": {choice.value for choice in layer.categories},
        "replaced_by": {spec.kind for spec in layer.permits},
    }
    if rule.check == "permits":
        known["kinds"] = known["replaced_by"]
    elif rule.check.startswith("inspection"):
        known["kinds"] = visits
    for name, values in known.items():
        for value in sorted(set(rule.params.get(name, ())) - values):
            yield f"图层没有 {value!r}（{name}）", f"the layer has no {value!r} among its {name}"
    for code in sorted(set(rule.params.get("codes", ())) - CODES):
        yield f"没有理由 {code!r}", f"there is no reason {code!r}"
    field = rule.params.get("field")
    if field is not None and layer.field_named(field) is None:
        yield f"图层没有字段 {field!r}", f"the layer has no field {field!r}"


def _outcome(name: str) -> str:
    return "expiring" if name.startswith("expiring_") else name
