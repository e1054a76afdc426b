"""The rule tables of the layers, read from the package's own files once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from data.tables import registry
from layers.core.rules import RuleTable, parse_table
from layers.core.spec import Layer
from layers.core.vetting import vet


def check_rules() -> None:
    """Read the tables of all layers; raises `RuleError` for the first that cannot be used."""
    for layer in registry:
        rules_of(layer)


def rules_of(layer: Layer) -> RuleTable:
    """Return the rule table of a layer; raises `RuleError` where it contradicts itself or the layer."""
    return _table(layer.id)


@cache
def _table(layer_id: str) -> RuleTable:
    layer = registry[layer_id]
    text = (files("layers") / "rules" / f"{layer.rules}.toml").read_text("utf-8")
    return vet(parse_table(text, layer.rules), layer)
