"""The case book as rows: the copy of a file, compared before it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, insert, select, text, update

from data.casebook_tables import case_fact, city_case
from layers.core.casebook import CaseFact, CityCase
from layers.core.text import Text

Row = dict[str, Any]
_OWN = ("created_at", "created_by")  # of the copy, not of the file


def lock(connection: Connection) -> None:
    """Let nobody else write cases until this transaction ends, as several processes start at once; reading goes on."""
    connection.execute(text("LOCK TABLE city_case IN SHARE ROW EXCLUSIVE MODE"))


def is_filled(connection: Connection) -> bool:
    """Tell whether there are cases at all."""
    return bool(connection.scalar(text("SELECT EXISTS (SELECT FROM city_case)")))


def write(connection: Connection, cases: Iterable[CityCase]) -> dict[str, Any]:
    """Make the tables hold exactly these cases; returns what differed: row -> what it said before, None if new."""
    cases = tuple(cases)
    heads = [_row(case) for case in cases]
    facts = [
        {"case_number": case.number, "position": at} | _row(fact)
        for case in cases
        for at, fact in enumerate(case.facts)
    ]
    # A case that is gone takes its facts along, so heads come first.
    return _written(connection, city_case, heads) | _written(connection, case_fact, facts)


def listed(connection: Connection) -> list[Row]:
    """Return the cases by number, each with its `facts` in order."""
    facts: dict[int, list[Row]] = {}
    for row in _rows(connection, case_fact, case_fact.c.case_number, case_fact.c.position):
        del row["position"]
        facts.setdefault(row.pop("case_number"), []).append(row)
    return [
        row | {"facts": facts.get(row["number"], [])}
        for row in _rows(connection, city_case, city_case.c.number)
    ]


def _rows(connection: Connection, table: Table, *order: Any) -> list[Row]:
    columns = [column for column in table.c if column.name not in _OWN]
    return [dict(row) for row in connection.execute(select(*columns).order_by(*order)).mappings()]


def _written(connection: Connection, table: Table, wanted: Iterable[Row]) -> dict[str, Any]:
    rows = {_name(table, row): row for row in wanted}
    known = {_name(table, row): row for row in _rows(connection, table)}
    for name in known.keys() - rows.keys():
        connection.execute(delete(table).where(_is(table, known[name])))
    new = [row for name, row in rows.items() if name not in known]
    if new:
        connection.execute(insert(table), new)
    changed = [name for name in rows.keys() & known.keys() if rows[name] != known[name]]
    for name in changed:
        connection.execute(update(table).where(_is(table, rows[name])).values(rows[name]))
    before = {name: known[name] for name in (*changed, *(known.keys() - rows.keys()))}
    return before | {_name(table, row): None for row in new}


def _name(table: Table, row: Mapping[str, Any]) -> str:
    """Return what a row is called on the record, such as `8` for a case and `8.accepted` for a fact."""
    return ".".join(str(row[column.name]) for column in table.primary_key)


def _is(table: Table, row: Mapping[str, Any]) -> Any:
    return and_(*(column == row[column.name] for column in table.primary_key))


def _row(entry: CityCase | CaseFact) -> Row:
    """Return the columns of a case or a fact as the tables give them back."""
    return {
        field.name: _plain(getattr(entry, field.name)) for field in fields(entry) if field.name != "facts"
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return value.as_json()
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, str) else value
