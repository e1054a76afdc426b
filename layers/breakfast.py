"""Breakfast outlets (早餐网点): where people on the way to work get a warm bun, and which quarter has none.

The case. Filling in the shop code, Xuhui asked one more question - do you serve breakfast? - with price, wait
and dishes, and the citizens' page drew a breakfast map (case 5). Shanghai's programme of 2020 to 2022 counts
ten kinds, from the chain shop and the single speciality shop to the cart, the locker ordered by phone, the
unmanned machine and the community canteen; in 2021 about 15,000 outlets were marked on the city's map and 226
were model points (示范点).

The facts. One outlet with its hours (a window of minutes of the day and the weekdays it stays closed; where it
keeps other hours on other days, these by weekday, which then count), money and minutes a customer spends,
dishes, ways to pay, take-away, whether it suits the elderly. A shop with a breakfast counter is one shop and
one outlet, joined by the firm's credit code. A cart is licensed for a fixed place, its pitch, and a fixed time,
its hours by weekday (2020 trial rule).

Permits. The food business permit (`JY`), or the sub-district's small-catering filing or the combined licence
instead.

Tiers. Red: no, a lapsed or a revoked permit, a failed visit. Orange: a permit with a week to go, a missed
follow-up, an overdue visit, a sad face. Yellow: due within 30 days, an open complaint, facts nobody confirmed
for half a year. Blue: a permit in term or a visit in time. Grey: only marked on the map, no record behind it.
The public sees place, hours, prices, the licence and the posted face, never the tier.

Sources: 上海市早餐工程三年行动计划 2020-2022; 上海市食品安全条例; 2021 case collection, case 5. Hours differ by
outlet; the default of 06:00 to 09:30 is ours.
"""

from __future__ import annotations

from layers.core.access import FieldClass
from layers.core.choices import FACE_GRADES, WEEKDAYS
from layers.core.spec import (
    Choice,
    Field,
    FieldType,
    Filter,
    InspectionSpec,
    Intake,
    Layer,
    On,
    Opening,
    PermitSpec,
    RecordColumns,
    Symbol,
)
from layers.core.text import Text
from layers.core.words import FACE_WORDS, PERMIT_STATE_WORDS

