"""Files that Yiping itself has written (`yiping export`): taken back, they say of each place what it is already.

A row says which place it speaks of by `source` and `external_id`. Of the rest an import reads the facts; what was
concluded from them (tier, status, area), and persons, who are masked, only ever go out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from data.export_columns import NUMBER, columns_of
from data.intake.errors import IntakeError
from data.spreadsheet import guard
from layers.core.access import FieldClass
from layers.core.spec import Layer
from layers.core.text import Text

SIGNS: Final = frozenset({"id", "area_code", "datum", "source", "external_id"})
_TAKEN_BACK: Final = (
    "source", "external_id", "name", "address", "category", "datum", "uscc", "enterprise", "lon", "lat",
)  # fmt: skip


def is_own(columns: Sequence[str]) -> bool:
    """Tell whether a file is an export for programs."""
    return set(columns) >= SIGNS


def own_columns(layer: Layer, columns: Sequence[str]) -> dict[str, int]:
    """Return field -> position of what is taken back of an export."""
    fields = [field.name for field in layer.fields if not field.mask]
    at = {name: position for position, name in reversed(list(enumerate(columns)))}
    return {name: at[name] for name in (*_TAKEN_BACK, *fields) if name in at}


def outgoing(layer: Layer) -> frozenset[str]:
    """Return the names of all columns that an export can have."""
    return frozenset(column.name for column in columns_of(layer, frozenset(FieldClass)))


def refuse_words(columns: Sequence[str], file_name: str) -> None:
    """Raise `IntakeError` for an export in words, of which codes cannot be read back."""
    if {NUMBER.zh, NUMBER.en} & set(columns):
        raise IntakeError(
            Text(
                f"{file_name}：这是一屏导出的供阅读的表格，列名和取值都是文字，不能导回；"
                "请用 yiping export（或接口的 header=name）重新导出。",
                f"{file_name}: this is an export of Yiping for people, in words, which cannot be taken back; export "
                "it again with `yiping export`, or header=name of the API.",
            )
        )


def unguard(cell: str) -> str:
    """Take away the apostrophe that `guard` put before a cell of a CSV."""
    return cell[1:] if cell.startswith("'") and guard(cell[1:]) != cell[1:] else cell


def check_datum(said: Mapping[int, str], datum: str, file_name: str) -> None:
    """Raise `IntakeError` for rows (number -> datum) that are in another datum than was stated."""
    for number, other in said.items():
        if other and other != datum:
            raise IntakeError(
                Text(
                    f"{file_name} 第 {number} 行：坐标系是 {other}，而不是所说的 {datum}；请用 --datum {other}。",
                    f"{file_name}, row {number}: its datum is {other}, not {datum} as was stated; use "
                    f"--datum {other}.",
                )
            )
