"""Shops (商铺): street shops, tenants of malls, canteens - everything with a sign over a door.

The case. Xuhui's shop code (汇商码) gave every shop one plate and one file: 15,000 entities, of which about
9,000 line 235 streets and the rest stand in malls, markets and canteens. One code opens for three: the official
sees licences and visits, the shop keeps its own data and its staff, the passer-by sees the licence, the grade
and where to complain.

The facts. A shop stands at an address under a sign (店招名), which need not be the name of the firm behind it;
its trade (业态) decides which permits it needs. Its firm is joined by the unified social credit code, its
building by the address. Key it by address and unit, never by name alone: one mall address holds dozens of
shops. Its codes are two: the district's shop code (汇商码) and the nation's enterprise code (企业码), which
shows the licence.

Permits. Everybody: the business licence (营业执照), on display (登记管理条例 Art. 48). Food: the food business
permit (食品经营许可证, `JY` + 14 digits, five years); small catering may hold the sub-district's filing
(小型餐饮临时备案), a shop that sells only packed food the `YB` filing, and a combined industry licence
(一业一证, Pudong 2021) replaces them all. Hotels, hairdressers, baths and the like: the hygiene licence of
public places (four years). Tobacco: the monopoly licence (at most five years). Liquor had its own licence until
2023, when it became an item of the food permit. Places where crowds gather: the fire check before opening
(消防法 Art. 15), without term.

Cold chain. A shop that keeps imported cold food stands on one of four lists; its trade says of which of eleven
types it is, and by which of seven sheets it is checked (`layers.core.cold_chain`).

Inspection. The grade of risk adds up a static and a dynamic score and, for producers, one of credit. The
nine-square table (九宫格) crosses food-safety risk (A low to D high) with the firm's credit risk and gives
visits a year; the list of what is due within 30 days is the inspector's plan. Each visit grades the shop with a
face: green smile 良好, yellow flat 一般, red sad 较差 in Shanghai - other cities print the same faces with
other words; beside the dynamic grade of a visit stands the annual one of twelve months.

Tiers. Red: trading without, with a revoked or with a lapsed permit, a failed visit, a visit long overdue.
Orange: a permit with a week to go, a missed follow-up, an overdue visit, a sad face. Yellow: a permit or visit
due within 30 days, an open complaint, a minor fault. Blue: a permit in term or a visit in time says so. Grey:
only a name on a list, no record of any authority.

Sources: 上海市食品安全条例; 食品经营许可和备案管理办法 (2023); 总局令49 (2022-03-15); 行政许可法 Art. 50; 2021
case collection, case 5. What of it is read and what is our own default stands in `rules/shops.toml`.
"""

from __future__ import annotations

from layers.core import cold_chain
from layers.core.access import FieldClass
from layers.core.choices import CREDIT_RISKS, FACE_GRADES, FOOD_RISKS
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
    When,
)
from layers.core.text import Text
from layers.core.words import FACE_WORDS, LEVEL_WORDS, PERMIT_STATE_WORDS, RESULT_WORDS

CATERING = ("restaurant", "snack", "fast_food", "cafe", "drinks", "bakery", "bar", "canteen")
FOOD = (*CATERING, "convenience", "supermarket", "market", "food_maker")
HYGIENE = ("hotel", "hairdresser", "bath", "entertainment")
CROWDS = ("hotel", "entertainment", "bath", "market")

PLATE_STATES = (
    Choice("collected", Text("已采集", "Collected")),
    Choice("verified", Text("已核实", "Verified")),
    Choice("issued", Text("已发码", "Code issued")),
    Choice("posted", Text("在营", "Trading, plate posted")),
    Choice("changing", Text("变更中", "Changing")),
    Choice("paused", Text("停业", "Paused")),
    Choice("struck_off", Text("注销", "Struck off")),
)

