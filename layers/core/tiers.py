"""The two scales every place is put on: inspection tier and permit status, each worst last by code."""

from __future__ import annotations

from enum import StrEnum

from layers.core.text import Text


class Tier(StrEnum):
    """How soon somebody must act on a place (分级)."""

    NONE = "none"
    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def code(self) -> int:
        """Small integer used in columns; a larger one is worse."""
        return _TIER_CODES[self]

    @property
    def label(self) -> Text:
        """The word shown beside the shape, so that colour is never the only signal."""
        return _TIER_TITLES[self]


class PermitStatus(StrEnum):
    """The permit status of a place (许可状态): the worst of its required permits."""

    NOT_REQUIRED = "not_required"
    VALID = "valid"
    PENDING = "pending"
    EXPIRING = "expiring"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    MISSING = "missing"
    REVOKED = "revoked"

    @property
    def code(self) -> int:
        """Small integer used in columns; a larger one is worse."""
        return _STATUS_CODES[self]

    @property
    def label(self) -> Text:
        """The word shown to people."""
        return _STATUS_TITLES[self]


TIERS: tuple[Tier, ...] = tuple(Tier)
STATUSES: tuple[PermitStatus, ...] = tuple(PermitStatus)
WORST_FIRST_TIERS: tuple[Tier, ...] = tuple(reversed(TIERS))
WORST_FIRST_STATUSES: tuple[PermitStatus, ...] = tuple(reversed(STATUSES))

_TIER_CODES = {tier: code for code, tier in enumerate(TIERS)}
_STATUS_CODES = {status: code for code, status in enumerate(STATUSES)}

_TIER_TITLES = {
    Tier.NONE: Text("无数据", "No data"),
    Tier.BLUE: Text("正常", "In order"),
    Tier.YELLOW: Text("30 日内", "Within 30 days"),
    Tier.ORANGE: Text("本周处置", "This week"),
    Tier.RED: Text("立即处置", "Act now"),
}
_STATUS_TITLES = {
    PermitStatus.NOT_REQUIRED: Text("无需许可", "Not required"),
    PermitStatus.VALID: Text("有效", "Valid"),
    PermitStatus.PENDING: Text("办理中", "Pending"),
    PermitStatus.EXPIRING: Text("将到期", "Expiring"),
    PermitStatus.SUSPENDED: Text("暂停", "Suspended"),
    PermitStatus.EXPIRED: Text("已过期", "Expired"),
    PermitStatus.MISSING: Text("缺证", "Missing"),
    PermitStatus.REVOKED: Text("已吊销", "Revoked"),
}


def worst_status(statuses: list[PermitStatus]) -> PermitStatus:
    """Return the worst of some permit statuses, `NOT_REQUIRED` of none."""
    return max(statuses, key=lambda status: status.code, default=PermitStatus.NOT_REQUIRED)
