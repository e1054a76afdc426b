"""Buildings (载体): the addresses firms register at - malls, markets, parks, towers, streets of the address cloud.

The case. A firm needs a registered address (住所), and proving it took from two papers to more than ten.
Xuhui's address cloud (住所云) takes the papers of a *carrier* once: from then on a tenant registers with the
lease alone. By 2021 34 buildings and parks were in, more than 400 firms had used the lease only, 44 malls and
markets and 235 streets were to follow (case 6). The property manager reports who comes and goes, so that zombie
addresses (僵尸住所: the tenant is gone, the licence still says this room) stop blocking the next one.

The facts. A carrier has floors, on them units, a manager and title papers on file (权属材料), for the whole or
for a unit; tenancies stand in its units, each with its lease, from whom it is let - which makes a chain where
it is sublet (转租) - and whether the address is on a licence. What proof a unit needs follows from its
premises: owned 自有, leased 租赁, sublet 转租, part of a titled unit, without title 无产权证, mall or market
商业综合体, shared registration address 集中登记地, dwelling put to other use 居改非. A firm that pauses (歇业)
does so for at most three years and may name an address for legal papers instead. The life of an address: in use
在用, lease ended 租约到期, suspected 疑似, notified 已通知, verified gone 现场核实, on the list of abnormal
operations 经营异常名录, released 释放. *Released* lifts the block for the next tenant; nobody is struck off by
force. Several firms at one address (一址多照) are lawful.

Cloud states: applied 载体申请, checking 材料核验, in_cloud 入云, changing 变更, paused 暂停, left 出云, none
未入云. A carrier is `lease_only` when a tenant may register with the lease alone; dwellings put to other use
(居改非) are not by default, and switch rooms, refuge floors and escape routes never.

Tiers. Red: zombie addresses fill more of the carrier than the rule allows. Orange: a share worth an inspection
this week. Yellow: single ones, leases that ran out while the address is still registered, papers under change.
Blue: tenancies known and in order, or a carrier in the cloud. Grey: a building of which only the outline is
known.

Sources: 市场主体登记管理条例 Art. 11, 30; 上海市优化营商环境条例 (2024); 沪府办规〔2024〕2号;
徐府发规〔2024〕2号. The shares that make a tier are our own defaults.
"""

from __future__ import annotations

from layers.core.access import FieldClass
from layers.core.spec import (
    Choice,
    Field,
    FieldType,
    Filter,
    InspectionSpec,
    Intake,
    Layer,
    On,
    PermitSpec,
    RecordColumns,
    Symbol,
)
from layers.core.text import Text
from layers.core.words import PERMIT_STATE_WORDS

CLOUD_STATES = (
    Choice("none", Text("未入云", "Not in the cloud")),
    Choice("applied", Text("载体申请", "Applied")),
    Choice("checking", Text("材料核验", "Papers checked")),
    Choice("in_cloud", Text("已入云", "In the cloud")),
    Choice("changing", Text("变更中", "Changing")),
    Choice("paused", Text("暂停", "Paused")),
    Choice("left", Text("已出云", "Left")),
)

