"""A dozen places of every layer with permits, visits and hostile names: enough to see every rule of access."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Connection, Engine, text

from data.db import acting
from data.draws import Draws, Order
from data.due import WORKER, make_list
from data.search_text import search_text
from data.status import judge_places
from data.store.draws import PoolFilter
from data.tables import registry
from layers.core.access import Role, Viewer
from layers.core.citytime import day_of
from layers.core.draw import USUAL_TICKETS

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PASSWORD = "a long password"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # a hash says itself what checking it costs
HOSTILE = "<script>alert(1)</script>"
FORMULA = "=HYPERLINK(1)"
RTL = "店\u202egnp.exe"
MERCHANT_USCC = "91310000132260250X"
HERE, THERE = "310104003", "310110001"
PHONE = "13812345678"
CONTACT = "张三"
ROLES = {
    "supervisor": [],
    "admin": [],
    "inspector": ["310104"],
    "merchant": [MERCHANT_USCC],
    "agency": [MERCHANT_USCC],
    "property_manager": ["B1"],
}


@dataclass(frozen=True)
class SmallCity:
    """Ids by (layer, area) and what the tests speak of."""

    ids: dict[tuple[str, str], int]
    red_shop: int
    merchant_shop: int
    rtl_shop: int


def build(engine: Engine, now: datetime = NOW) -> SmallCity:
    """Fill an empty, migrated database."""
    with acting(engine, "test") as connection:
        connection.execute(
            text("INSERT INTO setting (key, value) VALUES ('demo', :demo)"),
            {"demo": json.dumps({"size": "test"})},
        )
        connection.execute(
            text("INSERT INTO enterprise (uscc, name) VALUES (:u, 'Firm')"), {"u": MERCHANT_USCC}
        )
        connection.execute(
            text(
                "INSERT INTO building (name, source, external_id, floors, footprint) VALUES "
                "('Tower', 'test', 'b1', 12, ST_MakeEnvelope(121.4458, 31.1898, 121.4462, 31.1902, 4326))"
            )
        )
        ids = {}
        for number, layer in enumerate(registry):
            for area, lon in ((HERE, 121.44), (THERE, 121.52)):
                ids[layer.id, area] = _place(
                    connection, layer.id, area, lon + number * 0.002, 31.19, f"{layer.id}-{area}"
                )
        red = _place(connection, "shops", HERE, 121.45, 31.18, HOSTILE)
        mine = _place(connection, "shops", HERE, 121.43, 31.18, FORMULA, enterprise=1)
        rtl = _place(connection, "shops", HERE, 121.431, 31.181, RTL)
        for place_id in (red, mine, rtl):
            _shop_records(connection, place_id, now, expired=place_id == red)
        connection.execute(
            text("UPDATE place SET building_id = 1 WHERE id = :id"), {"id": ids["buildings", HERE]}
        )
        _closed_case(connection, rtl, now)
        for name, scope in ROLES.items():
            add_quick_user(connection, name, scope)
        judge_places(connection, [*ids.values(), red, mine, rtl], now)
    return SmallCity(ids, red, mine, rtl)


def add_quick_user(connection: Connection, name: str, scope: list[str]) -> None:
    """Add an account named as its role, whose password is checked at once: tests sign in hundreds of times."""
    connection.execute(
        text("INSERT INTO app_user (name, password_hash, role, scope) VALUES (:name, :hash, :name, :scope)"),
        {"name": name, "hash": QUICK.hash(PASSWORD), "scope": scope},
    )


def _place(
    connection: Connection,
    layer: str,
    area: str,
    lon: float,
    lat: float,
    name: str,
    enterprise: int | None = None,
) -> int:
    category = registry[layer].categories[0].value
    return int(
        connection.execute(
            text(
                "INSERT INTO place (layer, source, external_id, name, address, area_code, category, phone, contact, "
                "geom, enterprise_id, search_text) VALUES (:layer, 'test', :key, :name, '测试路1号', :area, :category, "
                ":phone, :contact, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :enterprise, :search) RETURNING id"
            ),
            {
                "layer": layer,
                "key": f"{layer}-{name}-{lon}",
                "name": name,
                "area": area,
                "category": category,
                "phone": PHONE,
                "contact": CONTACT,
                "lon": lon,
                "lat": lat,
                "enterprise": enterprise,
                "search": search_text(name, "测试路1号"),
            },
        ).scalar_one()
    )


def _shop_records(connection: Connection, place_id: int, now: datetime, *, expired: bool) -> None:
    ends = {
        kind: (now + timedelta(days=900)).date()
        for kind in ("business_licence", "food_business", "hygiene_licence")
    }
    if expired:
        ends["food_business"] = (now - timedelta(days=12)).date()
    for kind, end in ends.items():
        connection.execute(
            text(
                "INSERT INTO permit (place_id, source, external_id, kind, number, state, valid_from, valid_to) "
                "VALUES (:place, 'test', :key, :kind, :number, 'granted', '2022-01-01', :end)"
            ),
            {
                "place": place_id,
                "key": f"{kind}-{place_id}",
                "kind": kind,
                "number": f"N{place_id}",
                "end": end,
            },
        )
    connection.execute(
        text(
            "INSERT INTO inspection (place_id, source, external_id, kind, at, result) "
            "VALUES (:place, 'test', :key, 'routine', :at, 'passed')"
        ),
        {"place": place_id, "key": f"visit-{place_id}", "at": now - timedelta(days=30)},
    )


def _closed_case(connection: Connection, place_id: int, now: datetime) -> None:
    connection.execute(
        text(
            'INSERT INTO "case" (place_id, source, external_id, kind, title, stage, opened_at, closed_at) '
            "VALUES (:place, 'test', 'closed', 'complaint', '已办结', 'closed', :opened, :closed)"
        ),
        {"place": place_id, "opened": now - timedelta(days=2), "closed": now - timedelta(days=1)},
    )


def add_units(connection: Connection, *units: str) -> None:
    """Add units on the eighth floor of the small city's one building, which tenancies refer to."""
    sql = "INSERT INTO building_unit (building_id, unit, floor, premises) VALUES (1, :unit, 8, 'leased')"
    connection.execute(text(sql), [{"unit": unit} for unit in units])


