"""The rule tables of the layers: the package's own files, and what an authority has changed in them since."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files

from sqlalchemy import Connection

from data.store import rule_changes
from data.tables import registry
from layers.core.amend import Amendment, amended, parse_entry
from layers.core.rules import RuleTable, parse_table
from layers.core.spec import Layer
from layers.core.vetting import vet


def check_rules(connection: Connection | None = None) -> None:
    """Read the tables of all layers, with a connection also as changed; raises `RuleError` for the first fault."""
    for layer in registry:
        packaged_rules(layer)
        if connection is not None:
            rules_of(connection, layer)


def rules_of(connection: Connection, layer: Layer) -> RuleTable:
    """Return the rule table of a layer as it is in use; raises `RuleError` where a change does not fit any more."""
    return _in_use(layer.id, rule_changes.in_use(connection, layer.id))


def packaged_rules(layer: Layer) -> RuleTable:
    """Return the table that comes with the package; raises `RuleError` where it contradicts itself or the layer."""
    return _packaged(layer.id)


@cache
def _packaged(layer_id: str) -> RuleTable:
    layer = registry[layer_id]
    source = (files("layers") / "rules" / f"{layer.rules}.toml").read_text("utf-8")
    return vet(parse_table(source, layer.rules), layer)


@lru_cache(maxsize=32)
def _in_use(layer_id: str, changes: tuple[tuple[int, str], ...]) -> RuleTable:
    """Return one and the same table for the same changes, which keeps what it remembers of its days."""
    return with_changes(registry[layer_id], changes)


def with_changes(layer: Layer, changes: Iterable[tuple[int, str]]) -> RuleTable:
    """Return the package's table with changes, each a number and an entry; raises `RuleError`."""
    amendments = (Amendment(number, parse_entry(entry, layer.rules)) for number, entry in changes)
    return vet(amended(packaged_rules(layer), amendments, layer.rules), layer)
