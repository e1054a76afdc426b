"""Building the demo city in a database: `yiping demo --size district|city|N`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from data.areas import reference_districts
from data.db import acting
from data.demo.accounts import add_accounts, renew_accounts
from data.demo.city import CITY_PLACES, MOST_PLACES, write_city
from data.demo.district import make_district, write_areas
from data.demo.plan import SEED
from data.demo.remove import remove_demo
from data.demo.site import DISTRICT, DISTRICT_NAME
from data.status import recompute
from layers.core.errors import YipingError

Progress = Callable[[str, int, int], None]
"""Told the step, how much of it is done, and how much there is."""
_LOCK = 7_215_504
_ACTOR = "demo"


class DemoSizeError(YipingError):
    """A size that is neither district, city nor a number of places."""


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What was built: size, whether anything had to be done, rows per table, seconds, the file of the accounts."""

    size: str
    built: bool
    accounts: Path | None
    rows: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


def build_demo(
    engine: Engine, size: str, *, at: datetime, home: Path, progress: Progress | None = None
) -> DemoReport:
    """Fill a migrated database with the demo city as of an aware moment, and write `home/demo-accounts.json`.

    The same size again is nothing but a look at the setting; another size replaces the rows whose source is `demo`,
    never others. Raises `DemoSizeError` for an unknown size, before anything is touched.
    """
    size = check_size(size)
    started = time.monotonic()
    with engine.connect() as connection:
        there = _size_there(connection)
    if there == size:
        with acting(engine, _ACTOR) as connection:
            return DemoReport(size, False, renew_accounts(connection, home))
    with engine.connect() as guard:
        guard.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        try:
            rows, accounts = _build(engine, size, at, home, progress or _silent)
        finally:
            guard.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
    return DemoReport(size, True, accounts, rows, time.monotonic() - started)


def check_size(size: str) -> str:
    """Return a size in its one spelling; raises `DemoSizeError`."""
    plain = size.strip().lower().replace(",", "").replace("_", "")
    if plain in {"district", "city"}:
        return plain
    if plain.isascii() and plain.isdigit() and 1 <= int(plain) <= MOST_PLACES:
        return str(int(plain))
    raise DemoSizeError(
        f"The size {size!r} is none of: district, city, or a whole number of places from 1 to {MOST_PLACES:,}."
    )


def _silent(step: str, done: int, total: int) -> None:
    return None


def _size_there(connection: Connection) -> str | None:
    size = connection.scalar(text("SELECT value ->> 'size' FROM setting WHERE key = 'demo'"))
    return None if size is None else str(size)


def _build(
    engine: Engine, size: str, at: datetime, home: Path, progress: Progress
) -> tuple[dict[str, int], Path]:
    with acting(engine, _ACTOR) as connection:
        progress("remove", 0, 1)
        remove_demo(connection)
        rows, scopes = _write(connection, size, at, progress)
        accounts = add_accounts(connection, scopes, home)
    _analyze(engine)
    recompute(engine, at, progress=lambda done, total: progress("judge", done, total))
    with acting(engine, _ACTOR) as connection:
        _set(connection, "demo", {"size": size, "seed": SEED, "built_at": at.isoformat()})
    return rows, accounts


def _write(
    connection: Connection, size: str, at: datetime, progress: Progress
) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Write all rows of a size; returns the counts and the scopes of the accounts."""
    if size != "district":
        places = CITY_PLACES if size == "city" else int(size)
        city = write_city(connection, places, at, progress)
        _set(connection, "city", _city("上海市", "Shanghai", list(reference_districts())))
        return city.rows, _scopes(city.merchant, city.building, city.agency)
    progress("draw", 0, 1)
    district = make_district(at)
    progress("write", 0, 1)
    write_areas(connection, district.plan)
    rows = district.records.write(connection)
    _set(connection, "city", _city(f"上海市{DISTRICT_NAME}", "Xuhui, Shanghai", [DISTRICT]))
    building = district.records.before["building"] + district.building
    return rows, _scopes(district.merchant, building, district.agency)


def _scopes(merchant: str, building: int, agency: str) -> dict[str, list[str]]:
    return {
        "inspector": [DISTRICT],
        "merchant": [merchant],
        "property_manager": [f"B{building}"],
        "agency": [agency],
    }


def _city(name_zh: str, name_en: str, codes: list[str]) -> dict[str, object]:
    boxes = [reference_districts()[code][1].bounds for code in codes]
    west, south = min(b[0] for b in boxes), min(b[1] for b in boxes)
    east, north = max(b[2] for b in boxes), max(b[3] for b in boxes)
    return {
        "name_zh": name_zh,
        "name_en": name_en,
        "bounds": [west, south, east, north],
        "outline_codes": codes,
    }


def _set(connection: Connection, key: str, value: dict[str, object]) -> None:
    connection.execute(
        text(
            "INSERT INTO setting (key, value) VALUES (:key, CAST(:value AS jsonb)) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        ),
        {"key": key, "value": json.dumps(value, ensure_ascii=False)},
    )


def _analyze(engine: Engine) -> None:
    """Let the planner know the new rows; queries after a bulk load are slow without."""
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
