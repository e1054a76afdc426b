"""Building the demo city in a database: `yiping demo --size district|city|N`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from data.areas import reference_districts
from data.db import acting
from data.demo.accounts import FILE, Accounts, add_accounts, add_officers, renew_accounts
from data.demo.city import CITY_PLACES, MOST_PLACES, write_city
from data.demo.district import make_district, write_areas
from data.demo.draws import add_draws
from data.demo.plan import SEED
from data.demo.records import SOURCE
from data.demo.remove import remove_demo
from data.demo.site import DISTRICT, DISTRICT_NAME
from data.status import judge_source
from data.store.audit import record
from layers.core.errors import YipingError
from layers.core.text import Text

Progress = Callable[[str, int, int], None]
"""Told the step, how much of it is done, and how much there is."""
_LOCK = 7_215_504
_ACTOR = "demo"
_BUILT = Text("演示城市已建成。", "The demo city is built.")
_THERE = Text("演示城市已经存在。", "The demo city is there already.")
_KEPT = Text(
    "账号 {names} 已存在且不属于演示城市，因此未作改动；需要同名演示账号时，请先改名或删除它们。",
    "There are accounts {names} that are not the demo city's: they were left as they are, so those roles have no "
    "demo account; rename them first if you want one.",
)


class DemoSizeError(YipingError):
    """A size that is neither district, city nor a number of places."""


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What was built: size, whether anything had to be done, rows per table, seconds, the file of the accounts.

    `accounts` is None where no account was made; `kept` are the names that belong to accounts of other people.
    """

    size: str
    built: bool
    accounts: Path | None
    kept: tuple[str, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def sentences(self) -> list[Text]:
        """Return the account as lines for a person."""
        lines = [_BUILT if self.built else _THERE]
        if self.accounts:
            lines.append(Text(f"演示账号：{self.accounts}", f"The demo accounts are in {self.accounts}."))
        if self.kept:
            names = ", ".join(self.kept)
            lines.append(Text(_KEPT.zh.format(names=names), _KEPT.en.format(names=names)))
        return lines


def build_demo(
    engine: Engine,
    size: str,
    *,
    at: datetime,
    home: Path,
    actor: str = _ACTOR,
    progress: Progress | None = None,
) -> DemoReport:
    """Fill a migrated database with the demo city as of an aware moment, and write `home/demo-accounts.json`.

    The same size again is nothing but a look at the setting; another size replaces the rows whose source is `demo`,
    never others. All of it is one transaction. Raises `DemoSizeError` for an unknown size, before anything is touched.
    """
    size = check_size(size)
    started = time.monotonic()
    with engine.connect() as connection:
        there = _size_there(connection)
    if there == size:
        with acting(engine, _ACTOR) as connection:
            renewed = renew_accounts(connection, home, actor)
        return DemoReport(
            size, False, renewed.publish() if renewed else None, renewed.kept if renewed else ()
        )
    with _alone(engine):
        rows, accounts = _build(engine, size, at, home, actor, progress or _silent)
    return DemoReport(size, True, accounts.publish(), accounts.kept, rows, time.monotonic() - started)


def take_demo_out(engine: Engine, home: Path, actor: str) -> None:
    """Remove the demo city with its accounts and their file; harmless where there is none."""
    with _alone(engine), acting(engine, _ACTOR) as connection:
        size = _size_there(connection)
        remove_demo(connection)
        if size is not None:
            record(connection, actor, "demo_remove", "demo city", {"size": size})
    (home / FILE).unlink(missing_ok=True)


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Wait until nobody else builds or removes the demo city, and keep others waiting meanwhile."""
    with engine.connect() as guard:
        guard.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        try:
            yield
        finally:
            guard.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})


def check_size(size: str) -> str:
    """Return a size in its one spelling; raises `DemoSizeError`."""
    plain = size.strip().lower().replace(",", "").replace("_", "")
    if plain in {"district", "city"}:
        return plain
    if plain.isascii() and plain.isdigit() and 1 <= int(plain) <= MOST_PLACES:
        return str(int(plain))
    raise DemoSizeError(
        Text(
            f"规模“{size}”不可用：请用 district、city，或 1 到 {MOST_PLACES:,} 的整数（点位数）。",
            f"The size {size!r} is none of: district, city, or a whole number of places from 1 to {MOST_PLACES:,}.",
        )
    )


def _silent(step: str, done: int, total: int) -> None:
    return None


def _size_there(connection: Connection) -> str | None:
    size = connection.scalar(text("SELECT value ->> 'size' FROM setting WHERE key = 'demo'"))
    return None if size is None else str(size)


def _build(
    engine: Engine, size: str, at: datetime, home: Path, actor: str, progress: Progress
) -> tuple[dict[str, int], Accounts]:
    with acting(engine, _ACTOR) as connection:
        progress("remove", 0, 1)
        replaced = _size_there(connection)
        remove_demo(connection)
        rows, scopes, basemap = _write(connection, size, at, progress)
        connection.execute(text("ANALYZE"))  # or the planner reads the new rows slowly
        drawn = _draw(connection, scopes, at) if size == "district" else []
        judge_source(connection, SOURCE, at, lambda done, total: progress("judge", done, total))
        built = {"size": size, "seed": SEED, "built_at": at.isoformat(), "basemap": basemap}
        made_at = connection.scalar(
            text("SELECT to_jsonb(now())")
        )  # the same in every row of this transaction
        _set(connection, "demo", built | {"made_at": made_at})
        details = {"size": size, "places": rows["place"], "replaced": replaced}
        record(connection, actor, "demo_build", "demo city", details)
        for draw_id in drawn:
            record(connection, "supervisor", "draw", f"draw:{draw_id}")
        return rows, add_accounts(connection, scopes, home, actor)


def _draw(connection: Connection, scopes: dict[str, list[str]], at: datetime) -> list[int]:
    """Write the draws with their officers and visits, before anything is judged; returns the numbers of the draws."""
    add_officers(connection, scopes["inspector"])
    return add_draws(connection, at)


def _write(
    connection: Connection, size: str, at: datetime, progress: Progress
) -> tuple[dict[str, int], dict[str, list[str]], tuple[int, int]]:
    """Write all rows of a size; returns the counts, the scopes of the accounts, and the ids of the basemap."""
    if size != "district":
        places = CITY_PLACES if size == "city" else int(size)
        city = write_city(connection, places, at, progress)
        _set(connection, "city", _city("上海市", "Shanghai", list(reference_districts())))
        return city.rows, _scopes(city.merchant, city.building, city.agency), city.basemap
    progress("draw", 0, 1)
    district = make_district(at)
    progress("write", 0, 1)
    write_areas(connection, district.plan)
    rows = district.records.write(connection)
    _set(connection, "city", _city(f"上海市{DISTRICT_NAME}", "Xuhui, Shanghai", [DISTRICT]))
    building = district.records.before["building"] + district.building
    scopes = _scopes(district.merchant, building, district.agency)
    return rows, scopes, district.records.ids("basemap_feature")


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
