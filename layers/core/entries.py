"""The parameters of a rule as single entries that a person can read and change, each of its own kind.

A table in a table (九宫格: risk -> credit -> visits) is taken apart to its leaves; a list stays one entry, of words and
numbers with commas between them, of anything else as the tables write it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tomli_w

from layers.core.rules import RuleError
from layers.core.text import Text

Path = tuple[str, ...]
SEPARATOR = "/"  # between the parts of a path, none of which holds one
_COMMA = re.compile(r"\s*[,，、;；\n]\s*")
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,6})?\Z", re.ASCII)


class EntryError(RuleError):
    """What was said of the leaf at `path` cannot be read."""

    def __init__(self, path: Path, message: Text) -> None:
        super().__init__(message)
        self.path = path


@dataclass(frozen=True, slots=True)
class Entry:
    """A leaf of a rule's parameters: where it stands, and its value."""

    path: Path
    value: Any

    @property
    def said(self) -> str | bool:
        """What a form shows: a truth value as it is, all else as text."""
        return self.value if isinstance(self.value, bool) else _said(self.path[-1], self.value)

    @property
    def is_long(self) -> bool:
        """Whether it takes several lines; an empty list may be filled with anything."""
        return isinstance(self.value, list) and not (self.value and _is_plain(self.value))


def entries_of(params: Mapping[str, Any], path: Path = ()) -> Iterator[Entry]:
    """Yield the leaves of parameters in their order."""
    for name, value in params.items():
        if isinstance(value, Mapping):
            yield from entries_of(value, (*path, name))
        else:
            yield Entry((*path, name), value)


def with_entries(
    params: Mapping[str, Any], said: Mapping[Path, str | bool], path: Path = ()
) -> dict[str, Any]:
    """Return parameters with what was said of some leaves; raises `EntryError`."""
    return {
        name: with_entries(value, said, (*path, name))
        if isinstance(value, Mapping)
        else _read((*path, name), value, said.get((*path, name)))
        for name, value in params.items()
    }


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[Path, str, str]]:
    """Return path, old and new words of every leaf that differs; an absent one has none."""
    before = {entry.path: str(entry.said) for entry in entries_of(old)}
    after = {entry.path: str(entry.said) for entry in entries_of(new)}
    paths = dict.fromkeys([*before, *after])
    changed = [(path, before.get(path, ""), after.get(path, "")) for path in paths]
    return [(path, was, now) for path, was, now in changed if was != now]


def _said(name: str, value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    if _is_plain(value):
        return ", ".join(map(str, value))
    return tomli_w.dumps({name: value}, indent=0).strip()


def _is_plain(values: Sequence[Any]) -> bool:
    return all(isinstance(value, str | int | float) for value in values)


def _read(path: Path, old: Any, said: str | bool | None) -> Any:
    if said is None:
        return old
    try:
        return _value(path[-1], old, said)
    except tomllib.TOMLDecodeError as error:
        raise EntryError(
            path,
            Text(
                f"不是规则表的写法（{error}），请照同一规则其他版本的写法填写。",
                f"not as the tables write it ({error}); write it as in other versions of the rule.",
            ),
        ) from error
    except ValueError as error:
        was = _said(path[-1], old)
        raise EntryError(
            path,
            Text(
                f"“{said}”读不懂，请照原来的写法填写：{was or '（空）'}。",
                f"{said!r} cannot be read; write it as it was: {was or '(nothing)'}.",
            ),
        ) from error


def _value(name: str, old: Any, said: str | bool) -> Any:
    """Read an entry as a value of the kind that was there; raises `ValueError`."""
    if isinstance(old, bool) or isinstance(said, bool):
        return said is True or said == "true"
    if isinstance(old, int | float):
        return _number(said)
    if isinstance(old, list):
        return _list(name, old, said)
    return said.strip()


def _list(name: str, old: Sequence[Any], said: str) -> list[Any]:
    if not _is_plain(old) or "=" in said:
        document = tomllib.loads(said)
        values = document.get(name, [])
        if set(document) - {name} or not isinstance(values, list):
            raise ValueError(said)
        return values
    parts = [part for part in _COMMA.split(said.strip()) if part]
    numeric = bool(old) and all(not isinstance(value, str) for value in old)
    return [_number(part) for part in parts] if numeric else parts


def _number(said: str) -> int | float:
    """Read a number of at least 0 as the tables have them; raises `ValueError`."""
    plain = said.strip()
    if not _NUMBER.match(plain):
        raise ValueError(said)
    return float(plain) if "." in plain else int(plain)