def add_list(engine: Engine, city: SmallCity, now: datetime = NOW) -> int:
    """Let a shop with a hostile name be due in ten days, and make the list of the day, with a row of elsewhere too."""
    with acting(engine, "test") as connection:
        connection.execute(
            text("UPDATE inspection SET at = :at WHERE place_id = :place"),
            {"at": now - timedelta(days=355), "place": city.rtl_shop},
        )
        judge_places(connection, [city.rtl_shop], now)
    made = make_list(engine, now, WORKER).head
    with acting(engine, "test") as connection:
        connection.execute(
            text(
                "INSERT INTO inspection_list_item (list_id, place_id, layer, why, due_on, area_code, tier) "
                "VALUES (:list, :place, 'shops', 'overdue', :due, :area, 3)"
            ),
            {
                "list": made.id,
                "place": city.ids["shops", THERE],
                "due": made.day - timedelta(days=5),
                "area": THERE,
            },
        )
    return made.id


def add_officers(engine: Engine, *names: str) -> None:
    """Add inspectors of the inspector's district: a draw needs two."""
    with acting(engine, "test") as connection:
        sql = "INSERT INTO app_user (name, password_hash, role, scope) VALUES (:name, :hash, 'inspector', '{310104}')"
        connection.execute(text(sql), [{"name": name, "hash": QUICK.hash(PASSWORD)} for name in names])


def order(n: int, request: str = "form", seed: str = "双色球 2026137", **given: Any) -> Order:
    """Return an order for a draw of some shops of the inspector's district."""
    filters = given.pop("filters", PoolFilter(layer="shops", streets=frozenset({HERE})))
    told = {"title": "秋季抽查", "by": date(2026, 12, 20), "tickets": USUAL_TICKETS} | given
    return Order(request=request, filters=filters, n=n, seed=seed, **told)


def add_draw(engine: Engine, now: datetime = NOW) -> int:
    """Draw all four shops of the inspector's district; returns the number of the draw."""
    add_officers(engine, "second officer")
    asked = order(4, by=day_of(now) + timedelta(days=27))
    supervisor = Viewer(Role.SUPERVISOR, name="supervisor")
    return Draws(engine, lambda: now, lambda: None).make(asked, supervisor).draw_id


def moment(engine: Engine) -> datetime:
    """Return the moment of the database: one between what was written and what will be."""
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT clock_timestamp()"))
    assert isinstance(found, datetime)
    return found


def write(engine: Engine, *statements: str, **values: object) -> None:
    """Run statements in one transaction."""
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement), values)


def add_office(connection: Connection, name: str, *, area: str = HERE, **fields: Any) -> int:
    """Add an office to let with some fields of its layer; the others stay unknown."""
    place_id = _place(connection, "offices", area, 121.44, 31.19, name)
    columns = {"place_id": place_id, **fields}
    names, values = ", ".join(columns), ", ".join(f":{column}" for column in columns)
    connection.execute(text(f"INSERT INTO layer_offices ({names}) VALUES ({values})"), columns)
    return place_id
