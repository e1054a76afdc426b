"""The words of every reason a judgement can give, in both languages.

A template names the parameters its check puts into the reason; days are ISO dates, so that words stay true
however old the verdict is.
"""

from __future__ import annotations

from collections.abc import Mapping

from layers.core.text import Language, Text, text_of

REASONS: dict[str, Text] = {
    "permit.valid": Text("{kind}有效期至 {date}", "{kind}: valid until {date}"),
    "permit.valid_open": Text("{kind}长期有效", "{kind}: valid without end"),
    "permit.renewing": Text(
        "{kind}已按期申请延续，现有效期至 {date}", "{kind}: renewal applied for in time, term ends on {date}"
    ),
    "permit.deemed_renewed": Text(
        "{kind}于 {date} 届满，按期申请延续未获答复，视为准予延续",
        "{kind}: ended on {date}; renewal applied for in time and unanswered, deemed granted",
    ),
    "permit.expiring": Text("{kind}将于 {date} 到期", "{kind}: expires on {date}"),
    "permit.applied": Text("{kind}已申请，尚未决定", "{kind}: applied for, not decided"),
    "permit.granted_ahead": Text("{kind}自 {date} 起生效", "{kind}: takes effect on {date}"),
    "permit.renewal_undated": Text(
        "{kind}于 {date} 届满，延续申请日期不明",
        "{kind}: ended on {date}, day of the renewal request unknown",
    ),
    "permit.suspended": Text("{kind}已被暂停", "{kind}: suspended"),
    "permit.expired": Text("{kind}已于 {date} 过期", "{kind}: expired on {date}"),
    "permit.missing": Text("缺少{kind}", "{kind}: none held"),
    "permit.revoked": Text("{kind}已被吊销或撤销", "{kind}: revoked"),
    "permit.unrecorded": Text("系统内没有{kind}的记录", "{kind}: no record here"),
    "inspection.in_time": Text(
        "上次检查 {last}，下次应在 {date} 前", "Last visit {last}, next due by {date}"
    ),
    "inspection.due_soon": Text(
        "应在 {date} 前检查（上次 {last}）", "Visit due by {date} (last visit {last})"
    ),
    "inspection.overdue": Text(
        "检查已超期，应于 {date} 前（上次 {last}）", "Visit overdue since {date} (last visit {last})"
    ),
    "inspection.long_overdue": Text(
        "检查严重超期，应于 {date} 前（上次 {last}）", "Visit long overdue since {date} (last visit {last})"
    ),
    "inspection.never": Text("从未检查", "Never inspected"),
    "inspection.unrecorded": Text("系统内没有检查记录", "No inspection on record"),
    "inspection.exempt": Text("按风险等级免于例行检查", "No routine visit is planned for this risk"),
    "inspection.passed": Text("{date} 检查通过", "Passed the visit of {date}"),
    "inspection.minor": Text(
        "{date} 检查通过，有 {faults} 项一般问题", "Passed on {date} with {faults} minor faults"
    ),
    "inspection.serious": Text(
        "{date} 检查通过，共 {faults} 项问题，其中有较重问题",
        "Passed on {date}; {faults} faults, some serious",
    ),
    "inspection.critical": Text(
        "{date} 检查通过，共 {faults} 项问题，其中有严重问题",
        "Passed on {date}; {faults} faults, some critical",
    ),
    "inspection.conditional": Text(
        "{date} 检查有 {faults} 项问题，须限期整改", "{faults} faults on {date} must be mended"
    ),
    "inspection.follow_up_due": Text(
        "{date} 检查的 {faults} 项问题须在 {due} 前整改", "{faults} faults of {date} must be mended by {due}"
    ),
    "inspection.follow_up_overdue": Text(
        "{date} 检查的 {faults} 项问题逾期未复查（期限 {due}）",
        "{faults} faults of {date} were to be mended by {due}; no follow-up since",
    ),
    "inspection.failed": Text("{date} 检查不合格，尚未复查合格", "Failed on {date}, no pass since"),
    "inspection.no_entry": Text("{date} 上门检查未能进入", "No entry on {date}"),
    "inspection.closed": Text("{date} 检查时已歇业，请核销", "Out of business on {date}; strike it off"),
    "grade.face": Text("量化等级：{grade}", "Hygiene grade: {grade}"),
    "cases.open": Text("{n} 件事项未办结（最早 {date}）", "{n} cases open (oldest {date})"),
    "cases.unaccepted": Text(
        "{n} 件投诉举报超过受理期限（{due}）", "{n} complaints not accepted in time (by {due})"
    ),
    "cases.overdue": Text("{n} 件事项逾期未办结（最早 {date}）", "{n} cases overdue (oldest {date})"),
    "tenancy.in_order": Text("{n} 个登记住所均在用", "{n} registered addresses, all in use"),
    "tenancy.lease_ended": Text(
        "{n} 个住所租约已到期仍登记在册", "{n} leases ended while the address is still registered"
    ),
    "tenancy.zombie": Text(
        "{total} 个登记住所中有 {n} 个疑似僵尸住所（{percent}%）",
        "{n} of {total} registered addresses are zombie addresses ({percent} %)",
    ),
    "tenancy.abnormal": Text(
        "{n} 户因住所无法联系列入经营异常名录", "{n} firms are on the list of abnormal operations"
    ),
    "credit.minor": Text(
        "轻微失信记录（{number}）自 {since} 公示，至 {date} 止",
        "Minor breach of trust ({number}), published from {since} to {date}",
    ),
    "credit.general": Text(
        "一般失信记录（{number}）自 {since} 公示，至 {date} 止",
        "General breach of trust ({number}), published from {since} to {date}",
    ),
    "credit.serious": Text(
        "严重失信记录（{number}）自 {since} 公示，至 {date} 止",
        "Serious breach of trust ({number}), published from {since} to {date}",
    ),
    "credit.specific": Text(
        "特定严重失信记录（{number}）自 {since} 公示，至 {date} 止，期间不得修复",
        "Specific serious breach of trust ({number}), published from {since} to {date}, no repair before",
    ),
    "field.value": Text("{field}：{value}", "{field}: {value}"),
    "field.within": Text("{field}：{value}", "{field}: {value}"),
    "field.below": Text("{field} {value}，低于 {limit}", "{field} {value}, below {limit}"),
    "field.above": Text("{field} {value}，高于 {limit}", "{field} {value}, above {limit}"),
    "field.fresh": Text("{field} {date}", "{field} {date}"),
    "field.ageing": Text("{field} {date}，宜再核实", "{field} {date}, should be confirmed again"),
    "field.stale": Text("{field} {date}，可能已失效", "{field} {date}, probably out of date"),
    "night.permitted": Text("{date} 夜间施工已许可", "Night works of {date} are permitted"),
    "night.filed": Text("{date} 夜间施工已备案", "Night works of {date} are filed"),
    "night.emergency": Text("{date} 夜间抢修抢险，已登记", "Emergency repair in the night of {date}, logged"),
    "night.emergency_in_ban": Text(
        "{date} 夜间抢修抢险在禁止窗口内，须人工确认",
        "Emergency repair in the night of {date} falls into a ban; a person must confirm",
    ),
    "night.banned_planned": Text(
        "{date} 夜间属禁止施工窗口，但有施工安排", "Works planned for {date}, a night of the ban"
    ),
    "night.banned_quiet": Text(
        "{date} 夜间属禁止施工窗口，无安排", "Night of {date} is banned; nothing planned"
    ),
    "night.rest_planned": Text(
        "{date} 应轮休，但有施工安排", "Works planned for {date}, which must be a night of rest"
    ),
    "night.rest": Text("{date} 为轮休夜", "{date} is a night of rest"),
    "night.planned_applied": Text(
        "{date} 夜间有施工计划，申请尚未决定", "Works planned for the night of {date}, not yet decided"
    ),
    "night.planned_suspended": Text(
        "{date} 夜间有施工计划，许可已暂停", "Works planned for the night of {date}, permit suspended"
    ),
    "night.planned_revoked": Text(
        "{date} 夜间有施工计划，许可已撤销", "Works planned for the night of {date}, permit revoked"
    ),
    "night.ran_out": Text(
        "许可的最后一夜为 {date}，请查看是否仍在施工",
        "Last permitted night was {date}; look whether work goes on",
    ),
    "night.quiet": Text("{date} 夜间无施工安排", "Nothing planned for the night of {date}"),
    "night.no_notice": Text("{date} 夜间施工公告未张贴", "Notice for the night of {date} is not posted"),
    "night.day_ban": Text(
        "{date} 为考试日，距考点 {metres} 米，日间禁止施工",
        "Exam day {date}: no work by day, an exam site is {metres} m away",
    ),
    "night.breach": Text(
        "{date} 夜 {time} 有施工迹象，无许可", "Work at {time}, night of {date}, nothing allows it"
    ),
    "night.breach_banned": Text(
        "{date} 夜 {time} 有施工迹象，属禁止窗口", "Work at {time}, night of {date}, inside a ban"
    ),
    "night.breach_rest": Text(
        "{date} 夜 {time} 有施工迹象，应轮休", "Work at {time}, night of {date}, a night of rest"
    ),
    "night.noise_over": Text(
        "{date} 夜 {time} 噪声超限（已许可施工）", "Too loud at {time}, night of {date} (works permitted)"
    ),
    "night.day_ban_breach": Text(
        "{date} 考试日日间有施工，距考点 {metres} 米",
        "Work by day on exam day {date}, exam site {metres} m away",
    ),
}


def describe(code: str, params: Mapping[str, object], language: Language) -> str:
    """Say a reason in words; a parameter is plain, a `Text` or its JSON form. An unknown code stays a code.

    >>> describe("permit.missing", {"kind": Text("营业执照", "Business licence")}, "en")
    'Business licence: none held'
    """
    template = REASONS.get(code)
    if template is None:
        return code
    words = {name: text_of(value, language) for name, value in params.items()}
    return template.in_(language).format_map(_Known(words))


def outline(code: str, outcome: str, language: Language) -> str:
    """Say a kind of reason without its particulars; an outcome that has no words of its own stays as it is.

    >>> outline("permit.missing", "missing", "en"), outline("permit.expiring_30", "expiring_30", "en")
    ('…: none held', '…: expires on … (30)')
    """
    stem, _, degree = code.rpartition("_")
    known = next((name for name in (code, stem) if name in REASONS), None)
    if known is None:
        return outcome
    words = REASONS[known].in_(language).format_map(_Omitted())
    return f"{words} ({degree})" if known == stem and degree.isdigit() else words


class _Omitted(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


class _Known(dict[str, str]):
    """Parameters of a reason; one that an older verdict did not record is a dash rather than an error."""

    def __missing__(self, key: str) -> str:
        return "—"
