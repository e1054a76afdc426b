"""Lines of measurements, for a terminal and for a document."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.table import Table

HEADINGS = ("question", "places", "p50 ms", "p95 ms", "bytes", "rival p50 ms", "ratio", "note")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: milliseconds (None where the note alone tells), bytes of the largest answer, a rival's median."""

    question: str
    count: int
    p50_ms: float | None = None
    p95_ms: float | None = None
    most_bytes: int = 0
    rival_ms: float | None = None
    note: str = ""

    @property
    def ratio(self) -> str:
        """How many times longer the rival took (medians of this run), or nothing."""
        if self.rival_ms is None or not self.p50_ms:
            return ""
        times = self.rival_ms / self.p50_ms
        return f"{times:,.0f} ×" if times >= 10 else f"{times:.1f} ×"

    def cells(self) -> list[str]:
        """The line in words."""
        size = f"{self.most_bytes:,}" if self.most_bytes else ""
        times = [_ms(value) for value in (self.p50_ms, self.p95_ms)]
        return [
            self.question,
            f"{self.count:,}",
            *times,
            size,
            _ms(self.rival_ms),
            self.ratio,
            self.note,
        ]


def measured(question: str, count: int, took_ms: Sequence[float]) -> Row:
    """The line of some runs."""
    ordered = sorted(took_ms)
    return Row(question, count, median(ordered), ordered[int(len(ordered) * 0.95)])


def growth(rows: Sequence[Row]) -> list[Row]:
    """How the medians of the map's questions grow from the smallest size to the largest."""
    maps = [row for row in rows if row.question.startswith("map, zoom") and row.p50_ms is not None]
    sizes = sorted({row.count for row in maps})
    if len(sizes) < 2:
        return []
    few, many = (
        median(row.p50_ms or 0.0 for row in maps if row.count == size) for size in (sizes[0], sizes[-1])
    )
    note = (
        f"{many / few:.1f} × the time for {sizes[-1] / sizes[0]:,.0f} × the places (medians over the zooms)"
    )
    return [Row("map, growth", sizes[-1], note=note)]


def table_of(rows: Sequence[Row]) -> Table:
    """The rows for a terminal."""
    table = Table(*HEADINGS)
    for row in rows:
        table.add_row(*row.cells())
    return table


def markdown_of(rows: Sequence[Row]) -> str:
    """The rows for a document, with the machine described."""
    lines = [_machine(), "", "| " + " | ".join(HEADINGS) + " |", "|" + " --- |" * len(HEADINGS)]
    return "\n".join(lines + ["| " + " | ".join(row.cells()) + " |" for row in rows]) + "\n"


def _machine() -> str:
    models = (line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line)
    model = next(models, "unknown").partition(":")[2].strip()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GB of memory."


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}" if value < 1 else f"{value:,.1f}"
