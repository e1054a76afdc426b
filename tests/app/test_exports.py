"""Exports: the same places, once each, in every form; as the caller may read them; and files that programs can open."""

from __future__ import annotations

import csv
import io
import itertools
import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from fastapi.testclient import TestClient
from httpx import Response
from openpyxl import load_workbook
from sqlalchemy import Engine, text

from app.export_files import FORMS
from data.export_columns import columns_of
from geo.datum import Datum, from_wgs84, to_wgs84
from layers.core.access import GRANTS, Role
from layers.core.registry import find_layers
from layers.core.spec import Layer
from tests.app.conftest import SignIn
from tests.app.test_long_questions import _circle
from tests.small_city import CONTACT, FORMULA, HERE, HOSTILE, PHONE, RTL, SmallCity, write

Lines = list[dict[str, Any]]
EXPORTING = [role.value for role in Role if "export" in GRANTS[role].actions]
RARE = "\U00020b9f\U0002a6d6 ① ㎡ é Ω 龘 🍜"  # beyond the first plane, and beyond what GBK has


def _csv(content: bytes) -> Lines:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _xlsx(content: bytes) -> Lines:
    header, *rows = load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def _geojson(content: bytes) -> Lines:
    document = json.loads(content)
    return [
        f["properties"] | dict(zip(("lon", "lat"), f["geometry"]["coordinates"], strict=True))
        for f in document["features"]
    ]


