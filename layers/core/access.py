"""Who may see and do what: one table of role, scope and field class that every read and write goes through.

A *viewer* is a role with a scope. Inside its scope a role reads the field classes the table gives it;
outside, everybody is the public. A place that has no class to show does not exist for the caller.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from layers.core.errors import YipingError
from layers.core.text import Text


class FieldClass(StrEnum):
    """How far a field may travel: anybody, people on duty, or only who needs the person behind it."""

    PUBLIC = "public"
    OFFICIAL = "official"
    PERSONAL = "personal"


class Role(StrEnum):
    """The parts people play."""

    PUBLIC = "public"
    MERCHANT = "merchant"
    PROPERTY_MANAGER = "property_manager"
    AGENCY = "agency"
    INSPECTOR = "inspector"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"

    @property
    def label(self) -> Text:
        """The role's name as shown to people."""
        return _ROLE_TITLES[self]


class Action(StrEnum):
    """What can be done beyond reading."""

    OPEN_OPS = "open_ops"
    OPEN_FIELD = "open_field"
    INSPECT = "inspect"
    EXPORT = "export"
    REVEAL = "reveal"  # see a personal field unmasked, once, on the record
    MANAGE_USERS = "manage_users"
    CONTEST = "contest"  # object to a reason of a place inside the scope 异议
    DECIDE = "decide"  # decide on an objection, and on the repair of a credit record
    REPAIR = "repair"  # ask for the repair of a credit record of the own firm 信用修复
    RECORD_CREDIT = "record_credit"  # enter, correct or withdraw a credit record of a firm
    OPEN_DUE = "open_due"  # read inspection lists, as far as the scope reaches
    MAKE_LISTS = "make_lists"  # a list is of the whole city, so only who answers for all of it makes one
    ASSIGN = "assign"  # give tasks to others
    CHANGE_RULES = "change_rules"  # never with who is measured by them
    OPEN_DRAWS = "open_draws"  # read draws (双随机) and late publications, as far as the scope reaches
    DRAW = "draw"  # make draws of the whole city, see their pools, declare and end anybody's recusal
    OPEN_CASES = "open_cases"  # read cases and what was done about them, as far as the scope reaches 案件
    DELIVER = (
        "deliver"  # send a file of places and have it taken in: it may hold persons of any part of the city
    )
    PUBLISH = "publish"  # make the result of a visit public, for good


_ROLE_TITLES = {
    Role.PUBLIC: Text("公众", "Public"),
    Role.MERCHANT: Text("商户", "Merchant"),
    Role.PROPERTY_MANAGER: Text("物业", "Property manager"),
    Role.AGENCY: Text("招商机构", "Agency"),
    Role.INSPECTOR: Text("检查员", "Inspector"),
    Role.SUPERVISOR: Text("值班长", "Supervisor"),
    Role.ADMIN: Text("管理员", "Administrator"),
}

_PUBLIC = frozenset({FieldClass.PUBLIC})
_ON_DUTY = frozenset({FieldClass.PUBLIC, FieldClass.OFFICIAL})
_ALL = frozenset(FieldClass)


@dataclass(frozen=True, slots=True)
class Grant:
    """A row of the table: classes read inside the scope, actions, and whether the scope is the whole city."""

    reads: frozenset[FieldClass]
    actions: frozenset[Action] = frozenset()
    whole_city: bool = False


GRANTS: dict[Role, Grant] = {
    Role.PUBLIC: Grant(_PUBLIC),
    Role.MERCHANT: Grant(_ALL, frozenset({Action.EXPORT, Action.CONTEST, Action.REPAIR})),
    Role.PROPERTY_MANAGER: Grant(_ON_DUTY, frozenset({Action.EXPORT})),
    Role.AGENCY: Grant(_ON_DUTY, frozenset({Action.EXPORT})),
    Role.INSPECTOR: Grant(
        _ALL,
        frozenset(
            {
                Action.OPEN_FIELD,
                Action.INSPECT,
                Action.REVEAL,
                Action.EXPORT,
                Action.OPEN_OPS,
                Action.OPEN_DUE,
                Action.OPEN_DRAWS,
                Action.OPEN_CASES,
            }
        ),
    ),
    # Who decides on objections and repairs asks for none; who answers for what is red does not say what is.
    Role.SUPERVISOR: Grant(
        _ALL,
        frozenset(set(Action) - {Action.MANAGE_USERS, Action.CONTEST, Action.REPAIR, Action.CHANGE_RULES}),
        whole_city=True,
    ),
    Role.ADMIN: Grant(
        _ON_DUTY,
        frozenset(
            {
                Action.OPEN_OPS,
                Action.OPEN_DUE,
                Action.OPEN_DRAWS,
                Action.OPEN_CASES,
                Action.EXPORT,
                Action.MANAGE_USERS,
                Action.CHANGE_RULES,
            }
        ),
        whole_city=True,
    ),
}

