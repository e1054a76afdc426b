"""A city of any size for measurements, and the same questions asked of PostGIS itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import make_url

from data.db import make_engine
from data.migrate import upgrade
from data.store.users import add_user
from layers.core.tiers import STATUSES, TIERS

ACCOUNT = ("bench", "measure twice, cut once")
OFFICES = 100_000  # at most: no city has more listings
CENTRES = 400

# Numbered places around centres of different weight; what a column holds follows from the number alone.
_SPOTS = """
CREATE TEMP TABLE spot ON COMMIT DROP AS
SELECT n, 121.47 + 0.18 * gauss(n % 997 % :centres, 1) + 0.02 * gauss(n, 3) AS lon,
       31.20 + 0.14 * gauss(n % 997 % :centres, 2) + 0.02 * gauss(n, 4) AS lat,
       hashed(n, 5) AS a, hashed(n, 6) AS b, hashed(n, 7) AS c
FROM generate_series(1, :count) n
"""
_FUNCTIONS = """
CREATE FUNCTION hashed(n bigint, salt int) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (hashint8(n * 1000003 + salt)::bigint + 2147483648) / 4294967296.0 $$;
CREATE FUNCTION gauss(n bigint, salt int) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT sqrt(-2 * ln(hashed(n, salt) * 0.999999 + 0.0000005)) * cos(2 * pi() * hashed(n, salt + 100)) $$;
"""
_PLACES = """
INSERT INTO place (layer, source, external_id, name, address, area_code, category, geom, search_text)
SELECT layer, 'bench', n::text, name, address, '310104' || lpad((3 + floor(a * 13))::int::text, 3, '0'), category,
       ST_SetSRID(ST_MakePoint(lon, lat), 4326), lower(name || ' ' || address)
FROM (
  SELECT *, CAST(:layer AS text) AS layer,
    (CAST(:categories AS text[]))[1 + floor(b * cardinality(CAST(:categories AS text[])))::int] AS category,
    substr('青云德兴华泰和顺利民福安康宁瑞祥', 1 + floor(a * 16)::int, 1) ||
    substr('老街新桥大明小南东海北山西湖中城', 1 + floor(b * 16)::int, 1) ||
    (ARRAY['面馆','超市','药房','茶楼','书店','网咖','小吃','烘焙'])[1 + floor(c * 8)::int] || n AS name,
    substr('春夏秋冬梅兰竹菊松柏桃李杏林枫泉', 1 + floor(c * 16)::int, 1) || '路' || n % 997 || '号' AS address
  FROM spot
) s
"""
_STATUS = """
INSERT INTO place_status (place_id, layer, tier, status, state, reasons, rule_version, judged_at)
SELECT id, layer,
  CASE WHEN t < 0.007 THEN 4 WHEN t < 0.028 THEN 3 WHEN t < 0.13 THEN 2 WHEN t < 0.97 THEN 1 ELSE 0 END,
  CASE WHEN t < 0.02 THEN floor(hashed(id, 9) * 8)::int WHEN t < 0.9 THEN 6 ELSE 7 END,
  '', '[]', 'bench', now()
