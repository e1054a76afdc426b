"""What is known of a place at a moment: the only thing a judgement may look at.

All of these are named tuples: there are millions of them, and a frozen class takes five times as long to fill.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from layers.core.spec import Value
from layers.core.verdict import ReasonKey


class PermitState(StrEnum):
    """What an authority has done with a permit, from draft to its end.

    Whether it is in force (生效), expiring (将到期) or over (届满) is no state: it follows from its dates.
    """

    DRAFT = "draft"  # 草稿
    APPLIED = "applied"  # 已提交
    PRECHECK = "precheck"  # 预审
    SUPPLEMENT = "supplement"  # 补正
    ACCEPTED = "accepted"  # 受理
    REVIEW = "review"  # 审查
    REFUSED = "refused"  # 不予
    GRANTED = "granted"  # 准予
    PUBLISHED = "published"  # 已公示
    CHANGING = "changing"  # 变更中
    RENEWING = "renewing"  # 延续中
    SUSPENDED = "suspended"  # 暂停
    REVOKED = "revoked"  # 吊销, for what the holder did
    ANNULLED = "annulled"  # 撤销, for it should not have been granted
    CANCELLED = "cancelled"  # 注销
    WITHDRAWN = "withdrawn"  # 撤回
    REPLACED = "replaced"  # 遗失补办


USABLE = frozenset(
    {
        PermitState.GRANTED,
        PermitState.PUBLISHED,
        PermitState.CHANGING,
        PermitState.RENEWING,
        PermitState.REPLACED,
    }
)
PENDING = frozenset(
    {
        PermitState.APPLIED,
        PermitState.PRECHECK,
        PermitState.SUPPLEMENT,
        PermitState.ACCEPTED,
        PermitState.REVIEW,
    }
)
TAKEN_BACK = frozenset({PermitState.REVOKED, PermitState.ANNULLED})
VOID = frozenset(  # as if it had never been
    {PermitState.DRAFT, PermitState.REFUSED, PermitState.CANCELLED, PermitState.WITHDRAWN}
)


class InspectionResult(StrEnum):
    """How a visit ended."""

    PASSED = "passed"
    CONDITIONAL = "conditional"  # faults to mend by a date 限期整改
    FAILED = "failed"
    NO_ENTRY = "no_entry"
    CLOSED = "closed"  # the business is no longer there


class TenancyState(StrEnum):
    """The life of a registered address (住所)."""

    IN_USE = "in_use"  # 在用
    LEASE_ENDED = "lease_ended"  # 租约到期
    SUSPECTED = "suspected"  # 疑似僵尸住所
    NOTIFIED = "notified"  # 已通知
    VERIFIED_GONE = "verified_gone"  # 现场核实
    ABNORMAL_LIST = "abnormal_list"  # 经营异常名录
    RELEASED = "released"  # 释放


class Severity(StrEnum):
    """How grave a breach of trust (失信) is."""

    MINOR = "minor"  # 轻微
    GENERAL = "general"  # 一般
    SERIOUS = "serious"  # 严重
    SPECIFIC = "specific"  # 特定严重: published to the longest term, with no repair before


class RepairStage(StrEnum):
    """How far the repair of a credit record (信用修复) has come."""

    APPLIED = "applied"  # 申请
    DISTRICT = "district"  # 初审
    CITY = "city"  # 复审
    NATION = "nation"  # 终审
    GRANTED = "granted"  # 终止公示
    REFUSED = "refused"  # 不予修复


class Night(NamedTuple):
    """An interval of permitted night work [starts_at, ends_at), aware."""

    starts_at: datetime
    ends_at: datetime


class Permit(NamedTuple):
    """A permit, filing or certificate; `valid_to` is the last day in term, None without end."""

    kind: str
    number: str
    state: PermitState = PermitState.GRANTED
    valid_from: date | None = None
    valid_to: date | None = None
    renewal_applied_on: date | None = None
    decided_on: date | None = None
    basis: str = ""  # night work: permit 许可, filing 备案, emergency 抢修抢险
    notice_posted: bool | None = None
    nights: tuple[Night, ...] = ()
    id: int | None = None


class Inspection(NamedTuple):
    """A visit: when, how it ended, faults by weight, and the day a follow-up is due."""

    kind: str
    at: datetime
    result: InspectionResult
    grade: str = ""
    critical: int = 0
    serious: int = 0
    minor: int = 0
    follow_up_due: date | None = None
    id: int | None = None


class Tenancy(NamedTuple):
    """A tenant in a unit; `valid_to` is the lease's last day, `registered`: the address is on its licence."""

    unit: str
    tenant: str
    state: TenancyState
    valid_from: date | None = None
    valid_to: date | None = None
    registered: bool = False
    id: int | None = None


class Case(NamedTuple):
    """A complaint, alert or task on a place, or an objection to a reason of its verdict (see `contests`)."""

    kind: str  # complaint, alert, task, contest
    title: str
    stage: str
    opened_at: datetime
    nature: str = ""  # of a complaint: claim 投诉 or report 举报
    accepted_on: date | None = None
    due_at: datetime | None = None
    closed_at: datetime | None = None
    about: ReasonKey | None = None  # the reason objected to
    about_on: date | None = None  # the day of that reason
    outcome: str = ""
    id: int | None = None


class Reading(NamedTuple):
    """What an instrument or a patrol saw at a site: sound levels in dB(A), whether work was going on."""

    at: datetime
    working: bool
    leq_db: float | None = None
    lmax_db: float | None = None


class Repair(NamedTuple):
    """An application to end the publication of a record sooner; `ended_on`: granted or refused."""

    applied_on: date
    stage: RepairStage = RepairStage.APPLIED
    ended_on: date | None = None
    id: int | None = None


class CreditRecord(NamedTuple):
    """A penalty against the firm of a place, see `credit`; without a day of publication it is not shown."""

    severity: Severity
    number: str
    decided_on: date
    published_on: date | None = None
    repairs: tuple[Repair, ...] = ()
    id: int | None = None


class Facts(NamedTuple):
    """Everything known of one place. Times are aware; a field that is unknown is absent or None."""

    layer: str
    place_id: int
    category: str
    city: str = ""
    attributes: Mapping[str, Value | tuple[str, ...] | date] = MappingProxyType({})
    permits: tuple[Permit, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    tenancies: tuple[Tenancy, ...] = ()
    cases: tuple[Case, ...] = ()
    readings: tuple[Reading, ...] = ()
    credit: tuple[CreditRecord, ...] = ()  # of the firm
