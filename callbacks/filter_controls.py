"""Filter controls and what they say: of a search from their values, and their values from words or a chip.

Groups are what Dash tells of controls by pattern, one group per end of `ENDS`, each item with `id` and `value`.
"""

from __future__ import annotations

from typing import Any

from dash import no_update

ENDS = ("set", "low", "high", "one")  # a choice of values, the ends of a range, a bound


def cleared(groups: list[Any], field: str | None) -> tuple[Any, ...]:
    """Return the values of controls without the condition on a field, on any at all for "", None: as they are."""
    gone = [[field in {"", item["id"]["field"]} for item in group] for group in groups]
    empty: list[Any] = [[], None, None, None]
    return tuple(
        [value if it else no_update for it in group] for value, group in zip(empty, gone, strict=True)
    )


def spoken(groups: list[Any], before: dict[str, str], now: dict[str, str]) -> tuple[list[Any], ...]:
    """Return the values of controls once words say something else than before; what a hand has set stays."""
    return tuple([_spoken(item, before, now) for item in group] for group in groups)


def _spoken(item: dict[str, Any], before: dict[str, str], now: dict[str, str]) -> Any:
    field, end, value = item["id"]["field"], item["id"]["end"], item.get("value")
    old, new = (_part(values.get(field, ""), end) for values in (before, now))
    if old == new:
        return no_update
    if end == "set":
        by_hand = [one for one in value or [] if one not in old.split(",")]
        return [*by_hand, *(one for one in _listed(new) if one not in by_hand)]
    return (float(new) if new else None) if new or _end(value) == old else no_update


def _part(value: str, end: str) -> str:
    """Return what of a condition, as an address writes it, one control holds."""
    if end in {"low", "high"}:
        low, _, high = value.partition("..")
        return low if end == "low" else high
    return value


def chosen_values(groups: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """Return the state that the filter controls (sets, low ends, high ends, bounds) describe."""
    sets, lows, highs, bounds = groups
    extra = {item["id"]["field"]: ",".join(item.get("value") or []) for item in sets}
    extra |= {item["id"]["field"]: _end(item.get("value")) for item in bounds}
    low = {item["id"]["field"]: _end(item.get("value")) for item in lows}
    high = {item["id"]["field"]: _end(item.get("value")) for item in highs}
    extra |= {name: f"{low[name]}..{high[name]}" for name in low if low[name] or high[name]}
    spine = {name: _listed(extra.pop(name, "")) for name in ("category", "street")}
    filled = {name: value for name, value in extra.items() if value}
    return {**spine, "extra": filled, "cleared": sorted((set(extra) | set(low)) - set(filled))}


def _listed(text: str) -> list[str]:
    return [value for value in text.split(",") if value]


def _end(value: float | str | None) -> str:
    """Return an end of a range as the address writes it; the browser gives a number, or the text it was given."""
    if value is None or value == "":
        return ""
    return f"{float(value):.6f}".rstrip("0").rstrip(".")
