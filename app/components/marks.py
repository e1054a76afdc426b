"""Tiers and statuses as shape and word, mixes as bars."""

from __future__ import annotations

from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from app.context import Page
from layers.core.tiers import WORST_FIRST_TIERS, PermitStatus, Tier


def shape(tier: str) -> Component:
    """Return a tier's shape; the word stands beside it or in the title."""
    return html.Span(className=f"shape {tier}", **{"aria-hidden": "true"})


def tier_word(page: Page, tier: str) -> Component:
    """Return shape and word of a tier."""
    return html.Span([shape(tier), html.Span(page.say(Tier(tier).label))], className="tier-word")


def status_word(page: Page, status: str | None) -> Component:
    """Return a permit status as a chip."""
    words = page.say(PermitStatus(status).label) if status else "—"
    return html.Span(words, className=f"chip status-{status}")


def mix_bar(page: Page, counts: Mapping[str, int]) -> Component:
    """Return the share of each tier as a bar, worst first; a tier that occurs is never too thin to see."""
    total = sum(counts.values()) or 1
    label = " · ".join(f"{page.say(t.label)} {counts[t]:,}" for t in WORST_FIRST_TIERS if counts.get(t))
    parts = [
        html.Span(className=f"part {tier}", style={"flexGrow": max(counts[tier] / total, 0.015)})
        for tier in WORST_FIRST_TIERS
        if counts.get(tier)
    ]
    return html.Div(parts, className="mix", role="img", title=label, **{"aria-label": label})


def bar(label: object, value: int, most: int, note: str = "") -> Component:
    """Return a labelled horizontal bar in one quiet colour."""
    width = {"width": f"{100 * value / max(most, 1):.1f}%"}
    return html.Div(
        [
            html.Span(label, className="bar-label"),
            html.Span(html.Span(className="bar-fill", style=width), className="bar-track"),
            html.Span(note or f"{value:,}", className="bar-value"),
        ],
        className="bar",
    )


def bar_button(
    label: str, value: int, most: int, switches: Mapping[str, str], *, on: bool, note: str = ""
) -> Component:
    """Return a bar that filters when it is clicked; `on` while it does."""
    pressed = {"aria-pressed": str(on).lower()}
    classes = "bar-button" + (" on" if on else "")
    return html.Button(bar(label, value, most, note), className=classes, **pressed, **switches)
