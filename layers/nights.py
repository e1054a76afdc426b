"""Night construction (夜间施工): building sites between 22:00 and 06:00, their permits and the neighbours' sleep.

The case. In August 2021 Changning put the night-work permit online: one form for permit and works certificate
(两证联办: 夜间施工作业审批 and 作业项目证明), no paper, one working day instead of five. Every permit shows on
the city's map, and the officer sees on the phone which site may work tonight, which rests, and where somebody
works without (case 8).

The papers. An application has ten, three of which carry the seals of developer, contractor and supervising
engineer; what the authorities hold already is spared (免提交), and a repeated application needs only the nights
with their quantity and the measures against noise. Its states: draft 草稿, submitted 已提交, first check 预审,
to be completed 补正, accepted 受理, under review 审查, granted 准予 or refused 不予, published 已公示; aside
撤回 withdrawn, 暂停 suspended, 撤销 annulled. That it is in force (生效) or over (届满) its nights say; without
the photo of the notice it is not in force.

The facts. The outline of the site is its place on the map. A *night* is the interval [22:00, 06:00) of the day
it begins, never a date. A permit names its nights; it belongs to one contractor, but the site is counted as
one, over all its permits. Buildings need a permit (许可), municipal works, pipelines and metro a filing (备案),
emergency repairs (抢修抢险) neither - they are only logged. After three nights of work one night of rest: so
says the case; the legal article is not verified, hence a parameter. In the weeks of the school exams no night
work is allowed in the whole city, and on exam days none by day within 100 m of an exam site. Readings come from
a noise monitor or a patrol: whether work goes on, Leq and Lmax at the boundary.

States of tonight. permitted 许可施工, filed 备案施工, emergency 抢修抢险, rest_night 轮休夜, banned 禁止窗口,
expired 已过期, no_permit 无许可 (planned, but nothing allows it), suspected 疑似违规 (heard or seen without),
handling 处置中, idle 无施工.

Tiers. Red: work seen or heard that nothing allows, or in a banned window, or in the night of rest. Orange: work
planned where it is not allowed, too loud though permitted, the notice not posted, an emergency inside a banned
window. Yellow: a permit that ran out this week (look whether work goes on). Blue: permitted, filed, or known to
be quiet. Grey: a site of which nothing is known. By day the coming night counts for what is planned, the last
night for what was found.

The public sees the list as Suzhou prints it: district, project, address, contractor, times, kind of works.

Sources: 上海市环境保护条例 Art. 54, 81; 噪声污染防治法 (2022-06-05), from 2026-08-15 生态环境法典; GB
12523-2011, from 2026-01-01 GB 12523-2025; 沪环保防〔2011〕164号, 沪环规〔2021〕16号 (text not reached); the
yearly exam notices.
"""

from __future__ import annotations