_AREA = re.compile(r"\d{6}(\d{3})?\Z")
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}\Z")
_BUILDING = re.compile(r"B\d+\Z")


@dataclass(frozen=True, slots=True)
class Scope:
    """What part of the city a viewer answers for; all empty means nothing, save for roles of the whole city."""

    areas: frozenset[str] = frozenset()  # 6 digits: district, 9 digits: sub-district
    usccs: frozenset[str] = frozenset()
    buildings: frozenset[int] = frozenset()

    @classmethod
    def parse(cls, codes: list[str]) -> Scope:
        """Read scope codes: `310104`, `310104003`, an 18-character USCC, or `B` and a building's number.

        Raises `YipingError` for anything else.
        """
        areas, usccs, buildings = set(), set(), set()
        for code in (c.strip().upper() for c in codes if c.strip()):
            if _AREA.match(code):
                areas.add(code)
            elif _BUILDING.match(code):
                buildings.add(int(code[1:]))
            elif _USCC.match(code):
                usccs.add(code)
            else:
                raise YipingError(
                    Text(
                        f"范围“{code}”不可用：请用区（310104）、街镇（310104003）、"
                        "统一社会信用代码（18 位）或楼宇（B12）。",
                        f"Scope {code!r} is none of: a district (310104), a sub-district (310104003), "
                        "a credit code (18 characters), a building (B12).",
                    )
                )
        return cls(frozenset(areas), frozenset(usccs), frozenset(buildings))

    def covers_area(self, area_code: str) -> bool:
        """Tell whether a district or sub-district code lies inside the scope."""
        return bool(area_code) and (area_code in self.areas or area_code[:6] in self.areas)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks: a role, a scope and a name for the record."""

    role: Role = Role.PUBLIC
    scope: Scope = field(default_factory=Scope)
    name: str = ""
    user_id: int | None = None

    @property
    def grant(self) -> Grant:
        """The table's row for this role."""
        return GRANTS[self.role]

    @property
    def whole_city(self) -> bool:
        """Whether no row limit applies."""
        return self.grant.whole_city

    def may(self, action: Action) -> bool:
        """Tell whether the role may do something at all; the scope is checked per place."""
        return action in self.grant.actions

    def may_export(self, *, open_data: bool) -> bool:
        """Tell whether a layer may be taken out as a file: by the roles that export, and by anybody where it is open.

        Who takes it out changes nothing about what is in it: every row is as the viewer may read it.
        """
        return open_data or self.may(Action.EXPORT)

    def reads(self, *, in_scope: bool) -> frozenset[FieldClass]:
        """Return the classes of fields this viewer reads of a place inside or outside its scope."""
        return self.grant.reads if in_scope or self.whole_city else _PUBLIC

    def reads_records(self, *, in_scope: bool) -> frozenset[FieldClass]:
        """Return the classes of fields this viewer reads of the records on a place.

        A person named there is not the one whose place it is: who may see nobody in clear does not learn who
        complained, not even a merchant about the own shop.
        """
        reads = self.reads(in_scope=in_scope)
        return reads if self.may(Action.REVEAL) else reads - {FieldClass.PERSONAL}

    def reads_throughout(self, readable_by: FieldClass) -> frozenset[FieldClass]:
        """Return the classes read of *every* place of a layer that this viewer may know of.

        Filters, counts and orders speak of all places at once, so they may rest on these classes only.
        """
        outside = self.reads(in_scope=False)
        return outside if readable_by in outside else self.grant.reads


PUBLIC_VIEWER = Viewer()


_MOBILE = re.compile(r"1[0-9]{10}\Z")
_LEAST_SHOWN_OF = 8  # shorter numbers, and words in their place, are hidden entirely


def mask_phone(value: str) -> str:
    """Hide the middle of a phone number: a mobile shows 3 and 4 digits, any other number at most half of its own.

    >>> mask_phone("13812345678"), mask_phone("62661234"), mask_phone("021-62661234"), mask_phone("110")
    ('138****5678', '62****34', '02****234', '****')
    """
    digits = re.sub(r"\D", "", value)
    if _MOBILE.match(digits):
        return f"{digits[:3]}****{digits[-4:]}"
    shown = len(digits) // 2 if len(digits) >= _LEAST_SHOWN_OF else 0
    head = shown // 2
    return f"{digits[:head]}****{digits[len(digits) - (shown - head) :]}" if value else ""


def mask_identity(value: str) -> str:
    """Keep the first 3 and the last 4 of the 18 characters of a citizen's number; any other is hidden entirely.

    >>> mask_identity("310104199001011234")
    '310***********1234'
    """
    return f"{value[:3]}{'*' * 11}{value[-4:]}" if len(value) == 18 else "*" * len(value)


def mask_name(value: str) -> str:
    """Keep the first character of a person's name."""
    return f"{value[:1]}*" if value else ""


MASKS = {"phone": mask_phone, "identity": mask_identity, "person": mask_name}
