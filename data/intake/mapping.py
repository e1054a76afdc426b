"""Which column of a file is which field: by the layer's synonyms, or as the caller says."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from data.intake.errors import IntakeError, UnmappedError
from data.intake.own import is_own, outgoing, own_columns, refuse_words
from layers.core.spec import Layer, RecordColumns
from layers.core.text import Text

SPINE: Final = (
    "external_id", "name", "address", "district", "category", "phone", "contact", "uscc",
    "enterprise", "building", "outline", "lon", "lat",
)  # fmt: skip
REQUIRED: Final = ("name", "lon", "lat")
PERMIT_SIGNS: Final = ("number", "valid_from", "valid_to", "starts_at")  # any of them makes a permit
INSPECTION_SIGNS: Final = ("at", "result")  # both are needed
_MOST_SHOWN, _LONGEST_SHOWN = 60, 40  # columns, and letters of each, that an error names
LICENCE: Final = "licence"
_LICENCE_COLUMNS: Final = frozenset(
    {"license", "licence", "license_number", "licence_number", "许可证编号", "许可证号"}
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Field -> position of its column, for the place and the records beside it.

    `own`: the file is an export of ours, see `data.intake.own`.
    `extra` are (header, position) of the columns no field takes. `namespace` is the source that places of
    this file share with other files because their id is a number of the city's own register; None: the file's
    own.
    """

    columns: tuple[str, ...]
    place: Mapping[str, int]
    permit: Mapping[str, int] = field(default_factory=dict)
    inspection: Mapping[str, int] = field(default_factory=dict)
    extra: tuple[tuple[str, int], ...] = ()
    namespace: str | None = None
    own: bool = False

    @property
    def records(self) -> int:
        """Which records the file carries, as a bit mask: 1 permits, 2 inspections."""
        return (1 if self.permit else 0) | (2 if self.inspection else 0)


def plain(header: str) -> str:
    """Return a header as it is compared: half-width, lower case, no blanks, no colon at its end."""
    folded = unicodedata.normalize("NFKC", header).casefold()
    return "".join(folded.split()).rstrip(":")


def make_plan(layer: Layer, columns: Sequence[str], overrides: Mapping[str, str], file_name: str) -> Plan:
    """Map the columns of a file to a layer's fields.

    `overrides` maps a field (`permit.` or `inspection.` before a field of a record) to a column, or to "" to
    leave the field out. Raises IntakeError naming what there is where a field or column is unknown or a
    required one missing.
    """
    refuse_words(columns, file_name)
    if is_own(columns):
        return _own_plan(layer, columns)
    chosen = _checked(layer, columns, overrides)
    place = _assign(layer.intake.columns, columns) | _own_names(layer, columns)
    records = {
        "permit": _assign(spec.columns, columns) if (spec := layer.intake.permit) else {},
        "inspection": _assign(spec.columns, columns) if (spec := layer.intake.inspection) else {},
    }
    for name, position in chosen.items():
        group, _, inner = name.rpartition(".")
        target = records[group] if group else place
        target.pop(inner, None)
        if position is not None:
            target[inner] = position
    _require(place, columns, file_name)
    permit = records["permit"] if any(sign in records["permit"] for sign in PERMIT_SIGNS) else {}
    inspection = (
        records["inspection"] if all(sign in records["inspection"] for sign in INSPECTION_SIGNS) else {}
    )
    used = {*place.values(), *permit.values(), *inspection.values()}
    extra = tuple((name, position) for position, name in enumerate(columns) if position not in used)
    return Plan(tuple(columns), place, permit, inspection, extra, _namespace(place, columns))


def _own_plan(layer: Layer, columns: Sequence[str]) -> Plan:
    """Return the plan of an export of ours; columns that somebody added to it are kept in their words."""
    known = outgoing(layer)
    extra = tuple((name, at) for at, name in enumerate(columns) if name not in known)
    return Plan(tuple(columns), own_columns(layer, columns), extra=extra, own=True)


