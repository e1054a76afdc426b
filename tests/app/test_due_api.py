"""/api/due: the same rows as JSON, CSV and Excel, exactly those that are filtered, and on the record."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, text

from app.due_files import COLUMNS
from data.db import acting
from tests.app.conftest import SignIn
from tests.small_city import FORMULA, HERE, RTL, THERE, SmallCity

pytestmark = pytest.mark.usefixtures("due_list")
DUE = "2026-12-03"  # ten days after the day of the list


@pytest.fixture(scope="module", autouse=True)
def formula(city_engine: Engine, small_city: SmallCity, due_list: int) -> None:
    """Put the shop whose name is a formula on the list too."""
    with acting(city_engine, "test") as connection:
        connection.execute(
            text(
                "INSERT INTO inspection_list_item (list_id, place_id, layer, why, area_code, tier) "
                "VALUES (:list, :place, 'shops', 'never', :area, 2)"
            ),
            {"list": due_list, "place": small_city.merchant_shop, "area": HERE},
        )


def test_a_page_has_rows_counts_and_the_list_itself(sign_in: SignIn, small_city: SmallCity) -> None:
    answer = sign_in("supervisor").get("/api/due").json()
    assert (answer["list"]["day"], answer["list"]["horizon_days"]) == ("2026-11-23", 30)
    assert (answer["list"]["made_by"], answer["list"]["edition"]) == ("worker", 1)
    assert answer["list"]["rule_version"]
    assert answer["total"] == 3
    assert answer["counts"]["why"] == {"due_soon": 1, "never": 1, "overdue": 1}
    first = answer["rows"][0]
    assert (first["place_id"], first["due_on"], first["days_over"]) == (small_city.rtl_shop, DUE, -10)
    assert (first["last_visit"], first["tier"], first["why"]) == ("2025-12-03", "yellow", "due_soon")


def test_pages_hold_every_row_once(sign_in: SignIn) -> None:
    client, seen, after = sign_in("supervisor"), [], ""
    while after is not None:
        page = client.get("/api/due", params={"limit": 1, **({"after": after} if after else {})}).json()
        seen += [row["place_id"] for row in page["rows"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) == 3


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", [RTL, FORMULA, f"shops-{THERE}"]),
        ("?why=never,overdue", [FORMULA, f"shops-{THERE}"]),
        (f"?street={HERE}&why=due_soon", [RTL]),
        ("?street=310110", [f"shops-{THERE}"]),
        ("?layer=breakfast", []),
        ("?day=2026-11-23&layer=shops&street=none", []),
    ],
)
def test_files_hold_exactly_what_is_filtered(sign_in: SignIn, query: str, names: list[str]) -> None:
    client = sign_in("supervisor")
    assert [row["name"] for row in client.get(f"/api/due{query}").json()["rows"]] == names
    book = load_workbook(io.BytesIO(client.get(f"/api/due.xlsx{query}").content))
    assert [row[3] for row in book.active.iter_rows(min_row=2, values_only=True)] == names
    lines = list(csv.DictReader(io.StringIO(client.get(f"/api/due.csv{query}").text.removeprefix("\ufeff"))))
    assert [line["name"] for line in lines] == [f"'{n}" if n == FORMULA else n for n in names]


def test_a_csv_opens_in_a_spreadsheet(sign_in: SignIn) -> None:
    answer = sign_in("supervisor").get("/api/due.csv?why=due_soon")
    assert answer.content.startswith(b"\xef\xbb\xbflist_day,layer,place_id,")
    assert answer.headers["content-disposition"] == 'attachment; filename="due-2026-11-23.csv"'
    line = next(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert tuple(line) == COLUMNS
    assert (line["due_on"], line["days_over"], line["why"], line["tier"]) == (
        DUE,
        "-10",
        "即将到期",
        "30 日内",
    )


def test_a_workbook_has_days_as_days_text_as_text_and_a_header_in_sight(sign_in: SignIn) -> None:
    answer = sign_in("inspector").get("/api/due.xlsx", headers={"Accept-Language": "en"})
    sheet = load_workbook(io.BytesIO(answer.content)).active
    header, soon, never = sheet.iter_rows(values_only=True)
    assert (header, sheet.freeze_panes, sheet.title) == (COLUMNS, "A2", "2026-11-23")
    assert soon[header.index("due_on")] == datetime.fromisoformat(DUE)
    assert sheet["H2"].number_format == "yyyy-mm-dd"
    assert never[header.index("due_on")] is None
    assert never[header.index("why")] == "Never inspected"
    name = sheet.cell(3, header.index("name") + 1)
    assert (name.value, name.data_type) == (FORMULA, "s")  # text, not a formula


def test_a_file_is_on_the_record_with_its_filters(sign_in: SignIn, city_engine: Engine) -> None:
    sign_in("inspector").get("/api/due.xlsx?why=never,due_soon")
    with city_engine.connect() as connection:
        event = connection.execute(text("SELECT * FROM audit_event ORDER BY id DESC LIMIT 1")).one()
    assert (event.actor, event.action, event.subject) == ("inspector", "export", "inspection_list:1")
    assert event.details == {
        "format": "xlsx",
        "rows": 2,
        "day": "2026-11-23",
        "filters": {"why": ["due_soon", "never"]},
    }


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("due?colour=red", "colour"),
        ("due?day=tomorrow", "day"),
        ("due?layer=castles", "layer"),
        ("due?why=mood", "why"),
        ("due?street=徐汇", "street"),
        ("due?limit=0", "limit"),
        ("due?after=nonsense", "after"),
        ("due.csv?limit=5", "limit"),
        ("due.xlsx?why=in_time", "why"),
        ("due.pdf", "format"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(sign_in: SignIn, query: str, name: str) -> None:
    answer = sign_in("supervisor").get(f"/api/{query}")
    assert (answer.status_code, answer.json()["parameter"]) == (422, name)


def test_a_day_without_a_list_says_the_same_as_one_that_may_not_be_read(sign_in: SignIn) -> None:
    missing = sign_in("supervisor").get(f"/api/due?day={date(2020, 1, 1)}")
    hidden = sign_in("merchant").get("/api/due")
    assert (missing.status_code, hidden.status_code) == (404, 404)
    assert missing.json() == hidden.json()


def test_more_rows_than_a_sheet_holds_are_refused_with_the_way_out(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sheets.SHEET_ROWS", 2)
    refused = sign_in("supervisor").get("/api/due.xlsx")
    assert (refused.status_code, "CSV" in refused.json()["detail"]) == (400, True)
    assert sign_in("supervisor").get("/api/due.csv").status_code == 200
