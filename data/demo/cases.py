"""Complaints, alerts and tasks: the open ones that stories speak of, and two years of closed ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from data.demo.names import Rng
from data.demo.site import Scene
from layers.core.citytime import day_of

_TITLES = {
    "complaint": (
        "油烟扰民",
        "食品中有异物",
        "占道经营",
        "价格与标示不符",
        "后厨卫生差",
        "夜间噪声扰民",
        "不开具发票",
    ),
    "alert": ("许可证到期预警", "冷链温度异常", "铭牌位置异常", "用电量异常"),
    "task": ("核实店招名称", "补拍门头照片", "核对从业人员健康证", "张贴汇商码"),
}
_OPEN_STAGES = ("received", "filed", "dispatched", "handling", "supervised")


def add_open_case(
    scene: Scene, place: int, kind: str, rng: Rng, *, overdue: bool = False, title: str = ""
) -> None:
    """Add a case nobody has closed; due in days to come, or past its due day."""
    ago = rng.uniform(12, 40) if overdue else rng.uniform(0.1, 9)
    opened = scene.at - timedelta(days=float(ago))
    due = scene.at - timedelta(days=float(rng.uniform(0.2, 8))) if overdue else opened + timedelta(days=14)
    _add(scene, place, kind, rng, title=title, opened=opened, due=due)


def add_closed_cases(scene: Scene, places: Sequence[int], count: int, rng: Rng) -> None:
    """Add cases of the past two years, answered in hours to weeks."""
    kinds = ("complaint", "complaint", "complaint", "alert", "task")
    for _ in range(count):
        opened = scene.at - timedelta(days=float(rng.uniform(8, 730)))
        took = timedelta(hours=float(rng.lognormal(3.1, 1.0)))
        closed = min(opened + took, scene.at - timedelta(hours=2))
        place = places[int(rng.integers(len(places)))]
        kind = kinds[int(rng.integers(len(kinds)))]
        _add(scene, place, kind, rng, opened=opened, due=opened + timedelta(days=7), closed=closed)


def _add(
    scene: Scene,
    place: int,
    kind: str,
    rng: Rng,
    *,
    opened: datetime,
    due: datetime,
    closed: datetime | None = None,
    title: str = "",
) -> None:
    titles = _TITLES[kind]
    stage = "closed" if closed else _OPEN_STAGES[int(rng.integers(len(_OPEN_STAGES)))]
    accepted = min(opened + timedelta(days=int(rng.integers(0, 5))), closed or scene.at)
    scene.records.add(
        "case",
        place_id=place,
        kind=kind,
        title=title or titles[int(rng.integers(len(titles)))],
        stage=stage,
        reporter="匿名市民" if kind == "complaint" else "",
        nature=("" if kind != "complaint" else "report" if rng.random() < 0.35 else "claim"),
        opened_at=str(opened),
        accepted_on=day_of(accepted) if stage != "received" else None,
        due_at=str(due),
        closed_at=str(closed) if closed else None,
    )
