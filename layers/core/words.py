"""What files say for states and results that every layer knows, compared without case."""

from __future__ import annotations

PERMIT_STATE_WORDS = {
    "AAI": "granted",  # Chicago's licence status: issued
    "AAC": "cancelled",
    "REV": "revoked",
    "REA": "revoked",  # under appeal
    "INQ": "suspended",  # under inquiry
    "issued": "granted",
    "有效": "granted",
    "准予": "granted",
    "生效": "granted",
    "届满": "granted",  # its dates say so
    "已公示": "published",
    "草稿": "draft",
    "已提交": "applied",
    "预审": "precheck",
    "补正": "supplement",
    "受理": "accepted",
    "审查": "review",
    "不予": "refused",
    "不予许可": "refused",
    "变更中": "changing",
    "延续中": "renewing",
    "暂停": "suspended",
    "注销": "cancelled",
    "撤回": "withdrawn",
    "撤销": "annulled",
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
LEVEL_WORDS = {
    "国家": "national",
    "市": "city",
    "市级": "city",
    "区": "district",
    "区级": "district",
    "街镇": "street",
}
FACE_WORDS = {"笑脸": "A", "良好": "A", "平脸": "B", "一般": "B", "哭脸": "C", "较差": "C"}
