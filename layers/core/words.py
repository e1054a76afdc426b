"""What files say for states and results that every layer knows, compared without case."""

from __future__ import annotations

PERMIT_STATE_WORDS = {
    "AAI": "granted",  # Chicago's licence status: issued
    "AAC": "cancelled",
    "REV": "revoked",
    "REA": "revoked",  # revoked, under appeal
    "INQ": "suspended",  # under inquiry
    "issued": "granted",
    "有效": "granted",
    "准予": "granted",
    "生效": "granted",
    "已公示": "granted",
    "已提交": "applied",
    "受理": "applied",
    "变更中": "changing",
    "延续中": "renewing",
    "暂停": "suspended",
    "注销": "cancelled",
    "撤回": "cancelled",
    "撤销": "revoked",
    "吊销": "revoked",
    "遗失补办": "replaced",
}
RESULT_WORDS = {
    "Pass": "passed",
    "Pass w/ Conditions": "conditional",
    "Fail": "failed",
    "No Entry": "no_entry",
    "Not Ready": "no_entry",
    "Business Not Located": "no_entry",
    "Out of Business": "closed",
    "符合": "passed",
    "通过": "passed",
    "合格": "passed",
    "基本符合": "conditional",
    "限期整改": "conditional",
    "不符合": "failed",
    "不合格": "failed",
    "无法进入": "no_entry",
    "歇业": "closed",
}
FACE_WORDS = {"笑脸": "A", "良好": "A", "平脸": "B", "一般": "B", "哭脸": "C", "较差": "C"}