def _gpkg(content: bytes) -> Lines:
    import pyogrio
    import shapely

    with tempfile.NamedTemporaryFile(suffix=".gpkg") as file:
        file.write(content)
        file.flush()
        meta, _, wkb, values = pyogrio.raw.read(file.name)
    points = shapely.from_wkb(wkb)
    columns = dict(zip(meta["fields"], values, strict=True)) | {
        "lon": shapely.get_x(points),
        "lat": shapely.get_y(points),
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _parquet(content: bytes) -> Lines:
    import shapely
    from pyarrow import BufferReader
    from pyarrow.parquet import read_table

    lines = read_table(BufferReader(content)).to_pylist()
    points = [shapely.from_wkb(line.pop("geometry")) for line in lines]
    return [line | {"lon": point.x, "lat": point.y} for line, point in zip(lines, points, strict=True)]


READERS: dict[str, Callable[[bytes], Lines]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "geojson": _geojson,
    "gpkg": _gpkg,
    "parquet": _parquet,
}


def _export(client: TestClient, layer: str, form: str, **params: str) -> Response:
    answer = client.get(f"/api/layers/{layer}/export.{form}", params=params)
    assert answer.status_code == 200, answer.text
    return answer


def _lines(client: TestClient, layer: str, form: str, **params: str) -> Lines:
    return READERS[form](_export(client, layer, form, **params).content)


def _pages(client: TestClient, layer: str, **params: str) -> list[int]:
    """Return what the list of places has under the same filter, page by page."""
    found: list[int] = []
    after = ""
    while True:
        page = client.get(
            f"/api/layers/{layer}/places", params={**params, "limit": "2", "after": after}
        ).json()
        found += [feature["id"] for feature in page["features"]]
        if not (after := page["next"]):
            return found


FILTERS: list[dict[str, str]] = [
    {},
    {"tier": "red"},
    {"status": "expired,valid"},
    {"street": HERE},
    {"within": "310104"},
    {"within": _circle(12)},
    {"q": FORMULA.lower()},
    {"q": "no such words"},
    {"bbox": "121.425,31.17,121.4401,31.2"},
    {"category": "restaurant", "street": HERE, "tier": "red,none"},
]


@pytest.mark.parametrize("form", READERS)
@pytest.mark.parametrize("wanted", FILTERS, ids=lambda wanted: "&".join(wanted) or "everything")
def test_a_file_has_what_list_and_map_have_each_place_once(
    sign_in: SignIn, wanted: dict[str, str], form: str
) -> None:
    client = sign_in("supervisor")
    box = {"bbox": "121.3,31.1,121.6,31.3"} | wanted
    rows = [int(line["id"]) for line in _lines(client, "shops", form, **wanted)]
    assert sorted(rows) == sorted(_pages(client, "shops", **wanted))
    assert len(rows) == client.get("/api/layers/shops/map", params=box).json()["total"]


@pytest.mark.parametrize("form", READERS)
@pytest.mark.parametrize("role", EXPORTING)
def test_who_sees_a_part_of_the_city_takes_out_that_part(sign_in: SignIn, role: str, form: str) -> None:
    client = sign_in(role)
    for layer in find_layers():
        rows = [int(line["id"]) for line in _lines(client, layer.id, form)]
        assert sorted(rows) == sorted(_pages(client, layer.id)), layer.id


@pytest.mark.parametrize("form", READERS)
@pytest.mark.parametrize("role", EXPORTING)
def test_a_file_says_of_a_place_what_its_card_says_and_no_more(sign_in: SignIn, role: str, form: str) -> None:
    client = sign_in(role)
    beside = {"lon", "lat", "datum", "district", "street", "tier_reason"}
    for layer in find_layers():
        for line in _lines(client, layer.id, form):
            card = client.get(f"/api/places/{line['id']}").json()["properties"]
            for name, value in line.items():
                if not _is_nothing(value) and name not in beside:
                    assert _said(value) == _said(card[name]), (layer.id, name)
            assert line.get("tier_reason") in ("", None) or card["reasons"], layer.id


def _is_nothing(value: Any) -> bool:
    return not value if isinstance(value, str | list) else value is None or value != value  # noqa: PLR0124 (NaN)


def _said(value: Any) -> str:
    """Return a value as one text, whatever form of file it came from."""
    if isinstance(value, datetime | np.datetime64):
        return "a moment"
    if isinstance(value, str) and len(value) > 18 and value[10] == "T":
        return "a moment"
    if isinstance(value, list):
        return ";".join(value)
    if isinstance(value, bool | np.bool_) or value in {"true", "false"}:
        return str(int(value in {True, "true"}))
    return f"{float(value):g}" if isinstance(value, float | int | np.number) else str(value).removeprefix("'")


@pytest.mark.parametrize("form", FORMS)
def test_nobody_s_number_is_in_a_file_and_no_official_field_is_told_to_who_may_not(
    sign_in: SignIn, form: str
) -> None:
    for role in EXPORTING:
        client, reads = sign_in(role), GRANTS[Role(role)].reads
        for layer in find_layers():
            content = _export(client, layer.id, form).content
            unpacked = json.dumps(READERS[form](content), default=str, ensure_ascii=False)
            assert PHONE not in unpacked
            assert CONTACT not in unpacked
            named = set(next(iter(READERS[form](content)), {}))
            hidden = {f.name for f in layer.fields if f.visible_to not in reads}
            hidden |= (
                set() if "official" in reads else {"state", "source", "external_id", "updated_at", "uscc"}
            )
            hidden |= set() if "personal" in reads else {"phone", "contact"}
            assert not hidden & named, (role, layer.id)
    assert {layer.open_data for layer in find_layers()} == {False}
    for layer in find_layers():
        answer = sign_in("public").get(f"/api/layers/{layer.id}/export.{form}")
        assert answer.status_code == (403 if layer.readable_by == "public" else 404)


def test_persons_are_masked_as_on_the_card(sign_in: SignIn) -> None:
    line = _lines(sign_in("supervisor"), "shops", "csv")[0]
    assert (line["phone"], line["contact"]) == ("138****5678", f"{CONTACT[0]}*")


@pytest.fixture
def open_layer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Layer]:
    """Let a public layer say that anybody may take it out."""
    from data.tables import registry

    layer = registry["offices"]
    object.__setattr__(layer, "open_data", True)
    yield layer
    object.__setattr__(layer, "open_data", False)


def test_the_public_takes_public_fields_out_of_a_layer_that_says_so(
    sign_in: SignIn, city_engine: Engine, open_layer: Layer
) -> None:
    client = sign_in("public")
    for form in READERS:
        lines = _lines(client, open_layer.id, form)
        assert len(lines) == 2
        public = {column.name for column in columns_of(open_layer, GRANTS[Role.PUBLIC].reads)}
        assert set(lines[0]) == public
        assert not {"phone", "contact", "uscc", "state", "source", "updated_at"} & public
    with city_engine.connect() as connection:
        actor = connection.scalar(
            text("SELECT actor FROM audit_event WHERE action = 'export' ORDER BY id DESC LIMIT 1")
        )
    assert actor == "public"


