"""Text tables: CSV, TSV and their kin, plain or gzipped, in the encodings Chinese offices write.

The encoding is found, not asked for: a byte-order mark decides; otherwise the whole file must be UTF-8, or
else GB18030 (which contains GBK and GB2312). Every row must have as many cells as the header, because a row
that is shifted by one cell puts every value under the wrong name.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from data.intake.errors import IntakeError
from layers.core.text import Text

DELIMITERS: Final = (",", "\t", ";", "|")
LONGEST_CELL: Final = 1_000_000  # characters; more than this is a quotation mark that was never closed
NULS_OF_TEXT: Final = 0.01  # more zero bytes than this are no slip of an old program but another format
FREE_TO_SWELL: Final = 64 << 20  # bytes that are read whatever they were packed into
MOST_SWELLING: Final = 200  # tables pack to a fifth or a fiftieth
GZIP_MAGIC: Final = b"\x1f\x8b"

_BLOCK: Final = 1 << 20
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over the bytes tells: encoding and the number of line ends."""

    encoding: str
    lines: int


def open_bytes(path: Path) -> BinaryIO:
    """Open a file for reading its content, through gzip where it is compressed."""
    with path.open("rb") as handle:
        packed = handle.read(2) == GZIP_MAGIC
    return cast(BinaryIO, gzip.open(path, "rb")) if packed else path.open("rb")


def blocks(handle: BinaryIO, path: Path) -> Iterator[bytes]:
    """Yield a stream in blocks. Raises IntakeError for a damaged or cut-off gzip file, and for one that swells."""
    unpacked, packed = 0, path.stat().st_size
    try:
        while block := handle.read(_BLOCK):
            unpacked += len(block)
            refuse_swelling(path, packed, unpacked)
            yield block
    except (EOFError, OSError, gzip.BadGzipFile) as error:
        raise IntakeError(
            Text(
                f"{path.name}：文件无法读到结尾（{error}）；请重新复制。",
                f"{path.name}: the file cannot be read to its end ({error}); copy it again.",
            )
        ) from error


def refuse_swelling(path: Path, packed: int, unpacked: int) -> None:
    """Raise IntakeError where the content of a file is far larger than any table packs: it is made to fill a disk."""
    if unpacked > FREE_TO_SWELL and unpacked > MOST_SWELLING * packed:
        raise IntakeError(
            Text(
                f"{path.name}：解压后是文件的 {MOST_SWELLING} 倍以上，不像表格；请核对来源，或解压后以 CSV 导入。"
                "没有导入任何内容。",
                f"{path.name}: unpacked it is more than {MOST_SWELLING} times as large, which no table is; ask where "
                "it comes from, or unpack it yourself and import the CSV. Nothing was imported.",
            )
        )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as delivered, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        for block in blocks(handle, path):
            digest.update(block)
    return digest.hexdigest()


def scan(path: Path) -> Scan:
    """Find the encoding of a text file and count its lines. Raises IntakeError if it is empty or binary."""
    with open_bytes(path) as handle:
        stream = blocks(handle, path)
        first = next(stream, b"")
        if not first.strip():
            raise IntakeError(
                Text(
                    f"{path.name}：文件是空的；请连同标题行和数据行重新导出。",
                    f"{path.name}: the file is empty; export it again with a header line and rows.",
                )
            )
        marked = next((name for mark, name in _MARKS if first.startswith(mark)), None)
        trials = [_Trial(name) for name in ([marked] if marked else ["utf-8", "gb18030"])]
        lines = 0
        for block in _chain(first, stream):
            lines += block.count(b"\n")
            if marked != "utf-16" and block.count(0) > len(block) * NULS_OF_TEXT:
                raise _not_text(path)
            for trial in trials:
                trial.feed(block)
        for trial in trials:
            trial.feed(b"", final=True)
    return Scan(_first_that_fits(trials, path, lines), lines)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