LAYER = Layer(
    id="breakfast",
    title=Text("早餐网点", "Breakfast"),
    noun=Text("个", "outlets"),
    category=Text("网点类型", "Kind of outlet"),
    categories=(
        Choice("chain", Text("连锁门店", "Chain shop")),
        Choice("single", Text("特色单店", "Speciality shop")),
        Choice("convenience", Text("便利店+早餐", "Convenience store")),
        Choice("cart", Text("流动餐车", "Food cart")),
        Choice("locker", Text("网订柜（店）取", "Order online, collect")),
        Choice("machine", Text("无人餐车/自助机", "Machine")),
        Choice("shared", Text("共享早餐", "Shared breakfast point")),
        Choice("market", Text("菜场/超市+早餐", "Market or supermarket")),
        Choice("canteen", Text("社区食堂", "Community canteen")),
        Choice("delivery", Text("外卖", "Delivery")),
    ),
    fields=(
        Field(
            name="open_from_min",
            type=FieldType.CLOCK,
            title=Text("开始供应", "Opens"),
            visible_to=FieldClass.PUBLIC,
            minimum=0,
            maximum=1439,
        ),
        Field(
            name="open_to_min",
            type=FieldType.CLOCK,
            title=Text("结束供应", "Closes"),
            visible_to=FieldClass.PUBLIC,
            minimum=1,
            maximum=1440,
            above="open_from_min",
        ),
        Field(
            name="closed_on",
            type=FieldType.CHOICES,
            title=Text("休息日", "Closed on"),
            visible_to=FieldClass.PUBLIC,
            choices=WEEKDAYS,
        ),
        Field(
            name="hours_by_day",
            type=FieldType.HOURS,
            title=Text("分日供应时段", "Hours by weekday"),
            visible_to=FieldClass.PUBLIC,
        ),
        Field(
            name="pitch",
            type=FieldType.TEXT,
            title=Text("核定摆放点", "Licensed pitch"),
            visible_to=FieldClass.PUBLIC,
        ),
        Field(
            name="avg_spend_cny",
            type=FieldType.NUMBER,
            title=Text("人均消费", "Average spend"),
            visible_to=FieldClass.PUBLIC,
            unit=Text("元", "CNY"),
            minimum=0,
            maximum=500,
        ),
        Field(
            name="wait_min",
            type=FieldType.INTEGER,
            title=Text("平均等候", "Average wait"),
            visible_to=FieldClass.PUBLIC,
            unit=Text("分钟", "min"),
            minimum=0,
            maximum=120,
        ),
        Field(
            name="varieties",
            type=FieldType.CHOICES,
            title=Text("供给品种", "Dishes"),
            visible_to=FieldClass.PUBLIC,
            choices=(
                Choice("bun", Text("包子馒头", "Steamed buns")),
                Choice("dough_stick", Text("大饼油条", "Flatbread and dough sticks")),
                Choice("rice_roll", Text("粢饭团", "Rice rolls")),
                Choice("soy_milk", Text("豆浆", "Soy milk")),
                Choice("congee", Text("粥", "Congee")),
                Choice("noodles", Text("面条馄饨", "Noodles and wontons")),
                Choice("pan_fried", Text("生煎锅贴", "Pan-fried dumplings")),
                Choice("pancake", Text("煎饼", "Pancakes")),
                Choice("bread", Text("面包糕点", "Bread and pastry")),
                Choice("sandwich", Text("三明治", "Sandwiches")),
                Choice("coffee", Text("咖啡牛奶", "Coffee and milk")),
                Choice("egg", Text("茶叶蛋", "Tea eggs")),
            ),
        ),
        Field(
            name="payment",
            type=FieldType.CHOICES,
            title=Text("支付方式", "Ways to pay"),
            visible_to=FieldClass.PUBLIC,
            choices=(
                Choice("mobile", Text("移动支付", "Mobile")),
                Choice("cash", Text("现金", "Cash")),
                Choice("card", Text("银行卡", "Bank card")),
                Choice("transit", Text("交通卡", "Transit card")),
                Choice("ecny", Text("数字人民币", "e-CNY")),
            ),
        ),
        Field(
            name="takeaway",
            type=FieldType.BOOLEAN,
            title=Text("可外带", "Take-away"),
            visible_to=FieldClass.PUBLIC,
        ),
        Field(
            name="elder_friendly",
            type=FieldType.BOOLEAN,
            title=Text("老年友好", "Suits the elderly"),
            visible_to=FieldClass.PUBLIC,
        ),
        Field(
            name="demo_site",
            type=FieldType.BOOLEAN,
            title=Text("示范点", "Model point"),
            visible_to=FieldClass.PUBLIC,
        ),
        Field(
            name="face_grade",
            type=FieldType.CHOICE,
            title=Text("量化等级", "Hygiene grade"),
            visible_to=FieldClass.PUBLIC,
            choices=FACE_GRADES,
        ),
        Field(
            name="confirmed_on",
            type=FieldType.DATE,
            title=Text("信息核实日期", "Facts confirmed on"),
            visible_to=FieldClass.PUBLIC,
        ),
    ),
    permits=(
        PermitSpec(kind="food_business", title=Text("食品经营许可证", "Food business permit"), number="jy"),
        PermitSpec(
            kind="small_catering_filing",
            title=Text("小型餐饮临时备案", "Small catering filing"),
            required=None,
        ),
        PermitSpec(
            kind="industry_licence", title=Text("行业综合许可证", "Combined industry licence"), required=None
        ),
    ),
    inspections=(
        InspectionSpec(
            kind="routine", title=Text("日常监督检查", "Routine inspection"), visible_to=FieldClass.PUBLIC
        ),
        InspectionSpec(kind="follow_up", title=Text("复查", "Follow-up"), visible_to=FieldClass.PUBLIC),
    ),
    rules="breakfast",
    symbol=Symbol("breakfast"),
    card=(
        "category",
        "address",
        "open_from_min",
        "open_to_min",
        "closed_on",
        "hours_by_day",
        "pitch",
        "avg_spend_cny",
        "wait_min",
        "varieties",
        "payment",
        "takeaway",
        "elder_friendly",
        "demo_site",
        "face_grade",
        "confirmed_on",
        "building",
        "uscc",
        "enterprise",
        "contact",
        "phone",
    ),
    filters=(
        Filter("category"),
        Filter("street"),
        Filter("varieties", "any_of"),
        Filter("avg_spend_cny", "between"),
        Filter("wait_min", "between"),
        Filter("face_grade"),
        Filter("payment", "any_of"),
        Filter("elder_friendly", "true"),
        Filter("takeaway", "true"),
        Filter("demo_site", "true"),
    ),
    opening=Opening(
        opens="open_from_min", closes="open_to_min", closed_on="closed_on", by_day="hours_by_day"
    ),
    intake=Intake(
        columns={
            "external_id": ("编号", "网点编号", "id", "external_id"),
            "name": ("名称", "网点名称", "店名", "name"),
            "address": ("地址", "网点地址", "address"),
            "district": ("区", "区县", "行政区", "adname", "district"),
            "category": ("网点类型", "类型", "业态", "kind", "type", "category"),
            "open_from_min": ("开始供应", "开始时间", "opens", "open_from", "open_from_min"),
            "open_to_min": ("结束供应", "结束时间", "closes", "open_to", "open_to_min"),
            "closed_on": ("休息日", "closed_on"),
            "hours_by_day": (
                "分日供应时段",
                "供应时段",
                "营业时间",
                "hours",
                "opening_hours",
                "hours_by_day",
            ),
            "pitch": ("核定摆放点", "摆放点位", "固定点位", "pitch"),
            "avg_spend_cny": ("人均消费", "人均", "avg_spend_cny", "price"),
            "wait_min": ("平均等候", "等候时间", "wait_min", "wait"),
            "varieties": ("供给品种", "品种", "varieties"),
            "payment": ("支付方式", "支付", "payment"),
            "takeaway": ("可外带", "外带", "takeaway"),
            "elder_friendly": ("老年友好", "适老", "elder_friendly"),
            "demo_site": ("示范点", "demo_site"),
            "face_grade": ("量化等级", "脸谱", "face_grade"),
            "confirmed_on": ("核实日期", "更新日期", "confirmed_on"),
            "uscc": ("统一社会信用代码", "信用代码", "uscc"),
            "enterprise": ("企业名称", "主体名称", "enterprise"),
            "phone": ("电话", "联系电话", "phone"),
            "lon": ("lon", "lng", "longitude", "经度", "x"),
            "lat": ("lat", "latitude", "纬度", "y"),
        },
        natural_key=("name", "address", "lon", "lat"),
        category_keywords={
            "cart": ("餐车", "流动", "cart", "truck"),
            "machine": ("无人", "自助机", "售卖机", "machine"),
            "locker": ("网订", "柜取", "店取", "locker"),
            "shared": ("共享", "shared"),
            "canteen": ("食堂", "canteen"),
            "convenience": ("便利店", "convenience"),
            "market": ("菜场", "超市", "market"),
            "delivery": ("外卖", "delivery"),
            "single": ("单店", "特色", "老字号", "single"),
            "chain": ("连锁", "门店", "快餐", "chain"),
        },
        values={"face_grade": FACE_WORDS},
        permit=RecordColumns(
            kind="food_business",
            columns={
                "number": ("许可证编号", "食品经营许可证编号", "permit_number"),
                "valid_from": ("许可起始日期", "valid_from"),
                "valid_to": ("有效期至", "许可截止日期", "valid_to"),
                "state": ("许可证状态", "permit_state"),
                "issued_on": ("发证日期", "许可发证日期", "issued_on"),
                "issuer": ("发证机关", "许可机关", "issuer"),
            },
            values={"state": PERMIT_STATE_WORDS},
        ),
    ),
    readable_by=FieldClass.PUBLIC,
    on=(On("ops", 2), On("field", 2), On("breakfast", 1)),
)