@pytest.mark.parametrize("form", ["csv", "xlsx", "gpkg", "parquet"])
@pytest.mark.parametrize("datum", Datum)
def test_positions_are_in_the_datum_that_is_asked_for(sign_in: SignIn, form: str, datum: Datum) -> None:
    client = sign_in("supervisor")
    there = {int(line["id"]): line for line in _lines(client, "shops", "geojson")}
    lines = _lines(client, "shops", form, datum=datum)
    assert {line["datum"] for line in lines} == {datum}
    for line in lines:
        known, (lon, lat) = there[int(line["id"])], (float(line["lon"]), float(line["lat"]))
        assert (lon, lat) == pytest.approx(
            [float(x) for x in from_wgs84(known["lon"], known["lat"], datum)], abs=2e-7
        )
        assert [float(x) for x in to_wgs84(lon, lat, datum)] == pytest.approx(
            [known["lon"], known["lat"]], abs=3e-7
        )


def test_geojson_is_wgs84_and_refuses_what_it_cannot_say(sign_in: SignIn) -> None:
    client = sign_in("supervisor")
    for datum in ("gcj02", "bd09", "cgcs2000"):
        answer = client.get(
            f"/api/layers/shops/export.geojson?datum={datum}", headers={"Accept-Language": "en"}
        )
        assert (answer.status_code, answer.json()["parameter"]) == (422, "datum")
        assert "gpkg" in answer.json()["detail"]


@pytest.mark.parametrize(("datum", "srs"), [("wgs84", 4326), ("cgcs2000", 4490), ("gcj02", 0), ("bd09", 0)])
def test_a_package_names_a_system_only_where_there_is_one(
    sign_in: SignIn, datum: str, srs: int, tmp_path: Path
) -> None:
    file = tmp_path / "shops.gpkg"
    file.write_bytes(_export(sign_in("supervisor"), "shops", "gpkg", datum=datum, tier="red").content)
    with sqlite3.connect(file) as package:
        ((name, described, system),) = package.execute(
            "SELECT table_name, description, srs_id FROM gpkg_contents"
        )
        kinds = {row[1]: row[2] for row in package.execute("PRAGMA table_info(shops)")}
    assert (name, system) == ("shops", srs)
    assert datum in described
    assert "tiers=red" in described
    assert {kinds[c] for c in ("id", "area_m2", "breakfast", "name", "updated_at")} == {
        "INTEGER", "REAL", "BOOLEAN", "TEXT", "DATETIME",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("datum", "name"), [("wgs84", "CRS84"), ("cgcs2000", "China Geodetic"), ("bd09", "None")]
)
def test_geoparquet_says_its_system_and_types_its_columns(
    sign_in: SignIn, datum: str, name: str, tmp_path: Path
) -> None:
    from geopandas import read_parquet

    file = tmp_path / "offices.parquet"
    file.write_bytes(_export(sign_in("supervisor"), "offices", "parquet", datum=datum).content)
    frame = read_parquet(file)
    assert name in (frame.crs.name + str(frame.crs.to_authority()) if frame.crs else "None")
    assert set(frame["datum"]) == {datum}
    kinds = frame.dtypes.astype(str)
    assert (kinds["id"], kinds["rent_cny_m2_day"]) == ("int64", "float64")
    assert kinds["updated_at"].startswith("datetime64[")


def test_a_csv_for_offices_in_gb18030_reads_back_whatever_it_holds(
    sign_in: SignIn, city_engine: Engine, small_city: SmallCity
) -> None:
    write(city_engine, "UPDATE place SET address = :rare WHERE id = :id", rare=RARE, id=small_city.rtl_shop)
    answer = _export(sign_in("supervisor"), "shops", "csv", encoding="GB18030")
    assert answer.headers["content-type"] == "text/csv; charset=gb18030"
    lines = {
        line["name"]: line
        for line in csv.DictReader(io.StringIO(answer.content.decode("gb18030"), newline=""))
    }
    assert lines[RTL]["address"] == RARE
    assert _export(sign_in("supervisor"), "shops", "csv").content.startswith(b"\xef\xbb\xbf")


def test_no_cell_is_a_formula_and_no_text_is_lost(sign_in: SignIn) -> None:
    client = sign_in("supervisor")
    names = {line["name"] for line in _lines(client, "shops", "csv")}
    assert {f"'{FORMULA}", HOSTILE, RTL} <= names
    book = load_workbook(io.BytesIO(_export(client, "shops", "xlsx").content))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n", "d", "b"}  # not one "f"
    assert FORMULA in {cell.value for cell in cells}


