"""Judging everything anew: once is enough, several processes agree, and a run that was broken off is finished."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from data import recompute as recomputing
from data.recompute import KEY, recompute
from data.tables import registry
from layers.core.errors import YipingError
from tests.small_city import NOW, SmallCity, build

LATER = NOW + timedelta(days=400)  # permits run out and visits are due


@pytest.fixture
def city(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> SmallCity:
    """A small city in a fresh database, judged in batches of two places."""
    monkeypatch.setattr(recomputing, "BATCH", 2)
    return build(engine)


def verdicts(engine: Engine) -> dict[int, tuple[object, ...]]:
    with engine.connect() as connection:
        sql = "SELECT place_id, tier, status, state, reasons, rule_version, next_change FROM place_status"
        return {row.place_id: tuple(row)[1:] for row in connection.execute(text(sql))}


def run(engine: Engine) -> dict[str, object] | None:
    with engine.connect() as connection:
        return connection.scalar(text("SELECT value FROM setting WHERE key = :key"), {"key": KEY})


def audited(engine: Engine) -> list[dict[str, object]]:
    with engine.connect() as connection:
        return list(
            connection.scalars(text("SELECT details FROM audit_event WHERE action = 'recompute' ORDER BY id"))
        )


class Broken(Exception):
    """Stands for a process that is killed."""


def test_twice_is_once_and_several_processes_agree(engine: Engine, city: SmallCity) -> None:
    before = verdicts(engine)
    seen: list[tuple[int, int]] = []
    first = recompute(engine, LATER, progress=lambda *done: seen.append(done), processes=2)
    assert first.changed > 0
    assert verdicts(engine) != before
    assert seen[-1] == (len(before), len(before))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    several = verdicts(engine)
    assert recompute(engine, LATER, processes=1).changed == 0
    assert verdicts(engine) == several
    recompute(engine, NOW, processes=1)
    assert recompute(engine, LATER, processes=1).changed == first.changed
    assert verdicts(engine) == several
    assert run(engine) is None


def test_a_run_that_was_broken_off_goes_on_as_of_its_own_moment(engine: Engine, city: SmallCity) -> None:
    recompute(engine, LATER, processes=1)
    expected = verdicts(engine)
    recompute(engine, NOW, processes=1)
    judged: list[int] = []

    def stop(done: int, _total: int) -> None:
        judged.append(done)
        raise Broken

    with pytest.raises(Broken):
        recompute(engine, LATER, progress=stop, processes=1)
    assert run(engine) is not None
    assert verdicts(engine) != expected
    later: list[int] = []
    done = recompute(engine, LATER + timedelta(days=9), progress=lambda n, _: later.append(n), processes=1)
    assert (done.continued, done.at) == (True, LATER)
    assert later[0] > judged[-1]  # what was judged is not judged again
    assert verdicts(engine) == expected
    assert [entry["continued"] for entry in audited(engine)[-2:]] == [False, True]


def test_another_moment_meant_exactly_begins_anew(engine: Engine, city: SmallCity) -> None:
    def stop(_done: int, _total: int) -> None:
        raise Broken

    with pytest.raises(Broken):
        recompute(engine, LATER, progress=stop, processes=1)
    done = recompute(engine, NOW, processes=1, exactly=True)
    assert (done.continued, done.at) == (False, NOW)
    with pytest.raises(Broken):
        recompute(engine, LATER, progress=stop, processes=1)
    assert recompute(engine, LATER, ["shops"], processes=1).continued is False  # other layers are another run


def test_two_at_once_are_one_too_many(engine: Engine, city: SmallCity) -> None:
    def second(_done: int, _total: int) -> None:
        with pytest.raises(YipingError, match="already"):
            recompute(engine, NOW, processes=1)

    recompute(engine, LATER, progress=second, processes=1)


def test_places_of_every_layer_are_judged_once(engine: Engine, city: SmallCity) -> None:
    with engine.connect() as connection:
        count = connection.scalar(text("SELECT count(*) FROM place"))
    batches = [batch for layer in registry for batch in recomputing._batches(engine, layer.id)]
    assert sum(batch.count for batch in batches) == count
    assert all(1 <= batch.count <= 2 for batch in batches)
