"""The rows of a chunk by columns, and what is noticed about them on the way: flags, and words that are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import compress
from json.encoder import encode_basestring_ascii as quoted

from data.intake.mapping import Plan
from data.intake.values import clean, known, known_column

Cells = tuple[int, list[str]]


class Sheet:
    """Rows (number, cells) of one file. `flags`: position of a row -> its flags; `kept`: header -> words by row, ""
    where a row keeps none.
    """

    def __init__(
        self, plan: Plan, rows: Sequence[Cells], columns: Sequence[Sequence[str]] | None = None
    ) -> None:
        self.rows = rows
        self.flags: defaultdict[int, set[str]] = defaultdict(set)
        self.kept: dict[str, list[str]] = {}
        self._plan = plan
        self._columns = columns or list(zip(*(cells for _, cells in rows), strict=True))
        self._known: dict[int, list[str]] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def without(self, rows: Collection[int]) -> Sheet:
        """Return the sheet without some of its rows, before anything was noticed about them."""
        if not rows:
            return self
        stays = [row not in rows for row in range(len(self))]
        columns = [list(compress(column, stays)) for column in self._columns]
        sheet = Sheet(self._plan, list(compress(self.rows, stays)), columns)
        sheet._known = {at: list(compress(column, stays)) for at, column in self._known.items()}
        return sheet

    def column(self, at: int) -> Sequence[str]:
        """Return the cells of a column as they came."""
        return self._columns[at]

    def known_at(self, at: int) -> list[str]:
        """Return the cells of a column cleaned, "" where they say that there is nothing."""
        if at not in self._known:
            self._known[at] = known_column(self.column(at))
        return self._known[at]

    def known(self, name: str) -> list[str]:
        """Return what the rows say for a field of the place, "" throughout where the file has no such column."""
        at = self._plan.place.get(name)
        return [""] * len(self) if at is None else self.known_at(at)

    def flag(self, rows: Iterable[int], flag: str) -> None:
        """Put a flag on rows."""
        for row in rows:
            self.flags[row].add(flag)

    def keep(self, rows: Iterable[int], at: int) -> None:
        """Keep what a column says in these rows, word by word, under its own name."""
        said, kept = self.known_at(at), self._kept(self._plan.columns[at])
        for row in rows:
            kept[row] = said[row] or kept[row]

    def keep_under(self, header: str, words: Sequence[str]) -> None:
        """Keep words of all rows, where they are not "", under a name."""
        if any(words):
            kept = self._kept(header)
            self.kept[header] = [said or before for said, before in zip(words, kept, strict=True)]

    def raw(self, row: int) -> Mapping[str, str]:
        """Return the cells of a row by the names of their columns, cleaned of what cannot be stored."""
        cells = self.rows[row][1]
        return {name: clean(cell) for name, cell in zip(self._plan.columns, cells, strict=True)}

    def extra(self) -> list[str]:
        """Return the words that each row keeps as JSON, its keys in order."""
        columns = [self._as_json(header) for header in sorted(self.kept)]
        if not columns:
            return ["{}"] * len(self)
        return ["{" + ", ".join(filter(None, parts)) + "}" for parts in zip(*columns, strict=True)]

    def _as_json(self, header: str) -> list[str]:
        key = quoted(header)
        return [f"{key}: {quoted(words)}" if words else "" for words in self.kept[header]]

    def _kept(self, header: str) -> list[str]:
        return self.kept.setdefault(header, [""] * len(self))


def keeps(plan: Plan) -> list[tuple[str, int]]:
    """Return (name, position) of the columns that no field takes, under the names their words are kept."""
    return [(known(header) or f"column {at + 1}", at) for header, at in plan.extra]
