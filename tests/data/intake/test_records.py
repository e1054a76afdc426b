from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.intake.dates import UnreadableError
from data.intake.mapping import make_plan
from data.intake.records import RecordReader, nights_between
from data.tables import registry
from layers.core.facts import InspectionResult, PermitState


def _reader(layer: str, kind: str, columns: list[str]) -> RecordReader:
    spec = registry[layer]
    plan = make_plan(spec, ["name", "lon", "lat", *columns], {}, "f")
    intake = spec.intake.permit if kind == "permit" else spec.intake.inspection
    assert intake is not None
    return RecordReader(intake, plan.permit if kind == "permit" else plan.inspection)


def _row(*cells: str) -> list[str]:
    return ["店", "1", "1", *cells]


def test_a_permit_with_its_term() -> None:
    reader = _reader("shops", "permit", ["许可证编号", "发证日期", "有效期至", "许可证状态"])
    permit = reader.permit(_row("JY1", "2020-01-02", "2025年1月1日", "注销"))
    assert permit is not None
    assert (permit.kind, permit.number, permit.state) == ("food_business", "JY1", PermitState.CANCELLED)
    assert (permit.valid_from, permit.valid_to) == (date(2020, 1, 2), date(2025, 1, 1))
    endless = reader.permit(_row("JY1", "2020-01-02", "长期", ""))
    assert endless is not None
    assert (endless.valid_to, endless.state) == (None, PermitState.GRANTED)
    assert reader.permit(_row("", "-", "暂无", "有效")) is None


@pytest.mark.parametrize(
    "cells", [("1", "2025-01-01", "2020-01-01", ""), ("1", "soon", "", ""), ("1", "", "", "怪")]
)
def test_a_permit_without_sense_is_not_guessed(cells: tuple[str, ...]) -> None:
    reader = _reader("shops", "permit", ["许可证编号", "发证日期", "有效期至", "许可证状态"])
    with pytest.raises(UnreadableError):
        reader.permit(_row(*cells))


def test_an_inspection() -> None:
    reader = _reader("shops", "inspection", ["检查编号", "检查日期", "检查结果", "严重问题数"])
    seen = reader.inspection(_row("I1", "2021-06-01", "pass W/ conditions", "2"))
    assert seen is not None
    assert (seen.external_id, seen.result, seen.critical) == ("I1", InspectionResult.CONDITIONAL, 2)
    assert seen.at == datetime(2021, 5, 31, 16, tzinfo=UTC)
    assert reader.inspection(_row("I1", "", "", "2")) is None
    for cells in (("I1", "2021-06-01", "so so", ""), ("I1", "2021-06-01", "", ""), ("I1", "", "合格", "")):
        with pytest.raises(UnreadableError):
            reader.inspection(_row(*cells))


def test_a_grade_is_a_letter_or_nothing() -> None:
    reader = _reader("shops", "inspection", ["检查日期", "检查结果", "检查等级"])
    for said, grade, unknown in (
        ("良好", "A", []),
        (" b ", "B", []),
        ("Z", "", ["grade"]),
        ("-", "", []),
    ):
        cells = _row("2021-06-01", "合格", said)
        seen = reader.inspection(cells)
        assert seen is not None
        assert (seen.grade, reader.unknown_words(cells)) == (grade, unknown)


def test_nights_from_two_moments_and_from_hours_on_days() -> None:
    moments = _reader("nights", "permit", ["许可编号", "开始时间", "结束时间"])
    permit = moments.permit(_row("N1", "2021-06-01 22:00", "2021-06-03 06:00"))
    hours = _reader("nights", "permit", ["许可编号", "开始日期", "结束日期", "开始时间", "结束时间"])
    same = hours.permit(_row("N1", "2021-06-01", "2021-06-02", "22:00", "06:00"))
    assert permit is not None
    assert same is not None
    assert permit.nights == same.nights
    assert [(a.hour, b - a) for a, b in permit.nights] == [(14, timedelta(hours=8))] * 2
    assert (permit.valid_from, permit.valid_to) == (date(2021, 6, 1), date(2021, 6, 3))
    assert (same.valid_from, same.valid_to) == (date(2021, 6, 1), date(2021, 6, 2))


def test_an_absurd_or_reversed_span_is_no_night() -> None:
    start = datetime(2021, 6, 1, 14, tzinfo=UTC)
    for end in (start, start - timedelta(hours=1), start + timedelta(days=500)):
        with pytest.raises(UnreadableError):
            nights_between(start, end)


@given(st.integers(1, 300 * 24 * 60))
def test_nights_fill_a_span_without_overlap(minutes: int) -> None:
    start = datetime(2021, 6, 1, 14, tzinfo=UTC)
    nights = nights_between(start, start + timedelta(minutes=minutes))
    assert nights[0][0] == start
    assert nights[-1][1] == start + timedelta(minutes=minutes)
    assert all(timedelta() < b - a <= timedelta(days=1) for a, b in nights)
    assert all(left[1] <= right[0] for left, right in pairwise(nights))
