"""The demo district's history: one change after another, ending in what is there now."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import timedelta

import pytest
from sqlalchemy import text

from data.db import make_engine
from data.demo.past import DAYS, ensure_past
from data.demo.remove import remove_demo
from tests.data.demo.conftest import AT

pytestmark = pytest.mark.long
SHOWN = ("tier", "status", "state")


def test_the_past_leads_to_the_present_and_goes_with_the_city(demo_database: str) -> None:
    engine = make_engine(demo_database)
    written = ensure_past(engine)
    assert written > 1000
    assert ensure_past(engine) == 0
    with engine.begin() as connection:
        rows = connection.execute(
            text(
                "SELECT row_id, at, before, after FROM history WHERE table_name = 'place_status' ORDER BY row_id, at"
            )
        ).all()
        assert len(rows) == written
        steps = defaultdict(list)
        for row in rows:
            assert AT - timedelta(days=DAYS) < row.at <= AT
            steps[row.row_id].append(row)
        now = dict(connection.execute(text("SELECT place_id, tier FROM place_status")).all())  # type: ignore[arg-type]
        for place_id, changes in steps.items():
            for earlier, later in itertools.pairwise(changes):
                assert [earlier.after[name] for name in SHOWN] == [later.before[name] for name in SHOWN]
            assert changes[-1].after["tier"] == now[place_id]
        remove_demo(connection)
        assert connection.scalar(text("SELECT count(*) FROM history")) == 0
    engine.dispose()