from layers.core.access import FieldClass
from layers.core.spec import (
    Choice,
    Document,
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

DOCUMENTS = (  # 沪环保防〔2011〕164号; the notice with its photo is what the site shows its neighbours
    Document(kind="licences", title=Text("营业执照、施工许可证", "Business licence and works permit")),
    Document(
        kind="site_plan",
        title=Text("总平面图（敏感建筑与设备布置）", "Site plan with sensitive buildings and equipment"),
    ),
    Document(kind="schedule", title=Text("施工进度计划", "Schedule of works"), sealed=True),
    Document(
        kind="nights",
        title=Text("夜间作业日期与工程量", "Nights and quantity"),
        sealed=True,
        repeated=True,
    ),
    Document(kind="process_proof", title=Text("特殊工艺证明（安质监站）", "Proof of special process")),
    Document(kind="neighbours", title=Text("居民谅解协议", "Agreement with the neighbours")),
    Document(kind="emissions", title=Text("排污申报", "Declaration of emissions")),
    Document(kind="commitment", title=Text("文明施工承诺书", "Commitment to considerate works")),
    Document(
        kind="noise_measures",
        title=Text("噪声防治措施", "Measures against noise"),
        sealed=True,
        repeated=True,
    ),
    Document(kind="demolition", title=Text("拆除工程证明（如有）", "Proof of demolition, if any")),
    Document(kind="notice_photo", title=Text("现场公告照片", "Photo of the notice on site")),
)

LAYER = Layer(
    id="nights",
    title=Text("夜间施工", "Night works"),
    noun=Text("处", "sites"),
    category=Text("作业内容", "Works"),
    categories=(
        Choice("concrete", Text("混凝土连续浇筑", "Continuous concrete pour")),
        Choice("piling", Text("灌注桩与围护结构", "Bored piles and retaining walls")),
        Choice("hoisting", Text("大件吊装", "Heavy lifting")),
        Choice("earthwork", Text("土方外运", "Earthwork and haulage")),
        Choice("demolition", Text("拆除", "Demolition")),
        Choice("road", Text("道路施工", "Road works")),
        Choice("pipeline", Text("管线施工", "Pipelines")),
        Choice("metro", Text("轨道交通", "Metro works")),
        Choice("repair", Text("抢修抢险", "Emergency repair")),
        Choice("other", Text("其他", "Other")),
    ),
    fields=(
        Field(
            name="project",
            type=FieldType.TEXT,
            title=Text("项目名称", "Project"),
            visible_to=FieldClass.PUBLIC,
        ),
        Field(
            name="contractor",
            type=FieldType.TEXT,
            title=Text("施工单位", "Contractor"),
            visible_to=FieldClass.PUBLIC,
        ),
        Field(name="developer", type=FieldType.TEXT, title=Text("建设单位", "Developer")),
        Field(
            name="developer_uscc",
            type=FieldType.TEXT,
            title=Text("建设单位信用代码", "Developer's credit code"),
            code="uscc",
        ),
        Field(name="supervising_unit", type=FieldType.TEXT, title=Text("监理单位", "Supervising engineer")),
        Field(
            name="supervising_uscc",
            type=FieldType.TEXT,
            title=Text("监理单位信用代码", "Supervising engineer's credit code"),
            code="uscc",
        ),
        Field(
            name="works_permit_number", type=FieldType.TEXT, title=Text("施工许可证号", "Works permit number")
        ),
        Field(name="reason", type=FieldType.TEXT, title=Text("夜间施工原因", "Why at night")),
        Field(
            name="equipment",
            type=FieldType.CHOICES,
            title=Text("主要机具", "Equipment"),
            choices=(
                Choice("pump", Text("混凝土泵车", "Concrete pump")),
                Choice("mixer", Text("搅拌车", "Mixer lorry")),
                Choice("vibrator", Text("振捣棒", "Vibrator")),
                Choice("excavator", Text("挖掘机", "Excavator")),
                Choice("drill", Text("钻机", "Drilling rig")),
                Choice("crane", Text("起重机", "Crane")),
                Choice("breaker", Text("破碎机", "Breaker")),
                Choice("lorry", Text("渣土车", "Spoil lorry")),
                Choice("paver", Text("摊铺机", "Paver")),
                Choice("generator", Text("发电机", "Generator")),
            ),
        ),
        Field(
            name="sensitive_building",
            type=FieldType.TEXT,
            title=Text("最近敏感建筑", "Nearest sensitive building"),
        ),
        Field(
            name="sensitive_m",
            type=FieldType.NUMBER,
            title=Text("敏感建筑距离", "Distance to it"),
            unit=Text("米", "m"),
            minimum=0,
            maximum=100000,
        ),
        Field(
            name="exam_site_m",
            type=FieldType.NUMBER,
            title=Text("最近考点距离", "Distance to an exam site"),
            unit=Text("米", "m"),
            minimum=0,
            maximum=100000,
        ),
        Field(
            name="night_phone",
            type=FieldType.TEXT,
            title=Text("夜间值班电话", "Night phone"),
            visible_to=FieldClass.PERSONAL,
            mask="phone",
        ),
        Field(name="notice_text", type=FieldType.TEXT, title=Text("公告内容", "Notice to neighbours")),
        Field(
            name="dispute",
            type=FieldType.CHOICE,
            title=Text("争议类型", "Dispute"),
            choices=(
                Choice("none", Text("无", "None")),
                Choice("noise", Text("噪声", "Noise")),
                Choice("dust", Text("扬尘", "Dust")),
                Choice("light", Text("强光", "Light")),
                Choice("traffic", Text("交通", "Traffic")),
                Choice("compensation", Text("补偿", "Compensation")),
            ),
        ),
    ),
    permits=(
        PermitSpec(
            kind="night_work",
            title=Text("夜间施工作业审批", "Night-work permit"),
            required=(),
            documents=DOCUMENTS,
        ),
        PermitSpec(
            kind="works_certificate",
            title=Text("夜间作业项目证明", "Works certificate"),
            required=None,
            visible_to=FieldClass.OFFICIAL,
        ),
    ),
    inspections=(
        InspectionSpec(kind="patrol", title=Text("夜间巡查", "Night patrol")),
        InspectionSpec(kind="noise", title=Text("噪声监测", "Noise measurement")),
    ),
    states=(
        Choice("permitted", Text("许可施工", "Permitted")),
        Choice("filed", Text("备案施工", "Filed")),
        Choice("emergency", Text("抢修抢险", "Emergency repair")),
        Choice("rest_night", Text("轮休夜", "Night of rest")),
        Choice("banned", Text("禁止窗口", "Banned window")),
        Choice("expired", Text("已过期", "Permit ended")),
        Choice("no_permit", Text("无许可", "No permit")),
        Choice("suspected", Text("疑似违规", "Suspected breach")),
        Choice("handling", Text("处置中", "Being handled")),
        Choice("idle", Text("无施工", "No work tonight")),
    ),
    rules="nights",
    symbol=Symbol("night"),
    card=(
        "project",
        "category",
        "address",
        "contractor",
        "developer",
        "developer_uscc",
        "supervising_unit",
        "supervising_uscc",
        "works_permit_number",
        "reason",
        "equipment",
        "sensitive_building",
        "sensitive_m",
        "exam_site_m",
        "dispute",
        "notice_text",
        "night_phone",
        "uscc",
        "contact",
        "phone",
    ),
    filters=(
        Filter("state"),
        Filter("category"),
        Filter("street"),
        Filter("equipment", "any_of"),
        Filter("sensitive_m", "between"),
        Filter("dispute"),
    ),
    intake=Intake(
        columns={
            "external_id": ("编号", "工地编号", "id", "external_id", "ahv_permit_number"),
            "name": ("工地名称", "项目名称", "name", "project_name"),
            "project": ("工程名称", "建设项目", "project"),
            "address": ("施工地址", "地址", "工地地址", "address"),
            "district": ("区域", "区", "区县", "行政区", "adname", "district"),
            "category": ("作业内容", "施工内容", "作业类型", "works", "category", "reasonforvariance"),
            "contractor": ("施工单位", "contractor"),
            "developer": ("建设单位", "developer"),
            "supervising_unit": ("监理单位", "supervising_unit"),
            "developer_uscc": ("建设单位信用代码", "建设单位统一社会信用代码", "developer_uscc"),
            "supervising_uscc": ("监理单位信用代码", "监理单位统一社会信用代码", "supervising_uscc"),
            "outline": ("工地范围", "施工范围", "边界", "outline", "wkt"),
            "works_permit_number": (
                "施工许可证号",
                "施工许可证编号",
                "works_permit_number",
                "workpermitnumber",
            ),
            "reason": ("申请理由", "夜间施工原因", "原因", "reason"),
            "equipment": ("主要机具", "施工机具", "设备", "equipment"),
            "sensitive_building": ("敏感建筑", "最近敏感建筑", "sensitive_building"),
            "sensitive_m": ("敏感建筑距离", "sensitive_m"),
            "exam_site_m": ("考点距离", "exam_site_m"),
            "night_phone": ("夜间值班电话", "值班电话", "night_phone"),
            "contact": ("现场负责人", "联系人", "contact"),
            "phone": ("联系电话", "电话", "phone"),
            "notice_text": ("公告内容", "notice_text"),
            "dispute": ("争议类型", "dispute"),
            "uscc": ("统一社会信用代码", "信用代码", "uscc"),
            "enterprise": ("企业名称", "enterprise"),
            "lon": ("lon", "lng", "longitude", "经度", "x"),
            "lat": ("lat", "latitude", "纬度", "y"),
        },
        natural_key=("name", "address", "lon", "lat"),
        category_keywords={
            "repair": ("抢修", "抢险", "emergency"),
            "concrete": ("混凝土", "浇筑", "浇捣", "concrete"),
            "piling": ("灌注桩", "桩", "地下连续墙", "围护", "piling", "piles"),
            "hoisting": ("吊装", "大件", "hoisting", "crane"),
            "demolition": ("拆除", "demolition"),
            "metro": ("轨道", "地铁", "盾构", "metro", "subway"),
            "pipeline": ("管线", "排水", "燃气", "电缆", "pipeline", "utility"),
            "road": ("道路", "路面", "摊铺", "road", "paving"),
            "earthwork": ("土方", "渣土", "外运", "earthwork", "excavation"),
        },
        permit=RecordColumns(
            kind="night_work",
            columns={
                "number": ("夜间施工许可证号", "许可编号", "night_permit_number", "ahv_permit_number"),
                "valid_from": ("开始日期", "valid_from"),
                "valid_to": ("结束日期", "valid_to"),
                "starts_at": ("开始时间", "施工开始时间", "starts_at", "variance_start_date_time"),
                "ends_at": ("结束时间", "施工结束时间", "ends_at", "variance_end_date_time"),
                "state": ("许可状态", "state", "ahvpermitstatus"),
                "basis": ("审批方式", "basis"),
                "notice_posted": ("已公示", "notice_posted"),
                "applied_on": ("申请日期", "applied_on"),
                "decided_on": ("决定日期", "批准日期", "decided_on"),
                "issued_on": ("发证日期", "issued_on"),
                "issuer": ("审批机关", "发证机关", "issuer"),
                "quantity": ("工程量", "作业量", "quantity"),
            },
            values={
                "state": PERMIT_STATE_WORDS,
                "basis": {"许可": "permit", "备案": "filing", "抢修": "emergency", "抢修抢险": "emergency"},
            },
        ),
    ),
    readable_by=FieldClass.PUBLIC,
    on=(On("ops", 3, panel=True), On("field", 3), On("tonight", 1)),
)
