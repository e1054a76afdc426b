"""`yiping export`: whole files or none, and what it wrote is taken back by `yiping import` as what is there already."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.export_command import write_export
from data.city import City
from data.intake.deliver import import_file
from data.intake.errors import IntakeError
from data.intake.outcome import Delivery
from data.tables import registry
from geo.datum import Datum
from layers.core.errors import YipingError
from layers.core.spec import Field, FieldType, Layer
from tests.small_city import FORMULA, MERCHANT_USCC, NOW, PHONE, SmallCity, build, write

SAMPLES: dict[FieldType, Any] = {
    FieldType.TEXT: "=1+1，“引号”\"与'撇号",
    FieldType.INTEGER: 7,
    FieldType.NUMBER: 0.1 + 0.2,
    FieldType.BOOLEAN: False,
    FieldType.DATE: date(2026, 2, 28),
    FieldType.CLOCK: 365,
    FieldType.HOURS: "mon-fri 06:00-09:30; sat,sun 07:00-10:00",
}


@pytest.fixture
def small(engine: Engine) -> SmallCity:
    """Return a small city in which a place of every layer says something in every field."""
    city = build(engine)
    for layer in registry:
        place_id = next(n for (of, _), n in city.ids.items() if of == layer.id)
        values = {field.name: _sample(field) for field in layer.fields}
        names, given = ", ".join(values), ", ".join(f":{name}" for name in values)
        sql = f"INSERT INTO layer_{layer.id} (place_id, {names}) VALUES (:place, {given}) ON CONFLICT DO NOTHING"
        write(engine, sql, place=place_id, **values)
    return city


def _sample(field: Field) -> Any:
    if field.type is FieldType.CHOICE:
        return field.choices[-1].value
    if field.type is FieldType.CHOICES:
        return sorted(choice.value for choice in field.choices[:2])
    if field.code:
        return MERCHANT_USCC
    if field.above:
        return SAMPLES[field.type] + 60
    if field.type is FieldType.INTEGER and field.minimum:
        return int(field.minimum) + 7
    return SAMPLES[field.type]


@pytest.fixture
def whole(engine: Engine, database_url: str) -> Iterator[City]:
    """Return the city of the database."""
    city = City(database_url, lambda: NOW)
    yield city
    city.stop()


def _taken_back(engine: Engine, layer: Layer, file: Path, datum: Datum, *, dry_run: bool = True) -> Delivery:
    return import_file(engine, layer, file, datum, dry_run=dry_run, actor="test", at=NOW)


@pytest.mark.parametrize(
    ("form", "datum", "more"),
    [
        ("csv", Datum.WGS84, {}),
        ("csv", Datum.BD09, {"encoding": "gb18030"}),
        ("xlsx", Datum.GCJ02, {}),
        ("geojson", Datum.WGS84, {}),
        ("gpkg", Datum.CGCS2000, {}),
        ("gpkg", Datum.GCJ02, {}),
    ],
)
def test_what_was_written_is_taken_back_as_what_is_there_already(
    engine: Engine,
    small: SmallCity,
    whole: City,
    tmp_path: Path,
    form: str,
    datum: Datum,
    more: dict[str, str],
) -> None:
    for layer in registry:
        file = tmp_path / f"{layer.id}.{form}"
        n = write_export(whole, layer.id, file, [("datum", datum), *more.items()], "test", "zh")
        done = _taken_back(engine, layer, file, datum)
        counts = (done.read, done.inserted, done.updated, done.unchanged, len(done.rejected))
        assert counts == (n, 0, 0, n, 0), layer.id
        assert n >= 2


def test_a_cell_that_somebody_changed_is_the_one_change(
    engine: Engine, small: SmallCity, whole: City, tmp_path: Path
) -> None:
    file = tmp_path / "shops.csv"
    write(engine, """UPDATE place SET extra = '{"业态": "面馆"}' WHERE id = :id""", id=small.merchant_shop)
    write_export(whole, "shops", file, [], "test", "zh")
    lines = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    changed = next(line for line in lines if line["id"] == str(small.merchant_shop))
    assert changed["name"] == f"'{FORMULA}"
    changed["address"] = "测试路2号"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    done = _taken_back(engine, registry["shops"], file, Datum.WGS84, dry_run=False)
    assert (done.inserted, done.updated, done.unchanged) == (0, 1, 4)
    with engine.connect() as connection:
        sql = "SELECT name, address, phone, extra, source FROM place WHERE id = :id"
        row = connection.execute(text(sql), {"id": small.merchant_shop}).one()
    assert row == (
        FORMULA,
        "测试路2号",
        PHONE,
        {"业态": "面馆"},
        "test",
    )  # nobody's masked number is written back


def test_an_export_is_taken_back_in_its_own_datum_only_and_not_in_words(
    engine: Engine, small: SmallCity, whole: City, tmp_path: Path
) -> None:
    file = tmp_path / "shops.csv"
    write_export(whole, "shops", file, [("datum", "gcj02")], "test", "zh")
    with pytest.raises(IntakeError, match="--datum gcj02"):
        _taken_back(engine, registry["shops"], file, Datum.WGS84)
    for language in ("zh", "en"):
        write_export(whole, "shops", file, [("header", "label")], "test", language)
        with pytest.raises(IntakeError, match="header=name"):
            _taken_back(engine, registry["shops"], file, Datum.WGS84)


def test_a_file_is_replaced_whole_or_stays_as_it_was(small: SmallCity, whole: City, tmp_path: Path) -> None:
    file = tmp_path / "shops.csv"
    file.write_text("as it was")
    for wrong in (
        [("tier", "purple")],
        [("datum", "mars")],
        [("tier", "red"), ("tier", "blue")],
        [("as_of", "now")],
    ):
        with pytest.raises(YipingError):
            write_export(whole, "shops", file, wrong, "test", "zh")
    assert file.read_text() == "as it was"
    assert write_export(whole, "shops", file, [("tier", "red")], "test", "zh") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["shops.csv"]
    with pytest.raises(YipingError, match="name another file"):
        write_export(whole, "shops", tmp_path / "nowhere" / "shops.csv", [], "test", "zh")


def test_an_export_sees_one_moment_whatever_is_written_while_it_is_read(
    engine: Engine, small: SmallCity, whole: City
) -> None:
    from layers.core.access import Role, Viewer
    from layers.core.query import Query

    query = Query(layers=("shops",), viewer=Viewer(Role.SUPERVISOR, name="test"))
    write(engine, "DELETE FROM place WHERE id = :id", id=small.rtl_shop)  # which no index has heard of
    found = whole.exports.open(query, "csv", Datum.WGS84)
    write(engine, "DELETE FROM place WHERE id = :id", id=small.merchant_shop)
    names = [row["id"] for batch in found.batches for row in batch]
    assert len(names) == found.total == 4
    assert small.merchant_shop in names
    assert small.rtl_shop not in names


def test_a_sheet_that_cannot_hold_the_rows_is_refused(small: SmallCity, whole: City) -> None:
    from layers.core.access import Role, Viewer
    from layers.core.query import Query

    query = Query(layers=("shops",), viewer=Viewer(Role.SUPERVISOR, name="test"))
    with pytest.raises(YipingError, match="take CSV"):
        whole.exports.open(query, "xlsx", Datum.WGS84, most=4)
