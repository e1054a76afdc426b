"""Indexes follow the database: whoever writes, in whatever order transactions commit, over restarts and rebuilds."""

from __future__ import annotations

import random
import uuid
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, text

from data import keeper as keeping
from data import snapshot
from data.cluster import Server
from data.db import make_engine, reading
from data.index import LayerIndex, load_index
from data.keeper import Keeper
from data.store.changes import forget_old
from data.tables import registry
from layers.core.access import Role, Viewer
from layers.core.query import Query
from tests.small_city import FORMULA, HERE, SmallCity, build

SHOPS = registry["shops"]
EVERYBODY = Viewer(Role.SUPERVISOR)
COLUMNS = ("tier", "status", "category", "area", "state")


@pytest.fixture
def city(engine: Engine) -> SmallCity:
    """A small city in a fresh database."""
    return build(engine)


@pytest.fixture(params=["memory", "files"])
def keeper(
    request: pytest.FixtureRequest, engine: Engine, database_url: str, city: SmallCity, tmp_path: Path
) -> Keeper:
    """A keeper that looks when told to, with its indexes in memory or in files."""
    folder = tmp_path / "index" if request.param == "files" else None
    kept = Keeper(database_url, engine, registry, folder)
    kept.index("shops")
    return kept


def content(index: LayerIndex) -> list[tuple[object, ...]]:
    """What an index says of every place, in words."""
    points = index.points
    at = points.select()
    columns = [[index.words[name][code] for code in points.values_at(name, at).tolist()] for name in COLUMNS]
    where = (points.ids_at(at).tolist(), points.lon_at(at).tolist(), points.lat_at(at).tolist())
    return sorted(zip(*where, *columns, strict=True))


def truth(engine: Engine) -> list[tuple[object, ...]]:
    """The same, freshly read."""
    with reading(engine) as connection:
        return content(load_index(connection, SHOPS))


def named(index: LayerIndex, engine: Engine, words: str) -> list[int]:
    with engine.connect() as connection:
        mask = index.within(Query(layers=("shops",), viewer=EVERYBODY, q=words), connection)
    return sorted(index.points.ids_at(index.points.select(None, {}, mask)).tolist())


def add(connection: Connection, number: int, name: str = "New", lon: float = 121.4) -> int:
    sql = (
        "INSERT INTO place (layer, source, external_id, name, area_code, category, geom, search_text) VALUES "
        "('shops', 'keeper', :key, :name, :area, 'restaurant', ST_SetSRID(ST_MakePoint(:lon, 31.2), 4326), "
        "lower(:name)) RETURNING id"
    )
    values = {"key": str(number), "name": name, "area": HERE, "lon": lon}
    return int(connection.execute(text(sql), values).scalar_one())


def test_whoever_writes_is_heard(keeper: Keeper, engine: Engine, city: SmallCity) -> None:
    statements = [
        "UPDATE place SET geom = ST_SetSRID(ST_MakePoint(121.5, 31.3), 4326) WHERE id = :id",
        "UPDATE place_status SET tier = 4 WHERE place_id = :id",
        "UPDATE place SET category = 'never seen before' WHERE id = :id",
        "DELETE FROM place WHERE id = :id",
    ]
    for statement in statements:
        before = keeper.index("shops").version
        with engine.begin() as connection:
            connection.execute(text(statement), {"id": city.red_shop})
        assert list(keeper.catch_up()) == ["shops"]
        assert keeper.index("shops").version > before
        assert content(keeper.index("shops")) == truth(engine)
    assert keeper.catch_up() == {}


def test_a_change_numbered_earlier_may_commit_later(keeper: Keeper, engine: Engine) -> None:
    with engine.connect() as slow, engine.connect() as fast:
        add(slow, 1)
        add(fast, 2)
        fast.commit()
        keeper.catch_up()
        assert content(keeper.index("shops")) == truth(engine)
        slow.commit()
    assert list(keeper.catch_up()) == ["shops"]
    assert content(keeper.index("shops")) == truth(engine)


def test_what_was_taken_back_was_never_there(keeper: Keeper, engine: Engine) -> None:
    with engine.connect() as connection:
        add(connection, 1)
        connection.rollback()
    assert keeper.catch_up() == {}
    assert content(keeper.index("shops")) == truth(engine)


def test_a_change_of_thousands_is_read_as_a_whole(keeper: Keeper, engine: Engine) -> None:
    sql = (
        "INSERT INTO place (layer, source, external_id, name, area_code, category, geom, search_text) SELECT 'shops', "
        "'many', n::text, 'M', :area, 'restaurant', ST_SetSRID(ST_MakePoint(121 + n / 1e5, 31.2), 4326), 'm' "
        "FROM generate_series(1, 5001) n"
    )
    with engine.begin() as connection:
        connection.execute(text(sql), {"area": HERE})
        assert connection.scalar(text("SELECT count(*) FROM change WHERE place_ids = '{}'")) == 1
    keeper.catch_up()
    assert content(keeper.index("shops")) == truth(engine)
    with engine.begin() as connection:  # and a small one on top
        add(connection, 1)
    keeper.catch_up()
    assert content(keeper.index("shops")) == truth(engine)


def test_who_was_told_of_a_change_elsewhere_gets_it_here(keeper: Keeper, engine: Engine) -> None:
    before = keeper.index("shops").version
    keeper.reach({"shops": before, "offices": 10**9})  # known already, and a layer that nobody asked for
    with engine.begin() as connection:
        add(connection, 1)
        told = int(connection.scalar(text("SELECT max(version) FROM change WHERE layer = 'shops'")) or 0)
    assert keeper.index("shops").version == before
    keeper.reach({"shops": told})
    assert keeper.index("shops").version == told
    assert content(keeper.index("shops")) == truth(engine)


