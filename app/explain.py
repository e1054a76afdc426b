"""The explanation of a verdict in words: facts, rules, result. Times are the city's, personal details are masked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from app.i18n import t
from data.explain import Explanation
from layers.core.access import MASKS
from layers.core.citytime import CITY_TIME, day_of
from layers.core.credit import SEVERITY_WORDS, STAGE_WORDS
from layers.core.facts import Night, Repair, Severity
from layers.core.reasons import describe
from layers.core.spec import Field
from layers.core.text import Language
from layers.core.workdays import FIRST_YEAR, LAST_YEAR

_RECORDS = ("permits", "inspections", "tenancies", "cases", "readings", "credit")
_WORDS = {  # of a value of a record, where it has some
    ("permits", "state"): "permit.{}",
    ("inspections", "result"): "result.{}",
    ("tenancies", "state"): "tenancy.{}",
    ("cases", "kind"): "case.{}",
    ("cases", "stage"): "stage.{}",
}


def words_of(known: Explanation, language: Language) -> str:
    """Return an explanation as lines of text."""
    return "\n".join(_Speaker(known, language).lines())


class _Speaker:
    def __init__(self, known: Explanation, language: Language) -> None:
        self.known, self.language = known, language
        layer = known.layer
        self.kinds: dict[str, str] = {spec.kind: spec.title.in_(language) for spec in layer.permits}
        self.kinds |= {spec.kind: spec.title.in_(language) for spec in layer.inspections}

    def t(self, key: str, **values: object) -> str:
        return t(key, self.language, **values)

    def lines(self) -> Iterator[str]:
        known = self.known
        title, day = known.layer.title.in_(self.language), day_of(known.at)
        yield self.t("explain.head", layer=title, place=known.facts.place_id, at=self.said(known.at))
        yield from ("", self.t("explain.facts"), *self.facts(), "")
        yield self.t("explain.rules", day=day, version=known.verdict.rule_version)
        yield from (*self.rules(), "", *self.result())
        yield self.t("explain.working_days", first=FIRST_YEAR, last=LAST_YEAR)

    def facts(self) -> Iterator[str]:
        layer, facts = self.known.layer, self.known.facts
        category = next(
            (c.title.in_(self.language) for c in layer.categories if c.value == facts.category), ""
        )
        yield self.line(layer.category.in_(self.language), category or facts.category)
        yield self.line(self.t("explain.area"), self.known.area or facts.city or "-")
        for name, value in facts.attributes.items():
            field = layer.field_named(name)
            if field is not None and value not in (None, "", ()):
                yield self.line(field.title.in_(self.language), self.value(field, value))
        for name in _RECORDS:
            for record in getattr(facts, name):
                yield self.line(self.t(f"explain.{name}"), self.record(name, record))

    def line(self, title: str, words: str) -> str:
        return self.t("explain.line", title=title, words=words)

    def record(self, name: str, record: Any) -> str:
        known = record._asdict().items()
        return self.t("explain.between").join(
            self.t("explain.part", name=self.t(f"fact.{part}"), value=self.part(name, part, value))
            for part, value in known
            if value not in (None, "", ())
        )

    def part(self, record: str, part: str, value: Any) -> str:
        if part == "kind" and value in self.kinds:
            return self.kinds[value]
        words = _WORDS.get((record, part))
        return self.t(words.format(value)) if words else self.said(value)

    def value(self, field: Field, value: Any) -> str:
        if field.mask:
            return MASKS[field.mask](str(value))
        titles = {choice.value: choice.title.in_(self.language) for choice in field.choices}
        values = value if isinstance(value, list | tuple) else (value,)
        words = self.t("explain.and").join(titles.get(str(item), self.said(item)) for item in values)
        return f"{words} {field.unit.in_(self.language)}".strip() if field.unit else words

    def said(self, value: Any) -> str:
        """Return a value as an operator reads it: a moment in the city's time with its offset, yes and no."""
        if isinstance(value, datetime):
            return value.astimezone(CITY_TIME).isoformat(" ", "minutes")
        if isinstance(value, bool):
            return self.t("explain.yes" if value else "explain.no")
        if isinstance(value, Night):
            return f"{self.said(value.starts_at)} – {self.said(value.ends_at)}"
        if isinstance(value, Severity):
            return SEVERITY_WORDS[value].in_(self.language)
        if isinstance(value, Repair):
            stage = STAGE_WORDS[value.stage].in_(self.language)
            return " ".join((value.applied_on.isoformat(), stage, self.said(value.ended_on or ""))).strip()
        if isinstance(value, tuple):
            return self.t("explain.and").join(map(self.said, value))
        if isinstance(value, float):
            return f"{value:g}"
        return value.isoformat() if isinstance(value, date) else str(value)

    def rules(self) -> Iterator[str]:
        for rule in self.known.rules:
            known = self.t("explain.verified" if rule.verified else "explain.unverified")
            yield self.t("explain.rule", id=rule.id, known=known, source=rule.source.in_(self.language))

    def result(self) -> Iterator[str]:
        verdict, language = self.known.verdict, self.language
        states = {choice.value: choice.title.in_(language) for choice in self.known.layer.states}
        state = states.get(verdict.state, verdict.state or "-")
        tier, status = verdict.tier.label.in_(language), verdict.status.label.in_(language)
        yield self.t("explain.result", tier=tier, status=status, state=state)
        for reason in verdict.reasons:
            words = describe(reason.code, reason.params, language)
            yield self.t(
                "explain.reason",
                tier=reason.tier.label.in_(language),
                words=words,
                rule=reason.rule_id,
                fact=reason.fact,
            )
        turns = self.said(verdict.next_change) if verdict.next_change else "-"
        yield self.t("explain.next_change", at=turns)
