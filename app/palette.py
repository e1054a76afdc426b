"""The tier palette, written once: emitted as CSS variables for both themes; no other file names a tier's colour."""

from __future__ import annotations

from layers.core.tiers import Tier

DARK = {
    Tier.RED: "#F2495C",
    Tier.ORANGE: "#FF8A3D",
    Tier.YELLOW: "#F5C945",
    Tier.BLUE: "#4C9AFF",
    Tier.NONE: "#7C8AA5",
}
LIGHT = {
    Tier.RED: "#C9252D",
    Tier.ORANGE: "#B85600",
    Tier.YELLOW: "#8A6A00",
    Tier.BLUE: "#1D62C9",
    Tier.NONE: "#64748B",
}
ACCENT = {"dark": "#35D0E6", "light": "#0B6E99"}


def palette_css() -> str:
    """Return the variables `--tier-*` and `--accent` for `[data-theme]`."""
    blocks = []
    for theme, colours in (("dark", DARK), ("light", LIGHT)):
        lines = [f"--tier-{tier}:{colour}" for tier, colour in colours.items()] + [
            f"--accent:{ACCENT[theme]}"
        ]
        blocks.append(f'[data-theme="{theme}"]{{{";".join(lines)}}}')
    return "".join(blocks)
