"""Rules changed by the authority: what a change would do, before it is made; the changes, their authors and reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from data.db import acting, asking, reading
from data.rules import rules_of, with_changes
from data.store import audit, rule_changes
from data.tables import registry
from data.what_if import Effect, effect_of
from layers.core.access import Action, Viewer
from layers.core.amend import entry_text, parse_entry, version_on
from layers.core.citytime import add_days, day_of, midnight
from layers.core.entries import Path, differences, with_entries
from layers.core.errors import ConflictError, ForbiddenError, UnknownLayerError, YipingError
from layers.core.rules import Rule, RuleError, RuleTable
from layers.core.spec import Layer
from layers.core.text import Text
from layers.core.tiers import Tier

MOST_DAYS_AHEAD = 730
LEAST_WHY, MOST_WHY, MOST_SOURCE = 5, 300, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A rule as somebody wants it from a day on; `version` is that of the table they looked at."""

    layer: str
    rule_id: str
    city: str
    version: str
    since: date
    said: Mapping[Path, str | bool]  # of the parameters, as forms say them
    tiers: Mapping[str, Tier]
    source: str
    verified: bool
    why: str


class RuleBook:
    """Questions and commands about the rules; changing them takes a viewer who may."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime], changed: Callable[[], object]) -> None:
        """`changed` has the places judged under the new rules."""
        self._engine = engine
        self._clock = clock
        self._changed = changed

    def table(self, layer: Layer) -> RuleTable:
        """Return the rules of a layer as they are in use."""
        with asking(self._engine) as connection:
            return rules_of(connection, layer)

    def changes(self, viewer: Viewer) -> list[dict[str, Any]]:
        """Return every change that was made, the newest first, with what it changed."""
        _need(viewer)
        with reading(self._engine) as connection:
            rows = rule_changes.listed(connection)
        return [_told(row, rows) for row in reversed(rows)]

    def try_out(self, proposal: Proposal, viewer: Viewer) -> Effect:
        """Return what a change would do on its first day; raises `YipingError` for one that cannot be."""
        _need(viewer)
        now = self._clock()
        with reading(self._engine) as connection:
            layer, rule = self._checked(connection, proposal, now)
            old, new = rules_of(connection, layer), _tried(connection, layer, rule)
            at = max(now, midnight(proposal.since))
            return effect_of(connection, layer, old, new, rule.city, at)

    def save(self, proposal: Proposal, viewer: Viewer) -> int:
        """Make a change and have the places judged by it; returns its number. Raises `YipingError`."""
        _need(viewer)
        now = self._clock()
        with acting(self._engine, viewer.name) as connection:
            rule_changes.lock(connection)
            layer, rule = self._checked(connection, proposal, now)
            _tried(connection, layer, rule)
            why = _words("why", proposal.why, LEAST_WHY, MOST_WHY)
            number = rule_changes.add(connection, layer.id, rule, why, now)
            told = {"rule": rule.id, "city": rule.city, "since": proposal.since, "why": why}
            audit.record(connection, viewer.name, "change_rule", f"rule_change:{number}", told)
        self._changed()
        return number

    def withdraw(self, number: int, viewer: Viewer) -> None:
        """Take a change back before its first day; raises `YipingError`."""
        _need(viewer)
        now = self._clock()
        take_back(self._engine, number, viewer.name, now, after=day_of(now))
        self._changed()

    def _checked(self, connection: Connection, proposal: Proposal, now: datetime) -> tuple[Layer, Rule]:
        """Return the layer and the rule as proposed; raises where it cannot be meant or nothing would change."""
        layer = _layer(proposal.layer)
        table = rules_of(connection, layer)
        if table.version != proposal.version:
            raise ConflictError(
                Text(
                    "规则在您打开本页后已被修改：请刷新后重填。",
                    "The rules have been changed since you opened this page: reload it and enter yours again.",
                )
            )
        _check_day(proposal.since, day_of(now))
        old = version_on(table.rules, proposal.rule_id, proposal.city, proposal.since)
        if old is None:
            raise RuleError(
                Text(
                    f"这条规则在 {proposal.since} 没有生效的版本：请换一天。",
                    f"No version of this rule is in force on {proposal.since}: choose another day.",
                )
            )
        return layer, _proposed(old, proposal)


def take_back(engine: Engine, number: int, actor: str, now: datetime, after: date) -> None:
    """Withdraw a change that begins after a day; raises `ConflictError` for any other."""
    with acting(engine, actor) as connection:
        rule_changes.lock(connection)
        rule_changes.withdraw(connection, number, actor, now, after)
        audit.record(connection, actor, "withdraw_rule_change", f"rule_change:{number}")


def _proposed(old: Rule, proposal: Proposal) -> Rule:
    params = with_entries(old.params, proposal.said)
    known = {outcome for outcome, tier in proposal.tiers.items() if tier is not Tier.BLUE}
    tiers = {o: tier for o, tier in proposal.tiers.items() if o in known | set(old.tiers)}
    source = _words("source", proposal.source, 1, MOST_SOURCE)
    shown = old.source if source in {old.source.zh, old.source.en} else Text(source, source)
    new = replace(
        old, valid_from=proposal.since, params=params, tiers=tiers, source=shown, verified=proposal.verified
    )
    if replace(new, valid_from=old.valid_from) == old:
        raise RuleError(
            Text(
                "没有任何改动：请先修改参数或分级。",
                "Nothing is changed: change a parameter or a tier first.",
            )
        )
    return new


def _tried(connection: Connection, layer: Layer, rule: Rule) -> RuleTable:
    """Return the table of a layer as it would be with one more change; raises `RuleError` where that is none."""
    changes = rule_changes.in_use(connection, layer.id)
    number = max((number for number, _ in changes), default=0) + 1
    return with_changes(layer, [*changes, (number, entry_text(rule))])


def _told(row: dict[str, Any], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return a change with what differs from the version it replaced, as that was when it was made."""
    layer = registry[row["layer"]]
    earlier = [
        (one["id"], one["entry"])
        for one in rows
        if one["layer"] == layer.id
        and one["id"] < row["id"]
        and not (one["withdrawn_at"] and one["withdrawn_at"] <= row["created_at"])
    ]
    new = parse_entry(row["entry"], layer.rules)
    old = version_on(with_changes(layer, earlier).rules, new.id, new.city, row["valid_from"])
    return {**row, "rule": new, "differs": _differences(old, new) if old else []}