def _assign(synonyms: Mapping[str, tuple[str, ...]], columns: Sequence[str]) -> dict[str, int]:
    """Field -> column: a header spelt exactly as a synonym goes before one that is only alike."""
    exact = {name: position for position, name in reversed(list(enumerate(columns)))}
    alike = {plain(name): position for position, name in reversed(list(enumerate(columns)))}
    found: dict[str, int] = {}
    for name, accepted in synonyms.items():
        spelt = next((exact[word] for word in accepted if word in exact), None)
        position = (
            spelt
            if spelt is not None
            else next((alike[p] for w in accepted if (p := plain(w)) in alike), None)
        )
        if position is not None:
            found[name] = position
    return found


def _own_names(layer: Layer, columns: Sequence[str]) -> dict[str, int]:
    """Fields the layer lists no synonyms for are found under their own name or title."""
    silent = [f for f in layer.fields if f.name not in layer.intake.columns]
    return _assign({f.name: (f.name, f.title.zh, f.title.en) for f in silent}, columns)


def known_fields(layer: Layer) -> list[str]:
    """Return every field that a column can be mapped to."""
    own = [f.name for f in layer.fields]
    return [
        *SPINE,
        *own,
        *_of_record("permit", layer.intake.permit),
        *_of_record("inspection", layer.intake.inspection),
    ]


def _of_record(group: str, spec: RecordColumns | None) -> list[str]:
    return [f"{group}.{name}" for name in spec.columns] if spec else []


def _checked(layer: Layer, columns: Sequence[str], overrides: Mapping[str, str]) -> dict[str, int | None]:
    fields = known_fields(layer)
    exact = {name: position for position, name in reversed(list(enumerate(columns)))}
    alike = {plain(name): position for position, name in reversed(list(enumerate(columns)))}
    chosen: dict[str, int | None] = {}
    for name, column in overrides.items():
        if name not in fields:
            raise IntakeError(
                Text(
                    f"图层 {layer.id} 没有可对应的字段“{name}”；可用字段：{'、'.join(fields)}。",
                    f"The layer {layer.id} has no field {name!r} to map to; the fields are {', '.join(fields)}.",
                )
            )
        position = exact.get(column, alike.get(plain(column)))
        if column and position is None:
            raise IntakeError(
                Text(
                    f"文件中没有可作 {name} 的列“{column}”；现有的列：{_listed(columns).zh}。",
                    f"The file has no column {column!r} for {name}; its columns are {_listed(columns).en}.",
                )
            )
        chosen[name] = position if column else None
    return chosen


def _require(place: Mapping[str, int], columns: Sequence[str], file_name: str) -> None:
    missing = [name for name in REQUIRED if name not in place]
    if missing:
        zh, en = (" ".join(f"--map {name}={column}" for name in missing) for column in ("列名", "COLUMN"))
        raise UnmappedError(
            Text(
                f"{file_name}：没有认出 {'、'.join(missing)} 是哪一列；请用 {zh} 指明。"
                f"现有的列：{_listed(columns).zh}。",
                f"{file_name}: no column was recognised as {', '.join(missing)}; say which it is with {en}. "
                f"The columns are {_listed(columns).en}.",
            ),
            missing,
            place,
        )


def _listed(columns: Sequence[str]) -> Text:
    """Return the first columns of a file in words, so that a sentence stays one."""
    shown = [
        name if len(name) <= _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]}…" for name in columns[:_MOST_SHOWN]
    ]
    zh, en = "、".join(shown), ", ".join(shown)
    more = len(columns) - len(shown)
    return Text(f"{zh} 等 {len(columns):,} 列", f"{en} and {more:,} more") if more else Text(zh, en)


def _namespace(place: Mapping[str, int], columns: Sequence[str]) -> str | None:
    position = place.get("external_id")
    return LICENCE if position is not None and plain(columns[position]) in _LICENCE_COLUMNS else None
