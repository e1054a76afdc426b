"""Deliveries: sent, looked at, tried out, taken in or given up; nothing is written before somebody says so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from data.deliveries import Deliveries
from data.delivery_files import Incoming, folder_of, sweep
from data.delivery_tables import Stage
from data.delivery_work import Intake, handle
from data.store import deliveries as sql
from layers.core.access import PUBLIC_VIEWER, Role, Viewer
from layers.core.errors import BadQueryError, ConflictError, ForbiddenError, UnknownDeliveryError
from layers.core.rent import MONTHS

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
SUPERVISOR = Viewer(user_id=1, name="supervisor", role=Role.SUPERVISOR)
COLLEAGUE = Viewer(user_id=3, name="colleague", role=Role.SUPERVISOR)
INSPECTOR = Viewer(user_id=2, name="inspector", role=Role.INSPECTOR)
HEADER = "编号,名称,地址,区,业态,lon,lat"
GOOD = "S{n},小店{n},天钥桥路{n}号,徐汇区,火锅店,121.4365,31.1886"
NO_POINT = "S9,无坐标,天钥桥路9号,徐汇区,火锅店,,"


class Desk:
    """A city's deliveries, whose worker works when it is told to."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self.intake = Intake(engine, folder, lambda: NOON, MONTHS["30"])
        self.asked: list[int] = []
        self.deliveries = Deliveries(engine, lambda: NOON, folder, self._ask)

    def _ask(self, _task: str, _lock: str, *, delivery_id: int) -> None:
        self.asked.append(delivery_id)

    def send(self, words: str, name: str = "shops.csv", layer: str = "shops") -> int:
        """Send a file."""
        file = self.deliveries.begin(layer, name, SUPERVISOR)
        file.write(words.encode())
        return self.deliveries.add(layer, file, SUPERVISOR)

    def work(self) -> None:
        """Do what the worker was asked for."""
        while self.asked:
            handle(self.intake, self.asked.pop(0))

    def row(self, number: int) -> dict[str, Any]:
        """Read a delivery."""
        return self.deliveries.read(number, SUPERVISOR)

    def checked(self, words: str, datum: str = "wgs84", **said: Any) -> dict[str, Any]:
        """Send a file and have it looked at in a datum."""
        number = self.send(words)
        self.work()
        self.deliveries.check(number, datum, said.get("mapping", {}), said.get("doubts", False), SUPERVISOR)
        self.work()
        return self.row(number)


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Iterator[Desk]:
    """A desk over an empty city."""
    return Desk(engine, tmp_path / "incoming")


def shops(*numbers: int) -> str:
    """Return a file of good rows."""
    return "\n".join([HEADER, *(GOOD.format(n=number) for number in numbers)])


def places(engine: Engine) -> list[str]:
    """Return the names of all places."""
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT name FROM place ORDER BY name")))


def test_a_file_is_checked_at_once_and_taken_in_when_somebody_says_so(desk: Desk) -> None:
    row = desk.checked(f"{shops(1, 2)}\n{NO_POINT}")
    assert (row["stage"], row["fault"]) == (Stage.CHECKED, None)
    assert {name: row["account"][name] for name in ("read", "inserted", "rejected")} == {
        "read": 3,
        "inserted": 2,
        "rejected": 1,
    }
    assert row["account"]["reasons"][0]["first"] == 4
    assert row["found"]["plan"]["name"] == "名称"
    assert row["found"]["samples"][0] == ["S1", "S2", "S9"]
    assert places(desk.engine) == []
    desk.deliveries.load(row["id"], COLLEAGUE)
    assert places(desk.engine) == []
    desk.work()
    assert desk.row(row["id"])["stage"] == Stage.IMPORTED
    assert places(desk.engine) == ["小店1", "小店2"]
    report = desk.deliveries.report(row["id"], SUPERVISOR).decode("utf-8-sig")
    assert [line.split(",")[0] for line in report.splitlines()] == ["row 行号", "4"]
    assert "无坐标" in report
    with desk.engine.connect() as connection:
        steps = connection.execute(
            text("SELECT actor, details ->> 'step' FROM audit_event WHERE action = 'delivery' ORDER BY id")
        ).all()
        taken = connection.execute(text("SELECT actor FROM audit_event WHERE action = 'import'")).all()
    assert [tuple(step) for step in steps] == [
        ("supervisor", "sent"),
        ("supervisor", "check"),
        ("colleague", "import"),
    ]
    assert [tuple(row) for row in taken] == [("colleague",)]  # who said so, not who sent it