class _Trial:
    """An encoding under test; remembers the line where it failed."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.failed_line: int | None = None
        self._line = 1
        self._decoder = codecs.getincrementaldecoder(name)("strict")

    def feed(self, block: bytes, *, final: bool = False) -> None:
        if self.failed_line is not None:
            return
        try:
            self._line += self._decoder.decode(block, final).count("\n")
        except UnicodeDecodeError as error:
            self.failed_line = self._line + block[: error.start].count(b"\n")


def _first_that_fits(trials: list[_Trial], path: Path, lines: int) -> str:
    for trial in trials:
        if trial.failed_line is None:
            return trial.name
    line = trials[0].failed_line
    tried = [{"utf-8": "UTF-8", "gb18030": "GB18030"}.get(trial.name, trial.name) for trial in trials]
    raise IntakeError(
        Text(
            f"{path.name} 第 {line} 行（共 {lines + 1} 行）：文字不是 {'，也不是 '.join(tried)} 编码；"
            "请将文件存为 UTF-8 后重新导入。",
            f"{path.name}, line {line} of {lines + 1}: the text is not {' nor '.join(tried)}; save the file as "
            "UTF-8 and import it again.",
        )
    )


def _not_text(path: Path) -> IntakeError:
    return IntakeError(
        Text(
            f"{path.name}：这是二进制文件，不是文本表格；"
            "请提供 CSV、TSV、XLSX、GeoJSON、GeoPackage 或 Shapefile，并使用通常的扩展名。",
            f"{path.name}: this is a binary file, not a text table; "
            "give CSV, TSV, XLSX, GeoJSON, GeoPackage or Shapefile with its usual ending.",
        )
    )


def read_text(path: Path, encoding: str) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the header cells and the rows (line number, cells) of a text table.

    Raises IntakeError, also while iterating, naming the line of a row with too few or too many cells.
    """
    rows = _rows(path, encoding)
    try:
        _, header = next(rows)
    except StopIteration:
        raise IntakeError(
            Text(
                f"{path.name}：文件中没有任何文字；请重新导出。",
                f"{path.name}: the file has no lines with text; export it again.",
            )
        ) from None
    return header, _even(rows, header, path)


def _rows(path: Path, encoding: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(LONGEST_CELL)
    with open_bytes(path) as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as stream:
        reader = csv.reader(stream, delimiter=find_delimiter(stream), strict=True)
        stream.seek(0)
        start = 1
        try:
            for cells in reader:
                if "".join(cells).strip():
                    yield start, cells
                start = reader.line_num + 1
        except csv.Error as error:
            raise IntakeError(
                Text(
                    f"{path.name} 第 {start} 行：无法拆分成单元格（{error}）；"
                    '请从这一行起查找没有闭合或没有写成两个（""）的引号。',
                    f"{path.name}, line {start}: the row cannot be split into cells ({error}); look for a "
                    "quotation mark "
                    'that is not closed or not doubled ("") from this line on.',
                )
            ) from error


def find_delimiter(stream: io.TextIOWrapper) -> str:
    """Return the separator that occurs most often, outside quotes, in the first line with text; moves the
    stream.
    """
    line = ""
    while not line.strip() and (read := stream.readline(LONGEST_CELL)):
        line = read.lstrip("\ufeff")
    outside = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _even(
    rows: Iterator[tuple[int, list[str]]], header: list[str], path: Path
) -> Iterator[tuple[int, list[str]]]:
    width = len(header)
    for number, cells in rows:
        # What is too much is empty in tables that a spreadsheet program made too wide.
        if len(cells) != width and (len(cells) < width or "".join(cells[width:]).strip()):
            raise IntakeError(
                Text(
                    f"{path.name} 第 {number} 行：有 {len(cells)} 个单元格，而标题行有 {width} 个；"
                    "请给含有分隔符的单元格加上引号，再重新导入。没有导入任何内容。",
                    f"{path.name}, line {number}: the row has {len(cells)} cells where the header has {width}; "
                    "put cells that contain the separator in quotation marks, then import again. Nothing "
                    "was imported.",
                )
            )
        yield number, cells[:width]
