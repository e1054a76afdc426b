"""What a delivery did: every row of the file is accounted for, and the words for it in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from layers.core.text import Text

FLAGS: Final[Mapping[str, Text]] = {
    "outside_known_areas": Text("不在任何已知行政区内", "outside every known district"),
    "district_differs": Text(
        "文件所写的区与坐标所在的区不同", "the file's district is not the one the point lies in"
    ),
    "position_from_record": Text(
        "本行无坐标，沿用已知位置", "no coordinates in the row, the known position was kept"
    ),
    "value_unreadable": Text("有单元格无法识别，原文保留", "a cell could not be read, its words were kept"),
    "category_unknown": Text("类别无法识别，原文保留", "the category is not known, its words were kept"),
    "uscc_doubtful": Text("统一社会信用代码存疑", "the credit code is doubtful"),
    "permit_number_doubtful": Text("许可证编号校验不符", "the check digit of the permit's number is wrong"),
    "permit_district_differs": Text(
        "许可证编号所属的区与坐标所在的区不同", "the permit's number is of another district than the point's"
    ),
    "permit_unreadable": Text("许可信息无法识别", "the permit could not be read"),
    "inspection_unreadable": Text("检查记录无法识别", "the inspection could not be read"),
}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken in: its number in the file, why, and its cells by column."""

    row_number: int
    reason: Text
    raw: Mapping[str, str]


@dataclass(slots=True)
class Counts:
    """How many records came in, changed, were there already, or could not be read."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0


@dataclass(slots=True)
class Delivery:
    """The account of one file.

    `read` is the sum of `inserted`, `updated`, `unchanged` and `merged` rows and of the `rejected` ones; a
    merged row is an earlier row of a place that a later row of the file describes again (its records count
    all the same). `flagged` counts places per flag; a flagged place is kept. `absent`: places of the same source that
    the file does not speak of; they stay as they are.
    """

    layer: str
    source: str
    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    merged: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    flagged: Counter[str] = field(default_factory=Counter)
    permits: Counts = field(default_factory=Counts)
    inspections: Counts = field(default_factory=Counts)
    warnings: list[Text] = field(default_factory=list)
    judged: int = 0
    dry_run: bool = False
    absent: int = 0

    def sentences(self) -> list[Text]:
        """Return the account as lines for a person: rows, records, reasons, flags, warnings."""
        lines = [self._rows()]
        lines += _records(Text("许可", "Permits"), self.permits)
        lines += _records(Text("检查", "Inspections"), self.inspections)
        reasons = Counter(rejected.reason for rejected in self.rejected)
        lines += [
            _counted(Text("拒收", "Rejected"), count, reason) for reason, count in reasons.most_common()
        ]
        lines += [
            _counted(Text("标记", "Flagged"), n, FLAGS.get(key, Text(key, key)))
            for key, n in self.flagged.most_common()
        ]
        lines += [Text(f"注意：{warning.zh}", f"Warning: {warning.en}") for warning in self.warnings]
        if self.absent:
            lines.append(
                Text(
                    f"同一来源的 {self.absent:,} 处不在这份文件里：可能已关闭，也可能文件不全；它们保持原样。",
                    f"{self.absent:,} places of the same source are not in this file: closed, or the file is not "
                    "complete; they stay as they are.",
                )
            )
        if self.dry_run:
            lines.append(Text("试运行：没有写入任何内容。", "Dry run: nothing was written."))
        return lines

    def _rows(self) -> Text:
        return Text(
            f"读取 {self.read:,} 行：新增 {self.inserted:,}，更新 {self.updated:,}，未变 {self.unchanged:,}，"
            f"并入同一场所 {self.merged:,}，拒收 {len(self.rejected):,}。",
            f"Read {self.read:,} rows: inserted {self.inserted:,}, updated {self.updated:,}, unchanged "
            f"{self.unchanged:,}, merged into the same place {self.merged:,}, rejected "
            f"{len(self.rejected):,}.",
        )


def _records(title: Text, counts: Counts) -> Sequence[Text]:
    if counts == Counts():
        return ()
    return (
        Text(
            f"{title.zh}：新增 {counts.inserted:,}，更新 {counts.updated:,}，未变 {counts.unchanged:,}，"
            f"无法识别 {counts.rejected:,}。",
            f"{title.en}: inserted {counts.inserted:,}, updated {counts.updated:,}, unchanged "
            f"{counts.unchanged:,}, "
            f"unreadable {counts.rejected:,}.",
        ),
    )


def _counted(title: Text, count: int, words: Text) -> Text:
    return Text(f"{title.zh} {count:,}：{words.zh}", f"{title.en} {count:,}: {words.en}")