@pytest.mark.parametrize("seed", range(3))
def test_many_writers_at_once_leave_two_keepers_and_the_database_alike(
    engine: Engine, database_url: str, city: SmallCity, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    keepers = [Keeper(database_url, engine, registry, folder) for folder in (None, tmp_path / "index")]
    for kept in keepers:
        kept.index("shops")
    writers = [engine.connect() for _ in range(4)]
    mine: list[list[int]] = [[] for _ in writers]
    for step in range(120):
        number = chance.randrange(len(writers))
        connection, ids = writers[number], mine[number]
        match chance.randrange(6):
            case 0 | 1:
                ids.append(add(connection, step, lon=121 + chance.random()))
            case 2 if ids:
                sql = "UPDATE place SET category = :category WHERE id = :id"
                connection.execute(text(sql), {"category": chance.choice("abc"), "id": chance.choice(ids)})
            case 3 if ids:
                connection.execute(text("DELETE FROM place WHERE id = :id"), {"id": ids.pop()})
            case 4:
                connection.commit()
            case 5:
                chance.choice(keepers).catch_up()
    for connection in writers:
        connection.commit()
        connection.close()
    for kept in keepers:
        kept.catch_up()
        assert content(kept.index("shops")) == truth(engine)


def test_words_are_found_in_what_came_later_and_not_in_what_went(
    keeper: Keeper, engine: Engine, city: SmallCity
) -> None:
    assert named(keeper.index("shops"), engine, FORMULA.lower()) == [city.merchant_shop]
    with engine.begin() as connection:
        new = add(connection, 1, "老街 面馆")
        rename = "UPDATE place SET name = 'Plain', search_text = 'plain' WHERE id = :id"
        connection.execute(text(rename), {"id": city.merchant_shop})
    keeper.catch_up()
    index = keeper.index("shops")
    assert named(index, engine, FORMULA.lower()) == []
    assert named(index, engine, "plain") == [city.merchant_shop]
    assert named(index, engine, "面馆 老街") == [new]
    assert named(index, engine, "老街 plain") == []


def test_many_changes_are_worked_into_a_new_base(
    engine: Engine, database_url: str, city: SmallCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "OVERLAY", 5)
    kept = Keeper(database_url, engine, registry, None)
    base = kept.index("shops").points.base
    with engine.begin() as connection:
        for number in range(9):
            add(connection, number)
    kept.catch_up()
    kept.wait()
    assert len(kept.index("shops").points.fresh) == 0
    assert len(kept.index("shops").points.base) == len(base) + 9
    assert content(kept.index("shops")) == truth(engine)


# -- files ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(engine: Engine, database_url: str, city: SmallCity, tmp_path: Path) -> Path:
    """A folder with the files of the shops."""
    Keeper(database_url, engine, registry, tmp_path).index("shops")
    return tmp_path


def files_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/shops/[0-9]*"))


def test_the_next_process_maps_what_is_there_and_catches_up(
    folder: Path, engine: Engine, database_url: str
) -> None:
    (made,) = files_of(folder)
    with engine.begin() as connection:
        add(connection, 1)
    kept = Keeper(database_url, engine, registry, folder)
    index = kept.index("shops")
    assert files_of(folder) == [made]
    assert not index.points.base.lon.flags.owndata
    assert len(index.points.fresh) == 1
    assert content(index) == truth(engine)


def test_damaged_files_are_made_anew(folder: Path, engine: Engine, database_url: str) -> None:
    (made,) = files_of(folder)
    (made / "rows.lon.npy").write_bytes(b"nonsense")
    assert content(Keeper(database_url, engine, registry, folder).index("shops")) == truth(engine)
    assert files_of(folder) != [made]


def test_files_too_old_to_catch_up_are_made_anew(folder: Path, engine: Engine, database_url: str) -> None:
    with engine.begin() as connection:
        add(connection, 1)
        connection.execute(text("UPDATE change SET at = at - interval '2 days'"))
    with engine.begin() as connection:
        add(connection, 2)
        assert forget_old(connection) > 0
    assert content(Keeper(database_url, engine, registry, folder).index("shops")) == truth(engine)


def test_one_process_builds_and_the_other_takes_what_it_made(folder: Path, engine: Engine) -> None:
    with engine.begin() as connection:
        add(connection, 1)
        version = int(connection.scalar(text("SELECT max(version) FROM change WHERE layer = 'shops'")) or 0)
    first = snapshot.renewed(folder, engine, SHOPS, version)
    made = files_of(folder)
    second = snapshot.renewed(folder, engine, SHOPS, version)
    assert files_of(folder) == made
    assert first.seen == second.seen
    assert content(second) == truth(engine)


def test_a_large_layer_is_read_by_a_process_of_its_own(
    engine: Engine, city: SmallCity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "LARGE", 0)
    index = snapshot.renewed(tmp_path, engine, SHOPS, 0)
    assert content(index) == truth(engine)
    assert np.array_equal(np.sort(index.points.base.ids), index.points.base.ids[index.points.base.by_id])


def test_another_database_has_other_files(folder: Path, server: Server, template: str) -> None:
    # The same numbers of transactions mean something else there.
    name = f"test_{uuid.uuid4().hex[:12]}"
    server.create_database(name, template)
    other = make_engine(server.url(name))
    try:
        assert len(Keeper(server.url(name), other, registry, folder).index("shops").points) == 0
        assert len(list(folder.iterdir())) == 2
    finally:
        other.dispose()
        server.drop_database(name)
