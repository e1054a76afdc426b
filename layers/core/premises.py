"""Premises (场所): by what right a firm sits in a unit, which papers prove it, and where nobody may register.

What is asked for without the address cloud follows from the kind of premises; in the cloud the papers are on file.
Districts differ, so the papers are a list to edit (徐府发规〔2024〕2号, 临港 2023; the official annex was not reached).
"""

from __future__ import annotations

from collections.abc import Collection

PREMISES = (
    "owned",  # 自有
    "leased",  # 租赁
    "sublet",  # 转租
    "part",  # 有产权单元的一部分
    "untitled",  # 无产权证或新建
    "mall",  # 商业综合体、市场
    "registry",  # 园区集中登记地
    "converted",  # 居改非, not eligible by default
)
BARS = (
    "illegal",  # 违法建筑
    "switch_room",  # 配电间
    "refuge_floor",  # 避难层
    "escape_route",  # 疏散通道
)
TITLE_PAPERS = (
    "title",  # 产权证
    "owner_consent",  # 产权人同意转租
    "split_plan",  # 场地分割平面图
    "completion",  # 竣工备案
    "planning",  # 规划或土地文件
    "operator_licence",  # 市场主办方执照
    "registry_approval",  # 集中登记地认定
    "use_proof",  # 使用证明
    "change_of_use",  # 居改非批准
    "owners_vote",  # 业主表决
)
PAPERS_OF = {
    "owned": ("title",),
    "leased": ("title",),
    "sublet": ("title", "owner_consent"),
    "part": ("title", "split_plan"),
    "untitled": ("completion", "planning"),
    "mall": ("operator_licence",),
    "registry": ("registry_approval", "use_proof"),
    "converted": ("change_of_use", "owners_vote"),
}
"""Kind of premises -> the papers beside the lease that are asked for where none are on file."""


def missing_papers(premises: str, on_file: Collection[str]) -> tuple[str, ...]:
    """Return the papers that a kind of premises ("": not known) asks for and that are not on file."""
    return tuple(paper for paper in PAPERS_OF.get(premises, ()) if paper not in on_file)