def test_a_workbook_has_typed_cells_a_fixed_header_and_says_what_it_is(
    sign_in: SignIn, small_city: SmallCity
) -> None:
    answer = _export(sign_in("supervisor"), "shops", "xlsx", tier="red", header="label")
    book = load_workbook(io.BytesIO(answer.content))
    page, about = book.worksheets
    header, first = page.iter_rows(values_only=True)
    cells = dict(zip(header, first, strict=True))
    assert page.freeze_panes == "A2"
    assert cells["一屏编号"] == small_city.red_shop
    assert isinstance(cells["经度"], float)
    assert isinstance(cells["更新于"], datetime)
    assert (cells["分级"], cells["许可状态"]) == ("立即处置", "已过期")
    assert "已于 2026-11-11 过期" in cells["首要原因"]
    told = dict(about.iter_rows(values_only=True))
    assert told["图层"] == "商铺"
    assert told["导出时间"] == "2026-11-23 12:00 (UTC+8)"
    assert (told["导出人角色"], told["筛选条件"], told["行数"], told["坐标系"]) == (
        "值班长",
        "tiers=red",
        1,
        "wgs84",
    )
    assert "演示" in told["注意"]


def test_headers_are_stable_names_or_the_caller_s_words(sign_in: SignIn) -> None:
    client = sign_in("supervisor")
    first = {
        (header, language): client.get(
            f"/api/layers/offices/export.csv?header={header}", headers={"Accept-Language": language}
        )
        .text.removeprefix("\ufeff")
        .splitlines()[0]
        for header, language in itertools.product(("name", "label"), ("zh", "en"))
    }
    assert first["name", "zh"] == first["name", "en"]
    assert "rent_cny_m2_day" in first["name", "en"].split(",")
    assert "租金 (元/㎡·天)" in first["label", "zh"].split(",")
    assert "Rent (CNY/m²/day)" in first["label", "en"].split(",")


def test_every_column_has_words_in_both_languages_and_no_two_the_same(sign_in: SignIn) -> None:
    client = sign_in("supervisor")
    for layer, language in itertools.product(find_layers(), ("zh", "en")):
        answer = client.get(
            f"/api/layers/{layer.id}/export.csv?header=label", headers={"Accept-Language": language}
        )
        header = next(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert len(header) == len(set(header)), layer.id


def test_a_download_has_a_name_for_every_client(sign_in: SignIn) -> None:
    said = _export(sign_in("supervisor"), "shops", "xlsx", q="测试路").headers["content-disposition"]
    assert 'filename="shops-2026-11-23.xlsx"' in said
    assert f"filename*=UTF-8''{quote('商铺')}-2026-11-23.xlsx" in said
    assert said.isascii()


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ("export.pdf", "format"),
        ("export.parquet2", "format"),
        ("export.csv?datum=mars", "datum"),
        ("export.csv?header=both", "header"),
        ("export.csv?encoding=latin1", "encoding"),
        ("export.xlsx?encoding=gb18030", "encoding"),
        ("export.gpkg?header=label", "header"),
        ("export.csv?colour=red", "colour"),
        ("export.csv?tier=purple", "tier"),
        ("export.csv?as_of=2026-11-01", "as_of"),
        ("export.csv?limit=3", "limit"),
        ("export.csv?within=%7B%7D", "within"),
        ("export.csv?open_at=2026-11-24T07:00", "open_at"),
    ],
)
def test_what_cannot_be_meant_is_named_and_nothing_is_on_the_record(
    sign_in: SignIn, city_engine: Engine, asked: str, parameter: str
) -> None:
    client = sign_in("supervisor")
    count = text("SELECT count(*) FROM audit_event")
    with city_engine.connect() as connection:
        before = connection.scalar(count)
    answer = client.get(f"/api/layers/shops/{asked}")
    assert (answer.status_code, answer.json()["parameter"]) == (422, parameter)
    with city_engine.connect() as connection:
        assert connection.scalar(count) == before


@pytest.mark.parametrize("form", READERS)
def test_a_question_too_long_for_an_address_is_asked_by_post(sign_in: SignIn, form: str) -> None:
    client = sign_in("supervisor")
    answer = client.post(f"/api/layers/shops/export.{form}", data={"within": _circle(10_000)})
    assert answer.status_code == 200, answer.text
    assert sorted(int(line["id"]) for line in READERS[form](answer.content)) == sorted(
        _pages(client, "shops")
    )
    assert sign_in("public").post(f"/api/layers/shops/export.{form}", data={"q": "x"}).status_code == 404