def test_places_of_the_same_source_that_are_not_in_the_file_are_told(desk: Desk) -> None:
    row = desk.checked(shops(1, 2, 3))
    assert row["account"]["absent"] == 0
    desk.deliveries.load(row["id"], SUPERVISOR)
    desk.work()
    again = desk.checked(shops(3, 4))
    assert (again["account"]["absent"], again["account"]["inserted"]) == (2, 1)
    desk.deliveries.load(again["id"], SUPERVISOR)
    desk.work()
    assert len(places(desk.engine)) == 4  # told of, and left as they were


def test_a_file_that_does_not_show_its_datum_waits_for_somebody_to_say_it(desk: Desk) -> None:
    number = desk.send(shops(1))
    desk.work()
    row = desk.row(number)
    assert (row["stage"], row["datum"], row["account"]) == (Stage.CHECKED, "", None)
    with pytest.raises(ConflictError):
        desk.deliveries.load(number, SUPERVISOR)


def test_a_column_nobody_recognised_is_chosen_and_the_rest_stays(desk: Desk) -> None:
    number = desk.send(shops(1, 2).replace("名称", "叫什么"))
    desk.work()
    row = desk.row(number)
    assert (row["stage"], row["found"]["missing"]) == (Stage.FAILED, ["name"])
    assert "下表" in row["fault"]["zh"]
    assert "--map" not in row["fault"]["zh"]  # which nobody could type here
    assert row["found"]["plan"]["address"] == "地址"
    assert row["found"]["datum"]["named"] == 2  # the datum is looked at all the same
    desk.deliveries.check(number, "wgs84", {"name": "叫什么", "address": ""}, False, SUPERVISOR)
    desk.work()
    desk.deliveries.load(number, SUPERVISOR)
    desk.work()
    assert places(desk.engine) == ["小店1", "小店2"]
    with desk.engine.connect() as connection:
        address, extra = connection.execute(text("SELECT address, extra ->> '地址' FROM place LIMIT 1")).one()
    assert (address, extra[:4]) == ("", "天钥桥路")


def test_districts_that_speak_against_the_datum_fail_it_until_somebody_insists(desk: Desk) -> None:
    far = "\n".join([HEADER, *(f"S{n},店{n},路{n}号,徐汇区,火锅店,120.1,30.2" for n in range(60))])
    row = desk.checked(far)
    assert row["stage"] == Stage.FAILED
    assert "--" not in row["fault"]["zh"]
    desk.deliveries.check(row["id"], "wgs84", {}, True, SUPERVISOR)
    desk.work()
    assert desk.row(row["id"])["stage"] == Stage.CHECKED
    assert len(desk.row(row["id"])["account"]["warnings"]) == 1


@pytest.mark.parametrize("content", ["a\0b\0c", "1,2,3\n4,5,6"])
def test_what_is_no_table_fails_with_a_sentence(desk: Desk, content: str) -> None:
    number = desk.send(content)
    desk.work()
    row = desk.row(number)
    assert row["stage"] == Stage.FAILED
    assert "shops.csv" in row["fault"]["zh"]
    assert "shops.csv" in row["fault"]["en"]
    assert places(desk.engine) == []


def test_work_that_is_to_stop_stops_and_writes_nothing(desk: Desk) -> None:
    row = desk.checked(shops(1, 2))
    desk.deliveries.load(row["id"], SUPERVISOR)
    desk.deliveries.stop(row["id"], SUPERVISOR)
    desk.work()
    assert (desk.row(row["id"])["stage"], places(desk.engine)) == (Stage.FAILED, [])
    assert "停止" in desk.row(row["id"])["fault"]["zh"]


