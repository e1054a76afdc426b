"""COPY by columns: what went in is what is there."""

from __future__ import annotations

from sqlalchemy import Engine, text

from data.copy import copied, copy_columns

AWKWARD = ("", "\\N", "\\.", 'a\\tb"c', "NULL", "，全角　", "{}")


def test_columns_arrive_as_they_are(engine: Engine) -> None:
    columns = {
        "said": [*AWKWARD, None],
        "listed": [copied([word, "x,y"]) for word in AWKWARD] + [None],
        "told": [copied({"said": word}) for word in AWKWARD] + [None],
    }
    with engine.connect() as connection:
        connection.execute(text("CREATE TEMP TABLE heard (said text, listed text[], told jsonb, n serial)"))
        copy_columns(connection, "heard", columns)
        rows = connection.execute(text("SELECT said, listed, told FROM heard ORDER BY n")).all()
    assert [tuple(row) for row in rows] == [
        *((word, [word, "x,y"], {"said": word}) for word in AWKWARD),
        (None, None, None),
    ]


def test_no_rows_are_no_row(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("CREATE TEMP TABLE heard (said text NOT NULL)"))
        copy_columns(connection, "heard", {"said": []})
        assert connection.scalar(text("SELECT count(*) FROM heard")) == 0