def _differences(old: Rule, new: Rule) -> list[tuple[Path, str, str]]:
    """Return path, old and new words of what differs: parameters, then tiers, source and whether it is verified."""
    tiers = [{"tiers": {name: tier.value for name, tier in rule.tiers.items()}} for rule in (old, new)]
    rest = [{"source": rule.source.zh, "verified": rule.verified} for rule in (old, new)]
    return differences(old.params, new.params) + differences(*tiers) + differences(*rest)


def _layer(layer_id: str) -> Layer:
    if layer_id not in registry:
        raise UnknownLayerError(
            Text(
                f"没有图层 {layer_id!r}：请从规则列表打开。",
                f"There is no layer {layer_id!r}: open it from the list.",
            )
        )
    return registry[layer_id]


def _need(viewer: Viewer) -> None:
    if not viewer.may(Action.CHANGE_RULES):
        raise ForbiddenError(
            Text("规则由管理员修改：请用管理员账号登录。", "An administrator changes rules: sign in as one.")
        )


def _check_day(since: date, today: date) -> None:
    last = add_days(today, MOST_DAYS_AHEAD)
    if not today <= since <= last:
        raise RuleError(
            Text(
                f"生效日 {since} 不对：规则不能改过去，请选 {today} 到 {last} 之间的一天。",
                f"A rule cannot change on {since}, for the past stays as it was: choose a day from {today} to {last}.",
            )
        )


def _words(name: str, given: str, least: int, most: int) -> str:
    said = " ".join(given.split())
    if not least <= len(said) <= most:
        zh, en = {"why": ("修改原因", "the reason of the change"), "source": ("依据", "the source")}[name]
        raise YipingError(
            Text(
                f"请用 {least} 到 {most} 个字写明{zh}（现在 {len(said)} 个字）。",
                f"State {en} in {least} to {most} characters (now {len(said)}).",
            )
        )
    return said
