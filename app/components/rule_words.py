"""Rules in words: what one looks at, where and when it holds, what its outcomes and parameters are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.values import day
from app.context import Page
from layers.core.checks import REASONS_OF
from layers.core.reasons import outline
from layers.core.rules import Rule
from layers.core.spec import Layer


def chips(page: Page, rule: Rule, in_force: Rule | None) -> Iterator[Component]:
    """Yield where a rule holds, whether now, and whether it is verified."""
    yield html.Span(
        page.t("rules.city" if rule.city else "rules.everywhere", city=rule.city), className="chip"
    )
    if in_force is None:
        yield html.Span(page.t("rules.not_in_force"), className="chip")
    key = "rules.verified" if rule.verified else "rules.unverified"
    yield html.Span(page.t(key), className="chip verified" if rule.verified else "chip unverified")


def title_of(page: Page, layer: Layer, rule: Rule) -> str:
    """Return what a rule looks at; of permits, which."""
    title = page.t(f"rules.check.{rule.check}")
    kinds = [page.say(spec.title) for spec in layer.permits if spec.kind in rule.params.get("kinds", ())]
    return page.t("rules.of", title=title, kinds=page.t("explain.and").join(kinds)) if kinds else title


def span_of(page: Page, rule: Rule) -> str:
    """Return from when to when a version holds."""
    first, last = day(rule.valid_from, page), day(rule.valid_to, page)
    key = {(True, True): "span", (True, False): "since", (False, True): "until", (False, False): "ever"}
    return page.t(f"rules.{key[bool(first), bool(last)]}", first=first, last=last)


def outcome_words(page: Page, layer: Layer, rule: Rule, name: str) -> str:
    """Return an outcome in the words of the reasons, without their particulars."""
    field = layer.field_named(rule.params.get("field", ""))
    titles = {choice.value: page.say(choice.title) for choice in field.choices} if field else {}
    labels = {grade: label[page.language] for grade, label in rule.params.get("labels", {}).items()}
    if name in {"true", "false"}:
        return page.t("explain.yes" if name == "true" else "explain.no")
    prefix = REASONS_OF.get(rule.check, "field")
    words = labels.get(name) or titles.get(name) or outline(f"{prefix}.{name}", name, page.language)
    return f"{page.say(field.title)}: {words}" if field and name in titles else words


def plain(value: Any) -> str:
    """Return a parameter as the tables write it, on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name}: {plain(item)}" for name, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(plain, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)
