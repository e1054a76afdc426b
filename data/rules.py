"""The rule tables of the layers, read from the package's own files once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from layers.core.rules import RuleTable, parse_table
from layers.core.spec import Layer


@cache
def rule_table(name: str) -> RuleTable:
    """Return the table `layers/rules/<name>.toml`; raises `RuleError` where it contradicts itself."""
    return parse_table((files("layers") / "rules" / f"{name}.toml").read_text("utf-8"), name)


def rules_of(layer: Layer) -> RuleTable:
    """Return the rule table of a layer."""
    return rule_table(layer.rules)
