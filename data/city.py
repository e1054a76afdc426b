"""The city as the web sees it: every read takes a viewer, every write is one audited transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, text

from data.areas import area_names
from data.db import acting, make_engine
from data.index import LayerIndex, combine, load_index
from data.listen import Listener
from data.migrate import is_current
from data.status import judge_places
from data.store import audit, basemap, cards, inspections, overview, places, users
from data.tables import registry
from geo.index import BBox
from layers.core.access import FieldClass, Viewer
from layers.core.errors import BadQueryError, UnknownLayerError
from layers.core.query import Query
from layers.core.registry import Registry
from layers.core.spec import Layer
from layers.core.text import Text
from layers.core.tiers import STATUSES, TIERS

SINGLES = 220
MOST_NEAREST = 100


class City:
    """Questions and commands of the screens and the API; safe to use from several threads."""

    def __init__(self, url: str, clock: Callable[[], datetime]) -> None:
        self.registry: Registry = registry
        self.clock = clock
        self._engine: Engine = make_engine(url)
        self._listener = Listener(url)
        self._listener.subscribe(self._heard)
        self._indexes: dict[str, LayerIndex] = {}
        self._combined: dict[tuple[str, ...], LayerIndex] = {}
        self._stale = {layer.id for layer in registry}
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin to hear of changes."""
        self._listener.start()

    def stop(self) -> None:
        """End the background thread and close the connections."""
        self._listener.stop()
        self._engine.dispose()

    def subscribe(self, subscriber: Callable[[dict[str, Any] | None], None]) -> None:
        """Be told of every change, from another thread, after the indexes know of it."""
        self._listener.subscribe(subscriber)

    def ready(self) -> str:
        """Return "" when database, migrations and indexes are there, else the reason."""
        try:
            if not is_current(self._engine):
                return "The database has not the present shape: run `yiping migrate`."
            self.index(tuple(layer.id for layer in self.registry))
        except Exception as error:  # whatever it is, the process is not ready
            return f"The database does not answer: {str(error).splitlines()[0]}"
        return ""

    # -- what may be known --------------------------------------------------------------------------------------------

    def layers_for(self, viewer: Viewer) -> list[Layer]:
        """Return the layers a viewer may know of."""
        return [layer for layer in self.registry if layer.readable_by in viewer.grant.reads]

    def layer_for(self, layer_id: str, viewer: Viewer) -> Layer:
        """Return a layer, or raise `UnknownLayerError` also where it must stay unknown."""
        if layer_id not in {layer.id for layer in self.layers_for(viewer)}:
            raise UnknownLayerError(f"There is no layer {layer_id!r}: ask /api/layers for those there are.")
        return self.registry[layer_id]

    def index(self, layer_ids: tuple[str, ...]) -> LayerIndex:
        """Return the present index of one layer, or of several together."""
        with self._lock:
            self._renew()
            if len(layer_ids) == 1:
                return self._indexes[layer_ids[0]]
            if layer_ids not in self._combined:
                self._combined[layer_ids] = combine([self._indexes[layer_id] for layer_id in layer_ids])
            return self._combined[layer_ids]

    def _renew(self) -> None:
        stale, self._stale = self._stale, set()
        if not stale:
            return
        try:
            with self._engine.connect() as connection:
                for layer_id in stale:
                    self._indexes[layer_id] = load_index(connection, self.registry[layer_id])
        except BaseException:
            self._stale |= stale
            raise
        self._combined.clear()

    def _heard(self, change: dict[str, Any] | None) -> None:
        layers = {layer.id for layer in self.registry} if change is None else {change["layer"]}
        with self._lock:
            self._stale |= layers & {layer.id for layer in self.registry}

    # -- questions ----------------------------------------------------------------------------------------------------

    def map(self, query: Query) -> dict[str, Any]:
        """Return the viewport of a query as GeoJSON cells and places with the exact total."""
        if query.bbox is None:
            raise BadQueryError("bbox", "bbox is needed: west,south,east,north in degrees.")
        index = self._seen(query)
        filters = index.filters(query)
        with self._engine.connect() as connection:
            within = index.within(query, connection)
            bbox = BBox(*query.bbox)
            answer = index.points.cells(
                bbox, query.zoom, filters, mix="tier", groups="layer", singles=SINGLES, within=within
            )
            singles = [int(i) for i in index.points.ids[answer.singles]]
            names = _names(connection, singles)
        features = [_cell(index, answer, row) for row in range(len(answer.n))]
        features += [_single(index, int(position), names) for position in answer.singles]
        counts = {name: answer_counts(index, name, answer) for name in ("tier", "layer")}
        return {
            "type": "FeatureCollection",
            "total": answer.total,
            "version": str(index.version),
            "tiers": counts["tier"],
            "layers": counts["layer"],
            "features": features,
        }

    def facets(self, query: Query) -> dict[str, Any]:
        """Return the total and, per facet, the count of each value under the other filters."""
        index = self._seen(query)
        filters = index.filters(query)
        bbox = BBox(*query.bbox) if query.bbox else None
        names = [name for name in index.points.columns if name in index.words and name != "layer"]
        with self._engine.connect() as connection:
            within = index.within(query, connection)
        counts = index.points.facets(filters, names, bbox=bbox, within=within)
        facets = {
            ("street" if name == "area" else name): {
                word: int(n) for word, n in zip(index.words[name], counts[name], strict=False) if n and word
            }
            for name in names
        }
        total = len(index.points.select(bbox, filters, within))
        return {"total": total, "facets": facets}

    def counts(self, query: Query) -> dict[str, dict[str, dict[str, int]]]:
        """Return layer -> {"tier": counts, "status": counts, "state": counts} under a query."""
        found = {}
        for layer_id in query.layers:
            facets = self.facets(_only(query, layer_id))["facets"]
            found[layer_id] = {name: facets.get(name, {}) for name in ("tier", "status", "state", "street")}
        return found

    def nearest(self, query: Query, lon: float, lat: float, n: int) -> dict[str, Any]:
        """Return the n nearest places under a query with `distance_m`, nearest first."""
        index = self._seen(query)
        filters = index.filters(query)
        with self._engine.connect() as connection:
            within = index.within(query, connection)
            positions, distances = index.points.nearest(
                lon, lat, min(n, MOST_NEAREST), filters, within=within
            )
            names = _names(connection, [int(i) for i in index.points.ids[positions]])
        features = [_single(index, int(position), names) for position in positions]
        for feature, distance in zip(features, distances, strict=True):
            feature["properties"]["distance_m"] = round(float(distance), 1)
        return {"type": "FeatureCollection", "total": len(features), "features": features}

    def places(self, query: Query) -> dict[str, Any]:
        """Return one page of a list of places of one layer."""
        layer = self.layer_for(query.layers[0], query.viewer)
        index = self._seen(query)
        filters = index.filters(query)
        narrowed: list[int] | None = None
        with self._engine.connect() as connection:
            within = index.within(query, connection)
            if within is not None or filters or not query.viewer.whole_city:
                bbox = BBox(*query.bbox) if query.bbox else None
                narrowed = [int(i) for i in index.points.ids[index.points.select(bbox, filters, within)]]
            page = places.find(connection, layer, _sortable(layer, query), narrowed)
        return {"type": "FeatureCollection", "total": page.total, "next": page.next, "features": page.rows}

    def export(self, query: Query) -> Iterator[dict[str, Any]]:
        """Return every place of a query as the viewer may read it; the export is noted on the record.

        The first page is read at once, so that a query that cannot be answered raises here and not half-way.
        """
        first = replace(query, sort="id", limit=places.MOST)
        answer = self.places(first)
        with acting(self._engine, query.viewer.name) as connection:
            audit.record(connection, query.viewer.name, "export", f"layer:{query.layers[0]}", {"q": query.q})
        return self._pages(first, answer)

    def _pages(self, page: Query, answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield from answer["features"]
        while answer["next"]:
            answer = self.places(replace(page, after=answer["next"]))
            yield from answer["features"]

    def card(self, place_id: int, viewer: Viewer) -> dict[str, Any]:
        """Return the card of a place as a viewer may read it."""
        with self._engine.connect() as connection:
            return cards.card(connection, place_id, viewer)

    def cards(self, place_ids: Sequence[int], viewer: Viewer) -> list[dict[str, Any]]:
        """Return the visible ones of some places as short features, worst first (places on one spot)."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                text("SELECT id, layer FROM place WHERE id = ANY(:ids)"), {"ids": list(place_ids)[:200]}
            ).all()
            found = []
            for row in rows:
                layer = self.registry[row.layer]
                whole = places.row_of(connection, layer, row.id)
                if whole and layer.readable_by in viewer.reads(in_scope=places.in_scope(viewer, whole)):
                    found.append(places.feature(layer, whole, viewer))
        return sorted(found, key=lambda f: -TIERS.index(f["properties"]["tier"]))

    def search(self, words: str, viewer: Viewer, limit: int = 20) -> list[dict[str, Any]]:
        """Return places by name, address, pinyin initials, credit code or permit number."""
        found: list[dict[str, Any]] = []
        for layer in self.layers_for(viewer):
            query = Query(layers=(layer.id,), viewer=viewer, q=words, limit=limit)
            found += self.places(query)["features"] if words.strip() else []
        exact = words.strip().lower()
        return sorted(found, key=lambda f: (exact not in f["properties"]["name"].lower(), f["id"]))[:limit]

    def urgent(self, viewer: Viewer, limit: int, layer_ids: Sequence[str]) -> list[dict[str, Any]]:
        """Return the places that most need action inside a viewer's scope."""
        if FieldClass.OFFICIAL not in viewer.grant.reads:
            return []
        condition, params = places.scope_sql(viewer)
        condition, params = (
            f"{condition} AND p.layer = ANY(:layers)",
            params | {"layers": list(layer_ids)},
        )
        with self._engine.connect() as connection:
            return overview.urgent(connection, condition, params, limit)

    def events(self, viewer: Viewer, limit: int = 12) -> list[dict[str, Any]]:
        """Return what happened lately inside a viewer's scope."""
        if FieldClass.OFFICIAL not in viewer.grant.reads:
            return []
        condition, params = places.scope_sql(viewer)
        with self._engine.connect() as connection:
            return overview.events(connection, condition, params, limit)

    def freshness(self) -> dict[str, Any]:
        """Return layer -> when its newest row was written."""
        with self._engine.connect() as connection:
            return overview.freshness(connection)

    def setting(self, key: str) -> Any:
        """Return a setting of the city, None where it is not set."""
        with self._engine.connect() as connection:
            return overview.setting(connection, key)

    def area_names(self) -> dict[str, str]:
        """Return code -> name of districts and sub-districts."""
        with self._engine.connect() as connection:
            return area_names(connection)

    def basemap_overview(self) -> dict[str, Any]:
        """Return bounds, outline and labels of the offline basemap."""
        with self._engine.connect() as connection:
            return basemap.overview(connection)

    def basemap_tile(self, z: int, x: int, y: int) -> dict[str, Any]:
        """Return one tile of the offline basemap."""
        with self._engine.connect() as connection:
            return basemap.tile(connection, z, x, y)

    # -- commands -----------------------------------------------------------------------------------------------------

    def record_visit(self, visit: inspections.Visit, viewer: Viewer) -> dict[str, Any]:
        """Write a visit, judge the place again, and return its new card."""
        now = self.clock()
        with acting(self._engine, viewer.name) as connection:
            inspections.record_visit(connection, viewer, visit, now)
            judge_places(connection, [visit.place_id], now)
        return self.card(visit.place_id, viewer)

    def reveal(self, place_id: int, field: str, viewer: Viewer) -> str:
        """Return a personal field of a place unmasked, on the record."""
        with acting(self._engine, viewer.name) as connection:
            return cards.reveal(connection, place_id, field, viewer)

    def login(self, name: str, password: str, address: str) -> str:
        """Return the token of a new session; raises `YipingError` for wrong words and too many attempts."""
        keys, now = [f"user:{name}", f"from:{address}"], self.clock()
        with acting(self._engine, name) as connection:
            users.brake(connection, keys, now)
            user_id = users.check_password(connection, name, password)
            if user_id is None:
                users.note_failure(connection, keys, now)
            else:
                audit.record(connection, name, "login", f"user:{user_id}", {"from": address})
                return users.open_session(connection, user_id, now)
        raise users.WrongPasswordError(
            Text(
                "用户名或密码不正确：请重试，或联系管理员。",
                "Name or password is wrong: try again, or ask your administrator.",
            )
        )

    def logout(self, token: str) -> None:
        """End a session."""
        with self._engine.begin() as connection:
            users.close_session(connection, token)

    def viewer(self, token: str | None) -> Viewer:
        """Return who a session token belongs to, the public without one."""
        if not token:
            return Viewer()
        with self._engine.connect() as connection:
            return users.viewer_of(connection, token, self.clock())

    def _seen(self, query: Query) -> LayerIndex:
        layer_ids = tuple(self.layer_for(layer_id, query.viewer).id for layer_id in query.layers)
        return self.index(layer_ids).seen_by(query.viewer)


def _sortable(layer: Layer, query: Query) -> Query:
    """Return the query with an order that tells nothing hidden: a list sorted by tier would give the tiers away."""
    hidden = layer.tier_visible_to not in query.viewer.reads_throughout(layer.readable_by)
    return replace(query, sort="id") if hidden and query.sort == "tier" else query


def _only(query: Query, layer_id: str) -> Query:
    return replace(query, layers=(layer_id,))


def _names(connection: Any, ids: list[int]) -> dict[int, str]:
    rows = connection.execute(text("SELECT id, name FROM place WHERE id = ANY(:ids)"), {"ids": ids})
    return {row.id: row.name for row in rows}


def answer_counts(index: LayerIndex, name: str, answer: Any) -> dict[str, int]:
    """Return word -> places of a viewport answer for the column `tier` or `layer`."""
    counts = dict.fromkeys(index.words[name], 0)
    mix = answer.mix if name == "tier" else answer.groups
    for code, n in enumerate(mix.sum(axis=0)):
        counts[index.words[name][code]] += int(n)
    for code in index.points.columns[name][answer.singles]:
        counts[index.words[name][int(code)]] += 1
    return counts


def _cell(index: LayerIndex, answer: Any, row: int) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "n": int(answer.n[row]),
        "tiers": {TIERS[code]: int(n) for code, n in enumerate(answer.mix[row]) if n},
        "layers": {index.words["layer"][code]: int(n) for code, n in enumerate(answer.groups[row]) if n},
        "bbox": [round(float(side), 6) for side in answer.bbox[row]],
    }
    if len(answer.ids[row]):
        properties["ids"] = [int(i) for i in answer.ids[row]]
    return _feature(answer.lon[row], answer.lat[row], properties)


def _single(index: LayerIndex, position: int, names: dict[int, str]) -> dict[str, Any]:
    columns = index.points.columns
    place_id = int(index.points.ids[position])
    properties = {
        "id": place_id,
        "name": names.get(place_id, ""),
        "layer": index.words["layer"][int(columns["layer"][position])],
        "tier": TIERS[int(columns["tier"][position])],
        "status": STATUSES[int(columns["status"][position])],
    }
    return _feature(index.points.lon[position], index.points.lat[position], properties) | {"id": place_id}


def _feature(lon: float, lat: float, properties: dict[str, Any]) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [round(float(lon), 6), round(float(lat), 6)]}
    return {"type": "Feature", "geometry": point, "properties": properties}
