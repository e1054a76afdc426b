"""Offices to let (创业空间): where a young firm could move in, told the way a house agent tells it.

The case. Yangpu's start-up map (创业地图) lets a founder choose area, kind, price, size and trade, and
shows what fits, "as an estate agent does" (case 11). The chain behind it: need, match, visit, contract,
register - and the last step is short where the building stands in the address cloud.

The facts. A listing is a unit free to let: rent in yuan per square metre and *day*, service charge per
square metre and *month*, floor area, the usable share of it (得房率), months free of rent, how rent is paid
(押二付三: two months' deposit, three in advance), the nearest metro station with metres and walking
minutes, whether a firm may be registered there, trades the owner looks for, since when it stands empty and
since when it is listed. What it truly costs a month: rent x days + service charge, divided by the usable
share; 150 m2 at 3.45 a day is 15,525 a month of thirty days.

Tiers here say how far a listing can be trusted, not danger; a listing is public and so is its tier. Orange:
not confirmed for half a year, probably gone. Yellow: not confirmed for two months, or nobody can register
there. Blue: fresh. Grey: nobody knows since when it is listed.

Sources: 2021 case collection, case 11; the units are the trade's. The days are our own defaults.
"""

from __future__ import annotations

from layers.core.access import FieldClass
from layers.core.choices import INDUSTRIES
from layers.core.spec import Choice, Field, FieldType, Filter, Intake, Layer, On, Symbol
from layers.core.text import Text

