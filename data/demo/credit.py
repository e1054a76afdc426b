"""Credit records of a few firms, and how far their repair has come: each of what can become of a record, in turn.

Two canteens have one as well: the one of a kind that nobody can repair, the other corrected as in case 18.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from data.demo.names import Rng
from data.demo.shops import Shop
from data.demo.site import Scene
from layers.core.facts import Severity

FIRMS = 54  # of 15,000: a record that one meets on every street would mean nothing
_ACTS = (
    ("经营超过保质期的食品", "罚款 5000 元，没收违法所得"),
    ("未按规定公示食品经营许可信息", "警告，罚款 2000 元"),
    ("商品价格与标示不符", "罚款 3000 元"),
    ("使用未经检定的计量器具", "罚款 1000 元"),
    ("从业人员未持有效健康证明上岗", "警告，罚款 4000 元"),
)
_AUTHORITY = "徐汇区市场监督管理局"
_REFUSAL = "整改情况报告缺少检测结论，请补充后再申请。"
_GRADED = "涉及食品安全，但未被处以责令停产停业、吊销许可证，程度由特定严重更正为一般。"
_MISTAKEN = "登记对象有误：受处罚的是同名的另一家企业。"


@dataclass(frozen=True, slots=True)
class Tale:
    """A record that was decided some days ago; of its repair the days ago of each stage, and of a refusal.

    `corrected` and `withdrawn`: the days ago of a correction or withdrawal, and `why`.
    """

    severity: Severity
    decided: int
    passed: tuple[int, ...] = ()
    refused: int | None = None
    shown: bool = True
    corrected: int | None = None
    withdrawn: int | None = None
    why: str = ""
    act: tuple[str, str] | None = None  # what was done and decided, any of the usual ones without it


REPAIRABLE = Tale(Severity.GENERAL, 150)
TALES = (
    REPAIRABLE,
    Tale(Severity.GENERAL, 40),  # not yet
    Tale(Severity.GENERAL, 185, (4, 3)),  # with the city
    Tale(Severity.GENERAL, 240, (20, 19, 17, 14, 13)),  # repaired within a week
    Tale(Severity.SERIOUS, 210),  # not yet
    Tale(Severity.SERIOUS, 500, (2,)),  # applied for
    Tale(Severity.MINOR, 20),
    Tale(Severity.GENERAL, 170, (30,), refused=26),
    Tale(Severity.MINOR, 35, shown=False),
    Tale(Severity.GENERAL, 60, withdrawn=50, why=_MISTAKEN),
)
OF_CANTEENS = (
    Tale(Severity.SPECIFIC, 300, act=("供餐不符合食品安全标准，致多人腹泻", "责令停产停业，罚款 50000 元")),
    Tale(
        Severity.GENERAL,
        200,
        corrected=12,
        why=_GRADED,
        act=("食堂生熟食品混放，留样不足", "警告，罚款 5000 元"),
    ),
)


def add_credit(scene: Scene, shops: Sequence[Shop], stories: Sequence[str], merchant: str, rng: Rng) -> None:
    """Give some firms with one shop a record, and the firm of the merchant's account one it may ask to repair."""
    known = [
        shop for shop, story in zip(shops, stories, strict=True) if story != "unknown" and shop.chain < 0
    ]
    chosen = np.sort(rng.choice(len(known), min(FIRMS, len(known)), replace=False))
    for number, index in enumerate(chosen):
        if known[index].uscc != merchant:
            _add(scene, known[index].enterprise, TALES[number % len(TALES)], rng)
    _add(scene, next(shop.enterprise for shop in shops if shop.uscc == merchant), REPAIRABLE, rng)


def add_canteen_credit(scene: Scene, outlets: Sequence[int], rng: Rng) -> None:
    """Give the firms of the first canteens among some breakfast outlets a record; what is unknown stays so."""
    rows = scene.records.named("place"), scene.records.named("layer_breakfast")
    known = {row["place_id"] for row in rows[1] if row["confirmed_on"] is not None}
    canteens = [
        row for row in rows[0] if row["id"] in known.intersection(outlets) and row["category"] == "canteen"
    ]
    for row, tale in zip(canteens, OF_CANTEENS, strict=False):
        _add(scene, row["enterprise_id"], tale, rng)


def _add(scene: Scene, enterprise: int, tale: Tale, rng: Rng) -> None:
    act, decision = tale.act or _ACTS[int(rng.integers(len(_ACTS)))]
    decided = scene.days_ago(tale.decided)
    number = f"沪市监徐处〔{decided.year}〕{scene.records.count('credit_record') + 1:04d}号"
    record = scene.records.add(
        "credit_record",
        enterprise_id=enterprise,
        number=number,
        severity=tale.severity,
        act=act,
        decision=decision,
        authority=_AUTHORITY,
        decided_on=decided,
        published_on=decided + timedelta(days=2) if tale.shown else None,
        corrected_on=None if tale.corrected is None else scene.days_ago(tale.corrected),
        withdrawn_on=None if tale.withdrawn is None else scene.days_ago(tale.withdrawn),
        correction=tale.why,
        corrected_by="supervisor" if tale.why else "",
    )
    if tale.passed:
        _add_repair(scene, record, tale)


def _add_repair(scene: Scene, record: int, tale: Tale) -> None:
    names = ("applied_on", "district_on", "city_on", "nation_on", "granted_on")
    days: dict[str, date] = {name: scene.days_ago(ago) for name, ago in zip(names, tale.passed, strict=False)}
    refused = {"refused_on": scene.days_ago(tale.refused), "refusal": _REFUSAL} if tale.refused else {}
    answered = len(days) > 1 or refused
    scene.records.add(
        "credit_repair",
        record_id=record,
        applicant="merchant",
        fulfilled=True,
        pledged=True,
        decided_by="supervisor" if answered else "",
        **days,
        **refused,
    )