def test_a_worker_that_died_in_the_middle_is_followed_by_another(desk: Desk) -> None:
    row = desk.checked(shops(1, 2))
    desk.deliveries.load(row["id"], SUPERVISOR)
    with desk.engine.begin() as connection:
        assert sql.take_up(connection, row["id"]) is Stage.IMPORTING  # and nothing after it
    with desk.engine.connect() as connection:
        assert list(sql.unfinished(connection)) == [row["id"]]
    desk.work()
    assert (desk.row(row["id"])["stage"], len(places(desk.engine))) == (Stage.IMPORTED, 2)


def test_two_workers_do_not_take_up_the_same(desk: Desk) -> None:
    number = desk.send(shops(1))
    key = {"lock": 7_215_507, "id": number}
    with desk.engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:lock, :id)"), key)
        desk.work()
        assert desk.row(number)["stage"] == Stage.TO_CHECK


def test_once_taken_in_it_is_neither_checked_again_nor_dropped(desk: Desk) -> None:
    row = desk.checked(shops(1))
    desk.deliveries.load(row["id"], SUPERVISOR)
    desk.work()
    for again in (
        lambda: desk.deliveries.check(row["id"], "gcj02", {}, False, SUPERVISOR),
        lambda: desk.deliveries.load(row["id"], SUPERVISOR),
        lambda: desk.deliveries.stop(row["id"], SUPERVISOR),
        lambda: desk.deliveries.drop(row["id"], SUPERVISOR),
    ):
        with pytest.raises(ConflictError):
            again()
    assert folder_of(desk.folder, row["id"]).is_dir()


def test_what_is_given_up_leaves_no_file(desk: Desk) -> None:
    row = desk.checked(shops(1))
    desk.deliveries.drop(row["id"], SUPERVISOR)
    assert (desk.row(row["id"])["stage"], desk.row(row["id"])["found"]) == (Stage.DROPPED, None)
    assert list(desk.folder.iterdir()) == []
    with pytest.raises(UnknownDeliveryError):
        desk.deliveries.report(row["id"], SUPERVISOR)


@pytest.mark.parametrize("viewer", [PUBLIC_VIEWER, INSPECTOR])
def test_others_neither_send_nor_see(desk: Desk, viewer: Viewer) -> None:
    number = desk.send(shops(1))
    with pytest.raises(ForbiddenError):
        desk.deliveries.begin("shops", "a.csv", viewer)
    with pytest.raises(ForbiddenError):
        desk.deliveries.heads(viewer)
    for ask in (desk.deliveries.read, desk.deliveries.load, desk.deliveries.drop, desk.deliveries.report):
        with pytest.raises(UnknownDeliveryError):
            ask(number, viewer)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\店铺.xlsx", "店铺.xlsx"),
        ("a\0b\n.csv", "ab.csv"),
        ("..csv", "csv"),
        ("x" * 300 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_a_name_stays_in_its_folder(desk: Desk, name: str, kept: str) -> None:
    number = desk.send(shops(1), name)
    assert [path.name for path in folder_of(desk.folder, number).iterdir()] == [kept]


@pytest.mark.parametrize("name", ["", "..", "/", "\n"])
def test_a_file_without_a_name_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(BadQueryError, match="no name"):
        desk.send(shops(1), name)


def test_nothing_stays_of_a_file_that_breaks_off_or_is_empty(desk: Desk) -> None:
    file: Incoming = desk.deliveries.begin("shops", "a.csv", SUPERVISOR)
    file.write(b"half")
    file.drop()
    assert list(desk.folder.iterdir()) == []
    with pytest.raises(BadQueryError, match="empty"):
        desk.send("")


def test_what_broke_off_with_its_process_is_swept_a_day_later(desk: Desk) -> None:
    number = desk.send(shops(1))
    old, new = (desk.deliveries.begin("shops", "a.csv", SUPERVISOR) for _ in range(2))
    for folder, age in ((old.folder, 86_401), (new.folder, 86_399), (folder_of(desk.folder, number), 10**6)):
        os.utime(folder, (NOON.timestamp() - age,) * 2)
    assert sweep(desk.folder, NOON) == 1
    assert {path.name for path in desk.folder.iterdir()} == {str(number), new.folder.name}