LAYER = Layer(
    id="offices",
    title=Text("创业空间", "Offices to let"),
    noun=Text("套", "listings"),
    category=Text("空间类型", "Kind of space"),
    categories=(
        Choice("grade_a", Text("甲级写字楼", "Grade A office")),
        Choice("grade_b", Text("乙级写字楼", "Grade B office")),
        Choice("park", Text("园区", "Business park")),
        Choice("incubator", Text("孵化器", "Incubator")),
        Choice("maker_space", Text("众创空间", "Maker space")),
        Choice("coworking", Text("联合办公", "Co-working")),
        Choice("shop", Text("商铺", "Shop unit")),
        Choice("lab", Text("厂房/实验室", "Workshop or laboratory")),
    ),
    fields=(
        Field(
            name="rent_cny_m2_day",
            type=FieldType.NUMBER,
            title=Text("租金", "Rent"),
            visible_to=FieldClass.PUBLIC,
            unit=Text("元/㎡·天", "CNY/m²/day"),
            minimum=0,
            maximum=100,
        ),
        Field(
            name="area_m2",
            type=FieldType.NUMBER,
            title=Text("建筑面积", "Floor area"),
            visible_to=FieldClass.PUBLIC,
            unit=Text("㎡", "m²"),
            minimum=0,
            maximum=500000,
        ),
        Field(
            name="seats",
            type=FieldType.INTEGER,
            title=Text("工位", "Desks"),
            visible_to=FieldClass.PUBLIC,
            unit=Text("个", "in all"),
            minimum=0,
            maximum=20000,
        ),
        Field(
            name="seat_cny_month",
            type=FieldType.NUMBER,
            title=Text("工位价", "Price of a desk"),
            visible_to=FieldClass.PUBLIC,
            unit=Text("元/位·月", "CNY/desk/month"),
            minimum=0,
            maximum=50000,
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
            name="usable_share",
            type=FieldType.NUMBER,
            title=Text("得房率", "Usable share"),
            visible_to=FieldClass.PUBLIC,
            minimum=0,
            maximum=1,
        ),
        Field(
            name="rent_free_months",
            type=FieldType.NUMBER,
            title=Text("免租期", "Rent-free"),
            visible_to=FieldClass.PUBLIC,
            unit=Text("个月", "mo."),
            minimum=0,
            maximum=36,
        ),
        Field(
            name="payment_terms",
            type=FieldType.CHOICE,
            title=Text("付款方式", "Payment"),
            visible_to=FieldClass.PUBLIC,
            choices=(
                Choice("1+1", Text("押一付一", "1 month deposit, monthly")),
                Choice("1+3", Text("押一付三", "1 month deposit, quarterly")),
                Choice("2+1", Text("押二付一", "2 months' deposit, monthly")),
                Choice("2+3", Text("押二付三", "2 months' deposit, quarterly")),
                Choice("3+3", Text("押三付三", "3 months' deposit, quarterly")),
                Choice("0+6", Text("半年付", "Half-yearly")),
                Choice("0+12", Text("年付", "Yearly")),
            ),
        ),
        Field(
            name="metro_station",
            type=FieldType.TEXT,
            title=Text("地铁站", "Metro station"),
            visible_to=FieldClass.PUBLIC,
        ),
        Field(
            name="metro_m",
            type=FieldType.NUMBER,
            title=Text("距地铁", "Distance to the metro"),
            visible_to=FieldClass.PUBLIC,
            unit=Text("米", "m"),
            minimum=0,
            maximum=100000,
        ),
        Field(
            name="walk_min",
            type=FieldType.INTEGER,
            title=Text("步行", "Walk"),
            visible_to=FieldClass.PUBLIC,
            unit=Text("分钟", "min"),
            minimum=0,
            maximum=1440,
        ),
        Field(
            name="registrable",
            type=FieldType.BOOLEAN,
            title=Text("可注册", "Firm can register here"),
            visible_to=FieldClass.PUBLIC,
        ),
        Field(
            name="industries",
            type=FieldType.CHOICES,
            title=Text("产业导向", "Trades sought"),
            visible_to=FieldClass.PUBLIC,
            choices=INDUSTRIES,
        ),
        Field(
            name="floor",
            type=FieldType.INTEGER,
            title=Text("楼层", "Floor"),
            visible_to=FieldClass.PUBLIC,
            minimum=-6,
            maximum=200,
        ),
        Field(
            name="vacant_from",
            type=FieldType.DATE,
            title=Text("可入住", "Free from"),
            visible_to=FieldClass.PUBLIC,
        ),
        Field(
            name="listed_on",
            type=FieldType.DATE,
            title=Text("发布日期", "Listed on"),
            visible_to=FieldClass.PUBLIC,
        ),
    ),
    rules="offices",
    symbol=Symbol("office"),
    card=(
        "category",
        "address",
        "building",
        "floor",
        "area_m2",
        "rent_cny_m2_day",
        "property_fee_cny_m2_month",
        "usable_share",
        "seats",
        "seat_cny_month",
        "rent_free_months",
        "payment_terms",
        "metro_station",
        "metro_m",
        "walk_min",
        "registrable",
        "industries",
        "vacant_from",
        "listed_on",
        "uscc",
        "enterprise",
        "contact",
        "phone",
    ),
    filters=(
        Filter("category"),
        Filter("street"),
        Filter("rent_cny_m2_day", "between"),
        Filter("area_m2", "between"),
        Filter("seats", "between"),
        Filter("metro_m", "between"),
        Filter("industries", "any_of"),
        Filter("registrable", "true"),
        Filter("payment_terms"),
    ),
    intake=Intake(
        columns={
            "external_id": ("编号", "房源编号", "id", "external_id"),
            "name": ("房源名称", "标题", "名称", "name", "title"),
            "address": ("地址", "详细地址", "address"),
            "district": ("区", "区域", "区县", "行政区", "adname", "district"),
            "category": ("空间类型", "类型", "type", "category"),
            "rent_cny_m2_day": ("租金", "单价", "日租金", "rent", "rent_cny_m2_day"),
            "area_m2": ("面积", "建筑面积", "area", "area_m2"),
            "seats": ("工位", "工位数", "seats"),
            "seat_cny_month": ("工位价", "seat_cny_month"),
            "property_fee_cny_m2_month": ("物业费", "物业费用", "property_fee", "property_fee_cny_m2_month"),
            "usable_share": ("得房率", "usable_share"),
            "rent_free_months": ("免租期", "rent_free_months"),
            "payment_terms": ("付款方式", "payment_terms"),
            "metro_station": ("地铁站", "metro_station"),
            "metro_m": ("距地铁", "地铁距离", "metro_m"),
            "walk_min": ("步行", "步行时间", "walk_min"),
            "registrable": ("可注册", "registrable"),
            "industries": ("产业", "产业导向", "industries"),
            "floor": ("楼层", "所在楼层", "floor"),
            "vacant_from": ("空置起始", "可入住日期", "vacant_from"),
            "listed_on": ("发布日期", "更新日期", "listed_on"),
            "building": ("楼宇", "楼宇名称", "所在楼宇", "building"),
            "contact": ("联系人", "contact"),
            "phone": ("电话", "联系电话", "phone"),
            "uscc": ("统一社会信用代码", "信用代码", "uscc"),
            "enterprise": ("招商机构", "企业名称", "agency", "enterprise"),
            "lon": ("lon", "lng", "longitude", "经度", "x"),
            "lat": ("lat", "latitude", "纬度", "y"),
        },
        natural_key=("name", "address", "floor", "area_m2", "lon", "lat"),
        category_keywords={
            "grade_a": ("甲级", "甲写", "grade a"),
            "grade_b": ("乙级", "乙写", "grade b"),
            "incubator": ("孵化", "incubator"),
            "maker_space": ("众创", "maker space"),
            "coworking": ("联合办公", "共享办公", "coworking", "co-working"),
            "park": ("园区", "产业园", "科技园", "park"),
            "lab": ("厂房", "实验室", "研发", "lab", "workshop"),
            "shop": ("商铺", "门面", "shop"),
        },
        values={
            "payment_terms": {
                "押1付1": "1+1",
                "押1付3": "1+3",
                "押2付1": "2+1",
                "押2付3": "2+3",
                "押3付3": "3+3",
            }
        },
    ),
    readable_by=FieldClass.PUBLIC,
    tier_visible_to=FieldClass.PUBLIC,
    on=(On("ops", 5), On("offices", 1)),
)
