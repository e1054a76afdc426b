"""The folder that is watched: what is like before comes in by itself, anything else waits for somebody."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.delivery_tables import Stage
from data.inbox import QUIET_S, empty, prepare
from tests.data.test_deliveries import NO_POINT, NOON, SUPERVISOR, Desk, places, shops


class Watched(Desk):
    """A desk with a folder that is watched."""

    def __init__(self, engine: Engine, home: Path) -> None:
        super().__init__(engine, home / "incoming")
        self.inbox = home / "inbox"
        prepare(self.inbox)

    def put(
        self, words: str, name: str = "shops.csv", layer: str = "shops", *, age_s: float = QUIET_S
    ) -> Path:
        """Put a file into the folder, last written to so many seconds ago."""
        path = self.inbox / layer / name
        path.write_text(words, "utf-8")
        os.utime(path, (NOON.timestamp() - age_s,) * 2)
        return path

    def look(self) -> list[Stage]:
        """Look into the folder; returns how far the deliveries made of it have come."""
        numbers = empty(self.intake, self.inbox)
        return [Stage(self.row(number)["stage"]) for number in numbers]


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Watched:
    """A desk over an empty city."""
    return Watched(engine, tmp_path)


def take_in_one(desk: Watched) -> int:
    """Have somebody take in a file, with a datum that the file does not show and a column that is chosen."""
    row = desk.checked(shops(1, 2).replace("名称", "叫什么"), mapping={"name": "叫什么"})
    desk.deliveries.load(row["id"], SUPERVISOR)
    desk.work()
    return int(row["id"])


def test_a_file_nobody_knows_waits_for_somebody(desk: Watched) -> None:
    desk.put(shops(1))
    assert desk.look() == [Stage.CHECKED]
    assert places(desk.engine) == []
    assert list((desk.inbox / "shops").iterdir()) == []
    assert desk.look() == []


def test_a_file_like_one_before_comes_in_by_itself(desk: Watched) -> None:
    number = take_in_one(desk)
    desk.put(shops(1, 2, 3, 4).replace("名称", "叫什么"), "十二月.csv")
    assert desk.look() == [Stage.IMPORTED]
    row = desk.row(number + 1)
    assert (row["found"]["like"]["id"], row["datum"], row["sent_by"]) == (number, "wgs84", "inbox")
    assert places(desk.engine) == ["小店1", "小店2", "小店3", "小店4"]  # whatever the file is called


def test_one_that_has_changed_waits(desk: Watched) -> None:
    take_in_one(desk)
    before = places(desk.engine)
    desk.put(f"{shops(1, 2)}\n{NO_POINT}".replace("名称", "叫什么"))  # a third of it would be rejected
    desk.put(shops(2, 3).replace("名称", "叫什么"), "less.csv")  # one of two shops is missing
    desk.put(shops(1, 2), "other.csv")  # other columns
    assert desk.look() == [Stage.CHECKED] * 3
    assert places(desk.engine) == before


def test_what_somebody_chooses_goes_before_what_was_chosen_before(desk: Watched) -> None:
    take_in_one(desk)
    number = desk.send(shops(7).replace("名称", "叫什么"))
    desk.work()
    assert desk.row(number)["datum"] == "wgs84"
    desk.deliveries.check(number, "gcj02", {"name": "地址"}, False, SUPERVISOR)
    desk.work()
    assert (desk.row(number)["datum"], desk.row(number)["found"]["plan"]["name"]) == ("gcj02", "地址")


@pytest.mark.parametrize(
    ("name", "age_s", "words"),
    [("half.csv", QUIET_S - 1, "x"), (".hidden.csv", QUIET_S, "x"), ("empty.csv", QUIET_S, "")],
)
def test_what_is_not_complete_stays(desk: Watched, name: str, age_s: float, words: str) -> None:
    path = desk.put(words, name, age_s=age_s)
    assert desk.look() == []
    assert path.exists()


def test_neither_folders_nor_links_are_taken(desk: Watched, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(shops(1))
    os.utime(secret, (0, 0))
    (desk.inbox / "shops" / "link.csv").symlink_to(secret)
    (desk.inbox / "shops" / "nowhere.csv").symlink_to(tmp_path / "gone")
    (desk.inbox / "shops" / "folder").mkdir()
    assert desk.look() == []
    assert secret.exists()