FROM (SELECT id, layer, hashed(id, 8) AS t FROM place WHERE layer = :layer) p
"""
_TILED = """
CREATE VIEW bench_place AS
SELECT p.id, p.name, s.tier, s.status, p.geom::geometry(Point, 4326) AS geom
FROM place p JOIN place_status s ON s.place_id = p.id WHERE p.layer = 'shops'
"""
_SHOPS = "INSERT INTO layer_shops (place_id) SELECT id FROM place WHERE layer = 'shops'"
_LISTINGS = """
INSERT INTO layer_offices (place_id, area_m2, rent_cny_m2_day)
SELECT id, round((20 + 400 * hashed(id, 11))::numeric), round((2 + 8 * hashed(id, 12))::numeric, 1)
FROM place WHERE layer = 'offices'
"""


@contextmanager
def scratch(url: str, count: int) -> Iterator[str]:
    """Make a database of its own with `count` shops and some listings; it goes afterwards. Yields its URL."""
    with empty(url, f"yiping_bench_{count}") as own:
        _fill(own, count)
        yield own


@contextmanager
def empty(url: str, name: str) -> Iterator[str]:
    """Make a database that holds no places yet; it goes afterwards. Yields its URL."""
    home = make_url(url)
    admin = make_engine(url, pool_size=1)
    try:
        _administer(admin, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        _administer(admin, f'CREATE DATABASE "{name}"')
        own = home.set(database=name).render_as_string(hide_password=False)
        try:
            upgrade(own)
            yield own
        finally:
            _administer(admin, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        admin.dispose()


def with_host(url: str) -> str:
    """Return the URL of a database with the folder of its socket where others want a host."""
    parts = make_url(url)
    folder = parts.query.get("host")
    if not isinstance(folder, str):
        return url
    user, port = parts.query.get("user", ""), parts.query.get("port", "")
    return f"postgresql://{user}@{quote(folder, safe='')}:{port}/{parts.database}"


def _administer(admin: Engine, statement: str) -> None:
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))


def _fill(url: str, count: int) -> None:
    engine = make_engine(url, pool_size=1)
    with engine.begin() as connection:
        connection.exec_driver_sql(_FUNCTIONS)
        connection.exec_driver_sql(_TILED)
        layers = [
            ("shops", count, ["restaurant", "canteen", "bakery", "market", "cafe", "pharmacy"], _SHOPS),
            ("offices", min(count, OFFICES), ["grade_a", "grade_b", "park", "incubator"], _LISTINGS),
        ]
        for layer, size, categories, own in layers:
            connection.execute(text(_SPOTS), {"centres": CENTRES, "count": size})
            connection.execute(text(_PLACES), {"layer": layer, "categories": categories})
            connection.execute(text(_STATUS), {"layer": layer})
            connection.execute(text(own))
            connection.execute(text("DROP TABLE spot"))
        add_user(connection, ACCOUNT[0], ACCOUNT[1], "supervisor", [])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CREATE INDEX place_words ON place USING gin (search_text gin_trgm_ops)")
        connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()


@dataclass(frozen=True, slots=True)
class Ask:
    """A question in terms that both the product and SQL understand."""

    layer: str = "shops"
    bbox: tuple[float, float, float, float] | None = None
    zoom: int = 12
    tiers: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    q: str = ""
    at: tuple[float, float] | None = None
    facets: tuple[str, ...] = field(default=("tier", "status", "category", "area"))

    def url(self, question: str) -> str:
        """The address of the question `map`, `facets` or `nearest`."""
        named = {"tier": self.tiers, "status": self.statuses, "category": self.categories}
        parts = [f"{name}={','.join(values)}" for name, values in named.items() if values]
        if self.bbox and question == "map":
            parts += [f"bbox={','.join(map(str, self.bbox))}", f"zoom={self.zoom}"]
        if self.at:
            parts += [f"lon={self.at[0]}", f"lat={self.at[1]}", "n=10"]
        if self.q:
            parts.append(f"q={self.q}")
        return f"/api/layers/{self.layer}/{question}?{'&'.join(parts)}"


def sql_map(connection: Connection, ask: Ask) -> int:
    """Count places per cell of about 64 px and tier with PostGIS alone; returns how many rows came."""
    degrees = 360 / 2 ** (ask.zoom + 2)
    where, values = _where(ask)
    sql = (
        "SELECT floor(ST_X(p.geom) / :step), floor(ST_Y(p.geom) / :step), s.tier, count(*) "
        f"FROM place p JOIN place_status s ON s.place_id = p.id WHERE {where} "
        "AND p.geom && ST_MakeEnvelope(:w, :s, :e, :n, 4326) GROUP BY 1, 2, 3"
    )
    box = dict(zip(("w", "s", "e", "n"), ask.bbox or (), strict=True))
    return len(connection.execute(text(sql), {**values, **box, "step": degrees}).all())


def sql_facets(connection: Connection, ask: Ask) -> int:
    """Count places per value of every facet under the other filters; returns how many rows came."""
    columns = {"tier": "s.tier", "status": "s.status", "category": "p.category", "area": "p.area_code"}
    rows = 0
    for name in ask.facets:
        where, values = _where(ask, but=name)
        sql = f"SELECT {columns[name]}, count(*) FROM place p JOIN place_status s ON s.place_id = p.id WHERE {where}"
        rows += len(connection.execute(text(f"{sql} GROUP BY 1"), values).all())
    return rows


def sql_nearest(connection: Connection, ask: Ask) -> int:
    """Find the nearest ten by the distance operator; returns how many came."""
    where, values = _where(ask)
    sql = (
        f"SELECT p.id FROM place p JOIN place_status s ON s.place_id = p.id WHERE {where} "
        "ORDER BY p.geom <-> ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) LIMIT 10"
    )
    lon, lat = ask.at or (0.0, 0.0)
    return len(connection.execute(text(sql), {**values, "lon": lon, "lat": lat}).all())


def all_as_geojson(connection: Connection) -> dict[str, object]:
    """Return every shop as one GeoJSON."""
    sql = (
        "SELECT p.id, p.name, s.tier, ST_X(p.geom), ST_Y(p.geom) FROM place p "
        "JOIN place_status s ON s.place_id = p.id WHERE p.layer = 'shops'"
    )
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": {"id": key, "name": name, "tier": TIERS[tier]},
        }
        for key, name, tier, lon, lat in connection.execute(text(sql))
    ]
    return {"type": "FeatureCollection", "features": features}


def _where(ask: Ask, but: str = "") -> tuple[str, dict[str, object]]:
    parts, values = ["p.layer = :layer"], {"layer": ask.layer}
    named: dict[str, object] = dict(values)
    if ask.tiers and but != "tier":
        parts.append("s.tier = ANY(:tiers)")
        named["tiers"] = [TIERS.index(tier) for tier in ask.tiers]
    if ask.statuses and but != "status":
        parts.append("s.status = ANY(:statuses)")
        named["statuses"] = [STATUSES.index(status) for status in ask.statuses]
    if ask.categories and but != "category":
        parts.append("p.category = ANY(:categories)")
        named["categories"] = list(ask.categories)
    if ask.q:
        parts.append("p.search_text LIKE '%' || :q || '%'")
        named["q"] = ask.q
    return " AND ".join(parts), named


def touch(connection: Connection, number: int) -> None:
    """Change one place, as any desk might."""
    connection.execute(
        text(
            "UPDATE place_status SET tier = (tier + 1) % 5 WHERE place_id = (SELECT min(id) + :n FROM place)"
        ),
        {"n": number},
    )
