"""Scales that several layers share. Three scales called A to D exist in the field and are never mixed."""

from __future__ import annotations

from layers.core.spec import Choice
from layers.core.text import Text

FACE_GRADES = (  # 量化分级 faces; the words are Shanghai's, other cities use the same faces for other words
    Choice("A", Text("笑脸（良好）", "Smile (good)")),
    Choice("B", Text("平脸（一般）", "Flat (fair)")),
    Choice("C", Text("哭脸（较差）", "Sad (poor)")),
)
FOOD_RISKS = (  # 食品安全风险等级, rising
    Choice("A", Text("A 级（低）", "A (low)")),
    Choice("B", Text("B 级（中低）", "B (medium low)")),
    Choice("C", Text("C 级（中高）", "C (medium high)")),
    Choice("D", Text("D 级（高）", "D (high)")),
)
CREDIT_RISKS = (  # 企业信用风险分类, 国市监信发〔2022〕6号
    Choice("A", Text("A 类（信用风险低）", "A (low)")),
    Choice("B", Text("B 类（信用风险一般）", "B (ordinary)")),
    Choice("C", Text("C 类（信用风险较高）", "C (raised)")),
    Choice("D", Text("D 类（信用风险高）", "D (high)")),
)
WEEKDAYS = (
    Choice("mon", Text("周一", "Monday")),
    Choice("tue", Text("周二", "Tuesday")),
    Choice("wed", Text("周三", "Wednesday")),
    Choice("thu", Text("周四", "Thursday")),
    Choice("fri", Text("周五", "Friday")),
    Choice("sat", Text("周六", "Saturday")),
    Choice("sun", Text("周日", "Sunday")),
)
INDUSTRIES = (
    Choice("software", Text("软件与信息服务", "Software and information")),
    Choice("ai", Text("人工智能", "Artificial intelligence")),
    Choice("biomedicine", Text("生物医药", "Biomedicine")),
    Choice("design", Text("设计创意", "Design and creative")),
    Choice("finance", Text("金融服务", "Finance")),
    Choice("trade", Text("贸易商务", "Trade and business")),
    Choice("education", Text("教育培训", "Education")),
    Choice("culture", Text("文化传媒", "Culture and media")),
    Choice("manufacturing", Text("先进制造", "Advanced manufacturing")),
    Choice("green", Text("绿色低碳", "Green and low-carbon")),
)
