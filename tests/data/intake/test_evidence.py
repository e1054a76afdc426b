"""What a file shows of itself before it is taken in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from data.areas import area_names, load_areas
from data.intake.evidence import DatumEvidence, datum_evidence, first_rows, samples
from data.intake.mapping import make_plan
from data.intake.positions import stem
from data.intake.readers import open_table
from data.tables import registry
from geo.datum import Datum, from_wgs84
from tests.data.intake.conftest import SHOP, shop

Write = Callable[..., Path]


def look(engine: Engine, path: Path, layer: str = "shops") -> DatumEvidence:
    """Look at a file as the worker does."""
    table = open_table(path)
    rows = first_rows(table)
    located = {"lon": table.columns[0], "lat": table.columns[1]} if table.located else {}
    plan = make_plan(registry[layer], table.columns, located, path.name)
    with engine.connect() as connection:
        return datum_evidence(connection, table, plan, rows)


def scattered(engine: Engine, datum: Datum, n: int = 2000) -> list[list[str]]:
    """Return rows all over the city, each with the name of the district it lies in."""
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(121.2, 121.7, n), rng.uniform(31.05, 31.4, n)
    with engine.connect() as connection:
        names = area_names(connection)
        codes = load_areas(connection, 6).locate(lon, lat)
    x, y = from_wgs84(lon, lat, datum)
    return [
        shop(number, 区=names[code], lon=f"{x[number]:.9f}", lat=f"{y[number]:.9f}")
        for number, code in enumerate(codes)
        if code
    ]


@pytest.mark.parametrize("datum", [Datum.WGS84, Datum.GCJ02, Datum.BD09])
def test_rows_that_name_their_district_show_their_datum(engine: Engine, write: Write, datum: Datum) -> None:
    rows = scattered(engine, datum)
    evidence = look(engine, write(rows))
    assert evidence.named == len(rows)
    assert evidence.fits[datum] == len(rows)  # each row was named by where it lies
    assert evidence.shown() is datum


def test_rows_without_a_district_show_nothing(engine: Engine, write: Write) -> None:
    rows = [[*row[:3], "", *row[4:]] for row in scattered(engine, Datum.GCJ02)]
    assert look(engine, write(rows)).shown() is None


@pytest.mark.parametrize("written", ["{}", "{} 周边", "上海市{}区某路1号", "上海{}新区某路1号"])
def test_a_column_that_begins_with_a_district_names_it(engine: Engine, write: Write, written: str) -> None:
    header = ["商圈" if name == "区" else name for name in SHOP]
    rows = [[*row[:3], written.format(stem(row[3])), *row[4:]] for row in scattered(engine, Datum.GCJ02)]
    evidence = look(engine, write(rows, header=header))
    assert (evidence.by, evidence.named, evidence.shown()) == ("商圈", len(rows), Datum.GCJ02)


def test_roads_called_after_districts_name_none(engine: Engine, write: Write) -> None:
    header = ["商圈" if name == "区" else name for name in SHOP]
    rows = [[*row[:3], f"{stem(row[3])}路1号", *row[4:]] for row in scattered(engine, Datum.GCJ02)]
    evidence = look(engine, write(rows, header=header))
    assert (evidence.by, evidence.named, evidence.shown()) == ("", 0, None)


def test_few_rows_settle_nothing(engine: Engine, write: Write) -> None:
    """Deep inside their district they lie in it under every datum."""
    evidence = look(engine, write([shop(number) for number in range(1, 200)]))
    assert evidence.named == 199
    assert evidence.fits[Datum.WGS84] == evidence.fits[Datum.BD09] == 199
    assert evidence.shown() is None


@pytest.mark.parametrize(
    ("fits", "named", "shown"),
    [
        ({Datum.WGS84: 1000, Datum.GCJ02: 960, Datum.BD09: 930}, 1000, Datum.WGS84),
        ({Datum.WGS84: 1000, Datum.GCJ02: 995, Datum.BD09: 930}, 1000, None),  # 5 of 1000 may be chance
        ({Datum.WGS84: 800, Datum.GCJ02: 700, Datum.BD09: 600}, 1000, None),  # a fifth lies elsewhere
        ({Datum.WGS84: 29, Datum.GCJ02: 0, Datum.BD09: 0}, 29, None),
        ({Datum.WGS84: 30, Datum.GCJ02: 15, Datum.BD09: 0}, 30, Datum.WGS84),
    ],
)
def test_only_what_chance_does_not_explain_is_shown(
    fits: dict[Datum, int], named: int, shown: Datum | None
) -> None:
    assert DatumEvidence(named, named, fits).shown() is shown


def test_samples_are_the_first_values_each_once(write: Write) -> None:
    path = write([shop(1), shop(2, 地址=""), shop(3, 业态="x" * 100)])
    rows: Sequence[tuple[int, list[str]]] = first_rows(open_table(path))
    found = dict(zip(SHOP, samples(SHOP, rows), strict=True))
    assert found["编号"] == ["S1", "S2", "S3"]
    assert found["地址"] == ["天钥桥路1号", "天钥桥路3号"]
    assert found["区"] == ["徐汇区"]
    assert found["业态"] == ["餐饮服务;中餐厅;火锅店", "x" * 60]


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "layer", "datum"),
    [
        ("shanghai_poi/shanghai_food.csv", "shops", Datum.WGS84),
        ("shanghai_communities/bd09_上海.csv", "buildings", Datum.BD09),
    ],
)
def test_the_datum_of_a_real_file_is_named(
    engine: Engine, real_data: Path, file: str, layer: str, datum: Datum
) -> None:
    assert look(engine, real_data / file, layer).shown() is datum