LAYER = Layer(
    id="shops",
    title=Text("商铺", "Shops"),
    noun=Text("家", "shops"),
    category=Text("业态", "Trade"),
    categories=(
        Choice("restaurant", Text("餐馆", "Restaurant")),
        Choice("snack", Text("小吃店", "Snack shop")),
        Choice("fast_food", Text("快餐店", "Fast food")),
        Choice("cafe", Text("咖啡馆", "Café")),
        Choice("drinks", Text("饮品甜品店", "Drinks and desserts")),
        Choice("bakery", Text("糕饼店", "Bakery")),
        Choice("bar", Text("酒吧", "Bar")),
        Choice("canteen", Text("食堂", "Canteen")),
        Choice("convenience", Text("便利店", "Convenience store")),
        Choice("supermarket", Text("超市食品店", "Supermarket and grocery")),
        Choice("market", Text("菜场", "Food market")),
        Choice("food_maker", Text("食品加工", "Food maker")),
        Choice("pharmacy", Text("药店", "Pharmacy")),
        Choice("hotel", Text("旅馆", "Hotel")),
        Choice("hairdresser", Text("美容美发", "Hair and beauty")),
        Choice("bath", Text("浴室足浴", "Bath house")),
        Choice("entertainment", Text("文体娱乐", "Entertainment and sport")),
        Choice("retail", Text("零售", "Retail")),
        Choice("service", Text("生活服务", "Services")),
        Choice("other", Text("其他", "Other")),
    ),
    fields=(
        Field(
            name="sign_name",
            type=FieldType.TEXT,
            title=Text("店招名", "Name on the sign"),
            visible_to=FieldClass.PUBLIC,
        ),
        Field(name="road", type=FieldType.TEXT, title=Text("路段", "Street"), visible_to=FieldClass.PUBLIC),
        Field(
            name="unit", type=FieldType.TEXT, title=Text("铺位/室号", "Unit"), visible_to=FieldClass.PUBLIC
        ),
        Field(
            name="mall", type=FieldType.TEXT, title=Text("综合体/市场", "Mall"), visible_to=FieldClass.PUBLIC
        ),
        Field(
            name="shop_state", type=FieldType.CHOICE, title=Text("铭牌状态", "Plate"), choices=PLATE_STATES
        ),
        Field(name="shop_code", type=FieldType.TEXT, title=Text("汇商码", "Shop code")),
        Field(name="enterprise_code", type=FieldType.TEXT, title=Text("企业码", "Enterprise code")),
        Field(
            name="area_m2",
            type=FieldType.NUMBER,
            title=Text("营业面积", "Floor area"),
            unit=Text("㎡", "m²"),
            minimum=0,
            maximum=200000,
        ),
        Field(
            name="manager",
            type=FieldType.TEXT,
            title=Text("店长", "Manager"),
            visible_to=FieldClass.PERSONAL,
            mask="person",
        ),
        Field(
            name="staff_count",
            type=FieldType.INTEGER,
            title=Text("员工数", "Staff"),
            unit=Text("人", "employed"),
            minimum=0,
            maximum=20000,
        ),
        Field(
            name="food_risk",
            type=FieldType.CHOICE,
            title=Text("食品安全风险", "Food-safety risk"),
            choices=FOOD_RISKS,
        ),
        Field(
            name="static_score",
            type=FieldType.NUMBER,
            title=Text("静态风险分", "Static risk score"),
            unit=Text("分", "points"),
            minimum=0,
            maximum=100,
        ),
        Field(
            name="dynamic_score",
            type=FieldType.NUMBER,
            title=Text("动态风险分", "Dynamic risk score"),
            unit=Text("分", "points"),
            minimum=0,
            maximum=100,
        ),
        Field(
            name="credit_score",
            type=FieldType.NUMBER,
            title=Text("通用信用分", "Credit score"),
            unit=Text("分", "points"),
            minimum=0,
            maximum=100,
        ),
        Field(
            name="credit_risk",
            type=FieldType.CHOICE,
            title=Text("信用风险", "Credit risk"),
            choices=CREDIT_RISKS,
        ),
        Field(
            name="face_grade",
            type=FieldType.CHOICE,
            title=Text("量化等级（动态）", "Hygiene grade"),
            visible_to=FieldClass.PUBLIC,
            choices=FACE_GRADES,
        ),
        Field(
            name="annual_grade",
            type=FieldType.CHOICE,
            title=Text("量化等级（年度）", "Annual grade"),
            visible_to=FieldClass.PUBLIC,
            choices=FACE_GRADES,
        ),
        Field(
            name="cold_chain",
            type=FieldType.CHOICE,
            title=Text("冷链清单", "Cold-chain list"),
            choices=(
                Choice(cold_chain.NOT_CONCERNED, Text("不涉及", "Not concerned")),
                Choice("red", Text("红色清单", "Red list")),
                Choice("orange", Text("橙色清单", "Orange list")),
                Choice("yellow", Text("黄色清单", "Yellow list")),
                Choice("blue", Text("蓝色清单", "Blue list")),
            ),
        ),
        Field(
            name="cold_chain_type",
            type=FieldType.CHOICE,
            title=Text("冷链业态", "Cold-chain type"),
            choices=cold_chain.TYPE_CHOICES,
        ),
        Field(
            name="breakfast",
            type=FieldType.BOOLEAN,
            title=Text("供应早餐", "Serves breakfast"),
            visible_to=FieldClass.PUBLIC,
        ),
        Field(name="sells_tobacco", type=FieldType.BOOLEAN, title=Text("经营烟草", "Sells tobacco")),
        Field(name="sells_liquor", type=FieldType.BOOLEAN, title=Text("经营酒类", "Sells liquor")),
    ),
    permits=(
        PermitSpec(kind="business_licence", title=Text("营业执照", "Business licence")),
        PermitSpec(
            kind="food_business",
            title=Text("食品经营许可证", "Food business permit"),
            required=(When("category", "in", FOOD),),
            number="jy",
        ),
        PermitSpec(
            kind="small_catering_filing",
            title=Text("小型餐饮临时备案", "Small catering filing"),
            required=None,
        ),
        PermitSpec(
            kind="prepacked_food_filing",
            title=Text("仅销售预包装食品备案", "Packed-food filing"),
            required=None,
        ),
        PermitSpec(
            kind="industry_licence", title=Text("行业综合许可证", "Combined industry licence"), required=None
        ),
        PermitSpec(
            kind="hygiene_licence",
            title=Text("公共场所卫生许可证", "Public-place hygiene licence"),
            required=(When("category", "in", HYGIENE),),
        ),
        PermitSpec(
            kind="liquor_licence",
            title=Text("酒类商品零售许可证", "Liquor licence"),
            required=(When("sells_liquor", "true"),),
        ),
        PermitSpec(
            kind="tobacco_licence",
            title=Text("烟草专卖零售许可证", "Tobacco licence"),
            required=(When("sells_tobacco", "true"),),
        ),
        PermitSpec(
            kind="fire_check",
            title=Text("公众聚集场所消防安全检查", "Fire-safety check"),
            required=(When("category", "in", CROWDS),),
        ),
    ),
    inspections=(
        InspectionSpec(
            kind="routine", title=Text("日常监督检查", "Routine inspection"), visible_to=FieldClass.PUBLIC
        ),
        InspectionSpec(kind="follow_up", title=Text("复查", "Follow-up"), visible_to=FieldClass.PUBLIC),
        InspectionSpec(kind="random", title=Text("双随机抽查", "Random check"), visible_to=FieldClass.PUBLIC),
        InspectionSpec(kind="unannounced", title=Text("飞行检查", "Unannounced check")),
        InspectionSpec(kind="self_check", title=Text("自查", "Self-check")),
    ),
    states=PLATE_STATES,
    rules="shops",
    symbol=Symbol("shop"),
    card=(
        "sign_name",
        "category",
        "shop_state",
        "address",
        "unit",
        "road",
        "mall",
        "building",
        "face_grade",
        "annual_grade",
        "food_risk",
        "static_score",
        "dynamic_score",
        "credit_risk",
        "credit_score",
        "cold_chain",
        "cold_chain_type",
        "area_m2",
        "staff_count",
        "breakfast",
        "sells_tobacco",
        "sells_liquor",
        "shop_code",
        "enterprise_code",
        "uscc",
        "enterprise",
        "contact",
        "manager",
        "phone",
    ),
    filters=(
        Filter("category"),
        Filter("street"),
        Filter("food_risk"),
        Filter("credit_risk"),
        Filter("face_grade"),
        Filter("cold_chain"),
        Filter("state"),
        Filter("breakfast", "true"),
    ),
    intake=Intake(
        columns={
            "external_id": ("编号", "商铺编号", "门店编号", "id", "external_id", "License", "LICENSE_NUMBER"),
            "name": (
                "name",
                "名称",
                "店名",
                "商户名称",
                "门店名称",
                "单位名称",
                "DBA_Name",
                "DOING_BUSINESS_AS_NAME",
            ),
            "sign_name": ("店招名", "店招", "招牌", "sign_name", "AKA_Name"),
            "address": ("address", "地址", "经营地址", "经营场所", "详细地址", "street_address"),
            "district": ("adname", "区", "区县", "行政区", "所属区", "district"),
            "category": ("type", "业态", "类型", "类别", "category", "Facility_Type", "LICENSE_DESCRIPTION"),
            "road": ("路段", "道路", "road"),
            "mall": ("商场", "综合体", "市场", "mall"),
            "unit": ("铺位", "铺位号", "室号", "单元", "unit"),
            "shop_code": ("汇商码", "商铺码", "铭牌号", "shop_code"),
            "enterprise_code": ("企业码", "enterprise_code"),
            "phone": ("电话", "联系电话", "手机", "phone", "tel", "telephone"),
            "contact": ("联系人", "contact"),
            "manager": ("店长", "负责人", "manager"),
            "uscc": ("统一社会信用代码", "社会信用代码", "信用代码", "uscc"),
            "enterprise": ("企业名称", "主体名称", "经营者名称", "enterprise", "company"),
            "area_m2": ("面积", "营业面积", "经营面积", "area_m2", "area"),
            "staff_count": ("员工数", "从业人数", "staff_count", "staff"),
            "food_risk": ("风险等级", "食品安全风险等级", "food_risk", "Risk"),
            "static_score": ("静态分", "静态风险分", "static_score"),
            "dynamic_score": ("动态分", "动态风险分", "dynamic_score"),
            "credit_score": ("信用分", "通用信用分", "credit_score"),
            "credit_risk": ("信用风险", "信用风险分类", "credit_risk"),
            "face_grade": ("量化等级", "动态等级", "脸谱", "face_grade"),
            "annual_grade": ("年度等级", "年度量化等级", "annual_grade"),
            "cold_chain": ("冷链清单", "冷链", "cold_chain"),
            "cold_chain_type": ("冷链业态", "冷链类型", "cold_chain_type"),
            "breakfast": ("供应早餐", "早餐", "breakfast"),
            "sells_tobacco": ("经营烟草", "烟草", "sells_tobacco", "tobacco"),
            "sells_liquor": ("经营酒类", "酒类", "sells_liquor"),
            "lon": ("lon", "lng", "long", "longitude", "经度", "x"),
            "lat": ("lat", "latitude", "纬度", "y"),
        },
        natural_key=("name", "address", "lon", "lat"),
        unit_key=("address", "unit"),
        category_keywords={
            "bakery": ("糕饼", "面包", "蛋糕", "烘焙", "bakery"),
            "cafe": ("咖啡", "coffee", "cafe", "café"),
            "drinks": ("茶艺馆", "冷饮", "甜品", "奶茶", "饮品", "ice cream", "juice", "gelato", "paleteria"),
            "fast_food": ("快餐", "肯德基", "麦当劳", "必胜客", "fast food"),
            "snack": ("小吃", "早点", "馒头", "包子", "面馆", "mobile food", "hot dog", "kiosk"),
            "canteen": (
                "食堂",
                "school",
                "daycare",
                "day care",
                "services facility",
                "hospital",
                "long term care",
                "shelter",
            ),
            "bar": ("酒吧", "bar", "tavern", "liquor", "wrigley field"),
            "restaurant": (
                "餐厅",
                "餐饮",
                "餐馆",
                "饭店",
                "酒楼",
                "火锅",
                "料理",
                "菜馆",
                "restaurant",
                "catering",
                "banquet",
            ),
            "convenience": ("便利店", "convenience", "gas station", "filling station"),
            "market": ("农副产品", "菜场", "菜市场", "集贸市场", "farmers market", "live poultry"),
            "supermarket": ("超市", "食品店", "grocery", "supermarket", "retail food", "deli", "butcher"),
            "food_maker": (
                "食品加工",
                "食品生产",
                "中央厨房",
                "commissary",
                "wholesale food",
                "shared kitchen",
            ),
            "pharmacy": ("药店", "药房", "医药", "pharmacy", "drug store", "drugstore"),
            "hotel": ("宾馆", "酒店", "旅馆", "住宿", "hotel"),
            "hairdresser": ("美容", "美发", "理发", "hair services"),
            "bath": ("浴室", "足浴", "洗浴", "温泉", "spa"),
            "entertainment": (
                "KTV",
                "娱乐",
                "影剧院",
                "电影院",
                "健身",
                "休闲",
                "游乐",
                "theater",
                "gym",
                "stadium",
                "club",
            ),
            "retail": ("购物", "专卖店", "商场", "服装", "书店", "花店", "store", "shop", "retail"),
            "service": ("生活服务", "公司企业", "商务", "维修", "洗衣", "services"),
        },
        values={
            "food_risk": {
                "Risk 1 (High)": "D",
                "Risk 2 (Medium)": "B",
                "Risk 3 (Low)": "A",
                "高": "D",
                "中": "B",
                "低": "A",
            },
            "face_grade": FACE_WORDS,
            "annual_grade": FACE_WORDS,
            "cold_chain_type": {one.title.zh: one.value for one in cold_chain.TYPES},
        },
        permit=RecordColumns(
            kind="food_business",
            columns={
                "number": ("许可证编号", "食品经营许可证编号", "LICENSE_NUMBER"),
                "valid_from": ("许可起始日期", "valid_from", "LICENSE_TERM_START_DATE"),
                "valid_to": ("有效期至", "许可截止日期", "valid_to", "LICENSE_TERM_EXPIRATION_DATE"),
                "state": ("许可证状态", "LICENSE_STATUS"),
                "applied_on": ("申请日期", "许可申请日期", "applied_on", "APPLICATION_CREATED_DATE"),
                "decided_on": ("许可决定日期", "decided_on", "LICENSE_APPROVED_FOR_ISSUANCE"),
                "issued_on": ("发证日期", "许可发证日期", "issued_on", "DATE_ISSUED"),
                "issuer": ("发证机关", "许可机关", "issuer"),
            },
            values={"state": PERMIT_STATE_WORDS},
        ),
        inspection=RecordColumns(
            kind="routine",
            columns={
                "external_id": ("Inspection_ID", "检查编号"),
                "at": ("Inspection_Date", "检查日期", "检查时间"),
                "result": ("Results", "检查结果"),
                "grade": ("检查等级", "Grade"),
                "critical": ("criticalCount", "严重问题数"),
                "serious": ("seriousCount", "较重问题数"),
                "minor": ("minorCount", "一般问题数"),
                "follow_up_due": ("整改期限", "follow_up_due"),
                "inspector": ("检查员", "检查人员", "inspector"),
                "second_inspector": ("第二检查员", "协同检查员", "second_inspector"),
                "check_code": ("检查码", "check_code"),
                "level": ("检查层级", "level"),
                "published_on": ("公示日期", "published_on"),
            },
            values={"result": RESULT_WORDS, "grade": FACE_WORDS, "level": LEVEL_WORDS},
        ),
    ),
    on=(On("ops", 1), On("field", 1)),
)