LAYER = Layer(
    id="buildings",
    title=Text("住所载体", "Buildings"),
    noun=Text("处", "buildings"),
    category=Text("载体类型", "Kind of carrier"),
    categories=(
        Choice("mall", Text("商业综合体", "Mall")),
        Choice("market", Text("专业市场", "Market")),
        Choice("park", Text("园区", "Business park")),
        Choice("tower", Text("商务楼宇", "Office tower")),
        Choice("street", Text("沿街路段", "Street")),
        Choice("registry", Text("集中登记地", "Shared registration address")),
        Choice("hotel", Text("酒店", "Hotel")),
        Choice("residential", Text("住宅小区", "Housing estate")),
        Choice("other", Text("其他", "Other")),
    ),
    fields=(
        Field(
            name="cloud_state",
            type=FieldType.CHOICE,
            title=Text("住所云状态", "Address cloud"),
            visible_to=FieldClass.PUBLIC,
            choices=CLOUD_STATES,
        ),
        Field(
            name="lease_only",
            type=FieldType.BOOLEAN,
            title=Text("凭租赁合同登记", "Lease alone suffices"),
            visible_to=FieldClass.PUBLIC,
        ),
        Field(
            name="floors",
            type=FieldType.INTEGER,
            title=Text("层数", "Floors"),
            visible_to=FieldClass.PUBLIC,
            unit=Text("层", "floors"),
            minimum=1,
            maximum=200,
        ),
        Field(
            name="area_m2",
            type=FieldType.NUMBER,
            title=Text("建筑面积", "Floor area"),
            visible_to=FieldClass.PUBLIC,
            unit=Text("㎡", "m²"),
            minimum=0,
            maximum=5000000,
        ),
        Field(
            name="units",
            type=FieldType.INTEGER,
            title=Text("单元数", "Units"),
            unit=Text("户", "units"),
            minimum=0,
            maximum=100000,
        ),
        Field(
            name="occupancy_share",
            type=FieldType.NUMBER,
            title=Text("入驻率", "Occupancy"),
            minimum=0,
            maximum=1,
        ),
        Field(
            name="property_fee_cny_m2_month",
            type=FieldType.NUMBER,
            title=Text("物业费", "Service charge"),
            visible_to=FieldClass.PUBLIC,
            unit=Text("元/㎡·月", "CNY/m²/month"),
            minimum=0,
            maximum=500,
        ),
        Field(
            name="built_year",
            type=FieldType.INTEGER,
            title=Text("建筑年代", "Built"),
            visible_to=FieldClass.PUBLIC,
            minimum=1840,
            maximum=2100,
        ),
        Field(
            name="building_form",
            type=FieldType.TEXT,
            title=Text("建筑类型", "Form"),
            visible_to=FieldClass.PUBLIC,
        ),
        Field(
            name="business_area",
            type=FieldType.TEXT,
            title=Text("区域商圈", "Business area"),
            visible_to=FieldClass.PUBLIC,
        ),
        Field(
            name="developer",
            type=FieldType.TEXT,
            title=Text("开发商", "Developer"),
            visible_to=FieldClass.PUBLIC,
        ),
        Field(
            name="property_company",
            type=FieldType.TEXT,
            title=Text("物业公司", "Property company"),
            visible_to=FieldClass.PUBLIC,
        ),
        Field(
            name="manager",
            type=FieldType.TEXT,
            title=Text("楼长", "Building chief"),
            visible_to=FieldClass.PERSONAL,
            mask="person",
        ),
        Field(name="papers_checked_on", type=FieldType.DATE, title=Text("材料核验日期", "Papers checked on")),
    ),
    permits=(
        PermitSpec(
            kind="shared_address_approval",
            title=Text("集中登记地认定", "Approval as shared registration address"),
            required=None,
        ),
    ),
    inspections=(
        InspectionSpec(kind="address_check", title=Text("住所核查", "Address check")),
        InspectionSpec(kind="papers", title=Text("权属材料核验", "Check of title papers")),
    ),
    states=CLOUD_STATES,
    rules="buildings",
    symbol=Symbol("building"),
    card=(
        "category",
        "address",
        "cloud_state",
        "lease_only",
        "floors",
        "area_m2",
        "units",
        "occupancy_share",
        "property_fee_cny_m2_month",
        "built_year",
        "building_form",
        "business_area",
        "developer",
        "property_company",
        "papers_checked_on",
        "uscc",
        "enterprise",
        "manager",
        "contact",
        "phone",
    ),
    filters=(
        Filter("category"),
        Filter("street"),
        Filter("state"),
        Filter("lease_only", "true"),
        Filter("occupancy_share", "between"),
        Filter("floors", "between"),
        Filter("built_year", "between"),
    ),
    intake=Intake(
        columns={
            "external_id": ("编号", "载体编号", "楼宇编号", "id", "external_id"),
            "name": ("小区名称", "楼宇名称", "载体名称", "名称", "name"),
            "address": ("详细地址", "地址", "address"),
            "district": ("区", "区县", "行政区", "adname", "district"),
            "category": ("载体类型", "产权类别", "类型", "type", "category"),
            "business_area": ("区域商圈", "商圈", "business_area"),
            "building_form": ("建筑类型", "building_form"),
            "property_fee_cny_m2_month": ("物业费用", "物业费", "property_fee", "property_fee_cny_m2_month"),
            "units": ("总户数", "单元数", "户数", "units"),
            "built_year": ("建筑年代", "竣工年份", "built_year"),
            "developer": ("开发商", "建设单位", "developer"),
            "property_company": ("物业公司", "物业", "property_company"),
            "floors": ("层数", "楼层数", "floors"),
            "area_m2": ("建筑面积", "面积", "area_m2", "area"),
            "occupancy_share": ("入驻率", "occupancy", "occupancy_share"),
            "lease_only": ("凭租赁合同登记", "lease_only"),
            "cloud_state": ("住所云状态", "cloud_state"),
            "papers_checked_on": ("材料核验日期", "papers_checked_on"),
            "manager": ("楼长", "负责人", "manager"),
            "contact": ("联系人", "contact"),
            "phone": ("电话", "联系电话", "phone"),
            "uscc": ("统一社会信用代码", "信用代码", "uscc"),
            "enterprise": ("企业名称", "enterprise"),
            "outline": ("范围", "边界", "outline", "wkt"),
            "lon": ("经度", "lon", "lng", "longitude", "x"),
            "lat": ("纬度", "lat", "latitude", "y"),
        },
        natural_key=("name", "address", "lon", "lat"),
        category_keywords={
            "residential": ("住宅", "动迁", "经济适用房", "自建房", "小区", "residential", "estate"),
            "registry": ("集中登记", "shared registration"),
            "park": ("园区", "产业园", "科技园", "park"),
            "tower": ("办公", "写字楼", "大厦", "楼宇", "office", "tower"),
            "mall": ("商业", "综合体", "购物中心", "商场", "mall"),
            "market": ("市场", "market"),
            "hotel": ("酒店", "宾馆", "hotel"),
            "street": ("路段", "沿街", "street"),
        },
        permit=RecordColumns(
            kind="shared_address_approval",
            columns={
                "number": ("集中登记地认定编号", "认定文号", "approval_number"),
                "valid_from": ("认定日期", "valid_from"),
                "valid_to": ("认定有效期至", "valid_to"),
                "state": ("认定状态", "approval_state"),
                "issuer": ("认定机关", "issuer"),
            },
            values={"state": PERMIT_STATE_WORDS},
        ),
    ),
    on=(On("ops", 4), On("field", 4), On("buildings", 1)),
)
