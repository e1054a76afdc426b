"""/api/draws and the page: what is told of a draw to whom, files of what was drawn, and wrong addresses."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine

from app.draw_files import COLUMNS
from layers.core.draw import draw, pools_from
from tests.app.conftest import SignIn
from tests.app.walk import events_after, newest_event
from tests.small_city import FORMULA, SmallCity

pytestmark = pytest.mark.usefixtures("draw_id")


def test_who_draws_is_told_all_it_takes_to_draw_again(sign_in: SignIn) -> None:
    answer = sign_in("supervisor").get("/api/draws/1").json()
    head = answer["draw"]
    again = draw(head["seed"], pools_from(answer["pools"], head["tickets"]), head["n"])
    assert [one.place for one in again] == [row["place_id"] for row in answer["rows"]]
    assert (head["title"], head["n"], head["seed_given"]) == ("秋季抽查", 4, True)
    for role in ("inspector", "admin"):
        assert "pools" not in sign_in(role).get("/api/draws/1").json()


def test_the_list_has_the_progress_and_what_is_late(sign_in: SignIn, small_city: SmallCity) -> None:
    answer = sign_in("inspector").get("/api/draws").json()
    (head,) = answer["draws"]
    assert (answer["total"], head["places"], head["visited"]) == (1, 4, 0)
    late = answer["overdue"]  # the visits of a month ago, by Friday
    assert late["total"] == len(late["rows"]) == 3
    assert (late["rows"][0]["publish_by"], late["rows"][0]["publish_over"]) == ("2026-11-20", 3)


def test_files_hold_what_was_drawn_and_no_formula(sign_in: SignIn) -> None:
    client = sign_in("supervisor")
    rows = client.get("/api/draws/1").json()["rows"]
    said = client.get("/api/draws/1.csv")
    assert said.headers["content-disposition"] == 'attachment; filename="draw-1.csv"'
    lines = list(csv.DictReader(io.StringIO(said.text.removeprefix("\ufeff"))))
    assert [line["name"] for line in lines] == [
        f"'{row['name']}" if row["name"] == FORMULA else row["name"] for row in rows
    ]
    assert {line["due_on"] for line in lines} == {"2026-12-20"}
    sheet = load_workbook(io.BytesIO(client.get("/api/draws/1.xlsx").content)).active
    header, first, *_ = sheet.iter_rows(values_only=True)
    assert header == COLUMNS
    assert first[COLUMNS.index("due_on")] == datetime.combine(date(2026, 12, 20), datetime.min.time())
    assert [row[COLUMNS.index("name")] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
        row["name"] for row in rows
    ]


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/api/draws?foo=1", 422, "foo"),
        ("/api/draws/1?day=1", 422, "day"),
        ("/api/draws/x", 422, "id"),
        ("/api/draws/0", 422, "id"),
        ("/api/draws/1.pdf", 422, "format"),
        ("/api/draws/1.csv?why=never", 422, "why"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(sign_in: SignIn, path: str, status: int, says: str) -> None:
    answer = sign_in("supervisor").get(path)
    assert (answer.status_code, answer.json()["parameter"]) == (status, says)


def test_a_hidden_draw_is_like_none(sign_in: SignIn, city_engine: Engine) -> None:
    before = newest_event(city_engine)
    unknown = sign_in("supervisor").get("/api/draws/999").json()
    for path in ("/api/draws/1", "/api/draws/1.csv"):
        answer = sign_in("merchant").get(path)
        assert (answer.status_code, answer.json()) == (404, unknown)
    assert "pools" not in json.dumps(unknown)
    assert {action for _, action in events_after(city_engine, before)} == {"login"}  # no export
